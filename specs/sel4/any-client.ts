/**
 * Servers against a client that does anything its capabilities permit, and stops when it likes. One that only receives and
 * replies cannot be blocked by it: the right to reply is used once and never waits. One that sends to an endpoint which the
 * client is to receive from is its hostage.
 */
import { check, int, protocol } from "ipc-check";
import * as sel4 from "ipc-check/kernels/sel4";

const classic = sel4.system({ cpus: 1, message: int(0, 1) });
const client = { badge: 1, rights: "grantReply" } as const;

export const robust = protocol("a server that only replies", {
  kernel: classic.kernel,
  objects: { service: classic.endpoint({ client }) },
  threads: {
    server: {
      cpu: 0,
      *run({ service }) {
        let request = yield* service.recv();
        while (true) request = yield* service.replyRecv(request.message);
      },
    },
    anyone: { cpu: 0, untrusted: "arbitrary", holds: ["service"] },
    honest: {
      cpu: 0,
      *run({ service, index }) {
        while (true) {
          const answer = yield* service.badged(2).call(index);
          check(answer.message === index, "the answer is to my question");
        }
      },
    },
  },
  expect: "holds",
});

export const hostage = protocol("a server that calls back", {
  kernel: classic.kernel,
  objects: { service: classic.endpoint({ client }), callback: classic.endpoint() },
  threads: {
    server: {
      cpu: 0,
      *run({ service, callback, ipc }) {
        while (true) {
          const { badge, message } = yield* service.recv();
          yield* ipc.reply(message);
          if (badge === 1) yield* callback.send(message);
        }
      },
    },
    anyone: {
      cpu: 0,
      untrusted: "arbitrary",
      holds: ["service", "callback"],
      *correct({ service, callback }) {
        yield* service.badged(1).call(0);
        yield* callback.recv();
      },
    },
    honest: {
      cpu: 0,
      *run({ service }) {
        while (true) yield* service.badged(2).call(1);
      },
    },
  },
  expect: { violated: "unreplied-call" },
});

const { kernel, endpoint, reply } = sel4.mcs({ cpus: 1, message: int(0, 1) });

export const withReplyObject = protocol("a server with a reply object that only replies", {
  kernel,
  objects: { service: endpoint({ client }), answer: reply() },
  threads: {
    server: {
      cpu: 0,
      *run({ service, answer }) {
        let request = yield* service.recv(answer);
        while (true) request = yield* service.replyRecv(answer, request.message);
      },
    },
    anyone: { cpu: 0, untrusted: "arbitrary", holds: ["service"] },
    honest: {
      cpu: 0,
      *run({ service }) {
        while (true) {
          const answer = yield* service.badged(2).call(1);
          check(answer.message === 1, "the answer is to my question");
        }
      },
    },
  },
  expect: "holds",
});

const unbadged = sel4.mcs({ cpus: 1, message: int(0, 0), badgeBits: 1 });

/** Signalling a client is no way to become its hostage: a signal never blocks, whatever the client does with its own objects. */
export const notified = protocol("a server that signals its client", {
  kernel: unbadged.kernel,
  objects: {
    service: unbadged.endpoint({ client }),
    events: unbadged.endpoint(),
    bell: unbadged.notification(),
    answer: unbadged.reply(),
    spare: unbadged.reply(),
  },
  threads: {
    server: {
      cpu: 0,
      *run({ service, bell, answer, spare }) {
        yield* service.recv(answer);
        yield* bell.signal(1);
        yield* service.replyRecv(answer, 0, { idle: true });
        yield* spare.send(0);
      },
    },
    anyone: { cpu: 0, untrusted: "arbitrary", holds: ["service", "events", "bell"] },
  },
  expect: "holds",
});
