/**
 * A server against a client that does anything with its message and with the server's port. Messages are intrusive: what
 * the server has been sent can be aborted, but not replied to or changed behind its back as long as the kernel checks. A
 * server that takes every entry of its queue for a new message replies to one twice.
 */
import { int, protocol } from "ipc-check";
import * as lwkt from "ipc-check/kernels/lwkt";

const { kernel, message } = lwkt.system({ cpus: 1, value: int(0, 0), slots: 4 });
const variant = (name: string, careful: boolean, expect: "holds" | { readonly violated: "assertion" }) =>
  protocol(name, {
    kernel,
    objects: { request: message(), honest: message() },
    threads: {
      server: {
        cpu: 0,
        *run({ lwkt }) {
          while (true) {
            const next = yield* lwkt.waitport();
            if (!careful || next.what === "request") yield* lwkt.replymsg(next.message, 0);
          }
        },
      },
      anyone: { cpu: 0, untrusted: "arbitrary", holds: ["request", "server"] },
      client: {
        cpu: 0,
        *run({ lwkt, threads, honest }) {
          yield* lwkt.domsg(threads.server, honest.number, 0);
        },
      },
    },
    expect,
  });

export const broken = variant("a server that replies to whatever comes", false, { violated: "assertion" });
export const repaired = variant("a server that replies to requests", true, "holds");
