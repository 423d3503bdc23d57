import { type Cell, array, assume, bool, check, choose, fence, flag, ghost, int, local, nobody, oneOf, protocol, queue, record, step, threadId, u8, waitUntil, wrapping } from "ipc-check";
import * as l4 from "ipc-check/kernels/l4";
import * as shm from "ipc-check/kernels/shm";

const double = (value: number) => (value * 2) % 3;
const larger = (a: number, b: number) => {
  if (a > b) return a;
  return b;
};
type Color = "red" | "green" | "blue";
function nextColor(color: Color): Color {
  switch (color) {
    case "red":
      return "green";
    case "green":
      return "blue";
    default:
      return "red";
  }
}
const pairOf = (a: number, ok = false) => ({ a, ok });
function* bump(cell: Cell<number>, by = 1) {
  const old = yield* cell.load();
  yield* cell.store((old + by) % 3);
  return old;
}
function* twice(cell: Cell<number>) {
  const first = yield* bump(cell);
  return (first + (yield* bump(cell, 2))) % 3;
}
function* until(cell: Cell<number>, value: number) {
  while ((yield* cell.load()) !== value) {}
}
function* swap(cell: Cell<number>, value: number) {
  let tries = 0;
  while (tries < 2) {
    const old = yield* cell.compareExchange(value, 2 - value);
    if (old === value) return true;
    tries = tries + 1;
  }
  return false;
}

export const p0 = protocol("p0", {
  kernel: l4.kernel({ cpus: 2, message: oneOf("red", "green", "blue"), atomic: true }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: queue(int(0, 2), 2),  m1: wrapping(3),  m2: int(0, 2, 1),  m3: ghost(int(0, 3))},
  threads: {
    t0: {
      cpu: 0,
      *run({ threads, ipc, m2 }) {
        let v0 = yield* m2.fetchAdd(1);
        yield* m2.exchange(1);
        yield* m2.load();
        yield* ipc.send(threads.t0, "blue");
      },
    },
    t1: {
      cpu: 1, count: 2, untrusted: true,
      *run({ m3 }) {
        for (let v1 = 0; v1 < 2; v1++) {
          m3.value = (m3.value + 1) % 3;
        }
      },
    },
  },
});

export const p1 = protocol("p1", {
  kernel: l4.kernel({ cpus: 2, message: int(0, 2) }),
  parameters: { limit: 2 },
  scheduling: "priority",
  memory: { m0: ghost(int(0, 3)),  m1: array(2, int(0, 2)),  m2: record({ x: int(0, 2), ok: flag }),  m3: array(2, int(0, 2))},
  threads: {
    t0: {
      cpu: 1, priority: 0,
      *run({ threads, ipc, m2, m3 }) {
        while (true) {
          yield* ipc.send(threads.t1, (((!(true) ? 0 : 1) ^ 2) % 3), { send: "zero" });
          yield* m2.x.exchange(0);
          yield* ipc.send(threads.t0, 2, { send: "finite" });
          yield* ipc.wait({ receive: "finite" });
          yield* m3.at(1).store(1);
        }
      },
    },
    t1: {
      cpu: 1, priority: 0,
      *run({ threads, ipc, m1, m2 }) {
        while (true) {
          yield* m2.x.load();
          yield* m1.at(0).store(1);
          yield* ipc.send(threads.t1, 0, { send: "zero" });
          yield* ipc.wait({ receive: "finite" });
          yield* m1.at(0).exchange(2);
        }
      },
    },
  },
});

export const p2 = protocol("p2", {
  kernel: l4.kernel({ cpus: 1, message: int(0, 2), atomic: true }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: wrapping(3)},
  threads: {
    t0: {
      cpu: 0, count: 2,
      *run({ threads, ipc, m0 }) {
        const v0 = yield* m0.fetchAdd(pairOf(0).a);
        yield* m0.store(0);
        yield* ipc.send(threads.t1, 1, { send: "zero" });
        yield* m0.exchange(v0);
      },
    },
    t1: {
      cpu: 0,
      *run({ threads, ipc, m0 }) {
        yield* step({});
        while (true) {
          yield* ipc.send(threads.t0[1], Math.abs(0 - 1), { send: "zero" });
          yield* ipc.send(threads.t1, 1, { send: "zero" });
          yield* m0.load();
        }
      },
    },
  },
  invariants: { small: ({ m0, limit }) => m0 < limit + 0 },
});

export const p3 = protocol("p3", {
  kernel: shm.kernel({ cpus: 2 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: int(0, 2)},
  threads: {
    t0: {
      cpu: 1,
      *run({  }) {
        if (("blue" === "green")) return;
      },
    },
    t1: {
      cpu: 1,
      *run({ m0 }) {
        while (true) {
          yield* m0.exchange(((2 + Math.min(2, 1)) % 3));
          yield* m0.load();
        }
      },
    },
  },
  invariants: { small: ({ m0, limit }) => m0 < limit + 1 },
});

export const p4 = protocol("p4", {
  kernel: shm.kernel({ cpus: 1 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: int(0, 2, 1)},
  threads: {
    t0: {
      cpu: 0,
      *run({ futex, m0 }) {
        for (const v0 of [0, 2]) {
          const v1 = yield* m0.compareExchange(v0, v0);
        }
        while (true) {
          yield* m0.exchange(1);
          for (let v2 = 0; v2 < 2; v2++) {
            v2 >= 2 && (yield* m0.store(1));
            yield* fence();
          }
          yield* futex.wake(m0, 2);
        }
      },
    },
    t1: {
      cpu: 0,
      *run({ m0 }) {
        yield* m0.load();
        yield* m0.exchange(2);
        yield* m0.load();
        yield* m0.store(1);
      },
    },
    t2: {
      cpu: 0,
      *run({ futex, m0 }) {
        while (true) {
          yield* m0.load();
          v3: while ((yield* m0.load()) !== Math.min((false ? 0 : 1), pairOf((1 & 1)).a)) {
            do {
              yield* futex.wait(m0, 1, { idle: true });
              yield* futex.wake(m0, 2);
            } while (true);
            yield* m0.load();
          }
          yield* futex.wake(m0, 1);
          yield* m0.store(2);
          yield* m0.store(2);
        }
      },
    },
  },
});

export const p5 = protocol("p5", {
  kernel: shm.kernel({ cpus: 1 }),
  parameters: { limit: 2 },
  scheduling: "round-robin",
  memory: { m0: array(2, int(0, 2)),  m1: int(0, 2),  m2: record({ x: int(0, 2), ok: flag }),  m3: array(2, int(0, 2))},
  threads: {
    t0: {
      cpu: 0,
      *run({ m0, m2, m3 }) {
        while (true) {
          yield* m0.at(0).exchange(1);
          assume(!(false));
          yield* m3.at(0).load();
          yield* m2.x.exchange(1);
        }
      },
    },
    t1: {
      cpu: 0,
      *run({ futex, m0, m1, m2, m3 }) {
        let v0 = yield* m1.load();
        if (((yield* m3.at(0).load()) + (yield* m1.load())) % 2 === 0) {
          if (v0 >= 0) {
            v1: while ((v0 >= 1 || v0 < 2) && (yield* m3.at(0).load()) !== v0) {
              do {
                yield* m2.ok.exchange(v0 !== 1);
                yield* m3.at(v0 & 1).load();
              } while (v0 < 2 || (yield* m3.at(0).load()) !== 0);
              yield* futex.wake(m0.at(0), 2);
            }
          }
        }
        yield* m0.at(1).store(v0);
      },
    },
    t2: {
      cpu: 0,
      *run({ m0, m2 }) {
        while (true) {
          yield* m2.x.store(1);
          while (1 < (1 & 1)) {
            yield* m0.at(0).store(0);
            yield* m0.at(0).store(0);
          }
          yield* m0.at(0).store(0);
          yield* m0.at(0).store(0);
          yield* m0.at(0).store(0);
        }
      },
    },
  },
});

export const p6 = protocol("p6", {
  kernel: l4.kernel({ cpus: 2, message: record({ a: int(0, 2), ok: bool() }) }),
  parameters: { limit: 2 },
  scheduling: "free",
  objects: { bell: l4.notification({ bits: 2 }) },
  memory: { m0: int(0, 2),  m1: threadId,  m2: oneOf("red", "green", "blue"),  m3: ghost(int(0, 3))},
  threads: {
    t0: {
      cpu: 0, count: 2,
      *run({ self, threads, ipc, bell, m0, m1, m2 }) {
        switch (nextColor("blue")) {
          case "red":
            yield* bell.poll();
            break;
          case "green":
            yield* m1.exchange(threads.t0[0]);
          default:
            yield* m2.store(nextColor("green"));
        }
        while (true) {
          yield* m0.store(2);
          yield* ipc.send(threads.t0[1], { a: 1, ok: true });
          yield* m1.load();
          yield* m1.exchange(self);
        }
      },
    },
    t1: {
      cpu: 1,
      *run({ m0 }) {
        yield* waitUntil(m0, (value) => value === 1);
        yield* step({ when: () => m0.value > 0, do: () => { m0.value -= 1; } });
      },
    },
  },
});

export const p7 = protocol("p7", {
  kernel: l4.kernel({ cpus: 1, message: int(0, 2) }),
  parameters: { limit: 2 },
  scheduling: "priority",
  memory: { m0: int(0, 2),  m1: int(0, 2),  m2: queue(int(0, 2), 2)},
  threads: {
    t0: {
      cpu: 0, priority: 0,
      *run({ threads, ipc, m0 }) {
        if (yield* choose(true, false)) {
          1 < ((((2 ^ 1) % 3) + 1) % 3) && (yield* m0.store(1));
        } else {
          yield* ipc.send(threads.t0, 2, { send: "zero" });
        }
        yield* ipc.send(threads.t1, 0, { send: "zero" });
        yield* ipc.wait();
        yield* ipc.send(threads.t0, 0, { send: "zero" });
      },
    },
    t1: {
      cpu: 0, priority: 0,
      *run({ ipc, m0 }) {
        const v0 = yield* m0.fetchAdd(1);
        while (true) {
          yield* ipc.wait();
          yield* m0.store(1);
        }
      },
    },
  },
});

export const p8 = protocol("p8", {
  kernel: l4.kernel({ cpus: 2, message: oneOf("red", "green", "blue") }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: wrapping(3)},
  threads: {
    t0: {
      cpu: 0, count: 2,
      *run({ m0 }) {
        while (true) {
          yield* m0.write(2);
          while (yield* choose(true, false)) {
            yield* m0.write(2);
            const v0 = yield* m0.read();
            yield* m0.load();
          }
          yield* fence();
          yield* fence();
        }
      },
    },
    t1: {
      cpu: 0,
      *run({ threads, ipc, m0 }) {
        yield* m0.exchange(2);
        while (true) {
          yield* m0.load();
          yield* ipc.wait({ receive: "finite" });
          yield* ipc.send(threads.t1, "blue", { send: "zero" });
          yield* ipc.delete(threads.t1);
        }
      },
    },
  },
});

export const p9 = protocol("p9", {
  kernel: shm.kernel({ cpus: 1 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: ghost(int(0, 3)),  m1: array(2, record({ x: int(0, 2), color: oneOf("red", "green", "blue") })),  m2: record({ x: int(0, 2), ok: flag })},
  threads: {
    t0: {
      cpu: 0, count: 2,
      *run({ futex, m1, m2 }) {
        while ((1 < 0 || true)) {
          yield* m1.at(1).color.write("green");
          yield* m1.at(1).color.write("red");
        }
        yield* futex.wake(m2.x, 2);
        yield* futex.wake(m2.x, 2);
        yield* futex.wake(m2.x, 1);
      },
    },
    t1: {
      cpu: 0,
      *run({ futex, m2 }) {
        while (true) {
          yield* m2.ok.write(("green" === "red"));
          yield* m2.ok.write(false);
          yield* m2.ok.write(false);
          yield* m2.ok.exchange(false);
          yield* futex.wake(m2.x, 2);
        }
      },
    },
  },
  invariants: { small: ({ m0, limit }) => m0 < limit + 0 },
});

export const p10 = protocol("p10", {
  kernel: shm.kernel({ cpus: 2 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: int(0, 2),  m1: flag},
  threads: {
    t0: {
      cpu: 0,
      *run({ m0, m1 }) {
        const v0 = yield* twice(m0);
        while (true) {
          yield* m0.load();
          while ((yield* m1.load()) !== false) {};
          yield* m1.load();
          yield* m1.load();
        }
      },
    },
    t1: {
      cpu: 1,
      *run({ m1 }) {
        yield* waitUntil(m1, (value) => value === true);
        let v1 = yield* m1.exchange(true);
        yield* m1.exchange(false);
      },
    },
  },
  invariants: { small: ({ m0, limit }) => m0 < limit + 1 },
});

export const p11 = protocol("p11", {
  kernel: shm.kernel({ cpus: 1 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: queue(int(0, 2), 2),  word: int(0, 2)},
  threads: {
    t0: {
      cpu: 0,
      *run({ futex, word }) {
        for (const v0 of [0, 2]) {
          v0 >= 1 && (yield* word.store(v0));
        }
        yield* word.exchange(0);
        yield* futex.wake(word, 2);
        yield* word.exchange(0);
      },
    },
    t1: {
      cpu: 0,
      *run({ word }) {
        let v1 = local(int(0, 2), 0);
        v1 += 1;
        let v2 = yield* word.load();
      },
    },
  },
});

export const p12 = protocol("p12", {
  kernel: shm.kernel({ cpus: 1 }),
  parameters: { limit: 2 },
  scheduling: "priority",
  memory: { m0: record({ x: int(0, 2), ok: flag }),  m1: record({ x: int(0, 2), ok: flag })},
  threads: {
    t0: {
      cpu: 0, priority: 0,
      *run({ m0, m1 }) {
        v0: while (!(true)) {
          do {
            yield* fence();
            yield* m0.x.store(1);
          } while ((yield* m0.x.load()) === 2);
          yield* m1.x.exchange(2);
        }
        while (true) {
          yield* m1.x.exchange(2);
          yield* m0.ok.load();
          yield* m0.ok.load();
          yield* m0.x.exchange(0);
        }
      },
    },
    t1: {
      cpu: 0, priority: 0,
      *run({ threads, m1 }) {
        let v1 = threads.t1;
        let v2 = pairOf(1, false);
        yield* m1.x.load();
      },
    },
    t2: {
      cpu: 0, priority: 1, untrusted: true,
      *run({ futex, m0, m1 }) {
        while (true) {
          yield* m1.ok.store(!(false));
          yield* futex.wake(m0.x, 2);
        }
      },
    },
  },
});

export const p13 = protocol("p13", {
  kernel: l4.kernel({ cpus: 1, message: record({ a: int(0, 2), ok: bool() }) }),
  parameters: { limit: 2 },
  scheduling: "free",
  objects: { bell: l4.notification({ bits: 2 }) },
  memory: { m0: int(0, 2),  m1: array(2, record({ x: int(0, 2), color: oneOf("red", "green", "blue") })),  m2: threadId,  m3: int(0, 2, 1)},
  threads: {
    t0: {
      cpu: 0, untrusted: true,
      *run({ threads, ipc }) {
        while (true) {
          yield* ipc.send(threads.t0, { a: 1, ok: (threads.t1 === threads.t2) }, { send: "zero" });
          yield* ipc.wait({ receive: "finite" });
        }
      },
    },
    t1: {
      cpu: 0,
      *run({ m1 }) {
        yield* m1.at(0).x.write(0);
        while (true) {
          yield* m1.at(1).x.write(pairOf(0).a);
          yield* m1.at(1).color.load();
        }
      },
    },
    t2: {
      cpu: 0,
      *run({ m1 }) {
        yield* m1.at(1).color.write("green");
        let v0 = { a: 2, ok: false };
        if (yield* choose(true, false)) return;
      },
    },
  },
});

export const p14 = protocol("p14", {
  kernel: shm.kernel({ cpus: 1 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: bool(true),  m1: int(0, 2)},
  threads: {
    t0: {
      cpu: 0,
      *run({ futex, m0, m1 }) {
        while (true) {
          yield* m0.store(true);
          if (((yield* m1.load()) + (yield* m1.load())) % 2 === 0) {
            false && (yield* m1.store(1));
          }
          yield* futex.wake(m1, 1);
          yield* m1.store(2);
          yield* m1.load();
        }
      },
    },
    t1: {
      cpu: 0,
      *run({ m0, m1 }) {
        const v0 = yield* m1.fetchAdd(1);
        yield* m0.load();
        yield* fence();
      },
    },
  },
});

export const p15 = protocol("p15", {
  kernel: l4.kernel({ cpus: 2, message: int(0, 2) }),
  parameters: { limit: 2 },
  scheduling: "priority",
  memory: { m0: array(2, int(0, 2))},
  threads: {
    t0: {
      cpu: 0, priority: 0,
      *run({ m0 }) {
        yield* until(m0.at(0), 0);
        while (true) {
          yield* m0.at(0).exchange(0);
          if (yield* choose(true, false)) {
            let v0 = yield* m0.at(0).load();
          }
        }
      },
    },
    t1: {
      cpu: 1, priority: 1,
      *run({ m0 }) {
        const v1 = yield* swap(m0.at(0), 0);
        let v2 = 1;
        v2 = (v2 + (yield* m0.at(0).load())) % 3;
      },
    },
  },
});

export const p16 = protocol("p16", {
  kernel: shm.kernel({ cpus: 1 }),
  parameters: { limit: 2 },
  scheduling: "round-robin",
  memory: { m0: record({ x: int(0, 2), ok: flag })},
  threads: {
    t0: {
      cpu: 0,
      *run({ futex, m0 }) {
        while (true) {
          yield* m0.ok.load();
          yield* futex.wake(m0.x, 1);
          yield* futex.wake(m0.x, 2);
          yield* m0.x.exchange(0);
        }
      },
    },
    t1: {
      cpu: 0,
      *run({ futex, m0 }) {
        while (true) {
          yield* futex.wake(m0.x, 1);
          if ((yield* m0.ok.load()) === true) break;
          let v0 = yield* m0.ok.load();
          yield* m0.ok.load();
        }
      },
    },
  },
});

export const p17 = protocol("p17", {
  kernel: l4.kernel({ cpus: 2, message: record({ a: int(0, 2), ok: bool() }) }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: int(0, 2),  m1: record({ x: int(0, 2), ok: flag }),  m2: queue(int(0, 2), 2),  m3: ghost(int(0, 3))},
  threads: {
    t0: {
      cpu: 0, count: 2,
      *run({ threads, ipc, m1 }) {
        const v0 = yield* twice(m1.x);
        while (true) {
          yield* ipc.send(threads.t0[1], { a: 2, ok: Math.min(double(0), 1) < 2 }, { send: "zero" });
          yield* m1.x.load();
          yield* m1.x.exchange(2);
        }
      },
    },
    t1: {
      cpu: 0,
      *run({ threads, ipc, m0, m1 }) {
        const v1 = yield* swap(m0, 2);
        while (true) {
          yield* ipc.send(threads.t0[0], { a: 0, ok: (false || true) }, { send: "zero" });
          yield* m1.ok.exchange(false);
        }
      },
    },
  },
});

export const p18 = protocol("p18", {
  kernel: shm.kernel({ cpus: 1 }),
  parameters: { limit: 2 },
  scheduling: "round-robin",
  memory: { m0: array(2, int(0, 2)),  m1: ghost(int(0, 3)),  m2: wrapping(3),  m3: record({ x: int(0, 2), ok: flag })},
  threads: {
    t0: {
      cpu: 0,
      *run({ m3 }) {
        let v0 = yield* choose(1, 2);
        yield* m3.ok.load();
        yield* m3.ok.load();
      },
    },
    t1: {
      cpu: 0, untrusted: true,
      *run({ m0 }) {
        while (true) {
          yield* m0.at(0).store(0);
          yield* m0.at(1).exchange(2);
        }
      },
    },
    t2: {
      cpu: 0,
      *run({ futex, m0, m2, m3 }) {
        while (true) {
          yield* m3.x.exchange(1);
          yield* fence();
          yield* futex.wait(m2, 0, { idle: false });
          yield* m0.at(0).exchange(1);
        }
      },
    },
  },
});

export const p19 = protocol("p19", {
  kernel: l4.kernel({ cpus: 2, message: int(0, 2), atomic: true }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: ghost(int(0, 3)),  m1: ghost(int(0, 3)),  m2: array(2, record({ x: int(0, 2), color: oneOf("red", "green", "blue") })),  m3: record({ x: int(0, 2), ok: flag })},
  threads: {
    t0: {
      cpu: 0,
      *run({ m0, m2 }) {
        let v0 = yield* m2.at(1).color.load();
        v0 = v0;
        m0.value = (m0.value + 1) % 3;
      },
    },
    t1: {
      cpu: 1,
      *run({ ipc, m2 }) {
        if (yield* choose(true, false)) return;
        let v1 = pairOf(1, false);
        yield* m2.at(1).color.write("blue");
        yield* ipc.wait({ receive: "finite" });
      },
    },
    t2: {
      cpu: 1,
      *run({ m2 }) {
        if (false) return;
        true && (yield* m2.at(1).x.store(((1 ^ 1) % 3)));
      },
    },
  },
});

export const p20 = protocol("p20", {
  kernel: shm.kernel({ cpus: 2 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: ghost(int(0, 3)),  m1: threadId,  m2: oneOf("red", "green", "blue"),  word: int(0, 2)},
  threads: {
    t0: {
      cpu: 0,
      *run({ self, threads, m1, word }) {
        while (true) {
          yield* m1.store(self);
          const v0 = yield* word.compareExchange(larger(1, 0), 1);
          yield* m1.store(threads.t0);
        }
      },
    },
    t1: {
      cpu: 1,
      *run({ threads, futex, m1, m2, word }) {
        while ((nobody === threads.t2)) {
          yield* m2.load();
          yield* m1.exchange(threads.t0);
        }
        while (true) {
          yield* m2.exchange("blue");
          yield* futex.wait(word, 1, { idle: true });
          yield* m2.store("blue");
          yield* m1.exchange(nobody);
        }
      },
    },
    t2: {
      cpu: 1,
      *run({ threads }) {
        let v1 = { a: 0, ok: false };
        let v2 = threads.t0;
      },
    },
  },
});

export const p21 = protocol("p21", {
  kernel: shm.kernel({ cpus: 2 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: bool(true),  m1: queue(int(0, 2), 2),  m2: oneOf("red", "green", "blue"),  word: int(0, 2)},
  threads: {
    t0: {
      cpu: 1,
      *run({ futex, m0, m2, word }) {
        const v0 = (yield* futex.wake(word, 2)).woken > 0;
        while (true) {
          yield* word.exchange(((Math.min((0 & 1), 2) + 0) % 3));
          yield* m2.store("green");
          yield* m0.store(v0);
          yield* fence();
        }
      },
    },
    t1: {
      cpu: 0,
      *run({ m1, m0 }) {
        while (true) {
          yield* m0.store(false);
          yield* step({ when: () => m1.length > 0, do: () => m1.shift() });
          yield* m0.store(false);
        }
      },
    },
  },
  invariants: { small: ({ word, limit }) => word < limit + 1 },
});

export const p22 = protocol("p22", {
  kernel: l4.kernel({ cpus: 2, message: bool(), atomic: true }),
  parameters: { limit: 2 },
  scheduling: "priority",
  objects: { bell: l4.notification({ bits: 2 }) },
  memory: { m0: ghost(int(0, 3)),  m1: array(2, record({ x: int(0, 2), color: oneOf("red", "green", "blue") })),  m2: array(2, int(0, 2))},
  threads: {
    t0: {
      cpu: 1, priority: 1,
      *run({ m1 }) {
        let v0 = yield* m1.at(1).x.compareExchange(2, 2);
      },
    },
    t1: {
      cpu: 1, count: 2, priority: 1,
      *run({ self, index, threads, ipc, bell, m2 }) {
        while (yield* choose(true, false)) {
          yield* m2.at(index).load();
          const v1 = yield* ipc.receive(threads.t1[0], { receive: "finite" });
          const v2 = v1.error === "none" ? v1.message : true;
          const v3 = v1.error === "none" ? v1.from : self;
          yield* bell.signal(3);
        }
        yield* m2.at(index).load();
        yield* ipc.wait();
      },
    },
  },
  invariants: { small: ({ m0, limit }) => m0 < limit + 1 },
});

export const p23 = protocol("p23", {
  kernel: shm.kernel({ cpus: 1 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: int(0, 2),  m1: record({ x: int(0, 2), ok: flag }),  m2: array(2, int(0, 2))},
  threads: {
    t0: {
      cpu: 0,
      *run({ m2 }) {
        yield* m2.at(0).write(2);
      },
    },
    t1: {
      cpu: 0, count: 2,
      *run({ m1 }) {
        while (true) {
          yield* m1.ok.write(false);
          let v0 = 1;
        }
      },
    },
  },
});

export const p24 = protocol("p24", {
  kernel: l4.kernel({ cpus: 1, message: bool(), atomic: true }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: queue(int(0, 2), 2),  m1: int(0, 2)},
  threads: {
    t0: {
      cpu: 0,
      *run({ threads, ipc, m1 }) {
        assume((false || true));
        yield* m1.store(0);
        yield* ipc.send(threads.t1, false, { send: "zero" });
        yield* m1.load();
      },
    },
    t1: {
      cpu: 0,
      *run({ threads, ipc, m1 }) {
        if (false || (yield* m1.load()) === 2) return;
        const v0 = yield* m1.load();
        yield* m1.load();
        yield* ipc.send(threads.t1, v0 !== 0, { send: "finite" });
      },
    },
  },
  invariants: { small: ({ m1, limit }) => m1 < limit + 0 },
});

export const p25 = protocol("p25", {
  kernel: shm.kernel({ cpus: 2 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: bool(true),  m1: ghost(int(0, 3)),  word: int(0, 2)},
  threads: {
    t0: {
      cpu: 1,
      *run({ futex, m0, word }) {
        yield* m0.exchange(2 < 1);
        if ((yield* word.load()) === 2) {
          yield* word.load();
        }
        yield* fence();
        yield* futex.wake(word, 1);
      },
    },
    t1: {
      cpu: 0,
      *run({ m0, word }) {
        while (true) {
          yield* m0.exchange(true);
          v0: while ((nextColor("red") === "green")) {
            do {
              yield* m0.load();
              yield* m0.load();
            } while ((yield* m0.load()) === false);
            yield* word.store(0);
          }
          yield* word.exchange(1);
        }
      },
    },
    t2: {
      cpu: 1,
      *run({ m0, word }) {
        const v1 = yield* m0.exchange(false);
        while (true) {
          yield* word.exchange(2);
          yield* m0.exchange(false);
          yield* word.load();
          yield* m0.exchange(v1);
        }
      },
    },
  },
});

export const p26 = protocol("p26", {
  kernel: shm.kernel({ cpus: 1 }),
  parameters: { limit: 2 },
  scheduling: "round-robin",
  memory: { m0: array(2, int(0, 2)),  m1: queue(int(0, 2), 2)},
  threads: {
    t0: {
      cpu: 0,
      *run({ futex, m0 }) {
        while (true) {
          yield* m0.at(0).load();
          yield* futex.wait(m0.at(0), 1, { idle: true });
        }
      },
    },
    t1: {
      cpu: 0,
      *run({ futex, m0 }) {
        switch ("blue") {
          case "red":
            switch ("blue") {
              case "red":
                let v0 = nobody;
                break;
              case "green":
                if (true) {
                  yield* fence();
                } else {
                  yield* m0.at(0).write(0);
                }
            }
            break;
          case "green":
            yield* m0.at(1).store(0);
            break;
          default:
            yield* futex.wake(m0.at(1), 1);
        }
        yield* futex.wake(m0.at(0), 1);
        yield* m0.at(1).write(1);
      },
    },
  },
});

export const p27 = protocol("p27", {
  kernel: l4.kernel({ cpus: 2, message: int(0, 2), atomic: true }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: flag,  m1: array(2, int(0, 2)),  m2: bool(true),  m3: ghost(int(0, 3))},
  threads: {
    t0: {
      cpu: 1, untrusted: true,
      *run({ threads, ipc, m0 }) {
        while (true) {
          yield* ipc.send(threads.t2, 2, { send: "zero" });
          yield* m0.store(("green" === "green"));
        }
      },
    },
    t1: {
      cpu: 1,
      *run({ threads, ipc, m1 }) {
        while (true) {
          yield* ipc.send(threads.t0, 2, { send: "finite" });
          yield* ipc.send(threads.t2, 0, { send: "zero" });
          yield* ipc.send(threads.t1, 1, { send: "finite" });
          yield* m1.at(0).store(0);
        }
      },
    },
    t2: {
      cpu: 1,
      *run({ threads, ipc, m1, m2 }) {
        true && (yield* m1.at(0).store(1));
        while (true) {
          yield* m1.at(0).store(1);
          yield* m1.at(1).exchange(0);
          yield* ipc.send(threads.t0, 0, { send: "finite" });
          yield* m2.exchange(true);
        }
      },
    },
  },
});

export const p28 = protocol("p28", {
  kernel: shm.kernel({ cpus: 1 }),
  parameters: { limit: 2 },
  scheduling: "round-robin",
  memory: { m0: int(0, 2, 1),  m1: bool(true),  m2: flag},
  threads: {
    t0: {
      cpu: 0, untrusted: true,
      *run({ m0 }) {
        let v0 = local(int(0, 2), 0);
        v0 = 2 - v0;
        yield* step({ do: () => { m0.value = v0; } });
      },
    },
    t1: {
      cpu: 0,
      *run({ futex, m0, m2 }) {
        yield* m0.exchange(2);
        while (false || (yield* m0.load()) !== (false ? 0 : (1 & 1))) {
          yield* m2.exchange(false);
          yield* futex.wake(m0, 1);
        }
        yield* m0.store(0);
        yield* fence();
      },
    },
  },
});

export const p29 = protocol("p29", {
  kernel: shm.kernel({ cpus: 1 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: int(0, 2),  m1: int(0, 2),  m2: threadId},
  threads: {
    t0: {
      cpu: 0, count: 2,
      *run({ futex, m1, m2 }) {
        for (const v0 of [0, 2]) {
          const v1 = yield* m2.load();
        }
        while (true) {
          yield* m2.store(nobody);
          const v2 = (yield* futex.wait(m1, 2, { idle: true })).outcome === "woken";
          const v3 = yield* choose(0, 2);
          yield* m2.write(nobody);
        }
      },
    },
    t1: {
      cpu: 0, count: 2,
      *run({ self, m2 }) {
        while (true) {
          yield* m2.write(self);
          if (yield* choose(true, false)) continue;
          if (false) {
            yield* m2.store(self);
          }
        }
      },
    },
  },
  invariants: { small: ({ m0, limit }) => m0 < limit + 1 },
});

export const p30 = protocol("p30", {
  kernel: l4.kernel({ cpus: 2, message: record({ a: int(0, 2), ok: bool() }) }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: array(2, int(0, 2)),  m1: array(2, record({ x: int(0, 2), color: oneOf("red", "green", "blue") }))},
  threads: {
    t0: {
      cpu: 0,
      *run({ threads, ipc, m0 }) {
        let v0 = local(int(0, 2), 2);
        v0++;
        if (yield* choose(true, false)) {
          yield* ipc.send(threads.t0, { a: v0, ok: v0 === 0 }, { send: "zero" });
        } else {
          yield* m0.at(0).write(2);
        }
        yield* ipc.send(threads.t1, { a: 1, ok: v0 !== 0 }, { send: "zero" });
        yield* ipc.send(threads.t0, { a: v0, ok: v0 < 1 }, { send: "zero" });
      },
    },
    t1: {
      cpu: 1,
      *run({ threads, ipc, m0, m1 }) {
        while (true) {
          yield* m0.at(0).exchange(0);
          if ((yield* m1.at(1).color.load()) === "blue") {
            assume(true);
            yield* waitUntil(m1.at(0).x, (value) => value !== 0);
          } else {
            false && (yield* m0.at(1).store(2));
          }
          switch (nextColor("blue")) {
            case "red":
              yield* ipc.send(threads.t0, pairOf(2, false), { send: "zero" });
              break;
            case "green":
              yield* ipc.wait({ receive: "finite" });
            default:
              yield* m1.at(1).color.write("green");
          }
          yield* m1.at(1).x.exchange(1);
          yield* ipc.send(threads.t1, pairOf(2, false), { send: "zero" });
        }
      },
    },
  },
});

export const p31 = protocol("p31", {
  kernel: shm.kernel({ cpus: 2 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: int(0, 2),  m1: ghost(int(0, 3))},
  threads: {
    t0: {
      cpu: 1,
      *run({ m0 }) {
        yield* m0.load();
        yield* m0.store(0);
      },
    },
    t1: {
      cpu: 1,
      *run({ m0 }) {
        const v0 = yield* twice(m0);
      },
    },
    t2: {
      cpu: 1,
      *run({ m0 }) {
        let v1 = !(false);
        while (true) {
          yield* m0.store(2);
          yield* m0.store(2);
        }
      },
    },
  },
  invariants: { small: ({ m1, limit }) => m1 < limit + 0 },
});

export const p32 = protocol("p32", {
  kernel: l4.kernel({ cpus: 2, message: bool() }),
  parameters: { limit: 2 },
  scheduling: "free",
  objects: { bell: l4.notification({ bits: 2 }) },
  memory: { m0: queue(int(0, 2), 2),  m1: record({ x: int(0, 2), ok: flag }),  m2: int(0, 2, 1)},
  threads: {
    t0: {
      cpu: 0,
      *run({ ipc, bell, m2 }) {
        for (const v0 of [0, 2]) {
          let v1 = "green";
        }
        while (true) {
          yield* ipc.wait();
          yield* m2.store(2);
          yield* bell.signal(1);
        }
      },
    },
    t1: {
      cpu: 1, untrusted: true,
      *run({ ipc, bell, m1 }) {
        yield* bell.wait();
        yield* ipc.wait();
        yield* m1.x.write(0);
      },
    },
    t2: {
      cpu: 0,
      *run({ threads, ipc, bell, m1 }) {
        false && (yield* m1.x.store(1));
        while (true) {
          yield* bell.poll();
          yield* ipc.send(threads.t2, true, { send: "finite" });
        }
      },
    },
  },
});

export const p33 = protocol("p33", {
  kernel: shm.kernel({ cpus: 2 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: queue(int(0, 2), 2),  m1: oneOf("red", "green", "blue"),  word: int(0, 2)},
  threads: {
    t0: {
      cpu: 0, untrusted: true,
      *run({ m1 }) {
        yield* waitUntil(m1, (value) => value === "blue");
        let v0 = yield* choose("red", "red");
        v0 = nextColor("blue");
        for (const v1 of [0, 2]) {
          if ((v0 === "blue")) continue;
        }
      },
    },
    t1: {
      cpu: 1,
      *run({ m1, word }) {
        v2: while (("green" === "green")) {
          do {
            yield* word.load();
            yield* fence();
          } while (yield* choose(true, false));
          yield* m1.load();
        }
        while (true) {
          yield* m1.exchange("green");
          yield* word.load();
        }
      },
    },
  },
});

export const p34 = protocol("p34", {
  kernel: shm.kernel({ cpus: 2 }),
  parameters: { limit: 2 },
  scheduling: "priority",
  memory: { m0: oneOf("red", "green", "blue"),  word: int(0, 2)},
  threads: {
    t0: {
      cpu: 1, count: 2, priority: 0,
      *run({ futex, m0, word }) {
        const v0 = (yield* futex.wait(word, 2, { idle: true })).outcome === "woken";
        while (true) {
          yield* m0.load();
          if (true) break;
          let v1 = yield* m0.compareExchange("green", nextColor("red"));
        }
      },
    },
    t1: {
      cpu: 1, priority: 0,
      *run({ m0 }) {
        yield* m0.exchange(nextColor("red"));
      },
    },
  },
});

export const p35 = protocol("p35", {
  kernel: l4.kernel({ cpus: 1, message: oneOf("red", "green", "blue"), atomic: true }),
  parameters: { limit: 2 },
  scheduling: "priority",
  objects: { bell: l4.notification({ bits: 2 }) },
  memory: { m0: queue(int(0, 2), 2),  m1: int(0, 2),  m2: oneOf("red", "green", "blue"),  m3: oneOf("red", "green", "blue")},
  threads: {
    t0: {
      cpu: 0, priority: 1,
      *run({ m1, m3 }) {
        yield* m3.store("green");
        while (true) {
          yield* fence();
          switch ("green") {
            case "red":
              yield* m3.store("blue");
              break;
            case "green":
              yield* m1.store(2);
          }
        }
      },
    },
    t1: {
      cpu: 0, priority: 1,
      *run({ self, threads, m1, m3 }) {
        while (true) {
          yield* m3.exchange("red");
          let v0 = self;
          v0 = threads.t0;
          switch (nextColor("blue")) {
            case "red":
              yield* fence();
              break;
            case "green":
              const v1 = yield* bump(m1);
          }
        }
      },
    },
  },
});

export const p36 = protocol("p36", {
  kernel: shm.kernel({ cpus: 2 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: int(0, 2),  m1: int(0, 2, 1),  m2: int(0, 2),  m3: int(0, 2)},
  threads: {
    t0: {
      cpu: 1,
      *run({  }) {
        let v0 = pairOf(2, false);
        while (true) {
          yield* fence();
          v0 = { ...v0, a: Math.abs(((1 + 2) % 3) - 0) };
        }
      },
    },
    t1: {
      cpu: 1,
      *run({ m0, m1, m2 }) {
        if (((yield* m2.load()) + (yield* m0.load())) % 2 === 0) {
          const v1 = yield* bump(m1);
        }
        let v2 = true;
        for (const v3 of [0, 2]) {
          let v4 = nobody;
        }
      },
    },
    t2: {
      cpu: 0,
      *run({  }) {
        let v5 = (false || false);
      },
    },
  },
});

export const p37 = protocol("p37", {
  kernel: l4.kernel({ cpus: 1, message: oneOf("red", "green", "blue") }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: wrapping(3),  m1: ghost(int(0, 3))},
  threads: {
    t0: {
      cpu: 0,
      *run({ ipc }) {
        let v0 = nobody;
        for (let v1 = 0; v1 < 2; v1++) {
          for (const v2 of [0, 2]) {
            yield* fence();
          }
          yield* ipc.send(v0, "red");
        }
      },
    },
    t1: {
      cpu: 0,
      *run({ threads, ipc, m1, m0 }) {
        m1.value = 0;
        while (true) {
          yield* ipc.send(threads.t0, "blue", { send: "finite" });
          v3: while ((yield* m0.load()) === 2) {
            do {
              yield* ipc.wait();
              let v4 = local(int(0, 2), 0);
              v4++;
            } while ((yield* m0.load()) === 0);
            yield* ipc.wait();
          }
          yield* ipc.wait();
        }
      },
    },
  },
});

export const p38 = protocol("p38", {
  kernel: shm.kernel({ cpus: 1 }),
  parameters: { limit: 2 },
  scheduling: "priority",
  memory: { m0: ghost(int(0, 3)),  m1: int(0, 2),  m2: record({ x: int(0, 2), ok: flag }),  m3: int(0, 2, 1)},
  threads: {
    t0: {
      cpu: 0, priority: 0,
      *run({ limit, m2 }) {
        let v0 = limit < 2;
        yield* m2.x.exchange(2);
        yield* m2.ok.load();
      },
    },
    t1: {
      cpu: 0, priority: 1,
      *run({ futex, m1, m2, m3 }) {
        yield* step({ when: () => m2.x.value !== 2 });
        while (true) {
          yield* m1.exchange(0);
          for (const v1 of [0, 2]) {
            for (let v2 = 0; v2 < 2; v2++) {
              let v3 = v2;
              yield* m3.exchange(2);
            }
          }
          yield* futex.wake(m3, 2);
          yield* futex.wake(m2.x, 1);
        }
      },
    },
  },
});

export const p39 = protocol("p39", {
  kernel: shm.kernel({ cpus: 1 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: int(0, 2)},
  threads: {
    t0: {
      cpu: 0,
      *run({ m0 }) {
        while (true) {
          yield* m0.store(2);
          yield* waitUntil(m0, (value) => value === 2);
          let v0 = "blue";
          let v1 = local(int(0, 2), 1);
          v1 += 1;
        }
      },
    },
    t1: {
      cpu: 0,
      *run({ m0 }) {
        yield* m0.load();
        yield* m0.exchange(0);
        yield* m0.load();
      },
    },
  },
});

export const p40 = protocol("p40", {
  kernel: shm.kernel({ cpus: 1 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: array(2, int(0, 2))},
  threads: {
    t0: {
      cpu: 0,
      *run({ futex, m0 }) {
        yield* m0.at(0).store(1);
        while (true) {
          yield* fence();
          if (yield* choose(true, false)) {
            yield* futex.wait(m0.at(0), 1, { idle: false });
            yield* m0.at(0).store(0);
          } else {
            yield* m0.at(1).load();
          }
        }
      },
    },
    t1: {
      cpu: 0, untrusted: true,
      *run({ m0 }) {
        ("green" === "blue") && (yield* m0.at(0).store(0));
        while (true) {
          yield* m0.at(0).exchange(0);
          yield* m0.at(0).load();
          yield* m0.at(0).store(0);
          yield* m0.at(1).store(2);
        }
      },
    },
  },
});

export const p41 = protocol("p41", {
  kernel: shm.kernel({ cpus: 1 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: bool(true),  m1: queue(int(0, 2), 2),  word: int(0, 2)},
  threads: {
    t0: {
      cpu: 0,
      *run({ m0, word }) {
        let v0 = nextColor("red");
        let v1 = 1;
        yield* m0.store(v1 < 2);
        yield* word.load();
      },
    },
    t1: {
      cpu: 0,
      *run({ futex, m0, word }) {
        let v2 = larger(2, 2);
        while (true) {
          yield* m0.load();
          yield* m0.exchange(v2 !== 2);
          yield* m0.exchange(v2 < 0);
          yield* futex.wait(word, 2, { idle: true });
        }
      },
    },
  },
});

export const p42 = protocol("p42", {
  kernel: shm.kernel({ cpus: 1 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: bool(true),  m1: wrapping(3),  m2: array(2, record({ x: int(0, 2), color: oneOf("red", "green", "blue") })),  m3: bool(true)},
  threads: {
    t0: {
      cpu: 0,
      *run({ m1, m2, m3 }) {
        while (true) {
          yield* m2.at(1).color.load();
          switch ("green") {
            case "red":
              for (const v0 of [0, 2]) {
                v0 === 1 && (yield* m1.store(v0));
              }
              break;
            case "green":
              for (const v1 of [0, 2]) {
                let v2 = nextColor("green");
              }
            default:
              yield* m3.store(false);
          }
          yield* m2.at(1).color.load();
          yield* fence();
        }
      },
    },
    t1: {
      cpu: 0,
      *run({ m0, m1, m2 }) {
        if (((yield* m2.at(1).x.load()) + (yield* m1.load())) % 2 === 0) {
          if (true) {
            yield* m0.load();
            yield* m2.at(1).x.exchange(0);
          }
        }
      },
    },
  },
  invariants: { small: ({ m1, limit }) => m1 < limit + 0 },
});

export const p43 = protocol("p43", {
  kernel: l4.kernel({ cpus: 1, message: record({ a: int(0, 2), ok: bool() }) }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: array(2, record({ x: int(0, 2), color: oneOf("red", "green", "blue") })),  m1: array(2, int(0, 2)),  m2: oneOf("red", "green", "blue")},
  threads: {
    t0: {
      cpu: 0,
      *run({ threads, ipc }) {
        let v0 = pairOf(1, !(!(false)));
        while (true) {
          yield* ipc.wait({ receive: "finite" });
          yield* ipc.send(threads.t1, v0, { send: "zero" });
          yield* ipc.send(threads.t2, v0);
          yield* ipc.wait();
        }
      },
    },
    t1: {
      cpu: 0, untrusted: true,
      *run({ self, threads, ipc, m0, m1 }) {
        const v1 = yield* ipc.call(threads.t2, { a: Math.min(1, 0), ok: true }, { receive: "zero" });
        const v2 = v1.error === "none" ? v1.message : { a: 1, ok: true };
        const v3 = v1.error === "none" ? v1.from : self;
        while (true) {
          yield* m1.at(0).load();
          yield* m0.at(1).color.exchange("red");
        }
      },
    },
    t2: {
      cpu: 0,
      *run({ m0 }) {
        while (true) {
          yield* m0.at(0).x.store(0);
          yield* m0.at(0).x.store(0);
          yield* m0.at(0).x.store(0);
          yield* m0.at(0).x.store(0);
        }
      },
    },
  },
});

export const p44 = protocol("p44", {
  kernel: shm.kernel({ cpus: 2 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: record({ x: int(0, 2), ok: flag }),  m1: flag,  m2: array(2, int(0, 2))},
  threads: {
    t0: {
      cpu: 1,
      *run({ m0 }) {
        yield* step({ when: () => m0.x.value > 0, do: () => { m0.x.value -= 1; } });
      },
    },
    t1: {
      cpu: 1,
      *run({ futex, m0, m2 }) {
        if (((yield* m2.at(0).load()) + (yield* m0.x.load())) % 2 === 0) {
          yield* futex.wake(m2.at(0), 2);
        }
        let v0 = yield* m2.at(0).load();
        yield* m2.at(0).load();
        yield* futex.wake(m2.at(0), 2);
      },
    },
  },
});

export const p45 = protocol("p45", {
  kernel: l4.kernel({ cpus: 2, message: int(0, 2), atomic: true }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: oneOf("red", "green", "blue"),  m1: int(0, 2),  m2: ghost(int(0, 3))},
  threads: {
    t0: {
      cpu: 1,
      *run({ threads, ipc, m2, m1 }) {
        while (true) {
          yield* ipc.send(threads.t2, 1, { send: "zero" });
          m2.value += 1;
        }
        while (true) {
          yield* ipc.send(threads.t2, 2, { send: "zero" });
          yield* m1.exchange(2);
          yield* ipc.send(threads.t1, 1, { send: "finite" });
        }
      },
    },
    t1: {
      cpu: 1, untrusted: true,
      *run({ m2, m1 }) {
        m2.value = (m2.value + 1) % 3;
        yield* m1.load();
      },
    },
    t2: {
      cpu: 0,
      *run({ threads, ipc }) {
        let v0 = yield* choose(0, 2);
        while (true) {
          yield* ipc.send(threads.t1, 0, { send: "zero" });
          yield* ipc.send(threads.t1, v0, { send: "zero" });
        }
      },
    },
  },
});

export const p46 = protocol("p46", {
  kernel: l4.kernel({ cpus: 1, message: int(0, 2) }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: threadId,  word: int(0, 2)},
  threads: {
    t0: {
      cpu: 0,
      *run({ threads, ipc, word }) {
        let v0 = local(int(0, 2), 2);
        v0++;
        yield* step({ when: () => word.value !== 0 });
        const v1 = yield* word.fetchAdd(1);
        if (((yield* word.load()) + (yield* word.load())) % 2 === 0) {
          yield* ipc.cancel(threads.t0);
        }
      },
    },
    t1: {
      cpu: 0,
      *run({ ipc, m0, word }) {
        for (let v2 = 0; v2 < 2; v2++) {
          for (let v3 = 0; v3 < 2; v3++) {
            yield* m0.load();
            yield* ipc.wait({ receive: "finite" });
          }
        }
        yield* word.write(0);
        yield* m0.load();
        yield* word.exchange(0);
      },
    },
    t2: {
      cpu: 0,
      *run({ ipc, m0, word }) {
        for (const v4 of [0, 2]) {
          if (((yield* word.load()) + (yield* word.load())) % 2 === 0) {
            while (!(v4 < 0)) {
              yield* m0.load();
              yield* word.write(v4);
            }
          }
        }
        yield* word.store(0);
        yield* ipc.wait();
        yield* word.store(0);
      },
    },
  },
});

export const p47 = protocol("p47", {
  kernel: l4.kernel({ cpus: 1, message: oneOf("red", "green", "blue"), atomic: true }),
  parameters: { limit: 2 },
  scheduling: "priority",
  objects: { bell: l4.notification({ bits: 2 }) },
  memory: { m0: array(2, int(0, 2)),  m1: record({ x: int(0, 2), ok: flag }),  m2: queue(int(0, 2), 2),  m3: wrapping(3)},
  threads: {
    t0: {
      cpu: 0, priority: 0,
      *run({ bell, m3 }) {
        yield* bell.signal(2);
        false && (yield* m3.store(1));
        let v0 = (nextColor("red") === "green");
      },
    },
    t1: {
      cpu: 0, priority: 0, untrusted: true,
      *run({ ipc, bell, m1 }) {
        while (true) {
          yield* m1.ok.store(false);
          yield* ipc.wait();
          yield* bell.signal(1);
        }
      },
    },
  },
  invariants: { small: ({ m3, limit }) => m3 < limit + 0 },
});

export const p48 = protocol("p48", {
  kernel: l4.kernel({ cpus: 2, message: record({ a: int(0, 2), ok: bool() }), atomic: true }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: int(0, 2),  m1: oneOf("red", "green", "blue")},
  threads: {
    t0: {
      cpu: 1,
      *run({ threads, ipc, m0, m1 }) {
        v0: while ((yield* m0.load()) !== 1) {
          do {
            yield* ipc.wait();
            yield* ipc.send(threads.t0, pairOf(2, true), { send: "zero" });
          } while (false);
          yield* m1.store("green");
        }
        while (true) {
          yield* ipc.send(threads.t2, { a: 0, ok: false }, { send: "zero" });
          yield* m0.exchange(1);
          yield* m1.exchange(nextColor("green"));
        }
      },
    },
    t1: {
      cpu: 0,
      *run({ threads, ipc, m1 }) {
        yield* ipc.send(threads.t1, pairOf(0, false), { send: "zero" });
        yield* m1.load();
        yield* m1.exchange(nextColor("green"));
      },
    },
    t2: {
      cpu: 1,
      *run({ ipc, m1 }) {
        if ((yield* m1.load()) === nextColor("blue")) return;
        yield* ipc.wait();
      },
    },
  },
  invariants: { small: ({ m0, limit }) => m0 < limit + 1 },
});

export const p49 = protocol("p49", {
  kernel: shm.kernel({ cpus: 1 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: ghost(int(0, 3)),  m1: ghost(int(0, 3)),  word: int(0, 2)},
  threads: {
    t0: {
      cpu: 0,
      *run({ word }) {
        while (true) {
          yield* word.load();
          yield* word.exchange(1);
        }
      },
    },
    t1: {
      cpu: 0, count: 2,
      *run({ futex, word }) {
        v0: while (false) {
          do {
            yield* word.load();
            const v1 = yield* swap(word, 2);
          } while (true);
          yield* word.load();
        }
        while (true) {
          yield* futex.wake(word, 2);
          yield* word.exchange(0);
        }
      },
    },
  },
});

export const p50 = protocol("p50", {
  kernel: shm.kernel({ cpus: 1 }),
  parameters: { limit: 2 },
  scheduling: "priority",
  memory: { m0: threadId,  m1: int(0, 2)},
  threads: {
    t0: {
      cpu: 0, count: 2, priority: 0,
      *run({ threads, m0, m1 }) {
        if (true) {
          let v0 = (nextColor("green") === "green");
        }
        while (true) {
          yield* m0.store(threads.t1);
          yield* m1.exchange(0);
          yield* m1.store(0);
          yield* m1.store(1);
        }
      },
    },
    t1: {
      cpu: 0, priority: 0,
      *run({ threads, m0, m1 }) {
        if ((yield* m0.load()) !== threads.t0[0]) {
          yield* m1.store(0);
        }
        yield* m0.store(nobody);
        yield* m1.load();
        yield* fence();
      },
    },
  },
});

export const p51 = protocol("p51", {
  kernel: shm.kernel({ cpus: 1 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: oneOf("red", "green", "blue"),  m1: flag,  m2: record({ x: int(0, 2), ok: flag })},
  threads: {
    t0: {
      cpu: 0, count: 2,
      *run({ m2 }) {
        while (true) {
          yield* m2.ok.load();
          yield* m2.ok.load();
        }
      },
    },
    t1: {
      cpu: 0, count: 2,
      *run({ m0, m1, m2 }) {
        yield* waitUntil(m2.ok, (value) => value !== false);
        while (true) {
          yield* m1.load();
          yield* m1.load();
          yield* m0.load();
        }
      },
    },
  },
});

export const p52 = protocol("p52", {
  kernel: shm.kernel({ cpus: 1 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: array(2, record({ x: int(0, 2), color: oneOf("red", "green", "blue") })),  m1: wrapping(3),  m2: int(0, 2),  m3: ghost(int(0, 3))},
  threads: {
    t0: {
      cpu: 0,
      *run({  }) {
        let v0 = false;
      },
    },
    t1: {
      cpu: 0,
      *run({ m3, m0, m2 }) {
        m3.value += 1;
        yield* fence();
        yield* m0.at(0).x.store(1);
        yield* m2.store(1);
      },
    },
  },
  invariants: { small: ({ m3, limit }) => m3 < limit + 0 },
});

export const p53 = protocol("p53", {
  kernel: l4.kernel({ cpus: 2, message: int(0, 2) }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: ghost(int(0, 3)),  m1: threadId,  m2: wrapping(3)},
  threads: {
    t0: {
      cpu: 0,
      *run({ threads, ipc, m2 }) {
        while (true) {
          yield* m2.load();
          yield* step({ when: () => m2.value === m2.value, do: () => { m2.value = (m2.value + 1) % 3; } });
          yield* ipc.send(threads.t0, 0, { send: "zero" });
          yield* ipc.send(threads.t1, 2, { send: "finite" });
        }
      },
    },
    t1: {
      cpu: 1,
      *run({ self, threads, ipc, m1, m2 }) {
        while (true) {
          yield* ipc.send(threads.t1, 1, { send: "zero" });
          if (yield* choose(true, false)) {
            const v0 = yield* twice(m2);
            yield* m1.store(self);
          }
          yield* m1.load();
        }
      },
    },
  },
});

export const p54 = protocol("p54", {
  kernel: shm.kernel({ cpus: 2 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: oneOf("red", "green", "blue"),  word: int(0, 2)},
  threads: {
    t0: {
      cpu: 1,
      *run({ m0 }) {
        yield* m0.exchange("blue");
      },
    },
    t1: {
      cpu: 0,
      *run({ futex, word }) {
        yield* futex.wake(word, 2);
        const v0 = yield* bump(word);
        yield* word.exchange(1);
      },
    },
    t2: {
      cpu: 1,
      *run({ m0, word }) {
        (nextColor("blue") === "red") && (yield* word.store(1));
        while (true) {
          yield* m0.store("blue");
          yield* m0.store("green");
          yield* m0.exchange("red");
        }
      },
    },
  },
});

export const p55 = protocol("p55", {
  kernel: shm.kernel({ cpus: 1 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: bool(true),  m1: int(0, 2, 1),  m2: oneOf("red", "green", "blue"),  m3: array(2, record({ x: int(0, 2), color: oneOf("red", "green", "blue") }))},
  threads: {
    t0: {
      cpu: 0,
      *run({ m3 }) {
        while (true) {
          yield* m3.at(0).x.load();
          yield* m3.at(1).color.load();
          yield* m3.at(0).x.load();
        }
      },
    },
    t1: {
      cpu: 0,
      *run({ m0, m2, m3 }) {
        while (true) {
          yield* m2.load();
          yield* waitUntil(m0, (value) => value === false);
          yield* m3.at(1).x.store(pairOf(2).a);
        }
      },
    },
  },
});

export const p56 = protocol("p56", {
  kernel: l4.kernel({ cpus: 1, message: record({ a: int(0, 2), ok: bool() }) }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: ghost(int(0, 3)),  word: int(0, 2)},
  threads: {
    t0: {
      cpu: 0,
      *run({ threads, ipc, word }) {
        yield* waitUntil(word, (value) => value !== 0);
        while (true) {
          yield* ipc.wait();
          yield* ipc.send(threads.t0, pairOf(0, false), { send: "zero" });
          yield* ipc.wait();
        }
      },
    },
    t1: {
      cpu: 0,
      *run({ threads, ipc, word }) {
        let v0 = threads.t2;
        while (true) {
          yield* ipc.wait({ receive: "finite" });
          yield* word.write(1);
        }
      },
    },
    t2: {
      cpu: 0,
      *run({ word }) {
        yield* word.store(0);
      },
    },
  },
});

export const p57 = protocol("p57", {
  kernel: shm.kernel({ cpus: 1 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: ghost(int(0, 3)),  m1: flag,  word: int(0, 2)},
  threads: {
    t0: {
      cpu: 0, untrusted: true,
      *run({ m0, m1, word }) {
        const v0 = yield* swap(word, 1);
        m0.value += 1;
        yield* m1.load();
        yield* word.load();
      },
    },
    t1: {
      cpu: 0,
      *run({ self, threads, word }) {
        while ((yield* word.load()) === 2) {};
        if ((threads.t0 === self)) return;
      },
    },
    t2: {
      cpu: 0,
      *run({ futex, m1, word }) {
        while (true) {
          yield* futex.wait(word, 1, { idle: false });
          const v1 = (yield* futex.wait(word, 1, { idle: true })).outcome === "woken";
          for (let v2 = 0; v2 < 2; v2++) {
            if (v2 !== 2) {
              while ((yield* m1.load()) !== true) {};
              let v3 = v1;
            }
          }
          if ((yield* word.load()) !== 1) {
            yield* futex.wait(word, 0, { idle: false });
          } else {
            yield* fence();
          }
        }
      },
    },
  },
});

export const p58 = protocol("p58", {
  kernel: l4.kernel({ cpus: 1, message: oneOf("red", "green", "blue") }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: queue(int(0, 2), 2),  m1: int(0, 2)},
  threads: {
    t0: {
      cpu: 0,
      *run({ ipc, m1 }) {
        let v0 = pairOf(2, true);
        const v1 = yield* m1.fetchAdd(-1);
        yield* ipc.wait({ receive: "finite" });
      },
    },
    t1: {
      cpu: 0,
      *run({ self, threads, ipc, m1 }) {
        while (true) {
          yield* ipc.send(threads.t0, nextColor("green"), { send: "zero" });
          yield* m1.load();
          while ((threads.t1 === self) || (yield* m1.load()) !== 1) {
            yield* ipc.send(threads.t1, "red", { send: "zero" });
            yield* fence();
          }
        }
      },
    },
  },
});

export const p59 = protocol("p59", {
  kernel: shm.kernel({ cpus: 2 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: int(0, 2)},
  threads: {
    t0: {
      cpu: 0,
      *run({ futex, m0 }) {
        if ((nextColor("green") === "blue") && (yield* m0.load()) === 0) {
          yield* m0.store(0);
          yield* m0.exchange(2);
        } else {
          yield* fence();
        }
        while (true) {
          yield* m0.load();
          yield* futex.wait(m0, 2, { idle: true });
        }
      },
    },
    t1: {
      cpu: 0,
      *run({ futex, m0 }) {
        while (true) {
          yield* m0.exchange(2);
          yield* futex.wake(m0, 1);
          yield* m0.load();
          yield* futex.wake(m0, 2);
        }
      },
    },
  },
});

export const p60 = protocol("p60", {
  kernel: shm.kernel({ cpus: 1 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: threadId,  m1: record({ x: int(0, 2), ok: flag })},
  threads: {
    t0: {
      cpu: 0, count: 2,
      *run({  }) {
        yield* fence();
      },
    },
    t1: {
      cpu: 0,
      *run({ self, futex, m0, m1 }) {
        while (true) {
          yield* futex.wait(m1.x, 2, { idle: true });
          yield* m1.x.store(((1 + 1) % 3));
          yield* m0.write(self);
        }
      },
    },
  },
});

export const p61 = protocol("p61", {
  kernel: shm.kernel({ cpus: 2 }),
  parameters: { limit: 2 },
  scheduling: "priority",
  memory: { m0: queue(int(0, 2), 2),  m1: ghost(int(0, 3)),  m2: queue(int(0, 2), 2),  m3: array(2, int(0, 2))},
  threads: {
    t0: {
      cpu: 0, priority: 1,
      *run({ m1, m3 }) {
        m1.value = (m1.value + 1) % 3;
        yield* m3.at(1).load();
        yield* m3.at(1).load();
        yield* m3.at(1).store(0);
      },
    },
    t1: {
      cpu: 0, priority: 0, untrusted: true,
      *run({ m3 }) {
        let v0 = yield* choose(2, 0);
        yield* m3.at(0).exchange(v0);
      },
    },
  },
});

export const p62 = protocol("p62", {
  kernel: l4.kernel({ cpus: 2, message: oneOf("red", "green", "blue"), atomic: true }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: record({ x: int(0, 2), ok: flag }),  m1: ghost(int(0, 3)),  m2: int(0, 2, 1)},
  threads: {
    t0: {
      cpu: 1, untrusted: true,
      *run({ m0 }) {
        while (true) {
          yield* m0.x.load();
          yield* m0.x.store(2);
          yield* fence();
        }
      },
    },
    t1: {
      cpu: 0,
      *run({ m2 }) {
        const v0 = yield* swap(m2, 2);
      },
    },
  },
});

export const p63 = protocol("p63", {
  kernel: shm.kernel({ cpus: 1 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: int(0, 2),  m1: oneOf("red", "green", "blue")},
  threads: {
    t0: {
      cpu: 0,
      *run({ m0, m1 }) {
        yield* m1.exchange(nextColor("green"));
        yield* m0.exchange(1);
        if ((yield* m0.load()) !== 2) {
          yield* m0.load();
        }
      },
    },
    t1: {
      cpu: 0, untrusted: true,
      *run({ futex, m0, m1 }) {
        const v0 = (yield* futex.wait(m0, 2)).outcome === "woken";
        while (true) {
          yield* m0.exchange(1);
          yield* m1.load();
          yield* futex.wait(m0, 0, { idle: true });
        }
      },
    },
  },
});

export const p64 = protocol("p64", {
  kernel: l4.kernel({ cpus: 1, message: int(0, 2) }),
  parameters: { limit: 2 },
  scheduling: "priority",
  objects: { bell: l4.notification({ bits: 2 }) },
  memory: { m0: bool(true),  word: int(0, 2)},
  threads: {
    t0: {
      cpu: 0, priority: 0,
      *run({ word }) {
        if ((yield* word.load()) !== pairOf(2).a) return;
        yield* word.exchange(1);
      },
    },
    t1: {
      cpu: 0, priority: 1,
      *run({ threads, ipc, m0, word }) {
        const { error: v0, phase: v2 } = yield* ipc.receive(threads.t2, { idle: true });
        const v1 = v0 === "none" || v2 === "send";
        yield* word.exchange(2);
        yield* m0.load();
      },
    },
    t2: {
      cpu: 0, priority: 0,
      *run({ bell, m0, word }) {
        while (true) {
          yield* bell.signal(0);
          yield* m0.exchange(false);
          yield* word.exchange(0);
        }
      },
    },
  },
  invariants: { small: ({ word, limit }) => word < limit + 1 },
});

export const p65 = protocol("p65", {
  kernel: shm.kernel({ cpus: 1 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: record({ x: int(0, 2), ok: flag })},
  threads: {
    t0: {
      cpu: 0,
      *run({ futex, m0 }) {
        const v0 = (yield* futex.wait(m0.x, 1, { timeout: "finite" })).outcome === "woken";
        while (true) {
          yield* m0.ok.exchange(!(v0));
          yield* fence();
          yield* m0.x.load();
        }
      },
    },
    t1: {
      cpu: 0,
      *run({ futex, m0 }) {
        while (true) {
          yield* futex.wait(m0.x, 2, { idle: true });
          const v1 = yield* m0.ok.load();
          yield* m0.x.load();
          yield* m0.x.store(1);
          yield* futex.wait(m0.x, 0, { idle: false });
        }
      },
    },
  },
});

export const p66 = protocol("p66", {
  kernel: l4.kernel({ cpus: 2, message: int(0, 2), atomic: true }),
  parameters: { limit: 2 },
  scheduling: "round-robin",
  memory: { m0: array(2, record({ x: int(0, 2), color: oneOf("red", "green", "blue") })),  m1: bool(true),  m2: array(2, int(0, 2)),  m3: int(0, 2)},
  threads: {
    t0: {
      cpu: 1,
      *run({ threads, ipc, m1 }) {
        while (true) {
          yield* ipc.send(threads.t0, 1, { send: "zero" });
          if (!(false)) break;
          yield* m1.store(true);
          yield* m1.store(true);
        }
      },
    },
    t1: {
      cpu: 1,
      *run({  }) {
        let v0 = local(int(0, 2), 1);
        v0 += 1;
      },
    },
  },
});

export const p67 = protocol("p67", {
  kernel: l4.kernel({ cpus: 1, message: int(0, 2), atomic: true }),
  parameters: { limit: 2 },
  scheduling: "priority",
  memory: { m0: ghost(int(0, 3)),  m1: array(2, int(0, 2)),  m2: int(0, 2)},
  threads: {
    t0: {
      cpu: 0, priority: 0,
      *run({ threads, ipc, m0, m1 }) {
        m0.value = (m0.value + 1) % 3;
        while (true) {
          yield* m1.at(0).exchange(2);
          yield* ipc.cancel(threads.t2);
          yield* ipc.send(threads.t2, 2);
          yield* ipc.send(threads.t1, 0, { send: "zero" });
        }
      },
    },
    t1: {
      cpu: 0, priority: 1,
      *run({ self, threads, ipc }) {
        const v0 = yield* ipc.replyWait(threads.t2, 2, { send: "zero", idle: true });
        const v1 = v0.error === "none" ? v0.message : 2;
        const v2 = v0.error === "none" ? v0.from : self;
      },
    },
    t2: {
      cpu: 0, priority: 1,
      *run({ threads, ipc, m2 }) {
        if ((false || false)) {
          yield* ipc.send(threads.t1, 2, { send: "zero" });
          yield* ipc.send(threads.t1, 0, { send: "zero" });
        } else {
          yield* fence();
        }
        yield* ipc.send(threads.t0, 0, { send: "zero" });
        yield* m2.store(1);
      },
    },
  },
  invariants: { small: ({ m0, limit }) => m0 < limit + 0 },
});

export const p68 = protocol("p68", {
  kernel: shm.kernel({ cpus: 1 }),
  parameters: { limit: 2 },
  scheduling: "round-robin",
  memory: { m0: record({ x: int(0, 2), ok: flag }),  m1: array(2, record({ x: int(0, 2), color: oneOf("red", "green", "blue") })),  m2: queue(int(0, 2), 2),  m3: queue(int(0, 2), 2)},
  threads: {
    t0: {
      cpu: 0, untrusted: true,
      *run({ m0 }) {
        yield* m0.x.store(2);
        while (true) {
          yield* m0.x.exchange(0);
          yield* m0.x.exchange(2);
        }
      },
    },
    t1: {
      cpu: 0, count: 2,
      *run({ m0 }) {
        let v0 = yield* m0.ok.load();
        while (true) {
          yield* m0.ok.load();
          yield* fence();
        }
      },
    },
  },
});

export const p69 = protocol("p69", {
  kernel: shm.kernel({ cpus: 1 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: array(2, int(0, 2)),  m1: record({ x: int(0, 2), ok: flag })},
  threads: {
    t0: {
      cpu: 0,
      *run({ futex, m0, m1 }) {
        while (true) {
          yield* m0.at(1).exchange(1);
          const v0 = (yield* futex.wait(m1.x, 1, { timeout: "finite" })).outcome === "woken";
        }
      },
    },
    t1: {
      cpu: 0,
      *run({  }) {
        let v1 = local(int(0, 2), 0);
        v1 += 1;
        let v2 = "red";
      },
    },
  },
});

export const p70 = protocol("p70", {
  kernel: shm.kernel({ cpus: 1 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: array(2, int(0, 2))},
  threads: {
    t0: {
      cpu: 0,
      *run({ m0 }) {
        yield* m0.at(0).store(1);
        if (((yield* m0.at(0).load()) + (yield* m0.at(0).load())) % 2 === 0) {
          switch ("red") {
            case "red":
              const v0 = yield* m0.at(1).fetchAdd(-1);
              break;
            case "green":
              yield* m0.at(0).load();
          }
        }
        yield* m0.at(0).load();
      },
    },
    t1: {
      cpu: 0,
      *run({ futex, m0 }) {
        v1: while ((yield* m0.at(0).load()) === ((2 + (2 & 1)) % 3)) {
          do {
            yield* m0.at(0).store(1);
            yield* m0.at(0).load();
          } while ((yield* m0.at(0).load()) === 2);
          yield* futex.wake(m0.at(0), 2);
        }
        yield* m0.at(0).store(1);
        yield* futex.wait(m0.at(0), 1, { idle: true });
      },
    },
    t2: {
      cpu: 0,
      *run({  }) {
        for (const v2 of [0, 2]) {
          let v3 = nextColor("blue");
        }
      },
    },
  },
});

export const p71 = protocol("p71", {
  kernel: l4.kernel({ cpus: 2, message: oneOf("red", "green", "blue") }),
  parameters: { limit: 2 },
  scheduling: "round-robin",
  memory: { m0: record({ x: int(0, 2), ok: flag }),  m1: int(0, 2, 1),  m2: int(0, 2),  m3: queue(int(0, 2), 2)},
  threads: {
    t0: {
      cpu: 1,
      *run({ threads, ipc, m2 }) {
        let v0 = ("red" === "blue");
        while (true) {
          yield* ipc.send(threads.t1, "green", { send: "finite" });
          yield* ipc.wait();
          yield* m2.store(1);
        }
      },
    },
    t1: {
      cpu: 0,
      *run({ threads, ipc, m0 }) {
        if (yield* choose(true, false)) {
          let v1 = (1 & 1);
        } else {
          yield* m0.x.exchange(2);
        }
        yield* ipc.send(threads.t1, "green", { send: "finite" });
        yield* ipc.send(threads.t1, "blue", { send: "zero" });
      },
    },
  },
});

export const p72 = protocol("p72", {
  kernel: shm.kernel({ cpus: 2 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: flag,  m1: int(0, 2, 1),  m2: flag,  m3: ghost(int(0, 3))},
  threads: {
    t0: {
      cpu: 0,
      *run({ m3, m1 }) {
        yield* step({ when: () => m1.value > 0, do: () => { m1.value -= 1; } });
        if (((yield* m1.load()) + (yield* m1.load())) % 2 === 0) {
          m3.value += 1;
        }
        yield* m1.exchange(1);
      },
    },
    t1: {
      cpu: 0,
      *run({ futex, m3, m0, m1, m2 }) {
        if (((yield* m1.load()) + (yield* m1.load())) % 2 === 0) {
          m3.value = (m3.value + 1) % 3;
        }
        while (true) {
          yield* m2.load();
          yield* m0.store(false);
          yield* futex.wake(m1, 2);
        }
      },
    },
  },
});

export const p73 = protocol("p73", {
  kernel: shm.kernel({ cpus: 2 }),
  parameters: { limit: 2 },
  scheduling: "priority",
  memory: { m0: array(2, int(0, 2)),  m1: ghost(int(0, 3)),  m2: array(2, record({ x: int(0, 2), color: oneOf("red", "green", "blue") })),  m3: ghost(int(0, 3))},
  threads: {
    t0: {
      cpu: 1, priority: 0,
      *run({ futex, m2 }) {
        while (true) {
          yield* futex.wake(m2.at(1).x, 1);
          if (0 < 1) {
            yield* m2.at(0).x.exchange(0);
          } else {
            yield* m2.at(1).x.write(1);
          }
          yield* m2.at(1).color.write("red");
        }
      },
    },
    t1: {
      cpu: 1, priority: 1,
      *run({ threads, futex, m1, m0, m2 }) {
        if (false) {
          for (const v0 of [0, 2]) {
            v1: while (v0 !== 1) {
              do {
                yield* m2.at(v0 & 1).x.write(v0);
                m1.value = (m1.value + 1) % 3;
              } while ((threads.t1 === nobody));
              yield* m0.at(v0).store(v0);
            }
          }
          yield* futex.wake(m0.at(1), 2);
        } else {
          yield* m2.at(0).x.exchange(2);
        }
        yield* m0.at(1).store(0);
        yield* m0.at(0).store(0);
        yield* m0.at(0).store(0);
      },
    },
  },
});

export const p74 = protocol("p74", {
  kernel: shm.kernel({ cpus: 1 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: wrapping(3),  m1: queue(int(0, 2), 2),  m2: int(0, 2)},
  threads: {
    t0: {
      cpu: 0,
      *run({ limit, m0, m2 }) {
        while (true) {
          yield* m2.write(limit);
          yield* m2.store(0);
          yield* m2.write(1);
          yield* m0.store(1);
        }
      },
    },
    t1: {
      cpu: 0,
      *run({ futex, m0, m2 }) {
        if (!(false)) {
          yield* m2.write(0);
        } else {
          yield* m0.store(2);
        }
        while (true) {
          yield* futex.wake(m2, 2);
          yield* m2.write(0);
          yield* fence();
          yield* m0.write(0);
        }
      },
    },
    t2: {
      cpu: 0,
      *run({ m0, m2 }) {
        v0: while (("blue" === "blue")) {
          do {
            yield* m0.write(2);
            yield* m2.exchange(2);
          } while (yield* choose(true, false));
          yield* m2.store(2);
        }
      },
    },
  },
});

export const p75 = protocol("p75", {
  kernel: l4.kernel({ cpus: 1, message: oneOf("red", "green", "blue") }),
  parameters: { limit: 2 },
  scheduling: "round-robin",
  objects: { bell: l4.notification({ bits: 2 }) },
  memory: { m0: ghost(int(0, 3)),  m1: ghost(int(0, 3)),  word: int(0, 2)},
  threads: {
    t0: {
      cpu: 0,
      *run({ bell, word }) {
        yield* word.load();
        yield* bell.poll();
      },
    },
    t1: {
      cpu: 0,
      *run({ limit, word }) {
        const v0 = yield* word.compareExchange(Math.min(double(Math.min((false ? limit : 2), 1)), 2), 0);
      },
    },
  },
  invariants: { small: ({ m0, limit }) => m0 < limit + 1 },
});

export const p76 = protocol("p76", {
  kernel: l4.kernel({ cpus: 1, message: oneOf("red", "green", "blue") }),
  parameters: { limit: 2 },
  scheduling: "priority",
  memory: { m0: record({ x: int(0, 2), ok: flag }),  m1: oneOf("red", "green", "blue")},
  threads: {
    t0: {
      cpu: 0, count: 2, priority: 0,
      *run({ threads, ipc, m0, m1 }) {
        const v0 = yield* swap(m0.x, 2);
        while (true) {
          yield* ipc.send(threads.t0[0], "blue", { send: "zero" });
          yield* m1.exchange("red");
          yield* step({ when: () => m0.x.value !== 0 });
          yield* ipc.wait({ receive: "finite" });
        }
      },
    },
    t1: {
      cpu: 0, priority: 1,
      *run({ ipc, m0, m1 }) {
        if (yield* choose(true, false)) {
          if (false) {
            while ((yield* m1.load()) !== "red") {
              yield* m0.ok.exchange(false);
              yield* ipc.wait({ receive: "finite" });
              yield* m0.x.load();
            }
          } else {
            yield* m0.ok.load();
          }
        } else {
          yield* m1.exchange("blue");
        }
      },
    },
  },
});

export const p77 = protocol("p77", {
  kernel: l4.kernel({ cpus: 2, message: bool(), atomic: true }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: int(0, 2),  m1: int(0, 2),  m2: ghost(int(0, 3)),  m3: int(0, 2)},
  threads: {
    t0: {
      cpu: 1,
      *run({ threads, ipc, m0, m3 }) {
        yield* m0.exchange(Math.abs(0 - 0));
        while (true) {
          yield* ipc.send(threads.t1, false, { send: "zero" });
          yield* ipc.send(threads.t1, true, { send: "zero" });
          yield* m3.exchange(1);
        }
      },
    },
    t1: {
      cpu: 0, untrusted: true,
      *run({ self, threads, ipc, m1, m3 }) {
        const v0 = yield* ipc.replyWait(threads.t1, false, { send: "infinite", receive: "finite", idle: true });
        const v1 = v0.error === "none" ? v0.message : true;
        const v2 = v0.error === "none" ? v0.from : self;
        while (true) {
          yield* m3.exchange(2);
          const v3 = yield* m1.exchange(1);
        }
      },
    },
  },
});

export const p78 = protocol("p78", {
  kernel: shm.kernel({ cpus: 1 }),
  parameters: { limit: 2 },
  scheduling: "round-robin",
  memory: { m0: ghost(int(0, 3)),  m1: oneOf("red", "green", "blue"),  word: int(0, 2)},
  threads: {
    t0: {
      cpu: 0,
      *run({ futex, m0, word }) {
        while (true) {
          yield* futex.wake(word, 2);
          m0.value = 0;
        }
      },
    },
    t1: {
      cpu: 0,
      *run({ m1, word }) {
        const v0 = yield* word.compareExchange(0, Math.abs(((1 + double(2)) % 3) - 1));
        while (true) {
          yield* m1.load();
          yield* word.write(2);
          yield* word.load();
          yield* word.load();
        }
      },
    },
  },
});

export const p79 = protocol("p79", {
  kernel: shm.kernel({ cpus: 2 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: ghost(int(0, 3)),  m1: int(0, 2),  m2: oneOf("red", "green", "blue"),  m3: array(2, int(0, 2))},
  threads: {
    t0: {
      cpu: 1, untrusted: true,
      *run({ m3 }) {
        let v0 = { a: ((1 + pairOf(Math.abs(0 - (1 & 1))).a) % 3), ok: true };
        yield* m3.at(0).store(0);
      },
    },
    t1: {
      cpu: 0,
      *run({ m0, m2 }) {
        m0.value = (m0.value + 1) % 3;
        yield* m2.store("red");
        yield* m2.load();
      },
    },
  },
});

export const p80 = protocol("p80", {
  kernel: shm.kernel({ cpus: 1 }),
  parameters: { limit: 2 },
  scheduling: "round-robin",
  memory: { m0: int(0, 2),  m1: int(0, 2),  m2: ghost(int(0, 3)),  m3: ghost(int(0, 3))},
  threads: {
    t0: {
      cpu: 0, untrusted: true,
      *run({ m0, m1 }) {
        for (let v0 = 0; v0 < 2; v0++) {
          let v1 = yield* m1.compareExchange(0, v0);
        }
        while (true) {
          yield* m0.exchange(0);
          while (yield* choose(true, false)) {
            yield* m0.store(0);
            switch ("green") {
              case "red":
                check(false, "check 2");
                break;
              case "green":
                yield* m1.load();
                break;
              default:
                yield* m1.load();
            }
            yield* fence();
          }
        }
      },
    },
    t1: {
      cpu: 0,
      *run({ m0, m1 }) {
        if ((yield* m1.load()) !== 1) {
          yield* m0.exchange(0);
        }
        if (true) return;
        yield* m0.store(2);
        yield* m1.load();
      },
    },
    t2: {
      cpu: 0,
      *run({ threads, futex, m0, m1 }) {
        let v3 = threads.t1;
        while (true) {
          yield* m1.load();
          yield* futex.wait(m1, 0, { idle: true });
          yield* m0.exchange(2);
        }
      },
    },
  },
});

export const p81 = protocol("p81", {
  kernel: shm.kernel({ cpus: 1 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: threadId,  m1: int(0, 2)},
  threads: {
    t0: {
      cpu: 0,
      *run({ self, futex, m0, m1 }) {
        yield* futex.wait(m1, 0, { idle: false });
        while ((yield* m1.load()) !== (false ? double(0) : 1)) {
          yield* m1.load();
          yield* m0.store(self);
        }
        yield* futex.wait(m1, 2, { idle: true });
        yield* m0.load();
      },
    },
    t1: {
      cpu: 0, count: 2,
      *run({ m0, m1 }) {
        for (let v0 = 0; v0 < 2; v0++) {
          yield* m0.load();
          if (((yield* m1.load()) + (yield* m1.load())) % 2 === 0) {
            check(v0 !== 1, "check 1");
          }
        }
        yield* m1.store(0);
        yield* m1.store(2);
        yield* m0.load();
      },
    },
  },
});

export const p82 = protocol("p82", {
  kernel: l4.kernel({ cpus: 1, message: oneOf("red", "green", "blue") }),
  parameters: { limit: 2 },
  scheduling: "priority",
  memory: { m0: array(2, int(0, 2)),  m1: int(0, 2, 1)},
  threads: {
    t0: {
      cpu: 0, priority: 0,
      *run({ self, threads, ipc, m0, m1 }) {
        const v0 = yield* ipc.replyWait(threads.t0, "blue", { send: "zero", receive: "zero", idle: true });
        const v1 = v0.error === "none" ? v0.message : "red";
        const v2 = v0.error === "none" ? v0.from : self;
        while (true) {
          yield* m0.at(0).exchange(1);
          while ((yield* m1.load()) === ((0 ^ 2) % 3)) {
            yield* ipc.send(v2, v1, { send: "zero" });
            const v3 = yield* twice(m0.at(1));
          }
        }
      },
    },
    t1: {
      cpu: 0, priority: 1,
      *run({ threads, ipc, m0 }) {
        let v4 = threads.t0;
        while (true) {
          yield* ipc.send(v4, "blue", { send: "zero" });
          v5: while (false) {
            do {
              yield* m0.at(0).store(0);
              v4 = v4;
            } while (yield* choose(true, false));
            yield* fence();
          }
        }
      },
    },
  },
});

export const p83 = protocol("p83", {
  kernel: shm.kernel({ cpus: 2 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: ghost(int(0, 3)),  m1: oneOf("red", "green", "blue"),  m2: wrapping(3)},
  threads: {
    t0: {
      cpu: 1,
      *run({ futex, m1, m2 }) {
        while (true) {
          yield* m2.exchange(2);
          const v0 = (yield* futex.wake(m2, 1)).woken > 0;
          let v1 = yield* m1.exchange("red");
        }
      },
    },
    t1: {
      cpu: 1, count: 2,
      *run({ futex, m2 }) {
        let v2 = { a: ((((0 ^ Math.abs(larger(0, 2) - 0)) % 3) ^ 2) % 3), ok: true };
        yield* m2.exchange(1);
        yield* m2.write(0);
        yield* futex.wait(m2, 0, { idle: false });
      },
    },
  },
});

export const p84 = protocol("p84", {
  kernel: l4.kernel({ cpus: 2, message: bool(), atomic: true }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: threadId,  m1: wrapping(3)},
  threads: {
    t0: {
      cpu: 0,
      *run({ limit }) {
        let v0 = pairOf(limit, true);
      },
    },
    t1: {
      cpu: 1,
      *run({ self, threads, ipc, m0 }) {
        const { error: v1, phase: v3 } = yield* ipc.receive(threads.t0, { receive: "finite", idle: true });
        const v2 = v1 === "none" || v3 === "send";
        yield* m0.store(self);
      },
    },
  },
});

export const p85 = protocol("p85", {
  kernel: l4.kernel({ cpus: 1, message: record({ a: int(0, 2), ok: bool() }) }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: ghost(int(0, 3)),  m1: int(0, 2),  m2: ghost(int(0, 3))},
  threads: {
    t0: {
      cpu: 0, untrusted: true,
      *run({ threads, ipc }) {
        const { error: v0, phase: v2 } = yield* ipc.receive(threads.t1);
        const v1 = v0 === "none" || v2 === "send";
        yield* ipc.send(threads.t1, { a: 2, ok: v1 }, { send: "zero" });
        yield* ipc.send(threads.t0, pairOf(2, v1), { send: "zero" });
      },
    },
    t1: {
      cpu: 0,
      *run({ threads, ipc, m1 }) {
        while (true) {
          yield* m1.load();
          switch ("green") {
            case "red":
              yield* ipc.send(threads.t1, { a: 1, ok: true }, { send: "zero" });
              break;
            case "green":
              yield* ipc.send(threads.t0, pairOf(2, false));
              break;
            default:
              yield* m1.store(2);
          }
          yield* ipc.send(threads.t0, pairOf(0, false), { send: "zero" });
          yield* ipc.send(threads.t0, pairOf(2, false), { send: "zero" });
        }
      },
    },
  },
});

export const p86 = protocol("p86", {
  kernel: shm.kernel({ cpus: 2 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: int(0, 2, 1)},
  threads: {
    t0: {
      cpu: 1,
      *run({ m0 }) {
        v0: while (yield* choose(true, false)) {
          do {
            yield* m0.exchange(double((0 & 1)));
            yield* m0.store(2);
          } while (false);
          yield* fence();
        }
        yield* fence();
        yield* m0.exchange(2);
        yield* m0.load();
      },
    },
    t1: {
      cpu: 1,
      *run({ futex, m0 }) {
        yield* until(m0, 2);
        if (((yield* m0.load()) + (yield* m0.load())) % 2 === 0) {
          yield* m0.store(0);
        }
        yield* futex.wait(m0, 2, { idle: false });
      },
    },
  },
});

export const p87 = protocol("p87", {
  kernel: l4.kernel({ cpus: 1, message: bool() }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: flag,  m1: int(0, 2),  m2: array(2, record({ x: int(0, 2), color: oneOf("red", "green", "blue") })),  m3: int(0, 2)},
  threads: {
    t0: {
      cpu: 0,
      *run({ m2 }) {
        let v0 = "green";
        while (true) {
          yield* m2.at(1).color.load();
          const v1 = yield* twice(m2.at(0).x);
        }
      },
    },
    t1: {
      cpu: 0, count: 2,
      *run({ threads, ipc, m2 }) {
        switch ("red") {
          case "red":
            let v2 = local(int(0, 2), 0);
            v2--;
            break;
          case "green":
            const v3 = yield* m2.at(0).x.fetchAdd(0);
            break;
          default:
            yield* ipc.send(threads.t0, true);
        }
      },
    },
  },
});

export const p88 = protocol("p88", {
  kernel: l4.kernel({ cpus: 1, message: int(0, 2) }),
  parameters: { limit: 2 },
  scheduling: "priority",
  objects: { bell: l4.notification({ bits: 2 }) },
  memory: { m0: bool(true),  m1: oneOf("red", "green", "blue"),  word: int(0, 2)},
  threads: {
    t0: {
      cpu: 0, count: 2, priority: 0,
      *run({ ipc, m0 }) {
        while (true) {
          yield* ipc.wait({ receive: "finite" });
          while ((yield* m0.load()) === false) {};
          const v0 = yield* choose(0, 1);
          yield* m0.load();
        }
      },
    },
    t1: {
      cpu: 0, priority: 0, untrusted: true,
      *run({ word }) {
        const v1 = yield* word.load();
      },
    },
  },
  invariants: { small: ({ word, limit }) => word < limit + 0 },
});

export const p89 = protocol("p89", {
  kernel: shm.kernel({ cpus: 1 }),
  parameters: { limit: 2 },
  scheduling: "round-robin",
  memory: { m0: int(0, 2),  m1: int(0, 2, 1),  m2: int(0, 2)},
  threads: {
    t0: {
      cpu: 0,
      *run({ limit, futex, m0, m2 }) {
        check(limit < 2, "check 0");
        yield* m0.load();
        yield* m2.exchange(1);
        yield* futex.wait(m2, 0, { idle: false });
      },
    },
    t1: {
      cpu: 0,
      *run({ m0, m1 }) {
        if (!(false)) {
          yield* m0.load();
          yield* fence();
        } else {
          yield* m1.load();
        }
        yield* fence();
        yield* m0.load();
      },
    },
    t2: {
      cpu: 0, untrusted: true,
      *run({ futex, m0 }) {
        const v1 = yield* choose(0, 1);
        yield* futex.wake(m0, 2);
      },
    },
  },
});

export const p90 = protocol("p90", {
  kernel: l4.kernel({ cpus: 2, message: oneOf("red", "green", "blue"), atomic: true }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: ghost(int(0, 3)),  m1: int(0, 2),  m2: ghost(int(0, 3))},
  threads: {
    t0: {
      cpu: 1,
      *run({ m1 }) {
        if (yield* choose(true, false)) {
          if ((yield* m1.load()) !== 1) {
            let v0 = yield* m1.read();
          } else {
            yield* m1.write(0);
          }
        }
      },
    },
    t1: {
      cpu: 0,
      *run({ m0 }) {
        m0.value += 1;
      },
    },
    t2: {
      cpu: 1,
      *run({ m1 }) {
        yield* m1.write(2);
        const v1 = yield* m1.exchange(1);
        yield* m1.load();
      },
    },
  },
  invariants: { small: ({ m0, limit }) => m0 < limit + 1 },
});

export const p91 = protocol("p91", {
  kernel: l4.kernel({ cpus: 1, message: record({ a: int(0, 2), ok: bool() }) }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: threadId,  m1: int(0, 2, 1),  m2: queue(int(0, 2), 2),  m3: queue(int(0, 2), 2)},
  threads: {
    t0: {
      cpu: 0,
      *run({ threads, ipc, m1 }) {
        switch ("blue") {
          case "red":
            if (true) return;
            break;
          case "green":
            yield* ipc.wait();
          default:
            yield* ipc.send(threads.t1[0], { a: 2, ok: false });
        }
        yield* ipc.send(threads.t1[1], pairOf(0, true), { send: "zero" });
        yield* m1.load();
      },
    },
    t1: {
      cpu: 0, count: 2,
      *run({ m1 }) {
        while (true) {
          yield* m1.load();
          if (yield* choose(true, false)) continue;
        }
      },
    },
  },
});

export const p92 = protocol("p92", {
  kernel: l4.kernel({ cpus: 1, message: int(0, 2) }),
  parameters: { limit: 2 },
  scheduling: "priority",
  memory: { m0: bool(true),  m1: int(0, 2, 1),  m2: threadId},
  threads: {
    t0: {
      cpu: 0, priority: 1,
      *run({ threads, ipc, m0 }) {
        while (true) {
          yield* m0.store(!((threads.t0 === threads.t0)));
          yield* ipc.send(threads.t1, 0, { send: "zero" });
        }
      },
    },
    t1: {
      cpu: 0, priority: 1,
      *run({ ipc, m1, m2 }) {
        let v0 = local(int(0, 2), 0);
        v0 += 1;
        while (true) {
          yield* m2.store(nobody);
          yield* ipc.wait();
          yield* m1.store(v0);
          yield* ipc.wait({ receive: "finite" });
        }
      },
    },
  },
});

export const p93 = protocol("p93", {
  kernel: l4.kernel({ cpus: 2, message: oneOf("red", "green", "blue") }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: flag,  m1: ghost(int(0, 3)),  m2: ghost(int(0, 3)),  word: int(0, 2)},
  threads: {
    t0: {
      cpu: 1, count: 2,
      *run({ threads, ipc, m0 }) {
        let v0 = { a: 2, ok: !(true) };
        yield* ipc.send(threads.t1[0], nextColor("red"));
        yield* m0.load();
      },
    },
    t1: {
      cpu: 0, count: 2, untrusted: true,
      *run({ m1 }) {
        m1.value = (m1.value + 1) % 3;
      },
    },
  },
});

export const p94 = protocol("p94", {
  kernel: shm.kernel({ cpus: 1 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: array(2, record({ x: int(0, 2), color: oneOf("red", "green", "blue") })),  m1: threadId},
  threads: {
    t0: {
      cpu: 0,
      *run({ m0, m1 }) {
        while (true) {
          yield* m0.at(1).color.exchange("blue");
          for (let v0 = 0; v0 < 2; v0++) {
            while ((yield* m0.at(1).color.load()) === "red") {};
          }
          yield* m1.load();
        }
      },
    },
    t1: {
      cpu: 0,
      *run({ futex, m0 }) {
        v1: while (yield* choose(true, false)) {
          do {
            yield* futex.wait(m0.at(0).x, 1, { idle: false });
            false && (yield* m0.at(0).x.store(2));
          } while ((yield* m0.at(0).x.load()) === 0);
          yield* futex.wake(m0.at(0).x, 2);
        }
        yield* m0.at(1).color.load();
      },
    },
    t2: {
      cpu: 0,
      *run({ m0 }) {
        yield* m0.at(1).x.exchange(larger(2, 0));
        yield* step({});
      },
    },
  },
});

export const p95 = protocol("p95", {
  kernel: l4.kernel({ cpus: 1, message: oneOf("red", "green", "blue") }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: int(0, 2),  m1: flag,  m2: int(0, 2)},
  threads: {
    t0: {
      cpu: 0,
      *run({ threads, ipc, m1 }) {
        while ((false || false)) {
          yield* ipc.wait();
          yield* m1.store(false);
        }
        while (true) {
          yield* ipc.send(threads.t1, "red", { send: "zero" });
          yield* ipc.send(threads.t1, nextColor("blue"), { send: "zero" });
          yield* ipc.send(threads.t0, "red", { send: "zero" });
          yield* m1.load();
        }
      },
    },
    t1: {
      cpu: 0,
      *run({ m0, m1, m2 }) {
        while ((yield* m2.load()) === (true ? 0 : 1)) {
          yield* m1.load();
          yield* m1.store(false);
        }
        yield* m0.store(1);
        yield* m1.load();
      },
    },
  },
});

export const p96 = protocol("p96", {
  kernel: l4.kernel({ cpus: 1, message: int(0, 2) }),
  parameters: { limit: 2 },
  scheduling: "free",
  objects: { bell: l4.notification({ bits: 2 }) },
  memory: { m0: int(0, 2),  m1: threadId,  m2: bool(true)},
  threads: {
    t0: {
      cpu: 0,
      *run({ threads, ipc, m0 }) {
        while (true) {
          yield* ipc.send(threads.t1[1], 1, { send: "zero" });
          let v0 = "red";
          const v1 = yield* twice(m0);
        }
      },
    },
    t1: {
      cpu: 0, count: 2,
      *run({ threads, ipc, m1, m2 }) {
        let v2 = pairOf(1, (nextColor("green") === "red"));
        yield* ipc.send(threads.t0, 1, { send: "zero" });
        yield* m2.load();
        yield* m1.load();
      },
    },
  },
});

export const p97 = protocol("p97", {
  kernel: l4.kernel({ cpus: 1, message: oneOf("red", "green", "blue"), atomic: true }),
  parameters: { limit: 2 },
  scheduling: "round-robin",
  objects: { bell: l4.notification({ bits: 2 }) },
  memory: { m0: oneOf("red", "green", "blue"),  m1: int(0, 2, 1),  m2: ghost(int(0, 3))},
  threads: {
    t0: {
      cpu: 0,
      *run({  }) {
        let v0 = local(int(0, 2), 1);
        v0 = 2 - v0;
      },
    },
    t1: {
      cpu: 0,
      *run({ threads, ipc, m0, m1 }) {
        while ((yield* m0.load()) !== "red") {
          yield* m0.store("green");
          let v1 = threads.t0;
        }
        while (true) {
          yield* ipc.send(threads.t0, nextColor("green"), { send: "zero" });
          yield* waitUntil(m0, (value) => value === "green");
          while (yield* choose(true, false)) {
            yield* m0.store("red");
            yield* m0.store("blue");
            yield* m1.load();
          }
          yield* ipc.send(threads.t1, "blue", { send: "zero" });
        }
      },
    },
  },
  invariants: { small: ({ m2, limit }) => m2 < limit + 1 },
});

export const p98 = protocol("p98", {
  kernel: shm.kernel({ cpus: 1 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: oneOf("red", "green", "blue"),  word: int(0, 2)},
  threads: {
    t0: {
      cpu: 0, untrusted: true,
      *run({ word }) {
        if (((yield* word.load()) + (yield* word.load())) % 2 === 0) {
          let v0 = "green";
        }
      },
    },
    t1: {
      cpu: 0,
      *run({ m0, word }) {
        if (true && (yield* m0.load()) !== "red") return;
        while (true) {
          yield* fence();
          yield* step({ do: () => { word.value = 1; } });
        }
      },
    },
  },
});

export const p99 = protocol("p99", {
  kernel: l4.kernel({ cpus: 1, message: oneOf("red", "green", "blue"), atomic: true }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: queue(int(0, 2), 2),  m1: oneOf("red", "green", "blue"),  m2: flag,  word: int(0, 2)},
  threads: {
    t0: {
      cpu: 0,
      *run({ threads, ipc, m2, word }) {
        switch (nextColor("green")) {
          case "red":
            yield* ipc.send(threads.t1, nextColor("green"));
            break;
          case "green":
            v0: while (true) {
              do {
                yield* ipc.wait({ receive: "finite" });
                yield* ipc.send(threads.t0, "red", { send: "zero" });
              } while (yield* choose(true, false));
              yield* m2.write(false);
            }
            break;
        }
        while (true) {
          yield* ipc.send(threads.t0, "blue", { send: "zero" });
          yield* word.store(2);
        }
      },
    },
    t1: {
      cpu: 0,
      *run({ threads, ipc, m1, word }) {
        while (true) {
          yield* ipc.send(threads.t1, "blue");
          const { error: v2, phase: v4 } = yield* ipc.replyWait(threads.t0, "green", { send: "infinite", idle: true });
          const v3 = v2 === "none" || v4 === "send";
          if ((true ? 1 : 2) < 2 && (yield* word.load()) !== 0) {
            yield* ipc.send(threads.t1, "blue");
            yield* m1.write("red");
          }
          yield* ipc.send(threads.t0, "red", { send: "zero" });
        }
      },
    },
    t2: {
      cpu: 0,
      *run({ threads, ipc, m1 }) {
        if (yield* choose(true, false)) {
          yield* waitUntil(m1, (value) => value === "red");
        } else {
          let v5 = 0;
        }
        while (true) {
          yield* ipc.send(threads.t0, "red", { send: "zero" });
          yield* ipc.send(threads.t0, "red");
        }
      },
    },
  },
});
