/**
 * A notifies B and then waits for B; B waits for A, whose notification is there. A kernel that looks for a circle before
 * it looks for what is pending refuses B with ELOCKED although nothing is wrong; one that looks only when B is about to
 * block does not. Scenario MINIX-5 (b4d6d9db2).
 */
import { check, int, protocol, type ThreadId } from "ipc-check";
import * as minix from "ipc-check/kernels/minix";

const message = int(0, 0);

function* first(ipc: minix.Ipc<number>, other: ThreadId) {
  yield* ipc.notify(other);
  const answer = yield* ipc.receiveFrom(other);
  check(answer.error === "none", "B can be waited for");
}
function* second(ipc: minix.Ipc<number>, other: ThreadId) {
  const event = yield* ipc.receiveFrom(other);
  check(event.error === "none", "the notification is received");
  yield* ipc.notify(other);
}

export const broken = protocol("a deadlock check that comes too early", {
  scenario: "MINIX-5",
  kernel: minix.kernel({ cpus: 1, message, earlyCheck: true }),
  threads: {
    a: {
      cpu: 0,
      *run({ ipc, threads }) {
        yield* first(ipc, threads.b);
      },
    },
    b: {
      cpu: 0,
      *run({ ipc, threads }) {
        yield* second(ipc, threads.a);
      },
    },
  },
  expect: { violated: "assertion" },
});

export const repaired = protocol("a deadlock check before blocking", {
  scenario: "MINIX-5",
  kernel: minix.kernel({ cpus: 1, message }),
  threads: {
    a: {
      cpu: 0,
      *run({ ipc, threads }) {
        yield* first(ipc, threads.b);
      },
    },
    b: {
      cpu: 0,
      *run({ ipc, threads }) {
        yield* second(ipc, threads.a);
      },
    },
  },
  expect: "holds",
});
