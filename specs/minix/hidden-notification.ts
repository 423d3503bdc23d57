/**
 * A server's IPC filter rejects one process for a while. If that one has the lowest privilege id of those with a pending
 * notification, the kernel looks no further, and the notification of another process stays hidden behind it.
 * Scenario MINIX-13 (proc.c, has_pending).
 */
import { check, int, nobody, protocol, type ThreadId } from "ipc-check";
import * as minix from "ipc-check/kernels/minix";

const message = int(0, 0);

function* serve(ipc: minix.Ipc<number>, sys: minix.Kernelcalls<number>, noisy: ThreadId, urgent: ThreadId) {
  yield* sys.filter(noisy);
  const event = yield* ipc.receive({ idle: false });
  check(event.error === "none" && event.from === urgent, "the filter holds");
  yield* sys.filter(nobody);
  yield* ipc.receive({ idle: false });
}

export const broken = protocol("a notification behind one that is filtered", {
  scenario: "MINIX-13",
  kernel: minix.kernel({ cpus: 1, message }),
  threads: {
    noisy: {
      cpu: 0,
      *run({ ipc, threads }) {
        yield* ipc.notify(threads.server);
      },
    },
    urgent: {
      cpu: 0,
      *run({ ipc, threads }) {
        yield* ipc.notify(threads.server);
      },
    },
    server: {
      cpu: 0,
      *run({ ipc, sys, threads }) {
        yield* serve(ipc, sys, threads.noisy, threads.urgent);
      },
    },
  },
  expect: { violated: "deadlock" },
});

export const repaired = protocol("a kernel that looks past what is filtered", {
  scenario: "MINIX-13",
  kernel: minix.kernel({ cpus: 1, message, scanPastFilter: true }),
  threads: {
    noisy: {
      cpu: 0,
      *run({ ipc, threads }) {
        yield* ipc.notify(threads.server);
      },
    },
    urgent: {
      cpu: 0,
      *run({ ipc, threads }) {
        yield* ipc.notify(threads.server);
      },
    },
    server: {
      cpu: 0,
      *run({ ipc, sys, threads }) {
        yield* serve(ipc, sys, threads.noisy, threads.urgent);
      },
    },
  },
  expect: "holds",
});
