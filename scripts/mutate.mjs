// Runs the mutation tests of the kernels' rules (tests/mutation/main.ts) on what `npm run build` has made.
import { mkdirSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";

const outfile = resolve("node_modules/.cache/mutation.mjs");
mkdirSync("node_modules/.cache", { recursive: true });
await build({
  entryPoints: ["tests/mutation/main.ts"],
  outfile,
  bundle: true,
  platform: "node",
  format: "esm",
  packages: "external",
  logLevel: "error",
  plugins: [
    {
      // The tool as it was built, which registers the kernels' functions: one copy of it, not another one in the bundle.
      name: "built",
      setup: ({ onResolve }) =>
        onResolve({ filter: /\/dist\/.*\.js$/ }, ({ path, resolveDir }) => ({ path: pathToFileURL(resolve(resolveDir, path)).href, external: true })),
    },
  ],
});
await import(pathToFileURL(outfile).href);
