/**
 * A waker unlinks the node of a sleeper and then tells the sleeper that it is awake; the sleeper gives the node to its
 * next use at once. If the unlinking store can come after the telling one, it lands in a node that means something else
 * by then. Scenario SHM-13.
 */
import { check, int, type Order, protocol } from "ipc-check";
import * as shm from "ipc-check/kernels/shm";

const wake = (name: string, memoryModel: "sc" | "tso" | "pso" | "ra", tell: Order, hear: Order, expect: "holds" | { readonly violated: "assertion" }) =>
  protocol(name, {
    scenario: "SHM-13",
    kernel: shm.kernel(),
    memoryModel,
    /** `link`: 1 in the waker's list, 0 in none, 2 in the list of the next use. */
    memory: { link: int(0, 2, 1), awake: int(0, 1) },
    threads: {
      waker: {
        *run({ link, awake }) {
          yield* link.store(0, "relaxed");
          yield* awake.store(1, tell);
        },
      },
      sleeper: {
        *run({ link, awake }) {
          while ((yield* awake.load(hear)) === 0) {}
          yield* link.exchange(2, "relaxed");
          check((yield* link.load("relaxed")) === 2, "the node belongs to its next use alone");
        },
      },
    },
    expect,
  });

export const onSc = wake("node reused, sequentially consistent", "sc", "relaxed", "relaxed", "holds");
export const onTso = wake("node reused on TSO", "tso", "relaxed", "relaxed", "holds");
export const onPso = wake("node reused on PSO", "pso", "relaxed", "relaxed", { violated: "assertion" });
export const onPsoRepaired = wake("node reused on PSO, told with release", "pso", "release", "relaxed", "holds");
export const onRa = wake("node reused, release/acquire memory without orders", "ra", "relaxed", "relaxed", { violated: "assertion" });
export const onRaRepaired = wake("node reused, told with release and heard with acquire", "ra", "release", "acquire", "holds");
