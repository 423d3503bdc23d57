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
  kernel: shm.kernel({ cpus: 1 }),
  parameters: { limit: 2 },
  scheduling: "priority",
  memory: { m0: wrapping(3),  m1: array(2, record({ x: int(0, 2), color: oneOf("red", "green", "blue") }))},
  threads: {
    t0: {
      cpu: 0, priority: 1,
      *run({ m1 }) {
        for (const v0 of [0, 2]) {
          yield* m1.at(1).color.exchange("green");
        }
        let v1 = yield* choose(1, 0);
        yield* m1.at(0).x.exchange(v1);
      },
    },
    t1: {
      cpu: 0, priority: 1,
      *run({ m1 }) {
        true && (yield* m1.at(0).x.store(1));
        let v2 = yield* m1.at(1).color.compareExchange("blue", "blue");
        yield* m1.at(1).x.store(2);
      },
    },
  },
  invariants: { small: ({ m0, limit }) => m0 < limit + 0 },
});

export const p1 = protocol("p1", {
  kernel: shm.kernel({ cpus: 1 }),
  parameters: { limit: 2 },
  scheduling: "priority",
  memory: { m0: bool(true),  m1: oneOf("red", "green", "blue"),  word: int(0, 2)},
  threads: {
    t0: {
      cpu: 0, count: 2, priority: 1,
      *run({ futex, word }) {
        if (yield* choose(true, false)) return;
        const v0 = (yield* futex.wait(word, 0)).outcome === "woken";
      },
    },
    t1: {
      cpu: 0, count: 2, priority: 1, untrusted: true,
      *run({ m1, word }) {
        yield* until(word, 2);
        yield* m1.exchange("green");
        let v1 = pairOf(0, false);
      },
    },
  },
});

export const p2 = protocol("p2", {
  kernel: l4.kernel({ cpus: 2, message: bool() }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: threadId,  m1: array(2, record({ x: int(0, 2), color: oneOf("red", "green", "blue") })),  m2: int(0, 2, 1)},
  threads: {
    t0: {
      cpu: 1,
      *run({ threads, ipc, m1, m2 }) {
        yield* m2.exchange(2);
        while (true) {
          yield* ipc.send(threads.t0, false, { send: "zero" });
          yield* m1.at(1).color.exchange("blue");
        }
      },
    },
    t1: {
      cpu: 0,
      *run({ m1 }) {
        let v0 = local(int(0, 2), 1);
        v0++;
        const v1 = yield* m1.at(v0 & 1).x.load();
      },
    },
  },
});

export const p3 = protocol("p3", {
  kernel: l4.kernel({ cpus: 2, message: int(0, 2) }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: array(2, int(0, 2)),  m1: int(0, 2)},
  threads: {
    t0: {
      cpu: 1,
      *run({ threads, ipc, m0 }) {
        for (let v0 = 0; v0 < 2; v0++) {
          yield* m0.at(0).store(2);
          yield* ipc.send(threads.t0, 0, { send: "zero" });
        }
      },
    },
    t1: {
      cpu: 1,
      *run({ self, threads, ipc }) {
        if (yield* choose(true, false)) {
          const v1 = yield* ipc.wait();
          const v2 = v1.error === "none" ? v1.message : 1;
          const v3 = v1.error === "none" ? v1.from : self;
          yield* ipc.send(v3, 0, { send: "finite" });
        }
        yield* ipc.send(threads.t1, 0, { send: "zero" });
        yield* ipc.send(threads.t0, 2, { send: "zero" });
      },
    },
    t2: {
      cpu: 1,
      *run({ threads, ipc, m0, m1 }) {
        for (const v4 of [0, 2]) {
          v5: while (v4 !== 1) {
            do {
              yield* m1.exchange(1);
              yield* ipc.send(threads.t2, 2, { send: "zero" });
            } while ((yield* m0.at(0).load()) !== 1);
            yield* m0.at(0).store(v4);
          }
        }
        yield* m0.at(1).exchange(1);
      },
    },
  },
});

export const p4 = protocol("p4", {
  kernel: shm.kernel({ cpus: 1 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: array(2, record({ x: int(0, 2), color: oneOf("red", "green", "blue") })),  m1: ghost(int(0, 3)),  m2: int(0, 2)},
  threads: {
    t0: {
      cpu: 0,
      *run({ m2 }) {
        let v0 = 1;
        const v1 = yield* twice(m2);
      },
    },
    t1: {
      cpu: 0, count: 2,
      *run({ m2 }) {
        switch (nextColor("red")) {
          case "red":
            if ((true || false)) {
              yield* m2.exchange(1);
            } else {
              yield* m2.load();
            }
            break;
          case "green":
            yield* m2.load();
        }
      },
    },
  },
});

export const p5 = protocol("p5", {
  kernel: shm.kernel({ cpus: 2 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: queue(int(0, 2), 2),  m1: int(0, 2, 1)},
  threads: {
    t0: {
      cpu: 0,
      *run({ threads, m1 }) {
        while (true) {
          yield* m1.exchange(1);
          let v0 = (nobody === threads.t1);
          yield* m1.store(1);
        }
      },
    },
    t1: {
      cpu: 0,
      *run({ m1 }) {
        while (true) {
          yield* m1.store(1);
          let v1 = 1;
        }
      },
    },
  },
});

export const p6 = protocol("p6", {
  kernel: l4.kernel({ cpus: 2, message: record({ a: int(0, 2), ok: bool() }), atomic: true }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: flag,  m1: int(0, 2),  m2: oneOf("red", "green", "blue"),  m3: ghost(int(0, 3))},
  threads: {
    t0: {
      cpu: 1,
      *run({ threads, ipc, m1 }) {
        while (true) {
          yield* ipc.send(threads.t0, { a: 0, ok: (false || false) }, { send: "finite" });
          yield* m1.load();
        }
      },
    },
    t1: {
      cpu: 0,
      *run({ threads, ipc, m0, m1, m2 }) {
        const v0 = yield* m0.compareExchange(false, (nextColor("green") === "green"));
        yield* m2.exchange(nextColor("blue"));
        yield* m1.load();
        yield* ipc.send(threads.t0, { a: 1, ok: v0 }, { send: "zero" });
      },
    },
  },
  invariants: { small: ({ m3, limit }) => m3 < limit + 1 },
});

export const p7 = protocol("p7", {
  kernel: shm.kernel({ cpus: 1 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: int(0, 2, 1),  m1: wrapping(3),  m2: flag,  m3: oneOf("red", "green", "blue")},
  threads: {
    t0: {
      cpu: 0,
      *run({ m1 }) {
        let v0 = { a: 1, ok: false };
        check(!(false), "check 1");
        yield* m1.store(1);
      },
    },
    t1: {
      cpu: 0, untrusted: true,
      *run({ m0, m3 }) {
        let v2 = { a: 2, ok: (nextColor("blue") === "green") };
        for (const v3 of [0, 2]) {
          yield* m0.load();
        }
        yield* m3.exchange("red");
      },
    },
  },
});

export const p8 = protocol("p8", {
  kernel: shm.kernel({ cpus: 1 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: threadId,  word: int(0, 2)},
  threads: {
    t0: {
      cpu: 0,
      *run({ self, threads, m0, word }) {
        if (true && (yield* m0.load()) !== threads.t0) {
          yield* word.load();
          yield* word.load();
        } else {
          yield* m0.exchange(self);
        }
        yield* m0.exchange(threads.t1);
        yield* m0.store(threads.t2);
      },
    },
    t1: {
      cpu: 0,
      *run({ threads, futex, m0, word }) {
        while (true) {
          yield* m0.exchange(threads.t0);
          let v0 = yield* m0.compareExchange(threads.t0, threads.t1);
          while (true) {
            yield* word.exchange(2);
            yield* word.store(2);
          }
          yield* futex.wake(word, 1);
        }
      },
    },
    t2: {
      cpu: 0,
      *run({ m0, word }) {
        yield* word.load();
        yield* m0.load();
        yield* word.load();
      },
    },
  },
  invariants: { small: ({ word, limit }) => word < limit + 0 },
});

export const p9 = protocol("p9", {
  kernel: l4.kernel({ cpus: 1, message: record({ a: int(0, 2), ok: bool() }), atomic: true }),
  parameters: { limit: 2 },
  scheduling: "free",
  objects: { bell: l4.notification({ bits: 2 }) },
  memory: { m0: oneOf("red", "green", "blue"),  word: int(0, 2)},
  threads: {
    t0: {
      cpu: 0,
      *run({ threads, ipc, word }) {
        while (true) {
          yield* ipc.send(threads.t0, pairOf(0, true), { send: "zero" });
          yield* ipc.wait({ receive: "finite" });
          yield* ipc.send(threads.t0, { a: 2, ok: false }, { send: "zero" });
          yield* word.load();
        }
      },
    },
    t1: {
      cpu: 0, count: 2, untrusted: true,
      *run({ threads, word }) {
        for (let v0 = 0; v0 < 2; v0++) {
          if ((yield* word.load()) === v0) break;
          let v1 = threads.t1[0];
        }
      },
    },
  },
});

export const p10 = protocol("p10", {
  kernel: shm.kernel({ cpus: 1 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: array(2, int(0, 2))},
  threads: {
    t0: {
      cpu: 0, untrusted: true,
      *run({  }) {
        const v0 = yield* choose(1, 2);
      },
    },
    t1: {
      cpu: 0,
      *run({ futex, m0 }) {
        while (true) {
          yield* m0.at(0).load();
          yield* m0.at(0).load();
          yield* m0.at(0).load();
          yield* futex.wake(m0.at(0), 2);
        }
      },
    },
  },
});

export const p11 = protocol("p11", {
  kernel: shm.kernel({ cpus: 1 }),
  parameters: { limit: 2 },
  scheduling: "priority",
  memory: { m0: queue(int(0, 2), 2),  m1: flag,  m2: queue(int(0, 2), 2),  m3: array(2, int(0, 2))},
  threads: {
    t0: {
      cpu: 0, priority: 0,
      *run({ m0, m1 }) {
        yield* m1.write(true);
        for (const v0 of [0, 2]) {
          yield* step({ do: () => { if (m0.length < 2 && !m0.includes(1)) m0.push(1); } });
        }
      },
    },
    t1: {
      cpu: 0, priority: 1,
      *run({  }) {
        if (yield* choose(true, false)) return;
      },
    },
  },
});

export const p12 = protocol("p12", {
  kernel: l4.kernel({ cpus: 2, message: int(0, 2), atomic: true }),
  parameters: { limit: 2 },
  scheduling: "round-robin",
  objects: { bell: l4.notification({ bits: 2 }) },
  memory: { m0: queue(int(0, 2), 2),  m1: array(2, int(0, 2))},
  threads: {
    t0: {
      cpu: 1,
      *run({ bell }) {
        for (let v0 = 0; v0 < 2; v0++) {
          let v1 = "green";
          yield* bell.signal(1);
        }
        while (true) {
          yield* fence();
          yield* bell.signal(1);
        }
      },
    },
    t1: {
      cpu: 1,
      *run({ m0, m1 }) {
        if (((yield* m1.at(0).load()) + (yield* m1.at(0).load())) % 2 === 0) {
          yield* step({ do: () => { m0.push(2); } });
        }
        yield* m1.at(0).store(1);
        yield* m1.at(0).exchange(0);
      },
    },
    t2: {
      cpu: 0,
      *run({ threads, ipc, bell, m1 }) {
        for (let v2 = 0; v2 < 2; v2++) {
          const v3 = yield* m1.at(0).load();
          while ((yield* m1.at(0).load()) !== 0) {};
        }
        switch ("red") {
          case "red":
            yield* ipc.send(threads.t1, 0, { send: "zero" });
            break;
          case "green":
            yield* bell.wait();
          default:
            yield* bell.signal(2);
        }
        yield* m1.at(1).exchange(1);
      },
    },
  },
});

export const p13 = protocol("p13", {
  kernel: l4.kernel({ cpus: 1, message: int(0, 2) }),
  parameters: { limit: 2 },
  scheduling: "free",
  objects: { bell: l4.notification({ bits: 2 }) },
  memory: { m0: queue(int(0, 2), 2),  word: int(0, 2)},
  threads: {
    t0: {
      cpu: 0,
      *run({ threads, ipc, word }) {
        while (true) {
          yield* ipc.send(threads.t0, 2, { send: "zero" });
          if (((yield* word.load()) + (yield* word.load())) % 2 === 0) {
            let v0 = yield* choose(1, 0);
          }
        }
      },
    },
    t1: {
      cpu: 0,
      *run({ ipc, word }) {
        const { error: v1, phase: v3 } = yield* ipc.wait();
        const v2 = v1 === "none" || v3 === "send";
        yield* word.load();
      },
    },
  },
});

export const p14 = protocol("p14", {
  kernel: l4.kernel({ cpus: 2, message: int(0, 2) }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: int(0, 2),  m1: bool(true),  m2: array(2, int(0, 2)),  m3: ghost(int(0, 3))},
  threads: {
    t0: {
      cpu: 1,
      *run({ m3, m2 }) {
        m3.value = (m3.value + 1) % 3;
        while (true) {
          yield* m2.at(0).exchange(0);
          m3.value = (m3.value + 1) % 3;
        }
      },
    },
    t1: {
      cpu: 1, count: 2,
      *run({ self, index, threads, ipc, m2 }) {
        if (((yield* m2.at(0).load()) + (yield* m2.at(index).load())) % 2 === 0) {
          const v0 = yield* ipc.receive(threads.t0);
          const v1 = v0.error === "none" ? v0.message : 2;
          const v2 = v0.error === "none" ? v0.from : self;
        }
        while (true) {
          yield* ipc.send(threads.t0, 1);
          yield* m2.at(1).load();
        }
      },
    },
  },
});

export const p15 = protocol("p15", {
  kernel: l4.kernel({ cpus: 2, message: oneOf("red", "green", "blue"), atomic: true }),
  parameters: { limit: 2 },
  scheduling: "free",
  objects: { bell: l4.notification({ bits: 2 }) },
  memory: { m0: array(2, int(0, 2)),  m1: int(0, 2, 1)},
  threads: {
    t0: {
      cpu: 0,
      *run({ threads, ipc }) {
        while (true) {
          yield* ipc.wait({ receive: "finite" });
          check(true, "check 0");
          const { error: v1, phase: v3 } = yield* ipc.receive(threads.t2, { receive: "finite" });
          const v2 = v1 === "none" || v3 === "send";
        }
      },
    },
    t1: {
      cpu: 0,
      *run({ threads, ipc, m0 }) {
        const v4 = yield* bump(m0.at(0));
        while (true) {
          yield* m0.at(0).write((false ? (!(true) ? 0 : 1) : 1));
          yield* ipc.send(threads.t2, "green");
          yield* ipc.send(threads.t1, "blue", { send: "zero" });
        }
      },
    },
    t2: {
      cpu: 0,
      *run({ m0 }) {
        yield* waitUntil(m0.at(0), (value) => value !== 0);
        while (true) {
          yield* m0.at(1).store(2);
          const v5 = yield* choose(2, 1);
          let v6 = v5;
        }
      },
    },
  },
});

export const p16 = protocol("p16", {
  kernel: l4.kernel({ cpus: 2, message: int(0, 2) }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: wrapping(3)},
  threads: {
    t0: {
      cpu: 0,
      *run({ ipc, m0 }) {
        yield* step({});
        let v0 = yield* m0.exchange(2);
        yield* ipc.wait({ receive: "finite" });
      },
    },
    t1: {
      cpu: 1,
      *run({ threads, ipc, m0 }) {
        yield* ipc.wait();
        while (true) {
          yield* ipc.wait();
          yield* m0.load();
          yield* ipc.send(threads.t0, 0, { send: "zero" });
          yield* ipc.cancel(threads.t1);
        }
      },
    },
    t2: {
      cpu: 1,
      *run({ threads, ipc, m0 }) {
        for (let v1 = 0; v1 < 2; v1++) {
          let v2 = local(int(0, 2), 0);
          v2--;
          if (v2 < v1) {
            yield* ipc.send(threads.t0, 2, { send: "zero" });
            yield* m0.store(v2);
          }
        }
        while (true) {
          yield* ipc.send(threads.t1, 1, { send: "zero" });
          yield* ipc.send(threads.t0, 0, { send: "zero" });
        }
      },
    },
  },
});

export const p17 = protocol("p17", {
  kernel: l4.kernel({ cpus: 1, message: oneOf("red", "green", "blue") }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: queue(int(0, 2), 2),  m1: queue(int(0, 2), 2),  m2: array(2, int(0, 2))},
  threads: {
    t0: {
      cpu: 0,
      *run({ threads, ipc, m2 }) {
        yield* fence();
        while (true) {
          yield* ipc.send(threads.t0, "red", { send: "zero" });
          yield* m2.at(0).load();
          yield* m2.at(0).load();
          yield* ipc.send(threads.t1, "blue", { send: "finite" });
        }
      },
    },
    t1: {
      cpu: 0,
      *run({ threads, ipc, m2 }) {
        while (true) {
          yield* ipc.send(threads.t1, "blue", { send: "zero" });
          if (((yield* m2.at(0).load()) + (yield* m2.at(0).load())) % 2 === 0) {
            let v0 = yield* choose(0, 2);
          }
          yield* ipc.send(threads.t0, nextColor("blue"), { send: "zero" });
          yield* ipc.wait();
          yield* m2.at(0).store(1);
        }
      },
    },
  },
});

export const p18 = protocol("p18", {
  kernel: shm.kernel({ cpus: 2 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: ghost(int(0, 3)),  m1: oneOf("red", "green", "blue"),  m2: wrapping(3)},
  threads: {
    t0: {
      cpu: 0,
      *run({ m0, m2 }) {
        m0.value += 1;
        while (true) {
          yield* m2.load();
          yield* m2.exchange(1);
        }
      },
    },
    t1: {
      cpu: 1,
      *run({ futex, m1, m2 }) {
        yield* m1.exchange("red");
        while (true) {
          yield* m2.exchange(double(1));
          yield* futex.wake(m2, 2);
          yield* futex.wait(m2, 0, { idle: false });
        }
      },
    },
    t2: {
      cpu: 0,
      *run({  }) {
        if (false) return;
      },
    },
  },
});

export const p19 = protocol("p19", {
  kernel: shm.kernel({ cpus: 1 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: ghost(int(0, 3)),  m1: wrapping(3),  m2: int(0, 2),  m3: int(0, 2, 1)},
  threads: {
    t0: {
      cpu: 0, count: 2,
      *run({ m0, m1, m3 }) {
        m0.value = (m0.value + 1) % 3;
        while (true) {
          yield* m1.load();
          v0: while (1 < Math.min(2, 0)) {
            do {
              yield* fence();
              yield* fence();
            } while (yield* choose(true, false));
            yield* m3.load();
          }
        }
      },
    },
    t1: {
      cpu: 0,
      *run({ m1, m2, m3 }) {
        for (const v1 of [0, 2]) {
          const v2 = yield* bump(m1);
        }
        while (true) {
          yield* m3.store((true ? 0 : 2));
          switch ("green") {
            case "red":
              for (let v3 = 0; v3 < 2; v3++) {
                yield* m2.exchange(v3);
              }
              break;
            case "green":
              yield* m2.exchange(1);
              break;
            default:
              yield* m2.exchange(0);
          }
          yield* m1.exchange(2);
        }
      },
    },
  },
});

export const p20 = protocol("p20", {
  kernel: shm.kernel({ cpus: 2 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: threadId,  m1: oneOf("red", "green", "blue"),  word: int(0, 2)},
  threads: {
    t0: {
      cpu: 0,
      *run({ self, m0 }) {
        yield* m0.store(self);
      },
    },
    t1: {
      cpu: 0, untrusted: true,
      *run({ futex, m1, word }) {
        yield* fence();
        const v0 = (yield* futex.wake(word, 2)).woken > 0;
        yield* futex.wake(word, 2);
        yield* m1.load();
      },
    },
    t2: {
      cpu: 1,
      *run({ futex, m1, word }) {
        v1: while (yield* choose(true, false)) {
          do {
            yield* m1.exchange(nextColor("blue"));
            yield* waitUntil(m1, (value) => value !== "red");
          } while (true || (yield* word.load()) !== 1);
          yield* futex.wait(word, 1, { idle: false });
        }
      },
    },
  },
});

export const p21 = protocol("p21", {
  kernel: shm.kernel({ cpus: 2 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: ghost(int(0, 3)),  m1: ghost(int(0, 3)),  m2: int(0, 2, 1),  m3: ghost(int(0, 3))},
  threads: {
    t0: {
      cpu: 1,
      *run({ m2 }) {
        const v0 = yield* choose(0, 2);
        while (true) {
          yield* m2.store(0);
          yield* m2.exchange(0);
          yield* m2.load();
          yield* m2.exchange(v0);
        }
      },
    },
    t1: {
      cpu: 1,
      *run({ futex, m2 }) {
        while (true) {
          yield* m2.store(2);
          v1: while ((nextColor("red") === "red")) {
            do {
              yield* m2.load();
              yield* m2.store(1);
            } while (yield* choose(true, false));
            yield* m2.exchange(1);
          }
          yield* futex.wake(m2, 2);
          yield* m2.exchange(0);
          yield* m2.load();
        }
      },
    },
  },
});

export const p22 = protocol("p22", {
  kernel: shm.kernel({ cpus: 1 }),
  parameters: { limit: 2 },
  scheduling: "priority",
  memory: { m0: array(2, record({ x: int(0, 2), color: oneOf("red", "green", "blue") }))},
  threads: {
    t0: {
      cpu: 0, priority: 0, untrusted: true,
      *run({ m0 }) {
        switch ("blue") {
          case "red":
            if (((yield* m0.at(1).x.load()) + (yield* m0.at(0).x.load())) % 2 === 0) {
              v0: while (("red" === "green")) {
                do {
                  yield* fence();
                  yield* fence();
                } while ((yield* m0.at(0).x.load()) === 0);
                yield* m0.at(1).color.exchange(nextColor("red"));
              }
            }
            break;
          case "green":
            yield* m0.at(1).x.store(1);
          default:
            yield* m0.at(1).x.load();
        }
        yield* m0.at(1).x.exchange(1);
        yield* m0.at(1).x.exchange(0);
        yield* m0.at(0).x.store(1);
      },
    },
    t1: {
      cpu: 0, priority: 0,
      *run({ m0 }) {
        yield* m0.at(1).color.exchange(nextColor("red"));
      },
    },
  },
});

export const p23 = protocol("p23", {
  kernel: shm.kernel({ cpus: 1 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: int(0, 2, 1)},
  threads: {
    t0: {
      cpu: 0,
      *run({ futex, m0 }) {
        while (true) {
          yield* m0.load();
          for (let v0 = 0; v0 < 2; v0++) {
            const v1 = yield* twice(m0);
          }
          let v2 = pairOf(0, (true || true));
          yield* futex.wait(m0, 2, { idle: true });
        }
      },
    },
    t1: {
      cpu: 0,
      *run({ m0 }) {
        yield* m0.load();
      },
    },
    t2: {
      cpu: 0,
      *run({ futex, m0 }) {
        while (true) {
          yield* m0.exchange(0);
          yield* m0.load();
          yield* m0.load();
          yield* futex.wait(m0, 1, { idle: false });
          yield* m0.load();
        }
      },
    },
  },
});

export const p24 = protocol("p24", {
  kernel: l4.kernel({ cpus: 1, message: record({ a: int(0, 2), ok: bool() }), atomic: true }),
  parameters: { limit: 2 },
  scheduling: "round-robin",
  memory: { m0: array(2, record({ x: int(0, 2), color: oneOf("red", "green", "blue") })),  m1: record({ x: int(0, 2), ok: flag })},
  threads: {
    t0: {
      cpu: 0,
      *run({ threads, ipc, m0 }) {
        while (true) {
          yield* fence();
          yield* step({ when: () => m0.at(0).x.value === m0.at(1).x.value, do: () => { m0.at(0).x.value = (m0.at(1).x.value + 1) % 3; } });
          yield* m0.at(1).color.store("red");
          yield* fence();
          yield* ipc.send(threads.t0, pairOf(1, false), { send: "zero" });
        }
      },
    },
    t1: {
      cpu: 0,
      *run({ threads, ipc, m0, m1 }) {
        while (true) {
          yield* ipc.send(threads.t1, pairOf(0, !(false)));
          yield* m0.at(1).color.load();
          yield* m1.ok.exchange(false);
          yield* m1.ok.load();
          yield* m1.x.load();
        }
      },
    },
  },
});

export const p25 = protocol("p25", {
  kernel: shm.kernel({ cpus: 1 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: threadId,  word: int(0, 2)},
  threads: {
    t0: {
      cpu: 0,
      *run({ threads, futex, m0, word }) {
        yield* m0.exchange(threads.t0);
        while (true) {
          yield* m0.load();
          yield* futex.wait(word, 2, { idle: false });
          if (yield* choose(true, false)) {
            yield* m0.exchange(threads.t0);
            yield* word.store(2);
          } else {
            yield* futex.wait(word, 2, { idle: true });
          }
        }
      },
    },
    t1: {
      cpu: 0,
      *run({ threads, m0 }) {
        yield* m0.exchange(threads.t1);
      },
    },
  },
  invariants: { small: ({ word, limit }) => word < limit + 1 },
});

export const p26 = protocol("p26", {
  kernel: shm.kernel({ cpus: 2 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: ghost(int(0, 3)),  m1: ghost(int(0, 3)),  m2: oneOf("red", "green", "blue"),  m3: record({ x: int(0, 2), ok: flag })},
  threads: {
    t0: {
      cpu: 0,
      *run({ m2, m3 }) {
        if ((yield* m2.load()) !== nextColor("red")) {
          ("red" === "green") && (yield* m3.x.store(1));
          yield* m2.store(nextColor("red"));
        } else {
          yield* m2.exchange(nextColor("red"));
        }
        yield* m2.exchange("red");
      },
    },
    t1: {
      cpu: 0,
      *run({ m2, m3 }) {
        const v0 = yield* m3.ok.load();
        while (true) {
          yield* m3.x.store(2);
          yield* m2.store("blue");
          yield* m3.x.load();
        }
      },
    },
    t2: {
      cpu: 0, untrusted: true,
      *run({ m0, m2 }) {
        m0.value = 0;
        const v1 = yield* m2.exchange("blue");
        let v2 = false;
        yield* m2.store(v1);
      },
    },
  },
});

export const p27 = protocol("p27", {
  kernel: shm.kernel({ cpus: 2 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: array(2, int(0, 2)),  m1: oneOf("red", "green", "blue"),  m2: array(2, int(0, 2)),  m3: int(0, 2)},
  threads: {
    t0: {
      cpu: 1,
      *run({ futex, m0, m1, m2 }) {
        while (true) {
          yield* futex.wake(m2.at(0), 1);
          yield* m0.at(0).exchange(2);
          switch ("blue") {
            case "red":
              if (yield* choose(true, false)) {
                yield* step({ do: () => { m2.at(0).value = 1; } });
              }
              break;
            case "green":
              yield* m1.exchange(nextColor("green"));
              break;
            default:
              yield* m2.at(0).load();
          }
          yield* m2.at(0).exchange(2);
          yield* m0.at(0).load();
        }
      },
    },
    t1: {
      cpu: 1,
      *run({ m2 }) {
        while (true) {
          yield* fence();
          let v0 = 0;
          const v1 = yield* bump(m2.at(0));
        }
      },
    },
  },
});

export const p28 = protocol("p28", {
  kernel: l4.kernel({ cpus: 1, message: int(0, 2) }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: queue(int(0, 2), 2),  m1: ghost(int(0, 3)),  m2: oneOf("red", "green", "blue"),  m3: int(0, 2, 1)},
  threads: {
    t0: {
      cpu: 0, untrusted: true,
      *run({ threads, ipc, m1 }) {
        for (const v0 of [0, 2]) {
          const { error: v1, phase: v3 } = yield* ipc.receive(threads.t1[1], { receive: "zero", idle: true });
          const v2 = v1 === "none" || v3 === "send";
        }
        m1.value += 1;
      },
    },
    t1: {
      cpu: 0, count: 2,
      *run({ threads, ipc, m2 }) {
        while (true) {
          yield* ipc.send(threads.t0, 0, { send: "zero" });
          yield* m2.store("blue");
        }
      },
    },
  },
});

export const p29 = protocol("p29", {
  kernel: shm.kernel({ cpus: 2 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: queue(int(0, 2), 2),  m1: flag,  m2: threadId,  m3: ghost(int(0, 3)),  word: int(0, 2)},
  threads: {
    t0: {
      cpu: 0,
      *run({ self, threads, futex, m1, word }) {
        if (((yield* word.load()) + (yield* word.load())) % 2 === 0) {
          const v0 = yield* choose(self, threads.t1);
        }
        while (true) {
          yield* futex.wake(word, 2);
          yield* word.load();
          yield* m1.load();
          yield* word.exchange(0);
        }
      },
    },
    t1: {
      cpu: 0, untrusted: true,
      *run({ self, threads, m2, word }) {
        yield* until(word, 0);
        const v1 = yield* m2.compareExchange(self, threads.t1);
        let v2 = "green";
      },
    },
  },
});

export const p30 = protocol("p30", {
  kernel: shm.kernel({ cpus: 1 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: int(0, 2, 1),  m1: array(2, int(0, 2)),  m2: int(0, 2)},
  threads: {
    t0: {
      cpu: 0, count: 2, untrusted: true,
      *run({ m0 }) {
        yield* waitUntil(m0, (value) => value !== 0);
      },
    },
    t1: {
      cpu: 0,
      *run({ futex, m0, m1, m2 }) {
        yield* futex.wake(m2, 2);
        while (true) {
          yield* m1.at(1).exchange(2);
          yield* m0.exchange(2);
          yield* futex.wake(m1.at(1), 1);
          yield* m2.exchange(2);
        }
      },
    },
  },
});

export const p31 = protocol("p31", {
  kernel: l4.kernel({ cpus: 2, message: int(0, 2) }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: array(2, int(0, 2))},
  threads: {
    t0: {
      cpu: 1,
      *run({ m0 }) {
        while (true) {
          yield* m0.at(0).write(0);
          yield* step({ do: () => { m0.at(1).value = 2; } });
        }
      },
    },
    t1: {
      cpu: 1, untrusted: true,
      *run({ threads, ipc, m0 }) {
        if (yield* choose(true, false)) {
          false && (yield* m0.at(0).store(1));
          yield* ipc.delete(threads.t2);
        }
        while (true) {
          yield* m0.at(0).write(0);
          yield* ipc.send(threads.t1, 0, { send: "finite" });
          yield* m0.at(0).write(0);
          yield* m0.at(0).exchange(0);
        }
      },
    },
    t2: {
      cpu: 0,
      *run({ self, threads, ipc, m0 }) {
        v0: while ((self === nobody)) {
          do {
            yield* ipc.send(threads.t0, 1);
            yield* m0.at(0).exchange(1);
          } while ((yield* m0.at(0).load()) !== 2);
          yield* m0.at(0).write(0);
        }
        yield* m0.at(0).write(1);
        yield* ipc.wait();
        yield* ipc.send(threads.t1, 0, { send: "zero" });
      },
    },
  },
});

export const p32 = protocol("p32", {
  kernel: shm.kernel({ cpus: 1 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: ghost(int(0, 3)),  m1: record({ x: int(0, 2), ok: flag }),  m2: int(0, 2, 1),  m3: array(2, int(0, 2))},
  threads: {
    t0: {
      cpu: 0,
      *run({ m1, m3 }) {
        if (yield* choose(true, false)) {
          switch ("red") {
            case "red":
              let v0 = nextColor("green");
              break;
            case "green":
              true && (yield* m1.x.store(0));
            default:
              yield* m1.x.exchange(0);
          }
        } else {
          yield* m3.at(0).load();
        }
      },
    },
    t1: {
      cpu: 0,
      *run({ futex, m3 }) {
        while (((pairOf(1).a + 1) % 3) < 1 || (yield* m3.at(0).load()) !== 1) {
          yield* fence();
          yield* m3.at(0).store(2);
        }
        yield* futex.wait(m3.at(0), 1, { idle: true });
        yield* futex.wake(m3.at(0), 1);
      },
    },
  },
});

export const p33 = protocol("p33", {
  kernel: l4.kernel({ cpus: 1, message: bool() }),
  parameters: { limit: 2 },
  scheduling: "free",
  objects: { bell: l4.notification({ bits: 2 }) },
  memory: { m0: wrapping(3)},
  threads: {
    t0: {
      cpu: 0, count: 2, untrusted: true,
      *run({ bell, m0 }) {
        yield* step({ do: () => { m0.value = (0 & 1); } });
        const v0 = yield* m0.load();
        yield* bell.wait({ idle: true });
      },
    },
    t1: {
      cpu: 0,
      *run({ ipc, bell, m0 }) {
        while (true) {
          yield* ipc.wait();
          yield* bell.signal(2);
          yield* m0.load();
          yield* bell.signal(0);
        }
      },
    },
  },
  invariants: { small: ({ m0, limit }) => m0 < limit + 0 },
});

export const p34 = protocol("p34", {
  kernel: l4.kernel({ cpus: 2, message: record({ a: int(0, 2), ok: bool() }) }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: threadId,  m1: array(2, record({ x: int(0, 2), color: oneOf("red", "green", "blue") })),  m2: flag,  m3: int(0, 2)},
  threads: {
    t0: {
      cpu: 1,
      *run({ threads, ipc, m1 }) {
        yield* ipc.send(threads.t1, pairOf(2, true));
        while (true) {
          yield* m1.at(1).color.load();
          yield* ipc.send(threads.t0, pairOf(0, true), { send: "zero" });
          yield* ipc.send(threads.t0, { a: 2, ok: false }, { send: "zero" });
        }
      },
    },
    t1: {
      cpu: 1,
      *run({ threads, ipc, m0, m2 }) {
        while (true) {
          yield* m0.exchange(threads.t1);
          for (const v0 of [0, 2]) {
            if (v0 < v0) break;
          }
          yield* ipc.send(threads.t1, { a: 2, ok: false }, { send: "zero" });
          yield* m2.exchange(true);
          yield* ipc.send(threads.t0, { a: 1, ok: false }, { send: "zero" });
        }
      },
    },
  },
});

export const p35 = protocol("p35", {
  kernel: shm.kernel({ cpus: 1 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: int(0, 2),  m1: array(2, record({ x: int(0, 2), color: oneOf("red", "green", "blue") }))},
  threads: {
    t0: {
      cpu: 0,
      *run({ futex, m1 }) {
        v0: while (true) {
          do {
            yield* futex.wait(m1.at(1).x, 0, { idle: true });
            if (true) continue v0;
          } while (false);
          yield* m1.at(1).x.write(2);
        }
        check((nextColor("green") === "green"), "check 1");
        yield* m1.at(1).color.load();
        yield* m1.at(0).x.store(1);
      },
    },
    t1: {
      cpu: 0,
      *run({ m1 }) {
        let v2 = local(int(0, 2), 1);
        v2 = 2 - v2;
        let v3 = yield* m1.at(1).color.compareExchange("blue", nextColor("green"));
      },
    },
  },
  invariants: { small: ({ m0, limit }) => m0 < limit + 0 },
});

export const p36 = protocol("p36", {
  kernel: shm.kernel({ cpus: 1 }),
  parameters: { limit: 2 },
  scheduling: "round-robin",
  memory: { m0: array(2, int(0, 2)),  m1: array(2, int(0, 2)),  m2: int(0, 2, 1)},
  threads: {
    t0: {
      cpu: 0,
      *run({ futex, m0, m1 }) {
        while (true) {
          yield* m1.at(0).load();
          v0: while (2 < double(1)) {
            do {
              yield* m1.at(0).store(1);
              yield* futex.wake(m0.at(0), 1);
            } while (false);
            yield* m0.at(1).store(1);
          }
          yield* futex.wake(m0.at(0), 2);
          yield* futex.wake(m0.at(0), 1);
          yield* m1.at(0).exchange(0);
        }
      },
    },
    t1: {
      cpu: 0,
      *run({ threads, limit, m0, m2 }) {
        let v1 = threads.t1;
        while (true) {
          yield* m0.at(0).exchange(0);
          yield* m2.store(limit);
          yield* m0.at(0).store(0);
        }
      },
    },
  },
  invariants: { small: ({ m2, limit }) => m2 < limit + 0 },
});

export const p37 = protocol("p37", {
  kernel: l4.kernel({ cpus: 1, message: oneOf("red", "green", "blue") }),
  parameters: { limit: 2 },
  scheduling: "priority",
  memory: { m0: wrapping(3)},
  threads: {
    t0: {
      cpu: 0, priority: 1,
      *run({ m0 }) {
        while (true) {
          yield* m0.load();
          const v0 = yield* m0.compareExchange(2, 2);
        }
      },
    },
    t1: {
      cpu: 0, priority: 0,
      *run({ threads, ipc }) {
        while (true) {
          yield* ipc.send(threads.t2, "red", { send: "zero" });
          let v1 = pairOf(2, !(false));
          yield* ipc.send(threads.t2, "green", { send: "zero" });
          check(true, "check 2");
          yield* ipc.wait({ receive: "finite" });
        }
      },
    },
    t2: {
      cpu: 0, priority: 1,
      *run({ threads, m0 }) {
        let v3 = threads.t1;
        while (true) {
          yield* m0.load();
          const v4 = yield* m0.exchange(0);
        }
      },
    },
  },
  invariants: { small: ({ m0, limit }) => m0 < limit + 0 },
});

export const p38 = protocol("p38", {
  kernel: shm.kernel({ cpus: 2 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: array(2, record({ x: int(0, 2), color: oneOf("red", "green", "blue") })),  m1: threadId},
  threads: {
    t0: {
      cpu: 1,
      *run({ m0 }) {
        while (true) {
          yield* m0.at(1).x.exchange(2);
          if (((yield* m0.at(0).x.load()) + (yield* m0.at(0).x.load())) % 2 === 0) {
            const v0 = yield* m0.at(0).x.load();
          }
          let v1 = (true || true);
          yield* m0.at(1).x.load();
        }
      },
    },
    t1: {
      cpu: 1,
      *run({ m0 }) {
        switch (nextColor("green")) {
          case "red":
            yield* m0.at(1).x.load();
            break;
          case "green":
            yield* step({});
          default:
            if (true && (yield* m0.at(1).color.load()) !== "green") return;
        }
      },
    },
  },
});

export const p39 = protocol("p39", {
  kernel: l4.kernel({ cpus: 2, message: bool() }),
  parameters: { limit: 2 },
  scheduling: "free",
  objects: { bell: l4.notification({ bits: 2 }) },
  memory: { m0: ghost(int(0, 3)),  m1: oneOf("red", "green", "blue"),  word: int(0, 2)},
  threads: {
    t0: {
      cpu: 1,
      *run({ word }) {
        let v0 = true;
        let v1 = local(int(0, 2), 1);
        v1 += 1;
        for (const v2 of [0, 2]) {
          v1 = (v1 + (yield* word.load())) % 3;
        }
      },
    },
    t1: {
      cpu: 1,
      *run({ bell, word }) {
        if (yield* choose(true, false)) return;
        yield* until(word, 0);
        yield* bell.wait({ idle: true });
      },
    },
  },
});

export const p40 = protocol("p40", {
  kernel: shm.kernel({ cpus: 1 }),
  parameters: { limit: 2 },
  scheduling: "priority",
  memory: { m0: ghost(int(0, 3)),  m1: wrapping(3),  m2: bool(true),  m3: threadId},
  threads: {
    t0: {
      cpu: 0, priority: 0,
      *run({ futex, m0, m1, m2 }) {
        m0.value = (m0.value + 1) % 3;
        yield* futex.wait(m1, 1, { idle: false });
        yield* fence();
        yield* m2.store(true);
      },
    },
    t1: {
      cpu: 0, priority: 0, untrusted: true,
      *run({ m2 }) {
        while (true) {
          yield* fence();
          const v0 = yield* m2.exchange(!(true));
        }
      },
    },
  },
});

export const p41 = protocol("p41", {
  kernel: l4.kernel({ cpus: 2, message: bool() }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: threadId,  m1: queue(int(0, 2), 2),  m2: ghost(int(0, 3)),  word: int(0, 2)},
  threads: {
    t0: {
      cpu: 1,
      *run({ threads, ipc, m0 }) {
        for (let v0 = 0; v0 < 2; v0++) {
          yield* m0.load();
          while (yield* choose(true, false)) {
            yield* ipc.send(threads.t1, v0 !== 2, { send: "zero" });
            yield* ipc.send(threads.t1, v0 >= 2, { send: "zero" });
            yield* ipc.send(threads.t1, v0 < 2, { send: "zero" });
          }
        }
        while (true) {
          yield* ipc.wait();
          yield* m0.store(threads.t0);
        }
      },
    },
    t1: {
      cpu: 1,
      *run({ ipc, m0, word }) {
        while (true) {
          yield* m0.load();
          yield* ipc.wait();
          yield* word.exchange(2);
          yield* word.store(2);
          yield* word.store(2);
        }
      },
    },
  },
});

export const p42 = protocol("p42", {
  kernel: l4.kernel({ cpus: 2, message: oneOf("red", "green", "blue"), atomic: true }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: ghost(int(0, 3)),  m1: wrapping(3),  m2: array(2, record({ x: int(0, 2), color: oneOf("red", "green", "blue") })),  m3: record({ x: int(0, 2), ok: flag })},
  threads: {
    t0: {
      cpu: 1,
      *run({ threads }) {
        let v0 = threads.t0;
      },
    },
    t1: {
      cpu: 1,
      *run({ threads, ipc }) {
        const { error: v1, phase: v3 } = yield* ipc.call(threads.t0, "green", { receive: "zero" });
        const v2 = v1 === "none" || v3 === "send";
      },
    },
    t2: {
      cpu: 1,
      *run({ ipc, m2, m3 }) {
        true && (yield* m2.at(1).x.store(double(((2 ^ 2) % 3))));
        yield* ipc.wait({ receive: "finite" });
        yield* m3.x.load();
      },
    },
  },
});

export const p43 = protocol("p43", {
  kernel: shm.kernel({ cpus: 1 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: bool(true),  word: int(0, 2)},
  threads: {
    t0: {
      cpu: 0,
      *run({ word }) {
        yield* word.store(pairOf((false ? 1 : 1)).a);
      },
    },
    t1: {
      cpu: 0,
      *run({ futex, word }) {
        const v0 = (yield* futex.wake(word, 1)).woken > 0;
      },
    },
  },
});

export const p44 = protocol("p44", {
  kernel: l4.kernel({ cpus: 2, message: oneOf("red", "green", "blue"), atomic: true }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: ghost(int(0, 3)),  m1: int(0, 2, 1),  m2: int(0, 2)},
  threads: {
    t0: {
      cpu: 1,
      *run({ m2 }) {
        false && (yield* m2.store(0));
      },
    },
    t1: {
      cpu: 0,
      *run({ m1 }) {
        if (false) return;
        while (true) {
          yield* m1.exchange((1 & 1));
          yield* m1.load();
          yield* m1.load();
          yield* m1.load();
        }
      },
    },
    t2: {
      cpu: 1,
      *run({ threads, ipc, m1, m2 }) {
        while (true) {
          yield* ipc.wait();
          yield* m1.store(pairOf(0).a);
          yield* ipc.send(threads.t0, "green", { send: "zero" });
          yield* m2.store(1);
        }
      },
    },
  },
});

export const p45 = protocol("p45", {
  kernel: l4.kernel({ cpus: 2, message: record({ a: int(0, 2), ok: bool() }) }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: oneOf("red", "green", "blue"),  m1: queue(int(0, 2), 2),  m2: flag,  m3: ghost(int(0, 3)),  word: int(0, 2)},
  threads: {
    t0: {
      cpu: 1,
      *run({ self, threads, ipc, m0, word }) {
        let v0 = self;
        while (true) {
          yield* word.store((false ? 0 : (!(false) ? 0 : 0)));
          yield* ipc.wait();
          yield* ipc.send(threads.t1, pairOf(2, true), { send: "zero" });
          yield* m0.load();
        }
      },
    },
    t1: {
      cpu: 0,
      *run({ self, ipc, word }) {
        const v1 = yield* ipc.wait({ receive: "zero" });
        const v2 = v1.error === "none" ? v1.message : { a: 1, ok: false };
        const v3 = v1.error === "none" ? v1.from : self;
        while (true) {
          yield* ipc.wait({ receive: "finite" });
          yield* word.exchange(2);
          yield* ipc.wait();
        }
      },
    },
  },
});

export const p46 = protocol("p46", {
  kernel: shm.kernel({ cpus: 1 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: oneOf("red", "green", "blue"),  m1: threadId,  m2: record({ x: int(0, 2), ok: flag })},
  threads: {
    t0: {
      cpu: 0,
      *run({  }) {
        yield* step({});
      },
    },
    t1: {
      cpu: 0,
      *run({ m2 }) {
        switch (nextColor("red")) {
          case "red":
            let v0 = 0;
            break;
          case "green":
            yield* step({ when: () => m2.x.value > 0, do: () => { m2.x.value -= 1; } });
            break;
        }
      },
    },
  },
});

export const p47 = protocol("p47", {
  kernel: l4.kernel({ cpus: 2, message: record({ a: int(0, 2), ok: bool() }) }),
  parameters: { limit: 2 },
  scheduling: "round-robin",
  memory: { m0: record({ x: int(0, 2), ok: flag }),  m1: array(2, int(0, 2)),  m2: threadId,  m3: queue(int(0, 2), 2)},
  threads: {
    t0: {
      cpu: 0, untrusted: true,
      *run({ threads, ipc, m0, m1 }) {
        false && (yield* m1.at(0).store(0));
        while (true) {
          yield* m0.ok.exchange((threads.t0 === threads.t0));
          yield* ipc.delete(threads.t0);
        }
      },
    },
    t1: {
      cpu: 1,
      *run({ self, ipc }) {
        let v0 = self;
        v0 = v0;
        yield* ipc.send(v0, pairOf(2, false));
      },
    },
  },
});

export const p48 = protocol("p48", {
  kernel: l4.kernel({ cpus: 2, message: int(0, 2) }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: ghost(int(0, 3)),  word: int(0, 2)},
  threads: {
    t0: {
      cpu: 0,
      *run({ threads, ipc, word }) {
        while (true) {
          yield* word.exchange(0);
          yield* ipc.send(threads.t0, 1, { send: "zero" });
        }
      },
    },
    t1: {
      cpu: 0,
      *run({ ipc, word }) {
        yield* step({ do: () => { word.value = Math.abs(2 - 0); } });
        while (true) {
          yield* ipc.wait({ receive: "finite" });
          yield* word.exchange(0);
        }
      },
    },
  },
});

export const p49 = protocol("p49", {
  kernel: shm.kernel({ cpus: 2 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: ghost(int(0, 3)),  m1: int(0, 2)},
  threads: {
    t0: {
      cpu: 1,
      *run({ m1 }) {
        const v0 = yield* m1.fetchAdd(2);
        v0 === 1 && (yield* m1.store(v0));
        const v1 = yield* swap(m1, 0);
      },
    },
    t1: {
      cpu: 0,
      *run({ m1 }) {
        yield* m1.load();
      },
    },
  },
  invariants: { small: ({ m0, limit }) => m0 < limit + 0 },
});

export const p50 = protocol("p50", {
  kernel: l4.kernel({ cpus: 2, message: int(0, 2) }),
  parameters: { limit: 2 },
  scheduling: "free",
  objects: { bell: l4.notification({ bits: 2 }) },
  memory: { m0: ghost(int(0, 3)),  m1: threadId,  m2: ghost(int(0, 3)),  word: int(0, 2)},
  threads: {
    t0: {
      cpu: 1,
      *run({ threads, ipc, m1, word }) {
        while (true) {
          yield* word.store(1);
          yield* ipc.send(threads.t2, 2, { send: "zero" });
          yield* ipc.send(threads.t2, 0);
          yield* m1.store(threads.t1);
          yield* fence();
        }
      },
    },
    t1: {
      cpu: 1,
      *run({ threads, ipc, m1, word }) {
        if ((false || true)) return;
        yield* m1.store(threads.t2);
        yield* word.exchange(0);
        yield* ipc.send(threads.t1, 2, { send: "zero" });
      },
    },
    t2: {
      cpu: 0,
      *run({ threads, bell, m1, word }) {
        for (const v0 of [0, 2]) {
          v1: while (v0 < 2) {
            do {
              yield* m1.exchange(threads.t2);
              switch ("red") {
                case "red":
                  for (let v2 = 0; v2 < 2; v2++) {
                    yield* word.exchange(v0);
                    for (const v3 of [0, 2]) {
                      yield* bell.signal(1);
                    }
                  }
                  break;
                case "green":
                  yield* m1.store(threads.t0);
                  break;
              }
            } while (v0 === 0);
            yield* m1.store(threads.t0);
          }
        }
      },
    },
  },
});

export const p51 = protocol("p51", {
  kernel: shm.kernel({ cpus: 2 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: oneOf("red", "green", "blue"),  m1: int(0, 2),  m2: array(2, record({ x: int(0, 2), color: oneOf("red", "green", "blue") }))},
  threads: {
    t0: {
      cpu: 0,
      *run({ m2 }) {
        if ((yield* m2.at(0).x.load()) === pairOf(1).a) {
          yield* m2.at(0).x.store(2);
        }
        yield* m2.at(1).color.load();
        yield* m2.at(1).color.store("green");
      },
    },
    t1: {
      cpu: 0,
      *run({ threads, m0, m1, m2 }) {
        yield* m2.at(1).color.store("green");
        while (yield* choose(true, false)) {
          yield* m0.load();
          let v0 = threads.t1;
          for (let v1 = 0; v1 < 2; v1++) {
            while (yield* choose(true, false)) {
              yield* m1.exchange(v1);
              v1 < 2 && (yield* m2.at(0).x.store(v1));
              yield* m1.store(v1);
            }
            yield* m0.exchange(nextColor("red"));
          }
        }
        yield* m2.at(1).x.load();
      },
    },
    t2: {
      cpu: 0,
      *run({ m1, m2 }) {
        while (true) {
          yield* m1.exchange(0);
          yield* m2.at(1).color.exchange(nextColor("red"));
        }
      },
    },
  },
});

export const p52 = protocol("p52", {
  kernel: shm.kernel({ cpus: 2 }),
  parameters: { limit: 2 },
  scheduling: "round-robin",
  memory: { m0: threadId,  m1: array(2, int(0, 2)),  m2: record({ x: int(0, 2), ok: flag }),  m3: record({ x: int(0, 2), ok: flag })},
  threads: {
    t0: {
      cpu: 0,
      *run({ threads, m0, m1 }) {
        v0: while (false) {
          do {
            yield* m0.write(threads.t0);
            if (yield* choose(true, false)) break;
          } while (true);
          yield* m1.at(0).store(1);
        }
        while (true) {
          yield* fence();
          yield* m1.at(0).exchange(1);
        }
      },
    },
    t1: {
      cpu: 1, untrusted: true,
      *run({ self, m0, m3 }) {
        let v1 = self;
        for (const v2 of [0, 2]) {
          switch ("red") {
            case "red":
              yield* m3.ok.load();
              break;
            case "green":
              yield* m0.write(v1);
              break;
          }
        }
      },
    },
    t2: {
      cpu: 0,
      *run({  }) {
        let v3 = local(int(0, 2), 0);
        v3 += 1;
      },
    },
  },
});

export const p53 = protocol("p53", {
  kernel: l4.kernel({ cpus: 1, message: record({ a: int(0, 2), ok: bool() }) }),
  parameters: { limit: 2 },
  scheduling: "priority",
  memory: { m0: wrapping(3),  m1: wrapping(3)},
  threads: {
    t0: {
      cpu: 0, priority: 0,
      *run({ threads, ipc, m0, m1 }) {
        while (true) {
          yield* ipc.send(threads.t2, { a: 1, ok: 1 < 0 }, { send: "finite" });
          yield* m1.store(2);
          yield* m0.store(2);
          yield* m0.store(1);
          yield* ipc.wait({ receive: "finite" });
        }
      },
    },
    t1: {
      cpu: 0, priority: 0,
      *run({ threads, ipc }) {
        let v0 = { a: larger(((1 ^ 2) % 3), 2), ok: false };
        yield* ipc.send(threads.t2, { a: 1, ok: true }, { send: "zero" });
        yield* ipc.wait({ receive: "finite" });
      },
    },
    t2: {
      cpu: 0, priority: 0, untrusted: true,
      *run({ threads, ipc, m0 }) {
        while (true) {
          yield* ipc.send(threads.t0, pairOf(2, 2 < 0), { send: "finite" });
          yield* m0.store(0);
          yield* m0.store(0);
          yield* m0.store(0);
        }
      },
    },
  },
});

export const p54 = protocol("p54", {
  kernel: l4.kernel({ cpus: 2, message: bool() }),
  parameters: { limit: 2 },
  scheduling: "round-robin",
  memory: { m0: ghost(int(0, 3)),  m1: record({ x: int(0, 2), ok: flag }),  m2: array(2, record({ x: int(0, 2), color: oneOf("red", "green", "blue") })),  m3: queue(int(0, 2), 2)},
  threads: {
    t0: {
      cpu: 1, count: 2,
      *run({ ipc }) {
        const { error: v0, phase: v2 } = yield* ipc.wait({ idle: true });
        const v1 = v0 === "none" || v2 === "send";
      },
    },
    t1: {
      cpu: 0,
      *run({ ipc, m1 }) {
        while (true) {
          yield* m1.ok.exchange(true);
          yield* ipc.wait();
        }
      },
    },
  },
  invariants: { small: ({ m0, limit }) => m0 < limit + 0 },
});

export const p55 = protocol("p55", {
  kernel: l4.kernel({ cpus: 1, message: int(0, 2) }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: wrapping(3)},
  threads: {
    t0: {
      cpu: 0,
      *run({  }) {
        let v0 = "green";
      },
    },
    t1: {
      cpu: 0,
      *run({ threads, ipc, m0 }) {
        while (true) {
          yield* ipc.wait({ receive: "finite" });
          yield* m0.exchange(0);
          yield* ipc.send(threads.t1, 0, { send: "zero" });
          yield* ipc.wait({ receive: "finite" });
          yield* m0.store(1);
        }
      },
    },
  },
});

export const p56 = protocol("p56", {
  kernel: l4.kernel({ cpus: 1, message: oneOf("red", "green", "blue"), atomic: true }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: flag,  word: int(0, 2)},
  threads: {
    t0: {
      cpu: 0,
      *run({ threads, ipc, m0, word }) {
        v0: while (yield* choose(true, false)) {
          do {
            yield* m0.load();
            yield* ipc.wait();
          } while (true);
          yield* word.exchange(1);
        }
        yield* ipc.send(threads.t0, "blue", { send: "zero" });
      },
    },
    t1: {
      cpu: 0,
      *run({ ipc, word }) {
        while (true) {
          yield* word.load();
          yield* ipc.wait({ receive: "finite" });
        }
      },
    },
    t2: {
      cpu: 0,
      *run({ ipc, m0, word }) {
        for (const v1 of [0, 2]) {
          let v2 = local(int(0, 2), 0);
          v2--;
        }
        while (true) {
          yield* ipc.wait({ receive: "finite" });
          yield* fence();
          yield* word.load();
          yield* m0.load();
        }
      },
    },
  },
});

export const p57 = protocol("p57", {
  kernel: l4.kernel({ cpus: 1, message: record({ a: int(0, 2), ok: bool() }), atomic: true }),
  parameters: { limit: 2 },
  scheduling: "free",
  objects: { bell: l4.notification({ bits: 2 }) },
  memory: { m0: int(0, 2),  m1: queue(int(0, 2), 2),  m2: ghost(int(0, 3)),  m3: flag},
  threads: {
    t0: {
      cpu: 0, untrusted: true,
      *run({ threads, limit, ipc, m0 }) {
        let v0 = { a: limit, ok: false };
        for (let v1 = 0; v1 < 2; v1++) {
          yield* ipc.send(threads.t1, { a: v1, ok: v1 < 2 }, { send: "zero" });
        }
        yield* m0.load();
        yield* m0.exchange(1);
      },
    },
    t1: {
      cpu: 0,
      *run({ threads, ipc, m0, m3 }) {
        while (true) {
          yield* m3.load();
          v2: while (true) {
            do {
              yield* ipc.send(threads.t1, { a: 2, ok: true }, { send: "zero" });
              yield* m0.exchange(2);
            } while (true);
            yield* m3.write(false);
          }
          yield* m3.write(false);
        }
        while (true) {
          yield* ipc.wait({ receive: "finite" });
          yield* m0.write(0);
          yield* m3.store(true);
        }
      },
    },
  },
});

export const p58 = protocol("p58", {
  kernel: shm.kernel({ cpus: 2 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: ghost(int(0, 3)),  word: int(0, 2)},
  threads: {
    t0: {
      cpu: 1,
      *run({ word }) {
        const v0 = yield* word.fetchAdd(-1);
      },
    },
    t1: {
      cpu: 0,
      *run({ word }) {
        if (((yield* word.load()) + (yield* word.load())) % 2 === 0) {
          yield* step({});
        }
      },
    },
    t2: {
      cpu: 1,
      *run({ word }) {
        if ((yield* word.load()) === 2) return;
        if (yield* choose(true, false)) {
          yield* word.exchange(2);
        } else {
          for (let v1 = 0; v1 < 2; v1++) {
            yield* fence();
          }
        }
      },
    },
  },
});

export const p59 = protocol("p59", {
  kernel: l4.kernel({ cpus: 1, message: int(0, 2) }),
  parameters: { limit: 2 },
  scheduling: "priority",
  memory: { m0: int(0, 2, 1),  m1: bool(true),  m2: int(0, 2)},
  threads: {
    t0: {
      cpu: 0, count: 2, priority: 0,
      *run({ self, threads, ipc, m0, m1, m2 }) {
        while (true) {
          yield* m2.store(2);
          const v0 = yield* swap(m0, 0);
          const v1 = yield* ipc.receive(threads.t1, { idle: true });
          const v2 = v1.error === "none" ? v1.message : 1;
          const v3 = v1.error === "none" ? v1.from : self;
          yield* m1.exchange(v2 !== 2);
          yield* ipc.wait();
        }
      },
    },
    t1: {
      cpu: 0, priority: 1,
      *run({ m0, m2 }) {
        while (true) {
          yield* m2.exchange(2);
          let v4 = 1;
          for (const v5 of [0, 2]) {
            yield* m0.store(2);
          }
        }
      },
    },
  },
  invariants: { small: ({ m0, limit }) => m0 < limit + 1 },
});

export const p60 = protocol("p60", {
  kernel: l4.kernel({ cpus: 1, message: bool(), atomic: true }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: array(2, int(0, 2))},
  threads: {
    t0: {
      cpu: 0,
      *run({ self }) {
        let v0 = ((((self === nobody) ? 2 : 2) ^ 1) % 3);
      },
    },
    t1: {
      cpu: 0,
      *run({ threads, ipc, m0 }) {
        v1: while ((nextColor("blue") === "red")) {
          do {
            yield* ipc.send(threads.t0, true, { send: "zero" });
            yield* m0.at(0).load();
          } while (true);
          yield* fence();
        }
        while (true) {
          yield* m0.at(0).store(0);
          yield* ipc.send(threads.t1, true, { send: "finite" });
          yield* ipc.send(threads.t1, true, { send: "zero" });
          yield* m0.at(0).load();
        }
      },
    },
  },
});

export const p61 = protocol("p61", {
  kernel: shm.kernel({ cpus: 1 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: int(0, 2)},
  threads: {
    t0: {
      cpu: 0,
      *run({ futex, m0 }) {
        yield* futex.wake(m0, 2);
      },
    },
    t1: {
      cpu: 0, count: 2,
      *run({ futex, m0 }) {
        while (true) {
          yield* m0.exchange(((1 ^ 0) % 3));
          yield* waitUntil(m0, (value) => value === 2);
          for (let v0 = 0; v0 < 2; v0++) {
            while ((yield* m0.load()) !== v0) {
              yield* m0.load();
              yield* futex.wake(m0, 2);
              yield* futex.wait(m0, 1, { idle: false });
            }
          }
          yield* m0.load();
        }
      },
    },
  },
  invariants: { small: ({ m0, limit }) => m0 < limit + 0 },
});

export const p62 = protocol("p62", {
  kernel: l4.kernel({ cpus: 1, message: int(0, 2) }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: oneOf("red", "green", "blue"),  m1: array(2, int(0, 2)),  m2: array(2, int(0, 2))},
  threads: {
    t0: {
      cpu: 0,
      *run({ threads, ipc }) {
        const { error: v0, phase: v2 } = yield* ipc.call(threads.t1, pairOf(0).a, { receive: "zero" });
        const v1 = v0 === "none" || v2 === "send";
      },
    },
    t1: {
      cpu: 0,
      *run({ ipc, m0, m1 }) {
        for (let v3 = 0; v3 < 2; v3++) {
          yield* m0.exchange("blue");
        }
        yield* m1.at(1).load();
        yield* ipc.wait();
      },
    },
  },
});

export const p63 = protocol("p63", {
  kernel: l4.kernel({ cpus: 2, message: oneOf("red", "green", "blue") }),
  parameters: { limit: 2 },
  scheduling: "round-robin",
  memory: { m0: oneOf("red", "green", "blue"),  m1: wrapping(3)},
  threads: {
    t0: {
      cpu: 1,
      *run({ threads, ipc, m1 }) {
        v0: while ((nextColor("blue") === "blue")) {
          do {
            yield* ipc.send(threads.t1, nextColor("red"), { send: "zero" });
            yield* ipc.wait({ receive: "finite" });
          } while (true);
          yield* m1.load();
        }
      },
    },
    t1: {
      cpu: 0, untrusted: true,
      *run({ m0, m1 }) {
        while (true) {
          yield* m1.load();
          let v1 = !(!(true));
          yield* m0.store(nextColor("blue"));
        }
      },
    },
  },
});

export const p64 = protocol("p64", {
  kernel: l4.kernel({ cpus: 1, message: oneOf("red", "green", "blue") }),
  parameters: { limit: 2 },
  scheduling: "free",
  objects: { bell: l4.notification({ bits: 2 }) },
  memory: { m0: threadId,  m1: int(0, 2, 1),  m2: array(2, record({ x: int(0, 2), color: oneOf("red", "green", "blue") })),  m3: int(0, 2, 1)},
  threads: {
    t0: {
      cpu: 0, count: 2,
      *run({ index, m2, m3 }) {
        while (true) {
          yield* m2.at(index).x.load();
          ("green" === "green") && (yield* m3.store(1));
        }
      },
    },
    t1: {
      cpu: 0,
      *run({ bell, m2, m3 }) {
        yield* m2.at(1).color.load();
        while (true) {
          yield* m3.store((true ? 0 : (("blue" === "green") ? 1 : 1)));
          yield* bell.signal(2);
        }
      },
    },
  },
});

export const p65 = protocol("p65", {
  kernel: l4.kernel({ cpus: 1, message: int(0, 2), atomic: true }),
  parameters: { limit: 2 },
  scheduling: "round-robin",
  memory: { m0: record({ x: int(0, 2), ok: flag })},
  threads: {
    t0: {
      cpu: 0,
      *run({ threads, ipc, m0 }) {
        yield* ipc.cancel(threads.t0);
        const v0 = yield* twice(m0.x);
        yield* m0.x.exchange(double(1));
      },
    },
    t1: {
      cpu: 0,
      *run({ m0 }) {
        if (2 < 2 && (yield* m0.x.load()) === 1) return;
        yield* m0.ok.exchange(true);
      },
    },
  },
});

export const p66 = protocol("p66", {
  kernel: shm.kernel({ cpus: 2 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: threadId,  m1: flag,  m2: oneOf("red", "green", "blue"),  m3: array(2, record({ x: int(0, 2), color: oneOf("red", "green", "blue") }))},
  threads: {
    t0: {
      cpu: 1,
      *run({ self, futex, m0, m1, m2, m3 }) {
        v0: while (("blue" === "blue")) {
          do {
            yield* m0.store(self);
            yield* futex.wake(m3.at(0).x, 2);
          } while ((yield* m3.at(0).x.load()) !== 1);
          yield* m1.exchange(false);
        }
        while (true) {
          yield* m2.exchange(nextColor("blue"));
          yield* m2.load();
          yield* m3.at(0).x.store(2);
        }
      },
    },
    t1: {
      cpu: 1,
      *run({ m3 }) {
        let v1 = nextColor("red");
        yield* m3.at(0).x.load();
      },
    },
  },
});

export const p67 = protocol("p67", {
  kernel: l4.kernel({ cpus: 2, message: oneOf("red", "green", "blue") }),
  parameters: { limit: 2 },
  scheduling: "free",
  objects: { bell: l4.notification({ bits: 2 }) },
  memory: { m0: int(0, 2, 1),  m1: int(0, 2),  m2: array(2, int(0, 2)),  m3: ghost(int(0, 3))},
  threads: {
    t0: {
      cpu: 1,
      *run({ self, threads, ipc, m3, m0, m2 }) {
        if (((yield* m0.load()) + (yield* m0.load())) % 2 === 0) {
          m3.value += 1;
        }
        while (true) {
          yield* ipc.send(threads.t0, "blue", { send: "finite" });
          while (true) {
            yield* m2.at(0).exchange(1);
            for (const v0 of [0, 2]) {
              const v1 = yield* ipc.wait({ receive: "finite", idle: true });
              const v2 = v1.error === "none" ? v1.message : "green";
              const v3 = v1.error === "none" ? v1.from : self;
            }
          }
          yield* ipc.send(threads.t2, nextColor("blue"), { send: "finite" });
        }
      },
    },
    t1: {
      cpu: 1,
      *run({ self, threads, ipc, bell, m0 }) {
        yield* ipc.send(threads.t2, "red", { send: "zero" });
        const v4 = yield* ipc.call(threads.t0, nextColor("green"));
        const v5 = v4.error === "none" ? v4.message : "red";
        const v6 = v4.error === "none" ? v4.from : self;
        let v7 = yield* m0.load();
        yield* bell.poll();
      },
    },
    t2: {
      cpu: 1,
      *run({ self, threads, ipc, m2 }) {
        const v8 = yield* ipc.call(threads.t0, nextColor("red"), { receive: "finite" });
        const v9 = v8.error === "none" ? v8.message : "green";
        const v10 = v8.error === "none" ? v8.from : self;
        for (const v11 of [0, 2]) {
          let v12 = v9;
        }
        switch (nextColor("red")) {
          case "red":
            yield* ipc.wait({ receive: "finite" });
            break;
          case "green":
            yield* m2.at(0).load();
          default:
            yield* m2.at(0).load();
        }
      },
    },
  },
});

export const p68 = protocol("p68", {
  kernel: shm.kernel({ cpus: 1 }),
  parameters: { limit: 2 },
  scheduling: "priority",
  memory: { m0: array(2, record({ x: int(0, 2), color: oneOf("red", "green", "blue") })),  m1: int(0, 2, 1),  m2: int(0, 2, 1)},
  threads: {
    t0: {
      cpu: 0, priority: 0,
      *run({ m0, m1, m2 }) {
        while (false) {
          yield* m0.at(1).color.load();
          yield* m2.exchange(2);
          yield* m1.load();
        }
      },
    },
    t1: {
      cpu: 0, priority: 0,
      *run({ m0, m2 }) {
        const v0 = yield* m0.at(1).x.exchange(((1 ^ 0) % 3));
        while (true) {
          yield* m2.exchange(v0);
          yield* m0.at(v0 & 1).x.store(0);
          yield* m0.at(1).color.load();
        }
      },
    },
  },
  invariants: { small: ({ m1, limit }) => m1 < limit + 0 },
});

export const p69 = protocol("p69", {
  kernel: shm.kernel({ cpus: 1 }),
  parameters: { limit: 2 },
  scheduling: "priority",
  memory: { m0: ghost(int(0, 3)),  m1: array(2, int(0, 2)),  m2: int(0, 2)},
  threads: {
    t0: {
      cpu: 0, priority: 1,
      *run({ m0, m1, m2 }) {
        let v0 = "red";
        if (((yield* m1.at(1).load()) + (yield* m1.at(0).load())) % 2 === 0) {
          m0.value += 1;
        }
        for (const v1 of [0, 2]) {
          yield* m2.store(2);
        }
      },
    },
    t1: {
      cpu: 0, priority: 0,
      *run({ futex, m1, m2 }) {
        v2: while ((yield* m1.at(0).load()) !== Math.min(0, 0)) {
          do {
            yield* m2.load();
            yield* m1.at(0).store(2);
          } while (true);
          yield* m1.at(1).store(2);
        }
        yield* m2.store(1);
        yield* futex.wait(m1.at(1), 2, { idle: true });
      },
    },
  },
});

export const p70 = protocol("p70", {
  kernel: shm.kernel({ cpus: 1 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: array(2, record({ x: int(0, 2), color: oneOf("red", "green", "blue") })),  m1: queue(int(0, 2), 2)},
  threads: {
    t0: {
      cpu: 0,
      *run({ m0 }) {
        yield* m0.at(1).x.load();
        yield* m0.at(0).x.exchange(2);
        yield* m0.at(1).color.load();
        yield* m0.at(0).x.exchange(2);
      },
    },
    t1: {
      cpu: 0,
      *run({ m0 }) {
        while (yield* choose(true, false)) {
          yield* m0.at(1).color.load();
          yield* m0.at(1).x.store(0);
          let v0 = nextColor("red");
        }
        while (true) {
          yield* m0.at(1).x.exchange(1);
          yield* m0.at(1).x.exchange(1);
          yield* m0.at(0).x.load();
          yield* m0.at(0).x.store(1);
        }
      },
    },
    t2: {
      cpu: 0,
      *run({ m0 }) {
        switch ("green") {
          case "red":
            if ((yield* m0.at(1).color.load()) !== nextColor("blue")) {
              let v1 = true;
              yield* m0.at(1).x.store(2);
            } else {
              yield* m0.at(1).color.load();
            }
            break;
          case "green":
            yield* m0.at(0).x.load();
          default:
            yield* m0.at(1).color.exchange("red");
        }
      },
    },
  },
});

export const p71 = protocol("p71", {
  kernel: l4.kernel({ cpus: 1, message: int(0, 2), atomic: true }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: int(0, 2, 1),  m1: record({ x: int(0, 2), ok: flag }),  m2: int(0, 2),  m3: array(2, int(0, 2))},
  threads: {
    t0: {
      cpu: 0,
      *run({ threads, ipc, m2, m3 }) {
        let v0 = local(int(0, 2), 0);
        v0 += 1;
        while (true) {
          yield* ipc.send(threads.t1, 0, { send: "finite" });
          v0 = (v0 + (yield* m3.at(0).load())) % 3;
          const v1 = yield* swap(m2, 2);
          const v2 = yield* twice(m3.at(0));
        }
      },
    },
    t1: {
      cpu: 0,
      *run({ threads, ipc, m1 }) {
        while (true) {
          yield* ipc.send(threads.t0, 0, { send: "finite" });
          yield* m1.ok.store(true);
        }
      },
    },
    t2: {
      cpu: 0,
      *run({ m0, m1 }) {
        let v3 = yield* m1.x.exchange(2);
        yield* m0.load();
      },
    },
  },
});

export const p72 = protocol("p72", {
  kernel: shm.kernel({ cpus: 2 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: array(2, record({ x: int(0, 2), color: oneOf("red", "green", "blue") })),  m1: array(2, int(0, 2))},
  threads: {
    t0: {
      cpu: 0,
      *run({ futex, m0, m1 }) {
        if ((yield* m0.at(1).x.load()) !== 2) {
          let v0 = local(int(0, 2), 2);
          v0 += 1;
          let v1 = local(int(0, 2), 0);
          v1++;
        }
        while (true) {
          yield* m0.at(0).x.load();
          const v2 = yield* swap(m1.at(0), 0);
          switch (nextColor("green")) {
            case "red":
              if (true) break;
              break;
            case "green":
              yield* m1.at(0).exchange(0);
              break;
            default:
              yield* m0.at(1).color.load();
          }
          yield* futex.wake(m1.at(1), 2);
        }
      },
    },
    t1: {
      cpu: 1,
      *run({ futex, m0, m1 }) {
        while ((yield* m0.at(1).color.load()) !== "red") {
          yield* m0.at(1).x.load();
          v3: while (("red" === "green")) {
            do {
              yield* m0.at(1).color.store("red");
              yield* m0.at(1).color.load();
            } while (yield* choose(true, false));
            yield* m0.at(1).color.store("red");
          }
        }
        yield* futex.wake(m1.at(0), 2);
      },
    },
    t2: {
      cpu: 1, untrusted: true,
      *run({ m0, m1 }) {
        while (true) {
          yield* m0.at(0).x.exchange(1);
          const v4 = yield* bump(m1.at(0));
        }
      },
    },
  },
});

export const p73 = protocol("p73", {
  kernel: shm.kernel({ cpus: 1 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: int(0, 2)},
  threads: {
    t0: {
      cpu: 0,
      *run({ futex, m0 }) {
        yield* futex.wait(m0, 2, { idle: false });
        if (((yield* m0.load()) + (yield* m0.load())) % 2 === 0) {
          yield* m0.load();
        }
        yield* futex.wait(m0, 0, { idle: true });
      },
    },
    t1: {
      cpu: 0,
      *run({ m0 }) {
        if (((yield* m0.load()) + (yield* m0.load())) % 2 === 0) {
          for (let v0 = 0; v0 < 2; v0++) {
            yield* m0.exchange(((v0 ^ v0) % 3));
            for (let v1 = 0; v1 < 2; v1++) {
              let v2 = "blue";
              yield* m0.store(1);
            }
          }
        }
        yield* m0.exchange(1);
        yield* m0.store(1);
      },
    },
  },
});

export const p74 = protocol("p74", {
  kernel: shm.kernel({ cpus: 2 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: record({ x: int(0, 2), ok: flag }),  m1: oneOf("red", "green", "blue"),  m2: int(0, 2),  m3: bool(true)},
  threads: {
    t0: {
      cpu: 1, untrusted: true,
      *run({ futex, m0, m1, m2 }) {
        while (true) {
          yield* m1.store(nextColor("green"));
          yield* m2.exchange(0);
          if (((yield* m2.load()) + (yield* m0.x.load())) % 2 === 0) {
            yield* futex.wait(m0.x, 2, { idle: true });
          }
        }
      },
    },
    t1: {
      cpu: 1, untrusted: true,
      *run({ threads, m0, m1 }) {
        if (((yield* m0.x.load()) + (yield* m0.x.load())) % 2 === 0) {
          let v0 = threads.t2;
        }
        const v1 = yield* swap(m0.x, 1);
        yield* waitUntil(m0.ok, (value) => value === true);
        const v2 = yield* m1.load();
      },
    },
    t2: {
      cpu: 0,
      *run({ m0, m3 }) {
        if ((true || true) || (yield* m0.ok.load()) !== true) {
          yield* m3.exchange(false);
          yield* m3.store(true);
        }
        yield* m0.ok.store(true);
        yield* m3.store(true);
        yield* m0.x.exchange(1);
      },
    },
  },
  invariants: { small: ({ m2, limit }) => m2 < limit + 0 },
});

export const p75 = protocol("p75", {
  kernel: l4.kernel({ cpus: 1, message: record({ a: int(0, 2), ok: bool() }), atomic: true }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: int(0, 2),  m1: int(0, 2, 1),  m2: int(0, 2),  m3: threadId},
  threads: {
    t0: {
      cpu: 0,
      *run({ threads, ipc, m0, m1 }) {
        if (((yield* m0.load()) + (yield* m1.load())) % 2 === 0) {
          let v0 = yield* m1.load();
        }
        while (true) {
          yield* m0.exchange(2);
          yield* ipc.wait();
          yield* ipc.send(threads.t2, { a: 2, ok: false }, { send: "zero" });
        }
      },
    },
    t1: {
      cpu: 0,
      *run({ threads, m1, m2, m3 }) {
        v1: while (yield* choose(true, false)) {
          do {
            yield* m1.load();
            const v2 = yield* m2.fetchAdd(1);
          } while ((yield* m3.load()) !== threads.t2);
          yield* m3.store(threads.t2);
        }
      },
    },
    t2: {
      cpu: 0,
      *run({ ipc }) {
        let v3 = pairOf(Math.abs(2 - 2), (false || true));
        yield* ipc.wait({ receive: "finite" });
      },
    },
  },
});

export const p76 = protocol("p76", {
  kernel: l4.kernel({ cpus: 2, message: int(0, 2) }),
  parameters: { limit: 2 },
  scheduling: "priority",
  memory: { m0: wrapping(3)},
  threads: {
    t0: {
      cpu: 0, priority: 0,
      *run({ threads, ipc }) {
        while (true) {
          yield* ipc.send(threads.t1, 2, { send: "zero" });
          for (const v0 of [0, 2]) {
            let v1 = local(int(0, 2), 1);
            v1--;
          }
        }
      },
    },
    t1: {
      cpu: 1, priority: 1,
      *run({ ipc }) {
        while (("red" === "blue")) {
          yield* ipc.wait({ receive: "finite" });
          if (true) break;
        }
        yield* ipc.wait({ receive: "finite" });
      },
    },
  },
});

export const p77 = protocol("p77", {
  kernel: shm.kernel({ cpus: 1 }),
  parameters: { limit: 2 },
  scheduling: "priority",
  memory: { m0: int(0, 2),  m1: threadId,  m2: ghost(int(0, 3))},
  threads: {
    t0: {
      cpu: 0, priority: 1,
      *run({ m0 }) {
        if (("red" === "green")) return;
        yield* m0.load();
        yield* m0.load();
      },
    },
    t1: {
      cpu: 0, priority: 1,
      *run({ threads, futex, m0, m1 }) {
        if ((false || false) || (yield* m1.load()) !== threads.t2) {
          yield* futex.wait(m0, 0, { idle: false });
          yield* futex.wake(m0, 2);
        }
        yield* m0.exchange(2);
      },
    },
    t2: {
      cpu: 0, priority: 0,
      *run({  }) {
        let v0 = "green";
      },
    },
  },
});

export const p78 = protocol("p78", {
  kernel: l4.kernel({ cpus: 2, message: record({ a: int(0, 2), ok: bool() }) }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: ghost(int(0, 3)),  word: int(0, 2)},
  threads: {
    t0: {
      cpu: 1,
      *run({ threads, ipc, word }) {
        const { error: v0, phase: v2 } = yield* ipc.call(threads.t1, { a: pairOf(0).a, ok: ("blue" === "red") });
        const v1 = v0 === "none" || v2 === "send";
        yield* word.exchange(0);
        yield* ipc.wait({ receive: "finite" });
      },
    },
    t1: {
      cpu: 1,
      *run({ m0 }) {
        m0.value += 1;
      },
    },
  },
});

export const p79 = protocol("p79", {
  kernel: shm.kernel({ cpus: 2 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: ghost(int(0, 3)),  m1: flag,  m2: record({ x: int(0, 2), ok: flag })},
  threads: {
    t0: {
      cpu: 0,
      *run({ m2 }) {
        yield* m2.ok.load();
        yield* m2.x.exchange(2);
      },
    },
    t1: {
      cpu: 0, untrusted: true,
      *run({ m0, m1, m2 }) {
        while (true) {
          yield* fence();
          for (let v0 = 0; v0 < 2; v0++) {
            m0.value = 2;
          }
          yield* m2.ok.exchange(false);
          yield* m1.store(true);
          yield* m2.ok.load();
        }
      },
    },
    t2: {
      cpu: 1,
      *run({ futex, m1, m2 }) {
        if (false && (yield* m1.load()) === false) {
          assume(1 < 1);
          yield* futex.wake(m2.x, 1);
        } else {
          yield* m2.ok.load();
        }
        while (true) {
          yield* m2.ok.exchange(true);
          yield* m1.load();
        }
      },
    },
  },
});

export const p80 = protocol("p80", {
  kernel: l4.kernel({ cpus: 2, message: oneOf("red", "green", "blue") }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: int(0, 2, 1)},
  threads: {
    t0: {
      cpu: 1,
      *run({ ipc, m0 }) {
        for (const v0 of [0, 2]) {
          while (v0 !== 2) {
            yield* m0.store(v0);
            yield* fence();
            yield* m0.load();
          }
        }
        yield* ipc.wait({ receive: "finite" });
        yield* m0.store(1);
      },
    },
    t1: {
      cpu: 1,
      *run({ m0 }) {
        while (true) {
          yield* m0.store(1);
          const v1 = yield* swap(m0, 1);
          if ((yield* m0.load()) === 1) continue;
          yield* m0.load();
        }
      },
    },
  },
});

export const p81 = protocol("p81", {
  kernel: l4.kernel({ cpus: 1, message: bool() }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: int(0, 2)},
  threads: {
    t0: {
      cpu: 0,
      *run({ threads, ipc, m0 }) {
        while (true) {
          yield* m0.store(2);
          for (const v0 of [0, 2]) {
            while ((1 < v0 || v0 === 2)) {
              yield* ipc.send(threads.t1, v0 >= 2, { send: "zero" });
              yield* ipc.send(threads.t0, v0 < 0, { send: "finite" });
            }
          }
          yield* ipc.wait();
          yield* ipc.send(threads.t0, false, { send: "zero" });
          yield* ipc.wait();
        }
      },
    },
    t1: {
      cpu: 0,
      *run({ m0 }) {
        yield* m0.store(((0 ^ 0) % 3));
      },
    },
  },
});

export const p82 = protocol("p82", {
  kernel: shm.kernel({ cpus: 1 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: record({ x: int(0, 2), ok: flag })},
  threads: {
    t0: {
      cpu: 0,
      *run({ m0 }) {
        const v0 = yield* bump(m0.x);
      },
    },
    t1: {
      cpu: 0,
      *run({ m0 }) {
        let v1 = yield* m0.x.compareExchange((true ? Math.abs(0 - 2) : 0), 2);
        yield* m0.ok.load();
        yield* fence();
        yield* m0.x.store(v1);
      },
    },
    t2: {
      cpu: 0,
      *run({ futex, m0 }) {
        while (true) {
          yield* futex.wait(m0.x, 1, { idle: true });
          let v2 = local(int(0, 2), 0);
          v2 += 1;
          yield* step({ when: () => m0.x.value !== 0 });
          if ((yield* m0.ok.load()) !== !(v2 >= 0)) {
            yield* waitUntil(m0.ok, (value) => value === true);
            yield* m0.ok.load();
          } else {
            yield* m0.ok.store(v2 >= 2);
          }
        }
      },
    },
  },
});

export const p83 = protocol("p83", {
  kernel: shm.kernel({ cpus: 1 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: array(2, record({ x: int(0, 2), color: oneOf("red", "green", "blue") })),  m1: int(0, 2, 1),  m2: flag},
  threads: {
    t0: {
      cpu: 0,
      *run({ m0, m1 }) {
        if ((yield* m0.at(1).color.load()) !== nextColor("green")) {
          yield* until(m1, 0);
        }
        yield* m0.at(1).color.load();
      },
    },
    t1: {
      cpu: 0,
      *run({ m1 }) {
        while (true) {
          yield* m1.load();
          const v0 = yield* m1.compareExchange(0, Math.min(1, 2));
        }
      },
    },
  },
});

export const p84 = protocol("p84", {
  kernel: shm.kernel({ cpus: 2 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: flag,  m1: int(0, 2)},
  threads: {
    t0: {
      cpu: 0,
      *run({ futex, m0, m1 }) {
        while (true) {
          yield* m0.load();
          yield* m1.store(1);
          yield* m0.exchange(true);
          yield* futex.wait(m1, 1, { idle: true });
        }
      },
    },
    t1: {
      cpu: 1,
      *run({  }) {
        let v0 = nextColor("blue");
      },
    },
    t2: {
      cpu: 1,
      *run({ m1 }) {
        let v1 = nextColor("blue");
        yield* waitUntil(m1, (value) => value === 1);
      },
    },
  },
});

export const p85 = protocol("p85", {
  kernel: shm.kernel({ cpus: 2 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: array(2, record({ x: int(0, 2), color: oneOf("red", "green", "blue") })),  m1: queue(int(0, 2), 2)},
  threads: {
    t0: {
      cpu: 0,
      *run({ futex, m0 }) {
        for (const v0 of [0, 2]) {
          v0 >= 1 && (yield* m0.at(v0).x.store(2));
        }
        while (true) {
          yield* m0.at(1).color.write("green");
          yield* futex.wait(m0.at(1).x, 0, { idle: true });
          yield* futex.wait(m0.at(0).x, 2, { idle: true });
        }
      },
    },
    t1: {
      cpu: 1,
      *run({ m0 }) {
        yield* m0.at(1).color.write("green");
        let v1 = local(int(0, 2), 0);
        v1++;
        if (v1 < 0) {
          if (v1 === 2) {
            yield* m0.at(1).color.write(nextColor("blue"));
            yield* m0.at(1).color.store("blue");
          }
        }
        yield* m0.at(1).color.write(nextColor("red"));
      },
    },
    t2: {
      cpu: 0, untrusted: true,
      *run({ m0 }) {
        const v2 = yield* twice(m0.at(1).x);
      },
    },
  },
});

export const p86 = protocol("p86", {
  kernel: l4.kernel({ cpus: 1, message: int(0, 2) }),
  parameters: { limit: 2 },
  scheduling: "round-robin",
  objects: { bell: l4.notification({ bits: 2 }) },
  memory: { m0: record({ x: int(0, 2), ok: flag }),  m1: ghost(int(0, 3))},
  threads: {
    t0: {
      cpu: 0,
      *run({ threads, m0 }) {
        while (true) {
          yield* m0.ok.write((nobody === threads.t0));
          yield* m0.ok.store(true);
          yield* m0.x.write(2);
          yield* m0.x.exchange(0);
          yield* m0.ok.write(true);
        }
      },
    },
    t1: {
      cpu: 0,
      *run({ bell, m0 }) {
        while (true) {
          yield* fence();
          yield* step({ when: () => m0.x.value > 0, do: () => { m0.x.value -= 1; } });
          if (yield* choose(true, false)) {
            true && (yield* m0.x.store(1));
          } else {
            yield* bell.poll();
          }
        }
      },
    },
  },
  invariants: { small: ({ m1, limit }) => m1 < limit + 0 },
});

export const p87 = protocol("p87", {
  kernel: l4.kernel({ cpus: 2, message: int(0, 2) }),
  parameters: { limit: 2 },
  scheduling: "free",
  objects: { bell: l4.notification({ bits: 2 }) },
  memory: { m0: ghost(int(0, 3)),  word: int(0, 2)},
  threads: {
    t0: {
      cpu: 1,
      *run({ self, threads, ipc, bell }) {
        v0: while (yield* choose(true, false)) {
          do {
            yield* ipc.wait();
            const v1 = yield* ipc.call(threads.t1, 1, { receive: "finite" });
            const v2 = v1.error === "none" ? v1.message : 2;
            const v3 = v1.error === "none" ? v1.from : self;
          } while (1 < (1 & 1));
          yield* bell.signal(3);
        }
        yield* bell.wait();
      },
    },
    t1: {
      cpu: 1,
      *run({ bell, m0, word }) {
        while (true) {
          yield* bell.signal(0);
          m0.value += 1;
          true && (yield* word.store(2));
          for (let v4 = 0; v4 < 2; v4++) {
            for (const v5 of [0, 2]) {
              yield* word.load();
            }
            yield* word.load();
          }
        }
      },
    },
  },
});

export const p88 = protocol("p88", {
  kernel: l4.kernel({ cpus: 2, message: int(0, 2) }),
  parameters: { limit: 2 },
  scheduling: "priority",
  memory: { m0: ghost(int(0, 3)),  m1: int(0, 2),  m2: array(2, int(0, 2)),  m3: oneOf("red", "green", "blue")},
  threads: {
    t0: {
      cpu: 0, priority: 1,
      *run({ threads, ipc, m1, m2, m3 }) {
        const v0 = yield* bump(m1);
        v1: while ((threads.t0 === threads.t0)) {
          do {
            yield* m1.store(2);
            yield* ipc.wait();
          } while ((yield* m2.at(0).load()) !== 2);
          yield* m3.store(nextColor("green"));
        }
        yield* m2.at(0).load();
        yield* fence();
      },
    },
    t1: {
      cpu: 0, priority: 0,
      *run({ threads, ipc, m1 }) {
        while (true) {
          yield* ipc.send(threads.t1, 2, { send: "zero" });
          yield* step({ when: () => m1.value > 0, do: () => { m1.value -= 1; } });
          for (const v2 of [0, 2]) {
            const v3 = yield* choose(1, 1);
          }
          if (yield* choose(true, false)) continue;
        }
      },
    },
  },
});

export const p89 = protocol("p89", {
  kernel: l4.kernel({ cpus: 1, message: bool() }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: ghost(int(0, 3)),  word: int(0, 2)},
  threads: {
    t0: {
      cpu: 0,
      *run({ threads, ipc }) {
        if (("green" === "blue")) {
          yield* ipc.send(threads.t0, true, { send: "finite" });
          yield* ipc.send(threads.t2, false, { send: "finite" });
        }
        yield* ipc.wait();
      },
    },
    t1: {
      cpu: 0,
      *run({  }) {
        let v0 = double(double(((1 ^ 2) % 3)));
      },
    },
    t2: {
      cpu: 0,
      *run({ word }) {
        for (const v1 of [0, 2]) {
          const v2 = yield* swap(word, 2);
        }
        while (true) {
          yield* word.exchange(0);
          let v3 = local(int(0, 2), 0);
          v3++;
          if (((yield* word.load()) + (yield* word.load())) % 2 === 0) {
            yield* word.store(0);
          }
        }
      },
    },
  },
});

export const p90 = protocol("p90", {
  kernel: shm.kernel({ cpus: 2 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: threadId,  m1: int(0, 2, 1)},
  threads: {
    t0: {
      cpu: 0,
      *run({ self, m0 }) {
        while (true) {
          yield* fence();
          yield* m0.write(self);
          for (let v0 = 0; v0 < 2; v0++) {
            let v1 = local(int(0, 2), 0);
            v1++;
          }
          yield* m0.load();
        }
      },
    },
    t1: {
      cpu: 1,
      *run({ threads, m0 }) {
        yield* m0.write(threads.t1);
        let v2 = false;
      },
    },
  },
});

export const p91 = protocol("p91", {
  kernel: shm.kernel({ cpus: 1 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: ghost(int(0, 3)),  word: int(0, 2)},
  threads: {
    t0: {
      cpu: 0,
      *run({ futex, word }) {
        if (((yield* word.load()) + (yield* word.load())) % 2 === 0) {
          yield* futex.wait(word, 1, { idle: true });
        }
        while (true) {
          yield* word.store(1);
          yield* word.store(0);
        }
      },
    },
    t1: {
      cpu: 0,
      *run({ futex, word }) {
        if (((2 + 2) % 3) < 2) {
          yield* futex.wake(word, 2);
        } else {
          yield* futex.wait(word, 2, { idle: false });
        }
      },
    },
  },
});

export const p92 = protocol("p92", {
  kernel: l4.kernel({ cpus: 1, message: int(0, 2) }),
  parameters: { limit: 2 },
  scheduling: "free",
  objects: { bell: l4.notification({ bits: 2 }) },
  memory: { m0: int(0, 2, 1),  m1: oneOf("red", "green", "blue")},
  threads: {
    t0: {
      cpu: 0,
      *run({ m0, m1 }) {
        while ((yield* m1.load()) !== "red") {};
        while (true) {
          yield* m0.load();
          yield* m0.store(1);
          yield* m1.exchange("red");
          yield* m0.load();
        }
      },
    },
    t1: {
      cpu: 0,
      *run({ bell, m0 }) {
        while (true) {
          yield* bell.signal(0);
          yield* m0.store(2);
        }
      },
    },
  },
});

export const p93 = protocol("p93", {
  kernel: shm.kernel({ cpus: 2 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: record({ x: int(0, 2), ok: flag }),  m1: int(0, 2)},
  threads: {
    t0: {
      cpu: 0,
      *run({ futex, m0, m1 }) {
        while (true) {
          yield* m1.store(0);
          yield* until(m1, 2);
          const v0 = (yield* futex.wait(m0.x, 2)).outcome === "woken";
          for (let v1 = 0; v1 < 2; v1++) {
            switch ("green") {
              case "red":
                switch ("blue") {
                  case "red":
                    let v2 = yield* choose(false, true);
                    break;
                  case "green":
                    yield* futex.wake(m1, 1);
                }
                break;
              case "green":
                yield* m1.write(0);
                break;
            }
            yield* futex.wait(m0.x, 1, { idle: false });
          }
          yield* fence();
        }
      },
    },
    t1: {
      cpu: 1,
      *run({ m0 }) {
        for (let v3 = 0; v3 < 2; v3++) {
          yield* m0.x.write(v3);
        }
        while (true) {
          yield* m0.ok.load();
          yield* fence();
          yield* m0.x.write(1);
        }
      },
    },
    t2: {
      cpu: 0,
      *run({ futex, m0, m1 }) {
        yield* futex.wake(m1, 1);
        yield* m0.x.load();
        yield* m0.ok.load();
      },
    },
  },
});

export const p94 = protocol("p94", {
  kernel: shm.kernel({ cpus: 1 }),
  parameters: { limit: 2 },
  scheduling: "round-robin",
  memory: { m0: int(0, 2),  m1: ghost(int(0, 3)),  m2: bool(true)},
  threads: {
    t0: {
      cpu: 0, count: 2,
      *run({ m0 }) {
        const v0 = yield* swap(m0, 2);
        let v1 = Math.min(Math.abs(Math.abs(1 - 1) - 0), 0);
      },
    },
    t1: {
      cpu: 0,
      *run({ m0, m2 }) {
        yield* m0.load();
        while (true) {
          yield* m2.load();
          yield* m0.exchange(0);
        }
      },
    },
  },
  invariants: { small: ({ m1, limit }) => m1 < limit + 1 },
});

export const p95 = protocol("p95", {
  kernel: shm.kernel({ cpus: 2 }),
  parameters: { limit: 2 },
  scheduling: "round-robin",
  memory: { m0: array(2, record({ x: int(0, 2), color: oneOf("red", "green", "blue") })),  m1: oneOf("red", "green", "blue"),  m2: int(0, 2),  m3: queue(int(0, 2), 2)},
  threads: {
    t0: {
      cpu: 0,
      *run({ futex, m0, m1, m2 }) {
        let v0 = yield* m0.at(1).x.fetchAdd(1);
        yield* m1.exchange("green");
        yield* m1.store("green");
        yield* futex.wake(m2, 2);
      },
    },
    t1: {
      cpu: 1,
      *run({ futex, m0, m1, m2 }) {
        while ((yield* m1.load()) !== "red") {
          yield* futex.wake(m0.at(0).x, 2);
          yield* m0.at(0).x.exchange(1);
        }
        while (true) {
          yield* m2.store(1);
          yield* m0.at(1).x.store(1);
        }
      },
    },
  },
});

export const p96 = protocol("p96", {
  kernel: l4.kernel({ cpus: 1, message: int(0, 2), atomic: true }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: ghost(int(0, 3)),  word: int(0, 2)},
  threads: {
    t0: {
      cpu: 0, untrusted: true,
      *run({ self, threads, ipc, word }) {
        const v0 = yield* ipc.call(threads.t2, ((2 ^ (true ? 1 : 2)) % 3));
        const v1 = v0.error === "none" ? v0.message : 2;
        const v2 = v0.error === "none" ? v0.from : self;
        while (true) {
          yield* ipc.send(threads.t0, v1);
          yield* word.load();
        }
      },
    },
    t1: {
      cpu: 0,
      *run({ threads, ipc, word }) {
        let v3 = { a: 1, ok: ("blue" === "green") };
        yield* ipc.send(threads.t2, 0, { send: "zero" });
        yield* word.store(2);
        yield* word.store(0);
      },
    },
    t2: {
      cpu: 0,
      *run({ threads, ipc, word }) {
        while (true) {
          yield* ipc.send(threads.t2, 0);
          yield* ipc.wait({ receive: "finite" });
          yield* word.store(2);
          yield* ipc.send(threads.t2, 1, { send: "zero" });
        }
      },
    },
  },
});

export const p97 = protocol("p97", {
  kernel: l4.kernel({ cpus: 2, message: bool() }),
  parameters: { limit: 2 },
  scheduling: "free",
  objects: { bell: l4.notification({ bits: 2 }) },
  memory: { m0: int(0, 2),  m1: oneOf("red", "green", "blue"),  m2: record({ x: int(0, 2), ok: flag })},
  threads: {
    t0: {
      cpu: 0,
      *run({  }) {
        yield* step({});
      },
    },
    t1: {
      cpu: 1, count: 2,
      *run({ threads, ipc, bell, m0 }) {
        while (true) {
          yield* ipc.send(threads.t1[0], true, { send: "zero" });
          for (const v0 of [0, 2]) {
            yield* m0.load();
          }
          yield* bell.signal(3);
        }
      },
    },
  },
});

export const p98 = protocol("p98", {
  kernel: shm.kernel({ cpus: 1 }),
  parameters: { limit: 2 },
  scheduling: "round-robin",
  memory: { m0: wrapping(3),  m1: record({ x: int(0, 2), ok: flag })},
  threads: {
    t0: {
      cpu: 0, count: 2,
      *run({ futex, m0 }) {
        (false || false) && (yield* m0.store(0));
        yield* m0.exchange(1);
        yield* futex.wait(m0, 2, { idle: false });
      },
    },
    t1: {
      cpu: 0, untrusted: true,
      *run({ futex, m0, m1 }) {
        if (true) return;
        while (true) {
          yield* futex.wait(m0, 0, { idle: false });
          let v0 = yield* m0.load();
          yield* futex.wake(m1.x, 1);
        }
      },
    },
  },
});

export const p99 = protocol("p99", {
  kernel: shm.kernel({ cpus: 1 }),
  parameters: { limit: 2 },
  scheduling: "round-robin",
  memory: { m0: int(0, 2)},
  threads: {
    t0: {
      cpu: 0,
      *run({ futex, m0 }) {
        yield* futex.wake(m0, 1);
      },
    },
    t1: {
      cpu: 0, count: 2,
      *run({ futex, m0 }) {
        while (true) {
          yield* m0.load();
          yield* futex.wait(m0, 2, { idle: false });
          yield* m0.load();
          yield* m0.exchange(2);
        }
      },
    },
  },
});
