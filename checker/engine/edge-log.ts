/**
 * The log of edges in memory (code/runs.ts says what is in it), behind the tables of states: an array that says where each
 * state's record begins, then the log, which grows at its end.
 */
import { cells, own } from "./code/cells.ts";
import type { Memory } from "./memory.ts";

/** The edges of the expanded states, as they stand in memory at a halt. */
export interface StateGraph {
  /** States found. */
  readonly states: number;
  /** Where a state's record begins in `log`; 0: it has not been expanded. */
  readonly first: Uint32Array;
  readonly log: Uint32Array;
  /** Memory in use, that of states included. */
  readonly bytes: number;
}

const align = (address: number): number => Math.ceil(address / 64) * 64;

export class EdgeLog {
  readonly #memory: Memory;
  /** Addresses of the workers' parts. */
  readonly #parts: readonly number[];
  readonly #block: number;
  /** Places that the array has. */
  #places = 0;
  /** What has been written since the last halt: parts of blocks, and all blocks from one on. */
  #halted: readonly { readonly from: number; readonly to: number }[] = [];
  #untouched = 0;

  constructor(memory: Memory, parts: readonly number[], blockBytes: number) {
    this.#memory = memory;
    this.#parts = parts;
    this.#block = blockBytes;
  }

  get #blocks(): number {
    return this.#memory.get(cells.log.capacity);
  }
  get #taken(): number {
    return Math.min(this.#memory.get(cells.log.claimed), this.#blocks);
  }
  /** Bytes in use. */
  get bytes(): number {
    return 4 * this.#places + this.#taken * this.#block;
  }
  /** Bytes that it takes, besides those for each state. */
  get size(): number {
    return this.#blocks * this.#block;
  }
  /** Where it ends. */
  get end(): number {
    return this.#memory.address(cells.log.base) + this.size;
  }
  /** Where it would end, with places for so many states. */
  endAt(address: number, states: number): number {
    return align(align(address) + 4 * states) + this.size;
  }

  /** Moves it up, behind the tables' end, with places for so many states. There must be memory for that. */
  place(address: number, states: number): void {
    const memory = this.#memory;
    const { log } = cells;
    const first = align(address);
    const base = align(first + 4 * states);
    memory.copy(memory.address(log.base), base, this.size);
    memory.copy(memory.address(log.first), first, 4 * this.#places);
    memory.zero(first + 4 * this.#places, 4 * (states - this.#places));
    memory.putAddress(log.base, base);
    memory.putAddress(log.first, first);
    this.#places = states;
  }
  /** Moves all of it up. */
  shift(bytes: number): void {
    const { log } = cells;
    for (const cell of [log.base, log.first]) this.#memory.putAddress(cell, this.#memory.address(cell) + bytes);
  }

  /** Whether a worker may find no room. */
  get isShort(): boolean {
    return this.#taken + this.#parts.length > this.#blocks;
  }
  /** Makes room for half as much again, or at least for one block each; false if there is no memory for that besides `spare` bytes. */
  grow(spare: number): boolean {
    const memory = this.#memory;
    memory.put(cells.log.claimed, this.#taken);
    const base = memory.address(cells.log.base);
    const most = Math.floor((memory.maximum - base - spare) / this.#block);
    const wanted = Math.min(this.#blocks + Math.max(this.#parts.length, this.#blocks >> 1), most);
    if (wanted < this.#taken + this.#parts.length || !memory.reserve(base + wanted * this.#block)) return false;
    memory.put(cells.log.capacity, wanted);
    return true;
  }

  /** Renames, in what has been written since the last halt, states that have been moved to other numbers: those from `count` on. */
  rename(moved: ReadonlyMap<number, number>, count: number): void {
    const memory = this.#memory;
    const base = memory.address(cells.log.base);
    if (moved.size > 0) {
      const fresh = { from: this.#untouched * this.#block, to: this.#taken * this.#block };
      for (const { from, to } of [...this.#halted, fresh]) {
        const words = memory.integers(base + from, (to - from) / 4);
        for (let i = 0; i < words.length; i += 2) {
          const target = words[i] ?? 0;
          if (target >= count) words[i] = moved.get(target) ?? target;
        }
      }
    }
    this.#halted = this.#parts.map((part) => ({ from: 8 * memory.get(part + own.log.next), to: 8 * memory.get(part + own.log.limit) }));
    this.#untouched = this.#taken;
  }

  /** From now on nothing is written, and the memory is free. */
  close(): void {
    this.#memory.put(cells.log.closed, 1);
  }
  /** As if nothing had been written about the first state: it stands in the buffer as a successor of nobody. */
  forgetFirst(): void {
    this.#memory.put(this.#memory.address(cells.log.first), 0);
  }
  view(states: number, bytes: number): StateGraph {
    const { log } = cells;
    const [first, base] = [this.#memory.address(log.first), this.#memory.address(log.base)];
    return { states, first: this.#memory.integers(first, states), log: this.#memory.integers(base, (this.#taken * this.#block) / 4), bytes };
  }
}
