/** Runs SPIN, if it is installed, on a model and returns what its exhaustive search says. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export const hasSpin: boolean = spawnSync("spin", ["-V"]).status === 0 && spawnSync("gcc", ["--version"]).status === 0;
if (!hasSpin && process.env["IPC_CHECK_REQUIRE_TOOLS"] === "1") throw new Error("spin and gcc are required here: apt-get install spin gcc");

export interface SpinResult {
  readonly states: number;
  readonly transitions: number;
  readonly errors: number;
  readonly output: string;
}

/** Lets SPIN follow a trail: what it prints, the values of all variables at the end among it. */
export function followTrail(model: string, trail: string): string {
  const folder = mkdtempSync(join(tmpdir(), "ipc-check-spin-"));
  try {
    writeFileSync(join(folder, "model.pml"), model);
    writeFileSync(join(folder, "model.pml.trail"), trail);
    const { stdout, stderr } = spawnSync("spin", ["-o2", "-t", "-p", "model.pml"], { cwd: folder, encoding: "utf8", maxBuffer: 1 << 26 });
    return `${stdout}${stderr}`;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Depth-first, unreduced; invalid end states are not reported, because blocking is judged otherwise. */
export function spin(model: string): SpinResult {
  return run(model, ["-o2"], ["-DNOREDUCE"], ["-E"]);
}

/** Depth-first, with SPIN's partial order and its judgement of end states; stops at the first error. */
export function spinVerdict(model: string): SpinResult {
  return run(model, [], [], []);
}

/** The C compiler takes most of the time: it does not optimise. */
function run(model: string, generate: readonly string[], compile: readonly string[], search: readonly string[]): SpinResult {
  const folder = mkdtempSync(join(tmpdir(), "ipc-check-spin-"));
  try {
    writeFileSync(join(folder, "model.pml"), model);
    execFileSync("spin", [...generate, "-a", "model.pml"], { cwd: folder, stdio: "pipe" });
    execFileSync("gcc", ["-O0", "-w", "-DSAFETY", "-DVECTORSZ=4096", ...compile, "-o", "pan", "pan.c"], { cwd: folder, stdio: "pipe" });
    const output = execFileSync("./pan", [...search, "-m200000", "-w18"], { cwd: folder, encoding: "utf8", stdio: "pipe", maxBuffer: 1 << 26 });
    const figure = (pattern: RegExp): number => Number(pattern.exec(output)?.[1] ?? Number.NaN);
    if (/max search depth too small|truncated/.test(output)) throw new Error(`SPIN's search was cut off:\n${output}`);
    return { states: figure(/(\d+) states, stored/), transitions: figure(/(\d+) transitions/), errors: figure(/errors: (\d+)/), output };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
