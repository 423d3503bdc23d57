/**
 * The MCS lock (Mellor-Crummey and Scott 1991): waiters form a queue, each spins on a word of its own, and the holder
 * hands the lock to its successor. Taking the tail must acquire (an uncontended taker sees what the last holder wrote)
 * and release it (the predecessor's link is found by somebody); the hand-over is a release that the spin acquires.
 */
import { array, check, int, type Order, protocol } from "ipc-check";
import * as shm from "ipc-check/kernels/shm";

interface Orders {
  readonly take: Order;
  readonly leave: Order;
  readonly spin: Order;
  readonly hand: Order;
}
const right: Orders = { take: "acq_rel", leave: "release", spin: "acquire", hand: "release" };

const mcs = (name: string, memoryModel: "tso" | "pso" | "ra", { take, leave, spin, hand }: Orders, expect: "holds" | { readonly violated: "data-race" }) =>
  protocol(name, {
    kernel: shm.kernel(),
    memoryModel,
    memory: {
      /** The last in the queue, 1 and 2; 0: the lock is free. */
      tail: int(0, 2),
      successor: array(2, int(0, 2)),
      waits: array(2, int(0, 1)),
      data: int(0, 2),
    },
    threads: {
      user: {
        count: 2,
        *run({ tail, successor, waits, data, index }) {
          const me = index + 1;
          yield* waits.at(index).store(1, "relaxed");
          const before = yield* tail.exchange(me, take);
          if (before !== 0) {
            yield* successor.at(before - 1).store(me, "release");
            while ((yield* waits.at(index).load(spin)) === 1) {}
          }
          const seen = yield* data.read();
          check(before === 0 || seen === 1, "the predecessor's write is seen");
          yield* data.write(seen + 1);
          if ((yield* tail.compareExchange(me, 0, leave)) !== me) {
            let next = yield* successor.at(index).load("acquire");
            while (next === 0) next = yield* successor.at(index).load("acquire");
            yield* waits.at(next - 1).store(0, hand);
          }
        },
      },
    },
    expect,
  });

export const ordered = mcs("MCS lock", "ra", right, "holds");
export const handedOverRelaxed = mcs("MCS lock, handed over without release", "ra", { ...right, hand: "relaxed" }, { violated: "data-race" });
export const spinRelaxed = mcs("MCS lock, spinning without acquire", "ra", { ...right, spin: "relaxed" }, { violated: "data-race" });
export const leftRelaxed = mcs("MCS lock, left without release", "ra", { ...right, leave: "relaxed" }, { violated: "data-race" });
export const onTso = mcs("MCS lock on TSO, hand-over relaxed", "tso", { ...right, hand: "relaxed", spin: "relaxed" }, "holds");
export const onPso = mcs("MCS lock on PSO", "pso", right, "holds");
/** The locked operation of leaving empties the buffer before the hand-over: on PSO, too, nothing more is needed. */
export const onPsoRelaxed = mcs("MCS lock on PSO, hand-over relaxed", "pso", { ...right, hand: "relaxed" }, "holds");
