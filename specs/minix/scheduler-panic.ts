/**
 * When a quantum ends, the kernel SENDs a message to the process's scheduler in that process's name. If the scheduler is
 * just SENDing to this process, that would be a circle, the kernel's own SEND fails with ELOCKED, and the kernel panics.
 * A scheduler must not block on those it schedules. Scenario MINIX-8 (proc.c, notify_scheduler).
 */
import { oneOf, protocol } from "ipc-check";
import * as minix from "ipc-check/kernels/minix";

const message = oneOf("hello", "no quantum");

export const broken = protocol("a scheduler that sends to its process", {
  scenario: "MINIX-8",
  kernel: minix.kernel({ cpus: 1, message }),
  threads: {
    scheduler: {
      cpu: 0,
      *run({ ipc, sys, threads }) {
        yield* ipc.send(threads.process, "hello");
        while (true) {
          const request = yield* ipc.receive();
          if (request.message === "no quantum") yield* sys.schedule(request.from);
        }
      },
    },
    process: {
      cpu: 0,
      *run({ ipc, sys, threads }) {
        yield* sys.quantum(threads.scheduler, "no quantum");
        yield* ipc.receiveFrom(threads.scheduler);
      },
    },
  },
  expect: { violated: "assertion" },
});

export const repaired = protocol("a scheduler that never blocks", {
  scenario: "MINIX-8",
  kernel: minix.kernel({ cpus: 1, message }),
  threads: {
    scheduler: {
      cpu: 0,
      *run({ ipc, sys, threads }) {
        yield* ipc.senda(threads.process, "hello");
        while (true) {
          const request = yield* ipc.receive();
          if (request.message === "no quantum") yield* sys.schedule(request.from);
        }
      },
    },
    process: {
      cpu: 0,
      *run({ ipc, sys, threads }) {
        yield* sys.quantum(threads.scheduler, "no quantum");
        yield* ipc.receiveFrom(threads.scheduler);
        yield* sys.quantum(threads.scheduler, "no quantum");
      },
    },
  },
  expect: "holds",
});
