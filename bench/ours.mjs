// Our own engine and command, each run in a process of its own.
import { run } from "./processes.mjs";

const assignments = (parameters) => Object.entries(parameters).map(([name, value]) => `${name}=${value}`);

/** A search with options of `SearchOptions`; `verdict` is the time of the whole process, from the source to the verdict. */
export function engine(spec, parameters, options) {
  const { output, wall } = run(process.execPath, ["bench/engine.mjs", spec, ...assignments(parameters), ...options]);
  const result = JSON.parse(output.split("\n")[0]);
  if (result.verdict !== "holds") throw new Error(`${spec} does not hold: ${result.verdict}`);
  return { ...result, toVerdict: wall };
}

/** How many times the work of one search two of them do that run at once, with a worker each: no more can be had of two workers. */
export function mostOfTwo(spec, parameters, { exploring }) {
  const { output } = run(process.execPath, ["bench/at-once.mjs", spec, ...assignments(parameters), "--workers=1"]);
  return (2 * exploring) / JSON.parse(output.split("\n")[0]).exploring;
}

/** What `ipc-check export` writes. */
export function exported(spec, parameters, ...options) {
  const args = ["bin/ipc-check.js", "export", spec, ...assignments(parameters).flatMap((each) => ["--param", each]), ...options];
  return run(process.execPath, args);
}

/** Seconds of wall time of `ipc-check verify`. */
export function verify(spec, parameters) {
  const args = ["bin/ipc-check.js", "verify", spec, ...assignments(parameters).flatMap((each) => ["--param", each]), "--quiet"];
  return run(process.execPath, args).wall;
}
