/**
 * A ticket lock (Mellor-Crummey and Scott 1991): a number is drawn, and the lock is held by who has the number that is
 * being served. On release/acquire memory the next holder must read `serving` with acquire and the last one must have
 * written it with release: without either, what was written under the lock is not ordered before what is read under it.
 * Store buffers keep the order of stores (TSO) or of one cell (PSO), where the release is needed as well.
 */
import { check, int, type Order, protocol } from "ipc-check";
import * as shm from "ipc-check/kernels/shm";

interface Orders {
  readonly look: Order;
  readonly pass: Order;
}

const ticket = (
  name: string,
  memoryModel: "tso" | "pso" | "ra",
  { look, pass }: Orders,
  expect: "holds" | { readonly violated: "data-race" | "invariant" | "assertion" },
) =>
  protocol(name, {
    kernel: shm.kernel(),
    memoryModel,
    memory: { next: int(0, 2), serving: int(0, 2), data: int(0, 2) },
    threads: {
      user: {
        count: 2,
        *run({ next, serving, data }) {
          const mine = yield* next.fetchAdd(1, "relaxed");
          while ((yield* serving.load(look)) !== mine) {}
          const before = yield* data.read();
          check(before === mine, "the last holder's write is seen");
          yield* data.write(before + 1);
          yield* serving.store(mine + 1, pass);
        },
      },
    },
    invariants: { nobodyIsPassedOver: ({ next, serving }) => serving <= next },
    expect,
  });

export const ordered = ticket("ticket lock", "ra", { look: "acquire", pass: "release" }, "holds");
export const withoutAcquire = ticket("ticket lock, acquire left out", "ra", { look: "relaxed", pass: "release" }, { violated: "data-race" });
export const withoutRelease = ticket("ticket lock, release left out", "ra", { look: "acquire", pass: "relaxed" }, { violated: "data-race" });
export const onTso = ticket("ticket lock on TSO, all relaxed", "tso", { look: "relaxed", pass: "relaxed" }, "holds");
export const onPso = ticket("ticket lock on PSO", "pso", { look: "relaxed", pass: "release" }, "holds");
export const onPsoWithoutRelease = ticket("ticket lock on PSO, release left out", "pso", { look: "relaxed", pass: "relaxed" }, { violated: "assertion" });
