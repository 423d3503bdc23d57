/**
 * A priority inversion with an end. On one CPU a high thread sends to a low server of fixed priority, and a middle thread is
 * busy until the high one is done. A timeout ends the wait if it is armed for the state in which the client really waits: it
 * is SEND-blocked, since the server never comes to receive. Its timer interrupts the middle thread, whatever that does.
 * (QNX reference: ChannelCreate, TimerTimeout.)
 */
import { type Cell, check, flag, int, protocol, waitUntil } from "ipc-check";
import * as qnx from "ipc-check/kernels/qnx";

type Channel = qnx.Channel<number, number>;
const message = int(0, 0);
/** A channel with _NTO_CHF_FIXED_PRIORITY. */
const fixed = qnx.channel({ message, inheritance: "none" });

/** Serves whoever sends. */
function* serve(service: Channel) {
  while (true) {
    const request = yield* service.receive();
    if (request.kind === "message") yield* service.reply(request.rcvid, 0);
  }
}
function* middle(busy: Channel, done: Cell<boolean>) {
  yield* busy.receive();
  // Busy until the high thread is done.
  yield* waitUntil(done, (value) => value);
}

export const broken = protocol("a timeout for the reply bounds no inversion", {
  kernel: qnx.kernel({ cpus: 1 }),
  scheduling: "priority",
  objects: { begin: fixed, busy: fixed, service: fixed },
  memory: { done: flag },
  threads: {
    high: {
      cpu: 0,
      priority: 3,
      *run({ begin, busy, service, done }) {
        yield* begin.receive();
        yield* busy.pulse(0);
        yield* service.send(0, { timeout: "finite", states: "reply" });
        yield* done.store(true);
      },
    },
    middle: {
      cpu: 0,
      priority: 2,
      *run({ busy, done }) {
        yield* middle(busy, done);
      },
    },
    low: {
      cpu: 0,
      priority: 1,
      *run({ begin, service }) {
        yield* begin.pulse(0);
        yield* serve(service);
      },
    },
  },
  expect: { violated: "deadlock" },
});

export const repaired = protocol("a timeout for both states bounds the inversion", {
  kernel: qnx.kernel({ cpus: 1 }),
  scheduling: "priority",
  objects: { begin: fixed, busy: fixed, service: fixed },
  memory: { done: flag },
  threads: {
    high: {
      cpu: 0,
      priority: 3,
      *run({ begin, busy, service, done }) {
        yield* begin.receive();
        yield* busy.pulse(0);
        const { error } = yield* service.send(0, { timeout: "finite" });
        check(error === "ETIMEDOUT", "the server has not run while the middle thread was busy");
        yield* done.store(true);
        yield* service.send(0);
      },
    },
    middle: {
      cpu: 0,
      priority: 2,
      *run({ busy, done }) {
        yield* middle(busy, done);
      },
    },
    low: {
      cpu: 0,
      priority: 1,
      *run({ begin, service }) {
        yield* begin.pulse(0);
        yield* serve(service);
      },
    },
  },
  liveness: ({ eventually }) => ({ isServedInTheEnd: eventually(({ threads }) => threads.high.finished && threads.middle.finished) }),
  expect: "holds",
});
