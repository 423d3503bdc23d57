/**
 * Timeouts by state. A client that polls (TimerTimeout without a time) for a server that is not receiving gets ETIMEDOUT
 * and must not use a reply; armed for the SEND-blocked state alone, a timeout ends the wait for a busy server but not
 * the service. A server that has something else to do polls its channel.
 */
import { check, int, protocol } from "ipc-check";
import * as qnx from "ipc-check/kernels/qnx";

const service = qnx.channel({ message: int(0, 1) });
type Service = qnx.Channel<number, number>;

/** Serves, and looks after something else now and then. */
function* serve(service: Service) {
  while (true) {
    const request = yield* service.receive({ timeout: "finite" });
    if (request.error === "none") yield* service.reply(request.rcvid, request.message);
    const more = yield* service.receive({ timeout: "zero" });
    if (more.error === "none") yield* service.reply(more.rcvid, more.message);
  }
}

export const broken = protocol("a reply that is used although there is none", {
  kernel: qnx.kernel({ cpus: 1 }),
  objects: { service },
  threads: {
    server: {
      cpu: 0,
      *run({ service }) {
        yield* serve(service);
      },
    },
    client: {
      cpu: 0,
      *run({ service }) {
        const { reply } = yield* service.send(1, { timeout: "zero", states: "send" });
        check(reply === 1, "the reply answers my request");
      },
    },
  },
  expect: { violated: "unhandled-error" },
});

export const repaired = protocol("polls that may fail", {
  kernel: qnx.kernel({ cpus: 1 }),
  objects: { service },
  threads: {
    server: {
      cpu: 0,
      *run({ service }) {
        yield* serve(service);
      },
    },
    client: {
      cpu: 0,
      *run({ service }) {
        while (true) {
          const polled = yield* service.send(1, { timeout: "zero", states: "send" });
          if (polled.error === "none") check(polled.reply === 1, "the reply answers my request");
          // No time for the reply: the message is a notification.
          const notified = yield* service.send(0, { timeout: "zero", states: "reply" });
          check(notified.error === "ETIMEDOUT", "a call that does not wait for its reply gets none");
        }
      },
    },
    patient: {
      cpu: 0,
      *run({ service }) {
        const { error } = yield* service.send(1, { timeout: "finite", states: "send" });
        check(error === "none" || error === "ETIMEDOUT", "a busy server is given up, a working one is not");
      },
    },
  },
  expect: "holds",
});
