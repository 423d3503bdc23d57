/**
 * IO channels (IO.if, io/fifo.h): a FIFO of records (base, len) in each direction, in memory that both sides share. A packet of
 * n records takes n + 1 slots, the first of which says how many there are; here n is 1. Each side advances a count of its own, of
 * slots filled or emptied, and awaits that of its peer.
 */
import type { Cell, CellArray, Step } from "../../model/language/index.ts";
import { awaitCount, type Deadline } from "./events.ts";
import type { Channel, Domain } from "./index.ts";

/** One direction. `filled` leads from who puts to who gets, `emptied` the other way. */
export interface Fifo {
  readonly base: CellArray<Cell<number>>;
  readonly len: CellArray<Cell<number>>;
  readonly filled: Channel;
  readonly emptied: Channel;
}
export interface Packet {
  readonly got: boolean;
  readonly base: number;
  readonly len: number;
}
/** Slots of a packet: its header and one record. */
export const packetSlots = 2;

/** Waits until `slots` of them are free for a side that has filled `put` so far; false if the deadline passes before. */
export function* awaitFreeSlots(own: Domain, fifo: Fifo, put: number, slots: number, deadline: Deadline = "none"): Generator<Step, boolean, unknown> {
  const emptied = put + slots - fifo.base.length;
  if (emptied <= 0) return true;
  const { outcome } = yield* awaitCount(own, fifo.emptied, emptied - 1, { deadline });
  return outcome === "reached";
}

/** Puts a packet behind the `put` slots that have been filled so far; false if the deadline passes before there is room. */
export function* putPacket(own: Domain, fifo: Fifo, put: number, base: number, len: number, deadline: Deadline = "none"): Generator<Step, boolean, unknown> {
  const isFree = yield* awaitFreeSlots(own, fifo, put, packetSlots, deadline);
  if (!isFree) return false;
  const size = fifo.base.length;
  yield* fifo.base.at(put % size).write(1);
  yield* fifo.base.at((put + 1) % size).write(base);
  yield* fifo.len.at((put + 1) % size).write(len);
  yield* fifo.filled.send(put + packetSlots);
  return true;
}

/** Gets the packet behind the `got` slots that have been emptied so far. */
export function* getPacket(
  own: Domain,
  fifo: Fifo,
  got: number,
  { deadline = "none", idle = false }: { readonly deadline?: Deadline; readonly idle?: boolean } = {},
): Generator<Step, Packet, unknown> {
  const { outcome } = yield* awaitCount(own, fifo.filled, got + 1, { deadline, idle });
  if (outcome !== "reached") return { got: false, base: 0, len: 0 };
  const size = fifo.base.length;
  const records = yield* fifo.base.at(got % size).read();
  const base = yield* fifo.base.at((got + 1) % size).read();
  const len = yield* fifo.len.at((got + 1) % size).read();
  yield* fifo.emptied.send(got + packetSlots);
  return { got: records === 1, base, len };
}
