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
import { Lockstep } from "./lockstep.ts";

export interface FreeOptions {
  readonly seed: number;
  /** Cycles that a thread may run while another one of its priority waits, on an average. */
  readonly quantum: number;
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
  /** The model has ended with a violation: whether the program runs into it as well. */
  catchUp(): boolean;
  /** Figures of the scheduler's own. */
  readonly figures: Readonly<Record<string, number>>;
}

/** The driver that suits the protocol. Throws `NotExecutable`. */
export function freeRunner(instance: Instance, system: System, paths: readonly PathFactory[], options: FreeOptions): FreeRunner {
  const hasGhosts = instance.memory.cells.some(({ isGhost }) => isGhost);
  return hasGhosts ? new TimeSlices(new Lockstep(instance, system, paths), options) : new Scheduled(new FreeRun(instance, paths, options), system);
}

/** Ticks without an operation after which the machine must be stuck. */
const mostIdle = 100_000;
/** Ticks in which a program must have run into a violation that the model has seen. */
const mostBehind = 20_000;

/** The kernel's scheduler. */
class Scheduled implements FreeRunner {
  readonly comparison: Comparison;
  readonly #machine: FreeRun;
  readonly figures = { "context switches": 0, "timer interrupts": 0 };
  readonly #running: (number | null)[];

  constructor(machine: FreeRun, system: System) {
    this.#machine = machine;
    this.comparison = new Comparison(system, machine);
    this.#running = machine.machine.cpus.map(() => null);
  }

  advance(): Advance | null {
    const machine = this.#machine;
    const notes: string[] = [];
    for (let ticks = 0; ticks < mostIdle; ticks++) {
      const event = machine.tick();
      if (event === null) return null;
      this.#note(event, notes);
      const { thread, kind, rule, pick } = event;
      if (kind === "spin") return { agreement: { kind: "agreed" }, notes };
      const isStep = thread !== null && (kind === "operation" || kind === "system-call") && (rule !== null || machine.hasEnded);
      if (isStep) {
        const { violation, pruned } = machine;
        return { agreement: this.comparison.explain(thread, pick, { rule: rule ?? "", completed: null, violation, pruned }), notes };
      }
      if (machine.violation !== null)
        return { agreement: differs(`${machine.violation.kind} (${machine.violation.message}) on the machine, none in the model`), notes };
      if (machine.pruned) return { agreement: { kind: "pruned" }, notes };
    }
    return { agreement: differs(`nothing but interrupts in ${mostIdle} ticks of the machine`), notes };
  }

  catchUp(): boolean {
    for (let ticks = 0; ticks < mostBehind && !this.#machine.hasEnded; ticks++) if (this.#machine.tick() === null) break;
    return this.#machine.violation !== null;
  }

  #note({ cpu, kind, rule }: RunEvent, notes: string[]): void {
    const { kernel, machine, instance } = this.#machine;
    if (kind === "interrupt") {
      notes.push(`CPU ${cpu}: ${rule === lineName(0) ? "timer interrupt" : `interrupt (${rule})`}`);
      if (rule === lineName(0)) this.figures["timer interrupts"]++;
    }
    const now = kernel.currentOf(machine.cpu(cpu))?.id ?? null;
    const before = this.#running[cpu] ?? null;
    if (now === null || now === before) return;
    if (before !== null) {
      this.figures["context switches"]++;
      notes.push(`CPU ${cpu}: switch from ${instance.threads[before]?.name} to ${instance.threads[now]?.name}`);
    }
    this.#running[cpu] = now;
  }
}

/** Time slices on the directed machine: each CPU runs a thread until that blocks or its quantum is used up, then the next one of the highest priority. */
class TimeSlices implements FreeRunner {
  readonly comparison: Lockstep;
  readonly figures = { "context switches": 0, "timer interrupts": 0 };
  readonly #quantum: number;
  readonly #running: (number | null)[];
  /** For each CPU the clock at which its thread has used its quantum up. */
  readonly #ends: number[];
  #state: number;

  constructor(lockstep: Lockstep, { seed, quantum }: FreeOptions) {
    this.comparison = lockstep;
    this.#quantum = quantum;
    this.#state = seed >>> 0;
    this.#running = lockstep.machine.machine.cpus.map(() => null);
    this.#ends = lockstep.machine.machine.cpus.map(({ clock }) => clock + quantum);
  }

  advance(): Advance | null {
    const { executor, instance } = this.comparison;
    const candidates = executor.machine.cpus.flatMap(({ id }) => {
      const chosen = this.#choose(id);
      return chosen === null ? [] : [{ cpu: id, ...chosen }];
    });
    const next = candidates[this.#below(Math.max(1, candidates.length))];
    if (next === undefined) return null;
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

  /** Mulberry32: a number below `limit`. */
  #below(limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  }
}
