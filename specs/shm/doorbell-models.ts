/**
 * The doorbell ring of doorbell-ring.ts on every memory: the producer publishes and tests whether the consumer sleeps, the
 * consumer announces its sleep and looks again. Where stores are never overtaken by later loads it needs no fence; elsewhere
 * both sides do, and a barrier for stores alone does not help. Without the second look it loses wake-ups on every memory.
 * Scenarios SHM-1 to SHM-4.
 */
import { fence, int, protocol } from "ipc-check";
import * as shm from "ipc-check/kernels/shm";

type Model = "sc" | "tso" | "pso" | "ra";
type Fence = "full" | "store" | "none";
interface Variant {
  readonly producer?: Fence;
  readonly consumer?: Fence;
  readonly looksAgain?: boolean;
}

const ring = (
  scenario: string,
  name: string,
  memoryModel: Model,
  { producer: producerFence = "full", consumer: consumerFence = "full", looksAgain = true }: Variant,
  expect: "holds" | { readonly violated: "deadlock" },
) =>
  protocol(name, {
    scenario,
    kernel: shm.kernel(),
    memoryModel: memoryModel === "ra" ? { model: "ra", messages: 8 } : memoryModel,
    parameters: { items: 2 },
    memory: { head: int(0, 2), wanted: int(0, 1), bell: int(0, 2) },
    threads: {
      producer: {
        *run({ head, wanted, bell, futex, items }) {
          for (let item = 1; item <= items; item++) {
            yield* head.store(item, "release");
            if (producerFence === "full") yield* fence();
            else if (producerFence === "store") yield* fence("release");
            if ((yield* wanted.load("relaxed")) === 1) {
              yield* bell.fetchAdd(1);
              yield* futex.wake(bell, 1);
            }
          }
        },
      },
      consumer: {
        *run({ head, wanted, bell, futex, items }) {
          let taken = 0;
          while (taken < items) {
            if ((yield* head.load("acquire")) > taken) taken += 1;
            else {
              const rung = yield* bell.load("relaxed");
              yield* wanted.store(1, "relaxed");
              if (consumerFence === "full") yield* fence();
              if (!looksAgain || (yield* head.load("acquire")) === taken) yield* futex.wait(bell, rung);
              yield* wanted.store(0, "relaxed");
            }
          }
        },
      },
    },
    expect,
  });

const lost = { violated: "deadlock" } as const;
export const fencedOnSc = ring("SHM-1", "doorbell with both fences, sequentially consistent", "sc", {}, "holds");
export const fencedOnPso = ring("SHM-1", "doorbell with both fences on PSO", "pso", {}, "holds");
export const fencedOnRa = ring("SHM-1", "doorbell with both fences on release/acquire", "ra", {}, "holds");
export const producerOnSc = ring("SHM-2", "doorbell without the producer's fence, sequentially consistent", "sc", { producer: "none" }, "holds");
export const producerOnPso = ring("SHM-2", "doorbell without the producer's fence on PSO", "pso", { producer: "none" }, lost);
export const producerOnRa = ring("SHM-2", "doorbell without the producer's fence on release/acquire", "ra", { producer: "none" }, lost);
export const barrierOnSc = ring("SHM-2", "doorbell with a store barrier, sequentially consistent", "sc", { producer: "store" }, "holds");
export const barrierOnPso = ring("SHM-2", "doorbell with a store barrier on PSO", "pso", { producer: "store" }, lost);
export const barrierOnRa = ring("SHM-2", "doorbell with a store barrier on release/acquire", "ra", { producer: "store" }, lost);
export const consumerOnSc = ring("SHM-3", "doorbell without the consumer's fence, sequentially consistent", "sc", { consumer: "none" }, "holds");
export const consumerOnPso = ring("SHM-3", "doorbell without the consumer's fence on PSO", "pso", { consumer: "none" }, lost);
export const consumerOnRa = ring("SHM-3", "doorbell without the consumer's fence on release/acquire", "ra", { consumer: "none" }, lost);
export const blindOnSc = ring("SHM-4", "doorbell without the second look, sequentially consistent", "sc", { looksAgain: false }, lost);
export const blindOnTso = ring("SHM-4", "doorbell without the second look on TSO", "tso", { looksAgain: false }, lost);
export const blindOnPso = ring("SHM-4", "doorbell without the second look on PSO", "pso", { looksAgain: false }, lost);
export const blindOnRa = ring("SHM-4", "doorbell without the second look on release/acquire", "ra", { looksAgain: false }, lost);
