/**
 * The protocol's cells in physical memory. Shared cells are reached through a CPU; ghost cells exist for the proof only
 * and are read and written as a debugger would, past every CPU.
 */
import type { Cpu } from "../../hardware/cpu.ts";
import type { Multiprocessor } from "../../hardware/multiprocessor.ts";
import type { ThreadHandle } from "../../model/language/domain.ts";
import { ArrayHandle, CellHandle, type MemoryFrame, type MemoryLayout, QueueHandle } from "../../model/language/memory.ts";
import { OutOfRange, type Step } from "../../model/language/operation.ts";
import { initialValue, wordFormat, type WordFormat } from "./words.ts";

interface Place {
  /** Byte address. */
  readonly at: number;
  readonly format: WordFormat;
}
/** Where each cell lies. */
export interface MemoryMap {
  readonly places: readonly Place[];
  /** Number of words. */
  readonly size: number;
}

/** Page 0 stays empty: address 0 is no place. */
const firstPage = 4096;

/** Places the cells of a protocol one after the other. */
export function mapMemory(layout: MemoryLayout, threads: readonly ThreadHandle[]): MemoryMap {
  let size = 0;
  const places = layout.cells.map(({ domain }) => {
    const format = wordFormat(domain, threads);
    const at = firstPage + 4 * size;
    size += format.size;
    return { at, format };
  });
  return { places, size };
}

/** The name of a cell in messages: `ring[2]`, or `head`. */
export function cellName(cell: CellHandle, layout: MemoryLayout): string {
  const isArray = layout.cells.filter(({ variable }) => variable === cell.variable).length > 1;
  return isArray ? `${cell.variable}[${cell.index}]` : cell.variable;
}

type MemoryStep = Extract<Step, { kind: "memory" }>;

export class UserMemory {
  readonly #layout: MemoryLayout;
  readonly #map: MemoryMap;
  readonly #machine: Multiprocessor;

  constructor(layout: MemoryLayout, map: MemoryMap, machine: Multiprocessor) {
    this.#layout = layout;
    this.#map = map;
    this.#machine = machine;
    for (const cell of layout.cells) this.#put(cell, initialValue(cell.domain), (address, word) => machine.poke(address, word));
  }

  #place(cell: CellHandle): Place {
    const place = this.#map.places[cell.address];
    if (place === undefined || this.#layout.cells[cell.address] !== cell) throw new OutOfRange(`${cell.variable} is a cell of another protocol`);
    return place;
  }

  #put(cell: CellHandle, value: unknown, store: (address: number, word: number) => void): void {
    const { at, format } = this.#place(cell);
    format.encode(value, cellName(cell, this.#layout)).forEach((word, offset) => store(at + 4 * offset, word));
  }

  /** The physical address of a cell's first word. */
  addressOf(cell: CellHandle): number {
    return this.#place(cell).at;
  }

  read(cpu: Cpu, cell: CellHandle): unknown {
    const { at, format } = this.#place(cell);
    return format.decode((offset) => cpu.loadPhysical(at + 4 * offset));
  }

  write(cpu: Cpu, cell: CellHandle, value: unknown): void {
    this.#put(cell, value, (address, word) => cpu.storePhysical(address, word));
  }

  /** The value of a cell, as a debugger sees it. */
  inspect(cell: CellHandle): unknown {
    const { at, format } = this.#place(cell);
    return format.decode((offset) => this.#machine.peek(at + 4 * offset));
  }

  /** Performs one access of a program and returns what the program gets. */
  perform(cpu: Cpu, { action, cell, args }: MemoryStep): unknown {
    const { at, format } = this.#place(cell);
    const name = cellName(cell, this.#layout);
    const word = (value: unknown): number => {
      const [first, ...rest] = format.encode(value, name);
      if (first === undefined || rest.length > 0) throw new TypeError(`${name} is not a word; use it inside one step`);
      return first;
    };
    const value = (bits: number): unknown => format.decode(() => bits);
    switch (action) {
      case "read":
      case "load":
        return this.read(cpu, cell);
      case "write":
      case "store":
        cpu.storePhysical(at, word(args[0]));
        return undefined;
      case "exchange": {
        const next = word(args[0]);
        return value(cpu.updatePhysical(at, () => next));
      }
      case "compareExchange": {
        const [expected, desired] = args;
        return value(cpu.updatePhysical(at, (old) => (sameValue(value(old), expected) ? word(desired) : undefined)));
      }
      case "fetchAdd":
        return value(cpu.updatePhysical(at, (old) => word(old + Number(args[0]))));
    }
  }

  /** `.value` inside a guarded step: any cell, on the CPU of the thread. */
  stepFrame(cpu: Cpu): MemoryFrame {
    return {
      read: (cell) => (cell.isGhost ? this.inspect(cell) : this.read(cpu, cell)),
      write: (cell, value) => (cell.isGhost ? this.poke(cell, value) : this.write(cpu, cell, value)),
    };
  }

  /** `.value` between two operations: ghost cells only. */
  ghostFrame(): MemoryFrame {
    const ghost = (cell: CellHandle): CellHandle => {
      if (!cell.isGhost) throw new Error(`${cell.variable}.value is used outside an atomic step; use yield* ${cell.variable}.read()`);
      return cell;
    };
    return { read: (cell) => this.inspect(ghost(cell)), write: (cell, value) => this.poke(ghost(cell), value) };
  }

  poke(cell: CellHandle, value: unknown): void {
    this.#put(cell, value, (address, word) => this.#machine.poke(address, word));
  }

  /** The words of a cell, for comparison. */
  words(cell: CellHandle): readonly number[] {
    const { at, format } = this.#place(cell);
    return Array.from({ length: format.size }, (_, offset) => this.#machine.peek(at + 4 * offset));
  }

  /** Everything declared under `memory`, as invariants see it: arrays as arrays, queues as lists, cells as values. */
  values(): Readonly<Record<string, unknown>> {
    return Object.fromEntries(Object.entries(this.#layout.access).map(([name, access]) => [name, this.#valueOf(access)]));
  }

  #valueOf(access: unknown): unknown {
    if (access instanceof CellHandle) return this.inspect(access);
    if (access instanceof QueueHandle) return this.inspect(access.cell);
    if (access instanceof ArrayHandle) return access.elements.map((element) => this.#valueOf(element));
    return Object.fromEntries(Object.entries(access as Record<string, unknown>).map(([name, field]) => [name, this.#valueOf(field)]));
  }
}

/** Equality of scalars; threads are equal if their numbers are. */
function sameValue(a: unknown, b: unknown): boolean {
  const plain = (value: unknown): unknown => (typeof value === "object" && value !== null && "id" in value ? value.id : value);
  return plain(a) === plain(b);
}
