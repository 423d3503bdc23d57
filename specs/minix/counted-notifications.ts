/**
 * A consumer waits for two notifications because there were two events. Notifications of one process are one bit: the
 * second one before the first is taken adds nothing, and the consumer waits for ever. What is counted belongs into memory
 * (or messages); the notification only says that there is something to look at. Scenario MINIX-11.
 */
import { int, protocol } from "ipc-check";
import * as minix from "ipc-check/kernels/minix";

const message = int(0, 0);

export const broken = protocol("notifications that are counted", {
  scenario: "MINIX-11",
  kernel: minix.kernel({ cpus: 1, message }),
  threads: {
    producer: {
      cpu: 0,
      *run({ ipc, threads }) {
        yield* ipc.notify(threads.consumer);
        yield* ipc.notify(threads.consumer);
      },
    },
    consumer: {
      cpu: 0,
      *run({ ipc }) {
        yield* ipc.receive({ idle: false });
        yield* ipc.receive({ idle: false });
      },
    },
  },
  expect: { violated: "deadlock" },
});

export const repaired = protocol("events that are counted in memory", {
  scenario: "MINIX-11",
  kernel: minix.kernel({ cpus: 1, message }),
  memory: { events: int(0, 2) },
  threads: {
    producer: {
      cpu: 0,
      *run({ ipc, threads, events }) {
        yield* events.fetchAdd(1);
        yield* ipc.notify(threads.consumer);
        yield* events.fetchAdd(1);
        yield* ipc.notify(threads.consumer);
      },
    },
    consumer: {
      cpu: 0,
      *run({ ipc, events }) {
        while ((yield* events.load()) < 2) yield* ipc.receive({ idle: false });
      },
    },
  },
  expect: "holds",
});
