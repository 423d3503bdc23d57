/**
 * From what the generated code has noted to findings: groups of states (or failing transitions) with one violated
 * property, then for each group the path, the threads concerned and a message, from the interpreter.
 */
import { EndlessLoop, evaluate, fire, initialState } from "../../model/system/interpret.ts";
import type { Site } from "../../model/language/operation.ts";
import type { Location, State, System } from "../../model/system/system.ts";
import { blockedAnalysis } from "../properties/blocked.ts";
import { blockedProblem, invariantProblem, raceProblem, standing, raceProperty } from "../properties/problems.ts";
import { type Race, races } from "../properties/races.ts";
import type { Finding, PathStep } from "../result.ts";
import type { Pause } from "./crew.ts";
import { blockedKinds, findingKind } from "./code/context.ts";
import { Growing } from "./growing.ts";
import { type Layout, unpack } from "./layout.ts";
import type { Fails, Orbits } from "./orbits.ts";
import { type Failing, shortestPaths, type Target } from "./paths.ts";
import type { RawFinding, Store } from "./store.ts";

type Kind = Finding["kind"];
interface Group {
  readonly kind: Kind;
  readonly property: string;
  /** Failure, invariant or variable, for the message. */
  readonly detail: number;
  readonly states: Growing;
  /** Transitions of states that fail, by position. */
  readonly failing: { readonly states: Growing; readonly transitions: Growing; readonly picks: Growing };
}

export class Findings {
  readonly #system: System;
  readonly #layout: Layout;
  readonly #store: Store;
  readonly #orbits: Orbits | null;
  readonly #groups = new Map<string, Group>();
  /** Transitions that were violations. */
  failures = 0;

  constructor(system: System, layout: Layout, store: Store, orbits: Orbits | null = null) {
    this.#orbits = orbits;
    this.#system = system;
    this.#layout = layout;
    this.#store = store;
  }
  get some(): boolean {
    return this.#groups.size > 0;
  }

  #siteOf(transition: number): Site | null {
    const { thread, location } = this.#system.transitions[transition] ?? { thread: null, location: null };
    return thread === null || location === null ? null : (this.#system.processes[thread]?.locations[location]?.site ?? null);
  }

  #group(kind: Kind, property: string, detail: number): Group {
    const key = `${kind} ${property}`;
    const group = this.#groups.get(key) ?? {
      kind,
      property,
      detail,
      states: new Growing(),
      failing: { states: new Growing(), transitions: new Growing(), picks: new Growing() },
    };
    this.#groups.set(key, group);
    return group;
  }

  add({ kind, detail, transition, pick, state }: RawFinding): void {
    const { failures, invariants } = this.#system;
    const blocked = (what: (typeof blockedKinds)[number]): void => void this.#group(what, what, 0).states.push(state);
    switch (kind) {
      case findingKind.failure: {
        const failure = failures[detail];
        if (failure === undefined) throw new RangeError(`there is no failure ${detail}`);
        this.failures++;
        const { failing } = this.#group(failure.kind, failure.message, detail);
        failing.states.push(state);
        failing.transitions.push(transition);
        failing.picks.push(pick);
        return;
      }
      case findingKind.blocked:
        return blocked(blockedKinds[detail] ?? "deadlock");
      case findingKind.invariant:
        this.#group("invariant", invariants[detail]?.name ?? "", detail).states.push(state);
        return;
      case findingKind.race:
        this.#group("data-race", raceProperty(this.#system, detail), detail).states.push(state);
        return;
      case findingKind.spinning: {
        const { violation } = blockedAnalysis(this.#system, unpack(this.#layout, this.#store.words(state)));
        if (violation !== null) blocked(violation.kind);
        return;
      }
      case findingKind.endless:
        throw new EndlessLoop(this.#siteOf(transition));
      default:
        throw new RangeError(`a finding of unknown kind ${kind}`);
    }
  }
  addLost(states: Float64Array): void {
    if (states.length === 0) return;
    const group = this.#group("lost-wakeup", "lost-wakeup", 0);
    for (const state of states) group.states.push(state);
  }

  /** Findings with their paths, in order; null if there is no memory to find these. `levels[k]` is the number of the first state of level k. */
  async finish(levels: readonly number[], pause: Pause): Promise<readonly Finding[] | null> {
    const groups = [...this.#groups.values()];
    const targets = groups.map((group) => targetOf(group, levels, this.#fails(group)));
    const paths = await shortestPaths(this.#system, this.#store, levels, targets, pause, this.#orbits);
    return paths && inOrder(groups.map((group, i) => this.#finding(group, paths[i] ?? [], targets[i]?.states.length === 0)));
  }

  /** The same with the one path by which each state was found, for searches that keep no states. */
  async finishBy(pathTo: (state: number) => readonly PathStep[], levels: readonly number[]): Promise<readonly Finding[]> {
    const found: Finding[] = [];
    for (const group of this.#groups.values()) {
      const fails = this.#fails(group);
      const { states, failing } = targetOf(group, levels, fails);
      const least = (list: Float64Array): number => list.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
      const state = least(states.length > 0 ? states : failing.states);
      const last = [...failing.states.keys()]
        .filter((i) => failing.states[i] === state)
        .map((i) => ({ transition: failing.transitions[i] ?? 0, pick: failing.picks[i] ?? 0 }))
        .sort((a, b) => a.transition - b.transition || a.pick - b.pick)
        .slice(0, 1);
      const path = [...pathTo(state), ...last];
      found.push(this.#finding(group, (await this.#orbits?.along(path, fails)) ?? path, last.length > 0));
    }
    return inOrder(found);
  }

  /** The failures that are this group's property. */
  #fails({ kind, property }: Group): Fails {
    return (failure) => this.#system.failures[failure]?.kind === kind && this.#system.failures[failure]?.message === property;
  }

  #finding({ kind, property, detail }: Group, path: readonly PathStep[], failing: boolean): Finding {
    const system = this.#system;
    const { state, failure, thread } = replay(system, path);
    const found = { kind, property, path, failing };
    if (failing) {
      const what = system.failures[failure];
      return { ...found, message: what?.message ?? property, site: what?.site ?? null, threads: thread === null ? [] : [thread] };
    }
    if (kind === "invariant") return { ...found, ...invariantProblem(system, detail) };
    if (kind === "data-race") {
      const race = races(system, state).find(({ variable }) => variable === detail);
      if (race === undefined) throw new Error("the generated code and the interpreter disagree about a race");
      return { ...found, ...raceProblem(system, state, race, lastAccess(system, path, race)) };
    }
    const { waiting, violation } = blockedAnalysis(system, state);
    if (violation !== null) return { ...found, ...blockedProblem(system, waiting, violation), kind, property };
    const asleep = waiting.filter(({ until, idle, thread: sleeper }) => until && !idle && system.processes[sleeper]?.stoppable === false);
    const [first] = asleep;
    return {
      ...found,
      message: `${system.processes[first?.thread ?? 0]?.name ?? ""} is ${first?.says}, what it waits for is true, and nobody will wake it`,
      site: null,
      threads: asleep.map(({ thread: sleeper }) => sleeper),
    };
  }
}

/** The shortest paths first. */
export function inOrder(findings: readonly Finding[]): readonly Finding[] {
  return findings.toSorted((a, b) => a.path.length - b.path.length || compare(a.kind, b.kind) || compare(a.property, b.property));
}

/** What of a group is nearest to the start. */
function targetOf({ states, failing }: Group, levels: readonly number[], fails: Fails): Target {
  const least = [states.items, failing.states.items].reduce((all, list) => list.reduce((a, b) => Math.min(a, b), all), Number.POSITIVE_INFINITY);
  const level = levels.findLastIndex((first) => first <= least);
  const end = levels[level + 1] ?? Number.POSITIVE_INFINITY;
  // A state's own violation makes a shorter path than one of its transitions.
  const here = states.items.filter((state) => state < end);
  const none: Failing = { states: new Float64Array(), transitions: new Float64Array(), picks: new Float64Array() };
  if (here.length > 0) return { level, fails, states: here, failing: none };
  const { items } = failing.states;
  const order = Uint32Array.from(items.keys())
    .filter((i) => (items[i] ?? 0) < end)
    .sort((a, b) => (items[a] ?? 0) - (items[b] ?? 0) || a - b);
  const of = (list: Growing): Float64Array => Float64Array.from(order, (i) => list.items[i] ?? 0);
  return { level, fails, states: here, failing: { states: of(failing.states), transitions: of(failing.transitions), picks: of(failing.picks) } };
}

/** Where the earlier access of a race was made last. */
function lastAccess(system: System, path: readonly PathStep[], { variable, index, threads: [, thread], before }: Race): Location | null {
  const start = initialState(system);
  if (before === null) return null;
  let found: Location | null = null;
  let state = start.kind === "state" ? start.state : null;
  for (const step of path) {
    if (state === null) break;
    const location = system.transitions[step.transition]?.thread === thread ? standing(system, state, thread) : null;
    const access = location?.access ?? null;
    if (access !== null && access.variable === variable && access.write === before.write && access.plain === before.plain) {
      if ((access.index === null ? 0 : evaluate(state, access.index)) === index) found = location;
    }
    const outcome = fire(system, state, step);
    state = outcome.kind === "state" ? outcome.state : null;
  }
  return found;
}

/** Where a path leads: the last state, and the failure if its last step is one. */
function replay(system: System, path: readonly PathStep[]): { readonly state: State; readonly failure: number; readonly thread: number | null } {
  const start = initialState(system);
  if (start.kind !== "state") throw new Error("the initial state is gone");
  let { state } = start;
  for (const step of path) {
    const outcome = fire(system, state, step);
    if (outcome.kind === "failure") return { state, failure: outcome.failure, thread: outcome.thread };
    if (outcome.kind === "pruned") throw new Error("the generated code and the interpreter disagree about a path");
    state = outcome.state;
  }
  return { state, failure: -1, thread: null };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
