/**
 * One CPU: registers, privilege, and the instructions that programs and the kernel are made of.
 *
 * A memory access goes through TLB and page table (if paging is on), then store buffer, then cache, then bus. In user mode
 * only pages with the user bit can be reached; the kernel may also use physical addresses. An instruction that faults
 * enters the kernel and throws {@link Trap}; system calls and interrupts enter it without throwing.
 */
import type { Bus } from "./bus.ts";
import type { Counters } from "./counters.ts";
import type { Faults } from "./faults.ts";
import type { InterruptController } from "./interrupts.ts";
import type { Mmu } from "./mmu.ts";
import type { WordPort } from "./page-table.ts";
import { Cost, type CostIndex } from "./profile.ts";
import { type Mode, Registers, type TrapFrame } from "./registers.ts";
import type { StoreBuffer } from "./store-buffer.ts";
import { type FaultReason, Trap, trapReasons } from "./trap.ts";

/** The parts that a CPU is wired to. */
export interface CpuParts {
  readonly buffer: StoreBuffer;
  readonly mmu: Mmu;
  readonly bus: Bus;
  readonly interrupts: InterruptController;
  readonly counters: Counters;
  readonly faults: Faults;
  readonly tagged: boolean;
  readonly pageShift: number;
  /** Instructions that an access to memory stands for. */
  readonly instructionsPerAccess: number;
}

/** What instructions are charged as, and how much of it an access to memory and any other instruction is. */
interface Charge {
  readonly cause: CostIndex;
  readonly access: number;
  readonly instruction: number;
}

export class Cpu {
  readonly id: number;
  readonly buffer: StoreBuffer;
  readonly mmu: Mmu;
  /** The general registers. */
  readonly registers: Int32Array;
  /** Physical memory as this CPU's privileged instructions reach it. */
  readonly physical: WordPort;
  /** Addresses of the stores that have left the store buffer, oldest first, for whoever looks on and empties it; null: nobody does. */
  drained: number[] | null = null;
  readonly #state: Registers;
  readonly #parts: CpuParts;
  readonly #bus: Bus;
  readonly #counters: Counters;
  /** The counters of this CPU, by cause. */
  readonly #events: Float64Array;
  readonly #charges: Readonly<Record<"ordinary" | "copy" | "schedule", Charge>>;
  #charge: Charge;

  static readonly size: number = Registers.size;

  constructor(id: number, words: Int32Array, parts: CpuParts) {
    this.id = id;
    this.#state = new Registers(words);
    this.registers = this.#state.general;
    this.#parts = parts;
    this.buffer = parts.buffer;
    this.mmu = parts.mmu;
    this.#bus = parts.bus;
    this.#counters = parts.counters;
    this.#events = parts.counters.of(id);
    const access = parts.instructionsPerAccess;
    this.#charges = {
      ordinary: { cause: Cost.instruction, access, instruction: 1 },
      copy: { cause: Cost.copy, access: 0.5, instruction: 0.5 },
      schedule: { cause: Cost.schedule, access, instruction: 1 },
    };
    this.#charge = this.#charges.ordinary;
    this.physical = { read: (address) => this.loadPhysical(address), write: (address, value) => this.storePhysical(address, value) };
  }

  // Registers

  /** Program counter: for programs that are lists of instructions (program.ts). */
  get pc(): number {
    return this.#state.pc;
  }
  set pc(value: number) {
    this.#state.pc = value;
  }

  get mode(): Mode {
    return this.#state.inUserMode ? "user" : "kernel";
  }

  get interruptsEnabled(): boolean {
    return this.#state.interruptsEnabled;
  }
  /** Privileged. */
  set interruptsEnabled(value: boolean) {
    this.#requireKernel();
    this.#state.interruptsEnabled = value;
  }

  /** Stopped until the next interrupt. */
  get isHalted(): boolean {
    return this.#state.isHalted;
  }

  /** Physical address of the page directory; 0: paging is off, virtual addresses are physical. */
  get root(): number {
    return this.#state.root;
  }

  /** What the last trap saved. Setting it, privileged, is how a kernel comes back from a nested trap. */
  get trapFrame(): TrapFrame {
    return this.#state.trapFrame;
  }
  set trapFrame(frame: TrapFrame) {
    this.#requireKernel();
    this.#state.trapFrame = frame;
  }

  /** Cycles since the start. */
  get clock(): number {
    return this.#counters.clock(this.id);
  }

  /**
   * What the instructions of `body` are charged as: `copy`, a string move, of which each load and each store is half a word
   * copied; `schedule`, instructions of the scheduler. It is the same work, under the name by which reports have it. What
   * `body` needs may be given to it, which saves making a function at each step.
   */
  doing<T>(activity: "copy" | "schedule", body: () => T): T;
  doing<T, A, B>(activity: "copy" | "schedule", body: (a: A, b: B) => T, a: A, b: B): T;
  doing<T, A, B>(activity: "copy" | "schedule", body: (a: A, b: B) => T, a?: A, b?: B): T {
    const outer = this.#charge;
    this.#charge = this.#charges[activity];
    try {
      return body(a as A, b as B);
    } finally {
      this.#charge = outer;
    }
  }

  /** Counts events that only software knows of. */
  charge(cause: CostIndex, times = 1): void {
    this.#events[cause] = (this.#events[cause] as number) + times;
  }

  // Memory, by virtual address. `asUser`: with the rights of a user program, for a kernel that follows a user's pointer.

  load(address: number, asUser = false): number {
    return this.#read(this.#translate(address, false, asUser));
  }

  store(address: number, value: number, asUser = false): void {
    this.#write(this.#translate(address, true, asUser), value);
  }

  /** Writes what `change` makes of the old value, or nothing if that is undefined; returns the old value. Locked. */
  update(address: number, change: (old: number) => number | undefined, asUser = false): number {
    return this.#locked(this.#translate(address, true, asUser), change);
  }

  /** Writes; returns the old value. Locked. */
  exchange(address: number, value: number, asUser = false): number {
    return this.#locked(this.#translate(address, true, asUser), () => value);
  }

  /** Writes `desired` if the word is `expected`; returns the old value. Locked. */
  compareExchange(address: number, expected: number, desired: number, asUser = false): number {
    const physical = this.#translate(address, true, asUser);
    this.#beginLocked();
    return this.#bus.compareExchange(this.id, physical, expected, desired);
  }

  /** Adds; returns the old value. Locked. */
  fetchAdd(address: number, amount: number, asUser = false): number {
    return this.#locked(this.#translate(address, true, asUser), (old) => (old + amount) | 0);
  }

  // Memory, by physical address. Privileged.

  loadPhysical(address: number): number {
    return this.#read(this.#physical(address, false));
  }

  storePhysical(address: number, value: number): void {
    this.#write(this.#physical(address, true), value);
  }

  /** Writes `desired` if the word is `expected`; returns the old value. Locked. */
  compareExchangePhysical(address: number, expected: number, desired: number): number {
    this.#physical(address, true);
    this.#beginLocked();
    return this.#bus.compareExchange(this.id, address, expected, desired);
  }

  /** Writes what `change` makes of the old value, or nothing if that is undefined; returns the old value. Locked. */
  updatePhysical(address: number, change: (old: number) => number | undefined): number {
    return this.#locked(this.#physical(address, true), change);
  }

  // Order

  /** All earlier stores of this CPU are in its cache, visible to all, before anything later. */
  fence(): void {
    this.#begin();
    this.charge(Cost.fence);
    this.#order();
  }

  /** Earlier stores of this CPU become visible before later ones. */
  storeBarrier(): void {
    this.#begin();
    if (this.#parts.faults.weakFence) return;
    if (this.buffer.isFull) this.drain(0);
    this.buffer.pushBarrier();
  }

  /** A hardware step: an entry of the store buffer goes to the cache. */
  drain(entry: number): void {
    if (!this.buffer.mayDrain(entry)) throw new RangeError(`CPU ${this.id}: entry ${entry} of the store buffer cannot leave now`);
    const address = this.buffer.address(entry);
    const value = this.buffer.value(entry);
    this.buffer.remove(entry);
    this.drained?.push(address);
    this.charge(Cost.drain);
    this.#bus.write(this.id, address, value);
  }

  // Address spaces. Privileged; they order memory as on x86, where they serialise.

  /** Loads the page-table root. Drops all translations unless the TLB is tagged. */
  switchAddressSpace(newRoot: number): void {
    this.#requireKernel();
    this.#begin();
    this.charge(Cost.addressSpaceSwitch);
    this.#order();
    this.#state.root = newRoot;
    if (!this.#parts.tagged && !this.#parts.faults.keepTlbAtSwitch) this.mmu.tlb.flush();
  }

  /** Drops the translation of one page from this CPU's TLB. */
  invalidatePage(address: number, space: number = this.root): void {
    this.#requireKernel();
    this.#begin();
    this.charge(Cost.tlbFlush);
    this.#order();
    this.mmu.tlb.invalidate(space, address >>> this.#parts.pageShift);
  }

  flushTlb(): void {
    this.#requireKernel();
    this.#begin();
    this.charge(Cost.tlbFlush);
    this.#order();
    this.mmu.tlb.flush();
  }

  // Control

  /** The program asks the kernel for something. */
  systemCall(number: number): void {
    this.#begin();
    this.charge(Cost.kernelEntry);
    this.#state.enterKernel("system-call", number);
  }

  /** Back to where the last trap came from. Privileged. */
  returnFromTrap(): void {
    this.#requireKernel();
    this.#begin();
    this.charge(Cost.kernelExit);
    this.#state.leaveKernel();
  }

  /** Starts a user program: to user mode with interrupts enabled. Privileged. */
  enterUser(): void {
    this.#requireKernel();
    this.#state.prepareUser();
    this.returnFromTrap();
  }

  /** Stops until the next interrupt, with interrupts enabled. Privileged. */
  halt(): void {
    this.#requireKernel();
    this.#begin();
    this.#state.interruptsEnabled = true;
    this.#state.isHalted = true;
  }

  /** Interrupts another CPU. Privileged. Does not wait for the store buffer: a fence first, if the other is to see what was written. */
  sendIpi(to: number, vector: number): void {
    this.#requireKernel();
    this.#begin();
    this.#parts.interrupts.sendIpi(this.id, to, vector);
  }

  /** Arms this CPU's timer. Privileged. */
  setTimer(cycles: number): void {
    this.#requireKernel();
    this.#begin();
    this.#parts.interrupts.armTimer(this.id, cycles);
  }

  /** A hardware step: a pending interrupt is taken. */
  takeInterrupt(line: number): void {
    if (!this.interruptsEnabled || !this.#parts.interrupts.isDeliverable(this.id, line)) {
      throw new RangeError(`CPU ${this.id}: line ${line} cannot be delivered now`);
    }
    this.#parts.interrupts.acknowledge(this.id, line);
    this.charge(Cost.interrupt);
    this.#state.isHalted = false;
    this.#state.enterKernel("interrupt", line);
  }

  /** An instruction starts. */
  #begin(): void {
    this.#requireRunning();
    const { cause, instruction } = this.#charge;
    this.charge(cause, instruction);
  }

  /** An instruction that accesses memory starts, with those that it stands for. */
  #beginAccess(): void {
    const { cause, access } = this.#charge;
    this.charge(cause, access);
  }

  #requireRunning(): void {
    if (this.#state.isHalted) throw new Error(`CPU ${this.id} is halted: it performs nothing until an interrupt`);
  }

  #fault(reason: FaultReason, address: number, write: boolean): never {
    this.charge(Cost.fault);
    this.#state.enterKernel(reason, address);
    throw new Trap(this.id, reason, address >>> 0, write);
  }

  #requireKernel(): void {
    if (this.#state.inUserMode) this.#fault("privilege", 0, false);
  }

  #translate(address: number, write: boolean, asUser: boolean): number {
    this.#requireRunning();
    this.#beginAccess();
    if ((address & 3) !== 0) this.#fault("alignment", address, write);
    const space = this.#state.root;
    if (space === 0) {
      if (!this.#bus.memory.contains(address)) this.#fault("bus-error", address, write);
      return address;
    }
    const physical = this.mmu.translate(space, address, write, asUser || this.#state.inUserMode);
    if (physical < 0) this.#fault((trapReasons[-physical] ?? "bus-error") as FaultReason, address, write);
    return physical;
  }

  #physical(address: number, write: boolean): number {
    if (!this.#state.isKernelRunning || !this.#bus.memory.contains(address)) this.#refuse(address, write);
    this.#beginAccess();
    if (this.#state.root !== 0) this.mmu.reachKernel(address);
    return address;
  }

  /** What is wrong with a physical access, in the order in which the CPU notices it. */
  #refuse(address: number, write: boolean): never {
    this.#requireKernel();
    this.#requireRunning();
    this.#beginAccess();
    return this.#fault((address & 3) !== 0 ? "alignment" : "bus-error", address, write);
  }

  #read(address: number): number {
    const { buffer } = this;
    if (buffer.length > 0 && !this.#parts.faults.noStoreForwarding) {
      const entry = buffer.find(address);
      if (entry >= 0) return buffer.value(entry);
    }
    return this.#bus.read(this.id, address);
  }

  #write(address: number, value: number): void {
    const buffer = this.buffer;
    if (buffer.model === "sc") {
      this.#bus.write(this.id, address, value);
      return;
    }
    if (buffer.isFull) this.drain(0);
    buffer.push(address, value | 0);
  }

  #locked(address: number, change: (old: number) => number | undefined): number {
    this.#beginLocked();
    return this.#bus.update(this.id, address, change);
  }

  /** A locked operation waits for the store buffer (Sewell et al., section 3: the lock is held, the buffer empty). */
  #beginLocked(): void {
    this.charge(Cost.locked);
    this.#order();
  }

  #order(): void {
    if (this.#parts.faults.weakFence) return;
    while (this.buffer.length > 0) this.drain(0);
  }
}
