/**
 * The simulated multiprocessor: CPUs with store buffers, TLBs and private caches on one bus, physical memory, and an
 * interrupt controller.
 *
 * It is deterministic. Programs and the kernel perform instructions on a {@link Cpu}; what hardware does of its own accord
 * (a store leaves a store buffer, a timer expires, an interrupt is taken) happens only when the caller performs one of
 * {@link Multiprocessor.steps}. All state is one array of words, so that a state can be saved, restored and compared as
 * plain data; cycle counters are a second array, which does not tell states apart.
 */
import { Bus } from "./bus.ts";
import { Cache } from "./cache.ts";
import { Counters } from "./counters.ts";
import { Cpu } from "./cpu.ts";
import { type Faults, noFaults } from "./faults.ts";
import { InterruptController, lineName } from "./interrupts.ts";
import { PhysicalMemory } from "./memory.ts";
import { Mmu } from "./mmu.ts";
import { type PageGeometry, pageGeometry, type WordPort } from "./page-table.ts";
import { checkProfile, type Profile, unit } from "./profile.ts";
import { SecondLevel } from "./second-level.ts";
import { type MemoryModel, StoreBuffer } from "./store-buffer.ts";
import { Tlb } from "./tlb.ts";

export interface MultiprocessorOptions {
  readonly cpus: number;
  /** Whole pages. */
  readonly memoryBytes: number;
  /** `tso` unless given. */
  readonly memoryModel?: MemoryModel;
  /** {@link unit} unless given. */
  readonly profile?: Profile;
  readonly faults?: Partial<Faults>;
}

/** Something that hardware may do next. */
export type HardwareStep =
  | { readonly kind: "drain"; readonly cpu: number; readonly entry: number }
  | { readonly kind: "expire"; readonly cpu: number }
  | { readonly kind: "interrupt"; readonly cpu: number; readonly line: number };

/** The whole state, as plain data. */
export interface Snapshot {
  readonly words: Int32Array;
  readonly counters: Float64Array;
}

export class Multiprocessor {
  readonly cpus: readonly Cpu[];
  readonly memory: PhysicalMemory;
  readonly bus: Bus;
  readonly interrupts: InterruptController;
  readonly counters: Counters;
  readonly profile: Profile;
  readonly faults: Faults;
  readonly memoryModel: MemoryModel;
  readonly pages: PageGeometry;
  /** Memory as {@link peek} and {@link poke} reach it. */
  readonly console: WordPort;
  readonly #words: Int32Array;
  readonly #time: Float64Array;
  /** Words before this one are CPUs, store buffers, TLBs and interrupts; then come memory and caches. */
  readonly #memoryStart: number;
  readonly #memoryEnd: number;
  /** Scratch for keys: a state with its zeros run-length encoded, and the same words as bytes. */
  #scratch: { readonly encoded: Int32Array; readonly bytes: Buffer; readonly overlaid: Int32Array } | null = null;

  constructor(options: MultiprocessorOptions) {
    const { cpus, memoryBytes, memoryModel = "tso", profile = unit } = options;
    checkProfile(profile);
    if (!Number.isInteger(cpus) || cpus < 1 || cpus > 31) throw new RangeError(`a machine has 1 to 31 CPUs, not ${cpus}`);
    if (!Number.isInteger(memoryBytes) || memoryBytes <= 0 || memoryBytes % profile.pageBytes !== 0 || memoryBytes > 0x4000_0000) {
      throw new RangeError(`memory is whole pages of ${profile.pageBytes} bytes, up to 1 GiB, not ${memoryBytes} bytes`);
    }
    this.profile = profile;
    this.memoryModel = memoryModel;
    this.faults = { ...noFaults, ...options.faults };
    this.pages = pageGeometry(profile.pageBytes);

    const perCpu = Cpu.size + StoreBuffer.size(profile) + Tlb.size(profile);
    this.#memoryStart = cpus * perCpu + InterruptController.size(cpus);
    this.#memoryEnd = this.#memoryStart + memoryBytes / 4;
    this.#words = new Int32Array(this.#memoryEnd + cpus * Cache.size(profile));
    const clocks = Counters.size(cpus) + cpus;
    this.#time = new Float64Array(clocks + cpus * SecondLevel.size(profile));

    let taken = 0;
    const take = (length: number): Int32Array => this.#words.subarray(taken, (taken += length));
    const each = <T>(part: (cpu: number) => T): T[] => Array.from({ length: cpus }, (_, cpu) => part(cpu));

    this.counters = new Counters(this.#time.subarray(0, Counters.size(cpus)), profile, cpus);
    const registers = each(() => take(Cpu.size));
    const buffers = each(() => new StoreBuffer(take(StoreBuffer.size(profile)), profile, memoryModel));
    const tlbs = each(() => new Tlb(take(Tlb.size(profile)), profile));
    this.interrupts = new InterruptController(
      take(InterruptController.size(cpus)),
      this.#time.subarray(Counters.size(cpus), clocks),
      cpus,
      this.counters,
      this.faults,
    );
    this.memory = new PhysicalMemory(take(memoryBytes / 4));
    const caches = each(() => new Cache(take(Cache.size(profile)), profile));
    const seconds = each((cpu) => {
      const start = clocks + cpu * SecondLevel.size(profile);
      return new SecondLevel(this.#time.subarray(start, start + SecondLevel.size(profile)), profile);
    });
    this.bus = new Bus(this.memory, caches, seconds, profile.cache.lineWords, this.counters, this.faults);
    this.cpus = each((cpu) => {
      const mmu = new Mmu(cpu, tlbs[cpu] as Tlb, this.bus, this.pages, this.counters, this.faults, profile.tlb.kernelPageBytes);
      return new Cpu(cpu, registers[cpu] as Int32Array, {
        buffer: buffers[cpu] as StoreBuffer,
        mmu,
        bus: this.bus,
        interrupts: this.interrupts,
        counters: this.counters,
        faults: this.faults,
        tagged: profile.tlb.tagged,
        instructionsPerAccess: profile.instructionsPerAccess,
        pageShift: this.pages.pageShift,
      });
    });
    this.console = { read: (address) => this.peek(address), write: (address, value) => this.poke(address, value) };
  }

  /** One CPU by number. */
  cpu(id: number): Cpu {
    const cpu = this.cpus[id];
    if (cpu === undefined) throw new RangeError(`there is no CPU ${id}`);
    return cpu;
  }

  /** What hardware may do next, in a fixed order. */
  steps(): readonly HardwareStep[] {
    const steps: HardwareStep[] = [];
    for (const { id, buffer } of this.cpus) {
      for (let entry = 0; entry < buffer.length; entry++) if (buffer.mayDrain(entry)) steps.push({ kind: "drain", cpu: id, entry });
    }
    for (const { id } of this.cpus) if (this.interrupts.timerCanExpire(id)) steps.push({ kind: "expire", cpu: id });
    for (const { id, interruptsEnabled } of this.cpus) {
      if (interruptsEnabled) for (const line of this.interrupts.deliverable(id)) steps.push({ kind: "interrupt", cpu: id, line });
    }
    return steps;
  }

  /** Performs one of {@link steps}; throws if it is not possible now. */
  perform(step: HardwareStep): void {
    switch (step.kind) {
      case "drain":
        return this.cpu(step.cpu).drain(step.entry);
      case "expire":
        return this.interrupts.expireTimer(step.cpu);
      case "interrupt":
        return this.cpu(step.cpu).takeInterrupt(step.line);
    }
  }

  /** What a step that is possible now does, in words. */
  describe(step: HardwareStep): string {
    const { buffer } = this.cpu(step.cpu);
    switch (step.kind) {
      case "drain":
        return `CPU ${step.cpu}: the store of ${buffer.value(step.entry)} to 0x${buffer.address(step.entry).toString(16)} leaves the store buffer`;
      case "expire":
        return `CPU ${step.cpu}: the timer expires`;
      case "interrupt":
        return `CPU ${step.cpu}: takes the interrupt of ${lineName(step.line)}`;
    }
  }

  /** The word that is current among caches and memory. Costs nothing and disturbs nothing; store buffers are not looked at. */
  peek(address: number): number {
    this.#checkAddress(address);
    return this.bus.peek(address);
  }

  /** Deposits a word, as from the console of the machine. */
  poke(address: number, value: number): void {
    this.#checkAddress(address);
    this.bus.poke(address, value);
  }

  /** A copy of the whole state. */
  save(): Snapshot {
    return { words: this.#words.slice(), counters: this.#time.slice() };
  }

  /** Back to a state saved from a machine with the same options. */
  restore({ words, counters }: Snapshot): void {
    if (words.length !== this.#words.length || counters.length !== this.#time.length) throw new RangeError("the snapshot is of a machine with other options");
    this.#words.set(words);
    this.#time.set(counters);
  }

  /** Equal for two states if and only if they are equal word for word, cycle counters aside. */
  key(): string {
    return this.#encode(this.#words, this.#words.length);
  }

  /**
   * Equal for two states if they differ in nothing that programs can see: as {@link key}, but of memory and caches
   * together only the current contents count. Coherence makes that right, so a machine whose caches are broken
   * gives its full key.
   */
  visibleKey(): string {
    if (this.faults.skipCacheInvalidation || this.faults.loseWriteBack) return this.key();
    const words = this.#scratchSpace().overlaid;
    words.set(this.#words.subarray(0, this.#memoryEnd));
    this.bus.overlay(words.subarray(this.#memoryStart));
    return this.#encode(words, this.#memoryEnd);
  }

  #checkAddress(address: number): void {
    if (!this.memory.contains(address)) throw new RangeError(`there is no word of memory at 0x${address.toString(16)}`);
  }

  /** Words as they are, a run of zeros as a zero and its length: different states give different strings. */
  #encode(words: Int32Array, length: number): string {
    const { encoded, bytes } = this.#scratchSpace();
    let out = 0;
    for (let at = 0; at < length; ) {
      const word = words[at++] as number;
      encoded[out++] = word;
      if (word !== 0) continue;
      const start = at;
      while (at < length && words[at] === 0) at++;
      encoded[out++] = at - start;
    }
    return bytes.toString("latin1", 0, out * 4);
  }

  #scratchSpace(): { readonly encoded: Int32Array; readonly bytes: Buffer; readonly overlaid: Int32Array } {
    if (this.#scratch === null) {
      const encoded = new Int32Array(2 * this.#words.length);
      this.#scratch = { encoded, bytes: Buffer.from(encoded.buffer), overlaid: new Int32Array(this.#memoryEnd) };
    }
    return this.#scratch;
  }
}
