/**
 * The frame allocator: physical pages, those that were given back in a list through their first words, those that were
 * never used behind a mark. Frames are zeroed when they are given out.
 */
import type { KernelMemory } from "./kernel-memory.ts";
import type { Lock } from "./locks.ts";

export class Frames {
  readonly bytes: number;
  readonly total: number;
  readonly #memory: KernelMemory;
  readonly #first: number;
  readonly #end: number;
  /** Two words: the first free frame, and the first that was never used. */
  readonly #free: number;
  readonly #mark: number;
  /** Protects the list of frames, and the tables of all address spaces. */
  #lock: Lock | null = null;

  /** Frames from `first` to before `end`, both whole pages. */
  constructor(memory: KernelMemory, first: number, end: number) {
    this.#memory = memory;
    this.#first = first;
    this.#end = end;
    this.bytes = memory.machine.profile.pageBytes;
    this.total = (end - first) / this.bytes;
    this.#free = memory.reserve(2);
    this.#mark = this.#free + 4;
    memory.store(this.#mark, first);
  }

  /** From now on `lock` is to be held, by all who change what they have of frames. Caller holds: no section. */
  protect(lock: Lock): void {
    this.#lock = lock;
  }

  /** Throws unless the CPU at hand holds the lock of the frames. Caller holds: nothing. */
  assertHeld(): void {
    this.#lock?.assertHeld({ address: this.#free, name: "the frames" });
  }

  /** The lock of the frames, once there is one. Caller holds: nothing. */
  get lock(): Lock | null {
    return this.#lock;
  }

  /** A zeroed frame. Caller holds: the lock of the frames. */
  allocate(): number {
    this.assertHeld();
    const memory = this.#memory;
    const used = memory.load(this.#free);
    if (used !== 0) {
      memory.store(this.#free, memory.load(used));
      for (let word = 0; word < this.bytes; word += 4) memory.store(used + word, 0);
      return used;
    }
    const frame = memory.load(this.#mark);
    if (frame >= this.#end) throw new Error(`out of memory: all ${this.total} frames are in use`);
    memory.store(this.#mark, frame + this.bytes);
    return frame;
  }

  /** Gives a frame back. Caller holds: the lock of the frames. */
  free(frame: number): void {
    this.assertHeld();
    const memory = this.#memory;
    memory.store(frame, memory.load(this.#free));
    memory.store(this.#free, frame);
  }

  /** All frames that are in use; for audits. Caller holds: the lock of the frames. */
  inUse(): ReadonlySet<number> {
    const memory = this.#memory;
    const used = new Set<number>();
    for (let frame = this.#first; frame < memory.load(this.#mark); frame += this.bytes) used.add(frame);
    for (let frame = memory.load(this.#free); frame !== 0; frame = memory.load(frame)) {
      if (!used.delete(frame)) throw new Error(`the frame at 0x${frame.toString(16)} is in the list of free frames twice`);
    }
    return used;
  }
}
