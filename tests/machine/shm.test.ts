/** The executable futex and the language's own operations on the machine. */
import { describe, expect, test } from "vitest";
import * as shm from "../../dist/kernel/shm/index.js";
import { array, assume, bool, check, choose, fence, ghost, int, oneOf, protocol, queue, step, u8, waitUntil } from "../../dist/model/language/index.js";
import { drive } from "./drive.ts";

describe("futex", () => {
  test("a sleeper is woken, in order of arrival, as many as asked for", async () => {
    const log: string[] = [];
    const m = await drive(
      protocol("p", {
        kernel: shm.kernel(),
        memory: { word: int(0, 3) },
        threads: {
          sleeper: {
            count: 3,
            *run({ futex, word, index }) {
              log.push(`${index} ${(yield* futex.wait(word, 0)).outcome}`);
            },
          },
          waker: {
            *run({ futex, word }) {
              log.push(
                `woke ${(yield* futex.wake(word, 2)).woken}`,
                `woke ${(yield* futex.wake(word, 2)).woken}`,
                `woke ${(yield* futex.wake(word, 2)).woken}`,
              );
            },
          },
        },
      }),
    );
    expect(m.run("sleeper[2]", "sleeper[0]", "sleeper[1]")).toEqual(["fall asleep", "fall asleep", "fall asleep"]);
    expect(m.executor.project()["futex.sleepers"]?.[0]).toMatchObject([{ name: "sleeper[2]" }, { name: "sleeper[0]" }, { name: "sleeper[1]" }]);
    m.run("waker", "waker", "waker");
    expect(log).toEqual(["2 woken", "0 woken", "1 woken", "woke 2", "woke 1", "woke 0"]);
  });

  test("a wake is not latched, and another value does not sleep", async () => {
    const log: string[] = [];
    const m = await drive(
      protocol("p", {
        kernel: shm.kernel(),
        memory: { word: int(0, 3, 2) },
        threads: {
          a: {
            *run({ futex, word }) {
              log.push(`${(yield* futex.wake(word, 1)).woken}`, (yield* futex.wait(word, 1)).outcome);
              yield* futex.wait(word, 2);
            },
          },
        },
      }),
    );
    expect(m.run("a", "a", "a")).toEqual(["wake", "value differs", "fall asleep"]);
    expect(log).toEqual(["0", "differs"]);
    expect(m.queue("a")).toBe("place 1 of 1 among the sleepers on word");
  });

  test("sleepers of different cells do not wake each other; the projection orders them by address", async () => {
    const m = await drive(
      protocol("p", {
        kernel: shm.kernel(),
        memory: { words: array(40, int(0, 1)) },
        threads: {
          sleeper: {
            count: 4,
            *run({ futex, words, index }) {
              yield* futex.wait(words.at(39 - 13 * index), 0);
            },
          },
          waker: {
            *run({ futex, words }) {
              yield* futex.wake(words.at(13), 9);
            },
          },
        },
      }),
    );
    m.run("sleeper[0]", "sleeper[1]", "sleeper[2]", "sleeper[3]");
    expect(m.executor.project()["futex.sleepers"]?.[0]).toMatchObject(["sleeper[3]", "sleeper[2]", "sleeper[1]", "sleeper[0]"].map((name) => ({ name })));
    m.run("waker");
    expect(m.executor.project()["futex.address"]).toEqual([39, 26, -1, 0, -1]);
    expect(m.status("sleeper[2]")).toBe("finished");
  });

  test("a finite timer may fire, and a sleep tells whether its condition holds", async () => {
    const log: string[] = [];
    const m = await drive(
      protocol("p", {
        kernel: shm.kernel(),
        memory: { word: int(0, 3) },
        threads: {
          a: {
            *run({ futex, word }) {
              log.push((yield* futex.wait(word, 0, { timeout: "finite" })).outcome);
            },
          },
          b: {
            *run({ word }) {
              yield* word.store(1);
            },
          },
        },
      }),
    );
    m.run("a");
    const until = () => {
      const status = m.executor.status(0);
      return status.kind === "timed" ? status.blocking?.until : null;
    };
    expect(until()).toBe(false);
    m.run("b");
    expect(until()).toBe(true);
    expect(m.run("a")).toEqual(["timer fires"]);
    expect(log).toEqual(["timeout"]);
    expect(m.executor.project()["futex.sleepers"]).toEqual([[]]);
  });
});

describe("the language's own operations", () => {
  test("memory accesses return what they should", async () => {
    const log: unknown[] = [];
    const m = await drive(
      protocol("p", {
        kernel: shm.kernel(),
        memory: { n: int(-2, 9), byte: u8, mode: oneOf("idle", "busy"), on: bool(true) },
        threads: {
          a: {
            *run({ n, byte, mode, on }) {
              log.push(
                yield* n.read(),
                yield* n.write(4),
                yield* n.load(),
                yield* n.fetchAdd(-6),
                yield* n.exchange(7),
                yield* n.compareExchange(0, 1),
                yield* n.compareExchange(7, 1),
                yield* n.load(),
              );
              log.push(
                yield* byte.fetchAdd(-1),
                yield* byte.load(),
                yield* mode.exchange("busy"),
                yield* mode.compareExchange("busy", "idle"),
                yield* mode.load(),
                yield* on.exchange(false),
                yield* on.load(),
              );
              yield* fence();
            },
          },
        },
      }),
    );
    for (let i = 0; i < 16; i++) m.step("a");
    expect(log).toEqual([0, undefined, 4, 4, -2, 7, 7, 1, 0, 255, "idle", "busy", "idle", true, false]);
    expect(m.status("a")).toBe("finished");
  });

  test("a write outside the range is found by the write", async () => {
    const m = await drive(
      protocol("p", {
        kernel: shm.kernel(),
        memory: { ring: array(2, int(0, 3)) },
        threads: {
          a: {
            *run({ ring }) {
              yield* ring.at(1).write(3);
              yield* ring.at(1).fetchAdd(1);
            },
          },
        },
      }),
    );
    expect(m.step("a").violation).toBeNull();
    expect(m.step("a").violation).toMatchObject({ kind: "out-of-range", message: "ring[1] = 4 is outside 0..3" });
    expect(m.executor.memory.values()).toEqual({ ring: [0, 3] });
  });

  test("choose takes the value that the schedule says; check, assume and indexes end the run", async () => {
    const make = () =>
      drive(
        protocol("p", {
          kernel: shm.kernel(),
          memory: { ring: array(2, int(0, 3)), seen: ghost(int(0, 9)) },
          threads: {
            a: {
              *run({ ring, seen }) {
                const value = yield* choose(int(0, 3));
                seen.value = value;
                check(value !== 1, "not one");
                assume(value !== 2);
                yield* ring.at(value).write(1);
              },
            },
          },
        }),
      );
    expect((await make()).step("a", 0)).toMatchObject({ rule: "choose", violation: null, pruned: false });
    expect((await make()).step("a", 1)).toMatchObject({ violation: { kind: "assertion", message: "not one" } });
    expect((await make()).step("a", 2)).toMatchObject({ violation: null, pruned: true });
    const last = await make();
    expect(last.step("a", 3)).toMatchObject({ violation: { kind: "out-of-range" } });
    expect(last.executor.memory.values()).toMatchObject({ seen: 3 });
    expect(() => last.executor.step(0, 4)).toThrow();
  });

  test("waitUntil and guarded steps wait for their conditions", async () => {
    const log: unknown[] = [];
    const m = await drive(
      protocol("p", {
        kernel: shm.kernel(),
        memory: { gate: int(0, 3), box: queue(int(0, 5), 2) },
        threads: {
          a: {
            *run({ gate }) {
              log.push(yield* waitUntil(gate, (value) => value > 1));
            },
          },
          b: {
            *run({ box, gate }) {
              log.push(
                yield* step({
                  when: () => box.length === 2,
                  do: () => {
                    gate.value = 2;
                    return box.shift();
                  },
                }),
              );
            },
          },
          c: {
            *run({ box }) {
              for (let i = 0; i < 3; i++) yield* step({ do: () => box.push(4 + i) });
            },
          },
        },
      }),
    );
    expect([m.status("a"), m.status("b")]).toEqual(["condition", "condition"]);
    expect(() => m.step("b")).toThrow("condition is false");
    m.run("c", "c");
    expect(m.status("b")).toBe("ready");
    expect(m.run("b", "a")).toEqual(["step", "waitUntil"]);
    expect(log).toEqual([4, 2]);
    expect(m.executor.memory.values()).toEqual({ gate: 2, box: [5] });
    expect(m.step("c").violation).toMatchObject({ kind: "out-of-range" });
  });

  test("a queue that is full or empty is out of range", async () => {
    const m = await drive(
      protocol("p", {
        kernel: shm.kernel(),
        memory: { box: queue(int(0, 5), 1) },
        threads: {
          a: {
            *run({ box }) {
              yield* step({ do: () => box.push(1) });
              yield* step({ do: () => box.push(2) });
            },
          },
          b: {
            *run({ box }) {
              yield* step({ do: () => box.shift() });
            },
          },
        },
      }),
    );
    m.step("a");
    expect(m.step("a").violation).toMatchObject({ kind: "out-of-range" });
    const empty = await drive(
      protocol("p", {
        kernel: shm.kernel(),
        memory: { box: queue(int(0, 5), 1) },
        threads: {
          b: {
            *run({ box }) {
              yield* step({ do: () => box.shift() });
            },
          },
        },
      }),
    );
    expect(empty.step("b").violation).toMatchObject({ kind: "out-of-range" });
  });

  test("ordinary memory cannot be used between two operations", async () => {
    await expect(
      drive(
        protocol("p", {
          kernel: shm.kernel(),
          memory: { n: int(0, 3) },
          threads: {
            a: {
              *run({ n }) {
                n.value = 1;
              },
            },
          },
        }),
      ),
    ).rejects.toThrow("outside an atomic step");
  });

  test("a thread that has stopped takes no step", async () => {
    const m = await drive(
      protocol("p", {
        kernel: shm.kernel(),
        memory: { n: int(0, 3) },
        threads: {
          a: {
            untrusted: true,
            *run({ n }) {
              yield* n.write(1);
            },
          },
        },
      }),
    );
    m.executor.stop(0);
    expect(m.status("a")).toBe("stopped");
    expect(() => m.step("a")).toThrow("has stopped");
  });
});
