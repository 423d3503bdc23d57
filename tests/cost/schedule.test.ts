/** Simulated time: no CPU does two things at once, nothing returns before it began, and CPUs work side by side. */
import { describe, expect, it, test } from "vitest";
import { sum } from "../../dist/cost/causes.js";
import { random } from "../../dist/cost/random.js";
import { runTimed, type TimedStep } from "../../dist/cost/schedule.js";
import { findProfile } from "../../dist/hardware/profiles/index.js";
import { Executor } from "../../dist/kernel/common/executor.js";
import { loadPaths } from "../../dist/kernel/common/load-paths.js";
import * as shm from "../../dist/kernel/shm/index.js";
import { protocol, type Protocol, waitUntil, wrapping } from "../../dist/model/language/index.js";
import { instantiate } from "../../dist/model/language/protocol.js";
import { callAndReply, choosing } from "./protocols.js";

interface Run {
  readonly steps: readonly TimedStep[];
  readonly cpuOf: (thread: number) => number;
  readonly end: string;
}

async function timed(given: Protocol, machine = "skylake", seed = 1, limit = 400): Promise<Run> {
  const instance = instantiate(given);
  const profile = findProfile(machine);
  if (profile === null) throw new Error(`no machine ${machine}`);
  const executor = new Executor(instance, await loadPaths(instance), { profile });
  const steps: TimedStep[] = [];
  const { kind } = runTimed(executor, { steps: limit, random: random(seed) }, (step) => steps.push(step));
  return { steps, cpuOf: (thread) => instance.threads[thread]?.cpu ?? 0, end: kind };
}

/** Two threads that count for themselves, on one CPU or on two. */
function counting(cpus: 1 | 2): Protocol {
  return protocol("counting", {
    kernel: shm.kernel({ cpus }),
    memory: { left: wrapping(64), right: wrapping(64) },
    threads: {
      one: {
        cpu: 0,
        *run({ left }) {
          for (let i = 0; i < 50; i++) yield* left.fetchAdd(1);
        },
      },
      other: {
        cpu: cpus - 1,
        *run({ right }) {
          for (let i = 0; i < 50; i++) yield* right.fetchAdd(1);
        },
      },
    },
  }) as unknown as Protocol;
}

const protocols: readonly (readonly [string, () => Protocol])[] = [
  ["a call on one CPU", () => callAndReply(1, 20)],
  ["a call between CPUs", () => callAndReply(2, 20)],
  ["threads that choose", choosing],
  ["threads that count", () => counting(2)],
];

describe.each(protocols)("%s", (_, given) => {
  it.each([1, 2, 3])("takes place in time, seed %d", async (seed) => {
    const { steps, cpuOf } = await timed(given(), "skylake", seed);
    const last = new Map<number, number>();
    for (const { thread, begin, cycles, completed } of steps) {
      expect(sum(cycles)).toBeGreaterThanOrEqual(0);
      // What a thread does next begins no earlier than what it did last, on the clock of its CPU.
      expect(begin).toBeGreaterThanOrEqual((last.get(cpuOf(thread)) ?? 0) - 1e-6);
      last.set(cpuOf(thread), begin);
      for (const { at } of completed) expect(at).toBeGreaterThanOrEqual(begin);
    }
    expect(steps.length).toBeGreaterThan(10);
  });
});

test("two CPUs take half the time of one", async () => {
  const ends = await Promise.all(
    ([1, 2] as const).map(async (cpus) => {
      const { steps, end } = await timed(counting(cpus), "unit");
      expect(end).toBe("finished");
      return Math.max(...steps.flatMap(({ completed }) => completed.map(({ at }) => at)));
    }),
  );
  const [one = 0, two = 0] = ends;
  expect(two).toBeGreaterThan(0.4 * one);
  expect(two).toBeLessThan(0.7 * one);
});

test("a thread that waits for a cell goes on when another CPU has written it, not before", async () => {
  const waiting = protocol("waiting", {
    kernel: shm.kernel({ cpus: 2 }),
    memory: { ready: wrapping(2), work: wrapping(64) },
    threads: {
      writer: {
        cpu: 0,
        *run({ ready, work }) {
          for (let i = 0; i < 10; i++) yield* work.fetchAdd(1);
          yield* ready.store(1);
        },
      },
      reader: {
        cpu: 1,
        *run({ ready }) {
          yield* waitUntil(ready, (value) => value === 1);
        },
      },
    },
  }) as unknown as Protocol;
  const { steps, end } = await timed(waiting);
  expect(end).toBe("finished");
  const [written, read] = [0, 1].map((thread) => steps.filter((step) => step.thread === thread).at(-1));
  expect(read?.begin).toBeGreaterThanOrEqual((written?.begin ?? 0) + sum(written?.cycles ?? new Float64Array()) - 1e-6);
});
