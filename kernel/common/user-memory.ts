/**
 * The protocol's memory: cells at virtual addresses, in pages that the threads' address spaces share. Ghost cells exist
 * for the proof only; they lie in frames that no space maps, and are read and written as a debugger would, past every CPU.
 */
import type { ThreadHandle } from "../../model/language/domain.ts";
import { ArrayHandle, CellHandle, type MemoryFrame, type MemoryLayout, QueueHandle } from "../../model/language/memory.ts";
import { OutOfRange, type Step } from "../../model/language/operation.ts";
import { memoryPage } from "./address-space.ts";
import { initialValue, wordFormat, type WordFormat } from "./words.ts";

interface Place {
  /** The byte where the cell begins, from the start of the protocol's memory. */
  readonly at: number;
  readonly format: WordFormat;
}

/** One page of the protocol's memory. */
export interface MemoryPage {
  /** The variables in it. */
  readonly variables: ReadonlySet<string>;
  readonly isGhost: boolean;
}

/** Where each cell lies. */
export interface MemoryMap {
  readonly places: readonly Place[];
  readonly pages: readonly MemoryPage[];
}

/** What a user program's accesses go through: virtual addresses, on the CPU where it runs. Caller holds: what the kind of port asks for. */
export interface UserPort {
  load(address: number): number;
  store(address: number, word: number): void;
  /** A locked read-modify-write; `undefined` leaves the word. Returns the old one. */
  update(address: number, change: (old: number) => number | undefined): number;
  fence(): void;
  storeBarrier(): void;
  /** Whether stores of this CPU are held back. */
  holdsStores(): boolean;
}

/**
 * Places the cells of a protocol one after the other; `apart`: each variable on pages of its own, so that spaces can differ in what they map.
 * Caller holds: nothing.
 */
export function mapMemory(layout: MemoryLayout, threads: readonly ThreadHandle[], pageBytes: number, apart: boolean): MemoryMap {
  const pages: { readonly variables: Set<string>; readonly isGhost: boolean }[] = [];
  const places: Place[] = [];
  let end = 0;
  for (const isGhost of [false, true]) {
    let last: string | null = null;
    end = pages.length * pageBytes;
    for (const cell of layout.cells) {
      if (cell.isGhost !== isGhost) continue;
      const variable = cell.variable.split(".")[0] ?? cell.variable;
      const format = wordFormat(cell.domain, threads);
      if (apart && variable !== last) end = pages.length * pageBytes;
      last = variable;
      places[cell.address] = { at: end, format };
      const first = Math.floor(end / pageBytes);
      end += 4 * format.size;
      while (pages.length * pageBytes < end) pages.push({ variables: new Set(), isGhost });
      for (const page of pages.slice(first)) page.variables.add(variable);
    }
  }
  return { places, pages };
}

/** The name of a cell in messages: `ring[2]`, or `head`. Caller holds: nothing. */
export function cellName(cell: CellHandle, layout: MemoryLayout): string {
  const isArray = layout.cells.filter(({ variable }) => variable === cell.variable).length > 1;
  return isArray ? `${cell.variable}[${cell.index}]` : cell.variable;
}

type MemoryStep = Extract<Step, { kind: "memory" }>;

/** Physical memory as a debugger reaches it, and where each page is. Caller holds: no section. */
export interface Backing {
  readonly pageBytes: number;
  frameOf(page: number): number;
  peek(address: number): number;
  poke(address: number, word: number): void;
}

export class UserMemory {
  readonly #layout: MemoryLayout;
  readonly #map: MemoryMap;
  readonly #backing: Backing;
  readonly #names: readonly string[];
  readonly #cells = new Map<number, CellHandle>();

  constructor(layout: MemoryLayout, map: MemoryMap, backing: Backing) {
    this.#layout = layout;
    this.#map = map;
    this.#backing = backing;
    const sizes = new Map<string, number>();
    for (const { variable } of layout.cells) sizes.set(variable, (sizes.get(variable) ?? 0) + 1);
    this.#names = layout.cells.map(({ variable, index }) => ((sizes.get(variable) ?? 0) > 1 ? `${variable}[${index}]` : variable));
    for (const cell of layout.cells) {
      this.poke(cell, initialValue(cell.domain));
      if (!cell.isGhost) this.#cells.set(this.addressOf(cell), cell);
    }
  }

  /** Caller holds: nothing. */
  get pages(): readonly MemoryPage[] {
    return this.#map.pages;
  }

  /** The virtual address of a cell. Caller holds: nothing. */
  addressOf(cell: CellHandle): number {
    return memoryPage * this.#backing.pageBytes + this.#place(cell).at;
  }

  /** The cell at a virtual address that a program gave. Caller holds: nothing. */
  cellAt(address: number): CellHandle {
    const cell = this.#cells.get(address);
    if (cell === undefined) throw new OutOfRange(`there is no cell at 0x${(address >>> 0).toString(16)}`);
    return cell;
  }

  /** The page of the protocol's memory that a cell lies in. Caller holds: nothing. */
  pageOf(cell: CellHandle): number {
    return Math.floor(this.#place(cell).at / this.#backing.pageBytes);
  }

  /** Caller holds: what the port asks for. */
  read(port: UserPort, cell: CellHandle): unknown {
    const at = this.addressOf(cell);
    return this.#place(cell).format.decode((offset) => port.load(at + 4 * offset));
  }

  /** Caller holds: what the port asks for. */
  write(port: UserPort, cell: CellHandle, value: unknown): void {
    const at = this.addressOf(cell);
    const words = this.#encode(cell, value);
    for (let offset = 0; offset < words.length; offset++) port.store(at + 4 * offset, words[offset] as number);
  }

  /** The value of a cell in memory, as a debugger sees it: what store buffers hold back is not there yet. Caller holds: no section. */
  inspect(cell: CellHandle): unknown {
    return this.#place(cell).format.decode((offset) => this.#backing.peek(this.physicalOf(cell, offset)));
  }

  /** The value of a cell that is one word. Caller holds: nothing. */
  decode(cell: CellHandle, word: number): unknown {
    return this.#place(cell).format.decode(() => word);
  }

  /** Caller holds: no section. */
  poke(cell: CellHandle, value: unknown): void {
    this.#encode(cell, value).forEach((word, offset) => this.#backing.poke(this.physicalOf(cell, offset), word));
  }

  /** The physical address of a word of a cell now. Caller holds: no section. */
  physicalOf(cell: CellHandle, word: number = 0): number {
    const { pageBytes } = this.#backing;
    const at = this.#place(cell).at + 4 * word;
    return this.#backing.frameOf(Math.floor(at / pageBytes)) + (at % pageBytes);
  }

  /** Performs one access of a program and returns what the program gets. Caller holds: what the port asks for. */
  perform(port: UserPort, { action, cell, args, order }: MemoryStep): unknown {
    const { format } = this.#place(cell);
    const at = this.addressOf(cell);
    const word = (value: unknown): number => {
      const [first, ...rest] = this.#encode(cell, value);
      if (first === undefined || rest.length > 0) throw new TypeError(`${this.#nameOf(cell)} is not a word; use it inside one step`);
      return first;
    };
    const value = (bits: number): unknown => format.decode(() => bits);
    switch (action) {
      case "read":
      case "load":
        return this.read(port, cell);
      case "write":
      case "store": {
        const bits = word(args[0]);
        // Release keeps earlier stores before this one; seq_cst also keeps later loads behind it.
        if (order === "release" || order === "acq_rel" || (order === "seq_cst" && port.holdsStores())) port.storeBarrier();
        port.store(at, bits);
        if (order === "seq_cst") port.fence();
        return undefined;
      }
      case "exchange": {
        const next = word(args[0]);
        return value(port.update(at, () => next));
      }
      case "compareExchange": {
        const [expected, desired] = args;
        return value(port.update(at, (old) => (sameValue(value(old), expected) ? word(desired) : undefined)));
      }
      case "fetchAdd":
        return value(port.update(at, (old) => word(old + Number(args[0]))));
    }
  }

  /** `.value` inside a guarded step: any cell. Caller holds: no section. */
  stepFrame(port: UserPort): MemoryFrame {
    return {
      read: (cell) => (cell.isGhost ? this.inspect(cell) : this.read(port, cell)),
      write: (cell, value) => (cell.isGhost ? this.poke(cell, value) : this.write(port, cell, value)),
    };
  }

  /** `.value` between two operations: ghost cells only. */
  readonly ghostFrame: MemoryFrame = {
    read: (cell) => this.inspect(ghost(cell)),
    write: (cell, value) => this.poke(ghost(cell), value),
  };

  /** The words of a cell, for comparison. Caller holds: no section. */
  words(cell: CellHandle): readonly number[] {
    return Array.from({ length: this.#place(cell).format.size }, (_, offset) => this.#backing.peek(this.physicalOf(cell, offset)));
  }

  /** Everything declared under `memory`, as invariants see it: arrays as arrays, queues as lists, cells as values. Caller holds: no section. */
  values(): Readonly<Record<string, unknown>> {
    return Object.fromEntries(Object.entries(this.#layout.access).map(([name, access]) => [name, this.#valueOf(access)]));
  }

  #place(cell: CellHandle): Place {
    const place = this.#map.places[cell.address];
    if (place === undefined || this.#layout.cells[cell.address] !== cell) throw new OutOfRange(`${cell.variable} is a cell of another protocol`);
    return place;
  }

  #nameOf(cell: CellHandle): string {
    return this.#names[cell.address] ?? cell.variable;
  }

  #encode(cell: CellHandle, value: unknown): readonly number[] {
    return this.#place(cell).format.encode(value, this.#nameOf(cell));
  }

  #valueOf(access: unknown): unknown {
    if (access instanceof CellHandle) return this.inspect(access);
    if (access instanceof QueueHandle) return this.inspect(access.cell);
    if (access instanceof ArrayHandle) return access.elements.map((element) => this.#valueOf(element));
    return Object.fromEntries(Object.entries(access as Record<string, unknown>).map(([name, field]) => [name, this.#valueOf(field)]));
  }
}

function ghost(cell: CellHandle): CellHandle {
  if (!cell.isGhost) throw new Error(`${cell.variable}.value is used outside an atomic step; use yield* ${cell.variable}.read()`);
  return cell;
}

/** Equality of scalars; threads are equal if their numbers are. */
function sameValue(a: unknown, b: unknown): boolean {
  const plain = (value: unknown): unknown => (typeof value === "object" && value !== null && "id" in value ? value.id : value);
  return plain(a) === plain(b);
}
