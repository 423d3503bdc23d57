/**
 * A server pushes events to its clients with a blocking Send. A client that does not receive, out of malice or because it
 * has ended, holds the server hostage, and with it the others. A signal never blocks. Scenario SEL4-7.
 */
import { int, protocol } from "ipc-check";
import * as sel4 from "ipc-check/kernels/sel4";

const { kernel, endpoint, notification } = sel4.system({ cpus: 1, message: int(0, 1) });

export const broken = protocol("events as messages", {
  scenario: "SEL4-7",
  kernel,
  objects: { toGood: endpoint(), toBad: endpoint() },
  threads: {
    server: {
      cpu: 0,
      *run({ toGood, toBad }) {
        while (true) {
          yield* toBad.send(1);
          yield* toGood.send(1);
        }
      },
    },
    good: {
      cpu: 0,
      *run({ toGood }) {
        while (true) yield* toGood.recv();
      },
    },
    bad: {
      cpu: 0,
      untrusted: true,
      *run({ toBad }) {
        while (true) yield* toBad.recv();
      },
    },
  },
  expect: { violated: "unreplied-call" },
});

export const repaired = protocol("events as signals", {
  scenario: "SEL4-7",
  kernel,
  objects: { toGood: notification(), toBad: notification() },
  threads: {
    server: {
      cpu: 0,
      *run({ toGood, toBad }) {
        while (true) {
          yield* toBad.signal();
          yield* toGood.signal();
        }
      },
    },
    good: {
      cpu: 0,
      *run({ toGood }) {
        while (true) yield* toGood.wait();
      },
    },
    bad: {
      cpu: 0,
      untrusted: true,
      *run({ toBad }) {
        while (true) yield* toBad.wait();
      },
    },
  },
  expect: "holds",
});
