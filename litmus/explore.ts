/** All executions of a litmus program as a transition system: breadth first, one state once. */
import type { MemoryModelName } from "../model/memory/model.ts";
import { type FlatState, runner } from "./execute.ts";
import { type Enumeration, distinct, outcomeNames } from "./outcome.ts";
import { rangeFailure } from "./local.ts";
import type { Program } from "./program.ts";
import { type LitmusBounds, defaultBounds, litmusSystem } from "./system.ts";

/** Enumerates final values under a memory model; `limit` states at most. */
export function explore(program: Program, model: MemoryModelName, bounds: LitmusBounds = defaultBounds, limit: number = 2_000_000): Enumeration {
  const { system, variables } = litmusSystem(program, model, bounds);
  const run = runner(system);
  const names = outcomeNames(program);
  const columns = names.map((name) => run.offsets[variables.get(name) ?? -1] ?? 0);
  const pcs = system.processes.map((process) => ({
    at: run.offsets[process.pc] ?? 0,
    end: process.locations.length,
    cut: process.locations.map(({ bound }) => (bound ? run.compile(bound) : null)),
  }));
  const invariants = system.invariants.map(({ holds }) => run.compile(holds));
  const found = { collision: false, assertion: false, deadlock: false, bounded: false };
  const seen = new Set<string>();
  const queue: FlatState[] = [];
  const add = (state: FlatState): void => {
    const key = String.fromCharCode(...new Uint16Array(state.buffer));
    if (seen.has(key)) return;
    seen.add(key);
    queue.push(state);
  };
  const fail = (failure: number): void => {
    if (failure === rangeFailure) found.bounded = true;
    else found.assertion = true;
  };
  const outcomes: number[][] = [];
  let transitions = 0;
  const first = run.initial();
  if (first !== null) {
    if (first.state !== null) add(first.state);
    else fail(first.failure);
  }
  for (let next = 0; next < queue.length; next++) {
    if (seen.size > limit) {
      found.bounded = true;
      break;
    }
    const state = queue[next];
    if (state === undefined) break;
    if (invariants.some((holds) => holds(state) === 0)) found.collision = true;
    const atBound = pcs.some(({ at, cut }) => (cut[state[at] ?? -1]?.(state) ?? 0) !== 0);
    if (atBound) found.bounded = true;
    let steps = 0;
    run.successors(state, (_transition, _pick, result) => {
      steps++;
      if (result.state !== null) add(result.state);
      else fail(result.failure);
    });
    transitions += steps;
    if (steps > 0) continue;
    if (pcs.every(({ at, end }) => state[at] === end)) outcomes.push(columns.map((column) => state[column] ?? 0));
    else if (!atBound) found.deadlock = true;
  }
  return { names, outcomes: distinct(outcomes), ...found, states: seen.size, transitions };
}
