/**
 * The memory of a search: the fixed part with that of each worker, the array of states, the hash index behind it. When
 * the array is full, memory grows, and the index is rebuilt at its new place.
 */
import type { Bound } from "../result.ts";
import { cells, own } from "./code/cells.ts";
import { type Generated, generate, ran } from "./code/explorer.ts";
import { Crew, type Pause } from "./crew.ts";
import { type Exports, instance, partOf } from "./instance.ts";
import type { Layout } from "./layout.ts";
import type { System } from "../../model/system/system.ts";
import { wasm, type WasmMemory } from "./wasm/api.ts";

const pageBytes = 65_536;
/** wasm32's address space, without the last page. */
const addressSpace = 65_535 * pageBytes;
const initialCapacity = 8_192;
/** Numbers that a worker takes at once for new states, and states of the frontier. */
const batch = 256;
const portion = 64;

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

/** Lets others run, and goes on whatever they say. */
const heedless =
  (pause: Pause): Pause =>
  async () => {
    await pause();
    return null;
  };

/** What a search may use. */
export interface Limits {
  /** Bytes. */
  readonly memory: number;
  readonly states: number;
  readonly workers: number;
  /** All workers take part from the beginning, one state at a time. */
  readonly eager?: boolean;
}

export class Store {
  readonly generated: Generated;
  readonly crew: Crew;
  readonly #layout: Layout;
  readonly #memory: WasmMemory;
  readonly #exports: Exports;
  readonly #maximum: number;
  readonly #limits: Limits;
  /** Why the array cannot grow any more. */
  exhausted: "memory" | "states" = "memory";
  #words: Uint32Array;

  private constructor(generated: Generated, layout: Layout, memory: WasmMemory, exports: Exports, crew: Crew, maximum: number, limits: Limits) {
    this.generated = generated;
    this.crew = crew;
    this.#layout = layout;
    this.#memory = memory;
    this.#exports = exports;
    this.#maximum = maximum;
    this.#limits = limits;
    this.#words = new Uint32Array(memory.buffer);
  }

  /** Null if the memory is too small to begin with. */
  static async create(system: System, layout: Layout, limits: Limits): Promise<Store | null> {
    const maximum = Math.floor(Math.min(limits.memory, addressSpace) / pageBytes);
    const generated = generate(system, layout, { initial: 1, maximum }, limits.workers);
    const { regions, stateBytes } = generated;
    const initial = Math.ceil(regions.tables / pageBytes);
    if (initial > maximum) return null;
    const memory = new wasm.Memory({ initial, maximum, shared: true });
    const module = await wasm.compile(generated.bytes);
    const exports = instance(module, memory, regions, 0);
    const crew = new Crew(generated, module, memory, exports, limits);
    const store = new Store(generated, layout, memory, exports, crew, maximum * pageBytes, limits);
    const trusted = new Uint8Array(memory.buffer, regions.trusted, system.transitions.length);
    for (const { id, thread } of system.transitions) trusted[id] = thread === null || system.processes[thread]?.stoppable === false ? 1 : 0;
    store.#put(cells.states.base, regions.tables);
    store.#put(cells.states.batch, limits.eager === true ? 3 : batch);
    store.#put(cells.portionSize, limits.eager === true ? 1 : portion);
    if (limits.eager === true) await crew.start();
    if (stateBytes * initialCapacity > maximum * pageBytes) return null;
    return (await store.#resize(initialCapacity, async () => null)) ? store : null;
  }

  #get(cell: number): number {
    return this.#words[cell / 4] ?? 0;
  }
  #put(cell: number, value: number): void {
    this.#words[cell / 4] = value;
  }
  /** The parts of the workers. */
  get #parts(): readonly number[] {
    return Array.from({ length: this.#limits.workers }, (_, worker) => partOf(this.generated.regions, worker));
  }

  /** States stored; while workers run, about so many. */
  get count(): number {
    return Math.min(this.#get(cells.states.claimed), this.#get(cells.states.capacity));
  }
  /** States taken from the frontier. */
  get cursor(): number {
    return Math.min(this.#get(cells.cursor), this.count);
  }
  /** States that wait to be expanded. */
  get frontier(): number {
    return this.#parts.reduce((sum, part) => sum + this.#get(part + own.end) - this.#get(part + own.cursor), this.count - this.cursor);
  }
  /** Those that led to a state. */
  get transitions(): number {
    const counts = new BigUint64Array(this.#memory.buffer);
    return this.#parts.reduce((sum, part) => sum + Number(counts[(part + own.transitions) / 8] ?? 0n), 0);
  }
  /** Whether some state met a bound of the memory model. */
  get bounded(): boolean {
    return this.#get(cells.bounded) !== 0;
  }
  /** Bytes in use: states, index, buffers. */
  get bytes(): number {
    return this.generated.regions.tables + this.count * this.generated.stateBytes + this.#get(cells.states.slots) * 4;
  }

  /**
   * Expands the states of a level, all those taken before `end`, or some of them if a bound was reached.
   * `note` gets what was found.
   */
  async expand(end: number, note: (finding: RawFinding) => void, pause: Pause): Promise<Bound | null> {
    // Who was interrupted has something left over, which nobody else can take.
    for (let interrupted = false; ; interrupted = true) {
      this.crew.considerStarting(this.count, end - this.cursor);
      const bound = await this.crew.perform({ name: "run", first: this.cursor, end }, pause, interrupted);
      for (const finding of this.#takeFindings()) note(finding);
      const outcomes = this.#parts.map((part) => this.#get(part + own.outcome));
      this.#settle(Math.min(this.#get(cells.cursor), end));
      if (bound !== null) return bound;
      if (outcomes.includes(ran.full)) {
        if (!(await this.#makeRoom(pause))) return this.exhausted;
      } else if (outcomes.every((outcome) => outcome === ran.done)) return null;
    }
  }

  /** Moves the last states to numbers that workers have taken and not used, so that there are no gaps. */
  #settle(cursor: number): void {
    const { claimed } = cells.states;
    const gaps = this.#parts
      .map((part) => ({ from: this.#get(part + own.states.next), to: this.#get(part + own.states.limit) }))
      .filter(({ from, to }) => from < to)
      .sort((a, b) => a.from - b.from);
    const count = this.count - gaps.reduce((sum, { from, to }) => sum + to - from, 0);
    let last = this.count;
    for (const { from, to } of gaps) {
      for (let to_ = from; to_ < to && to_ < count; to_++) {
        do last--;
        while (gaps.some((gap) => gap.from <= last && last < gap.to));
        this.#exports.move(last, to_);
      }
    }
    for (const part of this.#parts) {
      this.#put(part + own.states.next, 0);
      this.#put(part + own.states.limit, 0);
    }
    this.#put(claimed, count);
    this.#put(cells.cursor, cursor);
  }

  /** Makes room for more states, or sees to it that the last room is used up; false if there is none. */
  async #makeRoom(pause: Pause): Promise<boolean> {
    const now = this.#get(cells.states.capacity);
    if (this.count + 2 * batch * this.#limits.workers < now) return true;
    if (await this.#resize(now < 1 << 23 ? 2 * now : Math.floor(1.5 * now), pause)) return true;
    this.#put(cells.states.batch, 1);
    return this.count < now;
  }

  async #resize(wanted: number, pause: Pause): Promise<boolean> {
    const { regions, stateBytes } = this.generated;
    const { capacity, index, slots, numberMask } = cells.states;
    // The index has room for four thirds of the states; two bytes of each are kept free for the marks.
    const room = Math.floor((this.#maximum - regions.tables - 128) / (stateBytes + 4 * (4 / 3) + 2));
    const size = Math.min(wanted, room, this.#limits.states);
    this.exhausted = size === this.#limits.states ? "states" : "memory";
    if (size <= this.#get(capacity)) return false;
    const indexAt = Math.ceil((regions.tables + size * stateBytes) / 64) * 64;
    const entries = Math.floor((size * 4) / 3) + 1;
    if (!this.#reserve(indexAt + 4 * entries)) return false;
    this.#words.fill(0, indexAt / 4, indexAt / 4 + entries);
    this.#put(capacity, size);
    this.#put(index, indexAt);
    this.#put(slots, entries);
    this.#put(numberMask, 2 ** Math.ceil(Math.log2(size + 1)) - 1);
    // A half-filled index would be of no use: this is not interrupted.
    await this.crew.perform({ name: "rebuild", first: 0, end: this.count }, heedless(pause));
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
    this.#words = new Uint32Array(this.#memory.buffer);
    return true;
  }

  /** Enters the initial state. */
  begin(words: readonly bigint[]): void {
    new BigUint64Array(this.#memory.buffer, this.#get(cells.states.base), words.length).set(words);
    this.#put(cells.states.claimed, 1);
    this.#exports.rebuild(0, 1);
  }

  /** The words of a state. */
  words(state: number): readonly bigint[] {
    return [...new BigUint64Array(this.#memory.buffer, this.#get(cells.states.base) + state * this.generated.stateBytes, this.#layout.words)];
  }

  /** Takes what has been noted since the last time. */
  #takeFindings(): readonly RawFinding[] {
    const found: RawFinding[] = [];
    for (const part of this.#parts) {
      const first = part + this.generated.regions.findings;
      for (let at = first; at < this.#get(part + own.findings); at += 20) {
        const [kind = 0, detail = 0, transition = 0, pick = 0, state = 0] = this.#words.subarray(at / 4, at / 4 + 5);
        found.push({ kind, detail, transition: transition | 0, pick, state });
      }
      this.#put(part + own.findings, first);
    }
    return found;
  }

  /** Everything that leads from a state to a state. */
  edges(state: number): readonly Edge[] {
    const { regions, entryBytes, stateBytes } = this.generated;
    const count = this.#exports.edges(state);
    const edges: Edge[] = [];
    for (let i = 0, at = (partOf(regions, 0) + regions.successors + stateBytes) / 4; i < count; i++, at += entryBytes / 4) {
      edges.push({ transition: this.#words[at] ?? 0, pick: this.#words[at + 1] ?? 0, target: (this.#words[at + 2] ?? -1) | 0 });
    }
    return edges;
  }

  /** Bytes for each state, behind the index; null if there is no memory for them. All zero. */
  marks(bytes: 1 | 2): Uint8Array | null {
    const at = this.#get(cells.states.index) + 4 * this.#get(cells.states.slots);
    if (!this.#reserve(at + bytes * this.count)) return null;
    this.#put(cells.marks, at);
    this.#put(cells.count, this.count);
    return new Uint8Array(this.#memory.buffer, at, bytes * this.count).fill(0);
  }
  /** Marks the states of a level, first..end-1, that lead to a marked state of the next one, end..after-1. */
  async layer(first: number, end: number, after: number, pause: Pause): Promise<void> {
    await this.crew.perform({ name: "layer", first, end, arguments: [end, after] }, heedless(pause));
  }
  /**
   * Asks, in the first byte of each state, about those of eight waits that some thread is in with its condition true; the
   * second byte gets those that nobody is in.
   */
  ask(group: number, waits: number, pause: Pause): Promise<Bound | null> {
    return this.crew.perform({ name: "ask", first: 0, end: this.count, arguments: [group, waits] }, pause);
  }
  /**
   * What the second bytes say spreads along two steps of each state, as far as it will; this settles nearly everything.
   * Does nothing if there is no memory for eight bytes a state.
   */
  async spread(waits: number, pause: Pause): Promise<Bound | null> {
    const { count } = this;
    const at = Math.ceil((this.#get(cells.marks) + 2 * count) / 8) * 8;
    if (!this.#reserve(at + 8 * count)) return null;
    this.#put(cells.links, at);
    let bound = await this.crew.perform({ name: "link", first: 0, end: count, arguments: [waits] }, pause);
    // Upwards along the links to lower numbers, downwards along the others.
    while (bound === null && (this.#exports.spread(0, 0, 1, count) | this.#exports.spread(4, count - 1, -1, count)) !== 0) bound = await pause();
    return bound;
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
