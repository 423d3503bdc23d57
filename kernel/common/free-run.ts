/**
 * The free driver: nobody prescribes a schedule. The kernel's own scheduler decides, the timer preempts, interrupts arrive
 * when they do. Which CPU does its next thing is drawn from a seed, so a run can be repeated.
 *
 * What a CPU's next thing can be is in interleaving.ts.
 *
 * Caller holds: no section.
 */
import type { Cpu } from "../../hardware/cpu.ts";
import { timerLine } from "../../hardware/interrupts.ts";
import type { Instance } from "../../model/language/protocol.ts";
import { Interleaving, type RunEvent } from "./interleaving.ts";
import type { MachineOptions } from "./microkernel.ts";
import type { PathFactory } from "./path.ts";
import type { Thread } from "./thread.ts";

export type { RunEvent } from "./interleaving.ts";

export interface FreeRunOptions extends MachineOptions {
  readonly seed: number;
  /** Cycles that a thread may run while another one of its priority waits, on an average. 500 unless given. */
  readonly quantum?: number;
}

export class FreeRun extends Interleaving {
  readonly #quantum: number;
  #random: number;
  /** For each thread that sleeps with a timer, the clock of its CPU at which that fires. */
  readonly #deadlines = new Map<Thread, number>();
  /** For each CPU the clock at which its current thread has used its quantum up. */
  readonly #quantumEnd: number[];

  constructor(instance: Instance, factories: readonly PathFactory[], { seed, quantum = 500, ...options }: FreeRunOptions) {
    super(instance, factories, options, (cpu, isFresh) => this.#setTimer(cpu, isFresh));
    this.#quantum = quantum;
    this.#random = seed | 0 || 1;
    this.#quantumEnd = this.machine.cpus.map(() => 0);
  }

  /** One CPU does its next thing; null if none has anything to do, now or later. */
  tick(): RunEvent | null {
    if (this.hasEnded) return null;
    const drained = this.#drain();
    if (drained !== null) return drained;
    const able = this.machine.cpus.filter((cpu) => this.#isAble(cpu));
    const cpu = able[able.length > 1 ? this.#below(able.length) : 0] ?? this.#wait();
    if (cpu === null) return null;
    if (this.inside(cpu.id) !== null) return this.perform({ kind: "onward", cpu: cpu.id });
    const [line] = this.machine.interrupts.deliverable(cpu.id);
    if (line === timerLine) return this.#timer(cpu);
    if (line !== undefined) return this.perform({ kind: "interrupt", cpu: cpu.id, line });
    const pending = this.kernel.currentOf(cpu)?.pending;
    return this.perform({ kind: "run", cpu: cpu.id, pick: pending?.kind === "choose" ? this.#below(pending.values.length) : 0 });
  }

  /** The timer has fired: a sleep that has lasted long enough ends, or the quantum is used up. */
  #timer(cpu: Cpu): RunEvent {
    const due = this.#sleepers(cpu).find((thread) => (this.#deadlines.get(thread) ?? 0) <= cpu.clock);
    if (due !== undefined) this.#deadlines.delete(due);
    const isOver = cpu.clock >= (this.#quantumEnd[cpu.id] as number);
    if (due === undefined && !isOver) return this.perform({ kind: "interrupt", cpu: cpu.id, line: timerLine });
    return this.perform({ kind: "timer", cpu: cpu.id, thread: due?.id ?? null });
  }

  /** A number below `bound` (xorshift, Marsaglia 2003). */
  #below(bound: number): number {
    this.#random ^= this.#random << 13;
    this.#random ^= this.#random >>> 17;
    this.#random ^= this.#random << 5;
    return (this.#random >>> 0) % bound;
  }

  /** A quantum. They differ, so that what the timer cuts in two differs from seed to seed on one CPU as well. */
  #slice(): number {
    return 1 + this.#below(2 * this.#quantum - 1);
  }

  /** Now and then a store leaves a store buffer. */
  #drain(): RunEvent | null {
    const entries = this.machine.steps().flatMap((step) => (step.kind === "drain" ? [step] : []));
    if (entries.length === 0 || this.#below(4) !== 0) return null;
    const step = entries[this.#below(entries.length)];
    if (step === undefined) return null;
    return this.perform({ kind: "drain", cpu: step.cpu, entry: step.entry });
  }

  /** Whether a CPU can do something: it runs, or an interrupt is there for it. */
  #isAble(cpu: Cpu): boolean {
    const { interrupts } = this.machine;
    if (this.inside(cpu.id) !== null) return true;
    if (interrupts.timerIsDue(cpu.id)) interrupts.expireTimer(cpu.id);
    return !cpu.isHalted || interrupts.deliverable(cpu.id).length > 0;
  }

  /** All CPUs are idle: time passes until the first timer fires. */
  #wait(): Cpu | null {
    const { interrupts } = this.machine;
    const deadline = (cpu: Cpu): number => Math.min(...this.#sleepers(cpu).map((thread) => this.#deadlines.get(thread) ?? 0));
    const [cpu] = this.machine.cpus
      .filter((each) => interrupts.timerCanExpire(each.id) && this.#sleepers(each).length > 0)
      .sort((a, b) => deadline(a) - a.clock - (deadline(b) - b.clock));
    if (cpu === undefined) return null;
    const first = deadline(cpu);
    for (const thread of this.#sleepers(cpu)) if ((this.#deadlines.get(thread) ?? 0) <= first) this.#deadlines.set(thread, 0);
    interrupts.expireTimer(cpu.id);
    return cpu;
  }

  /** Threads of a CPU that sleep with a timer; who is awake has no deadline. */
  #sleepers(cpu: Cpu): readonly Thread[] {
    for (const thread of this.#deadlines.keys()) if (thread.asleep?.timer !== true) this.#deadlines.delete(thread);
    return this.kernel.threads.filter((thread) => thread.cpu === cpu && thread.asleep?.timer === true && thread.end === null);
  }

  /** To the end of the quantum, or to the first deadline, whichever comes first. */
  #setTimer(cpu: Cpu, isFresh: boolean): void {
    // However short the quantum, it begins when the kernel has done its work.
    if (isFresh || cpu.clock >= (this.#quantumEnd[cpu.id] as number)) this.#quantumEnd[cpu.id] = cpu.clock + this.#slice();
    const deadlines = this.#sleepers(cpu).map((thread) => {
      const known = this.#deadlines.get(thread);
      const deadline = known ?? cpu.clock + 1 + this.#below(2 * this.#quantum);
      if (known === undefined) this.#deadlines.set(thread, deadline);
      return deadline;
    });
    cpu.setTimer(Math.max(1, Math.min(this.#quantumEnd[cpu.id] as number, ...deadlines) - cpu.clock));
  }
}
