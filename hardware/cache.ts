/**
 * The private cache of one CPU: write-back, write-allocate, set-associative, least recently used line replaced. It holds
 * real copies of the data, so that a coherence error shows as a wrong value and not only as a wrong state. The protocol
 * between caches is in bus.ts.
 */
import type { Profile } from "./profile.ts";

/** States of a line, after Papamarcos and Patel. */
export const Mesi = { invalid: 0, shared: 1, exclusive: 2, modified: 3 } as const;
export type MesiState = (typeof Mesi)[keyof typeof Mesi];
export const mesiNames: readonly string[] = Object.keys(Mesi);

const { invalid } = Mesi;

export class Cache {
  /** Per slot: state, line number, rank among the ways of its set (0 is the most recently used). */
  readonly states: Int32Array;
  readonly lines: Int32Array;
  readonly ranks: Int32Array;
  /** Words of all slots, one after another. */
  readonly data: Int32Array;
  readonly slots: number;
  readonly lineWords: number;
  readonly #ways: number;
  readonly #setMask: number;
  /** Per set, where the last line that was looked for is likely to be. Only a guess, which {@link find} verifies: no part of the state. */
  readonly #guesses: Int32Array;

  static size({ cache }: Profile): number {
    return cache.sets * cache.ways * (3 + cache.lineWords);
  }

  constructor(words: Int32Array, { cache }: Profile) {
    this.slots = cache.sets * cache.ways;
    this.lineWords = cache.lineWords;
    this.#ways = cache.ways;
    this.#setMask = cache.sets - 1;
    this.states = words.subarray(0, this.slots);
    this.lines = words.subarray(this.slots, 2 * this.slots);
    this.ranks = words.subarray(2 * this.slots, 3 * this.slots);
    this.data = words.subarray(3 * this.slots);
    for (let slot = 0; slot < this.slots; slot++) this.ranks[slot] = slot % this.#ways;
    this.#guesses = Int32Array.from({ length: cache.sets }, (_, set) => set * this.#ways);
  }

  /** The first slot of the set that `line` belongs to. */
  setOf(line: number): number {
    return (line & this.#setMask) * this.#ways;
  }

  /** The slot that holds a valid copy of `line`, or -1. */
  find(line: number): number {
    const guess = this.#guesses[line & this.#setMask] as number;
    return this.lines[guess] === line && this.states[guess] !== invalid ? guess : this.#search(line);
  }

  #search(line: number): number {
    const { lines, states } = this;
    const first = this.setOf(line);
    const end = first + this.#ways;
    for (let slot = first; slot < end; slot++) {
      if (lines[slot] !== line || states[slot] === invalid) continue;
      this.#guesses[line & this.#setMask] = slot;
      return slot;
    }
    return -1;
  }

  /** The slot that `line` would take: an invalid one, else the least recently used. */
  victim(line: number): number {
    const first = this.setOf(line);
    let oldest = first;
    for (let slot = first; slot < first + this.#ways; slot++) {
      if (this.states[slot] === invalid) return slot;
      if ((this.ranks[slot] as number) > (this.ranks[oldest] as number)) oldest = slot;
    }
    return oldest;
  }

  /** Marks a slot as the most recently used of its set. */
  touch(slot: number): void {
    if (this.ranks[slot] !== 0) this.#promote(slot);
  }

  #promote(slot: number): void {
    const { ranks } = this;
    const rank = ranks[slot] as number;
    const first = slot - (slot % this.#ways);
    const end = first + this.#ways;
    for (let other = first; other < end; other++) {
      const its = ranks[other] as number;
      if (its < rank) ranks[other] = its + 1;
    }
    ranks[slot] = 0;
  }

  /** Forgets a slot. Zeroed, so that equal machine states are equal word for word. */
  clear(slot: number): void {
    this.states[slot] = invalid;
    this.lines[slot] = 0;
    const { data } = this;
    const end = (slot + 1) * this.lineWords;
    for (let word = slot * this.lineWords; word < end; word++) data[word] = 0;
  }
}
