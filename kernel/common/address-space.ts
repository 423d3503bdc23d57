/**
 * Address spaces: one tree of page tables each. A thread's space has its UTCB at the first page but one and the
 * protocol's memory from the sixteenth page on; page 0 is never mapped, so that address 0 is no address.
 */
import { frameOf, Page, PageTables, type WordPort } from "../../hardware/page-table.ts";
import type { Frames } from "./frames.ts";
import type { KernelMemory } from "./kernel-memory.ts";

/** The page of the thread's message registers, and the first page of the protocol's memory. */
export const utcbPage = 1;
export const memoryPage = 16;

export class AddressSpace {
  readonly root: number;
  readonly #frames: Frames;
  readonly #tables: PageTables;
  /** Frames of the tables below the root. */
  readonly #owned: number[] = [];

  constructor(memory: KernelMemory, frames: Frames) {
    const port: WordPort = { read: (address) => memory.load(address), write: (address, value) => memory.store(address, value) };
    this.root = frames.allocate();
    this.#frames = frames;
    this.#tables = new PageTables(port, this.root, memory.machine.pages);
  }

  /** Frames that the tables themselves take. Caller holds: the lock of the frames. */
  get owned(): readonly number[] {
    return [this.root, ...this.#owned];
  }

  /** Maps a page for user programs. Caller holds: the lock of the frames. */
  map(page: number, frame: number, writable: boolean): void {
    this.#frames.assertHeld();
    this.#tables.map(page * this.#frames.bytes, frame, Page.user | (writable ? Page.writable : 0), () => {
      const table = this.#frames.allocate();
      this.#owned.push(table);
      return table;
    });
  }

  /** Removes a mapping; whether there was one. The caller sees to the TLBs. Caller holds: the lock of the frames. */
  unmap(page: number): boolean {
    this.#frames.assertHeld();
    return this.#tables.unmap(page * this.#frames.bytes) !== 0;
  }

  /** The frame that a page is mapped to; 0: none. Caller holds: nothing. */
  frameAt(page: number, geometry: { readonly pageBytes: number; readonly pageShift: number; readonly entries: number; readonly entryShift: number }): number {
    const entry = this.#tables.lookup(page * this.#frames.bytes);
    return (entry & Page.present) === 0 ? 0 : frameOf(entry, geometry);
  }

  /** Gives the tables' frames back. The space must not be loaded in any CPU. Caller holds: the lock of the frames. */
  destroy(): void {
    for (const frame of this.owned) this.#frames.free(frame);
    this.#owned.length = 0;
  }
}
