/**
 * A thread sends a synchronous message to its own port: it waits for a reply that only it could give. The port of a netisr
 * thread has an agent that notices and serves the message in the sender's context. Scenario LWKT-2 (msgport.9).
 */
import { check, int, protocol } from "ipc-check";
import * as lwkt from "ipc-check/kernels/lwkt";

const variant = (name: string, netisr: boolean, expect: "holds" | { readonly violated: "deadlock" }) => {
  const { kernel, message } = lwkt.system({ cpus: 1, value: int(0, 1), netisr });
  return protocol(name, {
    scenario: "LWKT-2",
    kernel,
    objects: { mine: message(), other: message() },
    threads: {
      netisr: {
        cpu: 0,
        *run({ lwkt, self, mine }) {
          yield* lwkt.domsg(self, mine.number, 1);
          if (netisr) yield* lwkt.sendmsg(self, mine.number, 1);
          while (true) {
            const next = yield* lwkt.waitport();
            if (next.what === "request") yield* lwkt.replymsg(next.message, 1);
          }
        },
      },
      client: {
        cpu: 0,
        *run({ lwkt, threads, other }) {
          const answer = yield* lwkt.domsg(threads.netisr, other.number, 0);
          check(answer.value === 1, "the message has been served");
        },
      },
    },
    expect,
  });
};

export const broken = variant("a thread that waits for itself", false, { violated: "deadlock" });
export const repaired = variant("a port whose agent serves its own thread", true, "holds");
