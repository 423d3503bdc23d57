/**
 * A calls B with a finite timeout, gives up, and serves others; B replies late. Before 2021 the right to reply outlived the
 * wait: the reply was a message like any other, arrived in A's open wait, and under whatever label B chose, so that A took
 * it for one of its own clients. Now a caller that stops waiting takes the right back. Scenario FOC-3 (commits 2c30ef80,
 * 2b86d97b).
 */
import { check, int, protocol } from "ipc-check";
import * as fiasco from "ipc-check/kernels/fiasco";

const lateReply = (name: string, staleReplies: boolean, cpuOfB: number, expect: "holds" | { readonly violated: "assertion" }) => {
  const { kernel, gate } = fiasco.system({ cpus: 2, message: int(0, 1), staleReplies });
  return protocol(name, {
    scenario: "FOC-3",
    kernel,
    objects: { toB: gate(), toA: gate() },
    threads: {
      a: {
        cpu: 0,
        *run({ toA, toB, ipc, self, threads }) {
          yield* toA.bind(self, 2);
          yield* toB.bind(threads.b, 1);
          yield* toB.call(0, { send: "finite", receive: "finite" });
          while (true) {
            const request = yield* ipc.wait();
            if (request.error === "none") check(request.message === 0, "what comes under the label of the gate is a request of its clients");
          }
        },
      },
      b: {
        cpu: cpuOfB,
        untrusted: true,
        *run({ ipc }) {
          while (true) {
            yield* ipc.wait();
            yield* ipc.reply(1, { label: 2 });
          }
        },
      },
      client: {
        cpu: 0,
        *run({ toA }) {
          while (true) yield* toA.send(0, { send: "finite" });
        },
      },
    },
    expect,
  });
};

export const broken = lateReply("a reply to who no longer waits", true, 0, { violated: "assertion" });
export const repaired = lateReply("a right to reply that ends with the wait", false, 0, "holds");
export const distant = lateReply("a reply that travels while the wait ends", false, 1, "holds");
