/**
 * A send that, ported to several processors, queues its event and wakes the receiver before it stores the value: the receiver
 * takes the event, finds and acknowledges the old value and blocks again; then the value is stored, and nobody is told. The
 * kernel's send is one step. Scenario NEM-2.
 */
import { check, protocol } from "ipc-check";
import * as nemesis from "ipc-check/kernels/nemesis";

const variant = (name: string, send: "atomic" | "split", expect: "holds" | { readonly violated: "lost-wakeup" }) => {
  const { kernel, domain, channel } = nemesis.system({ cpus: 2, counts: 2, send });
  return protocol(name, {
    scenario: "NEM-2",
    kernel,
    objects: { producer: domain(), consumer: domain(), data: channel({ from: "producer", to: "consumer" }) },
    threads: {
      sender: {
        cpu: 0,
        *run({ data }) {
          yield* data.send(1);
          yield* data.send(2);
        },
      },
      receiver: {
        cpu: 1,
        *run({ consumer, data }) {
          const first = yield* nemesis.awaitCount(consumer, data, 0);
          check(first.value > 0, "the count is higher than asked for");
          yield* nemesis.awaitCount(consumer, data, 1);
        },
      },
    },
    expect,
  });
};

export const broken = variant("the event is queued before the value is stored", "split", { violated: "lost-wakeup" });
export const repaired = variant("a send is one step", "atomic", "holds");
