/**
 * Two processes that MsgSend to each other are both SEND-blocked for ever. The manuals' rule: send only up a hierarchy,
 * and notify downwards by a pulse, which never blocks. Scenario QNX-4.
 */
import { int, protocol } from "ipc-check";
import * as qnx from "ipc-check/kernels/qnx";

const channel = qnx.channel({ message: int(0, 1), pulse: int(0, 1) });

export const broken = protocol("two processes that send to each other", {
  scenario: "QNX-4",
  kernel: qnx.kernel({ cpus: 1 }),
  objects: { toA: channel, toB: channel },
  threads: {
    a: {
      cpu: 0,
      *run({ toA, toB }) {
        while (true) {
          yield* toB.send(1);
          const request = yield* toA.receive();
          yield* toA.reply(request.rcvid, request.message);
        }
      },
    },
    b: {
      cpu: 0,
      *run({ toA, toB }) {
        while (true) {
          yield* toA.send(1);
          const request = yield* toB.receive();
          yield* toB.reply(request.rcvid, request.message);
        }
      },
    },
  },
  expect: { violated: "deadlock" },
});

export const repaired = protocol("messages upwards, pulses downwards", {
  scenario: "QNX-4",
  kernel: qnx.kernel({ cpus: 1 }),
  objects: { toA: channel, toB: channel },
  threads: {
    upper: {
      cpu: 0,
      *run({ toA, toB }) {
        while (true) {
          yield* toB.pulse(1);
          const request = yield* toA.receive();
          yield* toA.reply(request.rcvid, request.message);
        }
      },
    },
    lower: {
      cpu: 0,
      *run({ toA, toB }) {
        while (true) {
          yield* toA.send(1);
          yield* toB.receive({ idle: true });
        }
      },
    },
  },
  expect: "holds",
});
