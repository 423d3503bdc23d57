/**
 * The properties of a state, each as its definition in docs/architecture.md reads: sets of threads that nobody will
 * wake, data races, invariants; and lost wakeups, which are a property of the whole graph of states.
 */
import type { CellHandle } from "../../model/language/memory.ts";
import { withMemory } from "../../model/language/memory.ts";
import type { StepBody } from "../../model/language/operation.ts";
import type { ViolationKind } from "../../model/language/protocol.ts";
import type { StateContext, Wait } from "../../model/language/kernel.ts";
import type { DomainShape } from "../../model/language/domain.ts";
import type { Model, Move, Outcome, State } from "./model.ts";
import { type ControlFlow, type Place, touchedBy } from "./reach.ts";
import { permitted, type Schedule } from "./scheduling.ts";

export interface Problem {
  readonly kind: ViolationKind;
  readonly property: string;
  readonly message: string;
  readonly threads: readonly number[];
}
/** What can happen in a state: for each thread its moves with what they lead to, whoever the scheduler lets run. */
export type Possibilities = readonly (readonly { readonly move: Move; readonly outcome: Outcome }[])[];

/** A thread that cannot go on by itself. */
export interface Waiting {
  /** Names the wait: the same in two states if the thread waits in the same way. */
  readonly name: string;
  readonly says: string;
  readonly idle: boolean;
  /** The condition slept for has come true. */
  readonly until: boolean;
  readonly wakers: readonly number[];
  /** The kernel itself may still end it. */
  readonly passing?: boolean;
}

/** At most so many steps of a thread are tried to find that it spins. */
const longestSpin = 1000;

export class Properties {
  readonly #model: Model;
  readonly #flow: readonly ControlFlow[];

  constructor(model: Model) {
    this.#model = model;
    this.#flow = model.flows;
  }

  /** Every problem of a state. */
  problems(state: State, possible: Possibilities, schedule: Schedule): readonly Problem[] {
    return [...this.#blockedSet(state, possible, schedule), ...this.#races(state), ...this.#invariants(state)];
  }

  /** Why a thread that can make no step waits; null if it can, or has ended. */
  waiting(state: State, possible: Possibilities, thread: number): Waiting | null {
    const here = state.threads[thread];
    if (here?.status !== "running" || here.pending === null || possible[thread]?.length !== 0) return null;
    const { pending } = here;
    const others = state.threads.map((_, other) => other).filter((other) => other !== thread && state.threads[other]?.status === "running");
    const can = (other: number, test: (place: Place) => boolean): boolean =>
      [...(this.#flow[other]?.from(state.threads[other]?.position ?? "") ?? [])].some(test);
    const place = this.#flow[thread]?.at(here.position) ?? null;
    const halt = this.#model.rules.halt(this.#model.world(state), thread);
    const named = (wait: Wait, context: StateContext, meets: (step: StepBody) => boolean): readonly number[] =>
      others.filter((other) =>
        wait.wakers.some(
          ({ by, anywhere, when }) =>
            (by === "anything" ||
              can(
                other,
                ({ steps }) =>
                  steps === null || steps.some((step) => step.kind === "kernel" && by.includes(step.operation.name) && (anywhere === true || meets(step))),
              )) &&
            (when?.(context, this.#model.instance.threads[other]?.handle as never) ?? true),
        ),
      );
    if (halt !== null) {
      const { wait, context } = halt;
      const wakers = named(wait, context, () => true);
      return {
        name: `halt: ${wait.says}`,
        says: wait.says,
        idle: wait.idle?.(context) ?? false,
        until: wait.until?.(context) ?? false,
        wakers,
        passing: wait.passing?.(context) ?? false,
      };
    }
    if (pending.kind !== "kernel") {
      const cells = readBy(place, this.#model.instance.memory.cells);
      const wakers = others.filter((other) => can(other, ({ steps, writes }) => steps === null || cells.some((cell) => writes.has(cell))));
      return { name: pending.kind, says: "waiting for a condition", idle: false, until: false, wakers };
    }
    const { operation, args } = pending;
    const context = this.#model.rules.looking(this.#model.world(state), thread, args);
    const wait = this.#model.rules.waitOf(operation, context);
    if (wait === null) return { name: operation.name, says: `blocked in ${operation.name}`, idle: false, until: false, wakers: [] };
    const mine = referencesOf(place?.steps ?? null);
    const wakers = named(wait, context, (step) => mayMeet(mine, referencesOf([step])));
    return {
      name: `${operation.name}: ${wait.says}`,
      says: wait.says,
      idle: wait.idle?.(context) ?? false,
      until: wait.until?.(context) ?? false,
      wakers,
      passing: wait.passing?.(context) ?? false,
    };
  }

  /** The greatest set of threads of which each can only be woken by others of the set, or by threads that may stop. */
  #blockedSet(state: State, possible: Possibilities, schedule: Schedule): readonly Problem[] {
    const { threads } = this.#model.instance;
    const waits = new Map<number, Waiting>();
    const unfinished = threads.map((_, thread) => thread).filter((thread) => state.threads[thread]?.status !== "finished");
    for (const thread of unfinished) {
      const wait = this.waiting(state, possible, thread);
      const at = state.threads[thread];
      // What memory or the kernel may end by itself is no wait for others.
      if (wait !== null && wait.passing !== true && at !== undefined && !this.#model.memory.transient(state.hidden, thread, at)) waits.set(thread, wait);
    }
    const spinners = this.#model.memory.settled(state.hidden) ? this.#spinners(state, possible, schedule) : [];
    for (const thread of spinners) {
      waits.set(thread, { name: "spinning", says: "spinning", idle: false, until: false, wakers: unfinished.filter((other) => other !== thread) });
    }
    const held = schedule.flatMap(({ chosen, others }) => {
      if (chosen.some((thread) => possible[thread]?.length && !spinners.includes(thread))) return [];
      return others.filter((thread) => !waits.has(thread) && !possible[thread]?.some(({ move }) => move.timer)).map((thread) => ({ thread, chosen }));
    });
    // Where priorities are inherited, whoever goes on may give one to a thread that is held back.
    const goOn = unfinished.filter(
      (thread) => state.threads[thread]?.status === "running" && !waits.has(thread) && !held.some((each) => each.thread === thread),
    );
    const givers = this.#model.instance.protocol.kernel.inherited === null ? [] : goOn;
    for (const { thread, chosen } of held)
      waits.set(thread, { name: "held back", says: "held back by a spinning thread", idle: false, until: false, wakers: [...new Set([...chosen, ...givers])] });

    const stoppable = (thread: number): boolean => threads[thread]?.untrusted !== false || state.threads[thread]?.status === "stopped";
    const set = new Set(waits.keys());
    for (let changed = true; changed; ) {
      changed = false;
      for (const thread of set) {
        if (waits.get(thread)?.wakers.some((waker) => !set.has(waker) && !stoppable(waker))) changed = set.delete(thread);
      }
    }
    const harmed = [...set].filter((thread) => threads[thread]?.untrusted === false && !waits.get(thread)?.idle);
    if (harmed.length === 0) return [];

    const involved = new Set(harmed);
    for (const thread of involved) if (set.has(thread)) for (const waker of waits.get(thread)?.wakers ?? []) involved.add(waker);
    const wakers = new Set([...involved].flatMap((thread) => (set.has(thread) ? (waits.get(thread)?.wakers ?? []) : [])));
    const kind = harmed.some((thread) => waits.get(thread)?.until)
      ? "lost-wakeup"
      : [...wakers].some((waker) => threads[waker]?.untrusted !== false)
        ? "unreplied-call"
        : "deadlock";
    const message = harmed.map((thread) => `${threads[thread]?.name} is ${waits.get(thread)?.says} and nobody will wake it`).join("; ");
    return [{ kind, property: kind, message, threads: [...set].sort((a, b) => a - b) }];
  }

  /**
   * Threads that end up going round in circles: where no step that may come next changes anything but where threads stand,
   * those that run alone, without a choice and without changing anything, come to a state where they have been before.
   */
  #spinners(state: State, possible: Possibilities, schedule: Schedule): readonly number[] {
    const model = this.#model;
    const data = model.dataKey(state);
    const unchanged = (outcome: Outcome): boolean => outcome.kind === "state" && model.dataKey(outcome.state) === data;
    const next = permitted(possible, schedule);
    if (!next.every((moves) => moves.every(({ outcome }) => outcome.kind === "pruned" || unchanged(outcome)))) return [];
    const running = [...next.keys()].filter((thread) => next[thread]?.length);
    return running.filter((thread) => {
      let here = state;
      const visited = new Set([model.key(here)]);
      for (let steps = 0; steps < longestSpin; steps++) {
        const [only, ...more] = model.moves(here, thread);
        if (only === undefined || more.length > 0) return false;
        const outcome = only.outcome();
        if (outcome.kind !== "state" || !unchanged(outcome)) return false;
        here = outcome.state;
        const key = model.key(here);
        if (visited.has(key)) return true;
        visited.add(key);
      }
      return false;
    });
  }

  /** Next accesses that are not ordered: with each other, or under release/acquire with what has been. */
  #races(state: State): readonly Problem[] {
    const before = state.threads.flatMap(({ pending }, thread): readonly Problem[] => {
      const others = pending === null ? null : this.#model.memory.races(state.hidden, thread, pending);
      const [other] = others ?? [];
      if (other === undefined || (pending?.kind !== "memory" && pending?.kind !== "waitUntil")) return [];
      const name = (each: number): string => this.#model.instance.threads[each]?.name ?? "";
      const message = `the next access of ${name(thread)} to ${pending.cell.variable} is not ordered with an earlier one of ${name(other)}`;
      return [{ kind: "data-race", property: pending.cell.variable, message, threads: [thread, other] }];
    });
    if (this.#model.instance.memoryModel.model === "ra") return before;
    const accesses = state.threads.flatMap(({ pending }, thread) => {
      if (pending?.kind === "memory")
        return [
          { thread, cell: pending.cell, write: pending.action !== "read" && pending.action !== "load", plain: pending.order === "plain", what: pending.action },
        ];
      return pending?.kind === "waitUntil" ? [{ thread, cell: pending.cell, write: false, plain: pending.order === "plain", what: "waitUntil" }] : [];
    });
    const races = new Map<string, Problem>();
    for (const [index, a] of accesses.entries()) {
      for (const b of accesses.slice(index + 1)) {
        if (a.cell !== b.cell || !(a.write || b.write) || !(a.plain || b.plain) || races.has(a.cell.variable)) continue;
        const name = (thread: number): string => this.#model.instance.threads[thread]?.name ?? "";
        races.set(a.cell.variable, {
          kind: "data-race",
          property: a.cell.variable,
          message: `${a.what} of ${name(a.thread)} and ${b.what} of ${name(b.thread)} are not ordered`,
          threads: [a.thread, b.thread],
        });
      }
    }
    return [...races.values()];
  }

  #invariants(state: State): readonly Problem[] {
    const { protocol, parameters } = this.#model.instance;
    const values = this.memoryValues(state);
    const problems: Problem[] = [];
    for (const [name, holds] of Object.entries(protocol.invariants)) {
      const view = { ...values, ...parameters };
      if (!withMemory(this.#model.frame(state.memory), () => holds(view as never)))
        problems.push({ kind: "invariant", property: name, message: `${name} does not hold`, threads: [] });
    }
    return problems;
  }

  /** Memory by name, with records and arrays put together again from their cells. */
  memoryValues(state: State): Record<string, unknown> {
    let address = 0;
    const value = (domain: DomainShape): unknown => {
      switch (domain.kind) {
        case "ghost":
          return value(domain.of);
        case "array":
          return Array.from({ length: domain.length }, () => value(domain.of));
        case "record":
          return Object.fromEntries(Object.entries(domain.fields).map(([name, of]) => [name, value(of)]));
        default:
          return state.memory[address++];
      }
    };
    return Object.fromEntries(Object.entries(this.#model.instance.protocol.memory).map(([name, domain]) => [name, value(domain)]));
  }
}

/** The cells that the condition of a place reads. */
function readBy(place: Place | null, all: readonly CellHandle[]): readonly CellHandle[] {
  if (place === null || place.steps === null) return all;
  return place.steps.flatMap((step) => {
    switch (step.kind) {
      case "memory":
        return [step.cell];
      case "waitUntil":
        return [step.cell, ...touchedBy(step.predicate).reads];
      case "step":
        return [...touchedBy(step.when).reads];
      default:
        return [];
    }
  });
}

/** The cells and objects that operations name; null: any. */
function referencesOf(steps: readonly StepBody[] | null): { readonly cells: ReadonlySet<unknown> | null; readonly objects: ReadonlySet<unknown> | null } {
  const named = (kind: "cell" | "object"): ReadonlySet<unknown> | null => {
    const values = steps?.flatMap((step) =>
      step.kind === "kernel"
        ? Object.entries(step.operation.args)
            .flatMap(([name, domain]) => (domain.kind === kind ? [(step.args as Partial<typeof step.args> | undefined)?.[name]] : []))
            .slice(0, 1)
        : [],
    );
    return values === undefined || values.length === 0 || values.includes(undefined) ? null : new Set(values);
  };
  return { cells: named("cell"), objects: named("object") };
}
/** Whether two operations may name the same cell and the same object. */
function mayMeet(a: ReturnType<typeof referencesOf>, b: ReturnType<typeof referencesOf>): boolean {
  const meet = (left: ReadonlySet<unknown> | null, right: ReadonlySet<unknown> | null): boolean =>
    left === null || right === null || [...left].some((each) => right.has(each));
  return meet(a.cells, b.cells) && meet(a.objects, b.objects);
}
