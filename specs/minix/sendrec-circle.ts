/**
 * Three servers send requests to each other in a circle. The kernel's deadlock check refuses the last of them with
 * ELOCKED, so nobody hangs; but a server that takes the answer for granted uses one that it does not have. Scenario MINIX-1.
 */
import { int, protocol, type ThreadId } from "ipc-check";
import * as minix from "ipc-check/kernels/minix";

const message = int(0, 1);

/** Answers whoever waits for an answer. */
function* serve(ipc: minix.Ipc<number>) {
  while (true) {
    const request = yield* ipc.receive();
    if (request.call === "SENDREC") yield* ipc.sendnb(request.from, 1);
  }
}
function* trusting(ipc: minix.Ipc<number>, next: ThreadId) {
  const answer = yield* ipc.sendrec(next, 0);
  if (answer.message === 1) yield* serve(ipc);
}
function* careful(ipc: minix.Ipc<number>, next: ThreadId) {
  yield* ipc.sendrec(next, 0);
  // With an answer or without: ELOCKED says that nobody could give one.
  yield* serve(ipc);
}

export const broken = protocol("a circle of requests, ELOCKED not handled", {
  scenario: "MINIX-1",
  kernel: minix.kernel({ cpus: 1, message }),
  threads: {
    a: {
      cpu: 0,
      *run({ ipc, threads }) {
        yield* trusting(ipc, threads.b);
      },
    },
    b: {
      cpu: 0,
      *run({ ipc, threads }) {
        yield* trusting(ipc, threads.c);
      },
    },
    c: {
      cpu: 0,
      *run({ ipc, threads }) {
        yield* trusting(ipc, threads.a);
      },
    },
  },
  expect: { violated: "unhandled-error" },
});

export const repaired = protocol("a circle of requests, ELOCKED handled", {
  scenario: "MINIX-1",
  kernel: minix.kernel({ cpus: 1, message }),
  threads: {
    a: {
      cpu: 0,
      *run({ ipc, threads }) {
        yield* careful(ipc, threads.b);
      },
    },
    b: {
      cpu: 0,
      *run({ ipc, threads }) {
        yield* careful(ipc, threads.c);
      },
    },
    c: {
      cpu: 0,
      *run({ ipc, threads }) {
        yield* careful(ipc, threads.a);
      },
    },
  },
  expect: "holds",
});
