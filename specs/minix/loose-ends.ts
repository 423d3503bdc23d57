/**
 * What a call leaves behind for the next one. A message that a server sent asynchronously before it was asked is taken for
 * the answer to a SENDREC, unless it says NOREPLY; a notification is not. A SENDREC that is refused leaves MF_REPLY_PEND,
 * which the next RECEIVE clears, refused or not. Whose scheduler has the message and dies waits for another one; and
 * nothing is left of a client that dies.
 */
import { check, flag, int, protocol, type ThreadId } from "ipc-check";
import * as minix from "ipc-check/kernels/minix";

const message = int(0, 2);
const kernel = minix.kernel({ cpus: 1, message });

function* inform(ipc: minix.Ipc<number>, client: ThreadId, noReply: boolean) {
  yield* ipc.senda(client, 1, { noReply });
  const request = yield* ipc.receive();
  yield* ipc.notify(request.from);
  yield* ipc.sendnb(request.from, 2);
}
function* ask(ipc: minix.Ipc<number>, server: ThreadId) {
  const answer = yield* ipc.sendrec(server, 0);
  check(answer.error === "none" && answer.message === 2, "the answer is one to my question");
  yield* ipc.receive({ idle: false });
  yield* ipc.receive({ idle: false });
}

export const broken = protocol("an answer that was there before the question", {
  kernel,
  threads: {
    server: {
      cpu: 0,
      *run({ ipc, threads }) {
        yield* inform(ipc, threads.client, false);
      },
    },
    client: {
      cpu: 0,
      *run({ ipc, threads }) {
        yield* ask(ipc, threads.server);
      },
    },
  },
  expect: { violated: "assertion" },
});

export const repaired = protocol("a message that is no answer, and a notification that is none either", {
  kernel,
  threads: {
    server: {
      cpu: 0,
      *run({ ipc, threads }) {
        yield* inform(ipc, threads.client, true);
      },
    },
    client: {
      cpu: 0,
      *run({ ipc, threads }) {
        yield* ask(ipc, threads.server);
      },
    },
  },
  expect: "holds",
});

/** The last one of a circle is refused twice, and sends to somebody else. */
export const refused = protocol("a SEND after a SENDREC and a RECEIVE that were refused", {
  kernel,
  threads: {
    first: {
      cpu: 0,
      untrusted: true,
      *run({ ipc, threads }) {
        yield* ipc.send(threads.last, 0);
      },
    },
    second: {
      cpu: 0,
      untrusted: true,
      *run({ ipc, threads }) {
        yield* ipc.send(threads.first, 0);
      },
    },
    last: {
      cpu: 0,
      untrusted: true,
      *run({ ipc, threads }) {
        const answer = yield* ipc.sendrec(threads.second, 0);
        if (answer.error !== "ELOCKED") return;
        const request = yield* ipc.receiveFrom(threads.second);
        check(request.error === "ELOCKED", "the circle is still there");
        yield* ipc.send(threads.log, 1);
        yield* ipc.receive();
      },
    },
    log: {
      cpu: 0,
      *run({ ipc }) {
        const entry = yield* ipc.receive();
        check(entry.call === "SEND", "what is only sent is not to be answered");
      },
    },
  },
  expect: "holds",
});

export const orphaned = protocol("a process whose scheduler dies with its message, and a client that dies with its question", {
  kernel,
  memory: { done: flag },
  threads: {
    scheduler: {
      cpu: 0,
      *run({ ipc }) {
        while (true) yield* ipc.receive();
      },
    },
    process: {
      cpu: 0,
      *run({ sys, threads, done }) {
        yield* sys.quantum(threads.scheduler, 1);
        yield* sys.quantum(threads.scheduler, 2);
        yield* done.store(true);
      },
    },
    client: {
      cpu: 0,
      *run({ ipc, threads }) {
        yield* ipc.sendrec(threads.scheduler, 0);
      },
    },
    rs: {
      cpu: 0,
      *run({ ipc, sys, threads, done }) {
        yield* ipc.exit(threads.client);
        yield* ipc.exit(threads.scheduler);
        while (!(yield* done.load())) yield* sys.schedule(threads.process);
      },
    },
  },
  expect: "holds",
});
