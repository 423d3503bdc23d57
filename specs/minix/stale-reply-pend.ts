/**
 * A server answers a SENDREC with SENDA. Delivered directly, that leaves MF_REPLY_PEND of the client set; the client's next
 * plain SEND then looks like a SENDREC, its receiver answers with SENDNB before the client receives, and the answer is
 * lost. A kernel that clears the flag on every delivery has no such trap. Scenario MINIX-9 (proc.c).
 */
import { int, protocol, type ThreadId } from "ipc-check";
import * as minix from "ipc-check/kernels/minix";

const message = int(0, 1);

/** Answers asynchronously, whatever it was asked with. */
function* answerAll(ipc: minix.Ipc<number>) {
  while (true) {
    const request = yield* ipc.receive();
    yield* ipc.senda(request.from, 1);
  }
}
/** Answers as the request was sent. */
function* answerInKind(ipc: minix.Ipc<number>) {
  while (true) {
    const request = yield* ipc.receive();
    if (request.call === "SENDREC") yield* ipc.sendnb(request.from, 1);
    else yield* ipc.senda(request.from, 1);
  }
}
function* use(ipc: minix.Ipc<number>, first: ThreadId, second: ThreadId) {
  yield* ipc.sendrec(first, 0);
  yield* ipc.send(second, 0);
  yield* ipc.receiveFrom(second);
}

export const broken = protocol("a SEND that looks like a SENDREC", {
  scenario: "MINIX-9",
  kernel: minix.kernel({ cpus: 1, message }),
  threads: {
    server: {
      cpu: 0,
      *run({ ipc }) {
        yield* answerAll(ipc);
      },
    },
    terminal: {
      cpu: 0,
      *run({ ipc }) {
        yield* answerInKind(ipc);
      },
    },
    client: {
      cpu: 0,
      *run({ ipc, threads }) {
        yield* use(ipc, threads.server, threads.terminal);
      },
    },
  },
  expect: { violated: "deadlock" },
});

export const repaired = protocol("a kernel that clears MF_REPLY_PEND on every delivery", {
  scenario: "MINIX-9",
  kernel: minix.kernel({ cpus: 1, message, clearReplyPend: true }),
  threads: {
    server: {
      cpu: 0,
      *run({ ipc }) {
        yield* answerAll(ipc);
      },
    },
    terminal: {
      cpu: 0,
      *run({ ipc }) {
        yield* answerInKind(ipc);
      },
    },
    client: {
      cpu: 0,
      *run({ ipc, threads }) {
        yield* use(ipc, threads.server, threads.terminal);
      },
    },
  },
  expect: "holds",
});
