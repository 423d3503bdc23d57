/**
 * A client sends to a server that hangs, without a timeout, and is queued there for ever. A watchdog that cancels the send
 * lets it go on (ex_regs with the cancel flag, src/kern/thread.cpp).
 */
import { check, int, protocol } from "ipc-check";
import * as fiasco from "ipc-check/kernels/fiasco";

const { kernel } = fiasco.system({ cpus: 1, message: int(0, 1) });

const sending = (name: string, watched: boolean, expect: "holds" | { readonly violated: "deadlock" }) =>
  protocol(name, {
    kernel,
    threads: {
      server: {
        cpu: 0,
        *run({ ipc, threads }) {
          // It waits for one who never sends.
          yield* ipc.receive(threads.watchdog, { idle: true });
        },
      },
      client: {
        cpu: 0,
        *run({ ipc, threads }) {
          const sent = yield* ipc.send(threads.server, 1);
          check(sent.error === "cancelled" && sent.phase === "send", "the watchdog has ended the send");
        },
      },
      watchdog: {
        cpu: 0,
        *run({ ipc, threads }) {
          let acted = !watched;
          while (!acted) acted = (yield* ipc.cancel(threads.client)).acted;
        },
      },
    },
    expect,
  });

export const broken = sending("sending to a server that hangs", false, { violated: "deadlock" });
export const repaired = sending("a watchdog for the send", true, "holds");
