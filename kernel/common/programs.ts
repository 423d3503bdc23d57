/**
 * The protocol's user programs on the kernel: their own generator functions, run natively between two operations, and the
 * operations of the language itself, which need no kernel. What goes wrong in them is noted here as the violation it is.
 *
 * Caller holds: no section.
 */
import { IndexOutOfRange, withMemory } from "../../model/language/memory.ts";
import { AssumptionFailed, CheckFailed, OutOfRange, type Step, UnhandledError } from "../../model/language/operation.ts";
import type { Microkernel } from "./microkernel.ts";
import type { Thread } from "./thread.ts";
import type { UserPort } from "./user-memory.ts";

/** What went wrong natively, where the program or the kernel met it. */
export interface NativeViolation {
  /** `error`: the program itself threw, as JavaScript does where the model has an index out of range. */
  readonly kind: "assertion" | "unhandled-error" | "out-of-range" | "error";
  readonly message: string;
  readonly thread: number | null;
}

/** The machine was asked for something that it cannot do: the schedule is not one of this machine's. */
export class NotPossible extends Error {}

type UserStep = Exclude<Step, { kind: "kernel" }>;

export class Programs {
  readonly #kernel: Microkernel;
  #violation: NativeViolation | null = null;
  #pruned = false;

  constructor(kernel: Microkernel) {
    this.#kernel = kernel;
  }

  /** Set once a violation has happened; nothing runs after it. Caller holds: nothing. */
  get violation(): NativeViolation | null {
    return this.#violation;
  }
  /** An `assume` failed: no such schedule exists. Caller holds: nothing. */
  get pruned(): boolean {
    return this.#pruned;
  }
  /** Caller holds: nothing. */
  get hasEnded(): boolean {
    return this.#violation !== null || this.#pruned;
  }

  /** Runs code of the protocol or of a path and turns the violations that it throws into reports. Caller holds: nothing. */
  guard<T>(thread: number | null, body: () => T, otherwise: T): T {
    try {
      return body();
    } catch (error) {
      this.failed(thread, error);
      return otherwise;
    }
  }

  /** Notes the violation that an error of the protocol's code or of a path stands for; throws any other. Caller holds: nothing. */
  failed(thread: number | null, error: unknown): void {
    if (error instanceof CheckFailed) this.#violation = { kind: "assertion", message: error.message, thread };
    else if (error instanceof UnhandledError) this.#violation = { kind: "unhandled-error", message: error.message, thread };
    else if (error instanceof OutOfRange || error instanceof IndexOutOfRange) this.#violation = { kind: "out-of-range", message: error.message, thread };
    else if (error instanceof AssumptionFailed) this.#pruned = true;
    else throw error;
  }

  /** Local computation of a thread up to its next operation. */
  resume(thread: Thread, result: unknown): void {
    try {
      const next = withMemory(this.#kernel.user.ghostFrame, () => this.#run(thread, result));
      if (next === null) return;
      thread.pending = next.done === true ? null : this.#fitted(next.value);
      if (next.done === true) this.#kernel.retire(thread);
    } catch (error) {
      this.failed(thread.id, error);
    }
  }

  /** Whether the condition of a pending `step` or `waitUntil` holds: seen from outside or, with its port, by the program. */
  condition(thread: Thread, step: Extract<Step, { kind: "step" | "waitUntil" }>, view: UserPort = this.#kernel.view(thread)): boolean {
    return step.kind === "step" ? withMemory(this.#kernel.user.stepFrame(view), step.when) : step.predicate(this.#kernel.user.read(view, step.cell));
  }

  /** Performs an operation that is no system call, on the thread's CPU in user mode, and returns what the program gets. */
  perform(thread: Thread, step: UserStep, pick: number): unknown {
    const { user } = this.#kernel;
    const port = thread.ports.program;
    switch (step.kind) {
      case "memory":
        return user.perform(port, step);
      case "fence":
        if (step.order === "seq_cst") port.fence();
        else if (step.order === "release" || step.order === "acq_rel") port.storeBarrier();
        return undefined;
      case "choose":
        if (pick >= step.values.length) throw new NotPossible(`thread ${thread.name} chooses among ${step.values.length} values; there is no value ${pick}`);
        return step.values[pick];
      case "waitUntil":
        if (!this.condition(thread, step)) throw new NotPossible(`thread ${thread.name} waits for a condition that is false`);
        return user.read(port, step.cell);
      case "step":
        if (!this.condition(thread, step)) throw new NotPossible(`thread ${thread.name} stands at a step whose condition is false`);
        return this.#locked(thread, port, () => withMemory(user.stepFrame(port), step.do));
    }
  }

  /** A guarded step acts on memory itself, as an operation with a lock does. */
  #locked<T>({ cpu }: Thread, port: UserPort, body: () => T): T {
    if (cpu.buffer.length > 0) port.fence();
    const result = body();
    if (cpu.buffer.length > 0) port.fence();
    return result;
  }

  /** A system call with its arguments as their domains take them. */
  #fitted(step: Step): Step {
    if (step.kind !== "kernel") return step;
    const args = this.#kernel.fit(step);
    return args === step.args ? step : { ...step, args };
  }

  /** Null if the program threw an error of its own. */
  #run({ program, id }: Thread, result: unknown): IteratorResult<Step, void> | null {
    try {
      return program.next(result);
    } catch (error) {
      if (!(error instanceof TypeError || error instanceof RangeError)) throw error;
      this.#violation = { kind: "error", message: `${error.name}: ${error.message}`, thread: id };
      return null;
    }
  }
}

/** The name of a step that is not a system call; it is also the name of its transition. Caller holds: nothing. */
export function ruleName(step: Step): string {
  return step.kind === "memory" ? step.action : step.kind;
}
