/** Every K42 operation, in any order, on kernels that enter the handling of a refusal disabled and enabled. */
import { choose, int, nobody, protocol, record, threadId } from "ipc-check";
import * as k42 from "ipc-check/kernels/k42";

const message = record({ value: int(3, 6), about: threadId });

function anything(faultEntry: "disabled" | "enabled", handlers: number) {
  const { kernel, dispatcher } = k42.system({ cpus: 2, message, buffer: 1, handlers, faultEntry });
  return protocol(`anything, handling refusals ${faultEntry}`, {
    kernel,
    objects: { server: dispatcher(), client: dispatcher() },
    threads: {
      worker: {
        count: 3,
        cpu: (index) => index % 2,
        *run({ server, client, scheduler, threads, self }) {
          while (true) {
            switch (yield* choose("serve", "serve", "serve", "disable", "call", "unblock")) {
              case "serve": {
                const request = yield* server.accept();
                if (request.kind === "call") {
                  if (yield* choose(false, true)) yield* server.reply(request.caller, { value: 4, about: self });
                  else yield* server.reply(request.caller, { value: 5, about: nobody }, { retry: false });
                }
                break;
              }
              case "disable":
                yield* server.disable();
                if (yield* choose(true, false)) yield* server.reply(threads.user[0], { value: 3, about: self });
                if (yield* choose(true, false)) yield* server.call(client, { value: 6, about: self });
                yield* server.enable();
                break;
              case "call":
                yield* server.call(server, { value: 3, about: self });
                break;
              case "unblock":
                yield* scheduler.unblock(threads.user[0]);
                yield* scheduler.unblock(threads.user[1]);
                break;
            }
          }
        },
      },
      user: {
        count: 2,
        cpu: (index) => index,
        *run({ server, client, scheduler, self }) {
          while (true) {
            switch (yield* choose("call", "call", "send", "disable", "block")) {
              case "call":
                yield* client.call(server, { value: 3, about: self });
                break;
              case "send":
                yield* client.send(server, { value: 4, about: nobody });
                break;
              case "disable":
                yield* client.disable();
                if (yield* choose(true, false)) yield* scheduler.block();
                else yield* client.enable();
                break;
              case "block":
                yield* scheduler.block();
                break;
            }
          }
        },
      },
    },
  });
}

export const real = anything("disabled", 2);
export const mutant = anything("enabled", 1);
