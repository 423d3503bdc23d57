/**
 * Replies can be refused like calls. A client calls from one thread and keeps its dispatcher disabled with another: the
 * server's thread waits to try its reply again, for ever if the client likes, and with each such call the server has one
 * thread less, until honest clients get ENOMEM. A server that gives a refused reply up keeps its threads. Scenario K42-3.
 */
import { check, int, protocol } from "ipc-check";
import * as k42 from "ipc-check/kernels/k42";

const { kernel, dispatcher } = k42.system({ message: int(0, 1), buffer: 1 });
const objects = { server: dispatcher(), selfish: dispatcher(), honest: dispatcher() };

const variant = (name: string, retry: boolean, expect: "holds" | { readonly violated: "unreplied-call" }) =>
  protocol(name, {
    scenario: "K42-3",
    kernel,
    objects,
    threads: {
      worker: {
        count: 2,
        *run({ server }) {
          while (true) {
            const request = yield* server.accept();
            yield* server.reply(request.caller, 1, { retry });
          }
        },
      },
      caller: {
        count: 2,
        untrusted: true,
        *run({ server, selfish }) {
          yield* selfish.call(server, 0);
        },
      },
      disabler: {
        untrusted: true,
        *run({ selfish }) {
          yield* selfish.disable();
          yield* selfish.enable();
        },
      },
      user: {
        *run({ server, honest }) {
          const answer = yield* honest.call(server, 0);
          if (answer.error === "none") check(answer.reply === 1, "a call that is taken is answered");
        },
      },
    },
    expect,
  });

export const broken = variant("a server that insists on its replies", true, { violated: "unreplied-call" });
/** The same server, whose threads are free again as soon as they have replied. */
const combined = (name: string, retry: boolean, expect: "holds" | { readonly violated: "unreplied-call" }) =>
  protocol(name, {
    scenario: "K42-3",
    kernel,
    objects,
    threads: {
      worker: {
        *run({ server }) {
          let request = yield* server.accept();
          while (true) request = yield* server.replyAccept(request.caller, 1, { retry });
        },
      },
      caller: {
        untrusted: true,
        *run({ server, selfish }) {
          yield* selfish.call(server, 0);
        },
      },
      disabler: {
        untrusted: true,
        *run({ selfish }) {
          yield* selfish.disable();
          yield* selfish.enable();
        },
      },
      user: {
        *run({ server, honest }) {
          let answer = yield* honest.call(server, 0);
          while (answer.error !== "none") answer = yield* honest.call(server, 0);
          check(answer.reply === 1, "a call that is taken is answered");
        },
      },
    },
    expect,
  });

export const insisting = combined("a server that insists on its replies before it is free", true, { violated: "unreplied-call" });
export const yielding = combined("a server that is free again whatever becomes of its reply", false, "holds");
export const repaired = variant("a server that gives refused replies up", false, "holds");
