/**
 * Replies that match no call are dropped: one for somebody who has not called, one that comes a second time, one from a thread
 * of another server. A caller takes its reply only from the dispatcher that it has called, so nobody can answer for another.
 */
import { check, int, protocol } from "ipc-check";
import * as k42 from "ipc-check/kernels/k42";

const { kernel, dispatcher } = k42.system({ message: int(0, 2), buffer: 1 });

const variant = (name: string, forgesFrom: "elsewhere" | "within", expect: "holds" | { readonly violated: "assertion" }) =>
  protocol(name, {
    kernel,
    objects: { server: dispatcher(), other: dispatcher(), client: dispatcher() },
    threads: {
      worker: {
        *run({ server }) {
          while (true) {
            const request = yield* server.accept();
            yield* server.reply(request.caller, 1);
            yield* server.reply(request.caller, 1);
          }
        },
      },
      forger: {
        *run({ server, other, threads }) {
          const own = forgesFrom === "within" ? server : other;
          yield* own.reply(threads.user, 2);
          yield* own.enable();
        },
      },
      idler: {
        *run({ other }) {
          // Enabling what is enabled does nothing.
          yield* other.enable();
        },
      },
      user: {
        *run({ client, server }) {
          const answer = yield* client.call(server, 0);
          if (answer.error === "none") check(answer.reply === 1, "the reply is the one of the thread that took the call");
        },
      },
    },
    expect,
  });

export const broken = variant("a reply by another thread of the server", "within", { violated: "assertion" });
export const repaired = variant("a reply from another dispatcher", "elsewhere", "holds");
