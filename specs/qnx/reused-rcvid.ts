/**
 * Two threads serve one channel. The client's timeout ends its call while the first of them still works on it; the
 * client sends its next request, which the second thread receives. The first one's reply names the client, not the
 * request, and answers the wrong one. With _NTO_CHF_UNBLOCK the client stays REPLY-blocked until it is replied to, so
 * a receive identifier cannot come to mean another request. Scenario QNX-1 (_NTO_CHF_UNBLOCK, "Getting Started").
 */
import { check, int, protocol } from "ipc-check";
import * as qnx from "ipc-check/kernels/qnx";

const message = int(0, 2);

function* work(service: qnx.Channel<number, number>) {
  while (true) {
    const request = yield* service.receive();
    // After an unblock pulse the thread that has the request replies as soon as it can.
    if (request.kind === "message") yield* service.reply(request.rcvid, request.message);
  }
}

function* ask(service: qnx.Channel<number, number>) {
  const first = yield* service.send(1, { timeout: "finite", states: "reply" });
  if (first.error === "none") check(first.reply === 1, "the reply answers the first request");
  const second = yield* service.send(2);
  check(second.error === "none" && second.reply === 2, "the reply answers the second request");
}

export const broken = protocol("a reply to a request that was given up", {
  scenario: "QNX-1",
  kernel: qnx.kernel({ cpus: 1 }),
  objects: { service: qnx.channel({ message }) },
  threads: {
    worker: {
      cpu: 0,
      count: 2,
      *run({ service }) {
        yield* work(service);
      },
    },
    client: {
      cpu: 0,
      *run({ service }) {
        yield* ask(service);
      },
    },
  },
  expect: { violated: "assertion" },
});

export const repaired = protocol("a client that cannot leave before the reply", {
  scenario: "QNX-1",
  kernel: qnx.kernel({ cpus: 1 }),
  objects: { service: qnx.channel({ message, unblock: true }) },
  threads: {
    worker: {
      cpu: 0,
      count: 2,
      *run({ service }) {
        yield* work(service);
      },
    },
    client: {
      cpu: 0,
      *run({ service }) {
        yield* ask(service);
      },
    },
  },
  expect: "holds",
});
