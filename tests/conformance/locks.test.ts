/**
 * Locks of the paths that have their own: kernel code of two CPUs meets at them, and a lock that is missing, or taken after
 * something was looked at that it protects, is noticed.
 */
import { describe, expect, test } from "vitest";
import { loadPaths } from "../../dist/kernel/common/executor.js";
import type { KernelHost, PathFactory, SystemCall } from "../../dist/kernel/common/path.js";
import { ipiLine } from "../../dist/hardware/interrupts.js";
import type { Action } from "../../dist/kernel/common/interleaving.js";
import { Vector } from "../../dist/kernel/common/microkernel.js";
import { Interleaved } from "../../dist/counterexamples/interleaved.js";
import { compile } from "../../dist/model/compiler/index.js";
import { instantiate } from "../../dist/model/language/protocol.js";
import { loadSpec } from "../../dist/model/loader/load.js";
import { byLocks, bySteps, type Exhaustion, exhaustMachine, modelStates } from "./exhausted.ts";
import { calls, replaced } from "./mutations.ts";
import type { Subject } from "./walk.ts";

async function subjectOf(name: string, change: (factory: PathFactory) => PathFactory = (factory) => factory, model?: "tso" | "pso"): Promise<Subject> {
  const { protocols } = await loadSpec("tests/conformance/protocols.ts");
  const declared = protocols.find(({ exportName }) => exportName === name)?.protocol;
  if (declared === undefined) throw new Error(`no protocol ${name}`);
  const instance = instantiate(declared, {}, model === undefined ? {} : { model });
  return { instance, system: compile(instance), paths: (await loadPaths(instance)).map(change) };
}

function exhausted(subject: Subject, grain: "steps" | "locks"): Exhaustion {
  const expected = modelStates(subject.system, 1000);
  if (expected === null) throw new Error("too many states");
  return grain === "steps"
    ? exhaustMachine(() => bySteps(subject), expected, 5000, true)
    : exhaustMachine(() => byLocks(subject, { locking: "per-object" }), expected, 5000, true);
}

/** The path as if it did not know of locks. */
const without =
  (factory: PathFactory): PathFactory =>
  (host) =>
    factory(
      replaced(host, {
        *lock() {},
        unlock: () => {},
      }),
    );

/** The futex, which reads the cell before it takes the lock of the bucket. */
const readsEarly =
  (factory: PathFactory): PathFactory =>
  (host) => {
    let early: unknown;
    let isCall = false;
    const path = factory(
      replaced(host, {
        read: (thread, cell) => (isCall ? early : host.read(thread, cell)),
        lock: (...records) =>
          (function* () {
            const mine = early;
            yield* host.lock(...records);
            early = mine;
            isCall = true;
          })(),
        unlock: (...records) => {
          isCall = false;
          host.unlock(...records);
        },
      }),
    );
    return calls(path, (routine, { operation, args, thread }) =>
      (function* () {
        if (operation.name === "futex.wait") early = host.read(thread, args["cell"] as never);
        return yield* routine;
      })(),
    );
  };

/** The notification, which looks at the word, gives the lock back, and takes it again to act on what it has seen. */
const looksEarly =
  (factory: PathFactory): PathFactory =>
  (host) => {
    let early: number | null = null;
    const words = new Map<number, { bits: number }>();
    const seen = <T extends object>(record: T): T =>
      new Proxy(record, {
        get: (target, name) => (name === "bits" && early !== null ? early : Reflect.get(target, name)),
        set: (target, name, value) => {
          early = null;
          return Reflect.set(target, name, value);
        },
      });
    const perObject: KernelHost["perObject"] = (type, layout, lock) => {
      const records = host.perObject(type, layout, lock);
      for (const [index, record] of records) words.set(index, record as unknown as { bits: number });
      return new Map([...records].map(([index, record]) => [index, seen(record)]));
    };
    const path = factory(
      replaced(host, {
        perObject,
        lock: (...records) =>
          (function* () {
            const mine = early;
            yield* host.lock(...records);
            early = mine;
          })(),
        unlock: (...records) => {
          early = null;
          host.unlock(...records);
        },
      }),
    );
    return calls(path, (routine, call: SystemCall) =>
      (function* () {
        const word = words.get((call.args["object"] as { readonly index: number }).index);
        if (word !== undefined && call.operation.name === "notification.wait") early = host.locked(() => word.bits, word as never);
        return yield* routine;
      })(),
    );
  };

describe.each([
  ["the futex", "futex", readsEarly, 'the machine commits "fall asleep", the model allows "value differs"'],
  ["the notification", "notification", looksEarly, 'the machine commits "wait for a signal", the model allows "take the word"'],
] as const)("the locks of %s", (_, name, late, symptom) => {
  test("are taken by several CPUs at once in schedules that are interleaved there, and all states are those of the model", async () => {
    const { wrong, complete, missing, branches } = exhausted(await subjectOf(name), "locks");
    expect({ wrong, complete, missing }).toEqual({ wrong: null, complete: true, missing: 0 });
    expect(branches["locks"]).toBeGreaterThan(10);
  });

  test("are missed where they are dropped", async () => {
    expect(exhausted(await subjectOf(name, without), "locks").wrong).toContain("without holding the lock of");
  });

  test("are missed where they are taken too late, which whole steps do not show", async () => {
    expect(exhausted(await subjectOf(name, late), "steps").wrong).toBeNull();
    expect(exhausted(await subjectOf(name, late), "locks").wrong).toContain(symptom);
  });
});

describe.each(["tso", "pso"] as const)("store buffers under %s", (model) => {
  test("drain in every order, before and after kernel entries of any CPU, within the states of the model", async () => {
    const subject = await subjectOf("futex", undefined, model);
    const { wrong, complete, missing, branches } = exhausted(subject, "locks");
    expect({ wrong, complete, missing }).toEqual({ wrong: null, complete: true, missing: 0 });
    expect(branches["drains"]).toBeGreaterThan(0);
  });
});

/** CPU 1 is about to wake the sleeper, CPU 0 is interrupted by the timer of that sleeper: both want the bucket. */
async function bothAtTheBucket(): Promise<Interleaved> {
  const { instance, system, paths } = await subjectOf("timed");
  const pair = new Interleaved(instance, system, paths, { locking: "per-object" });
  expect(pair.start().kind).toBe("agreed");
  take(pair, { kind: "interrupt", cpu: 0, line: ipiLine(Vector.reschedule) });
  take(pair, { kind: "interrupt", cpu: 1, line: ipiLine(Vector.reschedule) });
  take(pair, { kind: "run", cpu: 0, pick: 0 });
  while (pair.driver.inside(0) !== null) take(pair, { kind: "onward", cpu: 0 });
  take(pair, { kind: "run", cpu: 1, pick: 0 });
  take(pair, { kind: "onward", cpu: 1 });
  take(pair, { kind: "timer", cpu: 0, thread: 0 });
  return pair;
}

function take(pair: Interleaved, action: Action): void {
  const agreement = pair.take(action);
  if (agreement.kind !== "agreed") throw new Error(`${JSON.stringify(action)}: ${JSON.stringify(agreement)}`);
}

describe("a lock that another CPU holds", () => {
  test("is spun on, which costs cycles, and is had in the end", async () => {
    const pair = await bothAtTheBucket();
    const { contention } = pair.driver.kernel.allocator;
    expect(pair.driver.inside(1)?.at).toMatchObject({ taken: true });
    expect(contention.spins).toBe(0);
    for (let round = 0; round < 3; round++) take(pair, { kind: "onward", cpu: 0 });
    expect(contention.spins).toBe(3);
    expect(contention.spinCycles).toBeGreaterThan(3);
    take(pair, { kind: "onward", cpu: 1 });
    while (pair.driver.inside(0) !== null) take(pair, { kind: "onward", cpu: 0 });
    expect(contention.spins).toBe(3);
  });

  test("may be the waker's, when the timer fires: the sleeper has then been woken", async () => {
    const pair = await bothAtTheBucket();
    take(pair, { kind: "onward", cpu: 1 });
    while (pair.driver.inside(0) !== null) take(pair, { kind: "onward", cpu: 0 });
    take(pair, { kind: "run", cpu: 0, pick: 0 });
    expect(pair.driver.memory.values()).toMatchObject({ woken: 1 });
    expect(pair.driver.leaks()).toEqual([]);
  });
});
