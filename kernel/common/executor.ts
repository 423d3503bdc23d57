/**
 * The directed driver: runs a protocol on the executable kernel under a given schedule. Whoever drives it (replay, a
 * conformance test) names the thread of each step; where that is not the thread that the scheduler has chosen, the kernel
 * is interrupted and switches, with its own structures kept in order.
 *
 * A step takes one thread through one operation, or through one commit point of a system call; then every thread that was
 * woken, on whatever CPU, through the rest of its system call; then every program whose operation has ended as far as its
 * local computation goes, which is invisible to the others.
 *
 * Caller holds: no section.
 */
import type { Cpu } from "../../hardware/cpu.ts";
import { ipiLine, timerLine } from "../../hardware/interrupts.ts";
import type { Multiprocessor } from "../../hardware/multiprocessor.ts";
import { OutOfRange, type Step } from "../../model/language/operation.ts";
import type { Instance } from "../../model/language/protocol.ts";
import type { Described } from "./allocation.ts";
import { leaks } from "./leaks.ts";
import { type MachineOptions, Microkernel, Vector } from "./microkernel.ts";
import { auditOf, blockingOf, haltedOf, type Observed, projectionOf, standingOf, statusOf, type ThreadStatus } from "./observation.ts";
import type { MachinePath, PathFactory, Projection, Resumption } from "./path.ts";
import { type NativeViolation, NotPossible, Programs, ruleName } from "./programs.ts";
import type { Segment } from "./routine.ts";
import { ScheduleFaults } from "./schedule-faults.ts";
import type { Thread } from "./thread.ts";
import type { UserMemory } from "./user-memory.ts";

export { loadPaths, NotExecutable } from "./load-paths.ts";
export type { ThreadStatus } from "./observation.ts";
export { type NativeViolation, NotPossible } from "./programs.ts";
export type { MachineOptions as ExecutorOptions } from "./microkernel.ts";

/** What one step did. */
export interface StepReport {
  /** The rule that the kernel path announced, or the name of the language's own operation. */
  readonly rule: string;
  readonly cpu: number | null;
  /** Threads whose pending operation this step ended, in the order in which they went on. */
  readonly completed: readonly number[];
  readonly violation: NativeViolation | null;
  /** An `assume` failed: no such schedule exists. */
  readonly pruned: boolean;
}

const none: readonly number[] = [];

/** Without giving back the room that the array has: it is filled again in the next step. */
function empty(array: unknown[]): void {
  while (array.length > 0) array.pop();
}

export class Executor implements Observed {
  readonly instance: Instance;
  readonly kernel: Microkernel;
  readonly machine: Multiprocessor;
  readonly memory: UserMemory;
  readonly paths: readonly MachinePath[];
  /** What a schedule may do to the machine between two steps. */
  readonly faults: ScheduleFaults;
  readonly lags = false;
  readonly #programs: Programs;
  /** What operations that needed no kernel yield, until the programs get it. */
  readonly #ended: { readonly thread: Thread; readonly result: unknown }[] = [];
  /** CPUs whose interprocessor interrupts are held back. */
  readonly #slow = new Set<number>();

  /** Sets the protocol up on a machine of its own and runs every thread to its first operation. */
  constructor(instance: Instance, factories: readonly PathFactory[], options: MachineOptions = {}) {
    this.instance = instance;
    this.kernel = new Microkernel(instance, factories, options);
    this.machine = this.kernel.machine;
    this.memory = this.kernel.user;
    this.paths = this.kernel.paths;
    this.#programs = new Programs(this.kernel);
    this.faults = new ScheduleFaults(this.kernel, { tick: (cpu, body) => this.#tick(cpu, body), settle: () => this.#arrivals() });
    for (const thread of this.kernel.threads) this.#programs.resume(thread, undefined);
  }

  /** Set once a violation has happened; nothing runs after it. */
  get violation(): NativeViolation | null {
    return this.#programs.violation;
  }
  get pruned(): boolean {
    return this.#programs.pruned;
  }

  /** The operation that a thread stands at; null if it has finished. */
  pending(thread: number): Step | null {
    return this.#thread(thread).pending;
  }

  status(id: number): ThreadStatus {
    return statusOf(this.kernel, this.#programs, id);
  }

  /** Whether a thread can take a step. */
  canStep(id: number): boolean {
    const kind = standingOf(this.kernel, this.#programs, id);
    return kind === "ready" || kind === "timed";
  }

  /** A wake-up that a fault of the schedule holds back leaves its thread between two operations. */
  isSettled(id: number): boolean {
    const { arriving, cpu } = this.#thread(id);
    return !(arriving && this.#slow.has(cpu.id));
  }

  /** Runs one step of `thread`; `pick` is the value that a `choose` takes. Throws {@link NotPossible}. */
  step(id: number, pick: number = 0): StepReport {
    const thread = this.#begin(id);
    this.#catchUp(thread);
    const { pending } = thread;
    if (pending === null) throw new NotPossible(`thread ${thread.name} has finished`);
    const halted = haltedOf(this.kernel, id);
    if (halted !== null) throw new NotPossible(`thread ${thread.name} cannot run: ${halted.queue}`);
    let rule = ruleName(pending);
    try {
      rule = pending.kind === "kernel" ? this.#systemCall(thread, pending) : this.#userStep(thread, pending, pick);
    } catch (error) {
      this.#programs.failed(id, error);
    }
    return this.#finish(rule, thread.cpu.id);
  }

  /** Runs a background rule, on `cpu` if it has one instance for each. Throws {@link NotPossible}. */
  interrupt(name: string, cpu: number): StepReport {
    this.#assertRunning();
    const on = this.machine.cpu(cpu);
    const raised = this.kernel.raise(name, cpu);
    if (raised === null) throw new NotPossible(`no executable path handles "${name}"`);
    const { line, handler } = raised;
    const rule = this.#programs.guard(
      null,
      () => {
        on.takeInterrupt(line);
        const segment = this.kernel.section(on, () => this.#onward(on, () => this.kernel.background(handler())));
        this.#arrivals();
        return segment.rule ?? "";
      },
      name,
    );
    return this.#finish(rule, cpu);
  }

  /** The thread stops for ever, as an untrusted thread may. */
  stop(thread: number): void {
    this.#begin(thread).end = "stopped";
  }

  /** An entry of a CPU's store buffer leaves for its cache. Throws {@link NotPossible}. */
  drain(cpu: number, entry: number = 0): void {
    const { buffer } = this.machine.cpu(cpu);
    if (!buffer.mayDrain(entry)) throw new NotPossible(`entry ${entry} of the store buffer of CPU ${cpu} cannot leave now`);
    this.machine.cpu(cpu).drain(entry);
  }

  /** Projected state of all paths. */
  project(): Projection {
    return projectionOf(this.kernel);
  }

  /** All records of kernel memory. */
  records(): readonly Described[] {
    return this.kernel.allocator.records;
  }

  /** Inconsistencies between the machine's threads and the kernel's data; empty if all is well. */
  audit(): readonly string[] {
    return auditOf(this.kernel);
  }

  /** What the run has not given back: for the end of a run, after the last step. */
  leaks(): readonly string[] {
    for (const { cpu } of [...this.kernel.unburied]) this.#tick(cpu, () => undefined);
    return leaks(this.kernel);
  }

  /** Interprocessor interrupts to `cpu` come late: not before one of its threads is to take a step. Off: those that wait come now. */
  slowInterrupts(cpu: number, isSlow: boolean): void {
    if (isSlow) {
      this.#slow.add(cpu);
      return;
    }
    this.#slow.delete(cpu);
    for (const thread of this.kernel.threads) if (thread.cpu.id === cpu) this.#catchUp(thread);
    this.#arrivals();
  }

  // Steps

  #thread(id: number): Thread {
    const thread = this.kernel.threads[id];
    if (thread === undefined) throw new OutOfRange(`there is no thread ${id}`);
    return thread;
  }

  #assertRunning(): void {
    if (this.violation !== null) throw new NotPossible("the run has ended with a violation");
    if (this.pruned) throw new NotPossible("the run has ended: an assumption is false");
  }

  #begin(id: number): Thread {
    this.#assertRunning();
    const thread = this.#thread(id);
    if (thread.end !== null) throw new NotPossible(`thread ${thread.name} has ${thread.end}`);
    return thread;
  }

  #userStep(thread: Thread, step: Exclude<Step, { kind: "kernel" }>, pick: number): string {
    this.#makeCurrent(thread);
    const result = this.#programs.perform(thread, step, pick);
    this.#ended.push({ thread, result });
    return ruleName(step);
  }

  #systemCall(thread: Thread, step: Extract<Step, { kind: "kernel" }>): string {
    const { rule } = this.#runCall(thread, step);
    if (rule === null) throw new Error(`the executable path of ${step.operation.name} ran without a commit point`);
    this.#arrivals();
    return rule;
  }

  /** The system call of a thread from where it stands to its next pause, block or end, and what it wakes on the same CPU. */
  #runCall(thread: Thread, step: Extract<Step, { kind: "kernel" }>): Segment {
    const { kernel } = this;
    const { cpu, asleep, visits } = thread;
    if (asleep !== null) {
      if (!asleep.timer) throw new NotPossible(`thread ${thread.name} is blocked: ${blockingOf(this.kernel, thread.id)?.queue ?? "in the kernel"}`);
      this.#fireTimer(cpu);
      return kernel.section(cpu, this.#goOn, thread, "timer");
    }
    if (visits !== null) {
      return this.#take(visits, Vector.visit, `thread ${thread.name} waits for CPU ${visits.id}, which has not been told`, () => {
        kernel.receive(thread);
        const segment = kernel.segment(thread, "run");
        this.#arrivalsHere(visits);
        return segment;
      });
    }
    if (thread.call !== null) {
      if (kernel.currentOf(cpu) !== thread) this.#fireTimer(cpu);
      return kernel.section(cpu, this.#goOn, thread, "run");
    }
    this.#makeCurrent(thread);
    kernel.trap(thread, step);
    return kernel.section(cpu, this.#enter, thread, step);
  }

  // What happens in the sections that nearly every step has, made once, and not at each step.

  /** Makes a thread current on its CPU and runs its call, and then those that it wakes there. */
  readonly #goOn = (thread: Thread, why: Resumption): Segment => {
    if (why === "timer") this.kernel.timeOut(thread);
    this.kernel.switchTo(thread);
    return this.#segment(thread, why);
  };

  /** The same for a thread, current already, that has just trapped. */
  readonly #enter = (thread: Thread, step: Extract<Step, { kind: "kernel" }>): Segment => {
    this.kernel.enterCall(thread, step);
    return this.#segment(thread, "run");
  };

  readonly #switch = (thread: Thread): void => this.kernel.switchTo(thread);

  /** A thread's call, what it wakes on the same CPU, and the scheduler's turn. In a section. */
  #segment(thread: Thread, why: Resumption): Segment {
    const segment = this.kernel.segment(thread, why);
    this.#arrivalsHere(thread.cpu);
    this.kernel.reschedule(thread.cpu);
    return segment;
  }

  /** The scheduler's turn, after `body`. */
  #onward<T>(cpu: Cpu, body: () => T): T {
    const result = body();
    this.kernel.reschedule(cpu);
    return result;
  }

  /** Threads that were woken go on in the kernel, in the order of their wake-ups, as far as they get without a further commit. */
  #arrivals(): void {
    const { woken } = this.kernel;
    for (let thread = woken.shift(); thread !== undefined; thread = woken.shift()) if (!this.#slow.has(thread.cpu.id)) this.#arrive(thread);
    for (const cpu of this.machine.cpus) {
      if (!this.#slow.has(cpu.id) && this.kernel.isTold(cpu)) this.#take(cpu, Vector.reschedule, "", () => undefined);
    }
  }

  /** Those at the head of the line that are of this CPU. In a section. */
  #arrivalsHere(cpu: Cpu): void {
    const { woken } = this.kernel;
    for (let thread = woken[0]; thread?.cpu === cpu; thread = woken[0]) {
      woken.shift();
      if (thread.end === "finished") continue;
      this.kernel.switchTo(thread);
      this.#finishCall(thread);
    }
  }

  /** A woken thread runs on its own CPU, once that has been told. */
  #arrive(thread: Thread): void {
    const { cpu } = thread;
    if (thread.end === "finished") return;
    const run = (): void => {
      this.kernel.switchTo(thread);
      this.#finishCall(thread);
      this.#arrivalsHere(cpu);
    };
    if (this.kernel.isTold(cpu)) {
      // One interrupt tells of all that were woken before it came.
      for (const other of this.kernel.threads) if (other.cpu === cpu && other.arriving) other.told = true;
      this.#take(cpu, Vector.reschedule, "", run);
    } else if (thread.told) this.#tick(cpu, run, true);
  }

  /** A thread whose wake-up came late is to take a step: now it must have come. */
  #catchUp(thread: Thread): void {
    if (!thread.arriving) return;
    this.#arrive(thread);
    if (thread.arriving) throw new NotPossible(`thread ${thread.name} was woken, but CPU ${thread.cpu.id} was not told`);
    this.#settle();
  }

  #finishCall(thread: Thread): void {
    thread.arriving = false;
    thread.told = false;
    if (thread.call === null) return;
    const { rule } = this.kernel.segment(thread, "run");
    if (rule !== null) throw new Error(`${thread.name} commits "${rule}" inside the step of another thread`);
  }

  /** The CPU enters the kernel in order to run another thread than it does. */
  #makeCurrent(thread: Thread): void {
    if (this.kernel.currentOf(thread.cpu) === thread) return;
    this.#fireTimer(thread.cpu);
    this.kernel.section(thread.cpu, this.#switch, thread);
  }

  /** The timer of a CPU fires, and its handler does this. */
  #tick<T>(cpu: Cpu, body: () => T, andReschedule = false): T {
    this.#fireTimer(cpu);
    return this.kernel.section(cpu, () => (andReschedule ? this.#onward(cpu, body) : body()));
  }

  #fireTimer(cpu: Cpu): void {
    const { interrupts } = this.machine;
    interrupts.armTimer(cpu.id, 0);
    if (!interrupts.timerCanExpire(cpu.id)) throw new NotPossible(`the timer of CPU ${cpu.id} does not fire`);
    interrupts.expireTimer(cpu.id);
    cpu.takeInterrupt(timerLine);
  }

  /** A CPU takes an interprocessor interrupt that is pending there, and its handler does this. */
  #take<T>(cpu: Cpu, vector: number, otherwise: string, body: () => T): T {
    const line = ipiLine(vector);
    if (!this.machine.interrupts.isPending(cpu.id, line)) throw new NotPossible(otherwise);
    cpu.takeInterrupt(line);
    return this.kernel.section(cpu, () => this.#onward(cpu, body));
  }

  // After a step

  #finish(rule: string, cpu: number | null): StepReport {
    return { rule, cpu, completed: this.#settle(), violation: this.violation, pruned: this.pruned };
  }

  /** Programs whose operations have ended go on. */
  #settle(): readonly number[] {
    const { completed } = this.kernel;
    const ended = this.#ended;
    for (const thread of completed) ended.push({ thread, result: this.kernel.results(thread) });
    empty(completed);
    if (ended.length === 0) return none;
    for (const { thread, result } of ended) if (thread.end === null && !this.#programs.hasEnded) this.#programs.resume(thread, result);
    const threads = ended.map(({ thread }) => thread.id);
    empty(ended);
    return threads;
  }
}
