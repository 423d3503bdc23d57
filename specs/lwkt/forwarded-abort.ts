/**
 * A message is aborted while its target passes it on to another thread. The abort of 2003 reads the target and then goes
 * there: it asks a thread that has the message no longer, and whose reply meets that of the thread which has. The abort of
 * today follows the message, and a thread that is asked to abort what it has passed on passes the abort on. Scenario LWKT-7 (a warning in the source of 2003).
 */
import { int, protocol } from "ipc-check";
import * as lwkt from "ipc-check/kernels/lwkt";

const variant = (name: string, abort: "reads" | "chases", expect: "holds" | { readonly violated: "assertion" }) => {
  const { kernel, message } = lwkt.system({ cpus: 3, value: int(0, 1), abort });
  return protocol(name, {
    scenario: "LWKT-7",
    kernel,
    objects: { request: message() },
    threads: {
      client: {
        cpu: 0,
        *run({ lwkt, threads, request }) {
          yield* lwkt.sendmsg(threads.front, request.number, 0, { abortable: true });
          yield* lwkt.abortmsg(request.number);
          yield* lwkt.waitmsg(request.number);
        },
      },
      front: {
        cpu: 1,
        *run({ lwkt, threads }) {
          while (true) {
            const next = yield* lwkt.waitport();
            if (next.what === "abort") {
              // It has nothing to abort: it replies in the belief that it has, or lets the abort go on.
              if (abort === "reads") yield* lwkt.replymsg(next.message, 0);
              else yield* lwkt.abortmsg(next.message);
            } else yield* lwkt.forwardmsg(next.message, threads.back);
          }
        },
      },
      back: {
        cpu: 2,
        *run({ lwkt }) {
          // Replies only once it has the message and the abort, in whatever order they come.
          let held = 0;
          let aborted = 0;
          while (true) {
            const next = yield* lwkt.waitport();
            if (next.what === "abort") aborted = next.message;
            else held = next.message;
            if (held !== 0 && aborted === held) {
              yield* lwkt.replymsg(held, 1);
              held = 0;
            }
          }
        },
      },
    },
    expect,
  });
};

export const broken = variant("an abort that goes where the message was", "reads", { violated: "assertion" });
export const repaired = variant("an abort that follows the message", "chases", "holds");
