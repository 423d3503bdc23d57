/**
 * The flat machine: CPUs on one memory, without translation, caches or store buffers, so every access reaches memory at
 * once and in program order. Its CPUs have the physical accesses of {@link Cpu} (cpu.ts) under the same names, so that
 * what runs on it also runs on the full multiprocessor.
 */
import { PhysicalMemory } from "./memory.ts";

/** An access to a word that does not exist: a fault of the machine's own software, never of a protocol. */
export class BusError extends Error {}

/** What software needs of a CPU in order to reach physical memory; addresses are bytes, multiples of four. */
export interface Processor {
  readonly id: number;
  loadPhysical(address: number): number;
  storePhysical(address: number, value: number): void;
  /** A locked read-modify-write: nothing comes between the load and the store. Returns the old value; `undefined` leaves it. */
  updatePhysical(address: number, change: (old: number) => number | undefined): number;
  /** Orders everything before it before everything after it. */
  fence(): void;
}

export class FlatCpu implements Processor {
  readonly id: number;
  readonly #memory: PhysicalMemory;
  #current: number | null = null;
  #switches = 0;

  constructor(id: number, memory: PhysicalMemory) {
    this.id = id;
    this.#memory = memory;
  }

  /** The thread whose registers are loaded, or null before the first dispatch. */
  get current(): number | null {
    return this.#current;
  }

  /** How often another thread's registers were loaded. */
  get switches(): number {
    return this.#switches;
  }

  /** Loads the registers of `thread`. */
  dispatch(thread: number): void {
    if (this.#current === thread) return;
    if (this.#current !== null) this.#switches++;
    this.#current = thread;
  }

  loadPhysical(address: number): number {
    return this.#memory.read(this.#checked(address));
  }

  storePhysical(address: number, value: number): void {
    this.#memory.write(this.#checked(address), value);
  }

  updatePhysical(address: number, change: (old: number) => number | undefined): number {
    const old = this.loadPhysical(address);
    const next = change(old);
    if (next !== undefined) this.storePhysical(address, next);
    return old;
  }

  fence(): void {}

  #checked(address: number): number {
    if (!this.#memory.contains(address)) throw new BusError(`CPU ${this.id}: there is no memory at ${address}; it has ${this.#memory.bytes} bytes`);
    return address;
  }
}

/** CPUs that share one memory. It knows nothing of threads, kernels or protocols. */
export class FlatMachine {
  readonly memory: PhysicalMemory;
  readonly cpus: readonly FlatCpu[];

  constructor(shape: { readonly cpus: number; readonly words: number }) {
    this.memory = new PhysicalMemory(new Int32Array(shape.words));
    this.cpus = Array.from({ length: shape.cpus }, (_, id) => new FlatCpu(id, this.memory));
  }

  cpu(id: number): FlatCpu {
    const cpu = this.cpus[id];
    if (cpu === undefined) throw new RangeError(`there is no CPU ${id}; the machine has ${this.cpus.length}`);
    return cpu;
  }
}
