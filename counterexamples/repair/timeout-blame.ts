/**
 * What a counterexample rests on. An operation's timeouts are not to blame if, whatever they are, the same steps lead through the
 * same states to the same violation. That is asked of each operation by itself, and then holds of all of them together: a step
 * depends on the state and on the timeouts of its own operation alone, and so does whether a thread is blocked, and by whom.
 */
import { blockedAnalysis } from "../../checker/properties/blocked.ts";
import { problemsOf } from "../../checker/properties/problems.ts";
import type { Finding } from "../../checker/result.ts";
import { allows, enabledMoves, fire, initialState, locationOf, type Move, possibleMoves } from "../../model/system/interpret.ts";
import type { State, System } from "../../model/system/system.ts";

/** A counterexample and the states that it passes through; null: its steps alone do not show what is wrong. */
export interface Evidence {
  readonly system: System;
  readonly finding: Finding;
  readonly states: readonly State[];
  /** Blocked threads that are enough for a violation, or what else is wrong in the last state; and how that shows there. */
  readonly core: readonly number[] | "problems";
  readonly signs: string;
  /** Threads that spin there: they do so by several operations, whose timeouts are to blame together. */
  readonly spinning: readonly number[];
  /** For each fairness constraint, the states of the loop in which it asks for nothing. */
  readonly resting: readonly ReadonlySet<number>[];
}

/** Takes the steps of a counterexample again, where it was found. */
export function evidenceOf(system: System, finding: Finding): Evidence | null {
  const run = taken(system, finding, system);
  if (run === null) return null;
  const { states, moves, failed } = run;
  const evidence = { system, finding, states, core: [], signs: "", spinning: [], resting: [] };
  if (failed) return evidence;
  const last = states.at(-1) as State;
  if (finding.failing) return null;
  if (finding.loop === undefined) {
    const core = coreOf(system, last);
    return core === null ? null : { ...evidence, core, signs: signs(system, last, core), spinning: spinnersAt(system, last, core) };
  }
  // Whom the scheduler passes over depends on who else is ready; of progress more than the states is asked.
  if (system.scheduling !== "free" || system.liveness == null || system.liveness.progress !== null) return null;
  return isFairRun(system, states, moves, finding.loop, null) ? { ...evidence, resting: restingOf(system, states.slice(0, -1), finding.loop) } : null;
}

/** Whether it is a counterexample in another system too: the same steps, the same states, the same violation, or a failure on the way. */
export function remains({ system, finding, states, core, signs: expected, resting }: Evidence, to: System): boolean {
  if (system.variables !== to.variables) return false;
  const run = taken(system, finding, to);
  if (run === null) return false;
  if (!run.states.every((state, position) => isSame(state, states[position]))) return false;
  if (run.failed) return true;
  if (finding.failing || run.states.length !== states.length) return false;
  if (finding.loop === undefined) return signs(to, run.states.at(-1) as State, core) === expected;
  return isFairRun(to, run.states, run.moves, finding.loop, resting);
}

interface Taken {
  readonly states: readonly State[];
  readonly moves: readonly Move[];
  /** The last step is one that fails. */
  readonly failed: boolean;
}

function taken(from: System, { path }: Finding, to: System): Taken | null {
  const first = initialState(to);
  if (first.kind !== "state") return first.kind === "failure" ? { states: [], moves: [], failed: true } : null;
  const states: State[] = [first.state];
  const moves: Move[] = [];
  for (const { transition, pick } of path) {
    const state = states.at(-1) as State;
    const move = { transition: counterpart(from, to, transition), pick };
    if (!isEnabled(to, state, move)) return null;
    const outcome = fire(to, state, move);
    if (outcome.kind === "failure") return { states, moves, failed: true };
    if (outcome.kind !== "state") return null;
    states.push(outcome.state);
    moves.push(move);
  }
  return { states, moves, failed: false };
}

function isSame(a: State, b: State | undefined): boolean {
  return b !== undefined && a.every((row, variable) => row.every((value, index) => value === b[variable]?.[index]));
}

/**
 * What of a state is enough for a violation: one thread that is blocked, those who could end its wait, who are blocked too, and so
 * on, each with how it waits; else an invariant or a race. Null: nothing is wrong, or it depends on whom the scheduler prefers.
 */
function coreOf(system: System, state: State): readonly number[] | "problems" | null {
  const { waiting, violation } = blockedAnalysis(system, state);
  if (waiting.some(({ how }) => how === "held back")) return null;
  if (violation === null) return problemsOf(system, state).length > 0 ? "problems" : null;
  const closures = violation.harmed.map((harmed) => {
    const closure = new Set([harmed]);
    for (const thread of closure)
      for (const waker of waiting.find((each) => each.thread === thread)?.wakers ?? []) if (system.processes[waker]?.stoppable === false) closure.add(waker);
    return [...closure];
  });
  return closures.reduce((least, each) => (each.length < least.length ? each : least), violation.threads);
}

function spinnersAt(system: System, state: State, core: readonly number[] | "problems"): readonly number[] {
  if (core === "problems") return [];
  const spinners = blockedAnalysis(system, state).waiting.flatMap(({ thread, how }) => (how === "spinning" ? [thread] : []));
  return core.some((thread) => spinners.includes(thread)) ? spinners : [];
}

/** How it shows in another state or system. */
function signs(system: System, state: State, core: readonly number[] | "problems"): string {
  if (core === "problems") return JSON.stringify(problemsOf(system, state).map(({ kind, property, threads }) => [kind, property, threads]));
  const { waiting } = blockedAnalysis(system, state);
  return JSON.stringify(
    core.map((thread) => {
      const own = waiting.find((each) => each.thread === thread);
      return own === undefined ? null : [own.how, own.transient, own.idle, own.wakers];
    }),
  );
}

/** The transition of the same thread by the same rule; -1: there is none. */
function counterpart(from: System, to: System, id: number): number {
  const given = from.transitions[id];
  if (given === undefined) return -1;
  if (given.thread === null || given.location === null) return id;
  const own = (system: System): readonly number[] =>
    (system.processes[given.thread ?? -1]?.locations[given.location ?? -1]?.transitions ?? []).filter((each) => system.transitions[each]?.rule === given.rule);
  const here = own(from).indexOf(id);
  return here < 0 ? id : (own(to)[here] ?? -1);
}

function isEnabled(system: System, state: State, { transition, pick }: Move): boolean {
  const found = system.transitions[transition];
  if (found === undefined) return false;
  if (system.scheduling !== "free") return enabledMoves(system, state).some((each) => each.transition === transition && each.pick === pick);
  const process = found.thread === null ? undefined : system.processes[found.thread];
  return (process === undefined || locationOf(state, process) === found.location) && allows(system, state, found, pick);
}

function restingOf(system: System, states: readonly State[], loop: number): readonly ReadonlySet<number>[] {
  const possible = states.slice(loop).map((state) => new Set(possibleMoves(system, state).map(({ transition }) => transition)));
  return (system.liveness?.fairness ?? []).map(({ enabling }) => {
    const resting = possible.flatMap((here, position) => (enabling.some((id) => here.has(id)) ? [] : [position]));
    return new Set(resting);
  });
}

/**
 * Whether the run goes round, or may stay where it ends, and passes nobody over for ever. `known`: where constraints have been seen
 * to ask for nothing; they have to do so there again, or others could take turns in spoiling it.
 */
function isFairRun(system: System, states: readonly State[], moves: readonly Move[], loop: number, known: readonly ReadonlySet<number>[] | null): boolean {
  const last = states.at(-1) as State;
  if (loop === moves.length) return possibleMoves(system, last).every(({ transition }) => system.liveness?.urgent[transition] === false);
  if (!isSame(last, states[loop])) return false;
  const taken = moves.slice(loop).map(({ transition }) => transition);
  const resting = restingOf(system, states.slice(0, -1), loop);
  return (system.liveness?.fairness ?? []).every(({ strength, taking }, index) => {
    if (taken.some((id) => taking.includes(id))) return true;
    const here = resting[index] ?? new Set();
    if (strength !== "weak") return here.size === moves.length - loop;
    return here.size > 0 && (known === null || [...(known[index] ?? [])].every((position) => here.has(position)));
  });
}
