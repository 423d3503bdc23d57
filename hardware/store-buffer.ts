/**
 * The store buffer of one CPU. Under `tso` it is one first-in first-out queue (Sewell, Sarkar, Owens, Zappa Nardelli,
 * Myreen: "x86-TSO", CACM 53(7), 2010); under `pso` one queue for each location, so that stores to different locations
 * may reach memory in either order (SPARC Architecture Manual, version 8, appendix K); under `sc` nothing is held back.
 * A load first looks for the newest buffered store to its own location. When an entry leaves for the cache is for the
 * schedule to say.
 *
 * Both are one list in program order. Under PSO it is kept sorted by address between store barriers, so that buffers that
 * behave alike are equal word for word.
 */
import type { Profile } from "./profile.ts";

export type MemoryModel = "sc" | "tso" | "pso";

/** Stands in the address field of a store barrier. */
const barrier = -1;

export class StoreBuffer {
  readonly model: MemoryModel;
  readonly capacity: number;
  readonly #count: Int32Array;
  readonly #addresses: Int32Array;
  readonly #values: Int32Array;

  static size({ storeBuffer }: Profile): number {
    return 1 + 2 * storeBuffer.entries;
  }

  constructor(words: Int32Array, { storeBuffer }: Profile, model: MemoryModel) {
    this.model = model;
    this.capacity = storeBuffer.entries;
    this.#count = words.subarray(0, 1);
    this.#addresses = words.subarray(1, 1 + this.capacity);
    this.#values = words.subarray(1 + this.capacity, 1 + 2 * this.capacity);
  }

  /** Entries held, store barriers included. */
  get length(): number {
    return this.#count[0] as number;
  }

  get isFull(): boolean {
    return this.length === this.capacity;
  }

  /** Address of an entry; -1 for a store barrier. */
  address(entry: number): number {
    return this.#addresses[entry] as number;
  }

  value(entry: number): number {
    return this.#values[entry] as number;
  }

  /** Holds a store back. There must be room. */
  push(address: number, value: number): void {
    let place = this.length;
    if (this.model === "pso") while (place > 0 && this.address(place - 1) !== barrier && this.address(place - 1) > address) place--;
    this.#insert(place, address, value);
  }

  /** Later stores must not overtake earlier ones: SPARC's STBAR. Under TSO they do not anyway. There must be room. */
  pushBarrier(): void {
    const last = this.length - 1;
    if (this.model === "pso" && last >= 0 && this.address(last) !== barrier) this.#insert(last + 1, barrier, 0);
  }

  /** The newest store to this location, or -1. */
  find(address: number): number {
    for (let entry = this.length - 1; entry >= 0; entry--) if (this.#addresses[entry] === address) return entry;
    return -1;
  }

  /** Whether this entry may leave now. */
  mayDrain(entry: number): boolean {
    if (entry < 0 || entry >= this.length) return false;
    if (this.model !== "pso") return entry === 0;
    for (let upTo = 0; upTo <= entry; upTo++) if (this.address(upTo) === barrier) return false;
    return entry === 0 || this.address(entry - 1) !== this.address(entry);
  }

  /** Takes an entry out. A store barrier that is first then has done its work. */
  remove(entry: number): void {
    this.#delete(entry);
    if (this.length > 0 && this.address(0) === barrier) this.#delete(0);
  }

  #insert(place: number, address: number, value: number): void {
    const count = this.length;
    if (count === this.capacity) throw new RangeError("the store buffer is full");
    this.#addresses.copyWithin(place + 1, place, count);
    this.#values.copyWithin(place + 1, place, count);
    this.#addresses[place] = address;
    this.#values[place] = value;
    this.#count[0] = count + 1;
  }

  #delete(entry: number): void {
    const count = this.length;
    this.#addresses.copyWithin(entry, entry + 1, count);
    this.#values.copyWithin(entry, entry + 1, count);
    this.#addresses[count - 1] = 0;
    this.#values[count - 1] = 0;
    this.#count[0] = count - 1;
  }
}
