/** Runs Rumur, if it is installed, on a Murphi model and returns what its exhaustive search says. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { rumurOptions } from "../../dist/counterexamples/export/murphi.js";

export const hasRumur: boolean = spawnSync("rumur", ["--version"]).status === 0 && spawnSync("gcc", ["--version"]).status === 0;
if (!hasRumur && process.env["IPC_CHECK_REQUIRE_TOOLS"] === "1") throw new Error("rumur and gcc are required here: apt-get install rumur gcc");

export interface RumurResult {
  readonly states: number;
  readonly rules: number;
  readonly violated: boolean;
  readonly output: string;
}

export function rumur(model: string): RumurResult {
  const folder = mkdtempSync(join(tmpdir(), "ipc-check-rumur-"));
  try {
    writeFileSync(join(folder, "model.m"), model);
    execFileSync("rumur", [...rumurOptions, "--threads", "1", "-o", "model.c", "model.m"], { cwd: folder, stdio: "pipe" });
    execFileSync("gcc", ["-O0", "-w", "-mcx16", "-o", "model", "model.c", "-lpthread"], { cwd: folder, stdio: "pipe" });
    const { stdout, stderr } = spawnSync("./model", [], { cwd: folder, encoding: "utf8", maxBuffer: 1 << 26 });
    const output = `${stdout}${stderr}`;
    const [, states, rules] = /(\d+) states, (\d+) rules fired/.exec(output) ?? [];
    if (states === undefined || rules === undefined) throw new Error(`Rumur has not finished:\n${output}`);
    return { states: Number(states), rules: Number(rules), violated: /Result:\s+FAIL|error\(s\)|failed/iu.test(output), output };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
