/**
 * A server against every client there can be: one that calls with any message, sends any, forges replies, disables its
 * dispatcher, and stops at any time. A server that insists on its replies is held up; one that gives up those that are
 * refused is not, and nobody else is deceived, since a reply is taken only from the dispatcher that was called.
 */
import { check, int, protocol } from "ipc-check";
import * as k42 from "ipc-check/kernels/k42";

const { kernel, dispatcher } = k42.system({ message: int(0, 1), buffer: 1, handlers: 1 });

const variant = (name: string, retry: boolean, expect: "holds" | { readonly violated: "unreplied-call" }) =>
  protocol(name, {
    kernel,
    objects: { own: dispatcher(), service: dispatcher(), honest: dispatcher() },
    threads: {
      worker: {
        *run({ service }) {
          while (true) {
            const request = yield* service.accept();
            if (request.kind === "call") yield* service.reply(request.caller, 1, { retry });
          }
        },
      },
      client: {
        *run({ service, honest }) {
          const answer = yield* honest.call(service, 0);
          if (answer.error === "none") check(answer.reply === 1, "only the server's reply is taken");
        },
      },
      stranger: { count: 2, untrusted: "arbitrary", holds: ["own", "service", "client"] },
    },
    expect,
  });

export const broken = variant("a server that insists on its replies, and any client", true, { violated: "unreplied-call" });
export const repaired = variant("a server that gives refused replies up, and any client", false, "holds");
