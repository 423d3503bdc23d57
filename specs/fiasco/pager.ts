/**
 * A server touches memory of its client, and the page is not there: the kernel calls the client's pager for it, without
 * timeouts. A pager that never answers holds the server, and with it all other clients. A server that copies what it needs
 * out of the message does not depend on anybody's pager. Scenario FOC-10 (src/kern/thread-ipc.cpp).
 */
import { check, int, protocol } from "ipc-check";
import * as fiasco from "ipc-check/kernels/fiasco";

const { kernel, gate } = fiasco.system({ cpus: 1, message: int(0, 1) });

const touching = (name: string, touches: boolean, expect: "holds" | { readonly violated: "unreplied-call" }) =>
  protocol(name, {
    scenario: "FOC-10",
    kernel,
    objects: { service: gate() },
    threads: {
      server: {
        cpu: 0,
        *run({ service, ipc, self, threads }) {
          yield* service.bind(self, 1);
          while (true) {
            const request = yield* ipc.wait();
            if (request.error === "none" && request.label === 1) {
              if (touches && request.message === 1) yield* ipc.fault(threads.pager, 0);
              yield* ipc.reply(request.message);
            }
          }
        },
      },
      pager: {
        cpu: 0,
        untrusted: true,
        *run({ ipc }) {
          while (true) {
            yield* ipc.wait();
            yield* ipc.reply(1);
          }
        },
      },
      client: {
        cpu: 0,
        count: 2,
        *run({ service, index }) {
          while (true) {
            const answer = yield* service.call(index);
            check(answer.message === index, "the answer is to my question");
          }
        },
      },
    },
    expect,
  });

export const broken = touching("a server that touches its client's memory", true, { violated: "unreplied-call" });
export const repaired = touching("a server that is sent what it needs", false, "holds");
