/**
 * A count in a ring is not yet a count that the receiver sees. The sends of a ring are made in their order, so the last one is what
 * stays. A producer that closes its channel behind two sends loses them, as the scheduler drops sends of dead channels; it has
 * to give up the processor first.
 */
import { check, protocol } from "ipc-check";
import * as nemesis from "ipc-check/kernels/nemesis";

const variant = (
  name: string,
  { closes, yields }: { readonly closes: boolean; readonly yields: boolean },
  expect: "holds" | { readonly violated: "assertion" },
) => {
  const { kernel, domain, channel } = nemesis.system({ cpus: 1, counts: 2, ring: 2, preempts: false });
  return protocol(name, {
    kernel,
    objects: { producer: domain(), consumer: domain(), data: channel({ from: "producer", to: "consumer" }) },
    threads: {
      sender: {
        cpu: 0,
        *run({ producer, data }) {
          yield* data.send(1);
          yield* data.send(2);
          if (yields) yield* producer.yield();
          if (closes) yield* data.close();
        },
      },
      receiver: {
        cpu: 0,
        *run({ consumer, data }) {
          const last = yield* nemesis.awaitCount(consumer, data, 1);
          check(last.value === 2, "both sends were made, the second after the first");
        },
      },
    },
    expect,
  });
};

export const broken = variant("a channel that is closed behind its sends", { closes: true, yields: false }, { violated: "assertion" });
export const repaired = variant("sends that are made before the channel is closed", { closes: true, yields: true }, "holds");
export const open = variant("two sends in a ring", { closes: false, yields: false }, "holds");
