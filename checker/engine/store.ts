/**
 * One instance of a generated module with its memory: the fixed part, the array of states, the hash index behind it.
 * When the array is full, memory grows, and the index is rebuilt at its new place.
 */
import { type Generated, generate } from "./code/explorer.ts";
import type { Layout } from "./layout.ts";
import type { System } from "../../model/system/system.ts";
import { wasm, type WasmGlobal, type WasmMemory } from "./wasm/api.ts";

const pageBytes = 65_536;
/** wasm32's address space, without the last page. */
const addressSpace = 65_535 * pageBytes;
const initialCapacity = 8_192;
/** States between two returns to JavaScript: V8 replaces baseline code only between calls. */
export const stretch = 1_000;

interface Exports {
  run(end: number, most: number): number;
  edges(state: number): number;
  layer(first: number, end: number, after: number): void;
  ask(group: number, waits: number): void;
  link(first: number, end: number, waits: number): void;
  spread(which: number, first: number, step: number, count: number): number;
  rescue(): number;
  rebuild(): void;
  readonly tail: WasmGlobal<number>;
  readonly cursor: WasmGlobal<number>;
  readonly count: WasmGlobal<number>;
  readonly capacity: WasmGlobal<number>;
  readonly index: WasmGlobal<number>;
  readonly slots: WasmGlobal<number>;
  readonly numberMask: WasmGlobal<number>;
  readonly findings: WasmGlobal<number>;
  readonly transitions: WasmGlobal<bigint>;
  readonly marks: WasmGlobal<number>;
  readonly links: WasmGlobal<number>;
  readonly bounded: WasmGlobal<number>;
}

export interface Edge {
  readonly transition: number;
  readonly pick: number;
  /** Number of the state it leads to; -1 if that was not stored. */
  readonly target: number;
}
export interface RawFinding {
  readonly kind: number;
  readonly detail: number;
  readonly transition: number;
  readonly pick: number;
  readonly state: number;
}

export class Store {
  readonly generated: Generated;
  readonly #layout: Layout;
  readonly #memory: WasmMemory;
  readonly #exports: Exports;
  readonly #maximum: number;
  readonly #maxStates: number;
  /** Why the array cannot grow any more. */
  exhausted: "memory" | "states" = "memory";
  #ints: Int32Array;

  private constructor(generated: Generated, layout: Layout, memory: WasmMemory, exports: Exports, maximum: number, maxStates: number) {
    this.generated = generated;
    this.#layout = layout;
    this.#memory = memory;
    this.#exports = exports;
    this.#maximum = maximum;
    this.#maxStates = maxStates;
    this.#ints = new Int32Array(memory.buffer);
  }

  /** Null if the memory is too small to begin with. */
  static async create(system: System, layout: Layout, maxMemory: number, maxStates: number): Promise<Store | null> {
    const maximum = Math.floor(Math.min(maxMemory, addressSpace) / pageBytes);
    const generated = generate(system, layout, { initial: 1, maximum });
    const initial = Math.ceil(generated.regions.states / pageBytes);
    if (initial > maximum) return null;
    const memory = new wasm.Memory({ initial, maximum, shared: true });
    const module = await wasm.compile(generated.bytes);
    const { exports } = await wasm.instantiate(module, { env: { memory } });
    const store = new Store(generated, layout, memory, exports as unknown as Exports, maximum * pageBytes, maxStates);
    const trusted = new Uint8Array(memory.buffer, generated.regions.trusted, system.transitions.length);
    for (const { id, thread } of system.transitions) trusted[id] = thread === null || system.processes[thread]?.stoppable === false ? 1 : 0;
    return store.#resize(initialCapacity) ? store : null;
  }

  get count(): number {
    return this.#exports.count.value;
  }
  get cursor(): number {
    return this.#exports.cursor.value;
  }
  /** Those that led to a state. */
  get transitions(): number {
    return Number(this.#exports.transitions.value);
  }
  /** Whether some state met a bound of the memory model. */
  get bounded(): boolean {
    return this.#exports.bounded.value !== 0;
  }
  /** Bytes in use: states, index, buffers. */
  get bytes(): number {
    return this.generated.regions.states + this.count * this.generated.stateBytes + this.#exports.slots.value * 4;
  }

  /** Makes room for more states; false if there is none. */
  grow(): boolean {
    const now = this.#exports.capacity.value;
    return this.#resize(now < 1 << 23 ? 2 * now : Math.floor(1.5 * now));
  }

  #resize(wanted: number): boolean {
    const { regions, stateBytes } = this.generated;
    const { capacity, count, index, slots, numberMask } = this.#exports;
    // The index has room for four thirds of the states; two bytes of each are kept free for the marks.
    const room = Math.floor((this.#maximum - regions.states - 128) / (stateBytes + 4 * (4 / 3) + 2));
    const size = Math.min(wanted, room, this.#maxStates);
    this.exhausted = size === this.#maxStates ? "states" : "memory";
    if (size <= count.value || size < 1) return false;
    const indexAt = Math.ceil((regions.states + size * stateBytes) / 64) * 64;
    const entries = Math.floor((size * 4) / 3) + 1;
    if (!this.#reserve(indexAt + 4 * entries)) return false;
    this.#ints.fill(0, indexAt / 4, indexAt / 4 + entries);
    capacity.value = size;
    index.value = indexAt;
    slots.value = entries;
    numberMask.value = 2 ** Math.ceil(Math.log2(size + 1)) - 1;
    this.#exports.rebuild();
    return true;
  }

  /** Makes memory at least so large. */
  #reserve(bytes: number): boolean {
    const missing = Math.ceil((bytes - this.#memory.buffer.byteLength) / pageBytes);
    if (missing > 0) {
      try {
        this.#memory.grow(missing);
      } catch {
        return false;
      }
    }
    this.#ints = new Int32Array(this.#memory.buffer);
    return true;
  }

  /** Enters the initial state. */
  begin(words: readonly bigint[]): void {
    new BigUint64Array(this.#memory.buffer, this.generated.regions.states, words.length).set(words);
    this.#exports.count.value = 1;
    this.#exports.rebuild();
  }

  /** The words of a state. */
  words(state: number): readonly bigint[] {
    return [...new BigUint64Array(this.#memory.buffer, this.generated.regions.states + state * this.generated.stateBytes, this.#layout.words)];
  }

  /** Expands at most `most` states up to `end`; see `ran`. */
  run(end: number, most: number): number {
    return this.#exports.run(end, most);
  }

  /** Takes what has been noted since the last time. */
  findings(): readonly RawFinding[] {
    const { regions } = this.generated;
    const found: RawFinding[] = [];
    for (let at = regions.findings; at < this.#exports.findings.value; at += 20) {
      const [kind = 0, detail = 0, transition = 0, pick = 0, state = 0] = this.#ints.subarray(at / 4, at / 4 + 5);
      found.push({ kind, detail, transition, pick, state });
    }
    this.#exports.findings.value = regions.findings;
    return found;
  }

  /** Everything that leads from a state to a state. */
  edges(state: number): readonly Edge[] {
    const { regions, entryBytes, stateBytes } = this.generated;
    const count = this.#exports.edges(state);
    const edges: Edge[] = [];
    for (let i = 0, at = (regions.successors + stateBytes) / 4; i < count; i++, at += entryBytes / 4) {
      edges.push({ transition: this.#ints[at] ?? 0, pick: this.#ints[at + 1] ?? 0, target: this.#ints[at + 2] ?? -1 });
    }
    return edges;
  }

  /** Bytes for each state, behind the index; null if there is no memory for them. All zero. */
  marks(bytes: 1 | 2): Uint8Array | null {
    const { index, slots, count, marks } = this.#exports;
    const at = index.value + 4 * slots.value;
    if (!this.#reserve(at + bytes * count.value)) return null;
    marks.value = at;
    return new Uint8Array(this.#memory.buffer, at, bytes * count.value).fill(0);
  }
  /** Marks the states of a level, first..end-1, that lead to a marked state of the next one, end..after-1. */
  layer(first: number, end: number, after: number): void {
    this.#exports.layer(first, end, after);
  }
  /** Asks, in the first byte of each state, about those of eight waits that some thread is in with its condition true. */
  ask(group: number, waits: number): void {
    this.#exports.ask(group, waits);
  }
  /**
   * What the second bytes say spreads along two steps of each state, as far as it will; this settles nearly everything.
   * Does nothing if there is no memory for eight bytes a state.
   */
  *spread(waits: number): Generator<void> {
    const { marks, links, count, link, spread } = this.#exports;
    const states = count.value;
    const at = Math.ceil((marks.value + 2 * states) / 8) * 8;
    if (!this.#reserve(at + 8 * states)) return;
    links.value = at;
    for (let first = 0; first < states; first += stretch) {
      link(first, Math.min(first + stretch, states), waits);
      yield;
    }
    // Upwards along the links to lower numbers, downwards along the others.
    while ((spread(0, 0, 1, states) | spread(4, states - 1, -1, states)) !== 0) yield;
  }
  /** One sweep over the states asked about; the second byte of each says which sleepers will be woken. Whether anything has changed. */
  rescue(): boolean {
    return this.#exports.rescue() !== 0;
  }
  /** Whether the wait was seen with its condition true. */
  wasSeen(wait: number): boolean {
    return new Uint8Array(this.#memory.buffer)[this.generated.regions.seen + wait] === 1;
  }
}
