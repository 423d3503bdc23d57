/**
 * Runs of a search that keeps one state for all orders of its symmetric replicas. Between two stored states lies a step
 * and a new order; a counterexample is a run without new orders. It is read off forward from the initial state: of the
 * steps that are possible there, one whose state has the next stored state as its representative.
 */
import { enabledMoves, fire, initialState, type Move, type Outcome } from "../../model/system/interpret.ts";
import type { State, System } from "../../model/system/system.ts";
import type { PathStep } from "../result.ts";
import { type Layout, pack, unpack } from "./layout.ts";
import type { Edge, Representative, Store } from "./store.ts";
import type { SymmetryPlan } from "./symmetry.ts";

/** Which failing transition ends a path. */
export type Fails = (failure: number) => boolean;

/** The stored states on shortest ways to what is violated, from the initial state, number 0. */
export interface Way {
  /** The steps by which the way may go on from a state, after so many steps; target -1 ends it by a failure. */
  edges(steps: number, state: number): Promise<readonly Edge[]>;
  /** What the rest of the way costs from a state, by who acted last. */
  cost(steps: number, state: number, actor: number): number;
  words(state: number): readonly bigint[];
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

  /** The run along stored states: fewest changes of thread, then least in the order of its steps. */
  async run(way: Way, fails: Fails): Promise<readonly PathStep[]> {
    const path: PathStep[] = [];
    let state = this.#start();
    let last: number | null = null;
    for (let here = 0; here >= 0; ) {
      const edges = await way.edges(path.length, here);
      if (edges.length === 0) break;
      const targets = new Map(edges.flatMap(({ target }) => (target < 0 ? [] : [[way.words(target).join(), target] as const])));
      const ends = edges.some(({ target }) => target < 0);
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
          cost += way.cost(path.length + 1, there, this.image(actor, order));
        } else if (outcome.kind !== "failure" || !ends || !fails(outcome.failure)) continue;
        // Moves come in the order of transition and pick.
        if (chosen === null || cost < chosen.cost) chosen = { move, outcome, target, cost };
      }
      if (chosen === null) throw new Error("a step between stored states cannot be taken");
      path.push(chosen.move);
      last = this.actor(chosen.move.transition);
      if (chosen.outcome.kind !== "state") break;
      state = chosen.outcome.state;
      here = chosen.target;
    }
    return path;
  }

  /** The same along one path whose steps are those of the stored states. */
  async along(steps: readonly PathStep[], fails: Fails): Promise<readonly PathStep[]> {
    const kept: (readonly bigint[])[] = [this.representative(this.#start()).words];
    let failing = false;
    for (const [i, step] of steps.entries()) {
      const outcome = fire(this.#system, unpack(this.#layout, kept[i] ?? []), step);
      failing = outcome.kind !== "state";
      if (outcome.kind === "state") kept.push(this.representative(outcome.state).words);
    }
    const last = kept.length - 1;
    return this.run(
      {
        edges: async (_, state) => (state < last || failing ? [{ transition: 0, pick: 0, order: [], target: state < last ? state + 1 : -1 }] : []),
        // All runs along it are as good as each other but for changes of thread, taken as they come.
        cost: () => 0,
        words: (state) => kept[state] ?? [],
      },
      fails,
    );
  }
}
