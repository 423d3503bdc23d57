/** Symmetry without the engine: every reachable state in every order of its replicas, by the interpreter. */
import { enabledMoves, fire, initialState } from "../../dist/model/system/interpret.js";
import { act } from "../../dist/model/system/symmetry/action.js";
import type { ReplicaGroup } from "../../dist/model/system/symmetry/groups.js";
import type { State, System } from "../../dist/model/system/system.js";

/** All orders of 0..count-1. */
export function orders(count: number): readonly (readonly number[])[] {
  if (count === 0) return [[]];
  return orders(count - 1).flatMap((order) => Array.from({ length: count }, (_, at) => [...order.slice(0, at), count - 1, ...order.slice(at)]));
}

/** The states that can be reached, as text; null if there are more. */
export function reachable(system: System, most: number): ReadonlyMap<string, State> | null {
  const found = new Map<string, State>();
  const start = initialState(system);
  if (start.kind !== "state") return found;
  const open = [start.state];
  found.set(JSON.stringify(start.state), start.state);
  for (let state = open.pop(); state !== undefined; state = open.pop()) {
    for (const move of enabledMoves(system, state)) {
      const outcome = fire(system, state, move);
      if (outcome.kind !== "state") continue;
      const key = JSON.stringify(outcome.state);
      if (found.has(key)) continue;
      if (found.size === most) return null;
      found.set(key, outcome.state);
      open.push(outcome.state);
    }
  }
  return found;
}

/** A state in all orders of the replicas, as text. */
export function orbit(system: System, groups: readonly ReplicaGroup[], state: State): readonly string[] {
  let images = [state];
  for (const { action, members } of groups) images = images.flatMap((image) => orders(members.length).map((order) => act(system, action, order, image)));
  return images.map((image) => JSON.stringify(image));
}

/** How many orbits there are, and a state whose orbit leaves the reachable states, if there is one. */
export function orbits(
  system: System,
  groups: readonly ReplicaGroup[],
  states: ReadonlyMap<string, State>,
): { readonly count: number; readonly outside: string | null } {
  const seen = new Set<string>();
  let count = 0;
  for (const [key, state] of states) {
    if (seen.has(key)) continue;
    count++;
    for (const image of orbit(system, groups, state)) {
      if (!states.has(image)) return { count, outside: `${key}\nbecomes\n${image}` };
      seen.add(image);
    }
  }
  return { count, outside: null };
}
