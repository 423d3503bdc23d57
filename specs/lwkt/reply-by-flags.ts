/**
 * The synchronous reply of 2003: the waiter tests DONE and then goes to sleep, the replier on another CPU sets DONE and
 * then tests whether somebody sleeps. Between the waiter's two steps the reply finds nobody to wake, and the waiter sleeps
 * for ever (the source says "saved by the BGL"). Today a reply is completed on the CPU of the waiter, by an interrupt.
 * Scenario LWKT-3.
 */
import { check, int, protocol } from "ipc-check";
import * as lwkt from "ipc-check/kernels/lwkt";

const variant = (name: string, reply: "ipi" | "flags", expect: "holds" | { readonly violated: "lost-wakeup" }) => {
  const { kernel, message } = lwkt.system({ cpus: 2, value: int(0, 2), reply });
  return protocol(name, {
    scenario: "LWKT-3",
    kernel,
    objects: { request: message() },
    threads: {
      client: {
        cpu: 0,
        *run({ lwkt, threads, request }) {
          const answer = yield* lwkt.domsg(threads.server, request.number, 1);
          check(answer.value === 2, "the answer belongs to the question");
        },
      },
      server: {
        cpu: 1,
        *run({ lwkt }) {
          while (true) {
            const next = yield* lwkt.waitport();
            yield* lwkt.replymsg(next.message, 1 + next.value);
          }
        },
      },
    },
    expect,
  });
};

export const broken = variant("DONE is set, then the waiter looked for", "flags", { violated: "lost-wakeup" });
export const repaired = variant("DONE is set on the waiter's CPU", "ipi", "holds");
