/**
 * On one CPU a high, a middle and a low thread: the high one sends to the low server while the middle one is busy. If the
 * server inherits the priority of its SEND-blocked client, it is served at once; on a channel with _NTO_CHF_FIXED_PRIORITY
 * it waits for as long as the middle thread has something to do, here for ever. QNX 8.0 boosts one thread of the channel,
 * the one that received last: if that is not the one that could receive next, there is the same inversion. Scenarios QNX-7
 * (ChannelCreate flags) and QNX-8 ("Server boost").
 */
import { type Cell, flag, int, protocol, waitUntil } from "ipc-check";
import * as qnx from "ipc-check/kernels/qnx";

type Channel = qnx.Channel<number, number>;
const message = int(0, 0);
/** Tells a thread to begin, without giving it a priority. */
const start = qnx.channel({ message, inheritance: "none" });

function* high(begin: Channel, busy: Channel, service: Channel, done: Cell<boolean>) {
  yield* begin.receive();
  yield* busy.pulse(0);
  yield* service.send(0);
  yield* done.store(true);
}
function* middle(busy: Channel, done: Cell<boolean>) {
  yield* busy.receive();
  // Busy until the high thread is done.
  yield* waitUntil(done, (value) => value);
}
function* serve(service: Channel) {
  while (true) {
    const request = yield* service.receive();
    if (request.kind === "message") yield* service.reply(request.rcvid, 0);
  }
}

export const broken = protocol("a server of fixed priority", {
  scenario: "QNX-7",
  kernel: qnx.kernel({ cpus: 1 }),
  scheduling: "priority",
  objects: { begin: start, busy: start, service: qnx.channel({ message, inheritance: "none" }) },
  memory: { done: flag },
  threads: {
    high: {
      cpu: 0,
      priority: 3,
      *run({ begin, busy, service, done }) {
        yield* high(begin, busy, service, done);
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

export const repaired = protocol("a server that inherits the priority of its client", {
  scenario: "QNX-7",
  kernel: qnx.kernel({ cpus: 1 }),
  scheduling: "priority",
  objects: { begin: start, busy: start, service: qnx.channel({ message }) },
  memory: { done: flag },
  threads: {
    high: {
      cpu: 0,
      priority: 3,
      *run({ begin, busy, service, done }) {
        yield* high(begin, busy, service, done);
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
        // It has received before, so the kernel knows whom to boost.
        yield* service.receive({ timeout: "zero" });
        yield* begin.pulse(0);
        yield* serve(service);
      },
    },
  },
  expect: "holds",
});

/** Two server threads: one that has received last is waiting for a back end, the other one is to receive next. */
export const brokenBoost = protocol("a boost for the wrong server thread", {
  scenario: "QNX-8",
  kernel: qnx.kernel({ cpus: 1 }),
  scheduling: "priority",
  objects: { begin: start, busy: start, backEnd: start, service: qnx.channel({ message, inheritance: "associated" }) },
  memory: { done: flag },
  threads: {
    high: {
      cpu: 0,
      priority: 3,
      *run({ begin, busy, service, done }) {
        yield* high(begin, busy, service, done);
      },
    },
    middle: {
      cpu: 0,
      priority: 2,
      *run({ busy, done }) {
        yield* middle(busy, done);
      },
    },
    waiting: {
      cpu: 0,
      priority: 1,
      *run({ service, backEnd }) {
        yield* service.receive({ timeout: "zero" });
        yield* backEnd.send(0, { idle: true });
      },
    },
    ready: {
      cpu: 0,
      priority: 1,
      *run({ begin, service }) {
        yield* service.receive({ timeout: "zero" });
        yield* begin.pulse(0);
        yield* serve(service);
      },
    },
  },
  expect: { violated: "deadlock" },
});

export const repairedBoost = protocol("a boost for all server threads", {
  scenario: "QNX-8",
  kernel: qnx.kernel({ cpus: 1 }),
  scheduling: "priority",
  objects: { begin: start, busy: start, backEnd: start, service: qnx.channel({ message, inheritance: "all" }) },
  memory: { done: flag },
  threads: {
    high: {
      cpu: 0,
      priority: 3,
      *run({ begin, busy, service, done }) {
        yield* high(begin, busy, service, done);
      },
    },
    middle: {
      cpu: 0,
      priority: 2,
      *run({ busy, done }) {
        yield* middle(busy, done);
      },
    },
    waiting: {
      cpu: 0,
      priority: 1,
      *run({ service, backEnd }) {
        yield* service.receive({ timeout: "zero" });
        yield* backEnd.send(0, { idle: true });
      },
    },
    ready: {
      cpu: 0,
      priority: 1,
      *run({ begin, service }) {
        yield* service.receive({ timeout: "zero" });
        yield* begin.pulse(0);
        yield* serve(service);
      },
    },
  },
  expect: "holds",
});
