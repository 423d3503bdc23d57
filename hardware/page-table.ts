/**
 * Two-level page tables as the i386 has them (Intel, "80386 Programmer's Reference Manual", 1986, section 5.2): a page of
 * directory entries, each naming a page of table entries, each naming a frame. The hardware reads them in mmu.ts; here is
 * the format, and what a kernel needs to write them. They lie in simulated physical memory like everything else.
 *
 *     | frame address (upper bits) | … | user | writable | present |
 *                                         4       2          1
 */

/** Bits of an entry. An access needs its bits at both levels. */
export const Page = { present: 1, writable: 2, user: 4 } as const;

export interface PageGeometry {
  readonly pageBytes: number;
  readonly pageShift: number;
  /** Entries of a table. */
  readonly entries: number;
  readonly entryShift: number;
}

export function pageGeometry(pageBytes: number): PageGeometry {
  const pageShift = Math.log2(pageBytes);
  return { pageBytes, pageShift, entries: pageBytes / 4, entryShift: pageShift - 2 };
}

/** The frame address in an entry. */
export function frameOf(entry: number, { pageBytes }: PageGeometry): number {
  return (entry & -pageBytes) >>> 0;
}

/** How page tables are read and written: a CPU's physical accesses, or the machine's console at boot. */
export interface WordPort {
  read(address: number): number;
  write(address: number, value: number): void;
}

/**
 * The page tables under one root. Writes nothing but page tables: the caller drops stale translations from the TLBs
 * (shootdown.ts) and, before that, makes its writes visible with a fence.
 */
export class PageTables {
  readonly root: number;
  readonly #port: WordPort;
  readonly #geometry: PageGeometry;

  /** `root` is the address of the directory, a zeroed frame other than the first. */
  constructor(port: WordPort, root: number, geometry: PageGeometry) {
    if (root === 0 || root % geometry.pageBytes !== 0) throw new RangeError(`0x${root.toString(16)} cannot be the root of page tables`);
    this.#port = port;
    this.root = root;
    this.#geometry = geometry;
  }

  /** Maps the page at `virtual` to `frame` with these rights. `allocate` gives a zeroed frame where a table is missing. */
  map(virtual: number, frame: number, rights: number, allocate: () => number): void {
    this.#checkPage(virtual);
    this.#checkPage(frame);
    const directory = this.#directoryEntry(virtual);
    let table = this.#port.read(directory);
    if ((table & Page.present) === 0) {
      table = allocate() | Page.present | Page.writable | Page.user;
      this.#port.write(directory, table);
    }
    this.#port.write(this.#tableEntry(table, virtual), frame | rights | Page.present);
  }

  /** Removes the mapping; says what it was, 0 if there was none. */
  unmap(virtual: number): number {
    const table = this.#port.read(this.#directoryEntry(virtual));
    if ((table & Page.present) === 0) return 0;
    const place = this.#tableEntry(table, virtual);
    const entry = this.#port.read(place);
    this.#port.write(place, 0);
    return entry;
  }

  /** The entry that a walk ends at with the rights of both levels, 0 if there is none. */
  lookup(virtual: number): number {
    const table = this.#port.read(this.#directoryEntry(virtual));
    if ((table & Page.present) === 0) return 0;
    const entry = this.#port.read(this.#tableEntry(table, virtual));
    return (entry & Page.present) === 0 ? 0 : entry & (table | ~(Page.writable | Page.user));
  }

  #directoryEntry(virtual: number): number {
    const { pageShift, entryShift, entries } = this.#geometry;
    const index = virtual >>> (pageShift + entryShift);
    if (index >= entries) throw new RangeError(`0x${virtual.toString(16)} is beyond the virtual address space`);
    return this.root + 4 * index;
  }

  #tableEntry(table: number, virtual: number): number {
    const { pageShift, entries } = this.#geometry;
    return frameOf(table, this.#geometry) + 4 * ((virtual >>> pageShift) & (entries - 1));
  }

  #checkPage(address: number): void {
    if (address % this.#geometry.pageBytes !== 0) throw new RangeError(`0x${address.toString(16)} is not the start of a page`);
  }
}
