/**
 * A chain of clients, file server and disk driver. The file server hands each request to the driver and goes on to the
 * next client; the driver reports a finished block by calling the file server back. With a second client the file
 * server can be sending to the driver while the driver is calling it: deadlock, and with it every client. A driver that
 * only signals never waits for those above it.
 */
import { oneOf, protocol, record, threadId } from "ipc-check";
import * as l4 from "ipc-check/kernels/l4";

const message = record({ kind: oneOf("read", "done"), client: threadId });

export const broken = protocol("a driver that calls back", {
  kernel: l4.kernel({ cpus: 1, message }),
  parameters: { clients: 2 },
  threads: {
    fileServer: {
      cpu: 0,
      *run({ ipc, threads }) {
        while (true) {
          const { from, message } = yield* ipc.wait();
          if (message.kind === "done") {
            yield* ipc.send(from, message, { send: "zero" });
            yield* ipc.send(message.client, message, { send: "zero" });
          } else {
            yield* ipc.send(threads.driver, { kind: "read", client: from });
          }
        }
      },
    },
    driver: {
      cpu: 0,
      *run({ ipc, threads }) {
        while (true) {
          const request = yield* ipc.wait();
          yield* ipc.call(threads.fileServer, { kind: "done", client: request.message.client });
        }
      },
    },
    client: {
      cpu: 0,
      count: "clients",
      *run({ ipc, threads, self }) {
        while (true) yield* ipc.call(threads.fileServer, { kind: "read", client: self });
      },
    },
  },
  expect: { violated: "deadlock" },
});

export const repaired = protocol("a driver that signals", {
  kernel: l4.kernel({ cpus: 1, message }),
  parameters: { clients: 2 },
  objects: { blockReady: l4.notification({ bits: 1 }) },
  threads: {
    fileServer: {
      cpu: 0,
      *run({ ipc, threads, blockReady }) {
        while (true) {
          const { from } = yield* ipc.wait();
          yield* ipc.send(threads.driver, { kind: "read", client: from });
          yield* blockReady.wait();
          yield* ipc.send(from, { kind: "done", client: from }, { send: "zero" });
        }
      },
    },
    driver: {
      cpu: 0,
      *run({ ipc, blockReady }) {
        while (true) {
          yield* ipc.wait();
          yield* blockReady.signal(1);
        }
      },
    },
    client: {
      cpu: 0,
      count: "clients",
      *run({ ipc, threads, self }) {
        while (true) yield* ipc.call(threads.fileServer, { kind: "read", client: self });
      },
    },
  },
  expect: "holds",
});
