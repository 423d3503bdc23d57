/**
 * A payload is written and then announced by an index. TSO keeps the two stores in order; PSO does not, and on
 * release/acquire memory the index must be written with release and read with acquire. Scenario SHM-6.
 */
import { check, int, type Order, protocol } from "ipc-check";
import * as shm from "ipc-check/kernels/shm";

const announce = (
  name: string,
  memoryModel: "sc" | "tso" | "pso" | "ra",
  publish: Order,
  look: Order,
  expect: "holds" | { readonly violated: "data-race" | "assertion" },
) =>
  protocol(name, {
    scenario: "SHM-6",
    kernel: shm.kernel(),
    memoryModel,
    memory: { payload: int(0, 1), head: int(0, 1) },
    threads: {
      producer: {
        *run({ payload, head }) {
          yield* payload.write(1);
          yield* head.store(1, publish);
        },
      },
      consumer: {
        *run({ payload, head }) {
          if ((yield* head.load(look)) === 1) check((yield* payload.read()) === 1, "what was announced is there");
        },
      },
    },
    expect,
  });

export const onSc = announce("announced without orders, sequentially consistent", "sc", "relaxed", "relaxed", "holds");
export const onTso = announce("announced without orders on TSO", "tso", "relaxed", "relaxed", "holds");
export const onPso = announce("announced without release on PSO", "pso", "relaxed", "relaxed", { violated: "assertion" });
export const onPsoRepaired = announce("announced with release on PSO", "pso", "release", "relaxed", "holds");
export const onRa = announce("announced without orders, release/acquire memory", "ra", "relaxed", "relaxed", { violated: "data-race" });
export const onRaWithoutAcquire = announce("announced with release, looked at without acquire", "ra", "release", "relaxed", { violated: "data-race" });
export const onRaRepaired = announce("announced with release and acquire", "ra", "release", "acquire", "holds");
