/**
 * Lassos of a search that keeps one state for all orders of its symmetric replicas. A cycle of stored states may come back with the
 * replicas in another order; a run repeats only when they all stand where they stood. So the run is read off on states as they are,
 * each step one whose result has the next stored state as its representative, and a cycle is looked for among these.
 */
import { enabledMoves, fire, initialState } from "../../../model/system/interpret.ts";
import type { State, System } from "../../../model/system/system.ts";
import type { PathStep } from "../../result.ts";
import { type Layout, pack } from "../layout.ts";
import type { Orbits } from "../orbits.ts";
import type { Store } from "../store.ts";
import type { Components } from "./components.ts";
import { type CycleGraph, cycleFrom } from "./cycle.ts";
import type { Exchange } from "./exchange.ts";
import { prefixOf, turned } from "./lasso.ts";
import { Needs } from "./needs.ts";
import type { Product } from "./product.ts";

/** Pairs of a state and what has been met that the search for a shortest cycle looks at: their steps are interpreted. */
const most = 20_000;

/** A state as it is, by its packed words, with the node of its representative. */
interface Node {
  readonly node: number;
  readonly state: State;
  readonly key: string;
}
/** A step from a state as it is; null: the run stays. */
interface Step {
  readonly from: string;
  readonly before: State;
  readonly move: PathStep | null;
}
/** A step that leads to a state: there, and the words of its representative. */
interface Successor {
  readonly move: PathStep;
  readonly state: State;
  readonly key: string;
  readonly representative: string;
  readonly completed: readonly number[];
}
export interface LiftedLasso {
  readonly path: readonly PathStep[];
  readonly loop: number;
  /** The steps that repeat, with the states that they leave; one that stays has no move. */
  readonly cycle: readonly { readonly state: State; readonly move: PathStep | null }[];
}

export class Lifting {
  readonly #system: System;
  readonly #layout: Layout;
  readonly #store: Store;
  readonly #orbits: Orbits;
  readonly #exchange: Exchange;
  readonly #successors: Map<string, readonly Successor[]> = new Map();

  constructor(system: System, layout: Layout, store: Store, orbits: Orbits, exchange: Exchange) {
    this.#system = system;
    this.#layout = layout;
    this.#store = store;
    this.#orbits = orbits;
    this.#exchange = exchange;
  }

  /** As `lassoOf`. */
  lasso(product: Product, components: Components, harmed: number, way: Product = product): LiftedLasso {
    this.#successors.clear();
    const { prefix, entry } = prefixOf(way, components);
    const start = initialState(this.#system);
    if (start.kind !== "state") throw new Error("there is no initial state");
    let state: State = start.state;
    const steps: Step[] = [];
    for (const [i, { state: here, position }] of prefix.entries()) {
      const next = prefix[i + 1]?.state ?? product.stateOf(entry);
      const from = this.#keyOf(state);
      // Beyond the last edge the run stays.
      if (position >= this.#store.edges(here).length) {
        steps.push({ from, before: state, move: null });
        continue;
      }
      const successor = this.#after(state, from).find(({ representative }) => representative === this.#wordsOf(next));
      if (successor === undefined) throw new Error("a step between stored states cannot be taken");
      steps.push({ from, before: state, move: successor.move });
      ({ state } = successor);
    }
    const around = cycleFrom(this.#component(product, components, harmed, entry), { node: entry, state, key: this.#keyOf(state) });
    const same = (a: Step, b: Step): boolean => a.from === b.from && a.move?.transition === b.move?.transition && a.move?.pick === b.move?.pick;
    const lasso = turned([...steps, ...around.before], [...around.cycle], same);
    const moves = (part: readonly Step[]): readonly PathStep[] => part.flatMap(({ move }) => move ?? []);
    const before = moves(lasso.prefix);
    return {
      path: [...before, ...moves(lasso.cycle)],
      loop: before.length,
      cycle: lasso.cycle.map((step) => ({ state: step.before, move: step.move })),
    };
  }

  #keyOf(state: State): string {
    return pack(this.#layout, state).join();
  }
  #wordsOf(state: number): string {
    return this.#store.words(state).join();
  }

  #after(state: State, key: string): readonly Successor[] {
    let known = this.#successors.get(key);
    if (known === undefined) {
      known = enabledMoves(this.#system, state).flatMap((move): readonly Successor[] => {
        const outcome = fire(this.#system, state, move);
        if (outcome.kind !== "state") return [];
        return [
          {
            move: { transition: move.transition, pick: move.pick },
            state: outcome.state,
            key: this.#keyOf(outcome.state),
            representative: this.#orbits.representative(outcome.state).words.join(),
            completed: outcome.completed,
          },
        ];
      });
      this.#successors.set(key, known);
    }
    return known;
  }

  /** The states as they are whose representatives make up a component. */
  #component(product: Product, components: Components, harmed: number, entry: number): CycleGraph<Node, Step> {
    const { constraints, without } = product;
    const classOf = (move: PathStep | null): number => constraints.classOf[move?.transition ?? this.#system.transitions.length] ?? 0;
    const needs = new Needs(product, components, harmed, entry, this.#exchange.masks);
    return {
      all: needs.all,
      most,
      key: ({ node, key }) => `${node} ${key}`,
      kind: ({ node }) => node,
      at: ({ node, state, key }) =>
        needs.at(
          node,
          this.#after(state, key).map(({ move }) => classOf(move)),
        ),
      edges: ({ node, state, key }) => {
        const staying = this.#store.edges(product.stateOf(node)).length;
        const inside = needs.edges(node);
        const step = (move: PathStep | null): Step => ({ from: key, before: state, move });
        const found = inside.flatMap(({ to, position, marks }) =>
          position < staying ? [] : [{ to: { node: to, state, key }, step: step(null), met: needs.taking(classOf(null), marks) }],
        );
        /** By the representative of the state there: where the automaton may go. */
        const onward = new Map<string, Map<string, { readonly to: number; readonly marks: number }>>();
        for (const { to, position, marks } of inside) {
          if (position >= staying) continue;
          const words = this.#wordsOf(product.stateOf(to));
          const ways = onward.get(words) ?? new Map();
          onward.set(words, ways.set(`${to} ${marks}`, { to, marks }));
        }
        for (const successor of this.#after(state, key)) {
          if (successor.completed.some((thread) => ((without >>> thread) & 1) === 1 && thread < 32)) continue;
          for (const { to, marks } of onward.get(successor.representative)?.values() ?? [])
            found.push({
              to: { node: to, state: successor.state, key: successor.key },
              step: step(successor.move),
              met: needs.taking(classOf(successor.move), marks),
            });
        }
        return found;
      },
    };
  }
}
