/**
 * How code reaches the words that a thread shares with others: the accesses of its program, those of the kernel in its
 * place, and the message registers through which arguments and results pass. Each thread has one port of each kind.
 */
import type { Cpu } from "../../hardware/cpu.ts";
import { utcbPage } from "./address-space.ts";
import type { KernelMemory } from "./kernel-memory.ts";
import type { Microkernel } from "./microkernel.ts";
import { callRegisters } from "./scheduler.ts";
import type { MessagePort } from "./system-calls.ts";
import type { Thread } from "./thread.ts";
import type { UserPort } from "./user-memory.ts";

/** The accesses of a user program on its CPU, faults repaired by the pager. Caller holds: no section. */
export class ProgramPort implements UserPort {
  readonly #kernel: Microkernel;
  readonly #thread: Thread;
  readonly #cpu: Cpu;

  constructor(kernel: Microkernel, thread: Thread) {
    this.#kernel = kernel;
    this.#thread = thread;
    this.#cpu = thread.cpu;
  }

  load(address: number): number {
    for (;;) {
      try {
        return this.#cpu.load(address);
      } catch (error) {
        this.#kernel.pager.handle(this.#thread, error);
      }
    }
  }

  store(address: number, word: number): void {
    for (;;) {
      try {
        this.#cpu.store(address, word);
        return;
      } catch (error) {
        this.#kernel.pager.handle(this.#thread, error);
      }
    }
  }

  update(address: number, change: (old: number) => number | undefined): number {
    for (;;) {
      try {
        return this.#cpu.update(address, change);
      } catch (error) {
        this.#kernel.pager.handle(this.#thread, error);
      }
    }
  }

  fence(): void {
    this.#cpu.fence();
  }

  storeBarrier(): void {
    this.#cpu.storeBarrier();
  }

  holdsStores(): boolean {
    return this.#cpu.buffer.length > 0;
  }
}

/** The kernel follows a pointer of a thread: through the thread's page tables, by physical address, on the CPU at hand. Caller holds: a section. */
export class KernelPort implements UserPort {
  readonly #kernel: Microkernel;
  readonly #thread: Thread;

  constructor(kernel: Microkernel, thread: Thread) {
    this.#kernel = kernel;
    this.#thread = thread;
  }

  get #cpu(): Cpu {
    return this.#kernel.memory.processor;
  }

  #physical(address: number): number {
    return this.#kernel.pager.translate(this.#thread, address);
  }

  load(address: number): number {
    return this.#cpu.loadPhysical(this.#physical(address));
  }

  store(address: number, word: number): void {
    this.#cpu.storePhysical(this.#physical(address), word);
  }

  update(address: number, change: (old: number) => number | undefined): number {
    return this.#cpu.updatePhysical(this.#physical(address), change);
  }

  fence(): void {
    this.#cpu.fence();
  }

  storeBarrier(): void {
    this.#cpu.storeBarrier();
  }

  holdsStores(): boolean {
    return this.#cpu.buffer.length > 0;
  }
}

/** A thread's message words as its program reaches them: registers, and the UTCB by its virtual address. Caller holds: no section. */
export class UserMessage implements MessagePort {
  readonly #thread: Thread;
  readonly #port: UserPort;
  readonly #base: number;

  constructor(thread: Thread, port: UserPort, pageBytes: number) {
    this.#thread = thread;
    this.#port = port;
    this.#base = utcbPage * pageBytes - 4 * callRegisters;
  }

  get(index: number): number {
    const { cpu } = this.#thread;
    return index < callRegisters ? (cpu.registers[index] as number) : cpu.doing("copy", () => this.#port.load(this.#base + 4 * index));
  }

  put(index: number, word: number): void {
    const { cpu } = this.#thread;
    if (index < callRegisters) cpu.registers[index] = word;
    else cpu.doing("copy", () => this.#port.store(this.#base + 4 * index, word));
  }
}

/** The same words of a thread that does not run, as they were left for it, looked at from outside. Caller holds: no section. */
export class SavedMessage implements MessagePort {
  readonly #kernel: Microkernel;
  readonly #thread: Thread;

  constructor(kernel: Microkernel, thread: Thread) {
    this.#kernel = kernel;
    this.#thread = thread;
  }

  get(index: number): number {
    const { block, utcb } = this.#thread;
    return index < callRegisters ? this.#kernel.scheduler.saved(block, index) : this.#kernel.machine.peek(utcb + 4 * (index - callRegisters));
  }

  put(): never {
    throw new TypeError(`${this.#thread.name} does not run: its program leaves no words`);
  }
}

/** The same words as the kernel reaches them on the thread's own CPU, where the thread is current: in the CPU's registers. Caller holds: a section. */
export class KernelMessage implements MessagePort {
  readonly #memory: KernelMemory;
  readonly #base: number;

  constructor({ memory }: Microkernel, { utcb }: Thread) {
    this.#memory = memory;
    this.#base = utcb - 4 * callRegisters;
  }

  get(index: number): number {
    return index < callRegisters ? (this.#memory.processor.registers[index] as number) : this.#memory.copying(() => this.#memory.load(this.#base + 4 * index));
  }

  put(index: number, word: number): void {
    if (index < callRegisters) this.#memory.processor.registers[index] = word;
    else this.#memory.copying(() => this.#memory.store(this.#base + 4 * index, word));
  }
}

/** The same words where the thread is not current: what its registers are to hold waits in its block. Caller holds: a section. */
export class DistantMessage implements MessagePort {
  readonly #kernel: Microkernel;
  readonly #thread: Thread;
  readonly #near: KernelMessage;

  constructor(kernel: Microkernel, thread: Thread, near: KernelMessage) {
    this.#kernel = kernel;
    this.#thread = thread;
    this.#near = near;
  }

  get(index: number): number {
    return this.#near.get(index);
  }

  put(index: number, word: number): void {
    const { cpu, block } = this.#thread;
    if (index >= callRegisters) this.#near.put(index, word);
    else this.#kernel.withCpu(cpu, () => this.#kernel.scheduler.give(block, index, word));
  }
}
