/**
 * Whether a counterexample is one for other timeouts too: its steps are taken again, each by the rule of the same name. What it
 * survives the change of is not to blame for it, and no assignment that agrees on the rest needs to be searched.
 */
import { problemsOf } from "../../checker/properties/problems.ts";
import type { Finding } from "../../checker/result.ts";
import { allows, enabledMoves, evaluate, fire, initialState, locationOf, type Move, possibleMoves } from "../../model/system/interpret.ts";
import type { State, System } from "../../model/system/system.ts";

/** Whether the steps of a counterexample that was found in one system are possible in the other, and lead to a violation there. */
export function survives(from: System, finding: Finding, to: System): boolean {
  const first = initialState(to);
  if (first.kind !== "state") return first.kind === "failure";
  const states: State[] = [first.state];
  const moves: Move[] = [];
  for (const { transition, pick } of finding.path) {
    const state = states.at(-1) as State;
    const move = { transition: counterpart(from, to, transition) ?? -1, pick };
    if (!isEnabled(to, state, move)) return false;
    const outcome = fire(to, state, move);
    if (outcome.kind !== "state") return outcome.kind === "failure";
    states.push(outcome.state);
    moves.push(move);
  }
  if (finding.failing) return false;
  if (finding.loop === undefined) return problemsOf(to, states.at(-1) as State).length > 0;
  return isFairRun(to, states, moves, finding.loop) && sameLetters(from, finding, to, states);
}

/** The transition of the same thread by the same rule; null: there is none. */
function counterpart(from: System, to: System, id: number): number | null {
  const given = from.transitions[id];
  if (given === undefined) return null;
  if (given.thread === null || given.location === null) return id;
  const own = (system: System): readonly number[] =>
    (system.processes[given.thread ?? -1]?.locations[given.location ?? -1]?.transitions ?? []).filter((each) => system.transitions[each]?.rule === given.rule);
  const here = own(from).indexOf(id);
  return here < 0 ? id : (own(to)[here] ?? null);
}

function isEnabled(system: System, state: State, { transition, pick }: Move): boolean {
  const found = system.transitions[transition];
  if (found === undefined) return false;
  if (system.scheduling !== "free") return enabledMoves(system, state).some((each) => each.transition === transition && each.pick === pick);
  const process = found.thread === null ? undefined : system.processes[found.thread];
  return (process === undefined || locationOf(state, process) === found.location) && allows(system, state, found, pick);
}

/** Whether the run goes round, or may stay where it ends, and passes nobody over for ever. */
function isFairRun(system: System, states: readonly State[], moves: readonly Move[], loop: number): boolean {
  const last = states.at(-1) as State;
  if (loop === moves.length) return possibleMoves(system, last).every(({ transition }) => system.liveness?.urgent[transition] === false);
  if (!states[loop]?.every((row, variable) => row.every((value, index) => value === last[variable]?.[index]))) return false;
  const possible = states.slice(loop, -1).map((state) => new Set(enabledMoves(system, state).map(({ transition }) => transition)));
  const taken = moves.slice(loop).map(({ transition }) => transition);
  return (system.liveness?.fairness ?? []).every(({ strength, enabling, taking }) => {
    if (taken.some((id) => taking.includes(id))) return true;
    const isPossible = (here: ReadonlySet<number>): boolean => enabling.some((id) => here.has(id));
    return strength === "weak" ? !possible.every(isPossible) : !possible.some(isPossible);
  });
}

/** Whether the predicates of the formulas are true where they were. Of progress nothing is known. */
function sameLetters(from: System, { path }: Finding, to: System, states: readonly State[]): boolean {
  if (from.liveness == null || from.liveness.progress !== null) return false;
  const first = initialState(from);
  let state = first.kind === "state" ? first.state : null;
  for (const [position, other] of states.entries()) {
    if (state === null) return false;
    const here: State = state;
    if (from.liveness.atoms.some(({ holds }, atom) => evaluate(here, holds) !== evaluate(other, to.liveness?.atoms[atom]?.holds ?? holds))) return false;
    const step = path[position];
    if (step === undefined) return true;
    const outcome = fire(from, here, step);
    state = outcome.kind === "state" ? outcome.state : null;
  }
  return true;
}
