/**
 * Two protection domains report to a monitor with NBSend, which drops what arrives while the monitor is busy and says
 * nothing. A domain that then waits for the acknowledgement waits for ever. A signal stays until it is taken, so the
 * handshake by notifications loses nothing. Scenario SEL4-8 (issue 91 of seL4/microkit).
 */
import { int, protocol } from "ipc-check";
import * as sel4 from "ipc-check/kernels/sel4";

const { kernel, endpoint, notification } = sel4.system({ cpus: 1, message: int(0, 1) });

export const broken = protocol("reports without blocking", {
  scenario: "SEL4-8",
  kernel,
  objects: { reports: endpoint(), first: notification(), second: notification() },
  threads: {
    monitor: {
      cpu: 0,
      *run({ reports, first, second }) {
        while (true) {
          const { badge } = yield* reports.recv();
          if (badge === 1) yield* first.signal();
          else yield* second.signal();
        }
      },
    },
    one: {
      cpu: 0,
      *run({ reports, first }) {
        yield* reports.badged(1).nbSend(1);
        yield* first.wait();
      },
    },
    other: {
      cpu: 0,
      *run({ reports, second }) {
        yield* reports.badged(2).nbSend(1);
        yield* second.wait();
      },
    },
  },
  expect: { violated: "deadlock" },
});

export const repaired = protocol("reports as signals", {
  scenario: "SEL4-8",
  kernel,
  objects: { reports: notification(), first: notification(), second: notification() },
  threads: {
    monitor: {
      cpu: 0,
      *run({ reports, first, second }) {
        while (true) {
          const { badge } = yield* reports.wait({ idle: true });
          if ((badge & 1) !== 0) yield* first.signal();
          if ((badge & 2) !== 0) yield* second.signal();
        }
      },
    },
    one: {
      cpu: 0,
      *run({ reports, first }) {
        while (true) {
          yield* reports.signal(1);
          yield* first.wait();
        }
      },
    },
    other: {
      cpu: 0,
      *run({ reports, second }) {
        while (true) {
          yield* reports.signal(2);
          yield* second.wait();
        }
      },
    },
  },
  expect: "holds",
});
