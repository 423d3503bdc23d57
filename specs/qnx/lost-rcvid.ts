/**
 * A server that replies later remembers one receive identifier where two clients can wait: the first one's is
 * overwritten, and no thread can ever reply to that client. A client with a timeout gets over it. Scenario QNX-5.
 */
import { oneOf, protocol, type ThreadId } from "ipc-check";
import * as qnx from "ipc-check/kernels/qnx";

const service = qnx.channel({ message: oneOf("wait", "happened"), pulses: 2 });
type Service = qnx.Channel<"wait" | "happened", "wait" | "happened">;

/** Replies to the last client that asked, when an event comes. */
function* serve(service: Service, self: ThreadId) {
  let waiting = self;
  while (true) {
    const request = yield* service.receive();
    if (request.kind === "message") waiting = request.rcvid;
    else if (waiting !== self) {
      yield* service.reply(waiting, "happened");
      waiting = self;
    }
  }
}

export const broken = protocol("a receive identifier that is overwritten", {
  scenario: "QNX-5",
  kernel: qnx.kernel({ cpus: 1 }),
  objects: { service },
  threads: {
    server: {
      cpu: 0,
      *run({ service, self }) {
        yield* serve(service, self);
      },
    },
    device: {
      cpu: 0,
      *run({ service }) {
        yield* service.pulse(0);
        yield* service.pulse(0);
      },
    },
    client: {
      cpu: 0,
      count: 2,
      *run({ service }) {
        yield* service.send("wait");
      },
    },
  },
  expect: { violated: "deadlock" },
});

export const repaired = protocol("clients with a timeout", {
  scenario: "QNX-5",
  kernel: qnx.kernel({ cpus: 1 }),
  objects: { service },
  threads: {
    server: {
      cpu: 0,
      *run({ service, self }) {
        yield* serve(service, self);
      },
    },
    device: {
      cpu: 0,
      *run({ service }) {
        yield* service.pulse(0);
        yield* service.pulse(0);
      },
    },
    client: {
      cpu: 0,
      count: 2,
      *run({ service }) {
        yield* service.send("wait", { timeout: "finite" });
      },
    },
  },
  expect: "holds",
});
