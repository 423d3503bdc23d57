/** Machines with page tables, for tests. */
import { type Cpu, type Multiprocessor, Page, PageTables } from "../../dist/hardware/index.js";

export interface AddressSpace {
  readonly root: number;
  readonly tables: PageTables;
  map(virtual: number, frame: number, rights?: number): void;
  unmap(virtual: number): void;
  /** Loads the root into a CPU and starts user mode there. */
  enter(cpu: Cpu): void;
}

/** Frames from the second page of memory on go to page tables, in order. */
export function frameAllocator(machine: Multiprocessor): () => number {
  let next = machine.profile.pageBytes;
  return () => {
    const frame = next;
    next += machine.profile.pageBytes;
    return frame;
  };
}

/** An empty address space; its tables are written from the console. */
export function addressSpace(machine: Multiprocessor, allocate: () => number): AddressSpace {
  const tables = new PageTables(machine.console, allocate(), machine.pages);
  return {
    root: tables.root,
    tables,
    map: (virtual, frame, rights = Page.user | Page.writable) => tables.map(virtual, frame, rights, allocate),
    unmap: (virtual) => {
      tables.unmap(virtual);
    },
    enter: (cpu) => {
      cpu.switchAddressSpace(tables.root);
      cpu.enterUser();
    },
  };
}

/** A deterministic source of numbers below `bound` (xorshift, Marsaglia 2003). */
export function random(seed: number): (bound: number) => number {
  let state = seed | 0 || 1;
  return (bound) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % bound;
  };
}
