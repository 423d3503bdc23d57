/**
 * A server against every client there can be: one that sends any message, calls and does not wait, waits without having
 * called, and stops at any time. A reply with timeout zero is lost on a client that does not listen; a reply without a
 * timeout makes the server its hostage, and with it everybody else. Scenario L4-1.
 */
import { check, int, protocol, type Timeout } from "ipc-check";
import * as l4 from "ipc-check/kernels/l4";

const variant = (name: string, patience: Timeout, expect: "holds" | { readonly violated: "unreplied-call" }) =>
  protocol(name, {
    scenario: "L4-1",
    kernel: l4.kernel({ cpus: 1, message: int(0, 3) }),
    threads: {
      server: {
        cpu: 0,
        *run({ ipc }) {
          let request = yield* ipc.wait();
          while (true) {
            const answer = request.message < 2 ? request.message + 1 : 3;
            const next = yield* ipc.replyWait(request.from, answer, { send: patience });
            request = next.error === "none" ? next : yield* ipc.wait();
          }
        },
      },
      client: {
        cpu: 0,
        *run({ ipc, threads }) {
          while (true) {
            const { error, message } = yield* ipc.call(threads.server, 1);
            check(error === "none" && message === 2, "the answer is to my request");
          }
        },
      },
      stranger: {
        cpu: 0,
        untrusted: "arbitrary",
        holds: ["server"],
        *correct({ ipc, threads }) {
          while (true) yield* ipc.call(threads.server, 0);
        },
      },
    },
    expect,
  });

export const broken = variant("any client of a server that waits to reply", "infinite", { violated: "unreplied-call" });
export const repaired = variant("any client of a server that replies or gives up", "zero", "holds");
