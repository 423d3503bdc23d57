/**
 * The CLH lock (Craig 1993; Landin and Hagersten 1994): a queue in which each waiter spins on the node of the one before
 * it and afterwards takes that node for its next turn. Letting go is one store to one's own node; it must be a release,
 * and the predecessor's spin an acquire.
 */
import { array, check, int, type Order, protocol } from "ipc-check";
import * as shm from "ipc-check/kernels/shm";

interface Orders {
  readonly take: Order;
  readonly spin: Order;
  readonly free: Order;
}
const right: Orders = { take: "acq_rel", spin: "acquire", free: "release" };

const clh = (
  name: string,
  memoryModel: "tso" | "pso" | "ra",
  { take, spin, free }: Orders,
  expect: "holds" | { readonly violated: "data-race" | "assertion" },
) =>
  protocol(name, {
    kernel: shm.kernel(),
    memoryModel,
    memory: {
      /** The node of the last in the queue; node 2 belongs to nobody at first and is free. */
      tail: int(0, 2, 2),
      busy: array(3, int(0, 1)),
      data: int(0, 2),
    },
    threads: {
      user: {
        count: 2,
        *run({ tail, busy, data, index }) {
          yield* busy.at(index).store(1, "relaxed");
          const before = yield* tail.exchange(index, take);
          while ((yield* busy.at(before).load(spin)) === 1) {}
          const seen = yield* data.read();
          check(before === 2 || seen === 1, "the predecessor's write is seen");
          yield* data.write(seen + 1);
          yield* busy.at(index).store(0, free);
        },
      },
    },
    expect,
  });

export const ordered = clh("CLH lock", "ra", right, "holds");
export const spinRelaxed = clh("CLH lock, spinning without acquire", "ra", { ...right, spin: "relaxed" }, { violated: "data-race" });
export const freedRelaxed = clh("CLH lock, freed without release", "ra", { ...right, free: "relaxed" }, { violated: "data-race" });
export const onTso = clh("CLH lock on TSO, freed relaxed", "tso", { ...right, free: "relaxed", spin: "relaxed" }, "holds");
export const onPso = clh("CLH lock on PSO", "pso", right, "holds");
export const onPsoWithoutRelease = clh("CLH lock on PSO, freed without release", "pso", { ...right, free: "relaxed" }, { violated: "assertion" });
