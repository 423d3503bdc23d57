/** What a store keeps in memory, and how that grows; and the tables of the two exact stores. */
import type { Bound } from "../result.ts";
import { cells, own, type TableCells } from "./code/cells.ts";
import { entriesCleared } from "./code/table.ts";
import type { Crew, Pause } from "./crew.ts";
import type { EdgeLog } from "./edge-log.ts";
import type { Exports } from "./instance.ts";
import type { Memory } from "./memory.ts";

export interface Tables {
  /** Bytes in use, those of workers aside. */
  readonly bytes: number;
  /** States found; while workers run, about so many. */
  readonly count: number;
  /** The number of the state that is the first one in memory. */
  readonly discarded: number;
  /** Why there is no more room, or what ended the search for some. */
  readonly exhausted: Bound;
  /** Probability that a state was left out. */
  readonly omission: number;
  /** Gives the state another number: that of a gap. */
  move(from: number, to: number): void;
  /** After a worker found no room: whether there is some now. */
  grow(pause: Pause): Promise<boolean>;
  /** Sees to it that states before `end` can be expanded; before which number in memory. */
  ready(end: number): number;
  /** All states before the number `last` in memory have been expanded, of a level before `end`; false if what is to be kept of them cannot be. */
  leave(last: number, end: number, pause: Pause): Promise<boolean>;
  /** Address of a state's words; for a compressed one, of its root. */
  address(state: number): number;
  /** Where they end. */
  readonly end: number;
}

/** What tables are made from. */
export interface Ground {
  readonly memory: Memory;
  readonly exports: Exports;
  readonly crew: Crew;
  /** Addresses of the workers' parts. */
  readonly parts: readonly number[];
  /** Where the tables begin. */
  readonly start: number;
  readonly maxStates: number;
  /** Numbers that a worker takes at once. */
  readonly batch: number;
  /** Where edges are written down: its memory is behind that of the states. Of the two exact stores. */
  readonly log: EdgeLog | null;
}

/** Lets others run, and goes on whatever they say. */
export const heedless =
  (pause: Pause): Pause =>
  async () => {
    await pause();
    return null;
  };

export const align = (address: number): number => Math.ceil(address / 64) * 64;
/** Entries of the index for so many elements. */
const entriesFor = (size: number): number => Math.floor((size * 4) / 3) + 1;
const initialCapacity = 8_192;
/** Bytes of a state that are kept free for the marks of later passes. */
const marksBytes = 2;

/** Gives a table an empty index. */
export function setIndex(memory: Memory, table: TableCells, capacity: number, index: number): void {
  memory.zero(index, 4 * entriesFor(capacity));
  placeIndex(memory, table, capacity, index);
}
/** Gives a table an index that is still to be cleared. */
function placeIndex(memory: Memory, table: TableCells, capacity: number, index: number): void {
  const entries = entriesFor(capacity);
  memory.put(table.capacity, capacity);
  memory.putAddress(table.index, index);
  memory.put(table.slots, entries);
  memory.put(table.numberMask, 2 ** Math.ceil(Math.log2(capacity + 1)) - 1);
}

/**
 * The next size of a table that is full. The index of one that has just grown by half takes 8 bytes a state, that of a full one
 * 5.3: with states of two words or more, no more than 1.3 times these and 4 bytes. Growing in smaller steps would make it so for one
 * word as well, and a search by 45 % slower.
 */
export function larger(size: number): number {
  return size < 1 << 18 ? 2 * size : Math.floor(1.5 * size);
}

/**
 * An array of states and its index; before it, in the compressed store, an array of nodes and its index. When states are
 * full, memory grows and their index is rebuilt at its new place; when nodes are full, the states first move up.
 */
export class NumberedTables implements Tables {
  readonly #ground: Ground;
  readonly #recordBytes: number;
  readonly discarded = 0;
  readonly omission = 0;
  exhausted: Bound = "memory";

  private constructor(ground: Ground, recordBytes: number) {
    this.#ground = ground;
    this.#recordBytes = recordBytes;
  }

  /** Null if there is not even memory for a few states. */
  static async create(ground: Ground, recordBytes: number, withNodes: boolean): Promise<NumberedTables | null> {
    const tables = new NumberedTables(ground, recordBytes);
    const { memory, start, batch } = ground;
    memory.putAddress(cells.states.base, start);
    memory.put(cells.states.batch, batch);
    memory.putAddress(cells.nodes.base, start);
    memory.put(cells.nodes.batch, batch);
    const now: Pause = async () => null;
    if (!(await tables.#growStates(initialCapacity, now)) || ground.log?.grow(0) === false) return null;
    return !withNodes || (await tables.#growNodes(initialCapacity, now)) ? tables : null;
  }

  get count(): number {
    const { memory } = this.#ground;
    return Math.min(memory.get(cells.states.claimed), memory.get(cells.states.capacity));
  }
  get bytes(): number {
    const { memory } = this.#ground;
    const { states, nodes } = cells;
    return (
      this.count * this.#recordBytes +
      4 * memory.get(states.slots) +
      Math.min(memory.get(nodes.claimed), memory.get(nodes.capacity)) * 8 +
      4 * memory.get(nodes.slots) +
      (this.#ground.log?.bytes ?? 0)
    );
  }
  get end(): number {
    const { memory, log } = this.#ground;
    return log?.end ?? memory.address(cells.states.index) + 4 * memory.get(cells.states.slots);
  }
  address(state: number): number {
    return this.#ground.memory.address(cells.states.base) + state * this.#recordBytes;
  }
  move(from: number, to: number): void {
    this.#ground.exports.move(from, to);
  }
  ready(end: number): number {
    return end;
  }
  async leave(): Promise<boolean> {
    return true;
  }

  /** Takes over states that `fill` puts into their places; false if there is no memory for so many. Of the exact store. */
  async adopt(count: number, fill: (into: Uint8Array) => void, pause: Pause): Promise<boolean> {
    const { memory, crew } = this.#ground;
    const { states } = cells;
    while (memory.get(states.capacity) < count) if (!(await this.#growStates(larger(memory.get(states.capacity)), pause))) return false;
    fill(memory.bytes(this.address(0), count * this.#recordBytes));
    memory.put(states.claimed, count);
    await crew.perform({ name: "rebuild", first: 0, end: count }, heedless(pause));
    return true;
  }

  async grow(pause: Pause): Promise<boolean> {
    const { memory, parts, batch, log } = this.#ground;
    const { states, nodes } = cells;
    const spare = 2 * batch * parts.length;
    const room = memory.get(nodes.capacity);
    if (log?.isShort && !log.grow(marksBytes * memory.get(states.capacity))) {
      this.exhausted = "memory";
      return false;
    }
    if (room > 0 && memory.get(nodes.claimed) + spare >= room && !(await this.#growNodes(larger(room), pause))) {
      this.exhausted = "memory";
      return false;
    }
    const now = memory.get(states.capacity);
    const count = memory.get(states.claimed);
    if (count + spare < now) return true;
    if (await this.#growStates(larger(now), pause)) return true;
    // The last room is used up to the last state.
    memory.put(states.batch, 1);
    return count < now;
  }

  async #growStates(wanted: number, pause: Pause): Promise<boolean> {
    const { memory, maxStates, crew, log } = this.#ground;
    const { states } = cells;
    const base = memory.address(states.base);
    const stateBytes = this.#recordBytes + 4 * (4 / 3) + marksBytes + (log === null ? 0 : 4);
    const room = Math.floor((memory.maximum - base - 256 - (log?.size ?? 0)) / stateBytes);
    const size = Math.min(wanted, room, maxStates);
    this.exhausted = size === maxStates ? "states" : "memory";
    if (size <= memory.get(states.capacity)) return false;
    const index = align(base + size * this.#recordBytes);
    const end = index + 4 * entriesFor(size);
    if (!memory.reserve(log?.endAt(end, size) ?? end)) return false;
    log?.place(end, size);
    placeIndex(memory, states, size, index);
    // A half-filled index would be of no use: this is not interrupted. New pages are what clearing takes time for.
    await crew.perform({ name: "clear", first: 0, end: Math.ceil(entriesFor(size) / entriesCleared) }, heedless(pause));
    await crew.perform({ name: "rebuild", first: 0, end: memory.get(states.claimed) }, heedless(pause));
    return true;
  }

  async #growNodes(wanted: number, pause: Pause): Promise<boolean> {
    const { memory, start, parts, crew, log } = this.#ground;
    const { states, nodes } = cells;
    const index = align(start + wanted * 8);
    const above = align(index + 4 * entriesFor(wanted));
    const from = memory.address(states.base);
    const bytes = this.end - from;
    // Memory must also do for the marks of the states that are there.
    const marks = marksBytes * memory.get(states.capacity);
    if (above + bytes + marks > memory.maximum || !memory.reserve(above + bytes)) return false;
    memory.copy(from, above, bytes);
    memory.putAddress(states.base, above);
    memory.putAddress(states.index, above + memory.address(states.index) - from);
    log?.shift(above - from);
    const count = Math.min(memory.get(nodes.claimed), memory.get(nodes.capacity));
    setIndex(memory, nodes, wanted, index);
    memory.put(nodes.claimed, count);
    // Not those that workers have taken and not used.
    const gaps = parts.map((part) => [memory.get(part + own.nodes.next), memory.get(part + own.nodes.limit)] as const).filter(([next, limit]) => next < limit);
    let first = 0;
    for (const [next, limit] of gaps.sort(([a], [b]) => a - b)) {
      await crew.perform({ name: "rebuildNodes", first, end: next }, heedless(pause));
      first = limit;
    }
    await crew.perform({ name: "rebuildNodes", first, end: count }, heedless(pause));
    return true;
  }
}
