/**
 * A server tells its client of an event with MsgSend while that client is sending to the server: the client is SEND- or
 * REPLY-blocked on the server, the server SEND-blocked on the client. A pulse never blocks; or a thread of the client
 * that does nothing else receives the events. Scenario QNX-10.
 */
import { int, protocol } from "ipc-check";
import * as qnx from "ipc-check/kernels/qnx";

const service = qnx.channel({ message: int(0, 0) });
const events = qnx.channel({ message: int(0, 0) });

export const broken = protocol("events as messages", {
  scenario: "QNX-10",
  kernel: qnx.kernel({ cpus: 1 }),
  objects: { service, events },
  threads: {
    server: {
      cpu: 0,
      *run({ service, events }) {
        while (true) {
          const request = yield* service.receive();
          yield* events.send(0);
          yield* service.reply(request.rcvid, 0);
        }
      },
    },
    client: {
      cpu: 0,
      *run({ service, events }) {
        while (true) {
          yield* service.send(0);
          const event = yield* events.receive();
          yield* events.reply(event.rcvid, 0);
        }
      },
    },
  },
  expect: { violated: "deadlock" },
});

export const repaired = protocol("events as pulses", {
  scenario: "QNX-10",
  kernel: qnx.kernel({ cpus: 1 }),
  objects: { service, events },
  threads: {
    server: {
      cpu: 0,
      *run({ service, events }) {
        while (true) {
          const request = yield* service.receive();
          yield* events.pulse(0);
          yield* service.reply(request.rcvid, 0);
        }
      },
    },
    client: {
      cpu: 0,
      *run({ service, events }) {
        while (true) {
          yield* service.send(0);
          yield* events.receive({ idle: false });
        }
      },
    },
  },
  expect: "holds",
});

export const threaded = protocol("a thread of its own for events", {
  scenario: "QNX-10",
  kernel: qnx.kernel({ cpus: 1 }),
  objects: { service, events },
  threads: {
    server: {
      cpu: 0,
      *run({ service, events }) {
        while (true) {
          const request = yield* service.receive();
          yield* events.send(0);
          yield* service.reply(request.rcvid, 0);
        }
      },
    },
    client: {
      cpu: 0,
      *run({ service }) {
        while (true) yield* service.send(0);
      },
    },
    listener: {
      cpu: 0,
      *run({ events }) {
        while (true) {
          const event = yield* events.receive();
          yield* events.reply(event.rcvid, 0);
        }
      },
    },
  },
  expect: "holds",
});
