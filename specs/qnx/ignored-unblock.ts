/**
 * A server asks for unblock pulses and ignores them: a client whose timeout has fired, or that gets a signal, stays
 * REPLY-blocked for ever. The server has to let it go with MsgError(rcvid, -1), which gives the client the cause for
 * which it wanted to leave; or the server monitor ends a server that does not. Scenario QNX-2.
 */
import { check, oneOf, protocol } from "ipc-check";
import * as qnx from "ipc-check/kernels/qnx";

const service = qnx.channel({ message: oneOf("wait for data", "data"), unblock: true });
type Service = qnx.Channel<"wait for data" | "data", "wait for data" | "data">;

/** Waits for data that never come, for a limited time. */
function* read(service: Service) {
  const { error } = yield* service.send("wait for data", { timeout: "finite" });
  check(error === "ETIMEDOUT" || error === "EINTR", "the call ends without data");
}

export const broken = protocol("unblock pulses that are ignored", {
  scenario: "QNX-2",
  kernel: qnx.kernel({ cpus: 1 }),
  objects: { service },
  threads: {
    server: {
      cpu: 0,
      *run({ service, self }) {
        let reader = self;
        while (true) {
          const request = yield* service.receive();
          if (request.kind !== "message") continue;
          if (request.message === "wait for data") reader = request.rcvid;
          else if (reader !== self) yield* service.reply(reader, "data");
        }
      },
    },
    client: {
      cpu: 0,
      *run({ service }) {
        yield* read(service);
      },
    },
    shell: {
      cpu: 0,
      *run({ signals, threads }) {
        yield* signals.raise(threads.client);
      },
    },
  },
  expect: { violated: "deadlock" },
});

export const repaired = protocol("unblock pulses that are obeyed", {
  scenario: "QNX-2",
  kernel: qnx.kernel({ cpus: 1 }),
  objects: { service },
  threads: {
    server: {
      cpu: 0,
      *run({ service, self }) {
        let reader = self;
        while (true) {
          const request = yield* service.receive();
          if (request.kind === "unblock") {
            yield* service.error(request.rcvid, "stored");
            reader = self;
          } else if (request.message === "wait for data") reader = request.rcvid;
          else if (reader !== self) yield* service.reply(reader, "data");
        }
      },
    },
    client: {
      cpu: 0,
      *run({ service }) {
        yield* read(service);
      },
    },
    shell: {
      cpu: 0,
      *run({ signals, threads }) {
        yield* signals.raise(threads.client);
      },
    },
  },
  expect: "holds",
});

export const monitored = protocol("a monitor that ends servers which ignore unblock pulses", {
  scenario: "QNX-2",
  kernel: qnx.kernel({ cpus: 1 }),
  objects: { service },
  threads: {
    server: {
      cpu: 0,
      *run({ service }) {
        while (true) yield* service.receive();
      },
    },
    client: {
      cpu: 0,
      *run({ service }) {
        const { error } = yield* service.send("wait for data", { timeout: "finite" });
        check(error !== "none", "the call ends without data");
      },
    },
    monitor: {
      cpu: 0,
      *run({ service, signals, threads }) {
        // At some time; then the process manager destroys the channels of the process that has ended.
        yield* signals.kill(threads.server);
        yield* service.destroy();
      },
    },
  },
  expect: "holds",
});
