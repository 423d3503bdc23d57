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
  kernel: shm.kernel({ cpus: 2 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: queue(int(0, 2), 2),  m1: queue(int(0, 2), 2),  m2: int(0, 2, 1),  m3: oneOf("red", "green", "blue")},
  threads: {
    t0: {
      cpu: 0, untrusted: true,
      *run({ futex, m2, m3 }) {
        while (true) {
          yield* futex.wait(m2, 2, { idle: false });
          const v0 = (yield* futex.wait(m2, 0, { timeout: "finite" })).outcome === "woken";
          if (((yield* m2.load()) + (yield* m2.load())) % 2 === 0) {
            for (const v1 of [0, 2]) {
              if ((yield* m3.load()) === nextColor("blue")) break;
            }
          }
        }
      },
    },
    t1: {
      cpu: 0,
      *run({ m2 }) {
        while (true) {
          yield* m2.load();
          yield* m2.load();
        }
      },
    },
  },
});

export const p1 = protocol("p1", {
  kernel: l4.kernel({ cpus: 2, message: oneOf("red", "green", "blue") }),
  parameters: { limit: 2 },
  scheduling: "free",
  objects: { bell: l4.notification({ bits: 2 }) },
  memory: { m0: int(0, 2, 1),  m1: int(0, 2),  m2: ghost(int(0, 3))},
  threads: {
    t0: {
      cpu: 0,
      *run({ threads, m0, m1 }) {
        if ((threads.t2 === threads.t0)) return;
        yield* m1.store(0);
        yield* m1.store(0);
        yield* m0.load();
      },
    },
    t1: {
      cpu: 1,
      *run({ self, threads, ipc, m0, m1 }) {
        while (true) {
          yield* m1.load();
          const v0 = yield* ipc.replyWait(threads.t2, "green", { send: "zero", idle: true });
          const v1 = v0.error === "none" ? v0.message : "blue";
          const v2 = v0.error === "none" ? v0.from : self;
          for (let v3 = 0; v3 < 2; v3++) {
            yield* m0.store(2);
          }
        }
      },
    },
    t2: {
      cpu: 1,
      *run({ ipc, bell, m0 }) {
        const v4 = yield* choose(1, 1);
        yield* bell.signal(1);
        yield* ipc.wait();
        yield* m0.load();
      },
    },
  },
});

export const p2 = protocol("p2", {
  kernel: shm.kernel({ cpus: 1 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: int(0, 2),  m1: queue(int(0, 2), 2)},
  threads: {
    t0: {
      cpu: 0, untrusted: true,
      *run({ futex, m0 }) {
        while (true) {
          yield* futex.wait(m0, 1, { idle: true });
          for (const v0 of [0, 2]) {
            if (v0 < 2) {
              if (("red" === "green")) break;
            }
          }
          yield* m0.exchange(2);
          yield* m0.exchange(1);
        }
      },
    },
    t1: {
      cpu: 0, count: 2,
      *run({ m0 }) {
        while (true) {
          yield* m0.exchange(2);
          yield* m0.store(0);
          yield* m0.exchange(1);
          yield* m0.exchange(1);
        }
      },
    },
  },
});

export const p3 = protocol("p3", {
  kernel: shm.kernel({ cpus: 2 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: queue(int(0, 2), 2),  m1: int(0, 2),  m2: int(0, 2)},
  threads: {
    t0: {
      cpu: 0,
      *run({ futex, m1, m2 }) {
        while (true) {
          yield* m2.exchange(2);
          yield* m2.load();
          yield* futex.wake(m1, 1);
          yield* m2.exchange(0);
        }
      },
    },
    t1: {
      cpu: 1,
      *run({ m1, m2 }) {
        if (((yield* m2.load()) + (yield* m2.load())) % 2 === 0) {
          if (yield* choose(true, false)) {
            yield* m1.load();
            yield* m2.load();
          }
        }
      },
    },
    t2: {
      cpu: 0,
      *run({ futex, m0, m2 }) {
        while (true) {
          yield* futex.wake(m2, 1);
          yield* step({ when: () => m0.length > 0, do: () => m0.shift() });
          yield* futex.wake(m2, 1);
        }
      },
    },
  },
});

export const p4 = protocol("p4", {
  kernel: l4.kernel({ cpus: 2, message: bool(), atomic: true }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: threadId,  m1: int(0, 2),  m2: record({ x: int(0, 2), ok: flag })},
  threads: {
    t0: {
      cpu: 1,
      *run({ threads, limit, ipc, m1, m2 }) {
        let v0 = { a: Math.min(1, limit), ok: true };
        while (true) {
          yield* m1.store(1);
          yield* m2.ok.exchange(false);
          yield* ipc.send(threads.t1, true, { send: "zero" });
        }
      },
    },
    t1: {
      cpu: 0,
      *run({ threads, ipc, m1, m2 }) {
        while (true) {
          yield* m1.exchange(1);
          let v1 = true;
          yield* ipc.send(threads.t2, v1, { send: "zero" });
          yield* m2.x.store(1);
          yield* m2.ok.store(false);
        }
      },
    },
    t2: {
      cpu: 0,
      *run({ threads, ipc, m2 }) {
        yield* step({ when: () => m2.x.value > 0, do: () => { m2.x.value -= 1; } });
        while (true) {
          yield* ipc.send(threads.t0, true, { send: "zero" });
          let v2 = local(int(0, 2), 2);
          v2++;
          let v3 = nextColor("blue");
        }
      },
    },
  },
});

export const p5 = protocol("p5", {
  kernel: l4.kernel({ cpus: 1, message: int(0, 2) }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: threadId,  m1: int(0, 2),  m2: threadId},
  threads: {
    t0: {
      cpu: 0,
      *run({ threads, m0, m1 }) {
        let v0 = threads.t0;
        const v1 = yield* m1.load();
        yield* m0.exchange(nobody);
        const v2 = yield* twice(m1);
      },
    },
    t1: {
      cpu: 0, untrusted: true,
      *run({ self, threads, ipc, m1, m2 }) {
        while (true) {
          yield* m1.load();
          yield* m2.store(self);
          yield* ipc.send(threads.t2, 2, { send: "zero" });
          yield* ipc.send(threads.t1, 0, { send: "zero" });
        }
      },
    },
    t2: {
      cpu: 0,
      *run({  }) {
        for (const v3 of [0, 2]) {
          let v4 = "red";
        }
        let v5 = nextColor("blue");
      },
    },
  },
});

export const p6 = protocol("p6", {
  kernel: l4.kernel({ cpus: 2, message: bool(), atomic: true }),
  parameters: { limit: 2 },
  scheduling: "priority",
  memory: { m0: int(0, 2, 1),  m1: int(0, 2),  m2: array(2, int(0, 2)),  m3: ghost(int(0, 3))},
  threads: {
    t0: {
      cpu: 0, priority: 0,
      *run({ threads, ipc, m0, m1 }) {
        if (false) {
          let v0 = 1;
        } else {
          yield* ipc.send(threads.t0, (false || false), { send: "zero" });
        }
        while (true) {
          yield* m1.load();
          yield* m0.load();
        }
      },
    },
    t1: {
      cpu: 0, priority: 0, untrusted: true,
      *run({ m0, m2 }) {
        yield* m2.at(0).exchange(0);
        yield* m0.load();
      },
    },
    t2: {
      cpu: 1, priority: 1,
      *run({ threads, ipc, m0, m2 }) {
        const v1 = yield* swap(m2.at(0), 1);
        v2: while ((yield* m0.load()) !== 1) {
          do {
            yield* fence();
            yield* ipc.send(threads.t0, false, { send: "zero" });
          } while (true);
          yield* ipc.send(threads.t0, true, { send: "zero" });
        }
      },
    },
  },
});

export const p7 = protocol("p7", {
  kernel: shm.kernel({ cpus: 1 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: int(0, 2, 1)},
  threads: {
    t0: {
      cpu: 0,
      *run({ m0 }) {
        let v0 = nextColor("green");
        while (true) {
          yield* m0.store(1);
          yield* m0.store(2);
        }
      },
    },
    t1: {
      cpu: 0,
      *run({ m0 }) {
        const v1 = yield* m0.fetchAdd(1);
        yield* m0.store(0);
        yield* m0.load();
        yield* m0.store(v1);
      },
    },
  },
});

export const p8 = protocol("p8", {
  kernel: l4.kernel({ cpus: 2, message: int(0, 2) }),
  parameters: { limit: 2 },
  scheduling: "free",
  objects: { bell: l4.notification({ bits: 2 }) },
  memory: { m0: queue(int(0, 2), 2),  m1: record({ x: int(0, 2), ok: flag }),  m2: queue(int(0, 2), 2),  m3: flag},
  threads: {
    t0: {
      cpu: 1,
      *run({ ipc, m1 }) {
        while (true) {
          yield* ipc.wait({ receive: "finite" });
          if (((yield* m1.x.load()) + (yield* m1.x.load())) % 2 === 0) {
            let v0 = false;
          }
        }
      },
    },
    t1: {
      cpu: 0,
      *run({ self, threads, ipc, m1, m3 }) {
        if ((yield* m3.load()) === false) {
          if (((yield* m1.x.load()) + (yield* m1.x.load())) % 2 === 0) {
            let v1 = nobody;
          }
          const v2 = yield* ipc.replyWait(threads.t0, Math.abs(0 - 1), { send: "finite", receive: "finite", idle: true });
          const v3 = v2.error === "none" ? v2.message : 0;
          const v4 = v2.error === "none" ? v2.from : self;
        } else {
          yield* ipc.send(threads.t1, 1, { send: "zero" });
        }
        yield* m1.ok.exchange(true);
        yield* ipc.send(threads.t0, 0, { send: "finite" });
        yield* m1.x.exchange(0);
      },
    },
    t2: {
      cpu: 1,
      *run({ bell }) {
        let v5 = false;
        if (yield* choose(true, false)) {
          yield* fence();
        } else {
          yield* bell.poll();
        }
        yield* bell.signal(1);
        yield* bell.signal(2);
      },
    },
  },
});

export const p9 = protocol("p9", {
  kernel: l4.kernel({ cpus: 2, message: int(0, 2), atomic: true }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: int(0, 2),  m1: wrapping(3)},
  threads: {
    t0: {
      cpu: 0,
      *run({ ipc, m0, m1 }) {
        yield* m0.exchange(0);
        while (true) {
          yield* m1.load();
          yield* ipc.wait({ receive: "finite" });
          yield* fence();
        }
      },
    },
    t1: {
      cpu: 0,
      *run({ threads, ipc, m1 }) {
        !(false) && (yield* m1.store(2));
        while (true) {
          yield* m1.store(1);
          yield* ipc.wait({ receive: "finite" });
          yield* ipc.send(threads.t1, 1, { send: "zero" });
          yield* ipc.wait({ receive: "finite" });
        }
      },
    },
    t2: {
      cpu: 0,
      *run({ threads, ipc, m0, m1 }) {
        if (true) {
          let v0 = yield* m1.load();
        }
        while (true) {
          yield* ipc.delete(threads.t0);
          yield* m1.exchange(2);
          yield* m0.exchange(1);
        }
      },
    },
  },
});

export const p10 = protocol("p10", {
  kernel: shm.kernel({ cpus: 1 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: ghost(int(0, 3)),  m1: int(0, 2),  m2: ghost(int(0, 3))},
  threads: {
    t0: {
      cpu: 0,
      *run({ m1 }) {
        2 < 0 && (yield* m1.store(1));
      },
    },
    t1: {
      cpu: 0,
      *run({ futex, m1 }) {
        if ((nextColor("red") === "red")) {
          yield* m1.load();
          yield* m1.load();
        }
        while (true) {
          yield* m1.exchange(1);
          yield* futex.wait(m1, 1, { idle: false });
        }
      },
    },
  },
});

export const p11 = protocol("p11", {
  kernel: shm.kernel({ cpus: 1 }),
  parameters: { limit: 2 },
  scheduling: "priority",
  memory: { m0: int(0, 2, 1),  m1: threadId,  m2: flag},
  threads: {
    t0: {
      cpu: 0, priority: 1,
      *run({ m0, m2 }) {
        switch ("red") {
          case "red":
            while ((yield* m2.load()) === false) {
              yield* m2.load();
              yield* m2.exchange(true);
            }
            break;
          case "green":
            yield* m2.exchange(false);
            break;
        }
        while (true) {
          yield* fence();
          yield* m0.load();
        }
      },
    },
    t1: {
      cpu: 0, priority: 1,
      *run({ self, threads, m1, m2 }) {
        let v0 = local(int(0, 2), 2);
        v0 = 2 - v0;
        while (true) {
          yield* m1.store(self);
          let v1 = local(int(0, 2), 0);
          v1++;
          yield* m2.load();
          yield* m1.exchange(threads.t0);
        }
      },
    },
  },
  invariants: { small: ({ m0, limit }) => m0 < limit + 1 },
});

export const p12 = protocol("p12", {
  kernel: l4.kernel({ cpus: 2, message: int(0, 2), atomic: true }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: array(2, int(0, 2))},
  threads: {
    t0: {
      cpu: 1,
      *run({ ipc, m0 }) {
        while (true) {
          yield* ipc.wait({ receive: "finite" });
          yield* m0.at(0).exchange(1);
        }
      },
    },
    t1: {
      cpu: 1,
      *run({ m0 }) {
        const v0 = yield* bump(m0.at(0));
        while (true) {
          yield* m0.at(0).store(((1 ^ 0) % 3));
          let v1 = local(int(0, 2), 0);
          v1--;
        }
      },
    },
  },
});

export const p13 = protocol("p13", {
  kernel: l4.kernel({ cpus: 1, message: bool() }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: oneOf("red", "green", "blue"),  m1: ghost(int(0, 3)),  m2: int(0, 2)},
  threads: {
    t0: {
      cpu: 0,
      *run({ threads, ipc, m0, m2 }) {
        while (true) {
          yield* m2.store(2);
          yield* m2.exchange(1);
          if (true) {
            yield* m0.store("green");
          } else {
            yield* ipc.send(threads.t0, true, { send: "zero" });
          }
          yield* ipc.wait({ receive: "finite" });
        }
      },
    },
    t1: {
      cpu: 0,
      *run({ threads, ipc, m1, m0, m2 }) {
        m1.value = (m1.value + 1) % 3;
        while (true) {
          yield* m2.exchange(2);
          yield* ipc.delete(threads.t0);
          yield* m0.load();
        }
      },
    },
  },
});

export const p14 = protocol("p14", {
  kernel: l4.kernel({ cpus: 1, message: bool() }),
  parameters: { limit: 2 },
  scheduling: "priority",
  objects: { bell: l4.notification({ bits: 2 }) },
  memory: { m0: bool(true),  word: int(0, 2)},
  threads: {
    t0: {
      cpu: 0, priority: 0,
      *run({ threads, ipc, m0, word }) {
        let v0 = "blue";
        while (true) {
          yield* m0.write(true);
          switch (nextColor("blue")) {
            case "red":
              yield* word.load();
              break;
            case "green":
              const { error: v1, phase: v3 } = yield* ipc.receive(threads.t1, { receive: "zero", idle: true });
              const v2 = v1 === "none" || v3 === "send";
              break;
            default:
              yield* word.write(1);
          }
        }
      },
    },
    t1: {
      cpu: 0, priority: 1,
      *run({ threads, ipc, word }) {
        const v4 = yield* word.fetchAdd(2);
        yield* fence();
        yield* ipc.send(threads.t1, v4 === 1, { send: "zero" });
        yield* word.write(v4);
      },
    },
  },
  invariants: { small: ({ word, limit }) => word < limit + 0 },
});

export const p15 = protocol("p15", {
  kernel: shm.kernel({ cpus: 2 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: bool(true),  m1: queue(int(0, 2), 2),  m2: wrapping(3)},
  threads: {
    t0: {
      cpu: 1,
      *run({ m1, m2 }) {
        yield* step({ do: () => { m1.push(2); } });
        let v0 = "green";
        yield* m2.load();
      },
    },
    t1: {
      cpu: 1,
      *run({ futex, m0, m2 }) {
        if (0 < 2) return;
        while (true) {
          yield* m0.store(false);
          yield* futex.wake(m2, 2);
        }
      },
    },
  },
  invariants: { small: ({ m2, limit }) => m2 < limit + 0 },
});

export const p16 = protocol("p16", {
  kernel: shm.kernel({ cpus: 2 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: bool(true),  word: int(0, 2)},
  threads: {
    t0: {
      cpu: 1,
      *run({ futex, m0, word }) {
        let v0 = local(int(0, 2), 0);
        v0 = 2 - v0;
        while (true) {
          yield* word.store(v0);
          yield* futex.wake(word, 2);
          yield* m0.exchange(v0 !== 1);
          yield* m0.load();
        }
      },
    },
    t1: {
      cpu: 0, untrusted: true,
      *run({ futex, m0, word }) {
        for (let v1 = 0; v1 < 2; v1++) {
          const v2 = yield* word.fetchAdd(1);
          yield* m0.write(v2 === 0);
        }
        while (true) {
          yield* m0.write(true);
          yield* word.write(1);
          yield* futex.wait(word, 1, { idle: true });
        }
      },
    },
  },
});

export const p17 = protocol("p17", {
  kernel: shm.kernel({ cpus: 1 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: record({ x: int(0, 2), ok: flag }),  m1: wrapping(3),  m2: oneOf("red", "green", "blue")},
  threads: {
    t0: {
      cpu: 0,
      *run({ m0, m1 }) {
        let v0 = yield* m1.exchange(1);
        yield* m0.x.store(1);
      },
    },
    t1: {
      cpu: 0, untrusted: true,
      *run({ futex, m0, m1, m2 }) {
        0 < 2 && (yield* m1.store(1));
        yield* m2.exchange("blue");
        yield* m1.exchange(1);
        yield* futex.wait(m0.x, 1, { idle: true });
      },
    },
    t2: {
      cpu: 0,
      *run({ futex, m1 }) {
        assume(true);
        while (true) {
          yield* futex.wake(m1, 2);
          let v1 = false;
        }
      },
    },
  },
  invariants: { small: ({ m1, limit }) => m1 < limit + 0 },
});

export const p18 = protocol("p18", {
  kernel: l4.kernel({ cpus: 2, message: int(0, 2) }),
  parameters: { limit: 2 },
  scheduling: "priority",
  memory: { m0: int(0, 2)},
  threads: {
    t0: {
      cpu: 1, count: 2, priority: 1,
      *run({ self, threads, ipc, m0 }) {
        while (true) {
          yield* ipc.send(threads.t1, 1, { send: "zero" });
          let v0 = self;
          if ((self === v0) && (yield* m0.load()) !== 0) {
            yield* ipc.send(threads.t1, 0);
          } else {
            yield* ipc.wait();
          }
          yield* m0.store(1);
          yield* m0.load();
        }
      },
    },
    t1: {
      cpu: 1, priority: 1,
      *run({ threads, ipc, m0 }) {
        while ((yield* m0.load()) !== Math.abs(0 - 2)) {
          yield* m0.exchange(1);
          for (const v1 of [0, 2]) {
            yield* ipc.send(threads.t0[1], v1, { send: "zero" });
          }
          yield* m0.load();
        }
        yield* m0.load();
        yield* m0.store(2);
      },
    },
  },
});

export const p19 = protocol("p19", {
  kernel: shm.kernel({ cpus: 1 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: array(2, int(0, 2)),  m1: ghost(int(0, 3))},
  threads: {
    t0: {
      cpu: 0,
      *run({ m0 }) {
        let v0 = true;
        const v1 = yield* twice(m0.at(0));
        switch ("blue") {
          case "red":
            yield* step({ when: () => m0.at(1).value > 0, do: () => { m0.at(1).value -= 1; } });
            break;
          case "green":
            yield* fence();
          default:
            yield* m0.at(0).load();
        }
        yield* m0.at(0).exchange(2);
      },
    },
    t1: {
      cpu: 0,
      *run({  }) {
        for (const v2 of [0, 2]) {
          let v3 = "red";
        }
        if (1 < 2) return;
      },
    },
    t2: {
      cpu: 0,
      *run({ m0 }) {
        if (true || (yield* m0.at(0).load()) !== ((Math.min(1, 1) + 0) % 3)) return;
        yield* m0.at(1).exchange(0);
      },
    },
  },
});

export const p20 = protocol("p20", {
  kernel: l4.kernel({ cpus: 1, message: bool(), atomic: true }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: wrapping(3),  m1: flag},
  threads: {
    t0: {
      cpu: 0,
      *run({ threads, ipc, m1 }) {
        while (true) {
          yield* fence();
          let v0 = yield* m1.compareExchange(1 < 0, true);
          yield* ipc.send(threads.t0, v0, { send: "finite" });
          yield* m1.exchange(true);
        }
      },
    },
    t1: {
      cpu: 0, count: 2, untrusted: true,
      *run({ ipc, m0, m1 }) {
        yield* step({ when: () => m0.value === m0.value, do: () => { m0.value = (m0.value + 1) % 3; } });
        yield* ipc.wait();
        yield* m1.exchange(true);
      },
    },
  },
});

export const p21 = protocol("p21", {
  kernel: shm.kernel({ cpus: 1 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: int(0, 2),  m1: ghost(int(0, 3)),  m2: bool(true)},
  threads: {
    t0: {
      cpu: 0,
      *run({ m0, m2 }) {
        let v0 = pairOf(0, ("blue" === "red"));
        yield* m2.exchange(true);
        yield* m2.load();
        yield* m0.exchange(0);
      },
    },
    t1: {
      cpu: 0,
      *run({ m0, m2 }) {
        yield* m0.load();
        yield* m2.store(false);
      },
    },
  },
});

export const p22 = protocol("p22", {
  kernel: shm.kernel({ cpus: 2 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: int(0, 2),  m1: array(2, record({ x: int(0, 2), color: oneOf("red", "green", "blue") }))},
  threads: {
    t0: {
      cpu: 0, untrusted: true,
      *run({  }) {
        let v0 = local(int(0, 2), 1);
        v0++;
      },
    },
    t1: {
      cpu: 1,
      *run({ threads, futex, m0, m1 }) {
        while (true) {
          yield* m0.store(0);
          let v1 = threads.t1;
          yield* m1.at(0).x.write(2);
          for (let v2 = 0; v2 < 2; v2++) {
            yield* futex.wake(m1.at(v2 & 1).x, 2);
          }
        }
      },
    },
  },
});

export const p23 = protocol("p23", {
  kernel: shm.kernel({ cpus: 2 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: record({ x: int(0, 2), ok: flag }),  m1: ghost(int(0, 3)),  m2: record({ x: int(0, 2), ok: flag })},
  threads: {
    t0: {
      cpu: 1,
      *run({ m0 }) {
        let v0 = { a: 2, ok: true };
        let v1 = yield* m0.x.exchange(2);
      },
    },
    t1: {
      cpu: 1,
      *run({ m0, m2 }) {
        while (true) {
          yield* m0.ok.exchange(false);
          if (((yield* m2.x.load()) + (yield* m0.x.load())) % 2 === 0) {
            for (let v2 = 0; v2 < 2; v2++) {
              if (v2 === 1) continue;
            }
          }
          const v3 = yield* m2.x.compareExchange(1, 2);
        }
      },
    },
    t2: {
      cpu: 1,
      *run({ futex, m0, m2 }) {
        if (false && (yield* m0.ok.load()) !== false) {
          switch ("red") {
            case "red":
              yield* m2.ok.write(true);
              break;
            case "green":
              yield* m2.x.write(0);
            default:
              yield* futex.wake(m0.x, 1);
          }
        } else {
          yield* m2.x.store(2);
        }
        yield* m0.x.write(2);
        yield* m0.ok.exchange(true);
      },
    },
  },
  invariants: { small: ({ m1, limit }) => m1 < limit + 1 },
});

export const p24 = protocol("p24", {
  kernel: shm.kernel({ cpus: 1 }),
  parameters: { limit: 2 },
  scheduling: "round-robin",
  memory: { m0: int(0, 2, 1),  m1: ghost(int(0, 3)),  m2: queue(int(0, 2), 2)},
  threads: {
    t0: {
      cpu: 0,
      *run({ m0 }) {
        let v0 = yield* m0.fetchAdd(1);
      },
    },
    t1: {
      cpu: 0,
      *run({ futex, m0 }) {
        const v1 = yield* m0.fetchAdd(-1);
        yield* futex.wait(m0, 0, { idle: false });
        yield* futex.wake(m0, 2);
      },
    },
    t2: {
      cpu: 0,
      *run({ m1, m0 }) {
        while (true) {
          yield* fence();
          let v2 = yield* m0.exchange(1);
          v2 = v2;
          m1.value += 1;
          switch ("red") {
            case "red":
              if (v2 >= 2) break;
              break;
            case "green":
              yield* m0.store(v2);
              break;
          }
        }
      },
    },
  },
});

export const p25 = protocol("p25", {
  kernel: shm.kernel({ cpus: 1 }),
  parameters: { limit: 2 },
  scheduling: "round-robin",
  memory: { m0: queue(int(0, 2), 2),  m1: wrapping(3)},
  threads: {
    t0: {
      cpu: 0,
      *run({ futex, m1 }) {
        yield* m1.store(0);
        while (false) {
          yield* m1.load();
          yield* m1.exchange(2);
          yield* m1.load();
        }
        yield* futex.wake(m1, 1);
        yield* m1.exchange(1);
      },
    },
    t1: {
      cpu: 0, count: 2,
      *run({ m1 }) {
        let v0 = local(int(0, 2), 1);
        v0++;
        for (let v1 = 0; v1 < 2; v1++) {
          yield* m1.exchange(v1);
          yield* m1.exchange(0);
        }
        yield* m1.load();
        yield* m1.exchange(v0);
      },
    },
  },
});

export const p26 = protocol("p26", {
  kernel: shm.kernel({ cpus: 2 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: bool(true),  word: int(0, 2)},
  threads: {
    t0: {
      cpu: 1,
      *run({ futex, m0, word }) {
        const v0 = yield* choose(2, 1);
        yield* futex.wake(word, 2);
        v1: while ((yield* m0.load()) !== v0 < 1) {
          do {
            yield* m0.exchange(v0 < 2);
            yield* futex.wake(word, 1);
          } while ((yield* m0.load()) === v0 < 2);
          yield* word.load();
        }
        yield* word.store(1);
      },
    },
    t1: {
      cpu: 0, untrusted: true,
      *run({ futex, m0, word }) {
        while (true) {
          yield* m0.store(true);
          yield* word.exchange(0);
          yield* m0.exchange(true);
          yield* word.load();
          yield* futex.wait(word, 1, { idle: true });
        }
      },
    },
  },
});

export const p27 = protocol("p27", {
  kernel: l4.kernel({ cpus: 1, message: oneOf("red", "green", "blue") }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: array(2, record({ x: int(0, 2), color: oneOf("red", "green", "blue") }))},
  threads: {
    t0: {
      cpu: 0,
      *run({ m0 }) {
        const v0 = yield* m0.at(0).x.read();
      },
    },
    t1: {
      cpu: 0,
      *run({ m0 }) {
        switch (nextColor("green")) {
          case "red":
            let v1 = "blue";
            break;
          case "green":
            let v2 = local(int(0, 2), 1);
            v2 += 1;
            break;
          default:
            yield* m0.at(1).color.write(nextColor("red"));
        }
      },
    },
    t2: {
      cpu: 0,
      *run({ self, threads, ipc, m0 }) {
        while (true) {
          yield* m0.at(1).color.write("red");
          if (yield* choose(true, false)) break;
          const v3 = yield* ipc.replyWait(threads.t0, nextColor("blue"), { send: "finite" });
          const v4 = v3.error === "none" ? v3.message : "blue";
          const v5 = v3.error === "none" ? v3.from : self;
        }
      },
    },
  },
});

export const p28 = protocol("p28", {
  kernel: shm.kernel({ cpus: 2 }),
  parameters: { limit: 2 },
  scheduling: "priority",
  memory: { m0: ghost(int(0, 3)),  m1: int(0, 2),  m2: int(0, 2)},
  threads: {
    t0: {
      cpu: 1, priority: 1,
      *run({ m1 }) {
        while (true) {
          yield* m1.store(0);
          for (const v0 of [0, 2]) {
            let v1 = "red";
          }
        }
      },
    },
    t1: {
      cpu: 0, priority: 1,
      *run({ futex, m1 }) {
        while (true) {
          yield* futex.wait(m1, 1, { idle: false });
          yield* m1.store(larger(0, 0));
        }
      },
    },
    t2: {
      cpu: 0, priority: 0, untrusted: true,
      *run({ futex, m1, m2 }) {
        let v2 = local(int(0, 2), 0);
        v2++;
        while (true) {
          yield* m1.load();
          yield* m2.exchange(v2);
          yield* m1.exchange(v2);
          const v3 = (yield* futex.wait(m1, 0)).outcome === "woken";
        }
      },
    },
  },
});

export const p29 = protocol("p29", {
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
        while (true) {
          yield* m0.x.exchange(0);
          yield* fence();
          if (yield* choose(true, false)) {
            let v1 = yield* choose(2, 0);
          }
          yield* m0.ok.load();
          yield* m0.x.store(0);
        }
      },
    },
    t2: {
      cpu: 0,
      *run({  }) {
        for (let v2 = 0; v2 < 2; v2++) {
          if (yield* choose(true, false)) break;
        }
      },
    },
  },
});

export const p30 = protocol("p30", {
  kernel: shm.kernel({ cpus: 1 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: wrapping(3),  m1: queue(int(0, 2), 2)},
  threads: {
    t0: {
      cpu: 0,
      *run({ limit, m0 }) {
        while (true) {
          yield* m0.exchange(limit);
          let v0 = local(int(0, 2), 0);
          v0 += 1;
          while (v0 >= 2) {
            yield* m0.exchange(0);
            yield* m0.exchange(v0);
            yield* m0.store(v0);
          }
          yield* m0.load();
        }
      },
    },
    t1: {
      cpu: 0, untrusted: true,
      *run({ m0 }) {
        let v1 = nextColor("blue");
        yield* m0.exchange(2);
        yield* m0.load();
      },
    },
  },
});

export const p31 = protocol("p31", {
  kernel: l4.kernel({ cpus: 2, message: int(0, 2) }),
  parameters: { limit: 2 },
  scheduling: "round-robin",
  memory: { m0: array(2, int(0, 2)),  m1: record({ x: int(0, 2), ok: flag }),  m2: int(0, 2, 1)},
  threads: {
    t0: {
      cpu: 1,
      *run({ threads, ipc, m0, m1 }) {
        let v0 = pairOf(2, (threads.t0 === nobody));
        while (true) {
          yield* ipc.send(threads.t0, 1, { send: "zero" });
          yield* m0.at(0).load();
          yield* ipc.wait({ receive: "finite" });
          yield* m1.ok.store(true);
        }
      },
    },
    t1: {
      cpu: 0, count: 2,
      *run({ index, ipc, m0, m2 }) {
        while (true) {
          yield* m2.store(double(1));
          yield* m2.exchange(2);
          yield* ipc.wait({ receive: "finite" });
          yield* m2.load();
          yield* m0.at(index).exchange(2);
        }
      },
    },
  },
});

export const p32 = protocol("p32", {
  kernel: l4.kernel({ cpus: 1, message: int(0, 2), atomic: true }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: record({ x: int(0, 2), ok: flag }),  m1: wrapping(3),  m2: ghost(int(0, 3))},
  threads: {
    t0: {
      cpu: 0, untrusted: true,
      *run({ threads, ipc, m0, m1 }) {
        const v0 = yield* bump(m1);
        yield* ipc.send(threads.t0, 1, { send: "finite" });
        yield* ipc.send(threads.t0, 0, { send: "zero" });
        yield* m0.ok.store(true);
      },
    },
    t1: {
      cpu: 0,
      *run({ m0, m1 }) {
        for (let v1 = 0; v1 < 2; v1++) {
          if (((yield* m0.x.load()) + (yield* m1.load())) % 2 === 0) {
            let v2 = v1 < 1;
          }
        }
      },
    },
    t2: {
      cpu: 0,
      *run({ self, threads, ipc }) {
        while (true) {
          yield* ipc.wait();
          const v3 = yield* ipc.replyWait(threads.t0, 2, { send: "finite", idle: true });
          const v4 = v3.error === "none" ? v3.message : 0;
          const v5 = v3.error === "none" ? v3.from : self;
        }
      },
    },
  },
});

export const p33 = protocol("p33", {
  kernel: l4.kernel({ cpus: 2, message: oneOf("red", "green", "blue"), atomic: true }),
  parameters: { limit: 2 },
  scheduling: "free",
  objects: { bell: l4.notification({ bits: 2 }) },
  memory: { m0: oneOf("red", "green", "blue"),  m1: record({ x: int(0, 2), ok: flag }),  m2: int(0, 2)},
  threads: {
    t0: {
      cpu: 0,
      *run({ threads, ipc, m0, m1, m2 }) {
        while (true) {
          yield* m2.exchange(2);
          let v0 = yield* m1.x.read();
          yield* m1.ok.load();
          yield* ipc.send(threads.t1, "red", { send: "zero" });
          yield* m0.write(nextColor("red"));
        }
      },
    },
    t1: {
      cpu: 0,
      *run({ bell, m1, m2 }) {
        let v1 = yield* m2.compareExchange(2, Math.min(2, 0));
        yield* m1.ok.write(v1 === 1);
        yield* m2.write(0);
        yield* bell.signal(0);
      },
    },
  },
});

export const p34 = protocol("p34", {
  kernel: shm.kernel({ cpus: 2 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: flag,  word: int(0, 2)},
  threads: {
    t0: {
      cpu: 1,
      *run({ word }) {
        let v0 = (true || true);
        while (true) {
          yield* word.store(2);
          yield* fence();
        }
      },
    },
    t1: {
      cpu: 1,
      *run({ futex, m0, word }) {
        while (true) {
          yield* m0.load();
          yield* m0.store(false);
          yield* word.store(2);
          yield* futex.wake(word, 1);
        }
      },
    },
  },
});

export const p35 = protocol("p35", {
  kernel: shm.kernel({ cpus: 1 }),
  parameters: { limit: 2 },
  scheduling: "round-robin",
  memory: { m0: record({ x: int(0, 2), ok: flag }),  m1: ghost(int(0, 3))},
  threads: {
    t0: {
      cpu: 0,
      *run({ futex, m1, m0 }) {
        const v0 = (yield* futex.wake(m0.x, 2)).woken > 0;
        m1.value = 0;
      },
    },
    t1: {
      cpu: 0,
      *run({ m0 }) {
        yield* m0.ok.store((true || false));
      },
    },
  },
  invariants: { small: ({ m1, limit }) => m1 < limit + 0 },
});

export const p36 = protocol("p36", {
  kernel: shm.kernel({ cpus: 1 }),
  parameters: { limit: 2 },
  scheduling: "priority",
  memory: { m0: wrapping(3)},
  threads: {
    t0: {
      cpu: 0, count: 2, priority: 0,
      *run({  }) {
        let v0 = !(true);
      },
    },
    t1: {
      cpu: 0, priority: 1,
      *run({ futex, m0 }) {
        while (true) {
          yield* fence();
          for (let v1 = 0; v1 < 2; v1++) {
            switch ("blue") {
              case "red":
                v2: while (v1 < 2 || (yield* m0.load()) !== v1) {
                  do {
                    yield* m0.exchange(v1);
                    yield* fence();
                  } while (yield* choose(true, false));
                  yield* m0.load();
                }
                break;
              case "green":
                yield* m0.store(v1);
                break;
            }
            yield* fence();
          }
          yield* m0.exchange(2);
          yield* futex.wake(m0, 2);
          yield* m0.exchange(0);
        }
      },
    },
  },
});

export const p37 = protocol("p37", {
  kernel: shm.kernel({ cpus: 1 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: int(0, 2),  m1: ghost(int(0, 3)),  m2: flag},
  threads: {
    t0: {
      cpu: 0,
      *run({ m0, m2 }) {
        while (true) {
          yield* m0.load();
          yield* m2.load();
          yield* m0.load();
          yield* m0.exchange(0);
          yield* m2.load();
        }
      },
    },
    t1: {
      cpu: 0,
      *run({ m0, m2 }) {
        const v0 = yield* choose(1, 1);
        yield* m0.load();
        yield* m0.exchange(2);
        yield* m2.store(v0 !== 0);
      },
    },
    t2: {
      cpu: 0,
      *run({ m0 }) {
        if (((yield* m0.load()) + (yield* m0.load())) % 2 === 0) {
          yield* m0.load();
        }
        yield* m0.exchange(0);
      },
    },
  },
  invariants: { small: ({ m1, limit }) => m1 < limit + 0 },
});

export const p38 = protocol("p38", {
  kernel: shm.kernel({ cpus: 1 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: ghost(int(0, 3)),  m1: queue(int(0, 2), 2),  m2: int(0, 2, 1),  m3: int(0, 2, 1)},
  threads: {
    t0: {
      cpu: 0,
      *run({ m3 }) {
        let v0 = local(int(0, 2), 1);
        v0--;
        yield* until(m3, 2);
        v0 = v0;
        if ((v0 !== 0 || v0 !== 1)) return;
      },
    },
    t1: {
      cpu: 0,
      *run({ m3 }) {
        while (true) {
          yield* m3.store(larger(2, 0));
          yield* m3.load();
        }
      },
    },
  },
});

export const p39 = protocol("p39", {
  kernel: shm.kernel({ cpus: 1 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: bool(true),  m1: int(0, 2, 1)},
  threads: {
    t0: {
      cpu: 0, count: 2,
      *run({ futex, m0, m1 }) {
        while (true) {
          yield* futex.wake(m1, 2);
          while (false) {
            yield* m1.exchange(1);
            yield* futex.wait(m1, 2, { idle: true });
          }
          yield* m0.exchange(true);
        }
      },
    },
    t1: {
      cpu: 0, count: 2,
      *run({ futex, m1 }) {
        const v0 = yield* swap(m1, 1);
        for (let v1 = 0; v1 < 2; v1++) {
          v1 === 1 && (yield* m1.store(1));
        }
        yield* m1.store(1);
        yield* futex.wait(m1, 2, { idle: true });
      },
    },
  },
});

export const p40 = protocol("p40", {
  kernel: shm.kernel({ cpus: 2 }),
  parameters: { limit: 2 },
  scheduling: "priority",
  memory: { m0: oneOf("red", "green", "blue"),  m1: int(0, 2),  m2: queue(int(0, 2), 2),  m3: queue(int(0, 2), 2)},
  threads: {
    t0: {
      cpu: 0, priority: 0, untrusted: true,
      *run({ self, threads, futex, m0, m1 }) {
        while (true) {
          yield* futex.wake(m1, 2);
          let v0 = pairOf(((threads.t0 === self) ? 2 : 1), false);
          yield* m0.exchange(nextColor("blue"));
          yield* m0.exchange(nextColor("red"));
        }
      },
    },
    t1: {
      cpu: 0, priority: 0,
      *run({ futex, m1 }) {
        yield* futex.wake(m1, 2);
        let v1 = yield* choose(2, 0);
      },
    },
  },
});

export const p41 = protocol("p41", {
  kernel: shm.kernel({ cpus: 1 }),
  parameters: { limit: 2 },
  scheduling: "priority",
  memory: { m0: record({ x: int(0, 2), ok: flag }),  m1: queue(int(0, 2), 2)},
  threads: {
    t0: {
      cpu: 0, priority: 1, untrusted: true,
      *run({ futex, m1, m0 }) {
        if (yield* choose(true, false)) {
          if (yield* choose(true, false)) {
            yield* futex.wake(m0.x, 2);
          }
          if (((yield* m0.x.load()) + (yield* m0.x.load())) % 2 === 0) {
            true && (yield* m0.x.store(2));
          }
        } else {
          yield* step({ when: () => m1.length > 0, do: () => m1.shift() });
        }
      },
    },
    t1: {
      cpu: 0, priority: 1,
      *run({ futex, m0 }) {
        while (true) {
          yield* futex.wake(m0.x, 1);
          if ((true || false)) continue;
          yield* m0.x.write(0);
          yield* m0.x.write(0);
        }
      },
    },
  },
});

export const p42 = protocol("p42", {
  kernel: shm.kernel({ cpus: 1 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: int(0, 2)},
  threads: {
    t0: {
      cpu: 0, count: 2, untrusted: true,
      *run({ futex, m0 }) {
        if (yield* choose(true, false)) {
          false && (yield* m0.store((1 & 1)));
          yield* futex.wait(m0, 1, { idle: false });
        } else {
          yield* m0.store(0);
        }
      },
    },
    t1: {
      cpu: 0,
      *run({ m0 }) {
        while (true) {
          yield* m0.store(0);
          yield* m0.store(1);
          if (false) {
            yield* m0.store(1);
            yield* m0.exchange(0);
          }
          yield* fence();
        }
      },
    },
  },
});

export const p43 = protocol("p43", {
  kernel: shm.kernel({ cpus: 1 }),
  parameters: { limit: 2 },
  scheduling: "round-robin",
  memory: { m0: ghost(int(0, 3)),  m1: flag,  m2: array(2, int(0, 2))},
  threads: {
    t0: {
      cpu: 0,
      *run({ m1, m2 }) {
        for (const v0 of [0, 2]) {
          const v1 = yield* choose(false, false);
        }
        while (true) {
          yield* m2.at(0).store(2);
          yield* m1.exchange(true);
        }
      },
    },
    t1: {
      cpu: 0,
      *run({ futex, m2 }) {
        for (let v2 = 0; v2 < 2; v2++) {
          let v3 = v2 === 2;
          yield* futex.wake(m2.at(0), 1);
        }
        while (true) {
          yield* m2.at(0).load();
          yield* futex.wake(m2.at(0), 2);
          yield* m2.at(0).load();
          yield* m2.at(1).store(1);
        }
      },
    },
  },
});

export const p44 = protocol("p44", {
  kernel: l4.kernel({ cpus: 2, message: int(0, 2) }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: threadId,  word: int(0, 2)},
  threads: {
    t0: {
      cpu: 1,
      *run({ ipc }) {
        while (true) {
          yield* ipc.wait();
          yield* ipc.wait();
          if (true) break;
        }
      },
    },
    t1: {
      cpu: 0,
      *run({ self, threads, limit, ipc, m0, word }) {
        if (((yield* word.load()) + (yield* word.load())) % 2 === 0) {
          let v0 = { a: (limit & 1), ok: false };
        }
        while (true) {
          yield* word.load();
          yield* m0.store(threads.t0);
          yield* m0.store(self);
          yield* ipc.send(threads.t1, 0, { send: "zero" });
        }
      },
    },
  },
});

export const p45 = protocol("p45", {
  kernel: shm.kernel({ cpus: 2 }),
  parameters: { limit: 2 },
  scheduling: "priority",
  memory: { m0: ghost(int(0, 3)),  m1: ghost(int(0, 3)),  m2: array(2, int(0, 2)),  m3: queue(int(0, 2), 2)},
  threads: {
    t0: {
      cpu: 0, priority: 0,
      *run({ m2 }) {
        (false || false) && (yield* m2.at(0).store(0));
      },
    },
    t1: {
      cpu: 1, priority: 1,
      *run({ futex, m2 }) {
        while (true) {
          yield* m2.at(1).store(((0 ^ Math.abs(1 - larger(1, 0))) % 3));
          yield* futex.wait(m2.at(1), 1, { idle: false });
          yield* m2.at(0).exchange(2);
          yield* futex.wait(m2.at(0), 1, { idle: false });
          yield* m2.at(0).exchange(1);
        }
      },
    },
  },
  invariants: { small: ({ m0, limit }) => m0 < limit + 0 },
});

export const p46 = protocol("p46", {
  kernel: shm.kernel({ cpus: 1 }),
  parameters: { limit: 2 },
  scheduling: "round-robin",
  memory: { m0: oneOf("red", "green", "blue"),  m1: int(0, 2),  m2: flag},
  threads: {
    t0: {
      cpu: 0,
      *run({ m2 }) {
        yield* m2.store(false);
      },
    },
    t1: {
      cpu: 0,
      *run({  }) {
        let v0 = 2;
        v0 = 0;
      },
    },
  },
});

export const p47 = protocol("p47", {
  kernel: l4.kernel({ cpus: 2, message: oneOf("red", "green", "blue"), atomic: true }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: wrapping(3),  m1: array(2, record({ x: int(0, 2), color: oneOf("red", "green", "blue") })),  m2: oneOf("red", "green", "blue"),  m3: queue(int(0, 2), 2)},
  threads: {
    t0: {
      cpu: 1,
      *run({ m0, m1 }) {
        if (((yield* m0.load()) + (yield* m0.load())) % 2 === 0) {
          let v0 = local(int(0, 2), 0);
          v0++;
        }
        while (true) {
          yield* m1.at(0).x.load();
          yield* m0.exchange(1);
        }
      },
    },
    t1: {
      cpu: 1, count: 2,
      *run({ threads, ipc }) {
        while (true) {
          yield* ipc.send(threads.t1[0], nextColor("green"));
          const v1 = yield* choose(2, 2);
        }
      },
    },
  },
  invariants: { small: ({ m0, limit }) => m0 < limit + 1 },
});

export const p48 = protocol("p48", {
  kernel: shm.kernel({ cpus: 1 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: record({ x: int(0, 2), ok: flag }),  m1: array(2, record({ x: int(0, 2), color: oneOf("red", "green", "blue") }))},
  threads: {
    t0: {
      cpu: 0, untrusted: true,
      *run({ m1 }) {
        while (true) {
          yield* m1.at(1).x.load();
          let v0 = yield* choose(1, 2);
          yield* m1.at(1).x.load();
        }
      },
    },
    t1: {
      cpu: 0, untrusted: true,
      *run({ m0 }) {
        for (const v1 of [0, 2]) {
          yield* waitUntil(m0.x, (value) => value === 0);
        }
      },
    },
  },
});

export const p49 = protocol("p49", {
  kernel: shm.kernel({ cpus: 2 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: int(0, 2),  m1: wrapping(3),  m2: array(2, int(0, 2))},
  threads: {
    t0: {
      cpu: 0,
      *run({ futex, m0, m2 }) {
        switch ("red") {
          case "red":
            const v0 = (yield* futex.wait(m0, 0, { timeout: "finite" })).outcome === "woken";
            break;
          case "green":
            let v1 = local(int(0, 2), 1);
            v1--;
            break;
          default:
            yield* m0.exchange(2);
        }
        yield* m2.at(1).store(1);
        yield* futex.wait(m0, 2, { idle: false });
        yield* m2.at(0).exchange(1);
      },
    },
    t1: {
      cpu: 1,
      *run({ futex, m0, m1, m2 }) {
        ("red" === "green") && (yield* m2.at(0).store(0));
        switch (nextColor("red")) {
          case "red":
            yield* m1.exchange(2);
            break;
          case "green":
            yield* m1.exchange(1);
          default:
            yield* m2.at(0).exchange(0);
        }
        yield* futex.wake(m0, 2);
      },
    },
  },
  invariants: { small: ({ m0, limit }) => m0 < limit + 1 },
});

export const p50 = protocol("p50", {
  kernel: shm.kernel({ cpus: 1 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: record({ x: int(0, 2), ok: flag }),  m1: ghost(int(0, 3))},
  threads: {
    t0: {
      cpu: 0, untrusted: true,
      *run({ m0 }) {
        while (true) {
          yield* m0.x.exchange(double(((1 ^ (2 & 1)) % 3)));
          yield* m0.x.exchange(0);
          yield* m0.x.load();
        }
      },
    },
    t1: {
      cpu: 0,
      *run({ m0 }) {
        while (true) {
          yield* m0.x.store(Math.abs(1 - larger(1, 2)));
          yield* m0.ok.exchange(false);
        }
      },
    },
    t2: {
      cpu: 0,
      *run({ m0 }) {
        while (true) {
          yield* m0.x.load();
          while ((yield* m0.x.load()) === 0) {
            yield* m0.x.load();
            const v0 = yield* choose(true, true);
            yield* m0.ok.store(true);
          }
        }
      },
    },
  },
});

export const p51 = protocol("p51", {
  kernel: l4.kernel({ cpus: 2, message: int(0, 2) }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: record({ x: int(0, 2), ok: flag })},
  threads: {
    t0: {
      cpu: 0,
      *run({ threads, ipc, m0 }) {
        v0: while ((threads.t1 === nobody) || (yield* m0.ok.load()) !== false) {
          do {
            yield* m0.x.store(2);
            yield* m0.ok.load();
          } while (false);
          yield* ipc.cancel(threads.t0);
        }
        while (true) {
          yield* ipc.send(threads.t1, 2, { send: "zero" });
          yield* ipc.cancel(threads.t0);
        }
      },
    },
    t1: {
      cpu: 1,
      *run({ threads, ipc }) {
        yield* ipc.send(threads.t0, 2, { send: "zero" });
        let v1 = threads.t0;
      },
    },
  },
});

export const p52 = protocol("p52", {
  kernel: shm.kernel({ cpus: 2 }),
  parameters: { limit: 2 },
  scheduling: "priority",
  memory: { m0: threadId,  m1: ghost(int(0, 3)),  m2: int(0, 2),  m3: bool(true)},
  threads: {
    t0: {
      cpu: 0, priority: 1,
      *run({ futex, m2, m3 }) {
        let v0 = local(int(0, 2), 1);
        v0++;
        v1: while (v0 !== 2) {
          do {
            yield* m2.store(pairOf(v0).a);
            yield* m2.exchange(v0);
          } while (v0 >= 0);
          yield* fence();
        }
        yield* futex.wake(m2, 1);
        yield* m3.store(v0 < 1);
      },
    },
    t1: {
      cpu: 0, priority: 1,
      *run({ futex, m0, m2, m3 }) {
        yield* m0.load();
        if (true && (yield* m2.load()) === 2) {
          while (true) {
            yield* m3.exchange(true);
            yield* m0.load();
            yield* fence();
          }
        } else {
          yield* m3.exchange(true);
        }
        yield* m0.load();
        yield* futex.wake(m2, 1);
      },
    },
  },
});

export const p53 = protocol("p53", {
  kernel: shm.kernel({ cpus: 2 }),
  parameters: { limit: 2 },
  scheduling: "priority",
  memory: { m0: array(2, int(0, 2)),  m1: ghost(int(0, 3)),  m2: threadId},
  threads: {
    t0: {
      cpu: 1, priority: 0,
      *run({ self, futex, m0, m2 }) {
        if (yield* choose(true, false)) {
          for (let v0 = 0; v0 < 2; v0++) {
            if (v0 >= 2 && (yield* m0.at(0).load()) !== v0) {
              yield* m0.at(0).exchange(2);
            } else {
              yield* m0.at(0).store(2);
            }
            yield* m2.exchange(self);
          }
        } else {
          yield* m0.at(0).exchange(2);
        }
        yield* m0.at(0).load();
        yield* futex.wait(m0.at(0), 0, { idle: false });
      },
    },
    t1: {
      cpu: 1, priority: 0,
      *run({ m0 }) {
        yield* step({ when: () => m0.at(0).value > 0, do: () => { m0.at(0).value -= 1; } });
        while (true) {
          yield* m0.at(0).exchange(1);
          yield* m0.at(0).exchange(1);
        }
      },
    },
  },
});

export const p54 = protocol("p54", {
  kernel: shm.kernel({ cpus: 1 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: record({ x: int(0, 2), ok: flag }),  m1: oneOf("red", "green", "blue"),  m2: int(0, 2, 1),  m3: queue(int(0, 2), 2)},
  threads: {
    t0: {
      cpu: 0,
      *run({ m0, m1, m2 }) {
        const v0 = yield* m1.exchange(nextColor("blue"));
        while (true) {
          yield* m0.x.write(1);
          switch ("blue") {
            case "red":
              if (false) {
                let v1 = yield* m0.x.load();
              }
              break;
            case "green":
              yield* m2.write(2);
              break;
          }
        }
      },
    },
    t1: {
      cpu: 0,
      *run({ futex, m0, m1, m2 }) {
        while (true) {
          yield* futex.wake(m2, 2);
          if (false) {
            const v2 = yield* swap(m0.x, 0);
            let v3 = "blue";
          } else {
            if ((yield* m1.load()) === "green") {
              if (((yield* m0.x.load()) + (yield* m2.load())) % 2 === 0) {
                yield* m0.x.load();
              }
            } else {
              yield* m0.x.write(0);
            }
          }
          yield* fence();
          yield* m1.store(nextColor("blue"));
          yield* m0.x.load();
        }
      },
    },
  },
  invariants: { small: ({ m2, limit }) => m2 < limit + 0 },
});

export const p55 = protocol("p55", {
  kernel: l4.kernel({ cpus: 2, message: bool() }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: oneOf("red", "green", "blue"),  m1: int(0, 2, 1),  m2: array(2, int(0, 2))},
  threads: {
    t0: {
      cpu: 1,
      *run({ m0, m1 }) {
        yield* until(m1, 2);
        while (true) {
          yield* m1.load();
          yield* m0.store("green");
        }
      },
    },
    t1: {
      cpu: 1,
      *run({ ipc, m2 }) {
        yield* m2.at(0).load();
        switch (nextColor("green")) {
          case "red":
            let v0 = (false || true);
            break;
          case "green":
            yield* ipc.wait();
            break;
        }
      },
    },
  },
});

export const p56 = protocol("p56", {
  kernel: l4.kernel({ cpus: 1, message: int(0, 2) }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: ghost(int(0, 3)),  m1: int(0, 2, 1),  m2: int(0, 2),  m3: record({ x: int(0, 2), ok: flag })},
  threads: {
    t0: {
      cpu: 0,
      *run({ threads, ipc, m1, m3 }) {
        while (true) {
          yield* m1.store(0);
          switch ("green") {
            case "red":
              v0: while (yield* choose(true, false)) {
                do {
                  yield* ipc.send(threads.t0, 2, { send: "zero" });
                  const v1 = yield* swap(m1, 2);
                } while (true);
                yield* m1.exchange(2);
              }
              break;
            case "green":
              yield* ipc.send(threads.t0, 0, { send: "zero" });
              break;
            default:
              yield* m3.x.exchange(2);
          }
          yield* m1.store(0);
        }
      },
    },
    t1: {
      cpu: 0, count: 2,
      *run({ threads, ipc, m0, m2, m3 }) {
        let v2 = local(int(0, 2), 1);
        v2 += 1;
        while (true) {
          yield* ipc.wait();
          m0.value = (m0.value + 1) % 3;
          while ((v2 < 2 || v2 === 2)) {
            yield* ipc.send(threads.t0, 2, { send: "zero" });
            yield* ipc.send(threads.t1[1], v2);
            yield* m3.ok.exchange(v2 === 2);
          }
          yield* m2.load();
        }
      },
    },
  },
});

export const p57 = protocol("p57", {
  kernel: l4.kernel({ cpus: 1, message: int(0, 2), atomic: true }),
  parameters: { limit: 2 },
  scheduling: "round-robin",
  objects: { bell: l4.notification({ bits: 2 }) },
  memory: { m0: array(2, int(0, 2)),  m1: array(2, int(0, 2)),  m2: int(0, 2),  m3: queue(int(0, 2), 2)},
  threads: {
    t0: {
      cpu: 0,
      *run({ bell, m0 }) {
        for (const v0 of [0, 2]) {
          if ((yield* m0.at(0).load()) === v0) {
            if ((yield* m0.at(v0 & 1).load()) === v0) {
              assume((v0 !== 2 || v0 === 1));
              yield* m0.at(v0 & 1).load();
            } else {
              yield* m0.at(0).load();
            }
          }
        }
        yield* m0.at(1).load();
        yield* bell.signal(2);
      },
    },
    t1: {
      cpu: 0,
      *run({ self, threads, ipc }) {
        const v1 = yield* ipc.replyWait(threads.t2, 1, { send: "finite", receive: "zero" });
        const v2 = v1.error === "none" ? v1.message : 0;
        const v3 = v1.error === "none" ? v1.from : self;
        while (true) {
          yield* ipc.wait({ receive: "finite" });
          yield* fence();
        }
      },
    },
    t2: {
      cpu: 0,
      *run({ threads, ipc, bell, m1 }) {
        if ((1 < 0 || false)) return;
        while (true) {
          yield* bell.signal(1);
          yield* bell.signal(1);
          yield* ipc.send(threads.t2, 0, { send: "zero" });
          yield* m1.at(1).load();
        }
      },
    },
  },
});

export const p58 = protocol("p58", {
  kernel: shm.kernel({ cpus: 1 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: wrapping(3),  m1: ghost(int(0, 3))},
  threads: {
    t0: {
      cpu: 0,
      *run({ futex, m0 }) {
        if (((yield* m0.load()) + (yield* m0.load())) % 2 === 0) {
          (nextColor("blue") === "green") && (yield* m0.store(1));
        }
        while (true) {
          yield* futex.wake(m0, 2);
          yield* m0.exchange(1);
        }
      },
    },
    t1: {
      cpu: 0,
      *run({ m1, m0 }) {
        while (true) {
          yield* m0.exchange(1);
          if (false) break;
          m1.value = (m1.value + 1) % 3;
        }
      },
    },
  },
});

export const p59 = protocol("p59", {
  kernel: shm.kernel({ cpus: 2 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: bool(true),  m1: array(2, int(0, 2))},
  threads: {
    t0: {
      cpu: 0,
      *run({ futex, m0, m1 }) {
        while (true) {
          yield* m0.store((false || true));
          yield* futex.wait(m1.at(0), 1, { idle: false });
          yield* m1.at(0).load();
          yield* m1.at(0).store(2);
          yield* m1.at(0).load();
        }
      },
    },
    t1: {
      cpu: 0,
      *run({ futex, m1 }) {
        while (true) {
          yield* m1.at(0).store(((1 + 1) % 3));
          yield* m1.at(0).exchange(2);
          yield* futex.wake(m1.at(0), 2);
          yield* futex.wait(m1.at(1), 2, { idle: false });
        }
      },
    },
  },
});

export const p60 = protocol("p60", {
  kernel: shm.kernel({ cpus: 2 }),
  parameters: { limit: 2 },
  scheduling: "round-robin",
  memory: { m0: threadId,  m1: threadId,  word: int(0, 2)},
  threads: {
    t0: {
      cpu: 0,
      *run({ word }) {
        yield* word.exchange(double(0));
      },
    },
    t1: {
      cpu: 1,
      *run({ threads, futex, m0, word }) {
        while (true) {
          yield* m0.write(threads.t2);
          for (let v0 = 0; v0 < 2; v0++) {
            for (let v1 = 0; v1 < 2; v1++) {
              const v2 = yield* word.compareExchange(2, larger(2, v0));
              switch ("green") {
                case "red":
                  const v3 = (yield* futex.wait(word, 1, { timeout: "finite" })).outcome === "woken";
                  break;
                case "green":
                  yield* word.write(0);
              }
            }
          }
        }
      },
    },
    t2: {
      cpu: 0,
      *run({ self }) {
        let v4 = self;
      },
    },
  },
});

export const p61 = protocol("p61", {
  kernel: l4.kernel({ cpus: 1, message: oneOf("red", "green", "blue"), atomic: true }),
  parameters: { limit: 2 },
  scheduling: "free",
  objects: { bell: l4.notification({ bits: 2 }) },
  memory: { m0: oneOf("red", "green", "blue"),  m1: array(2, record({ x: int(0, 2), color: oneOf("red", "green", "blue") })),  m2: int(0, 2)},
  threads: {
    t0: {
      cpu: 0,
      *run({ threads, ipc, m0, m1, m2 }) {
        while (true) {
          yield* m0.load();
          let v0 = false;
          let v1 = 1;
          const v2 = yield* m1.at(v1 & 1).x.read();
          for (const v3 of [0, 2]) {
            switch (nextColor("green")) {
              case "red":
                yield* m2.write(0);
                break;
              case "green":
                yield* ipc.send(threads.t1, "blue", { send: "zero" });
                break;
            }
          }
        }
      },
    },
    t1: {
      cpu: 0,
      *run({ bell, m1, m2 }) {
        let v4 = yield* m1.at(1).color.load();
        v4 = v4;
        switch (v4) {
          case "red":
            yield* m1.at(1).color.load();
            break;
          case "green":
            while (true) {
              yield* m1.at(0).x.write(Math.min(1, 2));
              yield* bell.poll();
            }
            break;
          default:
            yield* m2.exchange(2);
        }
      },
    },
  },
});

export const p62 = protocol("p62", {
  kernel: shm.kernel({ cpus: 1 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: flag,  word: int(0, 2)},
  threads: {
    t0: {
      cpu: 0, untrusted: true,
      *run({  }) {
        let v0 = nobody;
      },
    },
    t1: {
      cpu: 0,
      *run({ self, threads, m0, word }) {
        yield* word.exchange(2);
        let v1 = local(int(0, 2), 2);
        v1 += 1;
        if ((threads.t0 === self)) {
          yield* word.load();
        } else {
          yield* m0.store(v1 >= 2);
        }
        yield* fence();
      },
    },
  },
});

export const p63 = protocol("p63", {
  kernel: shm.kernel({ cpus: 1 }),
  parameters: { limit: 2 },
  scheduling: "round-robin",
  memory: { m0: wrapping(3),  m1: record({ x: int(0, 2), ok: flag })},
  threads: {
    t0: {
      cpu: 0,
      *run({ m1 }) {
        switch ("blue") {
          case "red":
            if (false) return;
            break;
          case "green":
            yield* fence();
            break;
        }
        while (true) {
          yield* m1.ok.exchange(true);
          yield* m1.ok.store(false);
          yield* fence();
          yield* m1.x.exchange(0);
        }
      },
    },
    t1: {
      cpu: 0, untrusted: true,
      *run({ m0 }) {
        switch ("blue") {
          case "red":
            let v0 = true;
            break;
          case "green":
            yield* m0.load();
            break;
        }
      },
    },
  },
});

export const p64 = protocol("p64", {
  kernel: l4.kernel({ cpus: 1, message: int(0, 2) }),
  parameters: { limit: 2 },
  scheduling: "free",
  objects: { bell: l4.notification({ bits: 2 }) },
  memory: { m0: ghost(int(0, 3)),  m1: int(0, 2),  m2: int(0, 2),  m3: array(2, record({ x: int(0, 2), color: oneOf("red", "green", "blue") }))},
  threads: {
    t0: {
      cpu: 0, untrusted: true,
      *run({ m2, m3 }) {
        const v0 = yield* m2.fetchAdd(1);
        yield* m3.at(0).x.load();
      },
    },
    t1: {
      cpu: 0, untrusted: true,
      *run({ bell, m3 }) {
        if ((yield* m3.at(1).x.load()) === 1) {
          let v1 = pairOf(double(larger(larger(Math.abs(0 - 2), 2), 2)), true);
          yield* bell.poll();
        } else {
          yield* bell.wait({ idle: true });
        }
        yield* bell.signal(1);
        yield* m3.at(0).x.write(1);
      },
    },
    t2: {
      cpu: 0,
      *run({ threads, bell, m2 }) {
        let v2 = (threads.t1 === nobody);
        yield* bell.signal(0);
        yield* bell.signal(1);
        yield* m2.store(0);
      },
    },
  },
});

export const p65 = protocol("p65", {
  kernel: shm.kernel({ cpus: 2 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: int(0, 2),  m1: record({ x: int(0, 2), ok: flag }),  m2: wrapping(3)},
  threads: {
    t0: {
      cpu: 0,
      *run({ futex, m0, m1 }) {
        if ((yield* m1.ok.load()) !== 0 < 1) return;
        yield* futex.wake(m0, 1);
      },
    },
    t1: {
      cpu: 1,
      *run({ m0, m1, m2 }) {
        while (true) {
          yield* m0.store(2);
          yield* m1.x.store(1);
          yield* m1.x.store(pairOf(0).a);
          yield* m2.store(0);
          yield* m1.x.load();
        }
      },
    },
    t2: {
      cpu: 1,
      *run({ m0, m1 }) {
        yield* m0.exchange(1);
        yield* m1.ok.store(true);
        yield* fence();
        yield* m1.x.store(0);
      },
    },
  },
});

export const p66 = protocol("p66", {
  kernel: shm.kernel({ cpus: 1 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: ghost(int(0, 3)),  m1: int(0, 2, 1),  m2: oneOf("red", "green", "blue"),  m3: int(0, 2)},
  threads: {
    t0: {
      cpu: 0,
      *run({ threads, futex, m1, m2, m3 }) {
        v0: while (yield* choose(true, false)) {
          do {
            yield* m3.store(0);
            let v1 = threads.t1;
          } while (!(false) && (yield* m2.load()) === nextColor("green"));
          yield* futex.wait(m3, 1, { idle: false });
        }
        while (true) {
          yield* m1.load();
          yield* futex.wait(m1, 0, { idle: false });
          yield* m1.exchange(2);
        }
      },
    },
    t1: {
      cpu: 0,
      *run({  }) {
        let v2 = false;
        let v3 = yield* choose(1, 0);
      },
    },
  },
});

export const p67 = protocol("p67", {
  kernel: l4.kernel({ cpus: 2, message: int(0, 2) }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: int(0, 2)},
  threads: {
    t0: {
      cpu: 0,
      *run({ threads, ipc, m0 }) {
        if ((yield* m0.load()) !== 2) {
          switch ("red") {
            case "red":
              yield* ipc.send(threads.t1, 0, { send: "zero" });
              break;
            case "green":
              yield* ipc.send(threads.t0, 1);
              break;
          }
          yield* ipc.send(threads.t0, 2);
        }
        while (true) {
          yield* ipc.cancel(threads.t0);
          yield* ipc.send(threads.t1, 0, { send: "finite" });
          yield* m0.write(2);
        }
      },
    },
    t1: {
      cpu: 0,
      *run({ threads, ipc, m0 }) {
        yield* m0.write(1);
        if (yield* choose(true, false)) {
          switch ("blue") {
            case "red":
              if (((yield* m0.load()) + (yield* m0.load())) % 2 === 0) {
                let v0 = "red";
              }
              break;
            case "green":
              yield* ipc.send(threads.t1, 1, { send: "zero" });
              break;
            default:
              yield* m0.write(0);
          }
        }
      },
    },
  },
});

export const p68 = protocol("p68", {
  kernel: shm.kernel({ cpus: 2 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: array(2, record({ x: int(0, 2), color: oneOf("red", "green", "blue") }))},
  threads: {
    t0: {
      cpu: 1,
      *run({ m0 }) {
        let v0 = "green";
        while (true) {
          yield* m0.at(1).color.exchange("red");
          let v1 = yield* m0.at(1).color.compareExchange(v0, v0);
          if (false) {
            v1 = v1;
            yield* m0.at(1).x.store(0);
          } else {
            yield* m0.at(1).x.store(0);
          }
        }
      },
    },
    t1: {
      cpu: 1, untrusted: true,
      *run({ futex, m0 }) {
        v2: while ((false || true) || (yield* m0.at(1).color.load()) === nextColor("blue")) {
          do {
            yield* m0.at(1).color.store("red");
            yield* m0.at(1).x.load();
          } while (yield* choose(true, false));
          yield* futex.wait(m0.at(0).x, 0, { idle: true });
        }
        yield* m0.at(1).color.store("red");
        yield* m0.at(1).x.load();
      },
    },
  },
});

export const p69 = protocol("p69", {
  kernel: l4.kernel({ cpus: 2, message: int(0, 2) }),
  parameters: { limit: 2 },
  scheduling: "free",
  objects: { bell: l4.notification({ bits: 2 }) },
  memory: { m0: array(2, int(0, 2)),  m1: wrapping(3)},
  threads: {
    t0: {
      cpu: 1,
      *run({ threads, limit, ipc, m1 }) {
        for (const v0 of [0, 2]) {
          yield* ipc.send(threads.t2, limit, { send: "zero" });
        }
        yield* m1.store(0);
        yield* ipc.send(threads.t1, 2, { send: "zero" });
      },
    },
    t1: {
      cpu: 1,
      *run({  }) {
        if ((false || false)) return;
      },
    },
    t2: {
      cpu: 0,
      *run({ ipc, bell, m0 }) {
        while (true) {
          yield* ipc.wait({ receive: "finite" });
          yield* m0.at(0).store(2);
          yield* bell.signal(2);
        }
      },
    },
  },
});

export const p70 = protocol("p70", {
  kernel: l4.kernel({ cpus: 1, message: oneOf("red", "green", "blue"), atomic: true }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: int(0, 2),  m1: threadId,  m2: queue(int(0, 2), 2)},
  threads: {
    t0: {
      cpu: 0, count: 2,
      *run({ threads, ipc, m0, m1 }) {
        v0: while ((nextColor("blue") === "green") && (yield* m0.load()) !== 0) {
          do {
            yield* ipc.wait();
            yield* m0.store(0);
          } while (yield* choose(true, false));
          yield* m1.exchange(threads.t0[1]);
        }
      },
    },
    t1: {
      cpu: 0,
      *run({ threads, ipc, m0, m1 }) {
        while (false) {
          yield* m1.store(nobody);
          yield* ipc.send(threads.t0[0], "red", { send: "zero" });
        }
        while ((true || true)) {
          yield* m1.store(threads.t0[0]);
          yield* m0.exchange(1);
          yield* ipc.wait();
        }
      },
    },
  },
});

export const p71 = protocol("p71", {
  kernel: l4.kernel({ cpus: 1, message: int(0, 2), atomic: true }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: wrapping(3),  m1: bool(true),  m2: int(0, 2)},
  threads: {
    t0: {
      cpu: 0,
      *run({ threads, ipc, m2 }) {
        while (true) {
          yield* ipc.delete(threads.t1);
          yield* m2.load();
        }
      },
    },
    t1: {
      cpu: 0,
      *run({ m2 }) {
        yield* step({ when: () => m2.value !== 0 });
      },
    },
    t2: {
      cpu: 0,
      *run({ threads, ipc, m1, m2 }) {
        while ((yield* m2.load()) === 1) {
          yield* m2.load();
          yield* m1.exchange(true);
        }
        yield* ipc.send(threads.t1, 2);
        yield* ipc.wait();
      },
    },
  },
});

export const p72 = protocol("p72", {
  kernel: l4.kernel({ cpus: 2, message: bool(), atomic: true }),
  parameters: { limit: 2 },
  scheduling: "free",
  objects: { bell: l4.notification({ bits: 2 }) },
  memory: { m0: wrapping(3),  m1: int(0, 2)},
  threads: {
    t0: {
      cpu: 0,
      *run({ m0, m1 }) {
        let v0 = local(int(0, 2), 2);
        v0 += 1;
        v0 = (v0 + (yield* m0.load())) % 3;
        v1: while (yield* choose(true, false)) {
          do {
            yield* m0.exchange(v0);
            const v2 = yield* m0.exchange(2);
          } while (v0 < 1);
          yield* m1.exchange(0);
        }
      },
    },
    t1: {
      cpu: 1, untrusted: true,
      *run({ bell, m0 }) {
        while (true) {
          yield* bell.signal(1);
          yield* fence();
          yield* m0.store(0);
          yield* m0.exchange(1);
          yield* bell.wait({ idle: true });
        }
      },
    },
    t2: {
      cpu: 0,
      *run({ m0 }) {
        yield* step({ when: () => m0.value !== 2 });
      },
    },
  },
});

export const p73 = protocol("p73", {
  kernel: l4.kernel({ cpus: 2, message: bool(), atomic: true }),
  parameters: { limit: 2 },
  scheduling: "priority",
  objects: { bell: l4.notification({ bits: 2 }) },
  memory: { m0: int(0, 2, 1),  m1: array(2, record({ x: int(0, 2), color: oneOf("red", "green", "blue") })),  m2: flag,  m3: array(2, int(0, 2))},
  threads: {
    t0: {
      cpu: 1, priority: 1, untrusted: true,
      *run({ self, threads, ipc, m1 }) {
        let v0 = 2;
        v0 = (v0 + (yield* m1.at(v0 & 1).x.load())) % 3;
        for (const v1 of [0, 2]) {
          v0 = double(2);
        }
        const v2 = yield* ipc.call(threads.t0, v0 >= 0);
        const v3 = v2.error === "none" ? v2.message : true;
        const v4 = v2.error === "none" ? v2.from : self;
      },
    },
    t1: {
      cpu: 0, priority: 0, untrusted: true,
      *run({ self, ipc, m0, m1 }) {
        while (true) {
          yield* m0.exchange(2);
          const v5 = yield* ipc.wait({ receive: "finite", idle: true });
          const v6 = v5.error === "none" ? v5.message : true;
          const v7 = v5.error === "none" ? v5.from : self;
          yield* fence();
          yield* m1.at(0).x.exchange(2);
        }
      },
    },
  },
});

export const p74 = protocol("p74", {
  kernel: shm.kernel({ cpus: 1 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: int(0, 2)},
  threads: {
    t0: {
      cpu: 0,
      *run({ m0 }) {
        if (false) {
          while ((false || true)) {
            yield* m0.load();
            yield* m0.exchange(0);
          }
        } else {
          yield* m0.load();
        }
        while (true) {
          yield* m0.exchange(2);
          yield* m0.store(1);
        }
      },
    },
    t1: {
      cpu: 0,
      *run({ m0 }) {
        let v0 = yield* m0.exchange(2);
        yield* m0.load();
      },
    },
  },
});

export const p75 = protocol("p75", {
  kernel: l4.kernel({ cpus: 2, message: oneOf("red", "green", "blue"), atomic: true }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: bool(true),  m1: array(2, int(0, 2))},
  threads: {
    t0: {
      cpu: 0,
      *run({ threads, ipc, m0 }) {
        while (true) {
          yield* m0.exchange((nextColor("red") === "blue"));
          yield* m0.exchange(false);
          yield* ipc.send(threads.t2, nextColor("blue"), { send: "zero" });
        }
      },
    },
    t1: {
      cpu: 0,
      *run({ threads, ipc, m1 }) {
        if ((true || true)) return;
        while (true) {
          yield* ipc.send(threads.t0, "blue", { send: "finite" });
          yield* m1.at(0).load();
          yield* fence();
        }
      },
    },
    t2: {
      cpu: 1,
      *run({ m1 }) {
        let v0 = pairOf(0, true);
        for (let v1 = 0; v1 < 2; v1++) {
          yield* m1.at(0).store(v1);
        }
      },
    },
  },
});

export const p76 = protocol("p76", {
  kernel: shm.kernel({ cpus: 1 }),
  parameters: { limit: 2 },
  scheduling: "priority",
  memory: { m0: oneOf("red", "green", "blue"),  m1: array(2, int(0, 2)),  m2: ghost(int(0, 3))},
  threads: {
    t0: {
      cpu: 0, priority: 0,
      *run({ self }) {
        let v0 = self;
      },
    },
    t1: {
      cpu: 0, count: 2, priority: 1,
      *run({ index, m0, m1 }) {
        if (((yield* m1.at(0).load()) + (yield* m1.at(0).load())) % 2 === 0) {
          let v1 = { a: 1, ok: (true || true) };
        }
        yield* m0.exchange(nextColor("green"));
        yield* m1.at(index).store(1);
      },
    },
  },
  invariants: { small: ({ m2, limit }) => m2 < limit + 1 },
});

export const p77 = protocol("p77", {
  kernel: shm.kernel({ cpus: 2 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: wrapping(3),  m1: ghost(int(0, 3)),  m2: int(0, 2)},
  threads: {
    t0: {
      cpu: 1,
      *run({ futex, m0, m2 }) {
        yield* futex.wake(m0, 1);
        while (true) {
          yield* futex.wait(m2, 1, { idle: true });
          while (yield* choose(true, false)) {
            yield* m2.load();
            let v0 = local(int(0, 2), 1);
            v0 += 1;
            if (yield* choose(true, false)) {
              const v1 = yield* swap(m0, 0);
            }
          }
        }
      },
    },
    t1: {
      cpu: 0, count: 2,
      *run({ futex, m0, m2 }) {
        while (true) {
          yield* m0.store(1);
          if ((yield* m2.load()) === 0) continue;
          const v2 = (yield* futex.wake(m0, 1)).woken > 0;
          false && (yield* m0.store(0));
        }
      },
    },
  },
});

export const p78 = protocol("p78", {
  kernel: l4.kernel({ cpus: 1, message: int(0, 2), atomic: true }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: int(0, 2),  m1: record({ x: int(0, 2), ok: flag }),  m2: int(0, 2),  m3: threadId},
  threads: {
    t0: {
      cpu: 0,
      *run({ threads, ipc }) {
        let v0 = local(int(0, 2), 2);
        v0--;
        let v1 = yield* choose(false, true);
        yield* ipc.send(threads.t1, 1);
        yield* ipc.cancel(threads.t0);
      },
    },
    t1: {
      cpu: 0,
      *run({ threads, ipc, m2 }) {
        while (true) {
          yield* m2.store(((larger(2, 1) ^ 1) % 3));
          yield* ipc.send(threads.t1, 1, { send: "zero" });
        }
      },
    },
  },
});

export const p79 = protocol("p79", {
  kernel: l4.kernel({ cpus: 2, message: int(0, 2) }),
  parameters: { limit: 2 },
  scheduling: "round-robin",
  objects: { bell: l4.notification({ bits: 2 }) },
  memory: { m0: int(0, 2, 1),  m1: int(0, 2),  m2: threadId,  m3: threadId},
  threads: {
    t0: {
      cpu: 1,
      *run({ self, threads, ipc, bell, m1, m3 }) {
        v0: while (!(true)) {
          do {
            yield* bell.signal(1);
            yield* m1.load();
          } while (yield* choose(true, false));
          yield* bell.wait({ idle: true });
        }
        while (true) {
          yield* ipc.send(threads.t1, 2, { send: "zero" });
          yield* m3.exchange(self);
        }
      },
    },
    t1: {
      cpu: 0,
      *run({ self, threads, ipc, bell, m1, m3 }) {
        const v1 = yield* m1.fetchAdd(1);
        while (true) {
          yield* ipc.send(threads.t0, v1);
          while ((yield* m3.load()) !== self) {};
          switch (nextColor("green")) {
            case "red":
              if (v1 >= 2 || (yield* m1.load()) === pairOf(v1).a) {
                yield* bell.poll();
                yield* m3.load();
              }
              break;
            case "green":
              yield* bell.wait();
          }
          yield* m3.load();
        }
      },
    },
  },
});

export const p80 = protocol("p80", {
  kernel: shm.kernel({ cpus: 1 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: array(2, record({ x: int(0, 2), color: oneOf("red", "green", "blue") })),  m1: wrapping(3),  m2: int(0, 2)},
  threads: {
    t0: {
      cpu: 0,
      *run({ futex, m2 }) {
        switch ("blue") {
          case "red":
            for (const v0 of [0, 2]) {
              let v1 = nobody;
            }
            break;
          case "green":
            yield* m2.store(1);
            break;
        }
        yield* futex.wait(m2, 2, { idle: false });
      },
    },
    t1: {
      cpu: 0,
      *run({ m0 }) {
        yield* step({ when: () => m0.at(1).x.value > 0, do: () => { m0.at(1).x.value -= 1; } });
      },
    },
  },
});

export const p81 = protocol("p81", {
  kernel: shm.kernel({ cpus: 2 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: oneOf("red", "green", "blue"),  m1: oneOf("red", "green", "blue"),  word: int(0, 2)},
  threads: {
    t0: {
      cpu: 0,
      *run({ m0, word }) {
        yield* m0.write(nextColor("green"));
        while (true) {
          yield* m0.write("green");
          const v0 = yield* word.compareExchange(0, 2);
        }
      },
    },
    t1: {
      cpu: 0,
      *run({ futex, m0, m1, word }) {
        let v1 = yield* m0.compareExchange("green", nextColor("green"));
        v1 = v1;
        if ((yield* m1.load()) === "red") {
          v1 = v1;
        } else {
          yield* futex.wake(word, 1);
        }
        yield* futex.wake(word, 2);
      },
    },
  },
  invariants: { small: ({ word, limit }) => word < limit + 1 },
});

export const p82 = protocol("p82", {
  kernel: l4.kernel({ cpus: 2, message: oneOf("red", "green", "blue"), atomic: true }),
  parameters: { limit: 2 },
  scheduling: "priority",
  memory: { m0: int(0, 2, 1),  m1: int(0, 2),  m2: record({ x: int(0, 2), ok: flag })},
  threads: {
    t0: {
      cpu: 0, priority: 0,
      *run({ threads, ipc, m2 }) {
        let v0 = { a: 2, ok: true };
        while (true) {
          yield* ipc.send(threads.t1, "green", { send: "zero" });
          yield* until(m2.x, 2);
        }
      },
    },
    t1: {
      cpu: 0, priority: 0,
      *run({ threads, ipc }) {
        if (yield* choose(true, false)) {
          let v1 = yield* choose(0, 2);
          yield* ipc.send(threads.t2, nextColor("red"), { send: "zero" });
        } else {
          yield* ipc.send(threads.t1, "red", { send: "zero" });
        }
        yield* ipc.send(threads.t1, nextColor("blue"), { send: "zero" });
        yield* ipc.send(threads.t2, "red", { send: "zero" });
      },
    },
    t2: {
      cpu: 0, priority: 0,
      *run({ m1 }) {
        yield* m1.load();
        let v2 = local(int(0, 2), 0);
        v2++;
      },
    },
  },
  invariants: { small: ({ m0, limit }) => m0 < limit + 1 },
});

export const p83 = protocol("p83", {
  kernel: shm.kernel({ cpus: 2 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: int(0, 2, 1),  m1: array(2, record({ x: int(0, 2), color: oneOf("red", "green", "blue") }))},
  threads: {
    t0: {
      cpu: 1,
      *run({ futex, m1 }) {
        let v0 = yield* m1.at(1).x.fetchAdd(1);
        while (true) {
          yield* m1.at(0).x.store(v0);
          yield* futex.wake(m1.at(0).x, 2);
          yield* fence();
        }
      },
    },
    t1: {
      cpu: 0,
      *run({ m0, m1 }) {
        switch (nextColor("green")) {
          case "red":
            let v1 = pairOf(1, false);
            break;
          case "green":
            let v2 = yield* m1.at(1).x.compareExchange(0, 0);
        }
        while (true) {
          yield* m1.at(0).x.exchange((0 & 1));
          yield* m0.load();
        }
      },
    },
  },
});

export const p84 = protocol("p84", {
  kernel: shm.kernel({ cpus: 2 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: record({ x: int(0, 2), ok: flag }),  m1: ghost(int(0, 3)),  m2: array(2, int(0, 2)),  m3: bool(true)},
  threads: {
    t0: {
      cpu: 0, untrusted: true,
      *run({ m0, m2, m3 }) {
        switch ("green") {
          case "red":
            let v0 = "red";
            break;
          case "green":
            let v1 = yield* m0.x.fetchAdd(1);
            break;
          default:
            yield* m0.ok.load();
        }
        while (true) {
          yield* fence();
          yield* m2.at(0).load();
          yield* m3.exchange(true);
          yield* m0.ok.exchange(true);
        }
      },
    },
    t1: {
      cpu: 0, untrusted: true,
      *run({ m0, m2 }) {
        switch ("red") {
          case "red":
            yield* m2.at(0).store(2);
            break;
          case "green":
            yield* fence();
          default:
            yield* m2.at(1).store(0);
        }
        yield* m0.ok.store(true);
        yield* m0.ok.load();
        yield* m0.x.exchange(1);
      },
    },
  },
});

export const p85 = protocol("p85", {
  kernel: shm.kernel({ cpus: 1 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: bool(true),  m1: array(2, int(0, 2)),  m2: int(0, 2)},
  threads: {
    t0: {
      cpu: 0,
      *run({ m1, m2 }) {
        while (true) {
          yield* m2.load();
          yield* m1.at(0).exchange(0);
        }
      },
    },
    t1: {
      cpu: 0,
      *run({ futex, m1, m2 }) {
        let v0 = "blue";
        (false ? 2 : 0) < 2 && (yield* m1.at(0).store(2));
        yield* m2.store(1);
        yield* futex.wait(m1.at(0), 0, { idle: true });
      },
    },
  },
});

export const p86 = protocol("p86", {
  kernel: shm.kernel({ cpus: 1 }),
  parameters: { limit: 2 },
  scheduling: "round-robin",
  memory: { m0: ghost(int(0, 3)),  m1: array(2, int(0, 2)),  m2: array(2, record({ x: int(0, 2), color: oneOf("red", "green", "blue") }))},
  threads: {
    t0: {
      cpu: 0,
      *run({ m1 }) {
        yield* m1.at(0).load();
        let v0 = nextColor("blue");
      },
    },
    t1: {
      cpu: 0,
      *run({ futex, m1, m2 }) {
        switch ("green") {
          case "red":
            let v1 = local(int(0, 2), 1);
            v1++;
            break;
          case "green":
            yield* step({ when: () => m1.at(0).value > 0, do: () => { m1.at(0).value -= 1; } });
        }
        if (false) {
          yield* m1.at(0).write(1);
          yield* futex.wake(m1.at(0), 2);
        }
        yield* m2.at(1).color.load();
        yield* m1.at(0).write(0);
      },
    },
  },
  invariants: { small: ({ m0, limit }) => m0 < limit + 1 },
});

export const p87 = protocol("p87", {
  kernel: l4.kernel({ cpus: 2, message: oneOf("red", "green", "blue"), atomic: true }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: queue(int(0, 2), 2),  m1: int(0, 2, 1),  m2: array(2, record({ x: int(0, 2), color: oneOf("red", "green", "blue") })),  m3: array(2, int(0, 2))},
  threads: {
    t0: {
      cpu: 0,
      *run({ self, threads, ipc }) {
        while (true) {
          yield* ipc.send(threads.t1, "red", { send: "zero" });
          const v0 = yield* ipc.call(threads.t2, "blue", { receive: "zero" });
          const v1 = v0.error === "none" ? v0.message : "red";
          const v2 = v0.error === "none" ? v0.from : self;
          if (yield* choose(true, false)) continue;
        }
      },
    },
    t1: {
      cpu: 0,
      *run({ self, threads, ipc, m3 }) {
        if (yield* choose(true, false)) {
          const v3 = yield* ipc.receive(threads.t2);
          const v4 = v3.message;
          const v5 = v3.from;
        } else {
          const v6 = yield* ipc.replyWait(threads.t1, "green", { send: "finite" });
          const v7 = v6.error === "none" ? v6.message : "blue";
          const v8 = v6.error === "none" ? v6.from : self;
        }
        const { error: v9, phase: v11 } = yield* ipc.call(threads.t1, nextColor("blue"));
        const v10 = v9 === "none" || v11 === "send";
        let v12 = yield* m3.at(0).compareExchange(2, 0);
        yield* ipc.send(threads.t2, nextColor("red"), { send: "finite" });
      },
    },
    t2: {
      cpu: 1,
      *run({ threads, m3 }) {
        while ((yield* m3.at(0).load()) !== 1) {};
        let v13 = threads.t2;
      },
    },
  },
  invariants: { small: ({ m1, limit }) => m1 < limit + 1 },
});

export const p88 = protocol("p88", {
  kernel: shm.kernel({ cpus: 1 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: record({ x: int(0, 2), ok: flag }),  m1: ghost(int(0, 3))},
  threads: {
    t0: {
      cpu: 0,
      *run({ m0 }) {
        let v0 = "red";
        v1: while (yield* choose(true, false)) {
          do {
            yield* m0.ok.exchange(false);
            yield* fence();
          } while (false);
          yield* m0.x.store(2);
        }
        yield* m0.ok.store(true);
        yield* m0.ok.write(false);
      },
    },
    t1: {
      cpu: 0,
      *run({ m0 }) {
        yield* m0.x.write(1);
      },
    },
    t2: {
      cpu: 0, untrusted: true,
      *run({ futex, m0 }) {
        v2: while ((yield* m0.x.load()) !== 1) {
          do {
            yield* futex.wake(m0.x, 1);
            for (const v3 of [0, 2]) {
              yield* fence();
            }
          } while (yield* choose(true, false));
          yield* m0.ok.store(false);
        }
      },
    },
  },
});

export const p89 = protocol("p89", {
  kernel: l4.kernel({ cpus: 1, message: int(0, 2) }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: threadId,  m1: wrapping(3)},
  threads: {
    t0: {
      cpu: 0, count: 2,
      *run({ threads, ipc }) {
        let v0 = nobody;
        while (true) {
          yield* ipc.wait({ receive: "finite" });
          yield* ipc.wait({ receive: "finite" });
          yield* ipc.send(threads.t1, 1, { send: "zero" });
        }
      },
    },
    t1: {
      cpu: 0,
      *run({ threads, ipc, m0 }) {
        for (const v1 of [0, 2]) {
          if ((nobody === threads.t1)) {
            yield* m0.load();
          }
        }
        while (true) {
          yield* ipc.wait({ receive: "finite" });
          yield* ipc.send(threads.t0[0], 1, { send: "zero" });
        }
      },
    },
  },
});

export const p90 = protocol("p90", {
  kernel: l4.kernel({ cpus: 2, message: int(0, 2), atomic: true }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: threadId,  m1: ghost(int(0, 3)),  m2: ghost(int(0, 3)),  word: int(0, 2)},
  threads: {
    t0: {
      cpu: 1, count: 2,
      *run({ threads, ipc, word }) {
        yield* word.store(1);
        while (true) {
          yield* ipc.send(threads.t0[0], larger(0, 0), { send: "zero" });
          yield* word.write(1);
        }
      },
    },
    t1: {
      cpu: 1,
      *run({ threads, ipc, m0 }) {
        yield* ipc.send(threads.t0[0], 2, { send: "zero" });
        yield* fence();
        yield* waitUntil(m0, (value) => value === threads.t1);
      },
    },
  },
});

export const p91 = protocol("p91", {
  kernel: shm.kernel({ cpus: 2 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: ghost(int(0, 3)),  m1: ghost(int(0, 3)),  word: int(0, 2)},
  threads: {
    t0: {
      cpu: 1,
      *run({ word }) {
        if ((yield* word.load()) === 1) return;
        while (true) {
          yield* word.load();
          yield* step({ when: () => word.value > 0, do: () => { word.value -= 1; } });
          if (((yield* word.load()) + (yield* word.load())) % 2 === 0) {
            const v0 = yield* twice(word);
          }
        }
      },
    },
    t1: {
      cpu: 1,
      *run({ word }) {
        !(true) && (yield* word.store(1));
        while (true) {
          yield* word.store(0);
          yield* word.exchange(2);
          yield* word.exchange(0);
          yield* word.store(1);
        }
      },
    },
    t2: {
      cpu: 1, untrusted: true,
      *run({ futex, word }) {
        if (((yield* word.load()) + (yield* word.load())) % 2 === 0) {
          for (const v1 of [0, 2]) {
            const v2 = yield* choose(1, 1);
          }
        }
        while (true) {
          yield* fence();
          yield* word.load();
          yield* futex.wait(word, 0, { idle: true });
        }
      },
    },
  },
  invariants: { small: ({ m0, limit }) => m0 < limit + 0 },
});

export const p92 = protocol("p92", {
  kernel: l4.kernel({ cpus: 2, message: int(0, 2), atomic: true }),
  parameters: { limit: 2 },
  scheduling: "free",
  objects: { bell: l4.notification({ bits: 2 }) },
  memory: { m0: record({ x: int(0, 2), ok: flag }),  m1: ghost(int(0, 3)),  m2: int(0, 2)},
  threads: {
    t0: {
      cpu: 0,
      *run({ bell, m0, m2 }) {
        const v0 = yield* swap(m2, 2);
        if (!(false)) {
          yield* bell.wait({ idle: true });
        } else {
          yield* m2.exchange(2);
        }
        yield* m0.x.store(2);
      },
    },
    t1: {
      cpu: 0, untrusted: true,
      *run({  }) {
        let v1 = yield* choose(0, 2);
      },
    },
  },
});

export const p93 = protocol("p93", {
  kernel: l4.kernel({ cpus: 1, message: record({ a: int(0, 2), ok: bool() }) }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: threadId,  m1: record({ x: int(0, 2), ok: flag })},
  threads: {
    t0: {
      cpu: 0, untrusted: true,
      *run({ threads, ipc, m1 }) {
        const v0 = yield* bump(m1.x);
        let v1 = threads.t1;
        yield* ipc.send(v1, { a: 1, ok: true }, { send: "zero" });
      },
    },
    t1: {
      cpu: 0,
      *run({ threads, ipc, m1 }) {
        while (true) {
          yield* m1.ok.load();
          yield* m1.x.write(1);
          yield* ipc.send(threads.t1, { a: 1, ok: true }, { send: "finite" });
        }
      },
    },
  },
});

export const p94 = protocol("p94", {
  kernel: l4.kernel({ cpus: 2, message: bool() }),
  parameters: { limit: 2 },
  scheduling: "free",
  objects: { bell: l4.notification({ bits: 2 }) },
  memory: { m0: int(0, 2, 1),  m1: int(0, 2, 1),  m2: ghost(int(0, 3))},
  threads: {
    t0: {
      cpu: 1,
      *run({ m0 }) {
        if (((yield* m0.load()) + (yield* m0.load())) % 2 === 0) {
          const v0 = yield* bump(m0);
        }
      },
    },
    t1: {
      cpu: 1,
      *run({ threads, ipc, m2, m0, m1 }) {
        for (let v1 = 0; v1 < 2; v1++) {
          m2.value += 1;
        }
        while (true) {
          yield* ipc.wait();
          yield* m0.load();
          yield* ipc.send(threads.t0, false, { send: "zero" });
          yield* m1.load();
        }
      },
    },
  },
});

export const p95 = protocol("p95", {
  kernel: shm.kernel({ cpus: 1 }),
  parameters: { limit: 2 },
  scheduling: "priority",
  memory: { m0: threadId,  word: int(0, 2)},
  threads: {
    t0: {
      cpu: 0, priority: 1,
      *run({ word }) {
        let v0 = nextColor("green");
        for (const v1 of [0, 2]) {
          yield* word.store(v1);
        }
      },
    },
    t1: {
      cpu: 0, priority: 0,
      *run({ futex, word }) {
        switch ("red") {
          case "red":
            yield* word.exchange(0);
            break;
          case "green":
            yield* futex.wait(word, 1, { idle: false });
          default:
            yield* word.exchange(1);
        }
        yield* word.store(1);
      },
    },
  },
});

export const p96 = protocol("p96", {
  kernel: shm.kernel({ cpus: 2 }),
  parameters: { limit: 2 },
  scheduling: "round-robin",
  memory: { m0: array(2, record({ x: int(0, 2), color: oneOf("red", "green", "blue") })),  m1: record({ x: int(0, 2), ok: flag })},
  threads: {
    t0: {
      cpu: 1,
      *run({ futex, m0, m1 }) {
        if (((yield* m0.at(1).x.load()) + (yield* m1.x.load())) % 2 === 0) {
          const v0 = yield* m0.at(1).x.exchange(1);
        }
        yield* futex.wait(m1.x, 0, { idle: false });
      },
    },
    t1: {
      cpu: 1,
      *run({ m1 }) {
        switch (nextColor("blue")) {
          case "red":
            let v1 = "green";
            break;
          case "green":
            yield* m1.x.store(0);
            break;
        }
        while (true) {
          yield* fence();
          yield* m1.ok.load();
        }
      },
    },
  },
});

export const p97 = protocol("p97", {
  kernel: shm.kernel({ cpus: 2 }),
  parameters: { limit: 2 },
  scheduling: "round-robin",
  memory: { m0: array(2, record({ x: int(0, 2), color: oneOf("red", "green", "blue") })),  m1: threadId,  m2: array(2, record({ x: int(0, 2), color: oneOf("red", "green", "blue") })),  m3: ghost(int(0, 3))},
  threads: {
    t0: {
      cpu: 0,
      *run({ self, threads, m0, m1 }) {
        let v0 = yield* m1.compareExchange(self, threads.t0);
        while (true) {
          yield* m0.at(1).color.load();
          let v1 = yield* choose(1, 1);
        }
      },
    },
    t1: {
      cpu: 0,
      *run({ m2 }) {
        let v2 = yield* m2.at(0).x.compareExchange(1, 0);
      },
    },
  },
  invariants: { small: ({ m3, limit }) => m3 < limit + 0 },
});

export const p98 = protocol("p98", {
  kernel: shm.kernel({ cpus: 2 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: int(0, 2)},
  threads: {
    t0: {
      cpu: 1,
      *run({ m0 }) {
        if (true || (yield* m0.load()) !== Math.min(0, 2)) {
          yield* m0.exchange(0);
        }
        while (true) {
          yield* m0.store(2);
          yield* m0.exchange(2);
        }
      },
    },
    t1: {
      cpu: 1,
      *run({ m0 }) {
        let v0 = ("red" === "green");
        yield* fence();
        yield* m0.load();
      },
    },
    t2: {
      cpu: 0, untrusted: true,
      *run({ threads, futex, m0 }) {
        if (true) {
          let v1 = threads.t2;
          v1 = threads.t0;
        } else {
          yield* futex.wake(m0, 1);
        }
        while (true) {
          yield* m0.exchange(1);
          yield* m0.exchange(0);
          yield* m0.load();
        }
      },
    },
  },
});

export const p99 = protocol("p99", {
  kernel: l4.kernel({ cpus: 1, message: oneOf("red", "green", "blue") }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: bool(true),  m1: record({ x: int(0, 2), ok: flag })},
  threads: {
    t0: {
      cpu: 0,
      *run({ ipc, m0, m1 }) {
        if (true || (yield* m1.x.load()) === pairOf(((2 + 0) % 3)).a) {
          yield* m0.store(false);
          yield* m1.ok.load();
        } else {
          yield* ipc.wait();
        }
      },
    },
    t1: {
      cpu: 0,
      *run({ m0 }) {
        check((true || true), "check 0");
        while (true) {
          yield* m0.store(false);
          yield* m0.store(false);
        }
      },
    },
    t2: {
      cpu: 0, untrusted: true,
      *run({ m1 }) {
        for (const v1 of [0, 2]) {
          const v2 = yield* twice(m1.x);
        }
      },
    },
  },
});
