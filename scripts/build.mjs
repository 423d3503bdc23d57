// Builds dist/: tsc, then the registration of kernel functions (docs/architecture.md, "How source and values meet").
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
const tsc = spawnSync(process.execPath, ["node_modules/typescript/bin/tsc", "-p", "tsconfig.json"], { stdio: "inherit" });
if (tsc.status !== 0) process.exitCode = tsc.status ?? 1;
if (existsSync("dist/model/loader/instrument-dist.js")) {
  const { instrumentDist } = await import("../dist/model/loader/instrument-dist.js");
  await instrumentDist("dist");
}
