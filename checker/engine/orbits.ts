/**
 * Runs of a search that keeps one state for all orders of its symmetric replicas. Between two stored states lies a step
 * and a new order; a counterexample is a run without new orders. It is read off forward from the initial state: of the
 * steps that are possible there, one whose state has the next stored state as its representative.
 */
import { enabledMoves, fire, initialState, type Move, type Outcome } from "../../model/system/interpret.ts";
import type { State, System } from "../../model/system/system.ts";
import type { PathStep } from "../result.ts";
import { type Layout, pack, unpack } from "./layout.ts";
import type { Representative, Store } from "./store.ts";
import type { SymmetryPlan } from "./symmetry.ts";

/** Which failing transition ends a path. */
export type Fails = (failure: number) => boolean;

/** A stored state on the way: the stored states that may come next, whether the path may end here with a failing step, and what the rest of it costs, by who acted last. */
export interface Stop {
  readonly edges: readonly { readonly target: number }[];
  readonly cost: ArrayLike<number>;
}

export class Orbits {
  readonly #system: System;
  readonly #layout: Layout;
  readonly #store: Store;
  readonly #plan: SymmetryPlan;

  constructor(system: System, layout: Layout, store: Store, plan: SymmetryPlan) {
    this.#system = system;
    this.#layout = layout;
    this.#store = store;
    this.#plan = plan;
  }

  /** Which thread of the representative a thread is, under the order that gives it; background rules stay. */
  image(thread: number, order: readonly number[]): number {
    const { members } = this.#plan;
    const place = order.indexOf(members.indexOf(thread));
    return members[place] ?? thread;
  }

  representative(state: State): Representative {
    return this.#store.represent(pack(this.#layout, state));
  }

  #start(): State {
    const start = initialState(this.#system);
    if (start.kind !== "state") throw new Error("there is no initial state");
    return start.state;
  }

  /** Who acts; background rules count as a thread of their own. */
  actor(transition: number): number {
    return this.#system.transitions[transition]?.thread ?? this.#system.processes.length;
  }

  /** The run along stored states from state 0: fewest changes of thread, then least in the order of its steps. */
  run(stops: ReadonlyMap<number, Stop>, words: (number: number) => readonly bigint[], fails: Fails): readonly PathStep[] {
    const path: PathStep[] = [];
    let state = this.#start();
    let last: number | null = null;
    for (let here = stops.get(0); here !== undefined && here.edges.length > 0; ) {
      const targets = new Map(here.edges.flatMap(({ target }) => (target < 0 ? [] : [[words(target).join(), target] as const])));
      const ends = here.edges.some(({ target }) => target < 0);
      let chosen: { readonly move: Move; readonly outcome: Outcome; readonly target: number; readonly cost: number } | null = null;
      for (const move of enabledMoves(this.#system, state)) {
        const outcome = fire(this.#system, state, move);
        const actor = this.actor(move.transition);
        let [target, cost] = [-1, Number(last !== null && last !== actor)];
        if (outcome.kind === "state") {
          const { words: found, order } = this.representative(outcome.state);
          const there = targets.get(found.join());
          if (there === undefined) continue;
          target = there;
          cost += stops.get(there)?.cost[this.image(actor, order)] ?? 0xffff;
        } else if (outcome.kind !== "failure" || !ends || !fails(outcome.failure)) continue;
        // Moves come in the order of transition and pick.
        if (chosen === null || cost < chosen.cost) chosen = { move, outcome, target, cost };
      }
      if (chosen === null) throw new Error("a step between stored states cannot be taken");
      path.push(chosen.move);
      last = this.actor(chosen.move.transition);
      if (chosen.outcome.kind !== "state") break;
      state = chosen.outcome.state;
      here = stops.get(chosen.target);
    }
    return path;
  }

  /** The same along one path whose steps are those of the stored states. */
  along(steps: readonly PathStep[], fails: Fails): readonly PathStep[] {
    const kept: (readonly bigint[])[] = [this.representative(this.#start()).words];
    const stops = new Map<number, Stop>();
    for (const [i, step] of steps.entries()) {
      const outcome = fire(this.#system, unpack(this.#layout, kept[i] ?? []), step);
      stops.set(i, { edges: [{ target: outcome.kind === "state" ? i + 1 : -1 }], cost: [] });
      if (outcome.kind !== "state") break;
      kept.push(this.representative(outcome.state).words);
    }
    // All runs along it are as good as each other but for changes of thread, taken as they come.
    const free = new Uint16Array(this.#system.processes.length + 1);
    for (const [i, stop] of stops) stops.set(i, { ...stop, cost: free });
    stops.set(kept.length - 1, stops.get(kept.length - 1) ?? { edges: [], cost: free });
    return this.run(stops, (number) => kept[number] ?? [], fails);
  }
}
