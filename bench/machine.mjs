// How many steps a second of CPU time the machine takes: a call and its reply for ever on each kernel, each in a process of its own.
// node bench/machine.mjs [seconds for each] [part of a name]
//
// A step is one operation of a program or one step of a system call up to its commit (Executor.step), with everything that it
// takes: traps, switches, interrupts, programs going on. All memory of programs and kernel goes through TLB, page tables, store
// buffer and cache, and every event is counted. Schedules are random: whoever can go on may, so that threads of one CPU preempt
// each other at nearly every step. Nothing is compared with the model. The first half second, in which the code is not yet
// compiled, does not count.
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const calls = {
  fiasco: "an IPC gate",
  sel4: "an endpoint",
  qnx: "a channel",
  minix: "SENDREC",
  mach: "mach_msg",
  genode: "an RPC",
  shm: "a ring with a doorbell",
};
const specs = {
  "l4, one CPU": "call",
  "l4, across CPUs": "far",
  "futex and memory": "futex",
  lwkt: "lwkt",
  exec: "exec",
  nemesis: "nemesis",
  k42: "k42",
};
const all = [...Object.keys(specs), ...Object.keys(calls)];

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

async function protocolOf(name) {
  if (name in specs) {
    const { loadSpec } = await import("../dist/model/loader/load.js");
    const { protocols } = await loadSpec(`bench/machine/${specs[name]}.ts`);
    return protocols[0].protocol;
  }
  const { callings } = await import("../dist/cost/calls/index.js");
  const nothing = () => {};
  const calling = callings.find((each) => each.name === name);
  return calling.protocol({ bytes: 4, cpus: 1, calls: Number.MAX_SAFE_INTEGER, received: nothing, returned: nothing });
}

async function measure(name, seconds) {
  const { Executor, loadPaths } = await import("../dist/kernel/common/executor.js");
  const { instantiate } = await import("../dist/model/language/protocol.js");
  const instance = instantiate(await protocolOf(name));
  const executor = new Executor(instance, await loadPaths(instance));
  const pick = random(1);
  const count = instance.threads.length;
  const burst = (steps) => {
    for (let step = 0; step < steps; step++) {
      let thread = pick(count);
      for (let tried = 0; !executor.canStep(thread); tried++) {
        if (tried === count) throw new Error(`${name}: nobody can go on`);
        thread = (thread + 1) % count;
      }
      const { violation } = executor.step(thread);
      if (violation !== null) throw new Error(`${name}: ${violation.message}`);
    }
    return steps;
  };
  const run = (length) => {
    const events = () => Object.values(executor.machine.counters.table()).reduce((sum, each) => sum + each.events, 0);
    const [first, start] = [events(), process.cpuUsage()];
    let steps = 0;
    let used = 0;
    while (used < length) {
      steps += burst(2000);
      used = process.cpuUsage(start).user / 1e6;
    }
    return { rate: steps / used, events: (events() - first) / steps };
  };
  run(0.5);
  return run(seconds);
}

const [seconds = "2", only = "", one] = process.argv.slice(2);
if (one === undefined) {
  for (const name of all.filter((each) => each.includes(only)))
    process.stdout.write(execFileSync(process.execPath, [fileURLToPath(import.meta.url), seconds, only, name]));
} else {
  const { rate, events } = await measure(one, Number(seconds));
  const title = calls[one] === undefined ? one : `${one}: ${calls[one]}`;
  console.log(`${title.padEnd(30)} ${Math.round(rate).toLocaleString("en").padStart(9)} steps/s, ${events.toFixed(1)} hardware events a step`);
}
