/**
 * Publication as with RCU (McKenney and Slingwine 1998): a new version is written in a place that nobody reads, and then
 * named by one store. The store must release what was written; the reader follows the name with an acquire (consume is
 * not modelled). The old version is reused only after the reader has said that it has left it (a grace period), which
 * must release its reads.
 */
import { array, check, int, type Order, protocol } from "ipc-check";
import * as shm from "ipc-check/kernels/shm";

interface Orders {
  readonly publish: Order;
  readonly follow: Order;
  readonly quiescent: Order;
}
const right: Orders = { publish: "release", follow: "acquire", quiescent: "release" };

const rcu = (
  name: string,
  memoryModel: "tso" | "pso" | "ra",
  { publish, follow, quiescent }: Orders,
  expect: "holds" | { readonly violated: "data-race" | "assertion" },
) =>
  protocol(name, {
    kernel: shm.kernel(),
    memoryModel,
    memory: { current: int(0, 1), version: array(2, int(0, 2)), left: int(0, 1) },
    threads: {
      updater: {
        *run({ current, version, left }) {
          yield* version.at(1).write(1);
          yield* current.store(1, publish);
          while ((yield* left.load("acquire")) === 0) {}
          yield* version.at(0).write(2);
        },
      },
      reader: {
        *run({ current, version, left }) {
          const slot = yield* current.load(follow);
          const value = yield* version.at(slot).read();
          check(value === slot, "the version that is named is whole");
          yield* left.store(1, quiescent);
        },
      },
    },
    expect,
  });

export const ordered = rcu("publication with a grace period", "ra", right, "holds");
export const publishedRelaxed = rcu("publication without release", "ra", { ...right, publish: "relaxed" }, { violated: "data-race" });
export const followedRelaxed = rcu("publication followed without acquire", "ra", { ...right, follow: "relaxed" }, { violated: "data-race" });
export const leftRelaxed = rcu("grace period without release", "ra", { ...right, quiescent: "relaxed" }, { violated: "data-race" });
export const onTso = rcu("publication on TSO, all relaxed", "tso", { publish: "relaxed", follow: "relaxed", quiescent: "relaxed" }, "holds");
export const onPsoWithoutRelease = rcu("publication on PSO without release", "pso", { ...right, publish: "relaxed" }, { violated: "assertion" });
