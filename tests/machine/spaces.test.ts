/** Address spaces and capability tables: what a thread holds is what it can reach; faults go to a pager; the dead give back. */
import { describe, expect, test } from "vitest";
import { staleTranslations } from "../../dist/hardware/index.js";
import { Executor, type ExecutorOptions, loadPaths } from "../../dist/kernel/common/executor.js";
import * as l4 from "../../dist/kernel/l4/index.js";
import * as shm from "../../dist/kernel/shm/index.js";
import { array, int, protocol, type Protocol } from "../../dist/model/language/index.js";
import { instantiate } from "../../dist/model/language/protocol.js";

async function machine(declared: Protocol, options: ExecutorOptions = {}): Promise<Executor> {
  const instance = instantiate(declared);
  return new Executor(instance, await loadPaths(instance), options);
}

const holding = (reach: "mine" | "other") =>
  protocol("p", {
    kernel: shm.kernel({ cpus: 2 }),
    memory: { mine: int(0, 9), other: int(0, 9) },
    threads: {
      a: {
        cpu: 0,
        holds: ["mine"],
        *run({ mine, other }) {
          yield* (reach === "mine" ? mine : other).write(7);
        },
      },
    },
  });

describe("memory", () => {
  test("that a thread holds is mapped in its space, and only that", async () => {
    const executor = await machine(holding("mine"));
    executor.step(0);
    expect([executor.memory.values(), executor.kernel.pager.faults]).toEqual([{ mine: 7, other: 0 }, 0]);
    const refused = await machine(holding("other"));
    expect(() => refused.step(0)).toThrow("a reaches other, which it does not hold");
  });

  test.each(["unit", "tagged"])("that is mapped on demand costs a fault for each page and thread, and no more (%s TLB)", async (name) => {
    const shared = protocol("p", {
      kernel: shm.kernel({ cpus: 2 }),
      memory: { far: array(600, int(0, 9)) },
      threads: {
        worker: {
          count: 3,
          cpu: (index) => index % 2,
          *run({ far, index }) {
            for (let i = 0; i < 5; i++) {
              yield* far.at(0).write(index);
              yield* far.at(599).write(index);
            }
          },
        },
      },
    });
    const { machine: hardware } = await machine(shared);
    const profile = { ...hardware.profile, tlb: { ...hardware.profile.tlb, tagged: name === "tagged" } };
    const executor = await machine(shared, { demandPaging: true, profile });
    for (let step = 0; step < 30; step++) executor.step(step % 3);
    expect([executor.kernel.pager.faults, executor.audit(), staleTranslations(executor.machine)]).toEqual([6, [], []]);
    expect([(executor.memory.values()["far"] as number[])[599], executor.leaks()]).toEqual([2, []]);
  });
});

describe("objects", () => {
  const signalling = (holds: readonly ("bell" | "door")[]) =>
    protocol("p", {
      kernel: l4.kernel({ cpus: 1, message: int(0, 9) }),
      objects: { door: l4.notification(), bell: l4.notification() },
      threads: {
        a: {
          cpu: 0,
          holds,
          *run({ bell }) {
            yield* bell.signal(3);
          },
        },
      },
    });

  test("are named by slots of the thread's capability table, which the kernel looks up", async () => {
    const executor = await machine(signalling(["bell"]));
    expect([executor.kernel.capabilities.held(0), executor.step(0).rule]).toEqual([1, "set bits"]);
    expect(executor.project()["notification.word"]).toEqual([0, 3]);
  });

  test("that a thread does not hold it cannot name", async () => {
    expect((await machine(signalling(["door"]))).step(0).violation).toMatchObject({ message: "a holds no capability in slot 1" });
  });

  test("are no longer held by who has ended", async () => {
    const executor = await machine(signalling(["bell"]));
    executor.step(0);
    expect([executor.leaks(), executor.kernel.capabilities.held(0), executor.kernel.thread(0).buried]).toEqual([[], 0, true]);
  });
});

test("a leak of any kind is found", async () => {
  const executor = await machine(holding("mine"));
  executor.step(0);
  expect(executor.leaks()).toEqual([]);
  executor.kernel.frames.allocate();
  executor.machine.poke(executor.kernel.allocator.kernelLock.address, 1);
  executor.kernel.scheduler.enqueue(executor.kernel.thread(0).block);
  expect(executor.leaks().map((leak) => leak.replace(/0x[\da-f]+/u, "…"))).toEqual([
    "the frame … is in use, but nobody has it",
    "a has ended, but is still in a run queue",
    "the kernel lock is held",
  ]);
});
