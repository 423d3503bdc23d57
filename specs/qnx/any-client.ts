/**
 * A server against every client there can be. Clients with a connection can send messages and pulses, time out and stop;
 * a server that only replies is not held up by any of them. One that asks its client back with MsgSend waits for a
 * process that need not ever receive, and so do the honest clients.
 */
import { check, int, protocol } from "ipc-check";
import * as qnx from "ipc-check/kernels/qnx";

const service = qnx.channel({ message: int(0, 1), pulse: int(0, 1) });

export const broken = protocol("a server that sends to its clients", {
  kernel: qnx.kernel({ cpus: 1 }),
  objects: { service, credentials: qnx.channel({ message: int(0, 0) }) },
  threads: {
    server: {
      cpu: 0,
      *run({ service, credentials, threads }) {
        while (true) {
          const request = yield* service.receive();
          if (request.kind !== "message") continue;
          if (request.rcvid === threads.stranger) yield* credentials.send(0);
          yield* service.reply(request.rcvid, request.message);
        }
      },
    },
    client: {
      cpu: 0,
      *run({ service }) {
        while (true) yield* service.send(1);
      },
    },
    stranger: {
      cpu: 0,
      untrusted: true,
      *run({ service, credentials }) {
        yield* service.send(0, { timeout: "finite" });
        const question = yield* credentials.receive();
        yield* credentials.reply(question.rcvid, 0);
      },
    },
  },
  expect: { violated: "unreplied-call" },
});

export const repaired = protocol("a server that only replies", {
  kernel: qnx.kernel({ cpus: 1 }),
  objects: { service },
  threads: {
    server: {
      cpu: 0,
      *run({ service }) {
        while (true) {
          const request = yield* service.receive();
          if (request.kind === "message") yield* service.reply(request.rcvid, request.message);
        }
      },
    },
    client: {
      cpu: 0,
      *run({ service }) {
        while (true) {
          const { error, reply } = yield* service.send(1);
          check(error === "none" && reply === 1, "the reply answers my request");
        }
      },
    },
    stranger: { cpu: 0, untrusted: "arbitrary", holds: ["service"] },
  },
  expect: "holds",
});

export const trusting = protocol("a server that takes a pulse for its own event", {
  kernel: qnx.kernel({ cpus: 1 }),
  objects: { service },
  threads: {
    server: {
      cpu: 0,
      *run({ service }) {
        let pulses = 0;
        while (true) {
          const request = yield* service.receive();
          if (request.kind === "message") yield* service.reply(request.rcvid, request.message);
          else {
            pulses += 1;
            check(pulses === 1, "the device has sent one pulse");
            pulses = 1;
          }
        }
      },
    },
    device: {
      cpu: 0,
      *run({ service }) {
        yield* service.pulse(1);
      },
    },
    stranger: { cpu: 0, untrusted: "arbitrary", holds: ["service"] },
  },
  expect: { violated: "assertion" },
});
