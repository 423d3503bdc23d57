/**
 * Spin locks: one word each, taken with a locked operation on simulated memory, 0 if free, else the number of the CPU
 * that holds it plus one.
 *
 * Every access to a record asserts that the CPU at hand holds the record's lock, and locks are taken in the order of
 * their addresses, so a missing lock, or two taken in an order that could deadlock, fails at once and not only in the
 * unlucky schedule (after Linux's lockdep, Documentation/locking/lockdep-design.rst).
 */
import { type Addressed, KernelFault, type KernelMemory } from "./kernel-memory.ts";
import type { KernelCode } from "./path.ts";

/** What the locks of a kernel have in common. */
export class Locks {
  /** For each CPU the locks that it holds, in the order in which it took them. */
  readonly held: Lock[][] = [];
  /** Whether kernel code stops at each lock, so that other CPUs can come in between. */
  areContended = false;
  /** How often a CPU has found a lock taken, and the cycles that it has spent on that. */
  spins = 0;
  spinCycles = 0;
}

export class Lock {
  readonly address: number;
  readonly name: string;
  readonly #memory: KernelMemory;
  readonly #locks: Locks;
  /** The CPU that holds it, as the assertions see it without touching memory. */
  #holder = -1;
  /** On a machine of one CPU kernel code has interrupts off and nobody to lock out: there the word stays as it is. */
  readonly #isAlone: boolean;

  constructor(memory: KernelMemory, name: string, locks: Locks) {
    this.#memory = memory;
    this.#locks = locks;
    this.address = memory.reserve(1);
    this.name = name;
    this.#isAlone = memory.machine.cpus.length === 1;
  }

  /** Takes it, spinning while another CPU holds it. Where locks are contended it stops before and after. Caller holds: a section. */
  *acquire(): KernelCode<void> {
    const stops = this.#locks.areContended && !this.#isAlone;
    if (stops) yield { kind: "lock", lock: this, taken: false };
    while (!this.#spinOnce()) yield { kind: "lock", lock: this, taken: false };
    if (stops) yield { kind: "lock", lock: this, taken: true };
  }

  #spinOnce(): boolean {
    if (this.#holder === -1) return this.tryAcquire();
    const { processor } = this.#memory;
    const start = processor.clock;
    const isTaken = this.tryAcquire();
    this.#locks.spins++;
    this.#locks.spinCycles += processor.clock - start;
    return isTaken;
  }

  /** Tries to take it: one locked test-and-set. False if another CPU holds it. Caller holds: a section. */
  tryAcquire(): boolean {
    const cpu = this.#memory.processor;
    const held = (this.#locks.held[cpu.id] ??= []);
    const last = held.at(-1);
    if (held.includes(this)) throw new KernelFault(`CPU ${cpu.id} takes ${this.name}, which it holds already`);
    if (last !== undefined && last.address > this.address)
      throw new KernelFault(`CPU ${cpu.id} takes ${this.name} after ${last.name}: that order can deadlock`);
    if (!this.#isAlone && cpu.compareExchangePhysical(this.address, 0, cpu.id + 1) !== 0) return false;
    held.push(this);
    this.#holder = cpu.id;
    return true;
  }

  /** Caller holds: this lock. */
  release(): void {
    const cpu = this.#memory.processor;
    this.assertHeld(this);
    if (!this.#isAlone) {
      // A release must not be overtaken by the stores that it publishes (pso); under tso this costs nothing.
      cpu.storeBarrier();
      cpu.storePhysical(this.address, 0);
    }
    const held = this.#locks.held[cpu.id] ?? [];
    if (held.at(-1) === this) held.pop();
    else held.splice(held.indexOf(this), 1);
    this.#holder = -1;
  }

  /** Whether a CPU holds it, as the assertions see it. Caller holds: nothing. */
  get isTaken(): boolean {
    return this.#holder !== -1;
  }

  /** Caller holds: nothing. */
  get isHeld(): boolean {
    return this.#isAlone ? this.#holder !== -1 : this.#memory.load(this.address) !== 0;
  }

  /** Throws unless the CPU at hand holds the lock, or memory is looked at from outside. Caller holds: nothing. */
  assertHeld(record: Addressed & { readonly name?: string }): void {
    const { cpu } = this.#memory;
    if (cpu !== null && cpu.id !== this.#holder)
      throw new KernelFault(`CPU ${cpu.id} reaches ${record.name ?? `0x${record.address.toString(16)}`} without holding ${this.name}`);
  }
}
