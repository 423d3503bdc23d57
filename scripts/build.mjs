// Builds dist/: tsc, the registration of kernel functions (docs/architecture.md, "How source and values meet"), the
// explorer's page, one script and one style sheet that run in a browser, and dist/bundle/.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
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
await import("./bundle.mjs");
