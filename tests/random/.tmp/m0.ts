import { array, assume, bool, check, choose, fence, flag, ghost, int, local, nobody, oneOf, protocol, queue, record, step, threadId, u8, waitUntil, wrapping } from "ipc-check";
import * as l4 from "ipc-check/kernels/l4";
import * as shm from "ipc-check/kernels/shm";

const double = (value) => (value * 2) % 3;
const larger = (a, b) => {
  if (a > b) return a;
  return b;
};
function nextColor(color) {
  switch (color) {
    case "red":
      return "green";
    case "green":
      return "blue";
    default:
      return "red";
  }
}
const pairOf = (a, ok = false) => ({ a, ok });
function* bump(cell, by = 1) {
  const old = yield* cell.load();
  yield* cell.store((old + by) % 3);
  return old;
}
function* twice(cell) {
  const first = yield* bump(cell);
  return (first + (yield* bump(cell, 2))) % 3;
}
function* until(cell, value) {
  while ((yield* cell.load()) !== value) {}
}
function* swap(cell, value) {
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
  scheduling: "free",
  memory: { m0: array(2, record({ x: int(0, 2), color: oneOf("red", "green", "blue") })),  m1: bool(true)},
  threads: {
    t0: {
      cpu: 0,
      *run({ futex, m0 }) {
        while (true) {
          yield* m0.at(1).color.store("red");
          yield* m0.at(0).x.store(2);
          check(false, "check 0");
          yield* futex.wait(m0.at(0).x, 2, { idle: true });
          yield* futex.wake(m0.at(0).x, 2);
        }
      },
    },
    t1: {
      cpu: 0,
      *run({ m0 }) {
        while (true) {
          yield* m0.at(1).color.exchange("blue");
          yield* step({ do: () => { m0.at(0).x.value = 2; } });
        }
      },
    },
  },
});

export const p1 = protocol("p1", {
  kernel: shm.kernel({ cpus: 2 }),
  parameters: { limit: 2 },
  scheduling: "round-robin",
  memory: { m0: threadId,  m1: int(0, 2, 1),  m2: int(0, 2, 1),  m3: ghost(int(0, 3))},
  threads: {
    t0: {
      cpu: 1,
      *run({ m1 }) {
        yield* step({ when: () => m1.value > 0, do: () => { m1.value -= 1; } });
      },
    },
    t1: {
      cpu: 0,
      *run({ self, threads, m0, m1 }) {
        while (true) {
          yield* m1.load();
          yield* m0.store(threads.t1);
          yield* m0.store(self);
        }
      },
    },
  },
});

export const p2 = protocol("p2", {
  kernel: shm.kernel({ cpus: 2 }),
  parameters: { limit: 2 },
  scheduling: "round-robin",
  memory: { m0: threadId,  m1: ghost(int(0, 3)),  word: int(0, 2)},
  threads: {
    t0: {
      cpu: 0,
      *run({  }) {
        let v0 = true;
      },
    },
    t1: {
      cpu: 0,
      *run({ futex, word }) {
        while (yield* choose(true, false)) {
          yield* word.store(2);
          if (("green" === "green")) {
            yield* fence();
            yield* word.exchange(2);
          }
          yield* fence();
        }
        yield* futex.wake(word, 2);
      },
    },
  },
});

export const p3 = protocol("p3", {
  kernel: shm.kernel({ cpus: 1 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: int(0, 2),  m1: threadId,  m2: int(0, 2),  m3: queue(int(0, 2), 2)},
  threads: {
    t0: {
      cpu: 0, untrusted: true,
      *run({ threads, m1, m2 }) {
        while (true) {
          yield* m1.store(threads.t0);
          false && (yield* m2.store((true ? 1 : 1)));
        }
      },
    },
    t1: {
      cpu: 0, untrusted: true,
      *run({ futex, m0, m2 }) {
        if (((yield* m0.load()) + (yield* m2.load())) % 2 === 0) {
          const v0 = (yield* futex.wake(m2, 2)).woken > 0;
        }
        yield* futex.wake(m0, 1);
      },
    },
  },
});

export const p4 = protocol("p4", {
  kernel: l4.kernel({ cpus: 2, message: int(0, 2) }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: int(0, 2),  m1: int(0, 2)},
  threads: {
    t0: {
      cpu: 1,
      *run({ threads, ipc, m1 }) {
        yield* m1.load();
        while (true) {
          yield* ipc.send(threads.t0, pairOf(2).a, { send: "zero" });
          yield* ipc.wait();
        }
      },
    },
    t1: {
      cpu: 1,
      *run({ threads, ipc, m1 }) {
        let v0 = nextColor("green");
        yield* ipc.send(threads.t0, 1, { send: "finite" });
        yield* m1.store(2);
        yield* ipc.send(threads.t1, 1, { send: "zero" });
      },
    },
  },
});

export const p5 = protocol("p5", {
  kernel: l4.kernel({ cpus: 2, message: record({ a: int(0, 2), ok: bool() }) }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: array(2, int(0, 2)),  m1: wrapping(3),  m2: array(2, int(0, 2)),  m3: wrapping(3)},
  threads: {
    t0: {
      cpu: 0,
      *run({ m2 }) {
        let v0 = local(int(0, 2), 0);
        v0++;
        v0 = v0;
        const v1 = yield* m2.at(v0 & 1).compareExchange(0, (larger(1, v0) & 1));
      },
    },
    t1: {
      cpu: 0,
      *run({ threads, ipc, m0, m1, m2 }) {
        while (true) {
          yield* m2.at(0).load();
          const v2 = yield* swap(m0.at(0), 2);
          v3: while (false) {
            do {
              yield* m1.exchange(0);
              yield* m0.at(0).load();
            } while (true);
            yield* ipc.send(threads.t0, { a: 1, ok: true }, { send: "zero" });
          }
          yield* m2.at(0).load();
          yield* m2.at(0).load();
        }
      },
    },
  },
});

export const p6 = protocol("p6", {
  kernel: l4.kernel({ cpus: 2, message: int(0, 2) }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: bool(true),  m1: int(0, 2),  m2: threadId,  m3: wrapping(3)},
  threads: {
    t0: {
      cpu: 1, untrusted: true,
      *run({ threads, ipc, m3 }) {
        while (true) {
          yield* ipc.wait();
          yield* ipc.send(threads.t1, 1, { send: "zero" });
          yield* m3.load();
          yield* ipc.wait({ receive: "finite" });
        }
      },
    },
    t1: {
      cpu: 1,
      *run({ self, threads, ipc, m1, m2, m3 }) {
        while ((yield* m2.load()) !== self) {
          yield* m3.exchange(1);
          yield* m2.exchange(threads.t0);
        }
        yield* m1.store(2);
        yield* ipc.wait({ receive: "finite" });
        yield* ipc.wait({ receive: "finite" });
      },
    },
    t2: {
      cpu: 1,
      *run({ threads, ipc, m1 }) {
        yield* step({ when: () => m1.value > 0, do: () => { m1.value -= 1; } });
        yield* ipc.send(threads.t1, 0, { send: "zero" });
        yield* fence();
        yield* ipc.send(threads.t0, 2, { send: "finite" });
      },
    },
  },
  invariants: { small: ({ m1, limit }) => m1 < limit + 1 },
});

export const p7 = protocol("p7", {
  kernel: l4.kernel({ cpus: 1, message: record({ a: int(0, 2), ok: bool() }) }),
  parameters: { limit: 2 },
  scheduling: "free",
  objects: { bell: l4.notification({ bits: 2 }) },
  memory: { m0: oneOf("red", "green", "blue"),  m1: record({ x: int(0, 2), ok: flag }),  m2: record({ x: int(0, 2), ok: flag })},
  threads: {
    t0: {
      cpu: 0, untrusted: true,
      *run({ bell, m1, m2 }) {
        if (((yield* m2.x.load()) + (yield* m1.x.load())) % 2 === 0) {
          yield* m2.ok.store(false);
        }
        while (true) {
          yield* bell.poll();
          yield* bell.signal(1);
        }
      },
    },
    t1: {
      cpu: 0,
      *run({ m0, m1, m2 }) {
        for (let v0 = 0; v0 < 2; v0++) {
          if (v0 !== 2) {
            if (((yield* m1.x.load()) + (yield* m1.x.load())) % 2 === 0) {
              let v1 = yield* m2.x.load();
            }
          }
        }
        yield* m1.x.load();
        yield* m0.load();
        yield* m1.x.exchange(2);
      },
    },
  },
});

export const p8 = protocol("p8", {
  kernel: l4.kernel({ cpus: 2, message: oneOf("red", "green", "blue") }),
  parameters: { limit: 2 },
  scheduling: "free",
  objects: { bell: l4.notification({ bits: 2 }) },
  memory: { m0: record({ x: int(0, 2), ok: flag })},
  threads: {
    t0: {
      cpu: 1,
      *run({ ipc, m0 }) {
        const v0 = yield* swap(m0.x, 0);
        const v1 = yield* m0.x.exchange(2);
        yield* ipc.wait();
        yield* m0.x.store(v1);
      },
    },
    t1: {
      cpu: 1,
      *run({ ipc, bell, m0 }) {
        while (true) {
          yield* ipc.wait({ receive: "finite" });
          if ((yield* m0.x.load()) === 1) break;
          switch ("blue") {
            case "red":
              let v2 = nobody;
              break;
            case "green":
              yield* bell.signal(3);
              break;
          }
          yield* m0.ok.load();
        }
      },
    },
    t2: {
      cpu: 1,
      *run({ self, threads, ipc, bell, m0 }) {
        const v3 = yield* ipc.receive(threads.t1, { receive: "finite" });
        const v4 = v3.error === "none" ? v3.message : "green";
        const v5 = v3.error === "none" ? v3.from : self;
        let v6 = v4;
        switch ("blue") {
          case "red":
            yield* m0.ok.exchange(true);
            break;
          case "green":
            yield* m0.ok.store(true);
        }
        yield* bell.poll();
      },
    },
  },
});

export const p9 = protocol("p9", {
  kernel: shm.kernel({ cpus: 2 }),
  parameters: { limit: 2 },
  scheduling: "round-robin",
  memory: { m0: int(0, 2, 1),  m1: array(2, record({ x: int(0, 2), color: oneOf("red", "green", "blue") })),  m2: oneOf("red", "green", "blue")},
  threads: {
    t0: {
      cpu: 0,
      *run({ futex, m0, m2 }) {
        let v0 = larger(2, 1);
        while (true) {
          yield* futex.wake(m0, 2);
          yield* m2.store("blue");
          yield* m0.load();
          yield* m2.load();
        }
      },
    },
    t1: {
      cpu: 1,
      *run({ self, threads, m1 }) {
        if ((threads.t2 === self)) {
          yield* m1.at(0).x.store(2);
        }
      },
    },
    t2: {
      cpu: 0,
      *run({ threads, futex, m0, m1 }) {
        for (const v1 of [0, 2]) {
          let v2 = threads.t2;
        }
        while (true) {
          yield* futex.wait(m0, 1, { idle: false });
          yield* m0.store(2);
          yield* m1.at(1).color.store("blue");
          yield* m1.at(1).color.store("red");
        }
      },
    },
  },
});

export const p10 = protocol("p10", {
  kernel: shm.kernel({ cpus: 1 }),
  parameters: { limit: 2 },
  scheduling: "priority",
  memory: { m0: oneOf("red", "green", "blue"),  m1: queue(int(0, 2), 2),  word: int(0, 2)},
  threads: {
    t0: {
      cpu: 0, priority: 0,
      *run({ threads, m0, word }) {
        if ((threads.t1 === nobody)) {
          yield* m0.load();
        }
        while (true) {
          yield* word.store(0);
          yield* m0.exchange("red");
          yield* word.load();
          yield* m0.load();
        }
      },
    },
    t1: {
      cpu: 0, priority: 0,
      *run({ m0, word }) {
        yield* waitUntil(word, (value) => value !== 0);
        while (true) {
          yield* m0.exchange("red");
          let v0 = local(int(0, 2), 0);
          v0 += 1;
          const v1 = yield* twice(word);
        }
      },
    },
  },
});

export const p11 = protocol("p11", {
  kernel: shm.kernel({ cpus: 2 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: array(2, record({ x: int(0, 2), color: oneOf("red", "green", "blue") })),  m1: wrapping(3),  m2: threadId,  m3: array(2, int(0, 2))},
  threads: {
    t0: {
      cpu: 0,
      *run({ m3 }) {
        const v0 = yield* twice(m3.at(1));
        yield* step({});
      },
    },
    t1: {
      cpu: 0,
      *run({ threads, futex, m1, m2, m3 }) {
        let v1 = pairOf((true ? 1 : pairOf(0).a), true);
        while (true) {
          yield* futex.wait(m3.at(0), 1, { idle: true });
          while ((false || true)) {
            yield* m3.at(0).load();
            yield* m2.exchange(threads.t1);
            yield* m1.exchange(0);
          }
          yield* m2.exchange(threads.t1);
        }
      },
    },
  },
});

export const p12 = protocol("p12", {
  kernel: shm.kernel({ cpus: 2 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: ghost(int(0, 3)),  m1: wrapping(3),  m2: threadId},
  threads: {
    t0: {
      cpu: 0,
      *run({  }) {
        for (const v0 of [0, 2]) {
          let v1 = 2;
        }
        let v2 = nobody;
      },
    },
    t1: {
      cpu: 0,
      *run({ m1 }) {
        yield* step({ do: () => { m1.value = 1; } });
      },
    },
  },
  invariants: { small: ({ m0, limit }) => m0 < limit + 0 },
});

export const p13 = protocol("p13", {
  kernel: shm.kernel({ cpus: 1 }),
  parameters: { limit: 2 },
  scheduling: "round-robin",
  memory: { m0: ghost(int(0, 3)),  m1: wrapping(3),  m2: wrapping(3),  m3: bool(true)},
  threads: {
    t0: {
      cpu: 0,
      *run({  }) {
        let v0 = true;
      },
    },
    t1: {
      cpu: 0, untrusted: true,
      *run({ m2 }) {
        const v1 = yield* m2.compareExchange(0, 0);
      },
    },
  },
});

export const p14 = protocol("p14", {
  kernel: l4.kernel({ cpus: 2, message: record({ a: int(0, 2), ok: bool() }) }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: ghost(int(0, 3)),  m1: array(2, record({ x: int(0, 2), color: oneOf("red", "green", "blue") }))},
  threads: {
    t0: {
      cpu: 0, untrusted: true,
      *run({ threads, ipc, m1 }) {
        let v0 = yield* m1.at(1).color.load();
        if (true && (yield* m1.at(0).x.load()) === 2) {
          yield* m1.at(1).color.load();
          yield* ipc.cancel(threads.t0);
        }
      },
    },
    t1: {
      cpu: 1, count: 2,
      *run({ index, threads, ipc, m1 }) {
        v1: while (false) {
          do {
            yield* m1.at(1).color.exchange("red");
            if (true) {
              yield* m1.at(1).color.load();
              yield* m1.at(1).color.load();
            }
          } while ((yield* m1.at(0).x.load()) !== 0);
          yield* ipc.send(threads.t0, pairOf(2, true), { send: "zero" });
        }
        while (true) {
          yield* m1.at(1).color.load();
          yield* m1.at(index).x.store(2);
          yield* ipc.send(threads.t1[1], pairOf(2, true), { send: "zero" });
        }
      },
    },
  },
});

export const p15 = protocol("p15", {
  kernel: shm.kernel({ cpus: 2 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: oneOf("red", "green", "blue"),  m1: threadId,  m2: int(0, 2)},
  threads: {
    t0: {
      cpu: 1,
      *run({ m2 }) {
        let v0 = local(int(0, 2), 0);
        v0 += 1;
        yield* step({ do: () => { m2.value = v0; } });
        let v1 = local(int(0, 2), 2);
        v1 += 1;
        for (let v2 = 0; v2 < 2; v2++) {
          let v3 = local(int(0, 2), 0);
          v3++;
        }
      },
    },
    t1: {
      cpu: 1,
      *run({ threads, m0, m1, m2 }) {
        yield* m0.exchange(nextColor("red"));
        while (true) {
          yield* m2.load();
          yield* m2.store(0);
          yield* m1.exchange(threads.t2);
        }
      },
    },
    t2: {
      cpu: 1,
      *run({ m1, m2 }) {
        yield* step({ when: () => m2.value !== 2 });
        while (true) {
          yield* m1.load();
          let v4 = ("red" === "blue");
        }
      },
    },
  },
});

export const p16 = protocol("p16", {
  kernel: l4.kernel({ cpus: 1, message: int(0, 2) }),
  parameters: { limit: 2 },
  scheduling: "priority",
  memory: { m0: int(0, 2),  m1: array(2, record({ x: int(0, 2), color: oneOf("red", "green", "blue") })),  m2: array(2, record({ x: int(0, 2), color: oneOf("red", "green", "blue") })),  m3: threadId},
  threads: {
    t0: {
      cpu: 0, priority: 1, untrusted: true,
      *run({ self, threads, ipc, m0, m3 }) {
        yield* waitUntil(m0, (value) => value !== 1);
        while (true) {
          yield* ipc.send(threads.t1, larger((((false ? (pairOf(0).a & 1) : 0) + 1) % 3), 0));
          yield* m3.store(self);
          yield* ipc.wait();
          yield* ipc.send(threads.t0, 2, { send: "zero" });
        }
      },
    },
    t1: {
      cpu: 0, priority: 1,
      *run({ threads, ipc, m1 }) {
        const v0 = yield* ipc.receive(threads.t1, { receive: "finite", idle: true });
        const v1 = v0.message;
        const v2 = v0.from;
        yield* m1.at(v1 & 1).x.store(v1);
        yield* ipc.wait({ receive: "finite" });
        yield* ipc.send(v2, 1, { send: "zero" });
      },
    },
  },
  invariants: { small: ({ m0, limit }) => m0 < limit + 1 },
});

export const p17 = protocol("p17", {
  kernel: l4.kernel({ cpus: 2, message: bool(), atomic: true }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: ghost(int(0, 3)),  m1: queue(int(0, 2), 2),  m2: record({ x: int(0, 2), ok: flag })},
  threads: {
    t0: {
      cpu: 0,
      *run({ threads, ipc, m2 }) {
        while (true) {
          yield* m2.ok.exchange(false);
          yield* ipc.send(threads.t0, true);
          yield* m2.ok.load();
          yield* m2.x.load();
        }
      },
    },
    t1: {
      cpu: 0, untrusted: true,
      *run({ self, threads, ipc, m2 }) {
        while (true) {
          yield* ipc.send(threads.t0, (threads.t1 === self));
          yield* m2.x.load();
          yield* ipc.send(threads.t1, false, { send: "zero" });
        }
      },
    },
  },
  invariants: { small: ({ m0, limit }) => m0 < limit + 1 },
});

export const p18 = protocol("p18", {
  kernel: shm.kernel({ cpus: 1 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: flag,  m1: oneOf("red", "green", "blue"),  word: int(0, 2)},
  threads: {
    t0: {
      cpu: 0,
      *run({ futex, word }) {
        while (true) {
          yield* futex.wake(word, 1);
          if ((yield* word.load()) === pairOf(((0 ^ 0) % 3)).a) break;
        }
      },
    },
    t1: {
      cpu: 0,
      *run({ m1 }) {
        let v0 = ((0 ^ 1) % 3);
        yield* m1.exchange("green");
      },
    },
  },
  invariants: { small: ({ word, limit }) => word < limit + 0 },
});

export const p19 = protocol("p19", {
  kernel: shm.kernel({ cpus: 1 }),
  parameters: { limit: 2 },
  scheduling: "round-robin",
  memory: { m0: int(0, 2),  m1: int(0, 2),  m2: int(0, 2),  m3: int(0, 2, 1)},
  threads: {
    t0: {
      cpu: 0,
      *run({ futex, m0, m3 }) {
        while (true) {
          yield* m3.exchange(2);
          yield* m0.store(0);
          let v0 = { a: 1, ok: ("blue" === "green") };
          yield* futex.wake(m3, 2);
        }
      },
    },
    t1: {
      cpu: 0,
      *run({ m1, m2, m3 }) {
        while (true) {
          yield* m3.store(((nextColor("blue") === "red") ? 0 : (2 & 1)));
          yield* m1.store(0);
          yield* m2.exchange(2);
        }
      },
    },
  },
});

export const p20 = protocol("p20", {
  kernel: shm.kernel({ cpus: 1 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: wrapping(3),  m1: int(0, 2, 1),  m2: int(0, 2)},
  threads: {
    t0: {
      cpu: 0, count: 2, untrusted: true,
      *run({  }) {
        if ((false || true)) return;
      },
    },
    t1: {
      cpu: 0, untrusted: true,
      *run({ m1, m2 }) {
        while (true) {
          yield* m1.load();
          false && (yield* m2.store(0));
        }
      },
    },
  },
});

export const p21 = protocol("p21", {
  kernel: l4.kernel({ cpus: 2, message: bool() }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: bool(true),  m1: int(0, 2)},
  threads: {
    t0: {
      cpu: 1,
      *run({ ipc, m1 }) {
        yield* m1.exchange(double(1));
        while (true) {
          yield* ipc.wait({ receive: "finite" });
          yield* ipc.wait({ receive: "finite" });
          yield* ipc.wait({ receive: "finite" });
          yield* m1.load();
        }
      },
    },
    t1: {
      cpu: 1,
      *run({ threads, ipc, m0 }) {
        while (true) {
          yield* ipc.send(threads.t0, true, { send: "zero" });
          yield* m0.load();
        }
      },
    },
  },
});

export const p22 = protocol("p22", {
  kernel: l4.kernel({ cpus: 1, message: bool() }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: record({ x: int(0, 2), ok: flag }),  m1: int(0, 2, 1)},
  threads: {
    t0: {
      cpu: 0,
      *run({ threads, ipc, m0, m1 }) {
        if (yield* choose(true, false)) {
          switch (nextColor("green")) {
            case "red":
              let v0 = local(int(0, 2), 2);
              v0 = 2 - v0;
              break;
            case "green":
              yield* ipc.send(threads.t0, true, { send: "zero" });
          }
          yield* ipc.send(threads.t1, true, { send: "finite" });
        } else {
          yield* m0.x.exchange(2);
        }
        yield* m1.exchange(0);
      },
    },
    t1: {
      cpu: 0,
      *run({ threads, ipc, m0 }) {
        while (true) {
          yield* m0.ok.store(true);
          yield* m0.x.exchange((true ? 0 : 0));
          yield* ipc.send(threads.t1, true, { send: "zero" });
        }
      },
    },
  },
});

export const p23 = protocol("p23", {
  kernel: shm.kernel({ cpus: 1 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: ghost(int(0, 3)),  m1: oneOf("red", "green", "blue"),  m2: queue(int(0, 2), 2),  m3: threadId,  word: int(0, 2)},
  threads: {
    t0: {
      cpu: 0, untrusted: true,
      *run({ threads, m1, m3 }) {
        if (true) return;
        v0: while ((yield* m3.load()) === threads.t1) {
          do {
            yield* m3.store(threads.t1);
            switch ("red") {
              case "red":
                if (false) continue;
                break;
              case "green":
                yield* m3.load();
                break;
            }
          } while (false);
          yield* m3.load();
        }
        yield* m1.load();
      },
    },
    t1: {
      cpu: 0,
      *run({ self, m2, m0, m3 }) {
        yield* step({ do: () => { if (m2.length < 2 && !m2.includes(1)) m2.push(1); } });
        while ((yield* m3.load()) !== self) {};
        m0.value += 1;
      },
    },
    t2: {
      cpu: 0,
      *run({ futex, m1, word }) {
        while (true) {
          yield* m1.store("blue");
          if (((yield* word.load()) + (yield* word.load())) % 2 === 0) {
            !(false) && (yield* word.store(0));
          }
          yield* word.exchange(2);
          yield* futex.wait(word, 1, { idle: true });
        }
      },
    },
  },
});

export const p24 = protocol("p24", {
  kernel: shm.kernel({ cpus: 2 }),
  parameters: { limit: 2 },
  scheduling: "priority",
  memory: { m0: record({ x: int(0, 2), ok: flag }),  m1: int(0, 2, 1),  m2: array(2, record({ x: int(0, 2), color: oneOf("red", "green", "blue") }))},
  threads: {
    t0: {
      cpu: 0, count: 2, priority: 1, untrusted: true,
      *run({ m1 }) {
        yield* step({ do: () => { m1.value = (1 & 1); } });
      },
    },
    t1: {
      cpu: 1, count: 2, priority: 1,
      *run({ futex, m0, m1, m2 }) {
        switch ("blue") {
          case "red":
            const v0 = (yield* futex.wake(m1, 2)).woken > 0;
            break;
          case "green":
            yield* futex.wait(m0.x, 2, { idle: false });
            break;
          default:
            yield* m2.at(0).x.store(2);
        }
        yield* m2.at(1).color.exchange("red");
      },
    },
  },
  invariants: { small: ({ m1, limit }) => m1 < limit + 0 },
});

export const p25 = protocol("p25", {
  kernel: l4.kernel({ cpus: 2, message: int(0, 2), atomic: true }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: oneOf("red", "green", "blue"),  m1: int(0, 2)},
  threads: {
    t0: {
      cpu: 1,
      *run({ m1 }) {
        const v0 = yield* twice(m1);
        check(false, "check 1");
        let v2 = 1;
      },
    },
    t1: {
      cpu: 1,
      *run({ threads, ipc, m1 }) {
        for (let v3 = 0; v3 < 2; v3++) {
          let v4 = 1 < v3;
          yield* m1.store(0);
        }
        yield* ipc.wait({ receive: "finite" });
        yield* ipc.wait();
        yield* ipc.send(threads.t1, 2, { send: "finite" });
      },
    },
  },
});

export const p26 = protocol("p26", {
  kernel: shm.kernel({ cpus: 1 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: ghost(int(0, 3)),  m1: bool(true),  m2: int(0, 2)},
  threads: {
    t0: {
      cpu: 0,
      *run({ futex, m1, m2 }) {
        const v0 = (yield* futex.wake(m2, 1)).woken > 0;
        while (true) {
          yield* m2.store(1);
          yield* m1.load();
          yield* m1.load();
          yield* m1.load();
        }
      },
    },
    t1: {
      cpu: 0,
      *run({ futex, m1, m2 }) {
        while (true) {
          yield* m1.load();
          yield* m1.load();
          yield* m1.store(false);
          yield* futex.wake(m2, 2);
        }
      },
    },
    t2: {
      cpu: 0, untrusted: true,
      *run({ m2 }) {
        for (let v1 = 0; v1 < 2; v1++) {
          if (((yield* m2.load()) + (yield* m2.load())) % 2 === 0) {
            let v2 = pairOf(v1, v1 !== 2);
          }
          yield* until(m2, 2);
        }
        yield* m2.exchange(1);
        yield* m2.store(1);
        yield* m2.store(1);
      },
    },
  },
});

export const p27 = protocol("p27", {
  kernel: l4.kernel({ cpus: 2, message: record({ a: int(0, 2), ok: bool() }), atomic: true }),
  parameters: { limit: 2 },
  scheduling: "free",
  objects: { bell: l4.notification({ bits: 2 }) },
  memory: { m0: flag,  m1: wrapping(3),  m2: int(0, 2)},
  threads: {
    t0: {
      cpu: 0, untrusted: true,
      *run({ bell, m0, m1, m2 }) {
        while (true) {
          yield* m0.load();
          if (((yield* m2.load()) + (yield* m1.load())) % 2 === 0) {
            let v0 = { a: ((0 ^ 1) % 3), ok: true };
          }
          yield* m1.store(2);
          yield* bell.signal(3);
          yield* m2.load();
        }
      },
    },
    t1: {
      cpu: 1,
      *run({ bell, m0 }) {
        v1: while (yield* choose(true, false)) {
          do {
            yield* bell.signal(0);
            yield* bell.wait();
          } while (yield* choose(true, false));
          yield* bell.wait({ idle: true });
        }
        while (true) {
          yield* m0.load();
          yield* bell.poll();
        }
      },
    },
  },
});

export const p28 = protocol("p28", {
  kernel: shm.kernel({ cpus: 2 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: flag,  m1: ghost(int(0, 3)),  m2: int(0, 2)},
  threads: {
    t0: {
      cpu: 1,
      *run({ futex, m0, m2 }) {
        if ((yield* m0.load()) === false) {
          yield* m0.load();
          yield* futex.wait(m2, 0, { idle: true });
        } else {
          yield* m0.exchange(true);
        }
        yield* futex.wake(m2, 2);
        yield* m0.load();
        yield* m0.store(true);
      },
    },
    t1: {
      cpu: 1,
      *run({ futex, m1, m0, m2 }) {
        m1.value = (m1.value + 1) % 3;
        while (true) {
          yield* m0.exchange(true);
          yield* m0.load();
          yield* futex.wait(m2, 1, { idle: false });
        }
      },
    },
  },
});

export const p29 = protocol("p29", {
  kernel: l4.kernel({ cpus: 1, message: oneOf("red", "green", "blue") }),
  parameters: { limit: 2 },
  scheduling: "priority",
  memory: { m0: int(0, 2),  m1: wrapping(3),  m2: ghost(int(0, 3))},
  threads: {
    t0: {
      cpu: 0, priority: 1,
      *run({ m0 }) {
        yield* waitUntil(m0, (value) => value === 1);
        let v0 = local(int(0, 2), 0);
        v0++;
      },
    },
    t1: {
      cpu: 0, priority: 1,
      *run({ threads, ipc, m0, m1 }) {
        if (1 < (true ? Math.min(1, Math.abs(0 - 0)) : 0)) return;
        while (true) {
          yield* m1.load();
          yield* m0.store(2);
          yield* ipc.send(threads.t1, "red", { send: "finite" });
          yield* ipc.send(threads.t0, "green", { send: "zero" });
        }
      },
    },
    t2: {
      cpu: 0, priority: 1,
      *run({ self, threads, ipc, m0 }) {
        while (true) {
          yield* fence();
          const v1 = yield* ipc.receive(threads.t2, { idle: true });
          const v2 = v1.error === "none" ? v1.message : "green";
          const v3 = v1.error === "none" ? v1.from : self;
          false && (yield* m0.store(0));
          let v4 = v3;
        }
      },
    },
  },
});

export const p30 = protocol("p30", {
  kernel: l4.kernel({ cpus: 1, message: int(0, 2) }),
  parameters: { limit: 2 },
  scheduling: "free",
  objects: { bell: l4.notification({ bits: 2 }) },
  memory: { m0: ghost(int(0, 3)),  m1: record({ x: int(0, 2), ok: flag }),  m2: array(2, record({ x: int(0, 2), color: oneOf("red", "green", "blue") }))},
  threads: {
    t0: {
      cpu: 0,
      *run({ m1 }) {
        let v0 = false;
        let v1 = local(int(0, 2), 0);
        v1++;
        yield* step({ when: () => m1.x.value !== 0 });
      },
    },
    t1: {
      cpu: 0,
      *run({ m2 }) {
        while (true) {
          yield* m2.at(1).color.load();
          let v2 = "red";
        }
      },
    },
  },
  invariants: { small: ({ m0, limit }) => m0 < limit + 0 },
});

export const p31 = protocol("p31", {
  kernel: l4.kernel({ cpus: 2, message: int(0, 2) }),
  parameters: { limit: 2 },
  scheduling: "free",
  objects: { bell: l4.notification({ bits: 2 }) },
  memory: { m0: flag,  m1: oneOf("red", "green", "blue"),  m2: ghost(int(0, 3)),  m3: record({ x: int(0, 2), ok: flag })},
  threads: {
    t0: {
      cpu: 0,
      *run({ threads, ipc, m3 }) {
        const v0 = yield* ipc.receive(threads.t0, { receive: "finite" });
        const v1 = v0.message;
        const v2 = v0.from;
        let v3 = { a: v1, ok: v1 >= 0 };
        switch (nextColor("blue")) {
          case "red":
            yield* step({ when: () => m3.x.value === m3.x.value, do: () => { m3.x.value = (m3.x.value + 1) % 3; } });
            break;
          case "green":
            let v4 = yield* m3.x.fetchAdd(1);
            break;
          default:
            yield* m3.x.store(0);
        }
      },
    },
    t1: {
      cpu: 0,
      *run({ threads, ipc, m3 }) {
        const v5 = yield* twice(m3.x);
        while (true) {
          yield* m3.ok.load();
          yield* ipc.send(threads.t0, 1, { send: "zero" });
          yield* ipc.send(threads.t1, 1);
        }
      },
    },
  },
});

export const p32 = protocol("p32", {
  kernel: l4.kernel({ cpus: 1, message: oneOf("red", "green", "blue"), atomic: true }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: threadId,  word: int(0, 2)},
  threads: {
    t0: {
      cpu: 0,
      *run({ self, threads, ipc, m0 }) {
        while (true) {
          yield* fence();
          const v0 = yield* ipc.call(threads.t1[1], nextColor("red"), { receive: "zero" });
          const v1 = v0.error === "none" ? v0.message : "red";
          const v2 = v0.error === "none" ? v0.from : self;
          for (let v3 = 0; v3 < 2; v3++) {
            let v4 = local(int(0, 2), 2);
            v4++;
          }
          if (yield* choose(true, false)) {
            yield* m0.exchange(threads.t1[0]);
          } else {
            yield* ipc.wait();
          }
          yield* ipc.send(threads.t0, nextColor("blue"), { send: "zero" });
        }
      },
    },
    t1: {
      cpu: 0, count: 2,
      *run({ threads, word }) {
        let v5 = threads.t1[0];
        v5 = v5;
        yield* word.exchange(0);
        assume(false);
      },
    },
  },
});

export const p33 = protocol("p33", {
  kernel: shm.kernel({ cpus: 2 }),
  parameters: { limit: 2 },
  scheduling: "priority",
  memory: { m0: int(0, 2),  m1: int(0, 2, 1)},
  threads: {
    t0: {
      cpu: 1, priority: 0,
      *run({ m0 }) {
        yield* m0.load();
      },
    },
    t1: {
      cpu: 0, count: 2, priority: 1,
      *run({ self, futex, m0, m1 }) {
        while (true) {
          yield* futex.wake(m1, 2);
          if (((yield* m0.load()) + (yield* m1.load())) % 2 === 0) {
            let v0 = self;
          }
          if (yield* choose(true, false)) continue;
        }
      },
    },
  },
});

export const p34 = protocol("p34", {
  kernel: shm.kernel({ cpus: 1 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: array(2, record({ x: int(0, 2), color: oneOf("red", "green", "blue") })),  m1: threadId,  m2: queue(int(0, 2), 2),  m3: wrapping(3)},
  threads: {
    t0: {
      cpu: 0,
      *run({ self, futex, m0, m1, m3 }) {
        yield* waitUntil(m0.at(1).color, (value) => value === "blue");
        while (true) {
          yield* futex.wake(m0.at(1).x, 2);
          yield* m1.store(self);
          yield* futex.wake(m3, 2);
        }
      },
    },
    t1: {
      cpu: 0, count: 2,
      *run({ futex, m0, m1, m3 }) {
        while (true) {
          yield* m3.load();
          if (!(true) && (yield* m0.at(1).color.load()) !== nextColor("blue")) {
            yield* m3.exchange(0);
          }
          yield* m1.load();
          yield* futex.wait(m3, 2, { idle: true });
          yield* m3.load();
        }
      },
    },
  },
  invariants: { small: ({ m3, limit }) => m3 < limit + 0 },
});

export const p35 = protocol("p35", {
  kernel: shm.kernel({ cpus: 2 }),
  parameters: { limit: 2 },
  scheduling: "round-robin",
  memory: { m0: int(0, 2),  m1: array(2, record({ x: int(0, 2), color: oneOf("red", "green", "blue") })),  m2: array(2, record({ x: int(0, 2), color: oneOf("red", "green", "blue") }))},
  threads: {
    t0: {
      cpu: 0, untrusted: true,
      *run({ futex, m1, m2 }) {
        const v0 = yield* swap(m2.at(0).x, 1);
        for (let v1 = 0; v1 < 2; v1++) {
          const v2 = yield* twice(m2.at(v1).x);
          const v3 = (yield* futex.wake(m2.at(v1).x, 2)).woken > 0;
        }
        yield* m1.at(0).x.load();
      },
    },
    t1: {
      cpu: 1,
      *run({ m1, m2 }) {
        yield* m1.at(1).color.write("green");
        while (true) {
          yield* m2.at(1).color.exchange(nextColor("green"));
          true && (yield* m1.at(1).x.store(0));
        }
      },
    },
  },
});

export const p36 = protocol("p36", {
  kernel: shm.kernel({ cpus: 2 }),
  parameters: { limit: 2 },
  scheduling: "priority",
  memory: { m0: int(0, 2),  m1: ghost(int(0, 3))},
  threads: {
    t0: {
      cpu: 0, priority: 0,
      *run({ m0 }) {
        while (true) {
          yield* m0.exchange(1);
          yield* m0.write(2);
          yield* m0.exchange(2);
          yield* m0.load();
        }
      },
    },
    t1: {
      cpu: 0, priority: 1,
      *run({ m0 }) {
        let v0 = pairOf(larger(double(1), ((1 + 1) % 3)), false);
        yield* m0.load();
      },
    },
    t2: {
      cpu: 1, priority: 0,
      *run({ futex, m0 }) {
        for (const v1 of [0, 2]) {
          switch (nextColor("green")) {
            case "red":
              if (v1 < 2 && (yield* m0.load()) !== v1) {
                yield* step({});
                const v2 = (yield* futex.wake(m0, 1)).woken > 0;
              } else {
                yield* fence();
              }
              break;
            case "green":
              yield* m0.write(v1);
            default:
              yield* m0.write(v1);
          }
        }
      },
    },
  },
});

export const p37 = protocol("p37", {
  kernel: shm.kernel({ cpus: 2 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: ghost(int(0, 3)),  m1: array(2, int(0, 2)),  m2: ghost(int(0, 3))},
  threads: {
    t0: {
      cpu: 0, untrusted: true,
      *run({ limit, m1 }) {
        if ((yield* m1.at(0).load()) !== Math.min(0, limit)) return;
      },
    },
    t1: {
      cpu: 1,
      *run({ m0, m1 }) {
        const v0 = yield* swap(m1.at(0), 1);
        m0.value = (m0.value + 1) % 3;
        yield* m1.at(0).load();
      },
    },
  },
});

export const p38 = protocol("p38", {
  kernel: shm.kernel({ cpus: 1 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: int(0, 2, 1)},
  threads: {
    t0: {
      cpu: 0,
      *run({ m0 }) {
        while ((yield* m0.load()) !== 1) {};
        while (true) {
          yield* m0.store(((1 + 2) % 3));
          yield* m0.exchange(1);
          yield* m0.exchange(0);
        }
      },
    },
    t1: {
      cpu: 0,
      *run({ m0 }) {
        while (((true || false) ? ((1 ^ 0) % 3) : 0) < 2) {
          yield* m0.load();
          yield* m0.store(1);
          yield* m0.load();
        }
        yield* m0.exchange(1);
      },
    },
  },
  invariants: { small: ({ m0, limit }) => m0 < limit + 1 },
});

export const p39 = protocol("p39", {
  kernel: l4.kernel({ cpus: 2, message: record({ a: int(0, 2), ok: bool() }) }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: oneOf("red", "green", "blue"),  word: int(0, 2)},
  threads: {
    t0: {
      cpu: 0, count: 2,
      *run({ threads, ipc, word }) {
        while (true) {
          yield* fence();
          yield* word.exchange(1);
          const { error: v0, phase: v2 } = yield* ipc.receive(threads.t0[0]);
          const v1 = v0 === "none" || v2 === "send";
          yield* ipc.send(threads.t0[1], pairOf(0, false), { send: "zero" });
        }
      },
    },
    t1: {
      cpu: 1, untrusted: true,
      *run({ threads, ipc, m0 }) {
        if (yield* choose(true, false)) return;
        while (true) {
          yield* ipc.wait();
          yield* ipc.send(threads.t1, pairOf(2, false), { send: "zero" });
          yield* ipc.send(threads.t0[1], pairOf(2, true));
          yield* m0.store("green");
        }
      },
    },
  },
});

export const p40 = protocol("p40", {
  kernel: l4.kernel({ cpus: 1, message: record({ a: int(0, 2), ok: bool() }) }),
  parameters: { limit: 2 },
  scheduling: "priority",
  objects: { bell: l4.notification({ bits: 2 }) },
  memory: { m0: wrapping(3)},
  threads: {
    t0: {
      cpu: 0, priority: 1,
      *run({  }) {
        let v0 = larger(double(2), 2);
      },
    },
    t1: {
      cpu: 0, priority: 0,
      *run({ bell }) {
        while (true) {
          yield* bell.signal(1);
          yield* bell.signal(3);
        }
      },
    },
  },
});

export const p41 = protocol("p41", {
  kernel: l4.kernel({ cpus: 2, message: int(0, 2), atomic: true }),
  parameters: { limit: 2 },
  scheduling: "priority",
  memory: { m0: wrapping(3),  m1: ghost(int(0, 3)),  m2: ghost(int(0, 3))},
  threads: {
    t0: {
      cpu: 0, count: 2, priority: 0,
      *run({ threads, ipc, m0 }) {
        const v0 = yield* m0.read();
        while (true) {
          yield* m0.write(0);
          yield* ipc.wait();
          yield* ipc.send(threads.t0[1], v0, { send: "zero" });
        }
      },
    },
    t1: {
      cpu: 1, priority: 0,
      *run({ threads, ipc, m0 }) {
        while (true) {
          yield* ipc.send(threads.t0[0], (2 & 1));
          yield* ipc.send(threads.t0[0], 1, { send: "zero" });
          yield* m0.load();
          yield* m0.load();
          yield* fence();
        }
      },
    },
  },
});

export const p42 = protocol("p42", {
  kernel: shm.kernel({ cpus: 1 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: ghost(int(0, 3)),  m1: threadId,  m2: bool(true),  m3: queue(int(0, 2), 2),  word: int(0, 2)},
  threads: {
    t0: {
      cpu: 0,
      *run({ threads, m1, m2, word }) {
        if ((yield* m2.load()) !== !(false)) return;
        while (true) {
          yield* m2.load();
          yield* word.load();
          yield* m1.exchange(threads.t1[0]);
        }
      },
    },
    t1: {
      cpu: 0, count: 2,
      *run({ threads, m1, word }) {
        let v0 = yield* m1.exchange(threads.t1[1]);
        const v1 = yield* bump(word);
        let v2 = local(int(0, 2), 0);
        v2 = 2 - v2;
      },
    },
  },
});

export const p43 = protocol("p43", {
  kernel: l4.kernel({ cpus: 2, message: oneOf("red", "green", "blue"), atomic: true }),
  parameters: { limit: 2 },
  scheduling: "free",
  objects: { bell: l4.notification({ bits: 2 }) },
  memory: { m0: int(0, 2, 1),  m1: queue(int(0, 2), 2),  m2: array(2, int(0, 2))},
  threads: {
    t0: {
      cpu: 0,
      *run({ ipc, m2 }) {
        while (true) {
          yield* ipc.wait();
          for (const v0 of [0, 2]) {
            if (!(v0 === 1) || (yield* m2.at(0).load()) === v0) {
              yield* m2.at(v0 & 1).load();
            }
          }
        }
      },
    },
    t1: {
      cpu: 0,
      *run({ m0, m2 }) {
        if (yield* choose(true, false)) {
          if (((yield* m2.at(0).load()) + (yield* m0.load())) % 2 === 0) {
            let v1 = false;
          }
          yield* m2.at(1).store(2);
        } else {
          yield* m0.load();
        }
        yield* m0.exchange(0);
      },
    },
  },
});

export const p44 = protocol("p44", {
  kernel: l4.kernel({ cpus: 2, message: int(0, 2), atomic: true }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: flag,  m1: int(0, 2, 1),  m2: ghost(int(0, 3)),  m3: array(2, record({ x: int(0, 2), color: oneOf("red", "green", "blue") }))},
  threads: {
    t0: {
      cpu: 1,
      *run({ m1, m3 }) {
        let v0 = pairOf(0, true);
        if ((yield* m3.at(1).x.load()) !== 2) {
          yield* m3.at(0).x.write(0);
        }
        yield* m1.exchange(1);
      },
    },
    t1: {
      cpu: 1,
      *run({ threads, ipc, m1 }) {
        let v1 = yield* m1.load();
        yield* ipc.send(threads.t1, 1, { send: "zero" });
        yield* ipc.send(threads.t0, 0, { send: "zero" });
      },
    },
    t2: {
      cpu: 1, untrusted: true,
      *run({ threads, ipc, m0, m1, m3 }) {
        yield* step({});
        while (true) {
          yield* m0.exchange(0 < 0);
          yield* m3.at(0).x.store(1);
          yield* m1.write(1);
          yield* ipc.send(threads.t2, 2, { send: "zero" });
        }
      },
    },
  },
});

export const p45 = protocol("p45", {
  kernel: shm.kernel({ cpus: 1 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: oneOf("red", "green", "blue"),  m1: wrapping(3)},
  threads: {
    t0: {
      cpu: 0,
      *run({ m0, m1 }) {
        assume(false);
        const v0 = yield* swap(m1, 2);
        for (let v1 = 0; v1 < 2; v1++) {
          yield* m0.store("red");
        }
      },
    },
    t1: {
      cpu: 0,
      *run({ m0 }) {
        const v2 = yield* m0.load();
        let v3 = yield* m0.compareExchange(nextColor("red"), v2);
      },
    },
  },
});

export const p46 = protocol("p46", {
  kernel: shm.kernel({ cpus: 2 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: wrapping(3)},
  threads: {
    t0: {
      cpu: 0,
      *run({ m0 }) {
        const v0 = yield* twice(m0);
      },
    },
    t1: {
      cpu: 0,
      *run({ futex, m0 }) {
        yield* m0.load();
        while (true) {
          yield* futex.wait(m0, 0, { idle: true });
          yield* m0.load();
        }
      },
    },
  },
});

export const p47 = protocol("p47", {
  kernel: shm.kernel({ cpus: 2 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: array(2, int(0, 2)),  m1: int(0, 2),  m2: array(2, int(0, 2)),  m3: ghost(int(0, 3))},
  threads: {
    t0: {
      cpu: 0,
      *run({ m1, m2 }) {
        yield* m2.at(1).store(0);
        while (true) {
          yield* m2.at(0).load();
          yield* m1.load();
        }
      },
    },
    t1: {
      cpu: 0,
      *run({ futex, m1, m2 }) {
        switch ("blue") {
          case "red":
            yield* m1.store(2);
            break;
          case "green":
            const v0 = (yield* futex.wait(m2.at(1), 0, { timeout: "finite" })).outcome === "woken";
          default:
            let v1 = local(int(0, 2), 1);
            v1--;
        }
        yield* m2.at(0).load();
      },
    },
  },
});

export const p48 = protocol("p48", {
  kernel: shm.kernel({ cpus: 1 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: int(0, 2),  m1: wrapping(3),  m2: int(0, 2),  m3: threadId},
  threads: {
    t0: {
      cpu: 0,
      *run({ threads, m2, m3 }) {
        let v0 = yield* m2.fetchAdd(2);
        yield* fence();
        yield* m3.store(threads.t0);
      },
    },
    t1: {
      cpu: 0, count: 2,
      *run({ futex, m0, m1, m2 }) {
        if (yield* choose(true, false)) {
          const v1 = (yield* futex.wait(m1, 2)).outcome === "woken";
        }
        while (true) {
          yield* m2.load();
          yield* futex.wake(m2, 1);
          yield* futex.wake(m0, 1);
          yield* m1.store(1);
        }
      },
    },
  },
});

export const p49 = protocol("p49", {
  kernel: shm.kernel({ cpus: 1 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: array(2, int(0, 2)),  m1: threadId,  m2: ghost(int(0, 3)),  m3: int(0, 2)},
  threads: {
    t0: {
      cpu: 0,
      *run({ futex, m0 }) {
        yield* futex.wait(m0.at(0), 2, { idle: false });
        while (true) {
          yield* fence();
          let v0 = 1;
        }
      },
    },
    t1: {
      cpu: 0,
      *run({ futex, m0, m1, m3 }) {
        while (true) {
          yield* m3.load();
          yield* futex.wait(m3, 0, { idle: true });
          yield* m1.load();
          yield* m3.exchange(0);
          yield* m0.at(0).store(1);
        }
      },
    },
    t2: {
      cpu: 0,
      *run({ futex, m0, m1, m3 }) {
        yield* futex.wake(m0.at(0), 1);
        if (true || (yield* m0.at(1).load()) === pairOf(Math.min(0, 2)).a) {
          yield* m1.exchange(nobody);
        }
        yield* m3.exchange(1);
        yield* fence();
      },
    },
  },
});

export const p50 = protocol("p50", {
  kernel: l4.kernel({ cpus: 1, message: int(0, 2), atomic: true }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: wrapping(3)},
  threads: {
    t0: {
      cpu: 0, count: 2, untrusted: true,
      *run({ m0 }) {
        yield* step({ when: () => m0.value > 0, do: () => { m0.value -= 1; } });
        yield* m0.exchange(0);
      },
    },
    t1: {
      cpu: 0, untrusted: true,
      *run({ threads, ipc, m0 }) {
        switch (nextColor("red")) {
          case "red":
            yield* step({ do: () => { m0.value = 0; } });
            break;
          case "green":
            if (yield* choose(true, false)) {
              let v0 = local(int(0, 2), 1);
              v0--;
              yield* ipc.wait();
            }
          default:
            yield* m0.store(0);
        }
        while (true) {
          yield* m0.exchange(1);
          yield* m0.load();
          yield* ipc.send(threads.t1, 0, { send: "finite" });
          yield* ipc.send(threads.t0[1], 2, { send: "zero" });
        }
      },
    },
  },
});

export const p51 = protocol("p51", {
  kernel: shm.kernel({ cpus: 2 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: array(2, record({ x: int(0, 2), color: oneOf("red", "green", "blue") })),  m1: array(2, int(0, 2)),  m2: record({ x: int(0, 2), ok: flag }),  m3: array(2, int(0, 2))},
  threads: {
    t0: {
      cpu: 0, count: 2,
      *run({ index, m1, m2, m3 }) {
        let v0 = yield* m2.ok.exchange(!(pairOf(larger(0, 1)).a < 1));
        while (true) {
          yield* m3.at(1).exchange(1);
          yield* m1.at(1).write(1);
          yield* m1.at(index).write(2);
        }
      },
    },
    t1: {
      cpu: 0,
      *run({ m1, m2, m3 }) {
        while (true) {
          yield* m3.at(0).write(2);
          if (((yield* m2.x.load()) + (yield* m1.at(0).load())) % 2 === 0) {
            let v1 = { a: 0, ok: 2 < 1 };
          }
        }
      },
    },
  },
});

export const p52 = protocol("p52", {
  kernel: shm.kernel({ cpus: 2 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: queue(int(0, 2), 2),  word: int(0, 2)},
  threads: {
    t0: {
      cpu: 1, untrusted: true,
      *run({ futex, word }) {
        yield* word.exchange(1);
        while (true) {
          yield* futex.wait(word, 1, { idle: false });
          let v0 = local(int(0, 2), 0);
          v0--;
        }
      },
    },
    t1: {
      cpu: 0,
      *run({ futex, word }) {
        while (true) {
          yield* word.load();
          if (((yield* word.load()) + (yield* word.load())) % 2 === 0) {
            check(false, "check 1");
          }
          yield* futex.wait(word, 1, { idle: true });
          yield* word.load();
        }
      },
    },
  },
});

export const p53 = protocol("p53", {
  kernel: shm.kernel({ cpus: 2 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: ghost(int(0, 3)),  m1: ghost(int(0, 3)),  m2: wrapping(3)},
  threads: {
    t0: {
      cpu: 0,
      *run({ m2 }) {
        let v0 = { a: Math.min(0, 2), ok: false };
        yield* fence();
        yield* m2.load();
      },
    },
    t1: {
      cpu: 1,
      *run({ m2 }) {
        yield* m2.store(1);
      },
    },
  },
});

export const p54 = protocol("p54", {
  kernel: shm.kernel({ cpus: 2 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: array(2, int(0, 2)),  m1: ghost(int(0, 3)),  m2: threadId},
  threads: {
    t0: {
      cpu: 1,
      *run({ self, m1, m2 }) {
        m1.value += 1;
        yield* m2.store(self);
      },
    },
    t1: {
      cpu: 0,
      *run({ futex, m0 }) {
        const v0 = (yield* futex.wake(m0.at(0), 1)).woken > 0;
      },
    },
  },
});

export const p55 = protocol("p55", {
  kernel: shm.kernel({ cpus: 1 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: record({ x: int(0, 2), ok: flag }),  m1: ghost(int(0, 3)),  m2: oneOf("red", "green", "blue"),  m3: oneOf("red", "green", "blue")},
  threads: {
    t0: {
      cpu: 0,
      *run({ m0 }) {
        let v0 = pairOf(0, false);
        while (true) {
          yield* m0.x.store((false ? 2 : 0));
          yield* m0.ok.load();
        }
      },
    },
    t1: {
      cpu: 0,
      *run({ futex, m0 }) {
        for (let v1 = 0; v1 < 2; v1++) {
          const v2 = yield* bump(m0.x);
          yield* m0.ok.store(v1 < 1);
        }
        yield* m0.ok.exchange(false);
        yield* futex.wake(m0.x, 2);
        yield* fence();
      },
    },
    t2: {
      cpu: 0,
      *run({ m3 }) {
        let v3 = yield* m3.load();
        if ((yield* m3.load()) === v3) {
          v3 = v3;
          const v4 = yield* choose("red", "red");
        }
      },
    },
  },
});

export const p56 = protocol("p56", {
  kernel: l4.kernel({ cpus: 2, message: bool() }),
  parameters: { limit: 2 },
  scheduling: "free",
  objects: { bell: l4.notification({ bits: 2 }) },
  memory: { m0: array(2, int(0, 2)),  m1: int(0, 2),  m2: bool(true),  m3: int(0, 2)},
  threads: {
    t0: {
      cpu: 1, untrusted: true,
      *run({ self, threads, ipc, m0 }) {
        while (true) {
          yield* ipc.send(threads.t1, (false || (self === threads.t0)), { send: "finite" });
          yield* m0.at(0).load();
          yield* fence();
          yield* m0.at(0).load();
          yield* ipc.send(threads.t1, false, { send: "zero" });
        }
      },
    },
    t1: {
      cpu: 0,
      *run({ threads, ipc, bell, m0, m1, m3 }) {
        v0: while (true && (yield* m3.load()) !== 2) {
          do {
            yield* ipc.send(threads.t0, true, { send: "zero" });
            v1: while (true) {
              do {
                yield* bell.signal(1);
                yield* m1.exchange(1);
              } while (true);
              yield* m0.at(0).store(1);
            }
          } while (false);
          yield* m3.exchange(0);
        }
        while (true) {
          yield* fence();
          yield* fence();
          yield* ipc.wait();
        }
      },
    },
  },
  invariants: { small: ({ m1, limit }) => m1 < limit + 0 },
});

export const p57 = protocol("p57", {
  kernel: l4.kernel({ cpus: 1, message: int(0, 2) }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: ghost(int(0, 3)),  m1: oneOf("red", "green", "blue"),  word: int(0, 2)},
  threads: {
    t0: {
      cpu: 0, count: 2,
      *run({ ipc, word }) {
        for (let v0 = 0; v0 < 2; v0++) {
          yield* ipc.wait();
        }
        yield* word.exchange(0);
      },
    },
    t1: {
      cpu: 0,
      *run({ word }) {
        let v1 = pairOf(pairOf(2).a, ("green" === "blue"));
        yield* word.exchange(2);
        yield* word.load();
        yield* word.load();
      },
    },
  },
});

export const p58 = protocol("p58", {
  kernel: l4.kernel({ cpus: 2, message: oneOf("red", "green", "blue"), atomic: true }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: threadId,  m1: int(0, 2),  m2: array(2, record({ x: int(0, 2), color: oneOf("red", "green", "blue") })),  m3: int(0, 2)},
  threads: {
    t0: {
      cpu: 1,
      *run({ threads, ipc, m1, m3 }) {
        yield* step({ do: () => { m3.value = (true ? 2 : 2); } });
        let v0 = 2;
        yield* ipc.send(threads.t0, nextColor("blue"), { send: "zero" });
        yield* m1.exchange(1);
      },
    },
    t1: {
      cpu: 1,
      *run({ threads, ipc, m1, m2, m3 }) {
        for (let v1 = 0; v1 < 2; v1++) {
          v2: while (v1 === 1) {
            do {
              yield* m1.exchange(v1);
              yield* ipc.send(threads.t0, "red", { send: "zero" });
            } while (v1 < 0);
            yield* m3.load();
          }
        }
        yield* ipc.wait();
        yield* m2.at(1).x.load();
      },
    },
    t2: {
      cpu: 0,
      *run({ threads, ipc, m0, m2, m3 }) {
        while (true) {
          yield* m0.store(threads.t1);
          yield* ipc.send(threads.t1, nextColor("red"), { send: "zero" });
          true && (yield* m3.store(1));
          yield* fence();
          yield* m2.at(1).x.store(0);
        }
      },
    },
  },
});

export const p59 = protocol("p59", {
  kernel: shm.kernel({ cpus: 1 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: queue(int(0, 2), 2),  m1: threadId,  word: int(0, 2)},
  threads: {
    t0: {
      cpu: 0, untrusted: true,
      *run({ self, threads, m1, word }) {
        yield* fence();
        while (true) {
          yield* word.write(pairOf(((0 ^ 1) % 3)).a);
          yield* m1.write(threads.t2);
          yield* word.store(0);
          yield* m1.write(self);
        }
      },
    },
    t1: {
      cpu: 0,
      *run({ self, word }) {
        let v0 = yield* choose(nobody, self);
        while (true) {
          yield* word.exchange(0);
          const v1 = yield* twice(word);
          if ((yield* word.load()) === 1) break;
        }
      },
    },
    t2: {
      cpu: 0,
      *run({ threads, m1, word }) {
        for (const v2 of [0, 2]) {
          if ((threads.t0 === nobody) || (yield* word.load()) !== 0) break;
        }
        while (true) {
          yield* word.write(1);
          yield* m1.write(threads.t0);
        }
      },
    },
  },
});

export const p60 = protocol("p60", {
  kernel: shm.kernel({ cpus: 1 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: array(2, record({ x: int(0, 2), color: oneOf("red", "green", "blue") }))},
  threads: {
    t0: {
      cpu: 0, count: 2,
      *run({ index, futex, m0 }) {
        if (false) {
          const v0 = (yield* futex.wait(m0.at(index).x, 2, { timeout: "finite" })).outcome === "woken";
          if (((yield* m0.at(0).x.load()) + (yield* m0.at(0).x.load())) % 2 === 0) {
            yield* m0.at(1).color.load();
          }
        } else {
          yield* futex.wait(m0.at(index).x, 2, { idle: false });
        }
        yield* m0.at(1).color.exchange(nextColor("green"));
      },
    },
    t1: {
      cpu: 0,
      *run({ m0 }) {
        yield* m0.at(1).color.exchange("red");
        while (true) {
          yield* m0.at(0).x.store(1);
          if ((yield* m0.at(0).x.load()) !== 1) break;
          yield* m0.at(0).x.load();
          yield* m0.at(0).x.load();
        }
      },
    },
  },
});

export const p61 = protocol("p61", {
  kernel: l4.kernel({ cpus: 2, message: int(0, 2), atomic: true }),
  parameters: { limit: 2 },
  scheduling: "free",
  objects: { bell: l4.notification({ bits: 2 }) },
  memory: { m0: wrapping(3),  m1: array(2, record({ x: int(0, 2), color: oneOf("red", "green", "blue") })),  m2: int(0, 2)},
  threads: {
    t0: {
      cpu: 0,
      *run({ self, threads, ipc, m2 }) {
        while (true) {
          yield* m2.store(2);
          let v0 = 0;
          const v1 = yield* ipc.call(threads.t1, Math.min(2, Math.min(v0, 0)), { receive: "finite" });
          const v2 = v1.error === "none" ? v1.message : 1;
          const v3 = v1.error === "none" ? v1.from : self;
        }
      },
    },
    t1: {
      cpu: 1,
      *run({ m0, m2 }) {
        yield* step({ when: () => m2.value > 0, do: () => { m2.value -= 1; } });
        yield* until(m0, 2);
      },
    },
  },
});

export const p62 = protocol("p62", {
  kernel: shm.kernel({ cpus: 1 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: int(0, 2),  m1: flag,  m2: record({ x: int(0, 2), ok: flag })},
  threads: {
    t0: {
      cpu: 0,
      *run({ threads, futex, m1, m2 }) {
        switch ("red") {
          case "red":
            let v0 = threads.t0;
            break;
          case "green":
            yield* futex.wait(m2.x, 2, { idle: false });
            break;
          default:
            yield* m1.store(false);
        }
        yield* m2.x.exchange(2);
        yield* futex.wake(m2.x, 1);
        yield* fence();
      },
    },
    t1: {
      cpu: 0, untrusted: true,
      *run({ m0, m1, m2 }) {
        while ((yield* m2.x.load()) !== 1) {
          yield* m1.exchange(false);
          yield* step({ when: () => m2.x.value > 0, do: () => { m2.x.value -= 1; } });
        }
        while (true) {
          yield* m2.ok.load();
          yield* fence();
          yield* m0.load();
          yield* m0.load();
        }
      },
    },
  },
  invariants: { small: ({ m0, limit }) => m0 < limit + 0 },
});

export const p63 = protocol("p63", {
  kernel: shm.kernel({ cpus: 1 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: oneOf("red", "green", "blue"),  word: int(0, 2)},
  threads: {
    t0: {
      cpu: 0, count: 2, untrusted: true,
      *run({ futex, m0, word }) {
        for (const v0 of [0, 2]) {
          for (const v1 of [0, 2]) {
            v1 === 1 && (yield* word.store(v0));
          }
        }
        while (true) {
          yield* word.load();
          yield* futex.wait(word, 0, { idle: false });
          yield* waitUntil(m0, (value) => value === "red");
        }
      },
    },
    t1: {
      cpu: 0,
      *run({ word }) {
        yield* step({ when: () => word.value !== 2 });
      },
    },
  },
});

export const p64 = protocol("p64", {
  kernel: l4.kernel({ cpus: 2, message: int(0, 2) }),
  parameters: { limit: 2 },
  scheduling: "free",
  objects: { bell: l4.notification({ bits: 2 }) },
  memory: { m0: bool(true),  word: int(0, 2)},
  threads: {
    t0: {
      cpu: 0,
      *run({ threads, ipc, m0, word }) {
        if (((yield* word.load()) + (yield* word.load())) % 2 === 0) {
          switch (nextColor("red")) {
            case "red":
              yield* step({ do: () => { word.value = 0; } });
              break;
            case "green":
              let v0 = "red";
          }
        }
        yield* ipc.send(threads.t1, 0, { send: "zero" });
        yield* m0.store(true);
        yield* m0.store(true);
      },
    },
    t1: {
      cpu: 1,
      *run({ bell, m0 }) {
        while (true) {
          yield* m0.load();
          yield* m0.store(true);
          yield* bell.wait();
        }
      },
    },
    t2: {
      cpu: 1,
      *run({ threads, ipc, m0, word }) {
        while (false) {
          yield* ipc.wait();
          yield* ipc.cancel(threads.t1);
          yield* m0.store(false);
        }
        yield* word.store(1);
        yield* m0.store(true);
      },
    },
  },
});

export const p65 = protocol("p65", {
  kernel: shm.kernel({ cpus: 2 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: threadId,  m1: array(2, record({ x: int(0, 2), color: oneOf("red", "green", "blue") })),  m2: oneOf("red", "green", "blue")},
  threads: {
    t0: {
      cpu: 0,
      *run({ threads, futex, m0, m1, m2 }) {
        yield* m2.store("blue");
        let v0 = yield* choose(1, 0);
        yield* futex.wait(m1.at(1).x, 2, { idle: true });
        yield* m0.exchange(threads.t2);
      },
    },
    t1: {
      cpu: 0,
      *run({ self, threads, futex, m0, m1, m2 }) {
        let v1 = yield* m1.at(1).color.load();
        while (true) {
          yield* futex.wake(m1.at(0).x, 1);
          let v2 = yield* m0.compareExchange(self, threads.t2);
          if (((yield* m1.at(0).x.load()) + (yield* m1.at(0).x.load())) % 2 === 0) {
            v3: while (true) {
              do {
                yield* m1.at(1).color.load();
                v2 = v2;
              } while ((threads.t1 === threads.t0));
              yield* m2.store(v1);
            }
          }
        }
      },
    },
    t2: {
      cpu: 0,
      *run({ threads, m0 }) {
        let v4 = yield* m0.load();
        while (true) {
          yield* m0.exchange(v4);
          if ((threads.t1 === v4)) continue;
        }
      },
    },
  },
});

export const p66 = protocol("p66", {
  kernel: shm.kernel({ cpus: 1 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: array(2, record({ x: int(0, 2), color: oneOf("red", "green", "blue") })),  m1: queue(int(0, 2), 2),  m2: record({ x: int(0, 2), ok: flag })},
  threads: {
    t0: {
      cpu: 0,
      *run({ threads, m0, m2 }) {
        const v0 = yield* m2.x.compareExchange(0, (0 & 1));
        const v1 = yield* bump(m0.at(v0 & 1).x);
        let v2 = threads.t0;
      },
    },
    t1: {
      cpu: 0,
      *run({ m0, m2 }) {
        while (true) {
          yield* m2.ok.store(false);
          let v3 = yield* m2.x.compareExchange(0, 0);
          yield* m0.at(1).color.exchange("red");
          yield* fence();
          yield* m2.x.exchange(2);
        }
      },
    },
  },
});

export const p67 = protocol("p67", {
  kernel: l4.kernel({ cpus: 2, message: oneOf("red", "green", "blue"), atomic: true }),
  parameters: { limit: 2 },
  scheduling: "priority",
  memory: { m0: wrapping(3),  m1: oneOf("red", "green", "blue"),  m2: bool(true)},
  threads: {
    t0: {
      cpu: 0, priority: 1,
      *run({ m0 }) {
        let v0 = pairOf(((((0 + Math.abs(0 - 0)) % 3) + 2) % 3), true);
        while (true) {
          yield* m0.exchange(1);
          yield* fence();
          yield* m0.store(0);
        }
      },
    },
    t1: {
      cpu: 1, priority: 0,
      *run({  }) {
        if (yield* choose(true, false)) return;
      },
    },
  },
});

export const p68 = protocol("p68", {
  kernel: l4.kernel({ cpus: 1, message: int(0, 2) }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: record({ x: int(0, 2), ok: flag }),  m1: flag},
  threads: {
    t0: {
      cpu: 0,
      *run({ ipc, m0, m1 }) {
        let v0 = { a: larger(0, (1 & 1)), ok: false };
        yield* m0.ok.exchange(false);
        yield* m1.exchange(true);
        yield* ipc.wait();
      },
    },
    t1: {
      cpu: 0,
      *run({ ipc, m0, m1 }) {
        while (true) {
          yield* m0.x.store(larger(Math.min(((pairOf(0).a + 2) % 3), 1), 0));
          yield* ipc.wait({ receive: "finite" });
          yield* m1.exchange(true);
          yield* ipc.wait({ receive: "finite" });
          yield* m0.x.store(0);
        }
      },
    },
    t2: {
      cpu: 0,
      *run({ m1 }) {
        yield* fence();
        yield* m1.exchange(false);
      },
    },
  },
});

export const p69 = protocol("p69", {
  kernel: shm.kernel({ cpus: 1 }),
  parameters: { limit: 2 },
  scheduling: "priority",
  memory: { m0: threadId,  m1: array(2, int(0, 2)),  m2: wrapping(3)},
  threads: {
    t0: {
      cpu: 0, priority: 0,
      *run({ threads, m0, m1, m2 }) {
        while (true) {
          yield* m0.write(nobody);
          yield* m1.at(0).write((false ? 1 : 2));
          yield* m0.write(threads.t1);
          if (((yield* m1.at(1).load()) + (yield* m1.at(0).load())) % 2 === 0) {
            yield* m2.write(1);
          }
          yield* m1.at(0).write(0);
        }
      },
    },
    t1: {
      cpu: 0, priority: 0,
      *run({ futex, m1, m2 }) {
        while (true) {
          yield* m1.at(0).write(0);
          yield* m1.at(0).write(2);
          if (true) {
            const v0 = (yield* futex.wait(m2, 2, { timeout: "finite" })).outcome === "woken";
            while ((yield* m2.load()) !== double((v0 ? 0 : 0))) {
              yield* m2.exchange(1);
              yield* m1.at(0).exchange(1);
            }
          } else {
            yield* m1.at(1).exchange(1);
          }
          yield* m2.load();
        }
      },
    },
    t2: {
      cpu: 0, priority: 0,
      *run({ m1 }) {
        yield* step({});
        while (true) {
          yield* m1.at(0).load();
          let v1 = nobody;
        }
      },
    },
  },
  invariants: { small: ({ m2, limit }) => m2 < limit + 0 },
});

export const p70 = protocol("p70", {
  kernel: shm.kernel({ cpus: 2 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: array(2, int(0, 2)),  m1: ghost(int(0, 3))},
  threads: {
    t0: {
      cpu: 0,
      *run({ m1, m0 }) {
        if (true && (yield* m0.at(0).load()) === 1) return;
        m1.value = 1;
        let v0 = yield* m0.at(0).compareExchange(0, 2);
      },
    },
    t1: {
      cpu: 0,
      *run({ m0 }) {
        for (const v1 of [0, 2]) {
          switch (nextColor("red")) {
            case "red":
              yield* m0.at(v1 & 1).load();
              break;
            case "green":
              yield* m0.at(0).exchange(v1);
            default:
              yield* m0.at(0).load();
          }
        }
      },
    },
  },
});

export const p71 = protocol("p71", {
  kernel: shm.kernel({ cpus: 1 }),
  parameters: { limit: 2 },
  scheduling: "priority",
  memory: { m0: array(2, int(0, 2)),  m1: ghost(int(0, 3)),  m2: ghost(int(0, 3))},
  threads: {
    t0: {
      cpu: 0, priority: 0,
      *run({ m0 }) {
        yield* m0.at(1).write(0);
      },
    },
    t1: {
      cpu: 0, count: 2, priority: 1,
      *run({ index, m0 }) {
        const v0 = yield* m0.at(0).compareExchange(2, 0);
        const v1 = yield* bump(m0.at(0));
        for (const v2 of [0, 2]) {
          yield* m0.at(0).write(v0);
        }
        yield* m0.at(index).store(v0);
      },
    },
  },
  invariants: { small: ({ m1, limit }) => m1 < limit + 0 },
});

export const p72 = protocol("p72", {
  kernel: l4.kernel({ cpus: 1, message: oneOf("red", "green", "blue") }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: array(2, record({ x: int(0, 2), color: oneOf("red", "green", "blue") })),  m1: wrapping(3)},
  threads: {
    t0: {
      cpu: 0,
      *run({ m0, m1 }) {
        const v0 = yield* twice(m1);
        const v1 = yield* twice(m0.at(0).x);
        yield* m0.at(1).color.store("green");
        let v2 = nextColor("green");
      },
    },
    t1: {
      cpu: 0, count: 2,
      *run({ self, threads, ipc, m1 }) {
        const v3 = yield* ipc.replyWait(threads.t0, "blue", { send: "finite" });
        const v4 = v3.error === "none" ? v3.message : "green";
        const v5 = v3.error === "none" ? v3.from : self;
        while (true) {
          yield* m1.write(1);
          while ((yield* m1.load()) !== 0) {};
          let v6 = (2 & 1);
        }
      },
    },
  },
});

export const p73 = protocol("p73", {
  kernel: l4.kernel({ cpus: 2, message: record({ a: int(0, 2), ok: bool() }), atomic: true }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: int(0, 2),  m1: int(0, 2)},
  threads: {
    t0: {
      cpu: 1,
      *run({ m0, m1 }) {
        yield* m1.exchange(0);
        const v0 = yield* bump(m0);
        assume(false);
        yield* m1.store(0);
      },
    },
    t1: {
      cpu: 1,
      *run({ threads }) {
        let v1 = threads.t1;
      },
    },
  },
  invariants: { small: ({ m0, limit }) => m0 < limit + 0 },
});

export const p74 = protocol("p74", {
  kernel: shm.kernel({ cpus: 1 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: record({ x: int(0, 2), ok: flag })},
  threads: {
    t0: {
      cpu: 0,
      *run({ limit, futex, m0 }) {
        while (true) {
          yield* m0.ok.store(1 < limit);
          yield* futex.wait(m0.x, 2, { idle: false });
          yield* m0.ok.store(true);
          yield* m0.x.load();
          yield* m0.x.exchange(1);
        }
      },
    },
    t1: {
      cpu: 0,
      *run({ futex, m0 }) {
        let v0 = yield* choose(false, true);
        while (true) {
          yield* m0.x.store(0);
          yield* m0.ok.load();
          yield* futex.wake(m0.x, 1);
          yield* m0.x.load();
        }
      },
    },
    t2: {
      cpu: 0,
      *run({ m0 }) {
        while (true) {
          yield* m0.x.exchange(1);
          if ((yield* m0.ok.load()) === 1 < 0) {
            yield* m0.ok.exchange(false);
          }
          yield* m0.x.store(0);
          yield* m0.x.store(0);
          yield* m0.x.store(0);
        }
      },
    },
  },
});

export const p75 = protocol("p75", {
  kernel: l4.kernel({ cpus: 1, message: record({ a: int(0, 2), ok: bool() }) }),
  parameters: { limit: 2 },
  scheduling: "priority",
  memory: { m0: array(2, int(0, 2)),  m1: array(2, int(0, 2)),  m2: ghost(int(0, 3)),  m3: bool(true)},
  threads: {
    t0: {
      cpu: 0, priority: 0,
      *run({ m0 }) {
        !(true) && (yield* m0.at(1).store(0));
      },
    },
    t1: {
      cpu: 0, priority: 0,
      *run({ ipc, m0, m3 }) {
        const { error: v0, phase: v2 } = yield* ipc.wait();
        const v1 = v0 === "none" || v2 === "send";
        yield* m3.write(true);
        yield* m0.at(1).write(0);
        yield* ipc.wait();
      },
    },
  },
});

export const p76 = protocol("p76", {
  kernel: shm.kernel({ cpus: 1 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: ghost(int(0, 3)),  m1: record({ x: int(0, 2), ok: flag }),  m2: int(0, 2),  m3: array(2, int(0, 2))},
  threads: {
    t0: {
      cpu: 0, untrusted: true,
      *run({ m1, m3 }) {
        if ((false || true)) return;
        yield* m3.at(0).write(1);
        yield* m1.ok.store(false);
      },
    },
    t1: {
      cpu: 0, count: 2, untrusted: true,
      *run({ futex, m2, m3 }) {
        yield* futex.wait(m2, 2, { idle: true });
        const v0 = yield* twice(m3.at(0));
        for (let v1 = 0; v1 < 2; v1++) {
          let v2 = yield* m3.at(0).exchange(2);
          yield* m3.at(0).write(0);
        }
        yield* m2.store(2);
      },
    },
  },
  invariants: { small: ({ m0, limit }) => m0 < limit + 1 },
});

export const p77 = protocol("p77", {
  kernel: l4.kernel({ cpus: 2, message: oneOf("red", "green", "blue"), atomic: true }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: ghost(int(0, 3)),  word: int(0, 2)},
  threads: {
    t0: {
      cpu: 1,
      *run({ threads, ipc, m0, word }) {
        if (((yield* word.load()) + (yield* word.load())) % 2 === 0) {
          m0.value += 1;
        }
        while (true) {
          yield* ipc.send(threads.t1, nextColor("blue"), { send: "finite" });
          yield* word.store(1);
          yield* word.store(0);
          yield* ipc.wait({ receive: "finite" });
        }
      },
    },
    t1: {
      cpu: 0,
      *run({ word }) {
        let v0 = yield* word.compareExchange(2, 2);
        yield* word.load();
      },
    },
  },
});

export const p78 = protocol("p78", {
  kernel: shm.kernel({ cpus: 1 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: ghost(int(0, 3)),  m1: wrapping(3),  m2: ghost(int(0, 3)),  m3: threadId},
  threads: {
    t0: {
      cpu: 0,
      *run({ threads, futex, m1, m3 }) {
        if ((yield* m3.load()) !== threads.t0) return;
        while (true) {
          yield* futex.wake(m1, 1);
          const v0 = yield* m3.load();
          yield* m1.exchange(2);
        }
      },
    },
    t1: {
      cpu: 0, count: 2,
      *run({ m0, m1, m3 }) {
        let v1 = 0;
        m0.value += 1;
        switch ("green") {
          case "red":
            if (((yield* m1.load()) + (yield* m1.load())) % 2 === 0) {
              yield* waitUntil(m3, (value) => value !== nobody);
            }
            break;
          case "green":
            yield* step({ do: () => { m1.value = v1; } });
            break;
          default:
            yield* m3.load();
        }
        yield* m1.exchange(1);
      },
    },
  },
  invariants: { small: ({ m0, limit }) => m0 < limit + 0 },
});

export const p79 = protocol("p79", {
  kernel: l4.kernel({ cpus: 2, message: record({ a: int(0, 2), ok: bool() }), atomic: true }),
  parameters: { limit: 2 },
  scheduling: "round-robin",
  objects: { bell: l4.notification({ bits: 2 }) },
  memory: { m0: record({ x: int(0, 2), ok: flag })},
  threads: {
    t0: {
      cpu: 0,
      *run({  }) {
        if ((false || !(true))) return;
      },
    },
    t1: {
      cpu: 0, untrusted: true,
      *run({ threads, ipc, bell }) {
        yield* bell.signal(1);
        yield* ipc.cancel(threads.t0);
      },
    },
  },
});

export const p80 = protocol("p80", {
  kernel: l4.kernel({ cpus: 2, message: record({ a: int(0, 2), ok: bool() }) }),
  parameters: { limit: 2 },
  scheduling: "free",
  objects: { bell: l4.notification({ bits: 2 }) },
  memory: { m0: ghost(int(0, 3)),  word: int(0, 2)},
  threads: {
    t0: {
      cpu: 1,
      *run({ ipc, word }) {
        while (true) {
          yield* word.store(pairOf(2).a);
          yield* ipc.wait({ receive: "finite" });
        }
      },
    },
    t1: {
      cpu: 1, count: 2,
      *run({ threads, ipc, bell, word }) {
        while (false && (yield* word.load()) === (2 & 1)) {
          yield* word.exchange(0);
          yield* ipc.send(threads.t1[0], { a: 2, ok: false }, { send: "zero" });
          yield* bell.signal(2);
        }
        yield* ipc.send(threads.t1[0], { a: 1, ok: false }, { send: "zero" });
        yield* bell.signal(1);
        yield* word.exchange(1);
      },
    },
  },
});

export const p81 = protocol("p81", {
  kernel: shm.kernel({ cpus: 2 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: array(2, int(0, 2)),  m1: array(2, int(0, 2)),  m2: ghost(int(0, 3))},
  threads: {
    t0: {
      cpu: 1, count: 2,
      *run({ self, futex, m0, m1 }) {
        let v0 = self;
        while (true) {
          yield* futex.wait(m0.at(0), 0, { idle: true });
          v0 = nobody;
          yield* m1.at(0).exchange(((2 + 1) % 3));
        }
      },
    },
    t1: {
      cpu: 0,
      *run({ m0, m1 }) {
        while (!(("red" === "blue")) || (yield* m0.at(0).load()) === 1) {
          yield* m1.at(1).write(0);
          yield* m1.at(0).write(0);
        }
        while (true) {
          yield* m1.at(1).write(0);
          yield* m1.at(0).load();
        }
      },
    },
  },
  invariants: { small: ({ m2, limit }) => m2 < limit + 1 },
});

export const p82 = protocol("p82", {
  kernel: l4.kernel({ cpus: 1, message: bool() }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: int(0, 2, 1),  m1: record({ x: int(0, 2), ok: flag })},
  threads: {
    t0: {
      cpu: 0,
      *run({ self, threads, ipc, m1 }) {
        const v0 = yield* ipc.call(threads.t1, (self === threads.t0));
        const v1 = v0.error === "none" ? v0.message : true;
        const v2 = v0.error === "none" ? v0.from : self;
        yield* m1.x.exchange(2);
        yield* ipc.wait();
        yield* ipc.wait();
      },
    },
    t1: {
      cpu: 0,
      *run({  }) {
        let v3 = false;
        v3 = larger(1, 0) < 0;
      },
    },
  },
  invariants: { small: ({ m0, limit }) => m0 < limit + 1 },
});

export const p83 = protocol("p83", {
  kernel: shm.kernel({ cpus: 2 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: oneOf("red", "green", "blue"),  m1: array(2, record({ x: int(0, 2), color: oneOf("red", "green", "blue") })),  m2: flag,  m3: int(0, 2)},
  threads: {
    t0: {
      cpu: 1, untrusted: true,
      *run({ futex, m1, m3 }) {
        while (true) {
          yield* m1.at(1).color.store("blue");
          assume((true || true));
          yield* futex.wake(m3, 2);
        }
      },
    },
    t1: {
      cpu: 0, count: 2,
      *run({ index, m0, m1, m2 }) {
        yield* m1.at(index).x.store(0);
        yield* m2.store(false);
        yield* m0.load();
      },
    },
  },
});

export const p84 = protocol("p84", {
  kernel: shm.kernel({ cpus: 2 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: record({ x: int(0, 2), ok: flag }),  m1: int(0, 2),  m2: bool(true)},
  threads: {
    t0: {
      cpu: 1, count: 2,
      *run({ m0, m2 }) {
        yield* m2.load();
        while (true) {
          yield* m2.store(true);
          yield* m0.ok.exchange(true);
        }
      },
    },
    t1: {
      cpu: 1,
      *run({ futex, m0 }) {
        yield* futex.wake(m0.x, 1);
      },
    },
  },
});

export const p85 = protocol("p85", {
  kernel: shm.kernel({ cpus: 2 }),
  parameters: { limit: 2 },
  scheduling: "round-robin",
  memory: { m0: bool(true),  word: int(0, 2)},
  threads: {
    t0: {
      cpu: 0,
      *run({ m0, word }) {
        yield* step({ when: () => word.value !== 1 });
        while ((yield* m0.load()) === true) {};
        for (let v0 = 0; v0 < 2; v0++) {
          yield* m0.store(v0 < 1);
        }
        if (((yield* word.load()) + (yield* word.load())) % 2 === 0) {
          yield* m0.load();
        }
      },
    },
    t1: {
      cpu: 0, count: 2,
      *run({ word }) {
        while (true) {
          yield* word.exchange(0);
          let v1 = nobody;
          let v2 = local(int(0, 2), 0);
          v2++;
        }
      },
    },
  },
});

export const p86 = protocol("p86", {
  kernel: shm.kernel({ cpus: 2 }),
  parameters: { limit: 2 },
  scheduling: "priority",
  memory: { m0: ghost(int(0, 3)),  m1: queue(int(0, 2), 2),  word: int(0, 2)},
  threads: {
    t0: {
      cpu: 0, priority: 1,
      *run({ futex, word }) {
        let v0 = pairOf((1 & 1), false);
        while (true) {
          yield* word.load();
          yield* word.store(2);
          yield* futex.wake(word, 2);
          yield* word.store(1);
        }
      },
    },
    t1: {
      cpu: 0, priority: 1,
      *run({ futex, word }) {
        for (const v1 of [0, 2]) {
          if (yield* choose(true, false)) {
            let v2 = "red";
            yield* futex.wake(word, 2);
          } else {
            if (v1 < 2) {
              yield* word.store(1);
              yield* word.store(v1);
            } else {
              yield* word.exchange(2);
            }
          }
        }
        yield* word.exchange(0);
        yield* word.load();
      },
    },
  },
});

export const p87 = protocol("p87", {
  kernel: shm.kernel({ cpus: 1 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: ghost(int(0, 3)),  m1: int(0, 2, 1),  m2: int(0, 2),  m3: int(0, 2)},
  threads: {
    t0: {
      cpu: 0, untrusted: true,
      *run({ m0, m1, m2 }) {
        while (true) {
          yield* m1.write(1);
          if (yield* choose(true, false)) {
            const v0 = yield* twice(m2);
          } else {
            m0.value = 0;
          }
          yield* m2.exchange(1);
        }
      },
    },
    t1: {
      cpu: 0,
      *run({ m1, m3 }) {
        while (true) {
          yield* m1.exchange(2);
          yield* m1.write(2);
          yield* m3.write(2);
        }
      },
    },
    t2: {
      cpu: 0,
      *run({ m1, m2 }) {
        while (true) {
          yield* m2.write(Math.abs(1 - (false ? 1 : 2)));
          yield* m1.load();
        }
      },
    },
  },
});

export const p88 = protocol("p88", {
  kernel: shm.kernel({ cpus: 1 }),
  parameters: { limit: 2 },
  scheduling: "round-robin",
  memory: { m0: int(0, 2)},
  threads: {
    t0: {
      cpu: 0,
      *run({ m0 }) {
        while (true) {
          yield* m0.exchange(2);
          yield* m0.exchange(1);
          let v0 = pairOf((false ? 2 : 1), true);
        }
      },
    },
    t1: {
      cpu: 0,
      *run({ futex, m0 }) {
        let v1 = yield* m0.compareExchange(2, pairOf(0).a);
        while (true) {
          yield* m0.store(0);
          yield* futex.wake(m0, 2);
        }
      },
    },
    t2: {
      cpu: 0,
      *run({ futex, m0 }) {
        if (false) return;
        v2: while (false) {
          do {
            yield* futex.wait(m0, 1, { idle: false });
            let v3 = local(int(0, 2), 1);
            v3 = 2 - v3;
          } while ((yield* m0.load()) === 0);
          yield* m0.exchange(0);
        }
        for (const v4 of [0, 2]) {
          yield* m0.store(2);
        }
        yield* futex.wait(m0, 0, { idle: false });
      },
    },
  },
  invariants: { small: ({ m0, limit }) => m0 < limit + 0 },
});

export const p89 = protocol("p89", {
  kernel: l4.kernel({ cpus: 1, message: record({ a: int(0, 2), ok: bool() }) }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: record({ x: int(0, 2), ok: flag }),  m1: flag,  m2: int(0, 2)},
  threads: {
    t0: {
      cpu: 0,
      *run({ m0 }) {
        yield* m0.ok.load();
      },
    },
    t1: {
      cpu: 0,
      *run({ threads, ipc, m1, m2 }) {
        let v0 = local(int(0, 2), 2);
        v0--;
        yield* m2.exchange(v0);
        switch ("red") {
          case "red":
            switch (nextColor("blue")) {
              case "red":
                let v1 = yield* m1.load();
                break;
              case "green":
                yield* ipc.send(threads.t2, { a: v0, ok: v0 !== 2 });
            }
            break;
          case "green":
            yield* ipc.wait();
            break;
        }
      },
    },
    t2: {
      cpu: 0,
      *run({ m0 }) {
        yield* m0.x.store(0);
      },
    },
  },
});

export const p90 = protocol("p90", {
  kernel: l4.kernel({ cpus: 2, message: oneOf("red", "green", "blue"), atomic: true }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: int(0, 2, 1),  m1: queue(int(0, 2), 2)},
  threads: {
    t0: {
      cpu: 0,
      *run({ m0 }) {
        for (const v0 of [0, 2]) {
          v0 === 2 && (yield* m0.store(2));
        }
        while (true) {
          yield* m0.exchange(0);
          yield* m0.exchange(2);
          yield* m0.load();
        }
      },
    },
    t1: {
      cpu: 1,
      *run({ threads, ipc, m0 }) {
        yield* m0.load();
        yield* m0.load();
        yield* m0.exchange(1);
        yield* ipc.send(threads.t0, "blue", { send: "zero" });
      },
    },
  },
});

export const p91 = protocol("p91", {
  kernel: l4.kernel({ cpus: 2, message: int(0, 2) }),
  parameters: { limit: 2 },
  scheduling: "round-robin",
  memory: { m0: flag,  m1: int(0, 2)},
  threads: {
    t0: {
      cpu: 1,
      *run({ threads, ipc, m0, m1 }) {
        v0: while (yield* choose(true, false)) {
          do {
            yield* fence();
            let v1 = yield* m1.fetchAdd(1);
          } while ((yield* m0.load()) !== true);
          yield* m0.store(false);
        }
        while (true) {
          yield* ipc.wait();
          yield* ipc.wait({ receive: "finite" });
          yield* ipc.send(threads.t0, 2, { send: "zero" });
          yield* ipc.send(threads.t0, 2);
        }
      },
    },
    t1: {
      cpu: 1, untrusted: true,
      *run({ m0 }) {
        if (yield* choose(true, false)) return;
        while (true) {
          yield* m0.store(("red" === "red"));
          yield* m0.store(false);
        }
      },
    },
  },
});

export const p92 = protocol("p92", {
  kernel: shm.kernel({ cpus: 2 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: array(2, record({ x: int(0, 2), color: oneOf("red", "green", "blue") })),  m1: oneOf("red", "green", "blue")},
  threads: {
    t0: {
      cpu: 1,
      *run({ m1 }) {
        let v0 = yield* m1.load();
      },
    },
    t1: {
      cpu: 1,
      *run({ m1 }) {
        yield* waitUntil(m1, (value) => value !== "green");
      },
    },
    t2: {
      cpu: 1,
      *run({  }) {
        let v1 = nextColor("red");
      },
    },
  },
});

export const p93 = protocol("p93", {
  kernel: shm.kernel({ cpus: 1 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: int(0, 2)},
  threads: {
    t0: {
      cpu: 0,
      *run({ futex, m0 }) {
        let v0 = true;
        while (true) {
          yield* m0.exchange((2 & 1));
          yield* m0.store(0);
          yield* futex.wake(m0, 1);
          yield* fence();
        }
      },
    },
    t1: {
      cpu: 0, count: 2,
      *run({ m0 }) {
        while (true) {
          yield* m0.exchange(2);
          if (false || (yield* m0.load()) !== (false ? 0 : 0)) continue;
          yield* m0.load();
          yield* m0.store(0);
          yield* m0.load();
        }
      },
    },
  },
});

export const p94 = protocol("p94", {
  kernel: shm.kernel({ cpus: 2 }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: queue(int(0, 2), 2),  m1: ghost(int(0, 3)),  word: int(0, 2)},
  threads: {
    t0: {
      cpu: 0,
      *run({ word }) {
        while ((yield* word.load()) !== 1) {};
      },
    },
    t1: {
      cpu: 1, untrusted: true,
      *run({ m1, word }) {
        m1.value = (m1.value + 1) % 3;
        while (true) {
          yield* word.write(2);
          yield* word.exchange(1);
          yield* word.store(0);
          yield* word.exchange(0);
        }
      },
    },
  },
});

export const p95 = protocol("p95", {
  kernel: shm.kernel({ cpus: 1 }),
  parameters: { limit: 2 },
  scheduling: "round-robin",
  memory: { m0: array(2, int(0, 2))},
  threads: {
    t0: {
      cpu: 0,
      *run({ futex, m0 }) {
        const v0 = yield* m0.at(0).fetchAdd(1);
        while (true) {
          yield* m0.at(v0).store(1);
          yield* futex.wait(m0.at(0), 0, { idle: true });
          yield* m0.at(0).load();
        }
      },
    },
    t1: {
      cpu: 0,
      *run({ futex, m0 }) {
        yield* m0.at(0).store(2);
        yield* m0.at(1).store(1);
        yield* futex.wait(m0.at(0), 0, { idle: true });
        yield* m0.at(0).load();
      },
    },
  },
});

export const p96 = protocol("p96", {
  kernel: l4.kernel({ cpus: 1, message: int(0, 2) }),
  parameters: { limit: 2 },
  scheduling: "free",
  memory: { m0: int(0, 2),  m1: record({ x: int(0, 2), ok: flag }),  m2: wrapping(3)},
  threads: {
    t0: {
      cpu: 0, untrusted: true,
      *run({ threads, ipc, m1 }) {
        let v0 = yield* m1.ok.load();
        yield* ipc.send(threads.t1, 2, { send: "zero" });
      },
    },
    t1: {
      cpu: 0,
      *run({ ipc, m0 }) {
        false && (yield* m0.store(1));
        const v1 = yield* m0.compareExchange(0, 0);
        yield* ipc.wait();
      },
    },
    t2: {
      cpu: 0,
      *run({ ipc, m2 }) {
        yield* ipc.wait({ receive: "finite" });
        let v2 = 2;
        yield* m2.exchange(1);
        while ((yield* m2.load()) === 2) {};
      },
    },
  },
  invariants: { small: ({ m0, limit }) => m0 < limit + 0 },
});

export const p97 = protocol("p97", {
  kernel: shm.kernel({ cpus: 1 }),
  parameters: { limit: 2 },
  scheduling: "round-robin",
  memory: { m0: ghost(int(0, 3)),  m1: int(0, 2, 1),  m2: queue(int(0, 2), 2),  m3: ghost(int(0, 3))},
  threads: {
    t0: {
      cpu: 0, untrusted: true,
      *run({ m1 }) {
        if (yield* choose(true, false)) return;
        const v0 = yield* m1.compareExchange(0, 1);
      },
    },
    t1: {
      cpu: 0,
      *run({ futex, m0, m1 }) {
        m0.value += 1;
        if (((yield* m1.load()) + (yield* m1.load())) % 2 === 0) {
          yield* futex.wake(m1, 2);
        }
        yield* m1.store(0);
      },
    },
  },
  invariants: { small: ({ m0, limit }) => m0 < limit + 0 },
});

export const p98 = protocol("p98", {
  kernel: l4.kernel({ cpus: 1, message: int(0, 2), atomic: true }),
  parameters: { limit: 2 },
  scheduling: "free",
  objects: { bell: l4.notification({ bits: 2 }) },
  memory: { m0: queue(int(0, 2), 2),  m1: oneOf("red", "green", "blue"),  m2: queue(int(0, 2), 2),  word: int(0, 2)},
  threads: {
    t0: {
      cpu: 0,
      *run({ threads, ipc, m1, word }) {
        v0: while (yield* choose(true, false)) {
          do {
            yield* m1.load();
            yield* ipc.send(threads.t0, 1, { send: "zero" });
          } while (true);
          yield* ipc.wait();
        }
        yield* word.load();
      },
    },
    t1: {
      cpu: 0,
      *run({ threads, ipc, bell, m1, word }) {
        const v1 = yield* swap(word, 1);
        while (true) {
          yield* ipc.wait({ receive: "finite" });
          yield* bell.wait();
          yield* m1.exchange("blue");
          yield* ipc.send(threads.t1, 1, { send: "zero" });
        }
      },
    },
  },
});

export const p99 = protocol("p99", {
  kernel: shm.kernel({ cpus: 2 }),
  parameters: { limit: 2 },
  scheduling: "round-robin",
  memory: { m0: int(0, 2),  m1: int(0, 2),  m2: ghost(int(0, 3))},
  threads: {
    t0: {
      cpu: 1,
      *run({ m0 }) {
        yield* m0.store(1);
      },
    },
    t1: {
      cpu: 0,
      *run({ futex, m1 }) {
        while (true) {
          yield* futex.wait(m1, 0, { idle: true });
          let v0 = local(int(0, 2), 2);
          v0 = 2 - v0;
          let v1 = yield* m1.fetchAdd(-1);
        }
      },
    },
  },
});
