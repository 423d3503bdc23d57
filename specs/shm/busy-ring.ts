/**
 * A ring of two slots whose ends poll: the producer while it is full, the consumer while it is empty. Such loops step for ever
 * and do nothing, so that the ring works only if the other side gets to run.

 */
import { array, type Fairness, ghost, int, protocol, wrapping } from "ipc-check";
import * as shm from "ipc-check/kernels/shm";

const slots = 2;

const ring = (name: string, fairness: Fairness, expect: "holds" | { readonly violated: "livelock" }) =>
  protocol(name, {
    kernel: shm.kernel(),
    memory: { head: wrapping(4), tail: wrapping(4), items: array(slots, int(0, 1)), got: ghost(int(0, 1)) },
    threads: {
      producer: {
        *run({ head, tail, items }) {
          let item = 0;
          while (true) {
            const mine = yield* head.load("relaxed");
            if ((mine - (yield* tail.load("acquire")) + 4) % 4 === slots) continue;
            yield* items.at(mine % slots).store(item, "relaxed");
            yield* head.store((mine + 1) % 4, "release");
            item = 1 - item;
          }
        },
      },
      consumer: {
        *run({ head, tail, items, got }) {
          while (true) {
            const mine = yield* tail.load("relaxed");
            if ((yield* head.load("acquire")) === mine) continue;
            got.value = yield* items.at(mine % slots).load("relaxed");
            yield* tail.store((mine + 1) % 4, "release");
          }
        },
      },
    },
    fairness,
    progress: { goals: { zeroArrives: ({ got }) => got === 0, oneArrives: ({ got }) => got === 1 } },
    expect,
  });

export const broken = ring("a ring that is polled, and a side that never runs", "none", { violated: "livelock" });
export const repaired = ring("a ring that is polled, and both sides run", "weak", "holds");
