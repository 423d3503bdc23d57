/**
 * Protocols whose runs are judged in bench/liveness.mjs. All of their properties hold, so that every state has to be
 * visited; `barging` breaks its promise soon after the start.
 */
import { array, type Cell, flag, int, protocol, step, waitUntil, wrapping } from "ipc-check";
import * as l4 from "ipc-check/kernels/l4";
import * as shm from "ipc-check/kernels/shm";

function* work(rounds: number) {
  for (let done = 0; done < rounds; done++) yield* step({});
}

/** A lock that serves in the order of the tickets drawn. */
export const ticket = protocol("ticket lock", {
  kernel: shm.kernel(),
  parameters: { work: 44 },
  memory: { next: wrapping(3), serving: wrapping(3) },
  fairness: "weak",
  threads: {
    user: {
      count: 3,
      *run({ next, serving, work: rounds }) {
        while (true) {
          yield* work(rounds);
          const mine = yield* next.fetchAdd(1);
          yield* waitUntil(serving, (value) => value === mine);
          yield* work(2);
          yield* serving.fetchAdd(1);
        }
      },
    },
  },
  liveness: ({ alwaysEventually, leadsTo }) => ({
    response: leadsTo(
      ({ threads }) => threads.user[0]?.at === "waitUntil",
      ({ threads }) => threads.user[0]?.at === "serving.fetchAdd",
    ),
    again: alwaysEventually(({ next }) => next === 0),
  }),
});

/** A lock that whoever comes first takes: it starves nobody under strong fairness only. */
export const testAndSet = protocol("test-and-set lock", {
  kernel: shm.kernel(),
  parameters: { work: 26 },
  memory: { taken: flag },
  fairness: "strong",
  threads: {
    user: {
      count: 4,
      *run({ taken, work: rounds }) {
        while (true) {
          yield* work(rounds);
          yield* step({
            when: () => !taken.value,
            do: () => {
              taken.value = true;
            },
          });
          yield* work(1);
          yield* taken.store(false);
        }
      },
    },
  },
  liveness: ({ alwaysEventually, leadsTo }) => ({
    response: leadsTo(
      ({ taken }) => taken,
      ({ taken }) => !taken,
    ),
    again: alwaysEventually(({ threads }) => threads.user[0]?.at === "taken.store"),
  }),
});

/** Two producers and two consumers at a ring of four slots. */
export const ring = protocol("bounded ring", {
  kernel: shm.kernel(),
  parameters: { work: 6 },
  memory: { head: wrapping(8), tail: wrapping(8), slots: array(4, flag), filling: flag, emptying: flag },
  fairness: "strong",
  threads: {
    producer: {
      count: 2,
      *run({ head, tail, slots, filling, work: rounds }) {
        while (true) {
          yield* work(rounds);
          yield* take(filling);
          const at = yield* head.load();
          yield* waitUntil(tail, (value) => (at - value + 8) % 8 < 4);
          yield* slots.at(at % 4).store(true);
          yield* head.store((at + 1) % 8);
          yield* filling.store(false);
        }
      },
    },
    consumer: {
      count: 2,
      *run({ head, tail, slots, emptying, work: rounds }) {
        while (true) {
          yield* work(rounds);
          yield* take(emptying);
          const at = yield* tail.load();
          yield* waitUntil(head, (value) => value !== at);
          yield* slots.at(at % 4).store(false);
          yield* tail.store((at + 1) % 8);
          yield* emptying.store(false);
        }
      },
    },
  },
  liveness: ({ alwaysEventually, leadsTo }) => ({
    response: leadsTo(
      ({ slots }) => slots[0] === true,
      ({ slots }) => slots[0] === false,
    ),
    again: alwaysEventually(({ head }) => head === 0),
  }),
});

function* take(lock: Cell<boolean>) {
  yield* step({
    when: () => !lock.value,
    do: () => {
      lock.value = true;
    },
  });
}

/** Clients that work and then call one server. */
export const rpc = protocol("clients call one server", {
  kernel: l4.kernel({ cpus: 1, message: int(0, 0) }),
  parameters: { clients: 3, work: 38 },
  memory: { served: flag },
  fairness: "weak",
  threads: {
    server: {
      cpu: 0,
      *run({ ipc, served }) {
        while (true) {
          const { from } = yield* ipc.wait();
          yield* ipc.send(from, 0, { send: "zero" });
          yield* served.store(true);
          yield* served.store(false);
        }
      },
    },
    client: {
      cpu: 0,
      count: "clients",
      *run({ ipc, threads, work: rounds }) {
        while (true) {
          yield* work(rounds);
          yield* ipc.call(threads.server, 0);
        }
      },
    },
  },
  liveness: ({ alwaysEventually, leadsTo }) => ({
    response: leadsTo(
      ({ threads }) => threads.client[0]?.at === "ipc.call",
      ({ served }) => served,
    ),
    again: alwaysEventually(({ served }) => served),
  }),
});

/** The test-and-set lock taken before the work: under weak fairness three are held off for as long as the fourth comes first. */
export const barging = protocol("barging lock", {
  kernel: shm.kernel(),
  parameters: { work: 26 },
  memory: { taken: flag },
  fairness: "weak",
  threads: {
    user: {
      count: 4,
      *run({ taken, work: rounds }) {
        while (true) {
          yield* take(taken);
          yield* taken.store(false);
          yield* work(rounds);
        }
      },
    },
  },
  liveness: ({ alwaysEventually, leadsTo }) => ({
    response: leadsTo(
      ({ taken }) => taken,
      ({ taken }) => !taken,
    ),
    again: alwaysEventually(({ threads }) => threads.user[0]?.at === "taken.store"),
  }),
});
