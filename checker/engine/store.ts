/**
 * The states of a search: expanding levels with everybody who works at it, and what is asked about states afterwards. How
 * they are kept is the tables' business (tables.ts, hashed-tables.ts).
 */
import type { Bound, PathStep, StoreKind } from "../result.ts";
import { anew, type Keep } from "../../model/system/keep.ts";
import type { System } from "../../model/system/system.ts";
import type { Figures } from "./checkpoint.ts";
import { memoryOf } from "./code/canonical/index.ts";
import { cells, own, ran } from "./code/cells.ts";
import { orderBytes } from "./code/context.ts";
import { type Generated, generate } from "./code/explorer.ts";
import { numbered, recordTail } from "./code/stores.ts";
import { Crew, type Pause } from "./crew.ts";
import { EdgeLog, type StateGraph } from "./edge-log.ts";
import { HashedTables } from "./hashed-tables.ts";
import { type Exports, instance, partOf } from "./instance.ts";
import { type Disk, DiskTables } from "./disk/disk-tables.ts";
import { lostOnDisk } from "./disk/lost-wakeups.ts";
import { checkFolder } from "./disk/state-file.ts";
import type { Layout } from "./layout.ts";
import type { Reduction } from "./partial-order/reduction.ts";
import { allocate, type Memory, space } from "./memory.ts";
import type { SymmetryPlan } from "./symmetry.ts";
import { type Ground, heedless, NumberedTables, type Tables } from "./tables.ts";
import { stepBytes, Trail } from "./trail.ts";
import { wasm } from "./wasm/api.ts";

/** Numbers that a worker takes at once for new states, and states of the frontier. */
const batch = 256;
const portion = 64;

export interface Edge {
  readonly transition: number;
  readonly pick: number;
  /** Number of the state it leads to; -1 if that was not stored. */
  readonly target: number;
  /** Which member of all symmetric groups each place in the target has: the target is the representative of what the step gives. */
  readonly order: readonly number[];
}
/** One state of an orbit. */
export interface Representative {
  readonly words: readonly bigint[];
  readonly order: readonly number[];
}
export interface RawFinding {
  readonly kind: number;
  readonly detail: number;
  readonly transition: number;
  readonly pick: number;
  readonly state: number;
}

/** Who wants the workers to halt now and then, with every state either expanded or untouched. */
export interface Halt {
  due(): boolean;
  /** What ends the search, if anything does. */
  reached(): Bound | null;
}

/** What a search may use. */
export interface Limits {
  /** Bytes. */
  readonly memory: number;
  /** With addresses of 64 bits even if that is not needed. */
  readonly wide?: boolean;
  readonly states: number;
  readonly workers: number;
  readonly store: StoreKind;
  /** Where the exact store goes on when memory is full. */
  readonly disk?: string;
  /** Of the hash function; for stores that keep hashes. */
  readonly seed?: number;
  /** All workers take part from the beginning, one state at a time. */
  readonly eager?: boolean;
  /** Stores one state for all that differ in the order of symmetric replicas only. */
  readonly symmetry?: SymmetryPlan | null;
  /** Null: every enabled step is taken. */
  readonly reduction?: Reduction | null;
  /** For generated code; of this system with these replicas only. */
  readonly keep?: Keep;
}

export class Store {
  readonly generated: Generated;
  readonly crew: Crew;
  readonly kind: StoreKind;
  readonly #layout: Layout;
  readonly #memory: Memory;
  readonly #exports: Exports;
  #tables: Tables;
  readonly #ground: Ground;
  readonly #disk: Disk | null;
  readonly #trail: Trail;
  /** Null: nobody asks about runs, or states have gone to disk. */
  #log: EdgeLog | null;
  readonly #symmetry: SymmetryPlan | null;
  /** A byte for each state, all zero between two calls. */
  #marked: Uint8Array | null = null;
  /** Addresses of the workers' parts. */
  readonly #parts: readonly number[];

  private constructor(
    generated: Generated,
    crew: Crew,
    layout: Layout,
    memory: Memory,
    exports: Exports,
    kept: {
      readonly kind: StoreKind;
      readonly tables: Tables;
      readonly trail: Trail;
      readonly ground: Ground;
      readonly disk: Disk | null;
      readonly log: EdgeLog | null;
    },
    symmetry: SymmetryPlan | null,
  ) {
    this.generated = generated;
    this.crew = crew;
    this.kind = kept.kind;
    this.#layout = layout;
    this.#memory = memory;
    this.#exports = exports;
    this.#tables = kept.tables;
    this.#trail = kept.trail;
    this.#ground = kept.ground;
    this.#disk = kept.disk;
    this.#parts = kept.ground.parts;
    this.#log = kept.log;
    this.#symmetry = symmetry;
  }

  /** Null if the memory is too small to begin with. */
  static async create(system: System, layout: Layout, limits: Limits): Promise<Store | null> {
    const room = space(limits.memory, limits.wide);
    const wide = room.far !== null;
    // Nothing can be shared between the parts of a state of one word; what bits are set depends on the order.
    const kind = limits.store === "compressed" && layout.words === 1 ? "exact" : limits.store;
    const workers = kind === "bitstate" ? 1 : limits.workers;
    const { seed = 0, symmetry = null, reduction = null, keep = anew } = limits;
    const generated = await keep(`code ${kind} ${workers} ${room.maximum} ${wide} ${seed} ${reduction !== null}`, () =>
      generate(system, layout, room.maximum, wide, workers, kind, seed, symmetry, reduction),
    );
    const { regions, stateBytes } = generated;
    const memory = allocate(regions.tables, room);
    if (memory === null) return null;
    const module = await wasm.compile(generated.bytes);
    const exports = instance(module, memory.memories, regions, 0);
    const parts = Array.from({ length: workers }, (_, worker) => partOf(regions, worker));
    const crew = new Crew(generated, module, memory.memories, exports, { ...limits, workers });
    const log = generated.runs ? new EdgeLog(memory, parts, regions.logBlock) : null;
    const ground: Ground = { memory, exports, crew, parts, start: regions.tables, maxStates: limits.states, batch: limits.eager === true ? 3 : batch, log };
    const trail = new Trail();
    const tables = numbered(kind)
      ? await NumberedTables.create(ground, kind === "exact" ? stateBytes : 8, kind === "compressed")
      : HashedTables.create(ground, stateBytes + recordTail, kind === "compact" ? kind : "bitstate", trail);
    if (tables === null) return null;
    if (limits.symmetry != null) {
      const { tables: members } = memoryOf(limits.symmetry, layout.words);
      memory.bytes(regions.members, members.length).set(members);
    }
    const trusted = memory.bytes(regions.trusted, system.transitions.length);
    for (const { id, thread } of system.transitions) trusted[id] = thread === null || system.processes[thread]?.stoppable === false ? 1 : 0;
    memory.put(cells.portionSize, limits.eager === true ? 1 : portion);
    if (limits.eager === true) await crew.start();
    const disk = kind !== "exact" || limits.disk === undefined ? null : { folder: limits.disk, eager: limits.eager === true };
    if (disk !== null) checkFolder(disk.folder);
    return new Store(generated, crew, layout, memory, exports, { kind, tables, trail, ground, disk, log }, limits.symmetry ?? null);
  }

  /** States in memory; while workers run, about so many. */
  get #present(): number {
    return Math.min(this.#memory.get(cells.states.claimed), this.#memory.get(cells.states.capacity));
  }
  /** States found; while workers run, about so many. */
  get count(): number {
    return this.#tables.count;
  }
  /** States taken from the frontier. */
  get cursor(): number {
    return this.#tables.discarded + Math.min(this.#memory.get(cells.cursor), this.#present);
  }
  /** States that wait to be expanded. */
  get frontier(): number {
    return this.#parts.reduce((sum, part) => sum + this.#memory.get(part + own.end) - this.#memory.get(part + own.cursor), this.count - this.cursor);
  }
  /** Those that led to a state. */
  get transitions(): number {
    return this.#parts.reduce((sum, part) => sum + Number(this.#memory.long(part + own.transitions, 1)[0] ?? 0n), 0);
  }
  /** Bytes in use: states, index, buffers. */
  get bytes(): number {
    return this.generated.regions.tables + this.#tables.bytes;
  }
  /** Whether states have lasting numbers, so that paths can be looked for after the search. */
  get numbered(): boolean {
    return numbered(this.kind);
  }
  /** Whether all states are in memory under their numbers, so that anything can be asked about them. */
  get resident(): boolean {
    return this.numbered && !(this.#tables instanceof DiskTables);
  }
  /** Bytes of states on disk. */
  get onDisk(): number {
    return this.#tables instanceof DiskTables ? this.#tables.onDisk : 0;
  }
  get omission(): number {
    return this.#tables.omission;
  }
  /** Whether a bound of the memory model has been met. */
  get bounded(): boolean {
    return this.#memory.get(cells.bounded) !== 0;
  }

  /**
   * Expands the states of a level, all those taken before `end`, or some of them if a bound was reached.
   * `note` gets what was found.
   */
  async expand(end: number, note: (finding: RawFinding) => void, pause: Pause, halt: Halt | null = null): Promise<Bound | null> {
    const halting: Pause = async () => {
      if (halt?.due() === true) this.#memory.put(cells.stop, 1);
      return pause();
    };
    if (this.#disk?.eager === true && this.resident) {
      const why = await this.#overflow(pause);
      if (why !== null) return why;
    }
    // Who was interrupted has something left over, which nobody else can take.
    for (let interrupted = false; ; ) {
      const last = this.#tables.ready(end);
      const bound = await this.crew.perform({ name: "run", first: this.#memory.get(cells.cursor), end: last }, halting, interrupted);
      for (const finding of this.#takeFindings()) note(finding);
      const outcomes = this.#parts.map((part) => this.#memory.get(part + own.outcome));
      this.#settle(Math.min(this.#memory.get(cells.cursor), last));
      // Nobody has anything left over: all states below the cursor are expanded, and what they lead to is stored.
      const clean = outcomes.every((outcome) => outcome === ran.done || outcome === ran.more);
      const halted = clean && halt !== null && (bound !== null || halt.due()) ? ((await this.#allNumbered(pause)) ?? halt.reached()) : null;
      if (bound !== null || halted !== null) return bound ?? halted;
      interrupted = !outcomes.every((outcome) => outcome === ran.done);
      if (outcomes.includes(ran.full)) {
        if (await this.#tables.grow(pause)) continue;
        const why = await this.#overflow(pause);
        if (why !== null) return why;
      } else if (!interrupted) {
        if (!(await this.#tables.leave(last, end, pause))) return this.#tables.exhausted;
        if (this.cursor === end) return null;
      }
    }
  }

  /** At a halt: gives the states their lasting numbers that have none yet, because they may stand on disk already. What ends the search there. */
  async #allNumbered(pause: Pause): Promise<Bound | null> {
    const tables = this.#tables;
    return !(tables instanceof DiskTables) || (await tables.grow(heedless(pause))) ? null : tables.exhausted;
  }

  /** Moves on to disk if memory is full and that is wanted; else says what ends the search. */
  async #overflow(pause: Pause): Promise<Bound | null> {
    const { exhausted } = this.#tables;
    if (exhausted !== "memory" || this.#disk === null || this.#tables instanceof DiskTables) return exhausted;
    // On disk states have no numbers in memory that last.
    this.#log?.close();
    this.#log = null;
    const onDisk = await DiskTables.from(this.#ground, this.stateBytes, this.#disk, pause);
    if (typeof onDisk === "string") return onDisk;
    this.#tables = onDisk;
    return null;
  }

  /** Moves the last states to numbers that workers have taken and not used, so that there are no gaps. */
  #settle(cursor: number): void {
    const { claimed } = cells.states;
    const gaps = this.#parts
      .map((part) => ({ from: this.#memory.get(part + own.states.next), to: this.#memory.get(part + own.states.limit) }))
      .filter(({ from, to }) => from < to)
      .sort((a, b) => a.from - b.from);
    const count = this.#present - gaps.reduce((sum, { from, to }) => sum + to - from, 0);
    const moved = new Map<number, number>();
    let last = this.#present;
    for (const { from, to } of gaps) {
      for (let to_ = from; to_ < to && to_ < count; to_++) {
        do last--;
        while (gaps.some((gap) => gap.from <= last && last < gap.to));
        this.#tables.move(last, to_);
        moved.set(last, to_);
      }
    }
    this.#log?.rename(moved, count);
    for (const part of this.#parts) {
      this.#memory.put(part + own.states.next, 0);
      this.#memory.put(part + own.states.limit, 0);
    }
    this.#memory.put(claimed, count);
    this.#memory.put(cells.cursor, cursor);
  }

  get stateBytes(): number {
    return this.generated.stateBytes;
  }
  /** The packed states from..to-1 of the exact store: a copy. */
  rawStates(from: number, to: number): Uint8Array {
    const tables = this.#tables;
    return tables instanceof DiskTables ? tables.records(from, to) : this.#memory.bytes(tables.address(from), (to - from) * this.stateBytes).slice();
  }
  /** What a checkpoint holds besides the states, at a halt. */
  figures(levels: readonly number[], seconds: number): Figures {
    const seen = this.generated.waitKeys.flatMap((_, wait) => (this.wasSeen(wait) ? [wait] : []));
    return { count: this.count, cursor: this.cursor, transitions: this.transitions, levels, seen, bounded: this.bounded, seconds };
  }
  /**
   * Takes up a search of the exact store again, with the states that `read` gives in their order: in memory or, where they do
   * not fit, on disk. What keeps it from that.
   */
  async restore(figures: Figures, read: (into: Uint8Array) => void): Promise<Bound | null> {
    if (!(this.#tables instanceof NumberedTables) || this.kind !== "exact") throw new RangeError("only the exact store has checkpoints");
    // Edges are not kept: where they are asked for the states are expanded once more.
    const again = this.#log !== null;
    const cursor = again ? 0 : figures.cursor;
    const now: Pause = async () => null;
    if (this.#disk?.eager !== true && (await this.#tables.adopt(figures.count, read, now))) this.#memory.put(cells.cursor, cursor);
    else if (this.#disk === null) return "memory";
    else {
      this.#log?.close();
      this.#log = null;
      const onDisk = await DiskTables.adopt(this.#ground, this.stateBytes, this.#disk, figures.count, cursor, read, now);
      if (typeof onDisk === "string") return onDisk;
      this.#tables = onDisk;
    }
    this.#memory.long((this.#parts[0] ?? 0) + own.transitions, 1)[0] = again ? 0n : BigInt(figures.transitions);
    for (const wait of figures.seen) this.#memory.bytes(this.generated.regions.seen + wait, 1)[0] = 1;
    this.#memory.put(cells.bounded, Number(figures.bounded));
    return null;
  }

  /** Enters the initial state, as if it were a successor. */
  begin(words: readonly bigint[]): void {
    const { regions, entryBytes } = this.generated;
    const entry = partOf(regions, 0) + regions.successors;
    this.#memory.long(entry, entryBytes / 8).fill(0n);
    this.#memory.long(entry, words.length).set(words);
    this.#exports.tail.value = entry + entryBytes;
    if (this.#exports.run(0, 0) === ran.full) throw new RangeError("there is no room for the initial state");
    this.#log?.forgetFirst();
    this.#settle(0);
  }

  /** The words of a state that is still in memory, or on disk. */
  words(state: number): readonly bigint[] {
    if (this.#tables instanceof DiskTables) return [...new BigUint64Array(this.#tables.words(state).buffer)];
    return [...this.#memory.long(this.#exports.locate(state - this.#tables.discarded) >>> 0, this.#layout.words)];
  }

  /** Takes what has been noted since the last time. */
  #takeFindings(): readonly RawFinding[] {
    const found: RawFinding[] = [];
    for (const part of this.#parts) {
      const first = part + this.generated.regions.findings;
      for (let at = first; at < this.#memory.get(part + own.findings); at += 20) {
        const [kind = 0, detail = 0, transition = 0, pick = 0, state = 0] = [0, 4, 8, 12, 16].map((offset) => this.#memory.get(at + offset));
        found.push({ kind, detail, transition: transition | 0, pick, state: state + this.#tables.discarded });
      }
      this.#memory.put(part + own.findings, first);
    }
    return found;
  }

  /** The representative of a state, and the order that gives it. */
  represent(words: readonly bigint[]): Representative {
    if (this.#symmetry === null) return { words, order: [] };
    const { regions } = this.generated;
    const at = partOf(regions, 0);
    this.#memory.long(at + regions.representative, words.length).set(words);
    this.#exports.represent();
    return {
      words: [...this.#memory.long(at + regions.representative, words.length)],
      order: [...this.#memory.bytes(at + regions.order, this.#symmetry.members.length)],
    };
  }
  /** Whether every state was given one representative. */
  get exactSymmetry(): boolean {
    return this.#memory.get(cells.inexact) === 0;
  }

  /** Everything that leads from a state to a state. */
  edges(state: number): readonly Edge[] {
    const { regions, entryBytes, stateBytes } = this.generated;
    const count = this.#exports.edges(state);
    const edges: Edge[] = [];
    for (let i = 0, at = partOf(regions, 0) + regions.successors + stateBytes; i < count; i++, at += entryBytes) {
      const order =
        this.#symmetry === null ? [] : [...this.#memory.bytes(at - stateBytes + entryBytes - orderBytes(this.#symmetry), this.#symmetry.members.length)];
      edges.push({ transition: this.#memory.get(at), pick: this.#memory.get(at + 4), target: this.#memory.get(at + 8) | 0, order });
    }
    return edges;
  }

  /** Fires everything that can be fired in a state: `each` gets the transition, once for each of its picks. */
  survey(state: number, each: (transition: number) => void): void {
    const { regions, entryBytes, stateBytes } = this.generated;
    const part = partOf(regions, 0);
    const first = part + regions.successors;
    this.#exports.expand(state, 0);
    for (let at = first + stateBytes, end = this.#exports.tail.value; at < end; at += entryBytes) each(this.#memory.get(at));
    this.#exports.tail.value = first;
    if (this.#memory.get(part + own.findings) === part + regions.findings) return;
    for (const { transition } of this.#takeFindings()) if (transition >= 0) each(transition);
  }
  /** The halves of a state's words. They stay as they are until the next state is looked at. */
  halves(state: number): Uint32Array {
    return this.#memory.integers(this.#exports.locate(state) >>> 0, 2 * this.#layout.words);
  }

  /** Bytes for each state, behind the tables; null if there is no memory for them. All zero. */
  marks(bytes: 1 | 2): Uint8Array | null {
    const at = this.#tables.end;
    if (!this.#memory.reserve(at + bytes * this.count)) return null;
    this.#memory.putAddress(cells.marks, at);
    this.#memory.put(cells.count, this.count);
    return this.#memory.bytes(at, bytes * this.count).fill(0);
  }
  /**
   * The states first..end-1 with steps to some of the targets, and these steps. The targets stand in ascending order and are none
   * of these states. False if there is no memory for it.
   */
  async stepsInto(first: number, end: number, targets: Float64Array, each: (state: number, edges: readonly Edge[]) => void, pause: Pause): Promise<boolean> {
    if (this.#tables instanceof DiskTables) {
      await this.#tables.stepsInto(first, end, targets, (state) => this.edges(state), each, pause);
      return true;
    }
    // Cleared once: there are as many calls as levels.
    this.#marked ??= this.marks(1);
    const marks = this.#marked;
    if (marks === null) return false;
    for (const target of targets) marks[target] = 1;
    const [from = 0, to = 0] = [targets[0], targets.at(-1)];
    await this.crew.perform({ name: "layer", first, end, arguments: [from, to + 1] }, heedless(pause));
    for (let state = marks.indexOf(1, first); state >= 0 && state < end; state = marks.indexOf(1, state + 1))
      each(
        state,
        this.edges(state).filter(({ target }) => target >= from && target <= to && marks[target] === 1),
      );
    marks.fill(0, first, end).fill(0, from, to + 1);
    return true;
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
    const at = Math.ceil((this.#memory.address(cells.marks) + 2 * count) / 8) * 8;
    if (!this.#memory.reserve(at + 8 * count)) return null;
    this.#memory.putAddress(cells.links, at);
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
    return this.#memory.bytes(this.generated.regions.seen + wait, 1)[0] === 1;
  }

  /** What the log of edges says of transitions; before the search. `classes` and `urgent` have a byte for each, and one for waiting. */
  describe(classes: Uint8Array, urgent: Uint8Array): void {
    const { regions } = this.generated;
    this.#memory.bytes(regions.classes, classes.length).set(classes);
    this.#memory.bytes(regions.urgent, urgent.length).set(urgent);
  }
  /** The edges of all states that have been expanded, between levels. */
  graph(): StateGraph {
    if (this.#log === null) throw new RangeError("nobody has asked for edges");
    return this.#log.view(this.count, this.bytes);
  }
  /** The letters of these states, for the atoms of one formula, into their records. */
  letters(formula: number, pause: Pause): Promise<Bound | null> {
    return this.crew.perform({ name: "letters", first: 0, end: this.count, arguments: [formula] }, pause);
  }

  /** The sweeps to come are about these eight waits. If they are one wait of symmetric replicas: all of their bits. */
  turnTo(group: number): number | null {
    const symmetric = this.#symmetry?.groups[this.generated.waitKeys[8 * group]?.group ?? -1];
    this.#memory.put(cells.orbit.first, symmetric?.first ?? 0);
    this.#memory.put(cells.orbit.count, symmetric?.members.length ?? 0);
    return symmetric === undefined ? null : 2 ** symmetric.members.length - 1;
  }

  /** Of a search on disk: the states in which somebody is in one of these waits, should wake and never will; or what kept it from finding out. */
  lostOnDisk(group: number, bits: number, pause: Pause): Promise<Float64Array | Bound> {
    if (!(this.#tables instanceof DiskTables)) throw new RangeError("the states are in memory");
    const trusted = this.#memory.bytes(this.generated.regions.trusted, this.generated.regions.classes - this.generated.regions.trusted);
    const { first, count } = cells.orbit;
    const orbit = { first: this.#memory.get(first), count: this.#memory.get(count) };
    const steps = { edges: (state: number) => this.edges(state), trusted: (transition: number) => trusted[transition] === 1, orbit };
    return lostOnDisk(this.#tables, { group, bits }, steps, pause);
  }

  /** Puts a state where walks look. */
  stand(words: readonly bigint[]): void {
    this.#memory.long(this.#tables.address(0), words.length).set(words);
  }
  /** Looks at the state where the walk stands: how many ways on there are, and what was noted. */
  look(): { readonly count: number; readonly found: readonly RawFinding[] } {
    const { regions, entryBytes } = this.generated;
    this.#exports.expand(0, 1);
    const count = (this.#exports.tail.value - partOf(regions, 0) - regions.successors) / entryBytes;
    this.#exports.tail.value = partOf(regions, 0) + regions.successors;
    return { count, found: this.#takeFindings().map((finding) => ({ ...finding, state: 0 })) };
  }
  /** Takes one of those ways: stores the state that it leads to, and stands there. */
  async step(which: number): Promise<{ readonly transition: number; readonly pick: number; readonly hash: bigint }> {
    const { regions, entryBytes, stateBytes } = this.generated;
    const first = partOf(regions, 0) + regions.successors;
    this.#memory.copy(first + which * entryBytes, first, entryBytes);
    this.#exports.tail.value = first + entryBytes;
    while (this.#exports.run(0, 0) === ran.full) {
      this.#settle(0);
      if (!(this.#tables instanceof HashedTables)) throw new RangeError("walks need a store that forgets");
      this.#tables.forget();
      if (this.#memory.get(cells.states.capacity) > 1) continue;
      // What is met from now on is no longer counted.
      if (!(await this.#tables.grow(async () => null))) {
        this.#exports.tail.value = first;
        break;
      }
    }
    this.#memory.copy(first, this.#tables.address(0), stateBytes);
    return {
      transition: this.#memory.get(first + stateBytes),
      pick: this.#memory.get(first + stateBytes + 4),
      hash: this.#memory.long(first + stateBytes + 8, 1)[0] ?? 0n,
    };
  }
  /** Ends the walks: `count` is exact then. */
  endWalks(): void {
    this.#settle(0);
  }
  /** Goes on from a part of the frontier only; how many states are left out. At the end of a level. */
  thin(width: number, seed: number): number {
    return this.#tables instanceof HashedTables ? this.#tables.thin(width, seed) : 0;
  }

  /** The path by which a state was found, for a store whose states have no lasting numbers. `levels[k]`: first number of level k. */
  trail(state: number, levels: readonly number[]): readonly PathStep[] {
    const present = state - this.#tables.discarded;
    const step = present < 0 ? null : this.#memory.bytes(this.#tables.address(present) + this.generated.stateBytes, stepBytes);
    return this.#trail.path(state, levels, step);
  }

  async close(): Promise<void> {
    this.#trail.close();
    if (this.#tables instanceof DiskTables) this.#tables.close();
    await this.crew.dismiss();
  }
}
