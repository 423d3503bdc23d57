/**
 * A client that sends first, waits later and lets a signal in while it sleeps. The wait then tests and
 * sleeps in two steps like that of lwkt_domsg, and can sleep through the reply in the same way. Replies that are completed by
 * an interrupt on the client's CPU reach it.
 */
import { int, protocol } from "ipc-check";
import * as lwkt from "ipc-check/kernels/lwkt";

const variant = (name: string, reply: "ipi" | "flags", expect: "holds" | { readonly violated: "lost-wakeup" }) => {
  const { kernel, message } = lwkt.system({ cpus: 2, value: int(0, 1), reply });
  return protocol(name, {
    kernel,
    objects: { request: message() },
    threads: {
      client: {
        cpu: 0,
        *run({ lwkt, threads, request }) {
          yield* lwkt.sendmsg(threads.server, request.number, 0, { abortable: true });
          yield* lwkt.waitmsg(request.number, { catch: true });
        },
      },
      server: {
        cpu: 1,
        *run({ lwkt }) {
          while (true) {
            const next = yield* lwkt.waitport();
            if (next.what === "request") yield* lwkt.replymsg(next.message, 1);
          }
        },
      },
    },
    expect,
  });
};

export const broken = variant("a signalled wait for a reply by flags", "flags", { violated: "lost-wakeup" });
export const repaired = variant("a signalled wait for a reply by interrupt", "ipi", "holds");
