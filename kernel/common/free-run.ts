/**
 * The free driver: nobody prescribes a schedule. The kernel's own scheduler decides, the timer preempts, interrupts arrive
 * when they do. Which CPU does its next thing is drawn from a seed, so a run can be repeated.
 *
 * What `tick` does is one of: an interrupt is taken and handled; the current thread performs one operation, or goes on in
 * the kernel to its next pause, block or return; its program goes on with the results of a system call.
 */
import type { Cpu } from "../../hardware/cpu.ts";
import { ipiLine, lineName, timerLine } from "../../hardware/interrupts.ts";
import type { Multiprocessor } from "../../hardware/multiprocessor.ts";
import type { Step } from "../../model/language/operation.ts";
import type { Instance } from "../../model/language/protocol.ts";
import type { Described } from "./allocation.ts";
import { KernelFault } from "./kernel-memory.ts";
import { leaks } from "./leaks.ts";
import { type MachineOptions, Microkernel, Vector } from "./microkernel.ts";
import { auditOf, type Observed, projectionOf, statusOf, type ThreadStatus } from "./observation.ts";
import type { PathFactory, Projection } from "./path.ts";
import { type NativeViolation, Programs, ruleName } from "./programs.ts";
import { guardedResult } from "./result.ts";
import type { Thread } from "./thread.ts";
import type { UserMemory } from "./user-memory.ts";

export interface FreeRunOptions extends MachineOptions {
  readonly seed: number;
  /** Cycles that a thread may run while another one of its priority waits, on an average. 500 unless given. */
  readonly quantum?: number;
}

const exitCall = -2;

/** What happened in one tick. */
export interface RunEvent {
  readonly cpu: number;
  /** The thread that acted; null for an interrupt that was handled for no thread in particular. */
  readonly thread: number | null;
  readonly kind: "operation" | "system-call" | "spin" | "return" | "interrupt" | "drain";
  /** The rule that took effect, or the name of an operation of the language; of an interrupt its line; null for none. */
  readonly rule: string | null;
  /** The value that a `choose` took. */
  readonly pick: number;
}

export class FreeRun implements Observed {
  readonly instance: Instance;
  readonly kernel: Microkernel;
  readonly machine: Multiprocessor;
  readonly programs: Programs;
  readonly memory: UserMemory;
  readonly lags = true;
  readonly #quantum: number;
  #random: number;
  /** Threads whose system call has ended, and whose program has not gone on yet. */
  readonly #returning = new Set<Thread>();
  /** Threads that their kernel keeps from running. */
  readonly #halted = new Set<Thread>();
  /** For each thread that sleeps with a timer, the clock of its CPU at which that fires. */
  readonly #deadlines = new Map<Thread, number>();
  /** For each CPU the clock at which its current thread has used its quantum up. */
  readonly #quantumEnd: number[];

  constructor(instance: Instance, factories: readonly PathFactory[], { seed, quantum = 500, ...options }: FreeRunOptions) {
    this.instance = instance;
    this.kernel = new Microkernel(instance, factories, options);
    this.machine = this.kernel.machine;
    this.programs = new Programs(this.kernel);
    this.memory = this.kernel.user;
    this.#quantum = quantum;
    this.#random = seed | 0 || 1;
    this.#quantumEnd = this.machine.cpus.map(() => 0);
    for (const thread of this.kernel.threads) this.programs.resume(thread, undefined);
    for (const { id } of this.machine.cpus) this.machine.interrupts.sendIpi(id, id, Vector.reschedule);
  }

  get violation(): NativeViolation | null {
    return this.programs.violation;
  }
  get pruned(): boolean {
    return this.programs.pruned;
  }
  /** A violation, or an `assume` that failed: nothing runs after it. */
  get hasEnded(): boolean {
    return this.programs.hasEnded;
  }

  pending(thread: number): Step | null {
    return this.kernel.thread(thread).pending;
  }

  status(thread: number): ThreadStatus {
    return statusOf(this.kernel, this.programs, thread);
  }

  isSettled(id: number): boolean {
    const thread = this.kernel.thread(id);
    return thread.call === null ? !this.#returning.has(thread) : thread.asleep !== null && !thread.arriving;
  }

  project(): Projection {
    return projectionOf(this.kernel);
  }

  audit(): readonly string[] {
    return auditOf(this.kernel);
  }

  records(): readonly Described[] {
    return this.kernel.allocator.records;
  }

  leaks(): readonly string[] {
    return leaks(this.kernel);
  }

  /** One CPU does its next thing; null if none has anything to do, now or later. */
  tick(): RunEvent | null {
    if (this.hasEnded) return null;
    const drained = this.#drain();
    if (drained !== null) return drained;
    const able = this.machine.cpus.filter((cpu) => this.#isAble(cpu));
    const cpu = able[able.length > 1 ? this.#below(able.length) : 0] ?? this.#wait();
    if (cpu === null) return null;
    const [line] = this.machine.interrupts.deliverable(cpu.id);
    if (line !== undefined) return this.#interrupt(cpu, line);
    const thread = this.kernel.currentOf(cpu);
    if (thread === null) throw new KernelFault(`CPU ${cpu.id} runs without a thread`);
    return this.#run(cpu, thread);
  }

  /** The thread stops for ever, as an untrusted thread may; it keeps what it holds. */
  stop(id: number): void {
    const thread = this.kernel.thread(id);
    thread.end ??= "stopped";
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
    const [entry, ...others] = this.machine.steps().filter(({ kind }) => kind === "drain");
    if (entry === undefined || this.#below(4) !== 0) return null;
    const step = [entry, ...others][this.#below(others.length + 1)] ?? entry;
    this.machine.perform(step);
    return { cpu: step.cpu, thread: null, kind: "drain", rule: null, pick: 0 };
  }

  /** Whether a CPU can do something: it runs, or an interrupt is there for it. */
  #isAble(cpu: Cpu): boolean {
    const { interrupts } = this.machine;
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

  // Interrupts

  #interrupt(cpu: Cpu, line: number): RunEvent {
    switch (line) {
      case timerLine:
        return this.#timer(cpu);
      case ipiLine(Vector.reschedule):
        return this.#interruptWith(cpu, line, null, () => null);
      case ipiLine(Vector.visit):
        return this.#visit(cpu);
      default:
        return this.#interruptWith(cpu, line, null, () => {
          this.kernel.spuriousInterrupt();
          return null;
        });
    }
  }

  #interruptWith(cpu: Cpu, line: number, thread: number | null, handler: () => string | null): RunEvent {
    cpu.takeInterrupt(line);
    const rule = this.#section(cpu, handler);
    return { cpu: cpu.id, thread, kind: thread === null ? "interrupt" : "system-call", rule: rule ?? (thread === null ? lineName(line) : null), pick: 0 };
  }

  /** A sleep that has lasted long enough ends, in the handler, before anybody else can find the thread; or the quantum is used up. */
  #timer(cpu: Cpu): RunEvent {
    const { kernel } = this;
    const due = this.#sleepers(cpu).find((thread) => (this.#deadlines.get(thread) ?? 0) <= cpu.clock);
    if (due !== undefined) {
      this.#deadlines.delete(due);
      return this.#interruptWith(cpu, timerLine, due.id, () => {
        kernel.timeOut(due);
        kernel.switchTo(cpu, due);
        return this.#guarded(due, () => kernel.segment(due, "timer").rule);
      });
    }
    return this.#interruptWith(cpu, timerLine, null, () => {
      kernel.withCpu(cpu, () => {
        if (cpu.clock < (this.#quantumEnd[cpu.id] as number)) return;
        kernel.scheduler.rotate(cpu.id);
        kernel.scheduler.switchTo(cpu.id, kernel.scheduler.next(cpu.id));
      });
      return null;
    });
  }

  /** The first visitor's system call goes on here. */
  #visit(cpu: Cpu): RunEvent {
    const visitor = this.kernel.visitor(cpu);
    if (visitor === null) return this.#interruptWith(cpu, ipiLine(Vector.visit), null, () => null);
    return this.#interruptWith(cpu, ipiLine(Vector.visit), visitor.id, () => {
      this.kernel.receive(visitor);
      return this.#guarded(visitor, () => this.kernel.segment(visitor, "run").rule);
    });
  }

  // Threads

  #run(cpu: Cpu, thread: Thread): RunEvent {
    const event = (kind: RunEvent["kind"], rule: string | null, pick = 0): RunEvent => ({ cpu: cpu.id, thread: thread.id, kind, rule, pick });
    const { pending, call, end } = thread;
    if (this.#isHalted(thread)) {
      if (cpu.mode === "user") cpu.systemCall(exitCall);
      this.#halted.add(thread);
      return event(
        "return",
        this.#section(cpu, () => this.#setAside(thread)),
      );
    }
    if (call !== null) {
      return event(
        "system-call",
        this.#section(cpu, () => this.#guarded(thread, () => this.kernel.segment(thread, "run").rule)),
      );
    }
    // Who has stopped or ended gives its CPU up, by a system call of the machine's own.
    if (end !== null || pending === null) {
      cpu.systemCall(exitCall);
      return event(
        "return",
        this.#section(cpu, () => this.#setAside(thread)),
      );
    }
    if (this.#returning.delete(thread)) {
      if (pending.kind !== "kernel") throw new Error(`${thread.name} is in no system call`);
      this.programs.resume(thread, guardedResult(pending.operation, this.kernel.results(thread, this.kernel.formatOf(pending.operation))));
      return event("return", null);
    }
    if (pending.kind === "kernel") {
      this.kernel.trap(thread, pending);
      return event(
        "system-call",
        this.#section(cpu, () => this.#guarded(thread, () => this.#call(thread, pending))),
      );
    }
    if ((pending.kind === "step" || pending.kind === "waitUntil") && !this.programs.condition(thread, pending)) {
      this.programs.condition(thread, pending, this.kernel.port(thread));
      return event("spin", null);
    }
    const pick = pending.kind === "choose" ? this.#below(pending.values.length) : 0;
    const done = this.programs.guard(thread.id, () => ({ result: this.programs.perform(thread, pending, pick) }), null);
    if (done !== null) this.programs.resume(thread, done.result);
    return event("operation", ruleName(pending), pick);
  }

  #call(thread: Thread, step: Extract<Step, { kind: "kernel" }>): string | null {
    this.kernel.enterCall(thread, step);
    return this.kernel.segment(thread, "run").rule;
  }

  /** A thread that has stopped, or that the kernel keeps from running, leaves its CPU to others. */
  #setAside(thread: Thread): null {
    this.kernel.withCpu(thread.cpu, () => {
      if (thread.end !== "finished") thread.block.state = "blocked";
    });
    return null;
  }

  #isHalted({ id, end }: Thread): boolean {
    return end === null && this.kernel.paths.some((path) => (path.halted?.(id) ?? null) !== null);
  }

  /** Threads that the kernel kept from running, and does no longer, are ready again. In a section. */
  #release(): void {
    for (const thread of this.#halted) {
      if (this.kernel.outside(() => this.#isHalted(thread))) continue;
      this.#halted.delete(thread);
      this.kernel.resume(thread);
    }
  }

  #guarded(thread: Thread, body: () => string | null): string | null {
    return this.programs.guard(thread.id, body, null);
  }

  /** Kernel code on `cpu`, after which the scheduler has its turn and the timer is set. */
  #section<T>(cpu: Cpu, body: () => T): T {
    const { kernel } = this;
    return kernel.section(cpu, () => {
      const before = kernel.withCpu(cpu, () => kernel.scheduler.block(cpu.id).current);
      const result = body();
      this.#release();
      for (const thread of kernel.completed.splice(0)) this.#returning.add(thread);
      const mine = kernel.woken.filter((thread) => thread.cpu === cpu && thread.end !== "finished");
      kernel.woken.length = 0;
      const [direct = null, ...others] = mine;
      kernel.withCpu(cpu, () => {
        for (const { block } of others) kernel.scheduler.enqueue(block);
      });
      kernel.reschedule(cpu, direct);
      this.#setTimer(cpu, before !== kernel.withCpu(cpu, () => kernel.scheduler.block(cpu.id).current));
      return result;
    });
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
