/**
 * The machine, one thing at a time: an interrupt is taken and handled; a CPU's current thread performs one operation, or
 * goes on in the kernel to its next pause, block or return; kernel code that stands at a lock takes it, or finds it taken
 * and spins; the program of a thread goes on with the results of a system call. The kernel's own scheduler decides who is
 * current. Which CPU does its next thing, and when timers fire, is for the caller to say: free-run.ts draws it from a seed,
 * conformance tests try everything.
 *
 * So kernel code of several CPUs overlaps, and meets at locks. What was looked at before a lock was taken may have changed
 * when it is held, and is looked at again.
 *
 * Caller holds: no section.
 */
import type { Cpu } from "../../hardware/cpu.ts";
import { deviceLine, ipiLine, lineName, timerLine } from "../../hardware/interrupts.ts";
import type { Multiprocessor } from "../../hardware/multiprocessor.ts";
import type { Step } from "../../model/language/operation.ts";
import type { Instance } from "../../model/language/protocol.ts";
import type { Described } from "./allocation.ts";
import { leaks } from "./leaks.ts";
import { type MachineOptions, Microkernel, Vector } from "./microkernel.ts";
import { auditOf, haltedOf, type Observed, projectionOf, statusOf, type ThreadStatus } from "./observation.ts";
import type { KernelCode, KernelRoutine, LockPoint, PathFactory, Projection } from "./path.ts";
import { type NativeViolation, NotPossible, Programs, ruleName } from "./programs.ts";
import { ScheduleFaults } from "./schedule-faults.ts";
import type { Thread } from "./thread.ts";
import type { UserMemory } from "./user-memory.ts";

const exitCall = -2;

/** Something that can happen next. */
export type Action =
  /** The current thread of the CPU goes on; `pick` is the value that a `choose` takes. */
  | { readonly kind: "run"; readonly cpu: number; readonly pick: number }
  /** Kernel code that stands at a lock goes on. */
  | { readonly kind: "onward"; readonly cpu: number }
  /** A pending interrupt is taken. */
  | { readonly kind: "interrupt"; readonly cpu: number; readonly line: number }
  /** The timer fires: it ends the sleep of a thread, or, for none, the current thread's turn. */
  | { readonly kind: "timer"; readonly cpu: number; readonly thread: number | null }
  /** The device behind a background rule interrupts: when it may is for the caller to know. */
  | { readonly kind: "device"; readonly cpu: number; readonly rule: string }
  /** A store leaves a store buffer. */
  | { readonly kind: "drain"; readonly cpu: number; readonly entry: number };

/** What happened. */
export interface RunEvent {
  readonly cpu: number;
  /** The thread that acted; null for an interrupt that was handled for no thread in particular. */
  readonly thread: number | null;
  readonly kind: "operation" | "system-call" | "background" | "lock" | "spin" | "return" | "interrupt" | "drain";
  /** The rule that took effect (of a device null: there was nothing left to do when the kernel had its lock), or the name of an operation of the language; of an interrupt its line; null for none. */
  readonly rule: string | null;
  /** The value that a `choose` took. */
  readonly pick: number;
}

/** What a piece of kernel code has done: the rule that it committed, and for whom. */
interface Done {
  readonly thread: number | null;
  readonly rule: string | null;
}

/** Kernel code of a CPU that stands at a lock. */
export interface Inside {
  readonly code: KernelCode<Done>;
  /** What set it off. */
  readonly kind: "system-call" | "background" | "interrupt" | "return";
  readonly thread: number | null;
  readonly line: number | null;
  /** Null: it has just begun. */
  readonly at: LockPoint | null;
}

export class Interleaving implements Observed {
  readonly instance: Instance;
  readonly kernel: Microkernel;
  readonly machine: Multiprocessor;
  readonly programs: Programs;
  readonly memory: UserMemory;
  readonly lags = true;
  /** What a schedule may do to the machine between two actions, while no CPU stands at a lock. */
  readonly faults: ScheduleFaults;
  /** Threads whose system call has ended, and whose program has not gone on yet. */
  readonly #returning = new Set<Thread>();
  /** Threads that their kernel keeps from running. */
  readonly #halted = new Set<Thread>();
  /** Threads that wait on a CPU that they visit. */
  readonly #kept = new Set<Thread>();
  readonly #inside: (Inside | null)[];
  /** At the end of each piece of kernel code; `isFresh`: the CPU has switched to another thread. */
  readonly #leaving: (cpu: Cpu, isFresh: boolean) => void;

  /** Boots the machine and runs every thread to its first operation. Each CPU is then to be told to look at its run queue. */
  constructor(instance: Instance, factories: readonly PathFactory[], options: MachineOptions = {}, leaving: (cpu: Cpu, isFresh: boolean) => void = () => {}) {
    this.instance = instance;
    this.kernel = new Microkernel(instance, factories, options);
    this.machine = this.kernel.machine;
    this.programs = new Programs(this.kernel);
    this.memory = this.kernel.user;
    this.kernel.allocator.contention.areContended = true;
    this.#inside = this.machine.cpus.map(() => null);
    this.#leaving = leaving;
    this.faults = new ScheduleFaults(this.kernel, { tick: (cpu, body) => this.#atOnce(cpu, body), settle: () => {} });
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
    for (const { cpu } of [...this.kernel.unburied]) if (!this.isInside && !this.hasEnded) this.#atOnce(cpu, () => {});
    return leaks(this.kernel);
  }

  /** Where the kernel code of a CPU stands, if at a lock. */
  inside(cpu: number): Inside | null {
    return this.#inside[cpu] ?? null;
  }

  /** Whether the kernel code of a CPU stands at a lock. */
  get isInside(): boolean {
    return this.#inside.some((inside) => inside !== null);
  }

  /** Whether a program is still to go on with the results of its system call. */
  isReturning(thread: number): boolean {
    return this.#returning.has(this.kernel.thread(thread));
  }

  /** Whether the thread can be stopped: nothing is done in its name. */
  canStop(id: number): boolean {
    return this.kernel.thread(id).end === null && this.#inside.every((inside) => inside?.thread !== id);
  }

  /** The thread stops for ever, as an untrusted thread may; it keeps what it holds. */
  stop(id: number): void {
    this.kernel.thread(id).end ??= "stopped";
  }

  /**
   * Everything that can happen next, whatever the CPUs' clocks say: a timer may fire, and an interrupt may be late. What
   * would change nothing is left out: another round of a spinning lock or of a waiting loop.
   */
  actions(): readonly Action[] {
    return this.machine.cpus.flatMap((cpu) => [...this.#drains(cpu), ...(this.inside(cpu.id) === null ? this.#outsideActions(cpu) : this.#insideActions(cpu))]);
  }

  /** Programs whose system calls have ended go on as soon as they run: nobody can see when they do. */
  settle(): void {
    for (const cpu of this.machine.cpus) {
      const thread = this.inside(cpu.id) === null ? this.kernel.currentOf(cpu) : null;
      if (thread !== null && !this.hasEnded && thread.end === null && !this.#isHalted(thread) && this.#returning.has(thread)) this.#run(cpu, thread, 0);
    }
  }

  #drains({ id, buffer }: Cpu): readonly Action[] {
    return Array.from({ length: buffer.length }, (_, entry): Action => ({ kind: "drain", cpu: id, entry })).filter((_, entry) => buffer.mayDrain(entry));
  }

  #insideActions({ id }: Cpu): readonly Action[] {
    const { lock, taken } = this.inside(id)?.at ?? { lock: null, taken: false };
    return !taken && lock !== null && lock.isTaken ? [] : [{ kind: "onward", cpu: id }];
  }

  #outsideActions(cpu: Cpu): readonly Action[] {
    const { id } = cpu;
    const actions: Action[] = [];
    for (const line of this.machine.interrupts.deliverable(id)) if (line !== timerLine) actions.push({ kind: "interrupt", cpu: id, line });
    for (const thread of this.kernel.threads)
      if (thread.cpu === cpu && thread.asleep?.timer === true && thread.end === null) actions.push({ kind: "timer", cpu: id, thread: thread.id });
    const current = cpu.isHalted ? null : this.kernel.currentOf(cpu);
    if (current === null) return actions;
    if (this.kernel.threads.some((thread) => thread !== current && thread.cpu === cpu && thread.block.state === "ready"))
      actions.push({ kind: "timer", cpu: id, thread: null });
    const { pending, end } = current;
    const isWaiting = end === null && !this.#isHalted(current) && this.status(current.id).kind === "condition";
    const picks = pending?.kind === "choose" && end === null ? pending.values.length : 1;
    if (!isWaiting) for (let pick = 0; pick < picks; pick++) actions.push({ kind: "run", cpu: id, pick });
    return actions;
  }

  /** Does one thing. Throws {@link NotPossible} for what cannot happen now. */
  perform(action: Action): RunEvent {
    const cpu = this.machine.cpu(action.cpu);
    const inside = this.inside(cpu.id);
    if (this.hasEnded) throw new NotPossible("the run has ended");
    if (inside !== null && action.kind !== "onward" && action.kind !== "drain")
      throw new NotPossible(`CPU ${cpu.id} is in the kernel, at ${inside.at?.lock.name}`);
    switch (action.kind) {
      case "onward":
        if (inside === null) throw new NotPossible(`CPU ${cpu.id} stands at no lock`);
        return this.#onward(cpu, inside);
      case "drain":
        this.machine.perform(action);
        return { cpu: cpu.id, thread: null, kind: "drain", rule: null, pick: 0 };
      case "interrupt":
        return this.#interrupt(cpu, action.line);
      case "device":
        return this.#device(cpu, action.rule);
      case "timer":
        return this.#timer(cpu, action.thread === null ? null : this.kernel.thread(action.thread));
      case "run": {
        const thread = this.kernel.currentOf(cpu);
        if (thread === null || cpu.isHalted) throw new NotPossible(`CPU ${cpu.id} runs no thread`);
        return this.#run(cpu, thread, action.pick);
      }
    }
  }

  // Kernel code

  /** A timer interrupt whose handler does this. */
  #atOnce(cpu: Cpu, body: () => void): void {
    if (this.isInside) throw new NotPossible("a CPU stands at a lock");
    this.#fireTimer(cpu);
    this.#begin(cpu, "interrupt", null, timerLine, function* () {
      body();
      return { thread: null, rule: null };
    });
    for (let inside = this.inside(cpu.id); inside !== null; inside = this.inside(cpu.id)) this.#onward(cpu, inside);
  }

  /** Begins kernel code on a CPU that has entered the kernel. */
  #begin(cpu: Cpu, kind: Inside["kind"], thread: number | null, line: number | null, body: () => KernelCode<Done>): RunEvent {
    const code = this.kernel.entry(cpu, () => this.#section(cpu, body));
    return this.#onward(cpu, { code, kind, thread, line, at: null });
  }

  /** To the next lock, or to the end. */
  #onward(cpu: Cpu, inside: Inside): RunEvent {
    const { done, value } = this.kernel.onward(cpu, inside.code);
    if (done !== true) {
      this.#inside[cpu.id] = { ...inside, at: value };
      return { cpu: cpu.id, thread: inside.thread, kind: "lock", rule: null, pick: 0 };
    }
    this.#inside[cpu.id] = null;
    const { kind, line } = inside;
    const { thread, rule } = value;
    if (kind === "return") return { cpu: cpu.id, thread, kind, rule: null, pick: 0 };
    if (kind === "background") return { cpu: cpu.id, thread, kind, rule, pick: 0 };
    if (kind === "interrupt" && thread === null) return { cpu: cpu.id, thread, kind, rule: line === null ? null : lineName(line), pick: 0 };
    return { cpu: cpu.id, thread, kind: "system-call", rule, pick: 0 };
  }

  /** What every piece of kernel code ends with: the scheduler has its turn. */
  *#section(cpu: Cpu, body: () => KernelCode<Done>): KernelCode<Done> {
    const { kernel } = this;
    const before = kernel.withCpu(cpu, () => kernel.scheduler.block(cpu.id).current);
    const done = yield* body();
    this.#release();
    for (const thread of kernel.completed.splice(0)) this.#returning.add(thread);
    const mine = kernel.woken.filter((thread) => thread.cpu === cpu && thread.end !== "finished");
    kernel.woken.length = 0;
    const [direct = null, ...others] = mine;
    kernel.withCpu(cpu, () => {
      for (const { block } of others) kernel.scheduler.enqueue(block);
    });
    kernel.reschedule(cpu, direct);
    this.#leaving(cpu, before !== kernel.withCpu(cpu, () => kernel.scheduler.block(cpu.id).current));
    return done;
  }

  /** The system call of a thread from where it stands; a violation in it ends the run. */
  *#call(thread: Thread, why: "run" | "timer"): KernelCode<Done> {
    try {
      const { rule } = yield* this.kernel.call(thread, why);
      return { thread: thread.id, rule };
    } catch (error) {
      this.programs.failed(thread.id, error);
      return { thread: thread.id, rule: null };
    }
  }

  // Interrupts

  #interrupt(cpu: Cpu, line: number): RunEvent {
    if (!cpu.interruptsEnabled || !this.machine.interrupts.isDeliverable(cpu.id, line))
      throw new NotPossible(`CPU ${cpu.id} cannot take the interrupt ${lineName(line)} now`);
    cpu.takeInterrupt(line);
    return this.#begin(cpu, "interrupt", null, line, () => this.#handler(cpu, line));
  }

  /** A device interrupts, and the kernel does what the background rule says. */
  #device(cpu: Cpu, rule: string): RunEvent {
    const raised = this.kernel.raise(rule, cpu.id);
    if (raised === null) throw new NotPossible(`no executable path handles "${rule}"`);
    const { line, handler } = raised;
    cpu.takeInterrupt(line);
    return this.#begin(cpu, "background", null, line, () => this.#serve(rule, handler()));
  }

  *#serve(rule: string, routine: KernelRoutine<void>): KernelCode<Done> {
    try {
      return { thread: null, rule: (yield* this.kernel.service(routine)).rule };
    } catch (error) {
      this.programs.failed(null, error);
      return { thread: null, rule };
    }
  }

  *#handler(cpu: Cpu, line: number): KernelCode<Done> {
    const { kernel } = this;
    if (line === ipiLine(Vector.visit)) {
      // The system call of the first visitor that the kernel does not keep waiting goes on here.
      const visitor = kernel.withCpu(cpu, () => kernel.visitor(cpu, (thread) => this.#isKept(thread)));
      if (visitor === null) return { thread: null, rule: null };
      kernel.receive(visitor);
      return yield* this.#call(visitor, "run");
    }
    if (line >= deviceLine(0)) kernel.spuriousInterrupt();
    return { thread: null, rule: null };
  }

  /** The timer of a CPU has fired. */
  #timer(cpu: Cpu, sleeper: Thread | null): RunEvent {
    this.#fireTimer(cpu);
    return this.#begin(cpu, "interrupt", null, timerLine, () => (sleeper === null ? this.#turnEnds(cpu) : this.#timeOut(sleeper)));
  }

  #fireTimer(cpu: Cpu): void {
    const { interrupts } = this.machine;
    if (!interrupts.isPending(cpu.id, timerLine)) {
      interrupts.armTimer(cpu.id, 0);
      if (!interrupts.timerCanExpire(cpu.id)) throw new NotPossible(`the timer of CPU ${cpu.id} does not fire`);
      interrupts.expireTimer(cpu.id);
    }
    cpu.takeInterrupt(timerLine);
  }

  /** The current thread goes behind the others of its priority. */
  *#turnEnds(cpu: Cpu): KernelCode<Done> {
    const { kernel } = this;
    kernel.withCpu(cpu, () => {
      kernel.scheduler.rotate(cpu.id);
      kernel.scheduler.switchTo(cpu.id, kernel.scheduler.next(cpu.id));
    });
    return { thread: null, rule: null };
  }

  /** A sleep that has lasted long enough ends, in the handler, before anybody else can find the thread. */
  *#timeOut(sleeper: Thread): KernelCode<Done> {
    if (sleeper.asleep?.timer !== true || sleeper.end !== null) return { thread: null, rule: null };
    this.kernel.timeOut(sleeper);
    this.kernel.switchTo(sleeper);
    return yield* this.#call(sleeper, "timer");
  }

  // Threads

  #run(cpu: Cpu, thread: Thread, pick: number): RunEvent {
    const { pending, call, end } = thread;
    // Who has stopped or ended, or is kept from running, gives its CPU up, by a system call of the machine's own.
    if (end !== null || pending === null || this.#isHalted(thread)) {
      if (cpu.mode === "user") cpu.systemCall(exitCall);
      return this.#begin(cpu, "return", thread.id, null, () => this.#setAside(thread));
    }
    if (call !== null) return this.#begin(cpu, "system-call", thread.id, null, () => this.#unlessKept(thread, () => this.#call(thread, "run")));
    if (this.#returning.delete(thread)) {
      this.programs.resume(thread, this.kernel.results(thread));
      return this.#event(thread, "return", null);
    }
    if (pending.kind === "kernel") {
      this.kernel.trap(thread, pending);
      return this.#begin(cpu, "system-call", thread.id, null, () => this.#unlessKept(thread, () => this.#entered(thread, pending)));
    }
    if (this.isInside && this.kernel.mayFault(thread)) return this.#event(thread, "spin", null);
    if ((pending.kind === "step" || pending.kind === "waitUntil") && !this.programs.condition(thread, pending)) {
      this.programs.condition(thread, pending, thread.ports.program);
      return this.#event(thread, "spin", null);
    }
    const done = this.programs.guard(thread.id, () => ({ result: this.programs.perform(thread, pending, pick) }), null);
    if (done !== null) this.programs.resume(thread, done.result);
    return this.#event(thread, "operation", ruleName(pending), pick);
  }

  #event(thread: Thread, kind: RunEvent["kind"], rule: string | null, pick: number = 0): RunEvent {
    return { cpu: thread.cpu.id, thread: thread.id, kind, rule, pick };
  }

  /** A thread may have been killed, or kept from running, while it waited for the lock at the kernel's entry. */
  *#unlessKept(thread: Thread, body: () => KernelCode<Done>): KernelCode<Done> {
    if (thread.end === "finished") return { thread: thread.id, rule: null };
    if (this.kernel.outside(() => this.#isHalted(thread))) return yield* this.#setAside(thread);
    return yield* body();
  }

  *#entered(thread: Thread, step: Extract<Step, { kind: "kernel" }>): KernelCode<Done> {
    try {
      this.kernel.enterCall(thread, step);
    } catch (error) {
      this.programs.failed(thread.id, error);
      return { thread: thread.id, rule: null };
    }
    return yield* this.#call(thread, "run");
  }

  /** A thread that has stopped, or that the kernel keeps from running, leaves its CPU to others. */
  *#setAside(thread: Thread): KernelCode<Done> {
    const { id, end, pending } = thread;
    // What kept it may be over by the time that the CPU has the lock.
    if (end === null && pending !== null) {
      if (!this.kernel.outside(() => this.#isHalted(thread))) return { thread: id, rule: null };
      this.#halted.add(thread);
    }
    this.kernel.withCpu(thread.cpu, () => {
      if (end !== "finished") thread.block.state = "blocked";
    });
    return { thread: id, rule: null };
  }

  /** A visitor that has to wait; when it need not, its CPU is told again. */
  #isKept(thread: Thread): boolean {
    if (!this.kernel.outside(() => this.#isHalted(thread))) return false;
    this.#kept.add(thread);
    return true;
  }

  #isHalted({ id, end }: Thread): boolean {
    return end === null && haltedOf(this.kernel, id) !== null;
  }

  /** Threads that the kernel kept from running, and does no longer, are ready again. In a section. */
  #release(): void {
    for (const thread of this.#halted) {
      if (this.kernel.outside(() => this.#isHalted(thread))) continue;
      this.#halted.delete(thread);
      this.kernel.resume(thread);
    }
    for (const thread of this.#kept) {
      if (this.kernel.outside(() => this.#isHalted(thread))) continue;
      this.#kept.delete(thread);
      if (thread.visits !== null) this.kernel.memory.processor.sendIpi(thread.visits.id, Vector.visit);
    }
  }
}
