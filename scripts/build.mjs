// Builds dist/: tsc, the registration of kernel functions (docs/architecture.md, "How source and values meet"), the
// explorer's page, one script and one style sheet that run in a browser, and dist/bundle/: the same modules in few files,
// because finding, reading and linking two hundred takes longer than a small check.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
const tsc = spawnSync(process.execPath, ["node_modules/typescript/bin/tsc", "-p", "tsconfig.json"], { stdio: "inherit" });
if (tsc.status !== 0) process.exitCode = tsc.status ?? 1;
if (existsSync("dist/model/loader/instrument-dist.js")) {
  const { instrumentDist } = await import("../dist/model/loader/instrument-dist.js");
  await instrumentDist("dist");
}
const page = "counterexamples/explorer/page";
const { build } = await import("esbuild");
await build({
  entryPoints: [`${page}/main.ts`, `${page}/style.css`],
  bundle: true,
  minify: true,
  format: "iife",
  charset: "utf8",
  target: "es2022",
  outdir: `dist/${page}`,
  logLevel: "warning",
});

// What is asked for by name: what the package exports, the command, what instrumented modules import, and threads.
const { exports } = JSON.parse(readFileSync("package.json", "utf8"));
const entries = Object.values(exports).flatMap((entry) => (typeof entry === "object" ? [entry.default] : []));
rmSync("dist/bundle", { recursive: true, force: true });
await build({
  entryPoints: [...entries, "dist/cli/main.js", "dist/model/loader/registry.js", "dist/checker/engine/worker.js"],
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node20",
  charset: "utf8",
  packages: "external",
  outbase: "dist",
  outdir: "dist/bundle",
  chunkNames: "chunks/[hash]",
  logLevel: "warning",
});
