/**
 * Two servers that call each other. Each call gets a fresh thread, so that they do not wait for each other as servers with one
 * thread do; but threads are limited, and a call that finds none fails at once with ENOMEM. Who does not look at the error
 * works with a reply that never came. A server that calls while it is disabled fails at once as well.
 */
import { check, int, protocol } from "ipc-check";
import * as k42 from "ipc-check/kernels/k42";

const { kernel, dispatcher } = k42.system({ message: int(0, 2), buffer: 1 });

const variant = (name: string, looks: boolean, expect: "holds" | { readonly violated: "unhandled-error" }) =>
  protocol(name, {
    kernel,
    objects: { left: dispatcher(), right: dispatcher() },
    threads: {
      leftThread: {
        *run({ left, right }) {
          while (true) {
            const request = yield* left.accept();
            if (request.message === 0) {
              const answer = yield* left.call(right, 1);
              if (!looks || answer.error === "none") check(answer.reply === 2, "the nested call is answered");
            }
            yield* left.reply(request.caller, 2);
          }
        },
      },
      rightThread: {
        count: 2,
        *run({ left, right }) {
          while (true) {
            const request = yield* right.accept();
            if (request.message === 0) {
              const answer = yield* right.call(left, 1);
              if (!looks || answer.error === "none") check(answer.reply === 2, "the nested call is answered");
            }
            yield* right.reply(request.caller, 2);
          }
        },
      },
      user: {
        *run({ left, right }) {
          yield* right.call(left, 0);
          yield* right.disable();
          const answer = yield* right.call(left, 0);
          check(answer.error === "disabled", "who is disabled cannot call");
          yield* right.enable();
        },
      },
      other: {
        *run({ left, right }) {
          yield* left.call(right, 0);
        },
      },
    },
    expect,
  });

export const broken = variant("mutual calls that must succeed", false, { violated: "unhandled-error" });
export const repaired = variant("mutual calls that may fail", true, "holds");
