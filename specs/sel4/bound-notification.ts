/**
 * A notification that is bound to a thread is for that thread alone: another one that waits for it takes a fault, and
 * without a fault handler that is the end of it (manual, notifications.tex; src/api/syscall.c). Binding it once more fails,
 * which the thread could have seen. Unbound again it is anybody's.
 */
import { check, int, protocol } from "ipc-check";
import * as sel4 from "ipc-check/kernels/sel4";

const { kernel, endpoint, notification } = sel4.system({ cpus: 1, message: int(0, 1) });

export const broken = protocol("waiting for another thread's notification", {
  kernel,
  objects: { line: notification(), requests: endpoint() },
  threads: {
    driver: {
      cpu: 0,
      *run({ line, requests, self }) {
        yield* line.bind(self);
        while (true) yield* requests.recv();
      },
    },
    logger: {
      cpu: 0,
      *run({ line }) {
        while (true) yield* line.wait({ idle: true });
      },
    },
    device: {
      cpu: 0,
      *run({ line }) {
        yield* line.signal();
      },
    },
  },
  expect: { violated: "deadlock" },
});

export const repaired = protocol("handing a notification over", {
  kernel,
  objects: { line: notification(), free: notification() },
  threads: {
    driver: {
      cpu: 0,
      *run({ line, free, self }) {
        const { bound } = yield* line.bind(self);
        check(bound, "it was free");
        const again = yield* line.bind(self);
        check(!again.bound, "it is bound already");
        yield* line.poll();
        yield* line.unbind();
        yield* free.signal();
      },
    },
    logger: {
      cpu: 0,
      *run({ line, free }) {
        yield* free.wait();
        while (true) yield* line.wait({ idle: true });
      },
    },
    device: {
      cpu: 0,
      *run({ line }) {
        while (true) yield* line.signal();
      },
    },
  },
  expect: "holds",
});

const mcs = sel4.mcs({ cpus: 1, message: int(0, 1) });

/** With MCS a signal may go before the wait, in one system call: it is made, and then the wait faults. */
export const signalling = protocol("signalling, and waiting for another thread's notification", {
  kernel: mcs.kernel,
  objects: { line: mcs.notification(), ready: mcs.notification() },
  threads: {
    driver: {
      cpu: 0,
      *run({ line, ready, self }) {
        yield* line.bind(self);
        yield* ready.wait();
        yield* line.wait({ idle: true });
      },
    },
    logger: {
      cpu: 0,
      *run({ line, ready }) {
        yield* line.signalWait(ready, 1);
      },
    },
  },
  expect: { violated: "deadlock" },
});
