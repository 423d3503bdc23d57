/**
 * A virtio split ring with event index: the device writes the index up to which it has seen the ring (`event`), and the
 * driver kicks only if what it has added since its last test crosses that index (vring_need_event). Indices wrap: where as
 * many buffers have been added since the last test as there are indices, the test sees none, and the kick is left out.
 * Linux kicks one earlier (virtqueue_add). Indices of two bits stand for those of 16, a ring of two buffers for the largest.
 */
import { fence, int, protocol, waitUntil, wrapping } from "ipc-check";
import * as shm from "ipc-check/kernels/shm";

interface Variant {
  readonly memoryModel?: "sc" | "tso" | "ra";
  /** Added since the last test, at most. */
  readonly untested?: number;
  readonly driver?: "fence" | "none";
  readonly device?: "fence" | "none";
}

const ring = (
  name: string,
  { memoryModel = "sc", untested = 3, driver: driverFence = "fence", device: deviceFence = "fence" }: Variant,
  expect: "holds" | { readonly violated: "deadlock" },
) =>
  protocol(name, {
    kernel: shm.kernel(),
    memoryModel: memoryModel === "ra" ? { model: "ra", messages: 8 } : memoryModel,
    parameters: { buffers: 4 },
    memory: { available: wrapping(4), used: wrapping(4), event: wrapping(4), kick: int(0, 1) },
    threads: {
      driver: {
        *run({ available, used, event, kick, buffers }) {
          let index = 0;
          let added = 0;
          for (let buffer = 0; buffer < buffers; buffer++) {
            const isFull = (index - (yield* used.load("acquire")) + 4) % 4 === 2;
            if (isFull || added === untested) {
              if (driverFence === "fence") yield* fence();
              if ((index - (yield* event.load("relaxed")) - 1 + 8) % 4 < added % 4) yield* kick.exchange(1);
              added = 0;
            }
            if (isFull) yield* waitUntil(used, (value) => (index - value + 4) % 4 < 2);
            index = (index + 1) % 4;
            added += 1;
            yield* available.store(index, "release");
          }
          if (driverFence === "fence") yield* fence();
          if ((index - (yield* event.load("relaxed")) - 1 + 8) % 4 < added % 4) yield* kick.exchange(1);
        },
      },
      device: {
        *run({ available, used, event, kick, buffers }) {
          let seen = 0;
          let done = 0;
          while (done < buffers) {
            if ((yield* available.load("acquire")) !== seen) {
              seen = (seen + 1) % 4;
              done += 1;
              yield* used.store(seen, "release");
            } else {
              yield* event.store(seen, "relaxed");
              if (deviceFence === "fence") yield* fence();
              if ((yield* available.load("acquire")) === seen) {
                yield* waitUntil(kick, (value) => value === 1);
                yield* kick.exchange(0);
              }
            }
          }
        },
      },
    },
    expect,
  });

const lost = { violated: "deadlock" } as const;
export const onSc = ring("virtio ring, sequentially consistent", {}, "holds");
export const aliased = ring("virtio ring, tested too rarely", { untested: 4 }, lost);
export const onTso = ring("virtio ring on TSO", { memoryModel: "tso" }, "holds");
export const driverUnfenced = ring("virtio ring on TSO, no fence in the driver", { memoryModel: "tso", driver: "none" }, lost);
export const deviceUnfenced = ring("virtio ring on TSO, no fence in the device", { memoryModel: "tso", device: "none" }, lost);
export const onRa = ring("virtio ring on release/acquire", { memoryModel: "ra" }, "holds");
export const driverUnfencedOnRa = ring("virtio ring on release/acquire, no fence in the driver", { memoryModel: "ra", driver: "none" }, lost);
