/**
 * ExchangeRegisters is for threads of one's own space. A parent in another space cannot end a client's IPC, whatever the client
 * is blocked in: it is told so, and the client waits on. In the client's space it can, and the client learns that its send or its
 * receive was cancelled.
 */
import { check, int, protocol } from "ipc-check";
import * as l4 from "ipc-check/kernels/l4";

const kernel = l4.kernel({ cpus: 1, message: int(0, 0), spaces: true });

const ending = (name: string, blockedIn: "send" | "receive", isOwn: boolean, expect: "holds" | { readonly violated: "deadlock" }) =>
  protocol(name, {
    kernel,
    threads: {
      client: {
        cpu: 0,
        *run({ ipc, threads }) {
          const { error } = blockedIn === "send" ? yield* ipc.send(threads.server, 0) : yield* ipc.receive(threads.server);
          check(error === "cancelled", "it was ended");
        },
      },
      parent: {
        cpu: 0,
        *run({ ipc, threads }) {
          if (isOwn) yield* ipc.move(threads.parent, threads.client);
          let isOver = false;
          while (!isOver) {
            const { error, S, R } = yield* ipc.exchange(threads.client, { S: true, R: true });
            check((error === "none") === isOwn, "one needs to be in its space");
            isOver = error !== "none" || S || R;
          }
        },
      },
      server: {
        cpu: 0,
        *run({ ipc, threads }) {
          yield* ipc.receive(threads.parent, { idle: true });
        },
      },
    },
    expect,
  });

export const broken = ending("a send that is ended from another space", "send", false, { violated: "deadlock" });
export const repaired = ending("a send that is ended from its own space", "send", true, "holds");
export const brokenReceive = ending("a receive that is ended from another space", "receive", false, { violated: "deadlock" });
export const repairedReceive = ending("a receive that is ended from its own space", "receive", true, "holds");
