/** Small protocols whose states can be counted by hand. */
import { array, assume, check, choose, flag, ghost, int, local, oneOf, protocol, queue, record, step, waitUntil, wrapping } from "ipc-check";
import * as l4 from "ipc-check/kernels/l4";
import * as shm from "ipc-check/kernels/shm";

const kernel = shm.kernel();
const message = int(0, 3);

export const interleaving = protocol("interleaving", {
  kernel,
  memory: { a: flag, b: flag },
  threads: {
    left: {
      *run({ a }) {
        yield* a.store(true);
      },
    },
    right: {
      *run({ b }) {
        yield* b.store(true);
      },
    },
  },
});

export const choice = protocol("choice", {
  kernel,
  memory: { cell: int(0, 2) },
  threads: {
    only: {
      *run({ cell }) {
        const value = yield* choose(0, 1, 2);
        yield* cell.store(value);
      },
    },
  },
});

export const scopes = protocol("scopes", {
  kernel,
  memory: { cell: int(0, 1) },
  threads: {
    only: {
      *run({ cell }) {
        {
          const inner = yield* choose(0, 1);
          check(inner < 2);
          yield* cell.load();
        }
        yield* cell.load();
        const outer = yield* choose(0, 1);
        check(outer < 2);
        yield* cell.load();
        yield* cell.load();
      },
    },
  },
});

export const halfEvaluated = protocol("half evaluated", {
  kernel,
  memory: { cell: int(0, 6) },
  threads: {
    only: {
      *run({ cell }) {
        yield* cell.store((((yield* choose(1, 2)) * 3) % 2) + (yield* choose(0, 1)));
      },
    },
  },
});

export const race = protocol("race", {
  kernel,
  memory: { cell: int(0, 1) },
  threads: {
    writer: {
      *run({ cell }) {
        yield* cell.write(1);
      },
    },
    reader: {
      *run({ cell }) {
        yield* cell.load();
      },
    },
  },
});

export const failedCheck = protocol("failed check", {
  kernel,
  memory: { cell: int(0, 3) },
  threads: {
    only: {
      *run({ cell }) {
        const old = yield* cell.fetchAdd(2);
        check((yield* cell.load()) === old, "the cell is as it was");
      },
    },
  },
});

export const assumption = protocol("assumption", {
  kernel,
  memory: { cell: int(0, 3) },
  threads: {
    only: {
      *run({ cell }) {
        const value = yield* choose(0, 1, 2, 3);
        assume(value % 2 === 0);
        yield* cell.store(value);
      },
    },
  },
});

export const closedReceives = protocol("two closed receives", {
  kernel: l4.kernel({ cpus: 1, message }),
  threads: {
    left: {
      cpu: 0,
      *run({ ipc, threads }) {
        yield* ipc.receive(threads.right);
      },
    },
    right: {
      cpu: 0,
      *run({ ipc, threads }) {
        yield* ipc.receive(threads.left);
      },
    },
  },
});

export const unreplied = protocol("unreplied call", {
  kernel: l4.kernel({ cpus: 1, message }),
  threads: {
    client: {
      cpu: 0,
      *run({ ipc, threads }) {
        yield* ipc.call(threads.server, 1);
      },
    },
    server: {
      cpu: 0,
      untrusted: true,
      *run({ ipc }) {
        const { from, message } = yield* ipc.wait();
        yield* ipc.send(from, message);
      },
    },
  },
});

export const rendezvous = protocol("rendezvous", {
  kernel: l4.kernel({ cpus: 1, message }),
  threads: {
    client: {
      cpu: 0,
      *run({ ipc, threads }) {
        const reply = yield* ipc.call(threads.server, 1);
        check(reply.message === 2, "the reply is one more");
      },
    },
    server: {
      cpu: 0,
      *run({ ipc }) {
        const { from, message } = yield* ipc.wait();
        yield* ipc.send(from, message + 1);
      },
    },
  },
});

export const messageOutOfRange = protocol("message out of range", {
  kernel: l4.kernel({ cpus: 1, message }),
  threads: {
    client: {
      cpu: 0,
      *run({ ipc, threads }) {
        const value = yield* choose(2, 4);
        yield* ipc.send(threads.server, value, { send: "zero" });
      },
    },
    server: {
      cpu: 0,
      *run({ ipc }) {
        yield* ipc.wait();
      },
    },
  },
});

export const unhandled = protocol("unhandled error", {
  kernel: l4.kernel({ cpus: 1, message }),
  threads: {
    only: {
      cpu: 0,
      *run({ ipc }) {
        const got = yield* ipc.wait({ receive: "finite" });
        check(got.message < 4);
      },
    },
  },
});

export const sleeper = protocol("a sleeper that nobody wakes", {
  kernel,
  memory: { word: int(0, 1) },
  threads: {
    sleeper: {
      *run({ word, futex }) {
        yield* futex.wait(word, 0);
      },
    },
    setter: {
      *run({ word }) {
        yield* word.store(1);
      },
    },
  },
});

export const sleeperBesideOthers = protocol("a sleeper that others run past", {
  kernel,
  memory: { word: int(0, 1), other: int(0, 2) },
  threads: {
    sleeper: {
      *run({ word, futex }) {
        yield* futex.wait(word, 0);
      },
    },
    setter: {
      *run({ word, other, futex }) {
        yield* word.store(1);
        while (true) {
          yield* other.store(1);
          if ((yield* other.exchange(0)) === 2) yield* futex.wake(word, 1);
        }
      },
    },
  },
});

export const spinners = protocol("two that spin", {
  kernel,
  memory: { a: flag, b: flag },
  threads: {
    left: {
      *run({ a, b }) {
        while (!(yield* a.load()) || !(yield* b.load())) {}
      },
    },
    right: {
      *run({ b }) {
        while ((yield* b.load()) === false) {}
      },
    },
  },
});

export const signalled = protocol("a loop that waits for a flag", {
  kernel,
  memory: { ready: flag },
  threads: {
    waiting: {
      *run({ ready }) {
        while (!(yield* ready.load())) {}
      },
    },
    setting: {
      *run({ ready }) {
        yield* ready.store(true);
      },
    },
  },
});

const preempting = (scheduling: "priority" | "round-robin") =>
  protocol(`spinning under ${scheduling}`, {
    kernel: shm.kernel({ cpus: 1 }),
    scheduling,
    memory: { ready: flag, a: flag },
    threads: {
      low: {
        cpu: 0,
        *run({ a, ready }) {
          yield* a.store(true);
          yield* ready.store(true);
        },
      },
      high: {
        cpu: 0,
        priority: 1,
        *run({ ready }) {
          yield* waitUntil(ready, (value) => value);
        },
      },
    },
  });
export const byPriority = preempting("priority");
export const byTurns = preempting("round-robin");

export const invariant = protocol("invariant over records", {
  kernel,
  parameters: { most: 1 },
  memory: { slots: array(2, record({ used: flag, color: oneOf("red", "green") })), inside: ghost(int(0, 3)) },
  threads: {
    user: {
      count: 2,
      *run({ slots, index, inside }) {
        yield* slots.at(index).used.store(true);
        inside.value += 1;
        yield* slots.at(index).color.store("green");
        inside.value -= 1;
      },
    },
  },
  invariants: {
    few: ({ inside, most }) => inside <= most,
    used: ({ slots }) => slots.every((slot) => slot.used || slot.color === "red"),
  },
});

export const declaredLocal = protocol("declared local", {
  kernel,
  memory: { cell: wrapping(3) },
  threads: {
    only: {
      *run({ cell }) {
        let _turns = local(int(0, 1), 0);
        while (true) {
          yield* cell.fetchAdd(1);
          _turns += 1;
        }
      },
    },
  },
});

export const indexOutOfRange = protocol("index out of range", {
  kernel,
  memory: { slots: array(2, int(0, 1)) },
  threads: {
    only: {
      *run({ slots }) {
        const place = yield* choose(0, 1, 2);
        yield* slots.at(place).store(1);
      },
    },
  },
});

export const fullQueue = protocol("full queue", {
  kernel,
  memory: { waiting: queue(int(0, 1), 1) },
  threads: {
    only: {
      count: 2,
      *run({ waiting, index }) {
        yield* step({
          do: () => {
            waiting.push(index);
          },
        });
      },
    },
  },
});

export const initialFailure = protocol("failure before the first step", {
  kernel,
  memory: { cell: int(0, 1) },
  threads: {
    only: {
      *run({ cell, index }) {
        check(index > 0, "the first replica fails");
        yield* cell.load();
      },
    },
  },
});

export const generalClient = protocol("a server that any client can stop", {
  kernel: l4.kernel({ cpus: 1, message: int(0, 1) }),
  threads: {
    server: {
      cpu: 0,
      *run({ ipc }) {
        let request = yield* ipc.wait();
        while (true) request = yield* ipc.replyWait(request.from, request.message, { send: "infinite" });
      },
    },
    client: { cpu: 0, untrusted: "arbitrary", holds: ["server"] },
  },
});

export const generalWriter = protocol("a cell that any client writes", {
  kernel,
  memory: { shared: int(0, 2), mine: int(0, 2) },
  threads: {
    reader: {
      *run({ shared, mine }) {
        const value = yield* shared.load();
        yield* mine.store(value);
        check((yield* mine.load()) !== 2, "the client never writes 2");
      },
    },
    client: { untrusted: "arbitrary", holds: ["shared"] },
  },
});

export const deletedWaiter = protocol("a signal after the deletion of who waited", {
  kernel: l4.kernel({ cpus: 1, message: int(0, 1) }),
  objects: { bell: l4.notification({ bits: 1 }) },
  memory: { order: int(0, 2) },
  threads: {
    waiter: {
      cpu: 0,
      *run({ bell }) {
        yield* bell.wait();
        check(false, "the waiter is gone");
      },
    },
    killer: {
      cpu: 0,
      *run({ ipc, threads, bell, order }) {
        yield* waitUntil(order, (value) => value === 0);
        yield* ipc.delete(threads.waiter);
        yield* bell.signal(1);
        const { bits } = yield* bell.poll();
        check(bits === 1, "the signal is still there");
      },
    },
  },
});

export const spinInLeadIn = protocol("a way into a circle", {
  kernel,
  memory: { word: int(0, 1) },
  threads: {
    only: {
      *run({ word }) {
        yield* word.load();
        while (true) {
          yield* word.load();
          yield* word.store(0);
        }
      },
    },
  },
});
