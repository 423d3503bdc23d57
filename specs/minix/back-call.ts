/**
 * VFS gives each request of a process to one of its workers, which waits for the file system. The file system calls VFS
 * back, and that call needs a worker too: when all of them wait for the file system, it is never served. One worker kept
 * for back-calls is enough. Scenario MINIX-15 (badec36b3).
 */
import { nobody, oneOf, protocol, record, threadId, type ThreadId } from "ipc-check";
import * as minix from "ipc-check/kernels/minix";

const message = record({ kind: oneOf("open", "read", "lookup", "done"), client: threadId });
interface Message {
  readonly kind: "open" | "read" | "lookup" | "done";
  readonly client: ThreadId;
}

/** One worker for clients; `reserved`: another one for the file system. */
function* vfs(ipc: minix.Ipc<Message>, fs: ThreadId, reserved: boolean) {
  let isBusy = false;
  let waiting = nobody;
  while (true) {
    const { from, message } = yield* ipc.receive();
    switch (message.kind) {
      case "open":
        if (isBusy) waiting = from;
        else {
          isBusy = true;
          yield* ipc.senda(fs, { kind: "read", client: from }, { noReply: true });
        }
        break;
      case "lookup":
        // Without a worker the call is left unanswered until one is free.
        if (reserved || !isBusy) yield* ipc.sendnb(from, message);
        break;
      case "done":
        isBusy = false;
        yield* ipc.sendnb(message.client, message);
        if (waiting !== nobody) {
          isBusy = true;
          yield* ipc.senda(fs, { kind: "read", client: waiting }, { noReply: true });
          waiting = nobody;
        }
        break;
      case "read":
        break;
    }
  }
}
function* fileSystem(ipc: minix.Ipc<Message>, server: ThreadId) {
  while (true) {
    const { message } = yield* ipc.receive();
    yield* ipc.sendrec(server, { kind: "lookup", client: nobody });
    yield* ipc.senda(server, { kind: "done", client: message.client });
  }
}

export const broken = protocol("back-calls without a worker", {
  scenario: "MINIX-15",
  kernel: minix.kernel({ cpus: 1, message }),
  threads: {
    vfs: {
      cpu: 0,
      *run({ ipc, threads }) {
        yield* vfs(ipc, threads.fs, false);
      },
    },
    fs: {
      cpu: 0,
      *run({ ipc, threads }) {
        yield* fileSystem(ipc, threads.vfs);
      },
    },
    client: {
      cpu: 0,
      count: 2,
      *run({ ipc, threads }) {
        while (true) yield* ipc.sendrec(threads.vfs, { kind: "open", client: nobody });
      },
    },
  },
  expect: { violated: "deadlock" },
});

export const repaired = protocol("a worker for back-calls", {
  scenario: "MINIX-15",
  kernel: minix.kernel({ cpus: 1, message }),
  threads: {
    vfs: {
      cpu: 0,
      *run({ ipc, threads }) {
        yield* vfs(ipc, threads.fs, true);
      },
    },
    fs: {
      cpu: 0,
      *run({ ipc, threads }) {
        yield* fileSystem(ipc, threads.vfs);
      },
    },
    client: {
      cpu: 0,
      count: 2,
      *run({ ipc, threads }) {
        while (true) yield* ipc.sendrec(threads.vfs, { kind: "open", client: nobody });
      },
    },
  },
  expect: "holds",
});
