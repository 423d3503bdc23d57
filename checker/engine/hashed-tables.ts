/**
 * The tables of the stores that keep hashes: the hashes (or bits), and above them the states of the level that is being
 * expanded and of the next one. The steps by which the states of earlier levels were found go to a file (trail.ts).
 */
import type { Bound } from "../result.ts";
import { cells } from "./code/cells.ts";
import { bitsSet } from "./code/stores.ts";
import type { Pause } from "./crew.ts";
import { type Ground, larger, type Tables } from "./tables.ts";
import type { Trail } from "./trail.ts";

const initialSlots = 32_768;
const initialWindow = 8_192;
/** Bytes of a bit array, if memory is not limited to less. */
const defaultBits = 2 ** 28;
/** The table of hashes is filled up to this. */
const load = 0.75;

export class HashedTables implements Tables {
  readonly #ground: Ground;
  readonly #recordBytes: number;
  readonly #kind: "compact" | "bitstate";
  readonly #trail: Trail;
  /** Records that there is memory for. */
  #window = 0;
  discarded = 0;
  exhausted: Bound = "memory";

  private constructor(ground: Ground, recordBytes: number, kind: "compact" | "bitstate", trail: Trail) {
    this.#ground = ground;
    this.#recordBytes = recordBytes;
    this.#kind = kind;
    this.#trail = trail;
  }

  /** Null if there is not even memory for a few states. */
  static create(ground: Ground, recordBytes: number, kind: "compact" | "bitstate", trail: Trail): HashedTables | null {
    const tables = new HashedTables(ground, recordBytes, kind, trail);
    const { memory, start, batch } = ground;
    const slots = kind === "compact" ? initialSlots : Math.floor(Math.min(defaultBits, (memory.maximum - start) / 2) / 8);
    if (slots < 64) return null;
    memory.put(cells.states.batch, batch);
    memory.putAddress(cells.states.index, start);
    memory.put(cells.states.slots, slots);
    memory.putAddress(cells.states.base, start + 8 * slots);
    return tables.#growWindow(initialWindow) ? tables : null;
  }

  get count(): number {
    const { memory } = this.#ground;
    return this.discarded + Math.min(memory.get(cells.states.claimed), memory.get(cells.states.capacity));
  }
  get #slots(): number {
    return this.#ground.memory.get(cells.states.slots);
  }
  get bytes(): number {
    return 8 * this.#slots + this.#window * this.#recordBytes;
  }
  get end(): number {
    return this.address(this.#window);
  }
  address(state: number): number {
    return this.#ground.memory.address(cells.states.base) + state * this.#recordBytes;
  }
  move(from: number, to: number): void {
    this.#ground.memory.copy(this.address(from), this.address(to), this.#recordBytes);
  }

  /** How many states the window may hold, with its own room and that for their hashes. */
  #limit(): void {
    const { memory, maxStates } = this.#ground;
    const hashes = this.#kind === "compact" ? Math.floor(this.#slots * load) - this.discarded : Number.POSITIVE_INFINITY;
    memory.put(cells.states.capacity, Math.max(0, Math.min(this.#window, hashes, maxStates - this.discarded)));
  }

  #growWindow(wanted: number): boolean {
    const { memory } = this.#ground;
    const size = Math.min(wanted, Math.floor((memory.maximum - this.address(0)) / this.#recordBytes));
    if (size <= this.#window || !memory.reserve(this.address(size))) return false;
    this.#window = size;
    this.#limit();
    return true;
  }

  /** The window moves up, the old hashes are entered anew from a copy above it. */
  #growHashes(wanted: number): boolean {
    const { memory, start, exports } = this.#ground;
    const old = 8 * this.#slots;
    const bytes = memory.get(cells.states.claimed) * this.#recordBytes;
    const fixed = start + this.#window * this.#recordBytes;
    const slots = Math.min(wanted, Math.floor((memory.maximum - fixed - old) / 8));
    if (slots < 1.1 * this.#slots) return false;
    const base = start + 8 * slots;
    const copy = base + this.#window * this.#recordBytes;
    if (!memory.reserve(copy + old)) return false;
    memory.copy(start, copy, old);
    memory.copy(this.address(0), base, bytes);
    memory.zero(start, 8 * slots);
    memory.put(cells.states.slots, slots);
    memory.putAddress(cells.states.base, base);
    exports.reenter(copy / 8, (copy + old) / 8);
    this.#limit();
    return true;
  }

  async grow(_pause: Pause): Promise<boolean> {
    const { memory, parts, batch, maxStates } = this.#ground;
    const spare = 2 * batch * parts.length;
    const count = memory.get(cells.states.claimed);
    if (count + spare < memory.get(cells.states.capacity)) return true;
    if (this.discarded + count + spare >= maxStates) this.exhausted = "states";
    else {
      this.exhausted = "memory";
      if (count + spare >= this.#window && this.#growWindow(larger(this.#window))) return true;
      if (this.#kind === "compact" && this.discarded + count + spare >= this.#slots * load && this.#growHashes(larger(this.#slots))) return true;
    }
    memory.put(cells.states.batch, 1);
    return count < memory.get(cells.states.capacity);
  }

  ready(end: number): number {
    return end - this.discarded;
  }
  async leave(end: number): Promise<boolean> {
    const { memory } = this.#ground;
    const count = memory.get(cells.states.claimed);
    if (!this.#trail.append(memory.bytes(this.address(0), end * this.#recordBytes), this.#recordBytes)) {
      this.exhausted = "disk";
      return false;
    }
    memory.copy(this.address(end), this.address(0), (count - end) * this.#recordBytes);
    memory.put(cells.states.claimed, count - end);
    memory.put(cells.cursor, 0);
    this.discarded += end;
    this.#limit();
    return true;
  }

  /** Gives up the states in memory but the first one; their hashes stay. For walks. */
  forget(): void {
    const { memory } = this.#ground;
    this.discarded += memory.get(cells.states.claimed) - 1;
    memory.put(cells.states.claimed, 1);
    this.#limit();
  }

  /** Keeps of the states in memory about `width`, chosen by their words and the seed. Returns how many are gone. */
  thin(width: number, seed: number): number {
    const { memory } = this.#ground;
    const count = memory.get(cells.states.claimed);
    if (count <= width) return 0;
    const limit = Math.floor((width / count) * 2 ** 32);
    const words = this.#recordBytes / 4 - 4;
    let kept = 0;
    for (let state = 0; state < count; state++) {
      const at = this.address(state);
      let mixed = seed >>> 0;
      for (let word = 0; word < words; word++) {
        mixed = Math.imul(mixed ^ memory.get(at + 4 * word), 0x9e3779b1);
        mixed ^= mixed >>> 15;
      }
      if (Math.imul(mixed, 0x85ebca6b) >>> 0 >= limit) continue;
      if (kept < state) memory.copy(at, this.address(kept), this.#recordBytes);
      kept++;
    }
    memory.put(cells.states.claimed, kept);
    this.#limit();
    return count - kept;
  }

  /**
   * That some state was taken for another one. Hashes: of n states two have the same of 2^64. Bits: the i-th state finds
   * its bits set with probability (1 - e^(-ki/m))^k.
   */
  get omission(): number {
    const states = this.discarded + this.#ground.memory.get(cells.states.claimed);
    if (this.#kind === "compact") return -Math.expm1((-states * (states - 1)) / 2 ** 65);
    const bits = 64 * this.#slots;
    const steps = 10_000;
    let expected = 0;
    for (let i = 0; i < steps; i++) expected += (states / steps) * (-Math.expm1((-bitsSet * states * (i + 0.5)) / (steps * bits))) ** bitsSet;
    return -Math.expm1(-expected);
  }
}
