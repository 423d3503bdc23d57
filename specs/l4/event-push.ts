/**
 * A server that pushes events to a subscriber with a blocking send is the subscriber's hostage: when the subscriber
 * stops listening, the server stops serving everybody. A notification never blocks the one who signals.
 * Scenario SEL4-7, on the L4 kernel.
 */
import { int, protocol } from "ipc-check";
import * as l4 from "ipc-check/kernels/l4";

export const broken = protocol("events by blocking send", {
  scenario: "SEL4-7",
  kernel: l4.kernel({ cpus: 1, message: int(0, 2) }),
  threads: {
    server: {
      cpu: 0,
      *run({ ipc, threads }) {
        while (true) {
          const request = yield* ipc.wait();
          yield* ipc.send(request.from, request.message + 1, { send: "zero" });
          yield* ipc.send(threads.subscriber, 0);
        }
      },
    },
    subscriber: {
      cpu: 0,
      untrusted: true,
      *run({ ipc, threads }) {
        while (true) yield* ipc.receive(threads.server);
      },
    },
    client: {
      cpu: 0,
      *run({ ipc, threads }) {
        while (true) yield* ipc.call(threads.server, 1);
      },
    },
  },
  expect: { violated: "unreplied-call" },
});

export const repaired = protocol("events by notification", {
  scenario: "SEL4-7",
  kernel: l4.kernel({ cpus: 1, message: int(0, 2) }),
  objects: { events: l4.notification({ bits: 1 }) },
  threads: {
    server: {
      cpu: 0,
      *run({ ipc, events }) {
        while (true) {
          const request = yield* ipc.wait();
          yield* ipc.send(request.from, request.message + 1, { send: "zero" });
          yield* events.signal(1);
        }
      },
    },
    subscriber: {
      cpu: 0,
      untrusted: true,
      *run({ events }) {
        while (true) yield* events.wait();
      },
    },
    client: {
      cpu: 0,
      *run({ ipc, threads }) {
        while (true) yield* ipc.call(threads.server, 1);
      },
    },
  },
  expect: "holds",
});
