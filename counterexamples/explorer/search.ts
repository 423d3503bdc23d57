/** Breadth-first search for a state, on the interpreter and within bounds: small, and it gives way to other work. */
import { enabledMoves, fire, type Move } from "../../model/system/interpret.ts";
import type { State, System } from "../../model/system/system.ts";
import { breather } from "./breather.ts";

/** What a search came to. */
export interface Sought {
  /** Moves from the state where it began; null: none was found. */
  readonly path: readonly Move[] | null;
  readonly states: number;
  readonly depth: number;
  readonly complete: boolean;
}
export interface SearchBounds {
  readonly states: number;
  readonly milliseconds: number;
  readonly signal: AbortSignal;
}

/** A shortest path from `start` to a state that is wanted. */
export async function seek(system: System, start: State, wanted: (state: State) => boolean, { states, milliseconds, signal }: SearchBounds): Promise<Sought> {
  const pause = breather();
  const seen = new Set([keyOf(start)]);
  const from: { readonly parent: number; readonly move: Move | null; readonly depth: number }[] = [{ parent: -1, move: null, depth: 0 }];
  const open: (State | null)[] = [start];
  const pathTo = (index: number): readonly Move[] => {
    const path: Move[] = [];
    for (let at = index; at > 0; at = from[at]?.parent ?? 0) path.unshift(from[at]?.move as Move);
    return path;
  };
  if (wanted(start)) return { path: [], states: 1, depth: 0, complete: false };
  let depth = 0;
  for (let next = 0; next < open.length; next++) {
    const state = open[next] as State;
    open[next] = null;
    depth = from[next]?.depth ?? 0;
    const spent = await pause();
    if (signal.aborted || spent > milliseconds) return { path: null, states: from.length, depth, complete: false };
    for (const move of enabledMoves(system, state)) {
      const outcome = fire(system, state, move);
      if (outcome.kind !== "state") continue;
      const key = keyOf(outcome.state);
      if (seen.has(key)) continue;
      seen.add(key);
      from.push({ parent: next, move, depth: depth + 1 });
      open.push(outcome.state);
      if (wanted(outcome.state)) return { path: pathTo(from.length - 1), states: from.length, depth: depth + 1, complete: false };
      if (from.length >= states) return { path: null, states: from.length, depth, complete: false };
    }
  }
  return { path: null, states: from.length, depth, complete: true };
}

/** The values as one string, two code units each. */
export function keyOf(state: State): string {
  const units: number[] = [];
  for (const row of state) for (const value of row) units.push(value & 0xffff, value >>> 16);
  let key = "";
  for (let at = 0; at < units.length; at += 8192) key += String.fromCharCode(...units.slice(at, at + 8192));
  return key;
}
