/**
 * The memory management unit of one CPU: translates a virtual address by its TLB, on a miss by walking the page tables
 * (page-table.ts). The walk reads through the CPU's cache, not through its store buffer: a kernel that has written a
 * page table puts a fence before it relies on it, as on x86, where the instructions that drop translations serialise.
 */
import type { Bus } from "./bus.ts";
import type { Counters } from "./counters.ts";
import type { Faults } from "./faults.ts";
import { frameOf, Page, type PageGeometry } from "./page-table.ts";
import { Cost } from "./profile.ts";
import { kernelWindow, type Tlb } from "./tlb.ts";
import { type FaultReason, trapCodes } from "./trap.ts";

/** A fault, as a negative number instead of a physical address. */
function failure(reason: FaultReason): number {
  return -trapCodes[reason];
}
const notPresent = failure("page-not-present");
const protection = failure("page-protection");
const busError = failure("bus-error");

export class Mmu {
  readonly tlb: Tlb;
  readonly #cpu: number;
  readonly #bus: Bus;
  readonly #geometry: PageGeometry;
  readonly #counters: Counters;
  readonly #faults: Faults;
  readonly #kernelShift: number | null;

  /** `kernelPageBytes`: by which the kernel's memory is mapped; null: its translations are never missed. */
  constructor(cpu: number, tlb: Tlb, bus: Bus, geometry: PageGeometry, counters: Counters, faults: Faults, kernelPageBytes: number | null) {
    this.#cpu = cpu;
    this.tlb = tlb;
    this.#bus = bus;
    this.#geometry = geometry;
    this.#counters = counters;
    this.#faults = faults;
    this.#kernelShift = kernelPageBytes === null ? null : Math.log2(kernelPageBytes);
  }

  /**
   * A physical access of a kernel that reaches memory through a window of its address space: the translation is never
   * wrong, but it takes an entry of the TLB, and is missed like others. Its page table is not modelled.
   */
  reachKernel(address: number): void {
    if (this.#kernelShift === null) return;
    const page = kernelWindow + (address >>> this.#kernelShift);
    if (this.tlb.lookup(0, page) !== 0) return;
    this.#counters.charge(this.#cpu, Cost.tlbMiss);
    this.tlb.fill(0, page, Page.present);
  }

  /** The physical address, or the negative code of the fault. `user`: with the rights of a user program. */
  translate(root: number, virtual: number, write: boolean, user: boolean): number {
    const { pageShift, pageBytes } = this.#geometry;
    const page = virtual >>> pageShift;
    let entry = this.tlb.lookup(root, page);
    if (entry === 0) {
      entry = this.#walk(root, page);
      if (entry <= 0) return entry === 0 ? notPresent : busError;
      this.tlb.fill(root, page, entry);
    }
    if (!this.#faults.ignoreProtection) {
      if (write && (entry & Page.writable) === 0) return protection;
      if (user && (entry & Page.user) === 0) return protection;
    }
    const address = frameOf(entry, this.#geometry) + (virtual & (pageBytes - 1));
    return this.#bus.memory.contains(address) ? address : busError;
  }

  /** The entry with the rights of both levels; 0 if the page is not present, -1 if a table lies outside memory. */
  #walk(root: number, page: number): number {
    this.#counters.charge(this.#cpu, Cost.tlbMiss);
    const { entries, entryShift } = this.#geometry;
    const index = page >>> entryShift;
    if (index >= entries) return 0;
    const directory = root + 4 * index;
    if (!this.#bus.memory.contains(directory)) return -1;
    const table = this.#bus.read(this.#cpu, directory);
    if ((table & Page.present) === 0) return 0;
    const place = frameOf(table, this.#geometry) + 4 * (page & (entries - 1));
    if (!this.#bus.memory.contains(place)) return -1;
    const entry = this.#bus.read(this.#cpu, place);
    if ((entry & Page.present) === 0) return 0;
    const combined = entry & (table | ~(Page.writable | Page.user));
    return combined > 0 ? combined : -1;
  }
}
