/**
 * The exact store on disk, for searches that have filled their memory: delayed detection of duplicates, as in Stern and Dill,
 * "Using Magnetic Disk Instead of Main Memory in the Murphi Verifier" (1998). All states stand in a file in the order of
 * their numbers. Memory holds a chunk of them, which is being expanded, and behind it the states found since, with an index
 * over these alone. When there is no more room for them, and at the end of every level, the file is read from its beginning
 * to its end; what is found in it is struck out, the rest is new and goes to its end. So the file is only ever read and
 * written in sequence, and every state gets its number in the level in which it was found, as it does in memory.
 */
import type { Bound, DiskError } from "../../result.ts";
import { cells, own } from "../code/cells.ts";
import type { Pause } from "../crew.ts";
import type { Memory } from "../memory.ts";
import type { Edge } from "../store.ts";
import { align, type Ground, heedless, setIndex, type Tables } from "../tables.ts";
import { StateFile } from "./state-file.ts";

/** Of the memory for states a chunk takes an eighth, but not more bytes than this. */
const mostChunkBytes = 4 << 20;
const leastChunk = 64;
/** For tests: states in memory, and in a chunk. */
const few = { states: 16, chunk: 5 };

/** Where states go when memory is full; `eager`: from the first one on, with room for a few in memory, for tests. */
export interface Disk {
  readonly folder: string;
  readonly eager: boolean;
}

/** States that memory has room for, with an index over them, if a record and what is kept beside it take so many bytes. */
export function capacityOf(memory: Memory, bytes: number, aside: number): number {
  return Math.floor((memory.bytesNow - memory.address(cells.states.base) - aside - 256) / (bytes + 4 * (4 / 3)));
}

export class DiskTables implements Tables {
  readonly omission = 0;
  exhausted: Bound = "memory";
  readonly ground: Ground;
  readonly recordBytes: number;
  readonly #file: StateFile;
  readonly disk: Disk;
  /** States in memory at most, while searching. */
  readonly #capacity: number;
  /** States of a chunk at most; the numbers in memory of states that are new, or may be, begin here. */
  readonly room: number;
  /** For what goes from or to the file: it cannot be read into shared memory. */
  readonly #buffer: Uint8Array;
  /** What stands in the first numbers in memory. */
  #first = 0;
  #held = 0;

  private constructor(ground: Ground, recordBytes: number, disk: Disk, capacity: number, room: number) {
    this.ground = ground;
    this.recordBytes = recordBytes;
    this.disk = disk;
    this.#file = new StateFile(disk.folder, recordBytes);
    this.#capacity = capacity;
    this.room = room;
    this.#buffer = new Uint8Array(room * recordBytes);
  }

  /**
   * Takes over the states in memory, at a halt, however far they have been expanded. What it comes to if that cannot be:
   * the disk is full, the memory too small for anything, or the search is to end.
   */
  static async from(ground: Ground, recordBytes: number, disk: Disk, pause: Pause): Promise<DiskTables | Bound> {
    const { memory, parts } = ground;
    const count = memory.get(cells.states.claimed);
    // Workers may be in the midst of portions: they go on with them, so the first chunk reaches from the first of these.
    const cursor = memory.get(cells.cursor);
    const pending = parts.filter((part) => memory.get(part + own.cursor) < memory.get(part + own.end));
    const first = Math.min(cursor, ...pending.map((part) => memory.get(part + own.cursor)));
    const tables = await DiskTables.#filled(ground, recordBytes, disk, cursor - first, (empty) => empty.#write(0, count, pause));
    if (typeof tables === "string") return tables;
    for (const part of pending) {
      memory.put(part + own.cursor, memory.get(part + own.cursor) - first);
      memory.put(part + own.end, memory.get(part + own.end) - first);
    }
    tables.#hold(first, Math.min(tables.room, count - first));
    memory.put(cells.cursor, cursor - first);
    return tables;
  }

  /** Takes so many states from somewhere else, in their order, of which those before `cursor` have been expanded. Nothing may be in memory. */
  static async adopt(
    ground: Ground,
    recordBytes: number,
    disk: Disk,
    count: number,
    cursor: number,
    read: (into: Uint8Array) => void,
    pause: Pause,
  ): Promise<DiskTables | Bound> {
    const { memory } = ground;
    const tables = await DiskTables.#filled(ground, recordBytes, disk, 0, async (empty) => {
      for (let at = 0; at < count; at += empty.room) {
        const some = Math.min(empty.room, count - at);
        read(memory.bytes(empty.address(0), some * recordBytes));
        const bound = await empty.#write(0, some, pause);
        if (bound !== null) return bound;
      }
      return null;
    });
    if (typeof tables === "string") return tables;
    tables.#hold(cursor, Math.min(tables.room, count - cursor));
    memory.put(cells.cursor, 0);
    return tables;
  }

  /** Divides the memory up, for chunks of at least so many states, once `fill` has put what there is into the file. */
  static async #filled(
    ground: Ground,
    recordBytes: number,
    disk: Disk,
    least: number,
    fill: (empty: DiskTables) => Promise<Bound | null>,
  ): Promise<DiskTables | Bound> {
    const { memory, parts } = ground;
    const { states } = cells;
    memory.reserve(memory.maximum);
    const capacity = disk.eager ? few.states : capacityOf(memory, recordBytes + 1, 0);
    const chunk = disk.eager ? few.chunk : Math.max(leastChunk, Math.min(Math.floor(capacity / 8), Math.floor(mostChunkBytes / recordBytes)));
    const room = Math.max(chunk, least);
    if (capacity < 2 * room) return "memory";
    const tables = new DiskTables(ground, recordBytes, disk, capacity, room);
    try {
      const bound = await fill(tables);
      if (bound !== null) {
        tables.close();
        return bound;
      }
    } catch (error) {
      tables.close();
      throw error;
    }
    memory.put(states.batch, Math.max(1, Math.min(ground.batch, Math.floor((capacity - room) / (8 * parts.length)))));
    tables.divide();
    return tables;
  }

  /** Makes room for so many states, as many as while searching if nothing else is said, with an empty index and the marks behind it. */
  divide(capacity: number = this.#capacity): void {
    const { memory } = this.ground;
    const { states } = cells;
    setIndex(memory, states, capacity, align(memory.address(states.base) + capacity * this.recordBytes));
    memory.putAddress(cells.marks, memory.address(states.index) + 4 * memory.get(states.slots));
    this.begin();
  }

  get bytes(): number {
    const { memory } = this.ground;
    const { states } = cells;
    return memory.get(states.capacity) * (this.recordBytes + 1) + 4 * memory.get(states.slots);
  }
  get onDisk(): number {
    return this.#file.bytes;
  }
  /** Those that are known to be new. */
  get count(): number {
    return this.#file.count;
  }
  get discarded(): number {
    return this.#first;
  }
  address(state: number): number {
    return this.ground.memory.address(cells.states.base) + state * this.recordBytes;
  }
  get end(): number {
    const { memory } = this.ground;
    return memory.address(cells.marks) + memory.get(cells.states.capacity);
  }
  move(from: number, to: number): void {
    this.ground.exports.move(from, to);
  }

  /** Empties the index. */
  begin(): void {
    const { memory } = this.ground;
    const { states } = cells;
    memory.zero(memory.address(states.index), 4 * memory.get(states.slots));
    memory.put(states.claimed, this.room);
  }

  /** Puts states into the first numbers. */
  read(first: number, count: number): void {
    const read = this.#buffer.subarray(0, count * this.recordBytes);
    this.#file.read(first, read);
    this.ground.memory.bytes(this.address(0), read.length).set(read);
  }
  #hold(first: number, count: number): void {
    this.read(first, count);
    this.#first = first;
    this.#held = count;
  }

  /** What the workers' passes have added up since the last time. */
  #takeSum(): bigint {
    let sum = 0n;
    for (const part of this.ground.parts) {
      const cell = this.ground.memory.long(part + own.sum, 1);
      sum += cell[0] ?? 0n;
      cell[0] = 0n;
    }
    return BigInt.asUintN(64, sum);
  }

  /** Adds the states with these numbers in memory to the file. */
  async #write(from: number, to: number, pause: Pause): Promise<Bound | null> {
    for (let at = from; at < to; at += this.room) {
      const end = Math.min(at + this.room, to);
      const bound = await this.ground.crew.perform({ name: "digest", first: at, end }, pause);
      if (bound !== null) return bound;
      const states = this.#buffer.subarray(0, (end - at) * this.recordBytes);
      states.set(this.ground.memory.bytes(this.address(at), states.length));
      if (!this.#file.append(states, this.#takeSum())) return "disk";
    }
    return null;
  }

  /** Reads all states, chunk by chunk, and looks each up in the index. */
  async pass(name: "strike" | "enumerate", pause: Pause): Promise<Bound | null> {
    const bound = await this.chunks(0, this.#file.count, async (first, count) =>
      this.ground.crew.perform({ name, first: 0, end: count, arguments: [first] }, pause),
    );
    const sum = this.#takeSum();
    if (bound === null && sum !== this.#file.sum) throw this.#file.damaged("its states are others than those written");
    return bound;
  }
  /** The states first..end-1, chunk by chunk in the first numbers in memory, until something ends it. */
  async chunks(first: number, end: number, each: (first: number, count: number) => Promise<Bound | null>): Promise<Bound | null> {
    let bound: Bound | null = null;
    for (let at = first; at < end && bound === null; at += this.room) {
      const count = Math.min(this.room, end - at);
      this.read(at, count);
      bound = await each(at, count);
    }
    return bound;
  }

  /** Settles which of the states found since the last time are new; the chunk stays as it is. */
  async #sweep(pause: Pause): Promise<Bound | null> {
    const { memory, exports, maxStates } = this.ground;
    const end = memory.get(cells.states.claimed);
    if (end === this.room) return null;
    memory.bytes(memory.address(cells.marks), end).fill(0);
    let bound = await this.pass("strike", pause);
    if (bound !== null) return bound;
    const kept = exports.squeeze(this.room, end) >>> 0;
    const wanted = Math.min(kept, this.room + maxStates - this.#file.count);
    bound = await this.#write(this.room, wanted, pause);
    if (bound !== null) return bound;
    this.begin();
    this.read(this.#first, this.#held);
    return wanted < kept ? "states" : null;
  }

  ready(end: number): number {
    if (this.#held === 0) this.#hold(this.#first, Math.min(this.room, end - this.#first));
    return Math.min(this.#held, end - this.#first);
  }

  async grow(pause: Pause): Promise<boolean> {
    return this.#settled(await this.#sweep(pause));
  }

  async leave(last: number, end: number, pause: Pause): Promise<boolean> {
    this.#first += last;
    this.#held = 0;
    this.ground.memory.put(cells.cursor, 0);
    return this.#first < end || this.#settled(await this.#sweep(pause));
  }

  #settled(bound: Bound | null): boolean {
    if (bound !== null) this.exhausted = bound;
    return bound === null;
  }

  words(state: number): Uint8Array {
    return this.records(state, state + 1);
  }
  /** The states from..to-1, as they are in the file. */
  records(from: number, to: number): Uint8Array {
    const records = new Uint8Array((to - from) * this.recordBytes);
    this.#file.read(from, records);
    return records;
  }

  /**
   * After the search: the states first..end-1 with steps to some of the targets, which stand in ascending order, and these steps.
   * `edges` gives the steps of a state in memory to states in the index.
   */
  async stepsInto(
    first: number,
    end: number,
    targets: Float64Array,
    edges: (state: number) => readonly Edge[],
    each: (state: number, edges: readonly Edge[]) => void,
    pause: Pause,
  ): Promise<void> {
    const { memory, crew } = this.ground;
    const room = this.room;
    const most = memory.get(cells.states.capacity) - room;
    const marks = memory.address(cells.marks);
    for (let at = first; at < end; at += room) {
      const count = Math.min(room, end - at);
      const found = new Map<number, readonly Edge[]>();
      for (let batch = 0; batch < targets.length; batch += most) {
        const some = targets.subarray(batch, batch + most);
        // With one batch the targets stay where they are.
        if (at === first || targets.length > most) await this.#enter(some, pause);
        this.read(at, count);
        const marked = memory.bytes(marks, count).fill(0);
        await crew.perform({ name: "layer", first: 0, end: count, arguments: [room, room + some.length] }, heedless(pause));
        for (let state = marked.indexOf(1); state >= 0; state = marked.indexOf(1, state + 1)) {
          const steps = edges(state).filter(({ target }) => target >= 0);
          const before = found.get(at + state) ?? [];
          found.set(at + state, [...before, ...steps.map((step) => ({ ...step, target: some[step.target - room] ?? -1 }))]);
        }
      }
      for (const [state, steps] of [...found].sort(([a], [b]) => a - b)) each(state, steps);
    }
  }

  /** Puts states into the index, alone, and marks them. */
  async #enter(states: Float64Array, pause: Pause): Promise<void> {
    const { memory, crew } = this.ground;
    this.begin();
    for (const [i, state] of states.entries()) memory.bytes(this.address(this.room + i), this.recordBytes).set(this.words(state));
    const end = this.room + states.length;
    await crew.perform({ name: "rebuild", first: this.room, end }, heedless(pause));
    memory.bytes(memory.address(cells.marks) + this.room, states.length).fill(1);
  }

  damaged(how: string): DiskError {
    return this.#file.damaged(how);
  }
  close(): void {
    this.#file.close();
  }
}
