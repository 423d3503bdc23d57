/**
 * Faults in a schedule: pages that are taken away or move, storms of interrupts, late interprocessor interrupts and killed
 * threads. Machine and model go in lockstep; a fault that the protocol could see would make them part.
 */
import { describe, expect, test } from "vitest";
import { Lockstep } from "../../dist/counterexamples/lockstep.js";
import { Executor, type ExecutorOptions, loadPaths } from "../../dist/kernel/common/executor.js";
import * as l4 from "../../dist/kernel/l4/index.js";
import * as shm from "../../dist/kernel/shm/index.js";
import { compile } from "../../dist/model/compiler/index.js";
import { array, int, protocol, type Protocol } from "../../dist/model/language/index.js";
import { type Instance, instantiate } from "../../dist/model/language/protocol.js";
import { loadSpec } from "../../dist/model/loader/load.js";
import type { System } from "../../dist/model/system/system.js";

/** A deterministic source of numbers below `bound` (xorshift, Marsaglia 2003). */
function random(seed: number): (bound: number) => number {
  let state = seed;
  return (bound) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % bound;
  };
}

async function machine(declared: Protocol, options: ExecutorOptions = {}): Promise<Executor> {
  const instance = instantiate(declared);
  return new Executor(instance, await loadPaths(instance), options);
}

/** Random schedules for each fault and protocol. */
const runs = Number(process.env["IPC_CHECK_RUNS"] ?? 3);

type Fault = (executor: Executor, pick: (bound: number) => number) => void;
const invisible: Readonly<Record<string, Fault>> = {
  "a page is taken away": (executor, pick) => {
    const { cells } = executor.instance.memory;
    const cell = cells[pick(Math.max(1, cells.length))];
    if (cell !== undefined && !cell.isGhost) executor.faults.unmap(pick(executor.instance.threads.length), cell, pick(executor.instance.cpus));
  },
  "a page moves": (executor, pick) => {
    const { cells } = executor.instance.memory;
    const cell = cells[pick(Math.max(1, cells.length))];
    if (cell !== undefined && !cell.isGhost) executor.faults.move(cell, pick(executor.instance.cpus));
  },
  "a device storms": (executor, pick) => executor.faults.storm(pick(executor.instance.cpus), 1 + pick(3)),
  "interrupts come late": (executor, pick) => executor.slowInterrupts(pick(executor.instance.cpus), pick(2) === 0),
};

interface Subject {
  readonly instance: Instance;
  readonly system: System;
}

/** The first protocol of a file, compiled once. */
async function subject(file: string): Promise<Subject> {
  const { protocols } = await loadSpec(`specs/${file}`);
  const [first] = protocols;
  if (first === undefined) throw new Error(`no protocol in ${file}`);
  const instance = instantiate(first.protocol);
  return { instance, system: compile(instance) };
}

/** A random schedule with faults in it; what differs, or null, and how many steps were taken. */
async function walk(
  { instance, system }: Subject,
  seed: number,
  faults: readonly Fault[],
  options: ExecutorOptions,
): Promise<{ readonly difference: string | null; readonly steps: number }> {
  const lockstep = new Lockstep(instance, system, await loadPaths(instance), options);
  const pick = random(seed);
  let agreement = lockstep.start();
  let steps = 0;
  while (agreement.kind === "agreed" && steps < 60) {
    const moves = lockstep.moves();
    const move = moves[pick(moves.length)];
    if (move === undefined) break;
    if (pick(3) === 0) faults[pick(faults.length)]?.(lockstep.executor, pick);
    agreement = lockstep.take(move);
    steps++;
  }
  for (const { id } of lockstep.executor.machine.cpus) lockstep.executor.slowInterrupts(id, false);
  const leaks = agreement.kind === "agreed" ? lockstep.executor.leaks() : [];
  return { difference: agreement.kind === "differs" ? agreement.difference : leaks.length > 0 ? leaks.join("; ") : null, steps };
}

describe("what the protocol cannot see", () => {
  const specs = ["l4/cross-cpu-reply.ts", "l4/file-server.ts", "shm/mutex3.ts", "shm/peterson.ts", "shm/doorbell.ts"];
  const subjects = new Map(specs.map((spec) => [spec, subject(spec)]));
  test.each(Object.entries(invisible))("%s", async (_, fault) => {
    let steps = 0;
    for (const [spec, loaded] of subjects) {
      for (let seed = 1; seed <= runs; seed++) {
        const result = await walk(await loaded, seed, [fault], { demandPaging: seed % 2 === 0, locking: seed % 3 === 0 ? "per-object" : "big" });
        expect(`${spec}, seed ${seed}: ${result.difference}`).toBe(`${spec}, seed ${seed}: null`);
        steps += result.steps;
      }
    }
    expect(steps).toBeGreaterThan(100);
  });
});

describe("broken hardware shows", () => {
  const shared = () =>
    protocol("p", {
      kernel: shm.kernel({ cpus: 2 }),
      memory: { x: int(0, 99), seen: array(2, int(0, 99)) },
      threads: {
        writer: {
          cpu: 0,
          *run({ x }) {
            for (let i = 1; i < 50; i++) yield* x.write(i);
          },
        },
        reader: {
          cpu: 1,
          *run({ x, seen }) {
            while (true) {
              const value = yield* x.read();
              yield* seen.at(1).write(value);
            }
          },
        },
      },
    });

  /** The writer's page moves between two of its writes; what the reader sees then. */
  async function afterMove(options: ExecutorOptions): Promise<unknown> {
    const executor = await machine(shared(), options);
    for (const thread of [0, 1, 1]) executor.step(thread);
    const [x] = executor.instance.memory.cells;
    if (x === undefined) throw new Error("no cell");
    executor.faults.move(x, 1);
    executor.step(0);
    return executor.memory.inspect(x);
  }

  test("a page that moves takes what is written later with it", async () => {
    expect(await afterMove({})).toBe(2);
  });

  test("without TLB shootdown a write goes to where the page was", async () => {
    expect(await afterMove({ faults: { skipTlbShootdown: true } })).toBe(1);
  });

  async function read(options: ExecutorOptions): Promise<unknown> {
    const executor = await machine(shared(), options);
    for (const thread of [1, 1, 0, 1, 1]) executor.step(thread);
    return executor.memory.values()["seen"];
  }

  test("a reader sees what another CPU has written, unless caches are not invalidated", async () => {
    expect(await read({})).toEqual([0, 1]);
    expect(await read({ faults: { skipCacheInvalidation: true } })).toEqual([0, 0]);
  });

  test("a shootdown does not end where interprocessor interrupts are lost", async () => {
    await expect(afterMove({ faults: { dropIpi: true } })).rejects.toThrow("CPU 0 does not answer a shootdown");
  });

  test("a message to another CPU does not arrive where interprocessor interrupts are lost", async () => {
    const first = await subject("l4/cross-cpu-reply.ts");
    const differences = await Promise.all([1, 2, 3].map((seed) => walk(first, seed, [() => undefined], { faults: { dropIpi: true } })));
    expect(differences.map(({ difference }) => difference ?? "none").join()).toMatch(/has not been told|was not told|arriving/u);
  });

  test("a finite timeout does not fire where the timer is stuck", async () => {
    const timed = protocol("p", {
      kernel: shm.kernel({ cpus: 1 }),
      memory: { x: int(0, 1) },
      threads: {
        sleeper: {
          cpu: 0,
          *run({ futex, x }) {
            yield* futex.wait(x, 0, { timeout: "finite" });
          },
        },
      },
    });
    const sound = await machine(timed);
    sound.step(0);
    expect(sound.step(0).rule).toBe("timer fires");
    const stuck = new Executor(sound.instance, await loadPaths(sound.instance), { faults: { stuckTimer: true } });
    expect(() => {
      stuck.step(0);
      stuck.step(0);
    }).toThrow("the timer of CPU 0 does not fire");
  });
});

describe("store buffers", () => {
  const own = () =>
    protocol("p", {
      kernel: shm.kernel({ cpus: 2 }),
      memory: { x: int(0, 9), y: int(0, 9), got: int(0, 9) },
      threads: {
        a: {
          cpu: 0,
          *run({ x, y, got }) {
            yield* x.write(1);
            yield* y.write(2);
            const value = yield* x.read();
            yield* got.write(value);
          },
        },
        b: {
          cpu: 1,
          *run() {},
        },
      },
    });
  const got = async (options: ExecutorOptions): Promise<unknown> => {
    const executor = await machine(own(), options);
    for (let step = 0; step < 4; step++) executor.step(0);
    while (executor.machine.cpu(0).buffer.length > 0) executor.drain(0);
    return executor.memory.values();
  };

  test("hold stores back until they are drained, and a CPU sees its own", async () => {
    const executor = await machine(own(), { memoryModel: "tso" });
    executor.step(0);
    expect(executor.memory.values()).toMatchObject({ x: 0 });
    expect(() => executor.drain(0, 1)).toThrow("cannot leave now");
    executor.drain(0);
    expect(executor.memory.values()).toMatchObject({ x: 1 });
    expect(await got({ memoryModel: "tso" })).toEqual({ x: 1, y: 2, got: 1 });
  });

  test("drain in any order of locations under pso only", async () => {
    const executor = await machine(own(), { memoryModel: "pso" });
    executor.step(0);
    executor.step(0);
    executor.drain(0, 1);
    expect(executor.memory.values()).toMatchObject({ x: 0, y: 2 });
  });

  test("without forwarding even the kernel does not see its own stores, and fails", async () => {
    await expect(got({ memoryModel: "tso", faults: { noStoreForwarding: true } })).rejects.toThrow("CPU 0 is halted");
  });
});

describe("a thread is killed", () => {
  const threads = (withKiller: boolean) =>
    protocol("p", {
      kernel: l4.kernel({ cpus: 2, message: int(0, 9) }),
      threads: {
        victim: {
          cpu: 0,
          *run({ ipc, threads }) {
            yield* ipc.send(threads.server, 3);
          },
        },
        client: {
          cpu: 1,
          *run({ ipc, threads }) {
            yield* ipc.send(threads.victim, 4);
          },
        },
        server: {
          cpu: 0,
          *run({ ipc, threads }) {
            if (withKiller) yield* ipc.delete(threads.victim);
            yield* ipc.wait();
          },
        },
      },
    });

  test.each([null, 0, 1])("as the kernel's own deletion would, by CPU %s, and leaves nothing behind", async (by) => {
    const deleted = await machine(threads(true));
    const killed = await machine(threads(false));
    for (const executor of [deleted, killed]) for (const thread of [0, 1, 1]) executor.step(thread);
    expect(killed.status(0).kind).toBe("blocked");
    deleted.step(2);
    expect(killed.faults.kill(0, by)).toBe("deletion");
    expect(JSON.stringify(killed.project())).toBe(JSON.stringify(deleted.project()));
    expect([killed.status(0).kind, killed.audit(), killed.leaks()]).toEqual(["finished", [], []]);
    expect(killed.status(1)).toMatchObject({ kind: "blocked", blocking: { queue: "unlinked from the send queue of victim, which was deleted" } });
  });

  test("of a kernel without deletion has stopped, if it was in its program; asleep in the kernel, it is nothing that the model knows", async () => {
    const make = () =>
      machine(
        protocol("p", {
          kernel: shm.kernel({ cpus: 1 }),
          memory: { x: int(0, 9) },
          threads: {
            a: {
              cpu: 0,
              untrusted: true,
              *run({ futex, x }) {
                yield* x.write(1);
                yield* futex.wait(x, 1);
              },
            },
          },
        }),
      );
    const running = await make();
    running.step(0);
    expect(running.faults.kill(0)).toBe("stop");
    expect([running.status(0).kind, running.audit(), running.leaks()]).toEqual(["stopped", [], []]);
    const asleep = await make();
    asleep.step(0);
    asleep.step(0);
    expect(asleep.faults.kill(0)).toBe("nothing");
    expect([asleep.project()["futex.sleepers"], asleep.audit(), asleep.leaks()]).toEqual([[[]], [], []]);
  });
});
