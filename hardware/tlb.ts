/**
 * The translation lookaside buffer of one CPU: set-associative, replaced round robin. It is not coherent: an entry stays
 * until it is replaced, dropped or flushed, whatever happens to the page table (Black, Rashid, Golub, Hill, Baron:
 * "Translation lookaside buffer consistency: a software approach", ASPLOS 1989).
 */
import type { Profile } from "./profile.ts";

/** Pages from this number on are the kernel's window onto physical memory (mmu.ts), beyond all virtual addresses. */
export const kernelWindow: number = 1 << 24;

export class Tlb {
  readonly slots: number;
  readonly #ways: number;
  readonly #setMask: number;
  readonly #tagged: boolean;
  /** Per slot: page number, root of the address space (0 if untagged), entry as in the page table with the rights of both levels; 0: free. */
  readonly #pages: Int32Array;
  readonly #roots: Int32Array;
  readonly #entries: Int32Array;
  /** Per set: the way that is replaced next. */
  readonly #next: Int32Array;
  /** All of these. */
  readonly #words: Int32Array;

  static size({ tlb }: Profile): number {
    return tlb.sets * (3 * tlb.ways + 1);
  }

  constructor(words: Int32Array, { tlb }: Profile) {
    this.slots = tlb.sets * tlb.ways;
    this.#ways = tlb.ways;
    this.#setMask = tlb.sets - 1;
    this.#tagged = tlb.tagged;
    this.#pages = words.subarray(0, this.slots);
    this.#roots = words.subarray(this.slots, 2 * this.slots);
    this.#entries = words.subarray(2 * this.slots, 3 * this.slots);
    this.#next = words.subarray(3 * this.slots);
    this.#words = words;
  }

  /** The cached entry of a page, or 0. */
  lookup(root: number, page: number): number {
    const first = (page & this.#setMask) * this.#ways;
    const tag = this.#tagged ? root : 0;
    const end = first + this.#ways;
    const pages = this.#pages;
    for (let slot = first; slot < end; slot++) {
      if (pages[slot] === page && this.#roots[slot] === tag && this.#entries[slot] !== 0) return this.#entries[slot] as number;
    }
    return 0;
  }

  /** Keeps a present entry. */
  fill(root: number, page: number, entry: number): void {
    const set = page & this.#setMask;
    const first = set * this.#ways;
    let slot = first;
    while (slot < first + this.#ways && this.#entries[slot] !== 0) slot++;
    if (slot === first + this.#ways) {
      const way = this.#next[set] as number;
      this.#next[set] = (way + 1) % this.#ways;
      slot = first + way;
    }
    this.#pages[slot] = page;
    this.#roots[slot] = this.#tagged ? root : 0;
    this.#entries[slot] = entry;
  }

  /** Drops the translation of one page; untagged, whatever address space it is of. */
  invalidate(root: number, page: number): void {
    const tag = this.#tagged ? root : 0;
    for (let slot = 0; slot < this.slots; slot++) if (this.#pages[slot] === page && this.#roots[slot] === tag) this.#clear(slot);
  }

  flush(): void {
    this.#words.fill(0);
  }

  /** What it holds of address spaces, for looking at a machine from outside; `root` 0: untagged. */
  contents(): readonly { readonly root: number; readonly page: number; readonly entry: number }[] {
    const held: { root: number; page: number; entry: number }[] = [];
    for (let slot = 0; slot < this.slots; slot++) {
      if (this.#entries[slot] !== 0 && (this.#pages[slot] as number) < kernelWindow)
        held.push({ root: this.#roots[slot] as number, page: this.#pages[slot] as number, entry: this.#entries[slot] as number });
    }
    return held;
  }

  /** The pages of the kernel's window that it holds. */
  kernelPages(): readonly number[] {
    return Array.from(this.#pages.keys(), (slot) => (this.#entries[slot] === 0 ? -1 : (this.#pages[slot] as number) - kernelWindow)).filter(
      (page) => page >= 0,
    );
  }

  #clear(slot: number): void {
    this.#pages[slot] = 0;
    this.#roots[slot] = 0;
    this.#entries[slot] = 0;
  }
}
