/**
 * One direction of a packet stream (os/packet_stream.h): a ring of descriptors in a dataspace that both sides attach, with
 * a signal when it stops being empty and one when it stops being full. Both sides block: the transmitter while the ring is
 * full, the receiver while it is empty, each at its own entrypoint, where the signals arrive. One slot always stays free.
 */
import type { Cell, CellArray, Step } from "../../model/language/index.ts";
import type { Entrypoint, Signal } from "./index.ts";

export interface Ring {
  readonly head: Cell<number>;
  readonly tail: Cell<number>;
  readonly slots: CellArray<Cell<number>>;
}

/** Puts a descriptor into the ring of `size` slots; `available` tells the receiver if it is the only one. */
export function* transmit<M>(ring: Ring, size: number, value: number, own: Entrypoint<M>, available: Signal): Generator<Step, void, unknown> {
  let head = yield* ring.head.load();
  while ((head + 1) % size === (yield* ring.tail.load())) yield* own.wait({ idle: false });
  yield* ring.slots.at(head).write(value);
  head = (head + 1) % size;
  yield* ring.head.store(head);
  if (((yield* ring.tail.load()) + 1) % size === head) yield* available.submit();
}

/** Takes a descriptor out of the ring; `ready` tells the transmitter if there is one free slot now. */
export function* receive<M>(ring: Ring, size: number, own: Entrypoint<M>, ready: Signal, idle: boolean): Generator<Step, number, unknown> {
  let tail = yield* ring.tail.load();
  while (tail === (yield* ring.head.load())) yield* own.wait({ idle });
  const value = yield* ring.slots.at(tail).read();
  tail = (tail + 1) % size;
  yield* ring.tail.store(tail);
  if (((yield* ring.head.load()) - tail + size) % size === size - 2) yield* ready.submit();
  return value;
}
