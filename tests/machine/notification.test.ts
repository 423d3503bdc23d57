/** Executable notification objects, and what the machine says about kernels that it cannot run. */
import { describe, expect, test } from "vitest";
import { Executor, loadPaths } from "../../dist/kernel/common/executor.js";
import { block, commit, type KernelHost, type MachinePath } from "../../dist/kernel/common/path.js";
import * as l4 from "../../dist/kernel/l4/index.js";
import { int, kernel, operation, protocol } from "../../dist/model/language/index.js";
import { instantiate } from "../../dist/model/language/protocol.js";
import { drive } from "./drive.ts";

describe("notifications", () => {
  const bell = l4.notification({ bits: 3 });
  const base = () => l4.kernel({ cpus: 1, message: int(0, 1) });

  test("signals add up in the word, and a wait takes it whole", async () => {
    const log: number[] = [];
    const m = await drive(
      protocol("p", {
        kernel: base(),
        objects: { bell },
        threads: {
          a: {
            cpu: 0,
            *run({ bell }) {
              yield* bell.signal(1);
              yield* bell.signal(4);
              yield* bell.signal(1);
              log.push((yield* bell.wait()).bits, (yield* bell.poll()).bits);
            },
          },
        },
      }),
    );
    expect(m.run("a", "a", "a", "a", "a")).toEqual(["set bits", "set bits", "set bits", "take the word", "poll the word"]);
    expect(log).toEqual([5, 0]);
  });

  test("waiters are woken one a signal, first come first served; no bits wake nobody", async () => {
    const log: string[] = [];
    const m = await drive(
      protocol("p", {
        kernel: base(),
        objects: { other: l4.notification(), bell },
        threads: {
          w: {
            cpu: 0,
            count: 2,
            *run({ bell, index }) {
              log.push(`${index}: ${(yield* bell.wait()).bits}`);
            },
          },
          s: {
            cpu: 0,
            *run({ bell }) {
              yield* bell.signal(0);
              yield* bell.signal(2);
              yield* bell.signal(4);
              yield* bell.signal(0);
            },
          },
        },
      }),
    );
    expect(m.run("w[1]", "w[0]", "s")).toEqual(["wait for a signal", "wait for a signal", "signal no bits"]);
    expect(m.queue("w[0]")).toBe("place 2 of 2 in the queue of bell");
    expect(m.executor.project()["notification.waiters"]).toMatchObject([[], [{ name: "w[1]" }, { name: "w[0]" }]]);
    expect(m.run("s", "s", "s")).toEqual(["wake a waiter", "wake a waiter", "set bits"]);
    expect(log).toEqual(["1: 2", "0: 4"]);
  });

  test("a thread that is deleted while it waits is in no queue any more", async () => {
    const m = await drive(
      protocol("p", {
        kernel: base(),
        objects: { bell },
        threads: {
          w: {
            cpu: 0,
            *run({ bell }) {
              yield* bell.wait();
            },
          },
          d: {
            cpu: 0,
            *run({ ipc, bell, threads }) {
              yield* ipc.delete(threads.w);
              yield* bell.signal(2);
            },
          },
        },
      }),
    );
    expect(m.run("w", "d", "d")).toEqual(["wait for a signal", "delete", "set bits"]);
  });

  test("bits beyond the word are out of range", async () => {
    const m = await drive(
      protocol("p", {
        kernel: base(),
        objects: { bell },
        threads: {
          a: {
            cpu: 0,
            *run({ bell }) {
              yield* bell.signal(8);
            },
          },
        },
      }),
    );
    expect(m.step("a").violation).toMatchObject({ kind: "out-of-range", message: "bell.word = 8 is outside 0..7" });
  });
});

/** A kernel with one operation, `sleep`, and the executable path that a test gives it. */
function sleepy(path: ((host: KernelHost) => MachinePath) | null) {
  const sleep = operation({ name: "sleep", args: {}, result: {}, rules: { sleep: { do: (k) => k.complete(k.self, {}) } } });
  const declared = kernel({
    name: "sleepy",
    operations: [sleep],
    api: { nap: () => sleep({}) },
    ...(path === null ? {} : { machine: async () => ({ default: path }) }),
  });
  return protocol("p", {
    kernel: declared,
    threads: {
      a: {
        *run({ nap }) {
          yield* nap();
        },
      },
    },
  });
}
const quiet: Omit<MachinePath, "calls"> = { interrupts: {}, project: () => ({}), forget: () => {}, blocking: () => null, audit: () => [] };

describe("executable paths", () => {
  test("a kernel without one is not run, and the reason names it", async () => {
    await expect(loadPaths(instantiate(sleepy(null)))).rejects.toThrow('the kernel "sleepy" has no executable path');
  });

  test("the most general client has no program to run", async () => {
    const instance = instantiate(
      protocol("p", {
        kernel: l4.kernel({ cpus: 1, message: int(0, 1) }),
        threads: {
          a: {
            cpu: 0,
            *run({ ipc }) {
              yield* ipc.wait();
            },
          },
          b: { cpu: 0, untrusted: "arbitrary", holds: ["a"] },
        },
      }),
    );
    const paths = await loadPaths(instance);
    expect(() => new Executor(instance, paths)).toThrow("thread b is the most general client");
  });

  test("a step without a commit point, or with two, is an error of the path", async () => {
    const without = await drive(
      sleepy(() => ({
        ...quiet,
        calls: {
          *sleep() {
            return {};
          },
        },
      })),
    );
    expect(() => without.step("a")).toThrow("ran without a commit point");
    const twice = await drive(
      sleepy(() => ({
        ...quiet,
        calls: {
          *sleep() {
            yield commit("sleep");
            yield commit("again");
            return {};
          },
        },
      })),
    );
    expect(() => twice.step("a")).toThrow('two commit points in one step: "sleep" and "again"');
  });

  test("a thread that sleeps in no queue is a leak", async () => {
    const m = await drive(
      sleepy(() => ({
        ...quiet,
        calls: {
          *sleep() {
            yield commit("sleep");
            yield block(false);
            return {};
          },
        },
      })),
    );
    m.executor.step(0);
    expect(m.executor.audit()).toEqual(["a is blocked in the kernel, but in no queue and in no wait"]);
  });

  test("a thread that is queued but runs is a leak", async () => {
    const m = await drive(
      sleepy(() => ({
        ...quiet,
        audit: (asleep) => (asleep(0) ? [] : ["a is queued but not blocked"]),
        calls: {
          *sleep() {
            yield commit("sleep");
            return {};
          },
        },
      })),
    );
    m.executor.step(0);
    expect(m.executor.audit()).toEqual(["a is queued but not blocked"]);
  });

  test("waking a thread that does not sleep is an error of the path", async () => {
    const m = await drive(
      sleepy((host) => ({
        ...quiet,
        calls: {
          *sleep({ thread }) {
            host.wake(thread);
            yield commit("sleep");
            return {};
          },
        },
      })),
    );
    expect(() => m.step("a")).toThrow("which does not sleep");
  });
});
