// How many steps a second of CPU time the machine takes: the executor alone, on random schedules of three protocols.
// node bench/machine.mjs [seconds for each] [part of a protocol's file name]
import { Executor, loadPaths } from "../dist/kernel/common/executor.js";
import { instantiate } from "../dist/model/language/protocol.js";
import { loadSpec } from "../dist/model/loader/load.js";

const seconds = Number(process.argv[2] ?? 2);
const only = process.argv[3] ?? "";

/** A deterministic source of numbers below `bound` (xorshift, Marsaglia 2003). */
function random(seed) {
  let state = seed;
  return (bound) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % bound;
  };
}

for (const [spec, what] of [
  ["bench/machine/call.ts", "call and reply on one CPU"],
  ["bench/machine/far.ts", "call and reply across CPUs"],
  ["bench/machine/futex.ts", "futex and memory"],
].filter(([spec]) => spec.includes(only))) {
  const { protocols } = await loadSpec(spec);
  const instance = instantiate(protocols[0].protocol);
  const paths = await loadPaths(instance);
  const executor = new Executor(instance, paths);
  const pick = random(1);
  const able = (thread) => ["ready", "timed"].includes(executor.status(thread).kind);
  const threads = instance.threads.map(({ handle }) => handle.id);
  let steps = 0;
  const start = process.cpuUsage();
  let used = 0;
  while (used < seconds) {
    for (let burst = 0; burst < 1000; burst++) {
      const first = pick(threads.length);
      const thread = threads.find((_, index) => able(threads[(first + index) % threads.length]));
      if (thread === undefined) throw new Error(`${spec}: nobody can go on`);
      const report = executor.step(threads[(first + threads.indexOf(thread)) % threads.length]);
      if (report.violation !== null) throw new Error(`${spec}: ${report.violation.message}`);
      steps++;
    }
    used = process.cpuUsage(start).user / 1e6;
  }
  const rate = steps / used;
  const cycles = executor.machine.cpus.reduce((sum, { clock }) => sum + clock, 0);
  console.log(`${what.padEnd(30)} ${Math.round(rate).toLocaleString("en")} steps/s, ${(cycles / steps).toFixed(1)} hardware events a step`);
}
