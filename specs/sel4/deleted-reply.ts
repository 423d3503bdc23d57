/**
 * The last capability to a reply object is deleted while a server waits with it. The kernel suspends the server; before
 * commit d5133b860 it forgot to take it out of the endpoint's queue, and the next sender found a thread there that was
 * not waiting. Scenario SEL4-15 (issue 267 of seL4).
 */
import { int, protocol } from "ipc-check";
import * as sel4 from "ipc-check/kernels/sel4";

const deleting = (name: string, leavesReceiverQueued: boolean, expect: "holds" | { readonly violated: "assertion" }) => {
  const { kernel, endpoint, reply } = sel4.mcs({ cpus: 1, message: int(0, 1), leavesReceiverQueued });
  return protocol(name, {
    scenario: "SEL4-15",
    kernel,
    objects: { service: endpoint(), answer: reply() },
    threads: {
      server: {
        cpu: 0,
        untrusted: true,
        *run({ service, answer }) {
          while (true) yield* service.recv(answer);
        },
      },
      parent: {
        cpu: 0,
        *run({ answer }) {
          yield* answer.delete();
        },
      },
      client: {
        cpu: 0,
        *run({ service }) {
          yield* service.nbSend(1);
          yield* service.nbSend(1);
        },
      },
    },
    expect,
  });
};

export const broken = deleting("a deleted reply object, once", true, { violated: "assertion" });
export const repaired = deleting("a deleted reply object", false, "holds");
