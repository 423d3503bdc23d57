/**
 * Runs without a trace: who drives the machine, and how the model follows. The kernel's own scheduler does where it can:
 * timers expire by the CPUs' clocks, interrupts arrive when they do. Its programs go on some time after their operations
 * have ended, which others could see in ghost memory alone; protocols that have such memory run under a time-slicing driver
 * of the directed machine, whose steps are those of the model.
 */
import { lineName } from "../hardware/interrupts.ts";
import { FreeRun, type RunEvent } from "../kernel/common/free-run.ts";
import type { PathFactory } from "../kernel/common/path.ts";
import type { Instance } from "../model/language/protocol.ts";
import type { System } from "../model/system/system.ts";
import { type Agreement, Comparison, differs } from "./comparison.ts";
import { type Fault, type FaultEffect, type FaultyMachine, inject, slowSteps } from "./faults.ts";
import { Lockstep } from "./lockstep.ts";
import { MachineBuffers } from "./machine-buffers.ts";

export interface FreeOptions {
  readonly seed: number;
  /** Cycles that a thread may run while another one of its priority waits, on an average. */
  readonly quantum: number;
  /** What happens to the machine meanwhile. */
  readonly faults?: readonly Fault[];
}

/** One step that was taken. */
export interface Advance {
  readonly agreement: Agreement;
  /** What happened before it: interrupts and switches. */
  readonly notes: readonly string[];
}

/** Runs the threads of a machine by themselves, and the model along with them. */
export interface FreeRunner {
  readonly comparison: Comparison;
  /** Takes a step; null if there is nothing left to do. */
  advance(): Advance | null;
  /** Lets a fault happen; null: not now, but later. */
  inject(fault: Fault): FaultEffect | null;
  /** The model has ended with a violation: whether the program runs into it as well. */
  catchUp(): boolean;
  /** Figures of the scheduler's own. */
  readonly figures: Readonly<Record<string, number>>;
}

/** The driver that suits the protocol. Throws `NotExecutable`. */
export function freeRunner(instance: Instance, system: System, paths: readonly PathFactory[], options: FreeOptions): FreeRunner {
  const hasGhosts = instance.memory.cells.some(({ isGhost }) => isGhost);
  if (hasGhosts) return new TimeSlices(new Lockstep(instance, system, paths), options);
  const { model } = instance.memoryModel;
  const { seed, quantum } = options;
  return new Scheduled(new FreeRun(instance, paths, { seed, quantum, ...(model === "ra" ? {} : { memoryModel: model }) }), system, seed);
}

/** Ticks without an operation after which the machine must be stuck. */
const mostIdle = 100_000;
/** Ticks in which a program must have run into a violation that the model has seen. */
const mostBehind = 20_000;

/** Mulberry32: numbers below a limit. */
function randomFrom(seed: number): (limit: number) => number {
  let state = seed >>> 0;
  return (limit) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  };
}

/** For how many more steps interprocessor interrupts to a CPU are held back. */
class SlowInterrupts {
  readonly #left = new Map<number, number>();
  readonly #apply: (cpu: number, isSlow: boolean) => void;

  constructor(apply: (cpu: number, isSlow: boolean) => void) {
    this.#apply = apply;
  }

  begin(cpu: number): void {
    this.#left.set(cpu, slowSteps);
    this.#apply(cpu, true);
  }

  /** A step is taken. */
  pass(): void {
    for (const [cpu, left] of this.#left) {
      if (left > 1) this.#left.set(cpu, left - 1);
      else this.end(cpu);
    }
  }

  /** They come after all. Whether any were held back. */
  endAll(): boolean {
    const cpus = [...this.#left.keys()];
    for (const cpu of cpus) this.end(cpu);
    return cpus.length > 0;
  }

  end(cpu: number): void {
    this.#left.delete(cpu);
    this.#apply(cpu, false);
  }
}

/** The kernel's scheduler. */
class Scheduled implements FreeRunner, FaultyMachine {
  readonly comparison: Comparison;
  readonly #machine: FreeRun;
  readonly #counts = { "context switches": 0, "timer interrupts": 0 };
  readonly #running: (number | null)[];
  readonly #below: (limit: number) => number;
  readonly #late = new SlowInterrupts((cpu, isSlow) => this.#machine.faults.slow(cpu, isSlow));

  constructor(machine: FreeRun, system: System, seed: number) {
    this.#machine = machine;
    const isBuffered = system.memory !== null && system.memory.buffers.length > 0;
    this.comparison = new Comparison(system, machine, isBuffered ? new MachineBuffers(machine.instance, system, machine) : null);
    this.comparison.watchBuffers();
    this.#running = machine.machine.cpus.map(() => null);
    this.#below = randomFrom(seed);
  }

  get figures(): Readonly<Record<string, number>> {
    const { spins, spinCycles } = this.#machine.kernel.allocator.contention;
    return { ...this.#counts, ...(spins > 0 ? { "spins at locks": spins, "cycles of spinning": spinCycles } : {}) };
  }

  get faults(): FaultyMachine["faults"] {
    return this.#machine.faults;
  }
  get isQuiet(): boolean {
    return !this.#machine.isInside;
  }
  slow(cpu: number, isSlow: boolean): void {
    if (isSlow) this.#late.begin(cpu);
    else this.#late.end(cpu);
  }
  inject(fault: Fault): FaultEffect | null {
    return this.isQuiet ? inject(fault, this, this.comparison, this.#below) : null;
  }

  advance(): Advance | null {
    const machine = this.#machine;
    const notes: string[] = [];
    this.#late.pass();
    for (let ticks = 0; ticks < mostIdle; ticks++) {
      const event = this.#device(false) ?? machine.tick() ?? this.#device(true);
      if (event === null && this.#late.endAll()) continue;
      if (event === null) return null;
      this.#note(event, notes);
      const { thread, kind, rule, pick } = event;
      if (kind === "spin") return { agreement: { kind: "agreed" }, notes };
      if (kind === "background" && rule !== null) return { agreement: this.comparison.background(rule, event.cpu), notes };
      const isStep = thread !== null && (kind === "operation" || kind === "system-call") && (rule !== null || machine.hasEnded);
      if (isStep) {
        const { violation, pruned } = machine;
        return { agreement: this.comparison.heed({ thread, pick, report: { rule: rule ?? "", completed: null, violation, pruned } }), notes };
      }
      // Stores have left a buffer: of their own accord, or because the kernel was entered.
      if (this.comparison.isBuffered) {
        const agreement = this.comparison.heed(null);
        if (agreement.kind !== "agreed" || this.comparison.lastMoves.length > 0) return { agreement, notes };
      }
      if (machine.violation !== null)
        return { agreement: differs(`${machine.violation.kind} (${machine.violation.message}) on the machine, none in the model`), notes };
      if (machine.pruned) return { agreement: { kind: "pruned" }, notes };
    }
    return { agreement: differs(`nothing but interrupts in ${mostIdle} ticks of the machine`), notes };
  }

  /** A device interrupts, where the model has it that one may: now and then, or because nothing else is left to happen. */
  #device(isIdle: boolean): RunEvent | null {
    if (this.#machine.hasEnded || (!isIdle && this.#below(8) !== 0)) return null;
    const possible = this.comparison.devices().filter(({ cpu }) => this.#machine.inside(cpu) === null);
    const device = possible[this.#below(Math.max(1, possible.length))];
    return device === undefined ? null : this.#machine.perform({ kind: "device", ...device });
  }

  catchUp(): boolean {
    for (let ticks = 0; ticks < mostBehind && !this.#machine.hasEnded; ticks++) if (this.#machine.tick() === null) break;
    return this.#machine.violation !== null;
  }

  #note({ cpu, kind, rule }: RunEvent, notes: string[]): void {
    const { kernel, machine, instance } = this.#machine;
    if (kind === "interrupt") {
      notes.push(`CPU ${cpu}: ${rule === lineName(0) ? "timer interrupt" : `interrupt (${rule})`}`);
      if (rule === lineName(0)) this.#counts["timer interrupts"]++;
    }
    const now = kernel.currentOf(machine.cpu(cpu))?.id ?? null;
    const before = this.#running[cpu] ?? null;
    if (now === null || now === before) return;
    if (before !== null) {
      this.#counts["context switches"]++;
      notes.push(`CPU ${cpu}: switch from ${instance.threads[before]?.name} to ${instance.threads[now]?.name}`);
    }
    this.#running[cpu] = now;
  }
}

/** Time slices on the directed machine: each CPU runs a thread until that blocks or its quantum is used up, then the next one of the highest priority. */
class TimeSlices implements FreeRunner, FaultyMachine {
  readonly comparison: Lockstep;
  readonly figures = { "context switches": 0, "timer interrupts": 0 };
  readonly #quantum: number;
  readonly #running: (number | null)[];
  /** For each CPU the clock at which its thread has used its quantum up. */
  readonly #ends: number[];
  readonly #below: (limit: number) => number;
  readonly isQuiet = true;
  readonly #late = new SlowInterrupts((cpu, isSlow) => this.comparison.executor.slowInterrupts(cpu, isSlow));

  constructor(lockstep: Lockstep, { seed, quantum }: FreeOptions) {
    this.comparison = lockstep;
    lockstep.watchBuffers();
    this.#quantum = quantum;
    this.#below = randomFrom(seed);
    this.#running = lockstep.machine.machine.cpus.map(() => null);
    this.#ends = lockstep.machine.machine.cpus.map(({ clock }) => clock + quantum);
  }

  get faults(): FaultyMachine["faults"] {
    return this.comparison.executor.faults;
  }
  slow(cpu: number, isSlow: boolean): void {
    if (isSlow) this.#late.begin(cpu);
    else this.#late.end(cpu);
  }
  inject(fault: Fault): FaultEffect {
    return inject(fault, this, this.comparison, this.#below);
  }

  advance(): Advance | null {
    const { executor, instance } = this.comparison;
    this.#late.pass();
    const entries = executor.machine.steps().flatMap((step) => (step.kind === "drain" ? [step] : []));
    const drain = entries.length > 0 && this.#below(4) === 0 ? entries[this.#below(entries.length)] : undefined;
    if (drain !== undefined) {
      executor.drain(drain.cpu, drain.entry);
      return { agreement: this.comparison.heed(null), notes: [] };
    }
    const device = this.#below(8) === 0 ? this.#device() : null;
    if (device !== null) return device;
    const candidates = executor.machine.cpus.flatMap(({ id }) => {
      const chosen = this.#choose(id);
      return chosen === null ? [] : [{ cpu: id, ...chosen }];
    });
    const next = candidates[this.#below(Math.max(1, candidates.length))];
    if (next === undefined) {
      if (this.#late.endAll()) return { agreement: this.comparison.heed(null), notes: [] };
      if (entries[0] === undefined) return this.#device();
      executor.drain(entries[0].cpu, entries[0].entry);
      return { agreement: this.comparison.heed(null), notes: [] };
    }
    const { cpu, thread, isTimer } = next;
    const notes: string[] = [];
    const name = (id: number): string => instance.threads[id]?.name ?? "";
    if (isTimer) notes.push(`CPU ${cpu}: the timeout of ${name(thread)} ends`);
    const { clock } = executor.machine.cpu(cpu);
    const before = this.#running[cpu] ?? null;
    if (clock >= (this.#ends[cpu] ?? 0) && before !== null) {
      this.figures["timer interrupts"]++;
      notes.push(`CPU ${cpu}: timer interrupt`);
      this.#ends[cpu] = clock + this.#quantum;
    }
    if (before !== thread) {
      if (before !== null) {
        this.figures["context switches"]++;
        notes.push(`CPU ${cpu}: switch from ${name(before)} to ${name(thread)}`);
      }
      this.#running[cpu] = thread;
      this.#ends[cpu] = clock + this.#quantum;
    }
    const pending = executor.pending(thread);
    const agreement = this.comparison.follow(thread, pending?.kind === "choose" ? this.#below(pending.values.length) : 0);
    return { agreement, notes };
  }

  /** A device interrupts, where the model has it that one may. */
  #device(): Advance | null {
    const { comparison } = this;
    const possible = comparison.moves().filter(({ transition }) => {
      const { kind, drains } = comparison.system.transitions[transition] ?? {};
      return kind === "background" && drains === undefined;
    });
    const move = possible[this.#below(Math.max(1, possible.length))];
    return move === undefined ? null : { agreement: comparison.take(move), notes: [] };
  }

  /** The directed machine is never behind. */
  catchUp(): boolean {
    return this.comparison.machine.violation !== null;
  }

  /** The thread that a CPU runs next, if any can go on: the current one while it may, else the next of the highest priority. */
  #choose(cpu: number): { readonly thread: number; readonly isTimer: boolean } | null {
    const { executor, instance } = this.comparison;
    const own = instance.threads.filter((thread) => thread.cpu === cpu);
    const ready = own.filter(({ handle }) => executor.status(handle.id).kind === "ready");
    // A finite timeout ends sooner or later, the later the more there is to do.
    const timed = own.filter(({ handle }) => executor.status(handle.id).kind === "timed");
    const due = timed[this.#below(Math.max(1, timed.length))];
    if (due !== undefined && (ready.length === 0 || this.#below(8) === 0)) return { thread: due.handle.id, isTimer: true };
    const highest = Math.max(...ready.map(({ priority }) => priority));
    const preferred = ready.filter(({ priority }) => priority === highest).map(({ handle }) => handle.id);
    const current = this.#running[cpu] ?? -1;
    if (preferred.includes(current) && executor.machine.cpu(cpu).clock < (this.#ends[cpu] ?? 0)) return { thread: current, isTimer: false };
    const next = preferred.find((id) => id > current) ?? preferred[0];
    return next === undefined ? null : { thread: next, isTimer: false };
  }
}
