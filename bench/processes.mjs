// Other programs run, with their time and their greatest memory; one that takes too long is stopped.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

const works = (command, ...args) => spawnSync(command, args, { stdio: "ignore" }).status === 0;
export const has = (command, ...args) => works(command, ...args);
export const firstLine = (command, ...args) => spawnSync(command, args, { encoding: "utf8" }).stdout.split("\n")[0].trim();

/** GNU time says how much memory a program took at most. */
const meter = existsSync("/usr/bin/time") ? "/usr/bin/time" : null;

/** What `work` gives, and the seconds of wall time that it takes. */
export function timed(work) {
  const start = process.hrtime.bigint();
  const value = work();
  return { value, wall: Number(process.hrtime.bigint() - start) / 1e9 };
}

/** The program's output, or null if it ran longer than `patience` seconds. */
export function run(command, args, { cwd, patience } = {}) {
  const [program, all] = meter === null ? [command, args] : [meter, ["-f", "%M kilobytes", command, ...args]];
  const limited = patience === undefined ? [program, all] : ["timeout", [String(patience), program, ...all]];
  const { value, wall } = timed(() => spawnSync(...limited, { cwd, encoding: "utf8", maxBuffer: 1 << 26 }));
  const { status, stdout, stderr, error } = value;
  if (patience !== undefined && status === 124) return null;
  if (status !== 0) throw new Error(`${command} ${args.join(" ")} failed: ${error?.message ?? stderr + stdout}`);
  const peak = /^(\d+) kilobytes$/m.exec(stderr);
  return { output: stdout + stderr, wall, peak: peak === null ? Number.NaN : Number(peak[1]) * 1024 };
}
