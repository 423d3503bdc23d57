/**
 * The kernel's own requests to its servers: memory from VM and quanta from the scheduler. Notifications are bits and say
 * nothing of how often, so VM serves everybody who may be waiting; the scheduler may give a quantum to somebody who has one,
 * and when it dies the kernel schedules by itself.
 */
import { oneOf, protocol } from "ipc-check";
import * as minix from "ipc-check/kernels/minix";

const message = oneOf("no quantum");

export const servers = protocol("memory and quanta for two processes", {
  kernel: minix.kernel({ cpus: 1, message }),
  threads: {
    vm: {
      cpu: 0,
      *run({ ipc, sys, threads }) {
        while (true) {
          yield* ipc.receive();
          yield* sys.vmctl(threads.first);
          yield* sys.vmctl(threads.second);
        }
      },
    },
    scheduler: {
      cpu: 0,
      *run({ ipc, sys, threads }) {
        while (true) {
          const request = yield* ipc.receive();
          yield* sys.schedule(request.from);
          yield* sys.schedule(threads.first);
        }
      },
    },
    first: {
      cpu: 0,
      *run({ sys, threads }) {
        while (true) {
          yield* sys.memory(threads.vm);
          yield* sys.quantum(threads.scheduler, "no quantum");
        }
      },
    },
    second: {
      cpu: 0,
      *run({ sys, threads }) {
        while (true) yield* sys.memory(threads.vm);
      },
    },
  },
  expect: "holds",
});

export const orphaned = protocol("a process whose scheduler dies", {
  kernel: minix.kernel({ cpus: 1, message }),
  threads: {
    scheduler: {
      cpu: 0,
      *run({ ipc, sys }) {
        while (true) {
          const request = yield* ipc.receive();
          // The answer may come too late: by then the kernel has taken over, or somebody else has.
          yield* sys.schedule(request.from);
        }
      },
    },
    process: {
      cpu: 0,
      *run({ sys, threads }) {
        yield* sys.quantum(threads.scheduler, "no quantum");
        yield* sys.quantum(threads.scheduler, "no quantum");
      },
    },
    rs: {
      cpu: 0,
      *run({ ipc, sys, threads }) {
        yield* ipc.exit(threads.scheduler);
        yield* sys.schedule(threads.process);
      },
    },
  },
  expect: "holds",
});
