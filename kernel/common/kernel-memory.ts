/**
 * Kernel memory: words of simulated physical memory as kernel code reaches them, through the CPU that runs it.
 *
 * Kernel code is JavaScript, but what it knows lies here: every record, queue link and lock is a word that goes through
 * the store buffer and the cache of the CPU at hand. While no kernel code runs, the same words are looked at from outside
 * (projection, audit, reports), as through the machine's console, which disturbs nothing.
 */
import type { Cpu } from "../../hardware/cpu.ts";
import type { Multiprocessor } from "../../hardware/multiprocessor.ts";

/** An access to kernel data without the lock that protects it, or another breach of the kernel's own discipline. */
export class KernelFault extends Error {}

/** Something in kernel memory that links may point to. */
export interface Addressed {
  readonly address: number;
}

export class KernelMemory {
  readonly machine: Multiprocessor;
  /** What lies at the start of each cache line of the heap. */
  readonly #residents: (Addressed | undefined)[] = [];
  readonly #start: number;
  readonly #lineShift: number;
  #cpu: Cpu | null = null;
  #next: number;
  readonly #end: number;

  /** `start` to `end` is the kernel's heap; records are laid out there at boot and stay. */
  constructor(machine: Multiprocessor, start: number, end: number) {
    this.machine = machine;
    this.#lineShift = 2 + Math.log2(machine.profile.cache.lineWords);
    this.#start = start;
    this.#next = start;
    this.#end = end;
  }

  /** The CPU whose kernel code runs; null: memory is looked at from outside. Caller holds: nothing. */
  get cpu(): Cpu | null {
    return this.#cpu;
  }
  set cpu(cpu: Cpu | null) {
    this.#cpu = cpu;
  }

  /** The CPU whose kernel code runs. Throws if none does. Caller holds: a section. */
  get processor(): Cpu {
    if (this.#cpu === null) throw new KernelFault("kernel code runs on no CPU");
    return this.#cpu;
  }

  /** Caller holds: what protects the word. */
  load(address: number): number {
    return this.#cpu === null ? this.machine.peek(address) : this.#cpu.loadPhysical(address);
  }

  /** Caller holds: what protects the word. */
  store(address: number, word: number): void {
    if (this.#cpu === null) this.machine.poke(address, word);
    else this.#cpu.storePhysical(address, word);
  }

  /** Runs `body`, which moves values of many words, as a copy (see {@link Cpu.doing}). Caller holds: nothing. */
  copying<T>(body: () => T): T {
    return this.#cpu === null ? body() : this.#cpu.doing("copy", body);
  }

  /** Takes words of the heap, for good, at the start of a cache line. They are zero. Caller holds: no section. */
  reserve(words: number): number {
    const line = 1 << this.#lineShift;
    const start = Math.ceil(this.#next / line) * line;
    if (start + 4 * words > this.#end) throw new KernelFault(`the kernel's heap is full: ${words} words do not fit`);
    this.#next = start + 4 * words;
    return start;
  }

  /** Remembers what lies at an address, so that links lead back to it. Caller holds: no section. */
  settle(resident: Addressed): void {
    const line = (resident.address - this.#start) >>> this.#lineShift;
    if (this.#residents[line] !== undefined) throw new KernelFault(`two things lie at 0x${resident.address.toString(16)}`);
    while (this.#residents.length < line) this.#residents.push(undefined);
    this.#residents[line] = resident;
  }

  /** What lies at an address; null for address 0, which is no place. Caller holds: nothing. */
  resident(address: number): Addressed | null {
    if (address === 0) return null;
    const found = this.#residents[(address - this.#start) >>> this.#lineShift];
    if (found?.address !== address) throw new KernelFault(`a link leads to 0x${(address >>> 0).toString(16)}, where nothing lies`);
    return found;
  }
}
