/** Small protocols with formulas of which some hold and some do not, without fairness: SPIN is asked the same. */
import { choose, flag, ghost, int, protocol, waitUntil, wrapping } from "ipc-check";
import * as sel4 from "ipc-check/kernels/sel4";
import * as shm from "ipc-check/kernels/shm";

/** Peterson's algorithm. */
export const peterson = protocol("Peterson's algorithm", {
  kernel: shm.kernel(),
  memory: { wants0: flag, wants1: flag, turn: int(0, 1), inside: ghost(int(0, 2)) },
  fairness: "none",
  threads: {
    first: {
      *run({ wants0, wants1, turn, inside }) {
        while (true) {
          yield* wants0.store(true);
          yield* turn.store(1);
          while ((yield* wants1.load()) && (yield* turn.load()) === 1) {}
          inside.value += 1;
          yield* turn.load();
          inside.value -= 1;
          yield* wants0.store(false);
        }
      },
    },
    second: {
      *run({ wants0, wants1, turn, inside }) {
        while (true) {
          yield* wants1.store(true);
          yield* turn.store(0);
          while ((yield* wants0.load()) && (yield* turn.load()) === 0) {}
          inside.value += 1;
          yield* turn.load();
          inside.value -= 1;
          yield* wants1.store(false);
        }
      },
    },
  },
  liveness: ({ ltl, leadsTo, alwaysEventually }) => ({
    exclusive: ltl("[]!both", { both: ({ inside }) => inside === 2 }),
    served: leadsTo(
      ({ wants0 }) => wants0,
      ({ inside }) => inside > 0,
    ),
    someoneInside: alwaysEventually(({ inside }) => inside > 0),
    order: ltl("!in U want", { in: ({ inside }) => inside > 0, want: ({ wants0, wants1 }) => wants0 || wants1 }),
    steady: ltl("<>[]in", { in: ({ inside }) => inside > 0 }),
    leaves: ltl("[](in -> <>!in)", { in: ({ inside }) => inside > 0 }),
  }),
});

/** A producer that stops after some rounds, and a consumer that waits. */
export const handOver = protocol("hand-over", {
  kernel: shm.kernel(),
  memory: { full: flag, sent: int(0, 2), got: int(0, 2) },
  fairness: "none",
  threads: {
    producer: {
      *run({ full, sent }) {
        for (let round = 1; round <= 2; round++) {
          yield* waitUntil(full, (value) => !value);
          yield* sent.store(round);
          yield* full.store(true);
        }
      },
    },
    consumer: {
      *run({ full, got }) {
        for (let round = 1; round <= 2; round++) {
          yield* waitUntil(full, (value) => value);
          yield* got.store(round);
          yield* full.store(false);
        }
      },
    },
  },
  liveness: ({ ltl, eventually, leadsTo }) => ({
    all: eventually(({ got }) => got === 2),
    emptyAtLast: ltl("<>[]!full", { full: ({ full }) => full }),
    inOrder: ltl("few W many", { few: ({ got }) => got < 2, many: ({ sent }) => sent === 2 }),
    answered: leadsTo(
      ({ sent }) => sent === 1,
      ({ got }) => got === 1,
    ),
    never: eventually(({ got, sent }) => got > sent),
    released: ltl("one R two", { one: ({ sent }) => sent === 1, two: ({ got }) => got === 0 }),
    again: ltl("[]<>full", { full: ({ full }) => full }),
  }),
});

/** A client that may stop, and a server that answers. */
export const request = protocol("request", {
  kernel: shm.kernel(),
  memory: { asked: int(0, 2), answered: flag, round: wrapping(2) },
  fairness: "none",
  threads: {
    server: {
      *run({ asked, answered, round }) {
        while (true) {
          if ((yield* asked.load()) > 0) {
            yield* asked.store(0);
            yield* answered.store(true);
          } else yield* round.fetchAdd(1);
        }
      },
    },
    client: {
      untrusted: true,
      *run({ asked, answered }) {
        while (true) {
          yield* answered.store(false);
          yield* asked.store(yield* choose(1, 2));
          yield* waitUntil(answered, (value) => value);
        }
      },
    },
  },
  liveness: ({ ltl, leadsTo, alwaysEventually }) => ({
    served: leadsTo(
      ({ asked }) => asked > 0,
      ({ answered }) => answered,
    ),
    asks: alwaysEventually(({ asked }) => asked > 0),
    calm: ltl("<>[]!asked || []<>answered", { asked: ({ asked }) => asked > 0, answered: ({ answered }) => answered }),
    first: ltl("!answered W asked", { asked: ({ asked }) => asked > 0, answered: ({ answered }) => answered }),
    both: ltl("[]<>one -> []<>two", { one: ({ asked }) => asked === 1, two: ({ asked }) => asked === 2 }),
    takes: ltl("[](sees -> <>takes)", { sees: ({ asked }) => asked > 0, takes: ({ threads }) => threads.server.at === "answered.store" }),
  }),
});

/** A thread that may stop, and nobody else. */
export const perhaps = protocol("perhaps", {
  kernel: shm.kernel(),
  memory: { level: int(0, 2) },
  fairness: "none",
  threads: {
    climber: {
      untrusted: true,
      *run({ level }) {
        while (true) {
          yield* level.store(1);
          yield* level.store(2);
        }
      },
    },
  },
  liveness: ({ ltl, eventually }) => ({
    top: eventually(({ level }) => level === 2),
    stays: ltl("<>[]low || []<>high", { low: ({ level }) => level < 2, high: ({ level }) => level === 2 }),
    steps: ltl("!two W one", { one: ({ level }) => level === 1, two: ({ level }) => level === 2 }),
  }),
});

const { kernel, endpoint } = sel4.system({ cpus: 1, message: int(0, 1) });
/** Two clients of one endpoint. */
export const queue = protocol("endpoint in order", {
  kernel,
  objects: { service: endpoint() },
  memory: { served: int(0, 2) },
  fairness: "none",
  threads: {
    server: {
      cpu: 0,
      *run({ service, ipc, served }) {
        while (true) {
          const { badge } = yield* service.recv();
          yield* served.store(badge % 3);
          yield* ipc.reply(0);
        }
      },
    },
    one: {
      cpu: 0,
      *run({ service }) {
        while (true) yield* service.badged(1).call(0);
      },
    },
    two: {
      cpu: 0,
      *run({ service }) {
        while (true) yield* service.badged(2).call(0);
      },
    },
  },
  liveness: ({ ltl, alwaysEventually }) => ({
    one: alwaysEventually(({ served }) => served === 1),
    some: ltl("[]<>(one || two)", { one: ({ served }) => served === 1, two: ({ served }) => served === 2 }),
    turns: ltl("[](one -> <>two)", { one: ({ served }) => served === 1, two: ({ served }) => served === 2 }),
  }),
});
