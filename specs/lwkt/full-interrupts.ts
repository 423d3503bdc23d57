/**
 * Two CPUs send each other more messages than fit into the queues of interrupts between them. A sender waits for room
 * with its interrupts on and serves its own queue meanwhile; a mutant that does not waits for the other, which waits for
 * it. Scenario LWKT-8.
 */
import { int, protocol } from "ipc-check";
import * as lwkt from "ipc-check/kernels/lwkt";

const variant = (name: string, drains: boolean, expect: "holds" | { readonly violated: "deadlock" }) => {
  const { kernel, message } = lwkt.system({ cpus: 2, value: int(0, 0), drains, ipiq: 1, slots: 3 });
  return protocol(name, {
    scenario: "LWKT-8",
    kernel,
    objects: { a1: message(), a2: message(), b1: message(), b2: message() },
    threads: {
      a: {
        cpu: 0,
        *run({ lwkt, threads, a1, a2 }) {
          yield* lwkt.sendmsg(threads.b, a1.number, 0);
          yield* lwkt.sendmsg(threads.b, a2.number, 0);
        },
      },
      b: {
        cpu: 1,
        *run({ lwkt, threads, b1, b2 }) {
          yield* lwkt.sendmsg(threads.a, b1.number, 0);
          yield* lwkt.sendmsg(threads.a, b2.number, 0);
        },
      },
    },
    expect,
  });
};

export const broken = variant("a CPU that does not serve its own interrupts while it waits", false, { violated: "deadlock" });
export const repaired = variant("a CPU that serves its own interrupts while it waits", true, "holds");
