/**
 * Lost wakeups of a search on disk: the least fixpoint that lost-wakeups.ts computes in memory, with the graph in a file. The steps of
 * trusted threads from states in which somebody sleeps are written down once, by number; then a few bits of each state are kept in memory, and
 * the file of steps is read backwards and forwards until nothing changes, as in semi-external graph algorithms (Abello, Buchsbaum,
 * Westbrook: "A Functional Approach to External Graph Algorithms", 2002). Most steps lead to higher numbers, so few readings do.
 */
import type { Bound } from "../../result.ts";
import { cells } from "../code/cells.ts";
import type { Pause } from "../crew.ts";
import { Growing } from "../growing.ts";
import type { Edge } from "../store.ts";
import { align } from "../tables.ts";
import type { DiskTables } from "./disk-tables.ts";
import { StateFile } from "./state-file.ts";
import { askChunk, trustedSteps, type Waits } from "./trusted-steps.ts";

/** Steps that are read or written at once. */
const batch = 16_384;
/** A step in its file: from where, where to, and which turn of the bits. */
const fields = 3;

/** What the search knows of its steps. */
export interface Steps {
  /** Those of a state in memory. */
  edges(state: number): readonly Edge[];
  /** Whether a trusted thread takes it, or none. */
  trusted(transition: number): boolean;
  /** The symmetric replicas whose wait it is, among all that are symmetric; none: 0. */
  readonly orbit: { readonly first: number; readonly count: number };
}

/** The states in which somebody is in one of the waits, should wake and never will; or what kept it from finding out. */
export async function lostOnDisk(tables: DiskTables, waits: Waits, steps: Steps, pause: Pause): Promise<Float64Array | Bound> {
  // Numbers in the file of steps have 32 bits.
  if (tables.count >= 2 ** 32 - 1) return "memory";
  const { memory } = tables.ground;
  const file = new StepFile(tables.disk.folder);
  const cellsBefore = [cells.states.batch, cells.count].map((at) => [at, memory.get(at)] as const);
  try {
    const turns = new Turns(steps.orbit);
    const edges = (state: number): readonly Edge[] => steps.edges(state).filter(({ transition }) => steps.trusted(transition));
    const bound =
      (await trustedSteps(
        tables,
        waits,
        edges,
        (source, found) => (found.every((step) => file.add(source, step.target, turns.of(step))) ? null : "disk"),
        pause,
      )) ?? (file.flush() ? null : "disk");
    return bound ?? (await fixpoint(tables, waits, file, turns, pause));
  } finally {
    file.close();
    tables.divide();
    for (const [at, value] of cellsBefore) memory.put(at, value);
  }
}

async function fixpoint(tables: DiskTables, waits: Waits, file: StepFile, turns: Turns, pause: Pause): Promise<Float64Array | Bound> {
  const { ground, room, recordBytes, count } = tables;
  const { memory } = ground;
  // Behind the chunk: what is asked about it, then what is known of all states.
  const marks = align(memory.address(cells.states.base) + room * recordBytes);
  const start = marks + 2 * room;
  // Few bits at a time take longer; tests are to see that, too.
  const widths = tables.disk.eager ? [1, 2, 4, 8] : [8, 4, 2, 1];
  const width = widths.find((bits) => bits >= turns.count && Math.ceil((count * bits) / 8) <= memory.bytesNow - start);
  if (width === undefined) return "memory";
  memory.putAddress(cells.marks, marks);
  const asked = memory.bytes(marks, room);
  const free = memory.bytes(marks + room, room);
  const lost = new Growing();
  for (let shift = 0; shift < 8; shift += width) {
    const some = { ...waits, bits: waits.bits & ((2 ** width - 1) << shift) };
    if (some.bits === 0) continue;
    const saved = new Bits(memory.bytes(start, Math.ceil((count * width) / 8)).fill(0), width);
    const asking = (each: (state: number, place: number) => void): Promise<Bound | null> =>
      tables.chunks(0, count, async (first, held) => {
        const bound = await askChunk(tables, some, held, pause);
        for (let place = 0; place < held && bound === null; place++) each(first + place, place);
        return bound;
      });
    let bound = await asking((state, place) => saved.add(state, ((free[place] ?? 0) & some.bits) >> shift));
    for (let changed = true; changed && bound === null; ) {
      changed = false;
      for (const backwards of [true, false]) {
        bound ??= await file.sweep(backwards, pause, (source, target, turn) => {
          if (saved.add(source, turns.back(saved.get(target), turn))) changed = true;
        });
      }
    }
    bound ??= await asking((state, place) => {
      if ((((asked[place] ?? 0) >> shift) & ~saved.get(state)) !== 0) lost.push(state);
    });
    if (bound !== null) return bound;
  }
  return lost.items;
}

/** A few bits for each number. */
class Bits {
  readonly #bytes: Uint8Array;
  readonly #width: number;
  readonly #mask: number;
  readonly #each: number;

  constructor(bytes: Uint8Array, width: number) {
    this.#bytes = bytes;
    this.#width = width;
    this.#mask = 2 ** width - 1;
    this.#each = 8 / width;
  }
  get(number: number): number {
    return ((this.#bytes[Math.floor(number / this.#each)] ?? 0) >> ((number % this.#each) * this.#width)) & this.#mask;
  }
  /** Whether some of the bits were not there before. */
  add(number: number, bits: number): boolean {
    const at = Math.floor(number / this.#each);
    const before = this.#bytes[at] ?? 0;
    const after = before | ((bits & this.#mask) << ((number % this.#each) * this.#width));
    this.#bytes[at] = after;
    return after !== before;
  }
}

/** What the orders of symmetric replicas that steps end with do to the bits of their wait. */
class Turns {
  readonly #first: number;
  readonly count: number;
  readonly #numbers = new Map<string, number>();
  readonly #orders: (readonly number[])[] = [];

  constructor({ first, count }: Steps["orbit"]) {
    this.#first = first;
    this.count = count;
  }
  of({ order }: Edge): number {
    if (this.count === 0) return 0;
    const own = order.slice(this.#first, this.#first + this.count).map((who) => who - this.#first);
    const key = own.join();
    const known = this.#numbers.get(key) ?? this.#orders.push(own) - 1;
    this.#numbers.set(key, known);
    return known;
  }
  /** Bits of the state that a step leads to, as bits of the one that it comes from. */
  back(bits: number, turn: number): number {
    if (this.count === 0) return bits;
    return (this.#orders[turn] ?? []).reduce((turned, who, place) => turned | (((bits >> place) & 1) << who), 0);
  }
}

/** Steps in a file of their own. */
class StepFile {
  readonly #file: StateFile;
  readonly #steps = new Uint32Array(fields * batch);
  readonly #bytes: Uint8Array = new Uint8Array(this.#steps.buffer);
  #waiting = 0;

  constructor(folder: string) {
    this.#file = new StateFile(folder, 4 * fields);
  }
  /** False if the disk does not take it. */
  add(source: number, target: number, turn: number): boolean {
    this.#steps.set([source, target, turn], fields * this.#waiting++);
    return this.#waiting < batch || this.flush();
  }
  flush(): boolean {
    const written = this.#file.append(this.#bytes.subarray(0, 4 * fields * this.#waiting), 0n);
    this.#waiting = 0;
    return written;
  }
  /** All steps in their order, or in the opposite one. */
  async sweep(backwards: boolean, pause: Pause, each: (source: number, target: number, turn: number) => void): Promise<Bound | null> {
    const { count } = this.#file;
    const steps = this.#steps;
    const batches = Math.ceil(count / batch);
    for (let i = 0; i < batches; i++) {
      const first = batch * (backwards ? batches - 1 - i : i);
      const some = Math.min(batch, count - first);
      this.#file.read(first, this.#bytes.subarray(0, 4 * fields * some));
      for (let j = 0; j < some; j++) {
        const at = fields * (backwards ? some - 1 - j : j);
        each(steps[at] ?? 0, steps[at + 1] ?? 0, steps[at + 2] ?? 0);
      }
      const bound = await pause();
      if (bound !== null) return bound;
    }
    return null;
  }
  close(): void {
    this.#file.close();
  }
}
