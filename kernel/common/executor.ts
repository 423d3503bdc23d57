/**
 * Runs a protocol natively: its own generator functions as user programs on the machine, its kernel's executable path
 * as the kernel. One schedule at a time; whoever drives it (replay, a conformance test, a simulator) chooses the thread
 * of each step.
 *
 * A step takes one thread through one operation, or through one commit point of a system call, and then every thread
 * that this completes as far as its local computation goes, which is invisible to the others.
 */
import type { Cpu } from "../../hardware/cpu.ts";
import { Multiprocessor } from "../../hardware/multiprocessor.ts";
import { Cost, type Profile, unit } from "../../hardware/profile.ts";
import { IndexOutOfRange, withMemory } from "../../model/language/memory.ts";
import { AssumptionFailed, CheckFailed, OutOfRange, type Step, UnhandledError } from "../../model/language/operation.ts";
import type { Instance, ThreadInstance } from "../../model/language/protocol.ts";
import type { Blocking, KernelRoutine, MachinePath, PathFactory, Projection, Resumption } from "./path.ts";
import { Allocator, type Described, type Locking } from "./allocation.ts";
import { fitArguments } from "./arguments.ts";
import { KernelFault, KernelMemory } from "./kernel-memory.ts";
import { guardedResult } from "./result.ts";
import { mapMemory, UserMemory } from "./user-memory.ts";

/** What went wrong natively, where the program or the kernel met it. */
export interface NativeViolation {
  /** `error`: the program itself threw, as JavaScript does where the model has an index out of range. */
  readonly kind: "assertion" | "unhandled-error" | "out-of-range" | "error";
  readonly message: string;
  readonly thread: number | null;
}

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

/** Where a thread stands. */
export type ThreadStatus =
  | { readonly kind: "ready" }
  /** In the kernel with an armed timer: the only thing it can do by itself is to time out. */
  | { readonly kind: "timed"; readonly blocking: Blocking | null }
  | { readonly kind: "blocked"; readonly blocking: Blocking | null }
  /** A guarded step or a `waitUntil` whose condition is false. */
  | { readonly kind: "condition" }
  | { readonly kind: "stopped" }
  | { readonly kind: "finished" };

type RoutineEnd<T> = { readonly rule: string | null } & (
  | { readonly stops: "done"; readonly results: T }
  | { readonly stops: "pause"; readonly cpu: number | null }
  | { readonly stops: "block"; readonly timer: boolean }
);

/** The machine was asked for something that it cannot do: the schedule is not one of this machine's. */
export class NotPossible extends Error {}
/** The protocol has no executable form; the message says why. */
export class NotExecutable extends Error {}

interface Context {
  readonly instance: ThreadInstance;
  readonly program: Generator<Step, void, unknown>;
  pending: Step | null;
  /** The system call under way, once it has been entered. */
  call: KernelRoutine | null;
  asleep: { readonly timer: boolean } | null;
  /** The CPU that its system call visits; null: its own. */
  at: number | null;
  end: "finished" | "stopped" | null;
}

/** Loads the executable paths of a protocol's kernel and objects. Throws {@link NotExecutable}. */
export async function loadPaths(instance: Instance): Promise<readonly PathFactory[]> {
  const { kernel } = instance.protocol;
  const types = new Map(instance.objects.map(({ type }) => [type.name, type]));
  const sources = [
    { what: `the kernel "${kernel.name}"`, operations: kernel.operations, machine: kernel.machine },
    ...[...types.values()].map((type) => ({ what: `objects of type "${type.name}"`, operations: type.operations, machine: type.machine })),
  ];
  const factories: PathFactory[] = [];
  for (const { what, operations, machine } of sources) {
    if (machine === null) {
      if (operations.length > 0) throw new NotExecutable(`${what} have no executable path`.replace(/^(the kernel .*) have/, "$1 has"));
      continue;
    }
    const module = (await machine()) as { readonly default?: unknown };
    if (typeof module.default !== "function") throw new NotExecutable(`the executable path of ${what} has no default export`);
    factories.push(module.default as PathFactory);
  }
  return factories;
}

export interface ExecutorOptions {
  /** `big` unless given. */
  readonly locking?: Locking;
  /** `unit` unless given. */
  readonly profile?: Profile;
}

const heapBytes = 1 << 16;

export class Executor {
  readonly instance: Instance;
  readonly machine: Multiprocessor;
  readonly memory: UserMemory;
  readonly paths: readonly MachinePath[];
  readonly #kernel: KernelMemory;
  readonly #allocator: Allocator;
  /** Whether entry takes the big lock: unless every path takes its own. */
  readonly #takesBigLock: boolean;
  readonly #contexts: readonly Context[];
  readonly #woken: number[] = [];
  #completed: { readonly thread: number; readonly result: unknown }[] = [];
  #violation: NativeViolation | null = null;
  #pruned = false;

  /** Sets the protocol up on a machine of its own and runs every thread to its first operation. */
  constructor(instance: Instance, factories: readonly PathFactory[], options: ExecutorOptions = {}) {
    this.instance = instance;
    const threads = instance.threads.map(({ handle }) => handle);
    const map = mapMemory(instance.memory, threads);
    const profile = options.profile ?? unit;
    const heap = profile.pageBytes * Math.ceil((4096 + 4 * map.size) / profile.pageBytes);
    this.machine = new Multiprocessor({ cpus: instance.cpus, memoryBytes: heap + heapBytes, memoryModel: "sc", profile });
    this.memory = new UserMemory(instance.memory, map, this.machine);
    this.#kernel = new KernelMemory(this.machine, heap, heap + heapBytes);
    this.#allocator = new Allocator(this.#kernel, instance, options.locking ?? "big");
    this.paths = factories.map((factory) =>
      factory({
        instance,
        threads,
        ...this.#allocator.services,
        cpuOf: (thread) => this.#cpu(thread).id,
        copied: (words) => this.#kernel.processor.charge(Cost.copy, words),
        read: (thread, cell) => (this.#kernel.cpu === null ? this.memory.inspect(cell) : this.memory.read(this.#cpu(thread), cell)),
        write: (thread, cell, value) => this.memory.write(this.#cpu(thread), cell, value),
        wake: (thread) => this.#wake(thread),
        kill: (thread) => this.#kill(thread),
      }),
    );
    this.#takesBigLock = this.#allocator.locking === "big" || this.paths.some(({ locking }) => locking !== "own");
    this.#contexts = instance.threads.map((thread) => {
      if (thread.run === null) throw new NotExecutable(`thread ${thread.name} is the most general client: it has no program to run`);
      return { instance: thread, program: thread.run(thread.context as never), pending: null, call: null, asleep: null, at: null, end: null };
    });
    for (const context of this.#contexts) this.#resume(context, undefined);
  }

  /** Set once a violation has happened; nothing runs after it. */
  get violation(): NativeViolation | null {
    return this.#violation;
  }
  get pruned(): boolean {
    return this.#pruned;
  }

  /** The operation that a thread stands at; null if it has finished. */
  pending(thread: number): Step | null {
    return this.#context(thread).pending;
  }

  status(thread: number): ThreadStatus {
    const context = this.#context(thread);
    const { pending, asleep, end } = context;
    if (end !== null) return { kind: end };
    if (asleep !== null) return { kind: asleep.timer ? "timed" : "blocked", blocking: this.#blocking(thread) };
    if (pending?.kind === "step" || pending?.kind === "waitUntil") return { kind: this.#condition(context, pending) ? "ready" : "condition" };
    return { kind: "ready" };
  }

  /** Runs one step of `thread`; `pick` is the value that a `choose` takes. Throws {@link NotPossible}. */
  step(thread: number, pick: number = 0): StepReport {
    const context = this.#begin(thread);
    const { pending } = context;
    if (pending === null) throw new NotPossible(`thread ${context.instance.name} has finished`);
    const cpu = this.machine.cpu(context.instance.cpu);
    const rule = this.#guard(
      thread,
      () => (pending.kind === "kernel" ? this.#systemCall(context, pending) : this.#userStep(context, pending, pick)),
      ruleName(pending),
    );
    return this.#finish(rule, cpu.id);
  }

  /** Runs a background rule, on `cpu` if it has one instance for each. Throws {@link NotPossible}. */
  interrupt(name: string, cpu: number): StepReport {
    this.#assertRunning();
    const handler = this.paths.map((path) => path.interrupts[name]).find((found) => found !== undefined);
    if (handler === undefined) throw new NotPossible(`no executable path handles "${name}"`);
    const rule = this.#guard(null, () => this.#runRoutine(this.machine.cpu(cpu), handler(cpu), "run").rule ?? "", name);
    return this.#finish(rule, cpu);
  }

  /** The thread stops for ever, as an untrusted thread may. */
  stop(thread: number): void {
    this.#begin(thread).end = "stopped";
  }

  /** Projected state of all paths. */
  project(): Projection {
    return Object.assign({}, ...this.paths.map((path) => path.project())) as Projection;
  }

  /** All records of kernel memory. */
  records(): readonly Described[] {
    return this.#allocator.records;
  }

  /** Inconsistencies between the machine's threads and the kernel's data; empty if all is well. */
  audit(): readonly string[] {
    const asleep = (thread: number): boolean => this.#contexts[thread]?.asleep !== null && this.#contexts[thread]?.end !== "finished";
    const lost = this.#contexts.flatMap(({ instance, asleep: sleeping, end }) =>
      sleeping !== null && end === null && this.#blocking(instance.handle.id) === null
        ? [`${instance.name} is blocked in the kernel, but in no queue and in no wait`]
        : [],
    );
    return [...this.paths.flatMap((path) => path.audit(asleep)), ...lost];
  }

  #context(thread: number): Context {
    const context = this.#contexts[thread];
    if (context === undefined) throw new OutOfRange(`there is no thread ${thread}`);
    return context;
  }

  #cpu(thread: number): Cpu {
    const placed = this.instance.threads[thread];
    if (placed === undefined) throw new OutOfRange(`there is no thread ${thread}`);
    return this.machine.cpu(placed.cpu);
  }

  #blocking(thread: number): Blocking | null {
    for (const path of this.paths) {
      const blocking = path.blocking(thread);
      if (blocking !== null) return blocking;
    }
    return null;
  }

  #assertRunning(): void {
    if (this.#violation !== null) throw new NotPossible("the run has ended with a violation");
    if (this.#pruned) throw new NotPossible("the run has ended: an assumption is false");
  }

  #begin(thread: number): Context {
    this.#assertRunning();
    const context = this.#context(thread);
    if (context.end !== null) throw new NotPossible(`thread ${context.instance.name} has ${context.end}`);
    return context;
  }

  #finish(rule: string, cpu: number | null): StepReport {
    const completed = this.#completed.splice(0);
    for (const { thread, result } of completed) {
      const context = this.#context(thread);
      if (context.end === null && this.#violation === null && !this.#pruned) this.#resume(context, result);
    }
    return { rule, cpu, completed: completed.map(({ thread }) => thread), violation: this.#violation, pruned: this.#pruned };
  }

  /** Runs code of the protocol or of a path and turns the violations that it throws into reports. */
  #guard<T>(thread: number | null, body: () => T, otherwise: T): T {
    try {
      return body();
    } catch (error) {
      if (error instanceof CheckFailed) this.#violation = { kind: "assertion", message: error.message, thread };
      else if (error instanceof UnhandledError) this.#violation = { kind: "unhandled-error", message: error.message, thread };
      else if (error instanceof OutOfRange || error instanceof IndexOutOfRange) this.#violation = { kind: "out-of-range", message: error.message, thread };
      else if (error instanceof AssumptionFailed) this.#pruned = true;
      else throw error;
      return otherwise;
    }
  }

  /** Local computation of a thread up to its next operation. */
  #resume(context: Context, result: unknown): void {
    const { id } = context.instance.handle;
    this.#guard(
      id,
      () => {
        const next = withMemory(this.memory.ghostFrame(), () => this.#runProgram(context, result));
        if (next === null) return;
        context.pending = next.done === true ? null : this.#fitted(next.value);
        if (next.done === true) context.end = "finished";
      },
      undefined,
    );
  }

  /** A system call with its arguments as their domains take them. */
  #fitted(step: Step): Step {
    if (step.kind !== "kernel") return step;
    const threads = this.instance.threads.map(({ handle }) => handle);
    return { ...step, args: fitArguments(step.operation, step.args, threads) };
  }

  /** Null if the program threw an error of its own. */
  #runProgram({ program, instance }: Context, result: unknown): IteratorResult<Step, void> | null {
    try {
      return program.next(result);
    } catch (error) {
      if (!(error instanceof TypeError || error instanceof RangeError)) throw error;
      this.#violation = { kind: "error", message: `${error.name}: ${error.message}`, thread: instance.handle.id };
      return null;
    }
  }

  #condition(context: Context, step: Extract<Step, { kind: "step" | "waitUntil" }>): boolean {
    const cpu = this.machine.cpu(context.instance.cpu);
    return step.kind === "step" ? withMemory(this.memory.stepFrame(cpu), step.when) : step.predicate(this.memory.read(cpu, step.cell));
  }

  #userStep(context: Context, step: Exclude<Step, { kind: "kernel" }>, pick: number): string {
    const cpu = this.machine.cpu(context.instance.cpu);
    const complete = (result: unknown): string => {
      this.#completed.push({ thread: context.instance.handle.id, result });
      return ruleName(step);
    };
    switch (step.kind) {
      case "memory":
        return complete(this.memory.perform(cpu, step));
      case "fence":
        cpu.fence();
        return complete(undefined);
      case "choose":
        if (pick >= step.values.length)
          throw new NotPossible(`thread ${context.instance.name} chooses among ${step.values.length} values; there is no value ${pick}`);
        return complete(step.values[pick]);
      case "waitUntil":
        if (!this.#condition(context, step)) throw new NotPossible(`thread ${context.instance.name} waits for a condition that is false`);
        return complete(this.memory.read(cpu, step.cell));
      case "step":
        if (!this.#condition(context, step)) throw new NotPossible(`thread ${context.instance.name} stands at a step whose condition is false`);
        return complete(withMemory(this.memory.stepFrame(cpu), step.do));
    }
  }

  #systemCall(context: Context, step: Extract<Step, { kind: "kernel" }>): string {
    const { id } = context.instance.handle;
    const { asleep } = context;
    if (asleep !== null && !asleep.timer) throw new NotPossible(`thread ${context.instance.name} is blocked: ${this.#blocking(id)?.queue ?? "in the kernel"}`);
    if (context.call === null) {
      const handler = this.paths.map((path) => path.calls[step.operation.name]).find((found) => found !== undefined);
      if (handler === undefined) throw new NotExecutable(`no executable path handles the operation "${step.operation.name}"`);
      context.call = handler({ thread: id, operation: step.operation, args: step.args });
    }
    context.asleep = null;
    const { rule } = this.#runCall(context, context.call, asleep === null ? "run" : "timer");
    if (rule === null) throw new Error(`the executable path of ${step.operation.name} ran without a commit point`);
    // Threads that were woken go on in the kernel, on their own CPUs, as far as they get without a further commit.
    for (let woken = this.#woken.shift(); woken !== undefined; woken = this.#woken.shift()) {
      const other = this.#context(woken);
      if (other.end === "finished" || other.asleep === null || other.call === null) continue;
      other.asleep = null;
      const { rule: extra } = this.#runCall(other, other.call, "run");
      if (extra !== null) throw new Error(`${other.instance.name} commits "${extra}" inside the step of ${context.instance.name}`);
    }
    return rule;
  }

  /** Runs a system call to its next pause, block or end. */
  #runCall(context: Context, call: KernelRoutine, why: Resumption): { readonly rule: string | null } {
    const outcome = this.#runRoutine(this.machine.cpu(context.at ?? context.instance.cpu), call, why);
    context.at = outcome.stops === "pause" ? outcome.cpu : null;
    if (context.end === "finished") return outcome;
    if (outcome.stops === "done") {
      const { pending } = context;
      if (pending?.kind !== "kernel") throw new Error(`${context.instance.name} is in no system call`);
      context.call = null;
      this.#completed.push({ thread: context.instance.handle.id, result: guardedResult(pending.operation, outcome.results) });
    } else if (outcome.stops === "block") context.asleep = { timer: outcome.timer };
    return outcome;
  }

  #runRoutine<T>(cpu: Cpu, routine: KernelRoutine<T>, why: Resumption): RoutineEnd<T> {
    const lock = this.#takesBigLock ? this.#allocator.kernelLock : null;
    this.#kernel.cpu = cpu;
    try {
      if (lock?.tryAcquire() === false) throw new KernelFault(`CPU ${cpu.id} enters the kernel while another CPU holds ${lock.name}`);
      const end = this.#runToPoint(routine, why);
      lock?.release();
      const [forgotten] = this.#allocator.held(cpu.id);
      if (forgotten !== undefined) throw new KernelFault(`CPU ${cpu.id} leaves the kernel and holds ${forgotten.name}`);
      cpu.fence();
      return end;
    } finally {
      this.#kernel.cpu = null;
    }
  }

  #runToPoint<T>(routine: KernelRoutine<T>, why: Resumption): RoutineEnd<T> {
    let rule: string | null = null;
    for (let point = routine.next(why); ; point = routine.next("run")) {
      if (point.done === true) return { rule, stops: "done", results: point.value };
      switch (point.value.kind) {
        case "commit":
          if (rule !== null) throw new Error(`two commit points in one step: "${rule}" and "${point.value.rule}"`);
          rule = point.value.rule;
          break;
        case "pause":
          return { rule, stops: "pause", cpu: point.value.cpu };
        case "block":
          return { rule, stops: "block", timer: point.value.timer };
        case "spin":
          throw new KernelFault("a lock is taken although no other CPU is in the kernel");
      }
    }
  }

  #wake(thread: number): void {
    if (this.#context(thread).asleep === null) throw new Error(`the kernel wakes ${this.#context(thread).instance.name}, which does not sleep`);
    this.#woken.push(thread);
  }

  #kill(thread: number): void {
    const context = this.#context(thread);
    for (const path of this.paths) path.forget(thread);
    context.end = "finished";
    context.pending = null;
    context.call = null;
    context.asleep = null;
  }
}

/** The name of a step that is not a system call; it is also the name of its transition. */
function ruleName(step: Step): string {
  return step.kind === "memory" ? step.action : step.kind;
}
