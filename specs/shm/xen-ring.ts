/**
 * Xen's shared ring (public/io/ring.h): free-running indices; the front end publishes and notifies only if the back end has
 * asked for an event in between (`event`, 1 at the start); the back end, before it sleeps, asks for the next one and looks at
 * the index again (RING_FINAL_CHECK). Both need a full barrier between their store and their load. The event channel is a
 * latched bit. Indices of three bits stand for those of 32.
 */
import { type Cell, fence, int, type Order, protocol, waitUntil, wrapping } from "ipc-check";
import * as shm from "ipc-check/kernels/shm";

type Model = "sc" | "tso" | "pso" | "ra";
interface Ring {
  readonly front?: "barrier" | "none";
  readonly back?: "barrier" | "none";
  readonly finalCheck?: boolean;
}

/** RING_PUSH_REQUESTS_AND_CHECK_NOTIFY */
function* push(producer: Cell<number>, event: Cell<number>, old: number, now: number, barrier: boolean, order: Order) {
  yield* producer.store(now, order);
  if (barrier) yield* fence();
  const asked = yield* event.load("relaxed");
  return (now - asked + 8) % 8 < (now - old + 8) % 8;
}

const ring = (
  name: string,
  memoryModel: Model,
  { front = "barrier", back = "barrier", finalCheck = true }: Ring,
  expect: "holds" | { readonly violated: "deadlock" },
) =>
  protocol(name, {
    kernel: shm.kernel(),
    memoryModel,
    memory: { producer: wrapping(8), event: wrapping(8, 1), channel: int(0, 1) },
    threads: {
      frontEnd: {
        *run({ producer, event, channel }) {
          // One request, then two at once.
          if (yield* push(producer, event, 0, 1, front === "barrier", "release")) yield* channel.exchange(1);
          if (yield* push(producer, event, 1, 3, front === "barrier", "release")) yield* channel.exchange(1);
        },
      },
      backEnd: {
        *run({ producer, event, channel }) {
          let consumed = 0;
          while (consumed < 3) {
            const published = yield* producer.load("acquire");
            if (published > consumed) consumed = published;
            else {
              yield* event.store((consumed + 1) % 8, "relaxed");
              if (back === "barrier") yield* fence();
              if (!finalCheck || (yield* producer.load("acquire")) === consumed) {
                yield* waitUntil(channel, (value) => value === 1);
                yield* channel.exchange(0);
              }
            }
          }
        },
      },
    },
    expect,
  });

const lost = { violated: "deadlock" } as const;
export const onSc = ring("Xen ring, sequentially consistent", "sc", {}, "holds");
export const onTso = ring("Xen ring on TSO", "tso", {}, "holds");
export const onPso = ring("Xen ring on PSO", "pso", {}, "holds");
export const onRa = ring("Xen ring on release/acquire", "ra", {}, "holds");
export const unchecked = ring("Xen ring without the final check", "sc", { finalCheck: false }, lost);
export const frontUnfenced = ring("Xen ring on TSO, no barrier in the front end", "tso", { front: "none" }, lost);
export const backUnfenced = ring("Xen ring on TSO, no barrier in the back end", "tso", { back: "none" }, lost);
export const frontUnfencedOnRa = ring("Xen ring on release/acquire, no barrier in the front end", "ra", { front: "none" }, lost);
export const backUnfencedOnRa = ring("Xen ring on release/acquire, no barrier in the back end", "ra", { back: "none" }, lost);
