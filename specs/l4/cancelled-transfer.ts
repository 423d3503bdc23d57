/**
 * A client sends a string from memory whose pager never answers, and has given it all the time there is: the server waits in the middle
 * of the transfer. Whoever may cancel the client's IPC frees both, and each learns that the transfer was aborted. Cancelling
 * before the client has begun does nothing.
 */
import { check, int, protocol } from "ipc-check";
import * as l4 from "ipc-check/kernels/l4";

const cancelling = (name: string, watches: boolean, expect: "holds" | { readonly violated: "unreplied-call" }) =>
  protocol(name, {
    kernel: l4.kernel({ cpus: 1, message: int(0, 1), strings: "x2" }),
    threads: {
      server: {
        cpu: 0,
        *run({ ipc }) {
          const request = yield* ipc.wait({ buffer: "mapped" });
          check(!watches || request.error === "aborted", "the transfer was aborted");
        },
      },
      client: {
        cpu: 0,
        *run({ ipc, threads }) {
          const { error } = yield* ipc.send(threads.server, 1, { string: "absent", pager: threads.pager });
          check(error !== "none", "it has not come to its end");
        },
      },
      pager: {
        cpu: 0,
        untrusted: true,
        *run({ ipc }) {
          yield* ipc.wait();
        },
      },
      parent: {
        cpu: 0,
        *run({ ipc, threads }) {
          let isOver = !watches;
          while (!isOver) {
            const { acted } = yield* ipc.cancel(threads.client);
            isOver = acted;
          }
        },
      },
    },
    expect,
  });

export const broken = cancelling("a transfer that nobody ends", false, { violated: "unreplied-call" });
export const repaired = cancelling("a transfer that a parent ends", true, "holds");

/** Who is deleted in the middle of a transfer leaves its partner with an error, and not waiting. */
export const deleted = protocol("a client that is deleted in a transfer", {
  kernel: l4.kernel({ cpus: 1, message: int(0, 1), strings: "x2" }),
  threads: {
    server: {
      cpu: 0,
      *run({ ipc }) {
        const request = yield* ipc.wait({ buffer: "mapped", idle: true });
        check(request.error === "aborted", "the transfer was aborted");
      },
    },
    client: {
      cpu: 0,
      *run({ ipc, threads }) {
        yield* ipc.send(threads.server, 1, { string: "absent", pager: threads.pager });
      },
    },
    pager: {
      cpu: 0,
      *run({ ipc, threads }) {
        yield* ipc.wait({ idle: true });
        yield* ipc.delete(threads.client);
      },
    },
  },
  expect: "holds",
});
