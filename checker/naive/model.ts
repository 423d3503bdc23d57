/**
 * The transition system of a protocol, computed as it is explored: the initial state, and the moves of each state.
 * A move is one firing of one rule with the local computation of every thread whose operation it completes.
 */
import { CellHandle, IndexOutOfRange, type MemoryFrame, withMemory } from "../../model/language/memory.ts";
import { AssumptionFailed, CheckFailed, OutOfRange, UnhandledError } from "../../model/language/operation.ts";
import type { Instance, ViolationKind } from "../../model/language/protocol.ts";
import { KernelRules, type Effects, type KernelState, type World } from "./kernel.ts";
import { type Meeting, type Memory, memoryOf, type MemoryModel, type Way } from "./memory.ts";
import { ControlFlow } from "./reach.ts";
import { type ThreadState, Threads } from "./thread.ts";
import { fit, initialValue, type Sizes, textOf } from "./value.ts";

export interface State {
  readonly threads: readonly ThreadState[];
  /** By cell address. */
  readonly memory: readonly unknown[];
  readonly kernel: KernelState;
  /** What the memory model keeps besides. */
  readonly hidden: unknown;
  /** For each CPU the thread that ran last, where the scheduling needs it. */
  readonly current: readonly number[];
}
export interface Violation {
  readonly kind: ViolationKind;
  readonly property: string;
  readonly error: Error;
}
export type Outcome =
  /** `ended`: threads whose operations the step has ended. */
  | { readonly kind: "state"; readonly state: State; readonly ended: readonly number[] }
  | { readonly kind: "violation"; readonly violation: Violation }
  | { readonly kind: "pruned" };

export interface Move {
  readonly kind: "step" | "stop" | "background";
  /** -1: no thread acts. */
  readonly thread: number;
  readonly rule: string;
  readonly pick: number;
  /** A timer of the thread fires. */
  readonly timer: boolean;
  outcome(): Outcome;
}

interface Draft extends World, Memory {
  readonly memory: unknown[];
  readonly written: Set<number>;
  readonly threads: ThreadState[];
  readonly met: Meeting;
}
type Completions = { readonly thread: number; readonly result: unknown }[];

/** Which violation an error thrown by protocol or kernel code stands for; null: none, the error is a mistake of ours. */
export function violationOf(error: unknown): Violation | null {
  if (error instanceof CheckFailed) return { kind: "assertion", property: error.message, error };
  if (error instanceof UnhandledError) return { kind: "unhandled-error", property: error.message, error };
  if (error instanceof OutOfRange) return { kind: "out-of-range", property: error.message, error };
  // All indices outside one array are one finding.
  if (error instanceof IndexOutOfRange) return { kind: "out-of-range", property: error.message.replace(/index -?\d+/, "an index"), error };
  return null;
}

export class Model {
  readonly instance: Instance;
  readonly rules: KernelRules;
  readonly flows: readonly ControlFlow[];
  readonly memory: MemoryModel;
  readonly #threads: Threads;
  readonly #sizes: Sizes;

  constructor(instance: Instance) {
    this.instance = instance;
    this.rules = new KernelRules(instance);
    this.#threads = new Threads(instance);
    this.#sizes = { threads: instance.threads.length };
    this.flows = instance.threads.map((thread) => new ControlFlow(instance, thread));
    this.memory = memoryOf(instance, this.flows);
  }

  /** Every thread stands at its first operation. */
  initial(): Outcome {
    const memory = this.instance.memory.cells.map((cell) => initialValue(cell.domain));
    return attempt(() => {
      const threads = this.instance.threads.map((_, thread) => this.#threads.start(thread, memory));
      const current = Array.from({ length: this.instance.cpus }, () => -1);
      return { state: { threads, memory, kernel: this.rules.initial(), hidden: this.memory.start, current }, ended: [] };
    });
  }

  /** Equal texts mean equal states. */
  key(state: State): string {
    return `${state.threads.map(({ id }) => id).join()} ${state.current.join()} ${this.dataKey(state)}`;
  }
  /** All of a state but where its threads stand and what their locals hold. */
  dataKey(state: State): string {
    return `${state.memory.map(textOf).join()} ${state.kernel.map((group) => group.map((fields) => Object.values(fields).map(textOf).join()).join(";")).join("|")} ${this.memory.key(state.hidden)}`;
  }

  /** The enabled rules of the operation at which a thread stands. */
  moves(state: State, thread: number): readonly Move[] {
    const { pending } = state.threads[thread] as ThreadState;
    if (pending === null || this.rules.halt(this.world(state), thread) !== null) return [];
    const move = (rule: string, body: (draft: Draft, effects: Effects) => unknown, pick = 0, timer = false): Move => ({
      kind: "step",
      thread,
      rule,
      pick,
      timer,
      outcome: () => this.#fire(state, thread, body),
    });
    /** The rule with its guard; a violation inside of a guard is one of the rule. */
    const guarded = (rule: string, guard: () => boolean, body: (draft: Draft, effects: Effects) => unknown, timer = false): readonly Move[] => {
      try {
        return guard() ? [move(rule, body, 0, timer)] : [];
      } catch (error) {
        if (violationOf(error) === null) throw error;
        const fail = (): never => {
          throw error;
        };
        return [move(rule, fail, 0, timer)];
      }
    };
    switch (pending.kind) {
      case "memory":
      case "waitUntil":
      case "fence": {
        const rule = pending.kind === "memory" ? pending.action : pending.kind;
        const allows = (value: unknown): boolean => pending.kind !== "waitUntil" || withMemory(this.frame(state.memory), () => pending.predicate(value));
        const ways = attemptWays(() => this.memory.ways(this.#memoryOf(state), thread, pending, allows));
        return ways.map(({ pick, take }) => move(rule, take, pick));
      }
      case "choose":
        return pending.values.map((value, pick) => move("choose", () => value, pick));
      case "step":
        return guarded(
          "step",
          () =>
            this.memory.direct(state.hidden, thread) &&
            !this.memory.full(state.hidden, thread, state.threads[thread] as ThreadState) &&
            withMemory(this.frame(state.memory), pending.when),
          (draft) => this.memory.step(draft, thread, () => withMemory(this.frame(draft.memory, draft.memory, draft.written), pending.do)),
        );
      case "kernel": {
        const { operation, args } = pending;
        const looking = this.rules.looking(this.world(state), thread, args);
        return Object.entries(operation.rules).flatMap(([name, rule]) =>
          guarded(
            name,
            () => ((rule.drains ?? true) === false || this.memory.direct(state.hidden, thread)) && (rule.when?.(looking) ?? true),
            (draft, effects) => {
              const cells = Object.values(args).filter((value) => value instanceof CellHandle);
              this.memory.kernel(draft, thread, cells, rule.synchronises ?? true, () => {
                rule.do(this.rules.acting(draft, thread, args, effects));
                return draft.met;
              });
              return blocked;
            },
            rule.timer ?? false,
          ),
        );
      }
    }
  }

  /** The steps that no thread takes: those of the kernel, and those of memory. */
  background(state: State): readonly Move[] {
    const world = this.world(state);
    const drains = this.memory.background(this.#memoryOf(state)).map(({ cpu, pick, take }): Move => {
      const body = (draft: Draft): unknown => {
        take(draft);
        return blocked;
      };
      return { kind: "background", thread: -1, rule: `CPU ${cpu} drains`, pick, timer: false, outcome: () => this.#fire(state, -1, body) };
    });
    const kernel = this.rules.background.flatMap(({ name, rule, cpu }) => {
      if (!rule.when(this.rules.acting(world, -1, {}, null, cpu))) return [];
      const body = (draft: Draft, effects: Effects): unknown => {
        this.memory.kernel(draft, -1, [], true, () => {
          rule.do(this.rules.acting(draft, -1, {}, effects, cpu));
          return draft.met;
        });
        return blocked;
      };
      return [{ kind: "background", thread: -1, rule: name, pick: cpu, timer: false, outcome: () => this.#fire(state, -1, body) } satisfies Move];
    });
    return [...kernel, ...drains];
  }

  /** An untrusted thread stops for ever. */
  stop(state: State, thread: number): Move {
    return {
      kind: "stop",
      thread,
      rule: "stop",
      pick: 0,
      timer: false,
      outcome: () => ({ kind: "state", ended: [], state: { ...state, threads: state.threads.with(thread, this.#threads.ended(thread, "stopped")) } }),
    };
  }

  /** Memory as accesses find it. */
  #memoryOf(state: State): Memory {
    return { memory: [...state.memory], hidden: state.hidden, written: new Set(), isFinished: (thread) => state.threads[thread]?.status === "finished" };
  }

  /** The state as kernel code sees it. */
  world(state: State): World {
    return { memory: state.memory as unknown[], kernel: state.kernel, isFinished: (thread) => state.threads[thread]?.status === "finished" };
  }

  /** `.value` inside a step: reads the one memory, writes the other. */
  frame(from: readonly unknown[], to: unknown[] | null = null, written: Set<number> | null = null): MemoryFrame {
    return {
      read: (cell) => from[cell.address],
      write: (cell: CellHandle, value) => {
        if (to === null) throw new TypeError(`${cell.variable} is written in a guard`);
        written?.add(cell.address);
        to[cell.address] = fit(cell.domain, value, cell.variable, this.#sizes);
      },
    };
  }

  /** Runs a body on a copy of the state; then the threads that it has completed go on, the acting one first. */
  #fire(state: State, actor: number, body: (draft: Draft, effects: Effects) => unknown): Outcome {
    return attempt(() => {
      const threads = [...state.threads];
      const draft: Draft = {
        memory: [...state.memory],
        kernel: state.kernel.map((group) => group.map((fields) => ({ ...fields }))),
        threads,
        hidden: state.hidden,
        written: new Set(),
        met: { threads: new Set(), objects: new Set(), completed: new Set() },
        isFinished: (thread) => threads[thread]?.status === "finished",
      };
      const completions: Completions = [];
      const result = body(draft, {
        complete: (thread, given, operation) => {
          const pending = state.threads[thread]?.pending;
          const own = state.threads[actor]?.pending;
          const expected = operation ?? (own?.kind === "kernel" ? own.operation : null);
          draft.met.completed.add(thread);
          // A stopped thread stays where it is, whatever the kernel does with its operation.
          if (state.threads[thread]?.status === "stopped") return;
          if (pending?.kind !== "kernel" || pending.operation !== expected)
            throw new TypeError(`${expected?.name} is completed for a thread that does not stand at it`);
          completions.push({ thread, result: this.rules.result(pending.operation, given) });
        },
        terminate: (thread) => {
          this.rules.forget(draft.kernel, thread);
          threads[thread] = this.#threads.ended(thread, "finished");
        },
        use: (scope, index) => void (scope === "thread" ? draft.met.threads : draft.met.objects).add(index),
      });
      if (result !== blocked) completions.push({ thread: actor, result });
      for (const completion of completions.sort((a, b) => Number(b.thread === actor) - Number(a.thread === actor))) {
        const from = threads[completion.thread] as ThreadState;
        if (from.status === "running") threads[completion.thread] = this.#threads.resume(completion.thread, from, completion.result, draft.memory);
      }
      const next = { threads, memory: draft.memory, kernel: draft.kernel, hidden: draft.hidden, current: state.current };
      return { state: next, ended: completions.map(({ thread }) => thread) };
    });
  }
}

/** The ways of an access; a violation in the condition of a wait is the one way that it has. */
function attemptWays(ways: () => readonly Way[]): readonly Way[] {
  try {
    return ways();
  } catch (error) {
    if (violationOf(error) === null) throw error;
    const take = (): never => {
      throw error;
    };
    return [{ pick: 0, take }];
  }
}

/** The body of a kernel rule says by `complete` who goes on; nobody does by itself. */
const blocked = Symbol("blocked");

function attempt(body: () => { readonly state: State; readonly ended: readonly number[] }): Outcome {
  try {
    return { kind: "state", ...body() };
  } catch (error) {
    if (error instanceof AssumptionFailed) return { kind: "pruned" };
    const violation = violationOf(error);
    if (violation === null) throw error;
    return { kind: "violation", violation };
  }
}
