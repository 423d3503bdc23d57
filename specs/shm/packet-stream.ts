/**
 * The submit queue of a packet stream between two CPUs: each side stores its own index and then loads the other's, and
 * sends a signal only when it has added the first packet, or made the first slot free. Signals are latched, so nothing is
 * lost between looking and sleeping; but a store that waits in a store buffer lets both sides see the old index of the
 * other, and neither sends. A fence on one side alone does not help. Scenario GEN-4.
 */
import { array, check, fence, int, type Order, protocol, waitUntil } from "ipc-check";
import * as shm from "ipc-check/kernels/shm";

interface Fences {
  readonly source: boolean;
  readonly sink: boolean;
}

const stream = (
  name: string,
  memoryModel: "sc" | "tso" | "pso",
  fences: Fences,
  publish: Order,
  expect: "holds" | { readonly violated: "deadlock" | "assertion" },
) =>
  protocol(name, {
    scenario: "GEN-4",
    kernel: shm.kernel(),
    memoryModel,
    parameters: { packets: 3 },
    memory: { slots: array(2, int(0, 3)), head: int(0, 3), tail: int(0, 3), available: int(0, 1), ready: int(0, 1) },
    threads: {
      source: {
        *run({ slots, head, tail, available, ready, packets }) {
          for (let packet = 1; packet <= packets; packet++) {
            while (packet - 1 - (yield* tail.load("acquire")) === 2) {
              yield* waitUntil(ready, (signal) => signal === 1);
              yield* ready.exchange(0);
            }
            yield* slots.at((packet - 1) % 2).store(packet, "relaxed");
            yield* head.store(packet, publish);
            if (fences.source) yield* fence();
            if (packet - (yield* tail.load("acquire")) === 1) yield* available.exchange(1);
          }
        },
      },
      sink: {
        *run({ slots, head, tail, available, ready, packets }) {
          let taken = 0;
          while (taken < packets) {
            if ((yield* head.load("acquire")) === taken) {
              yield* waitUntil(available, (signal) => signal === 1);
              yield* available.exchange(0);
            } else {
              const packet = yield* slots.at(taken % 2).load("relaxed");
              taken += 1;
              check(packet === taken, "no packet is read before it is there");
              yield* tail.store(taken, publish);
              if (fences.sink) yield* fence();
              if ((yield* head.load("acquire")) - taken === 1) yield* ready.exchange(1);
            }
          }
        },
      },
    },
    expect,
  });

const none: Fences = { source: false, sink: false };
export const onSc = stream("packet stream, sequentially consistent", "sc", none, "relaxed", "holds");
export const onTso = stream("packet stream on TSO", "tso", none, "relaxed", { violated: "deadlock" });
export const sourceFenced = stream("packet stream on TSO, fence in the source", "tso", { source: true, sink: false }, "relaxed", { violated: "deadlock" });
export const sinkFenced = stream("packet stream on TSO, fence in the sink", "tso", { source: false, sink: true }, "relaxed", { violated: "deadlock" });
export const bothFenced = stream("packet stream on TSO, both fences", "tso", { source: true, sink: true }, "relaxed", "holds");
export const onPso = stream("packet stream on PSO, both fences, no release", "pso", { source: true, sink: true }, "relaxed", { violated: "assertion" });
export const onPsoRepaired = stream("packet stream on PSO, both fences and release", "pso", { source: true, sink: true }, "release", "holds");
