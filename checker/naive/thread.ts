/**
 * Threads as values. A thread's state is where it stands and what its locals hold; its future depends on nothing else,
 * so states with the same text are one object. Each remembers one list of results that leads to it: to go on from there,
 * a new walk is given the same results again and then the new one.
 */
import type { CellHandle, MemoryFrame } from "../../model/language/memory.ts";
import { withMemory } from "../../model/language/memory.ts";
import { OutOfRange, type Site, type StepBody } from "../../model/language/operation.ts";
import type { Instance, ThreadInstance } from "../../model/language/protocol.ts";
import type { Pending } from "./expressions.ts";
import { anythingHeld, generalClient } from "./general-client.ts";
import { fit, guardResult, type Sizes, textOf } from "./value.ts";
import { Walk } from "./walk.ts";

export interface ThreadState {
  /** Number among all thread states of the search: equal numbers mean equal states. */
  readonly id: number;
  readonly status: "running" | "finished" | "stopped";
  /** The operation that it stands at; null unless it runs. */
  readonly pending: Pending | null;
  /** The stack of `yield*` that it is inside of. */
  readonly position: string;
  readonly site: Site | null;
  /** The operation as the source names it. */
  readonly label: string;
  /** Results of its operations, and the values of ghost memory that it read, in order. */
  readonly history: readonly unknown[];
}

/** What a thread did to ghost memory while it computed. */
interface Computation {
  readonly next: ThreadState;
  readonly writes: readonly { readonly cell: CellHandle; readonly value: unknown }[];
}

/** The threads of one search. */
export class Threads {
  readonly #instance: Instance;
  readonly #ghosts: readonly CellHandle[];
  readonly #sizes: Sizes;
  readonly #known: Map<string, ThreadState> = new Map();
  readonly #computations: Map<string, Computation | { readonly error: unknown }> = new Map();

  readonly #steps: Map<ThreadInstance, readonly StepBody[]> = new Map();

  constructor(instance: Instance) {
    this.#instance = instance;
    this.#ghosts = instance.memory.cells.filter((cell) => cell.isGhost);
    this.#sizes = { threads: instance.threads.length };
  }

  /** A thread that has ended, or stopped for ever. */
  ended(thread: number, status: "finished" | "stopped"): ThreadState {
    return this.#intern(`${thread} ${status}`, { status, pending: null, position: "", site: null, label: "", history: [] });
  }

  /** The thread before its first operation. */
  start(thread: number, memory: unknown[]): ThreadState {
    return this.#compute(thread, `${thread}`, [], memory);
  }

  /** The thread after its operation has given `result`. Throws what the local computation throws. */
  resume(thread: number, from: ThreadState, result: unknown, memory: unknown[]): ThreadState {
    return this.#compute(thread, `${thread} ${from.id} ${textOf(result)}`, [...from.history, result], memory);
  }

  /** `key` and the ghost memory determine the outcome, so every computation is walked once. */
  #compute(thread: number, key: string, history: readonly unknown[], memory: unknown[]): ThreadState {
    const full = `${key} ${this.#ghosts.map((cell) => textOf(memory[cell.address])).join()}`;
    let known = this.#computations.get(full);
    if (known === undefined) {
      try {
        known = this.#walk(thread, history, [...memory]);
      } catch (error) {
        known = { error };
      }
      this.#computations.set(full, known);
    }
    if ("error" in known) throw known.error;
    for (const { cell, value } of known.writes) memory[cell.address] = value;
    return known.next;
  }

  #walk(thread: number, past: readonly unknown[], memory: unknown[]): Computation {
    const instance = this.#instance.threads[thread];
    if (instance === undefined) throw new RangeError(`there is no thread ${thread}`);
    const history = [...past];
    const writes: { cell: CellHandle; value: unknown }[] = [];
    let done = 0;
    const ghostMemory: MemoryFrame = {
      read: (cell) => {
        if (done === history.length) history.push(memory[cell.address]);
        return history[done++];
      },
      write: (cell, value) => {
        const held = fit(cell.domain, value, cell.variable, this.#sizes);
        if (done < history.length) return;
        memory[cell.address] = held;
        writes.push({ cell, value: held });
      },
    };
    const walk = new Walk();
    const walking = instance.run === null ? generalClient(this.#clientSteps(instance)) : walk.body(instance.run, instance.context);
    let end = withMemory(ghostMemory, () => walking.next());
    while (!end.done && done < history.length) {
      const step = end.value;
      const result = history[done++];
      const value = step.kind === "kernel" ? guardResult(result as Record<string, unknown>, step.operation.guarded) : result;
      end = withMemory(ghostMemory, () => walking.next(value));
    }
    if (end.done) return { next: this.ended(thread, "finished"), writes };
    const pending = this.#checkArguments(end.value);
    const position = walk.position();
    const next = this.#intern(`${thread} ${position} ${walk.locals()}${argumentsOf(pending)}`, {
      status: "running",
      pending,
      position,
      site: walk.site(),
      label: walk.label(),
      history,
    });
    return { next, writes };
  }

  #clientSteps(thread: ThreadInstance): readonly StepBody[] {
    let steps = this.#steps.get(thread);
    if (steps === undefined) this.#steps.set(thread, (steps = anythingHeld(this.#instance, thread)));
    return steps;
  }

  /** Arguments of kernel operations must lie in their declared domains. */
  #checkArguments(step: Pending): Pending {
    if (step.kind === "choose" && step.values.length === 0) throw new OutOfRange("choose() has no values");
    if (step.kind !== "kernel") return step;
    const { name, args: domains } = step.operation;
    const args = Object.fromEntries(
      Object.entries(domains).map(([argument, domain]) => [argument, fit(domain, step.args[argument], `${name}: ${argument}`, this.#sizes)]),
    );
    return { ...step, args };
  }

  #intern(text: string, state: Omit<ThreadState, "id">): ThreadState {
    let known = this.#known.get(text);
    if (known === undefined) this.#known.set(text, (known = { id: this.#known.size, ...state }));
    return known;
  }
}

/**
 * What distinguishes operations at one position: arguments follow from the locals, except where they come from ghost memory; the most
 * general client performs every operation at one and the same position.
 */
function argumentsOf(step: Pending): string {
  switch (step.kind) {
    case "memory":
      return `${step.action} ${step.cell.address} ${step.args.map(textOf).join()}`;
    case "kernel":
      return `${step.operation.name} ${textOf(step.args)}`;
    case "choose":
      return step.values.map(textOf).join();
    case "waitUntil":
      return `${step.cell.address}`;
    case "fence":
    case "step":
      return "";
  }
}
