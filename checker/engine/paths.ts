/**
 * Shortest paths into violations, without stored parents: the levels of the breadth-first search are expanded again
 * from the last to the first, which gives the graph of all shortest paths into the targets. Over that graph dynamic
 * programming finds the fewest changes of acting thread; of those paths the least in the order of (transition, pick) is
 * read off from the start. The result depends on the graph alone, not on the order in which states were found.
 *
 * Of the graph only the states and costs are kept, level by level: there may be millions of them. The steps are looked up
 * again along the one path.
 */
import type { System } from "../../model/system/system.ts";
import type { PathStep } from "../result.ts";
import type { Pause } from "./crew.ts";
import { ascending, Growing, placeOf } from "./growing.ts";
import type { Fails, Orbits, Way } from "./orbits.ts";
import type { Edge, Store } from "./store.ts";

/** Transitions of states, by position; the states ascend. */
export interface Failing {
  readonly states: Float64Array;
  readonly transitions: Float64Array;
  readonly picks: Float64Array;
}
/** What a path is to lead to, all in one level: states, or transitions of states that fail. */
export interface Target {
  readonly level: number;
  readonly states: Float64Array;
  readonly failing: Failing;
  /** The failures that the last transition may end with. */
  readonly fails: Fails;
}

const never = 0xffff_ffff;

/** The states of one level that lie on shortest paths. */
class Layer {
  readonly numbers: Float64Array;
  /** Fewest changes of thread from here. */
  readonly #least: Float64Array;
  /** One more, by the thread that acted last. */
  readonly #more: Uint8Array;
  readonly #actors: number;

  constructor(numbers: Float64Array, least: Float64Array, more: Uint8Array, actors: number) {
    this.numbers = numbers;
    this.#least = least;
    this.#more = more;
    this.#actors = actors;
  }
  has(state: number): boolean {
    return placeOf(this.numbers, state) >= 0;
  }
  /** Fewest changes of thread from a state, if that thread acted last. */
  cost(state: number, actor: number): number {
    const place = placeOf(this.numbers, state);
    return place < 0 ? never : (this.#least[place] ?? 0) + (this.#more[place * this.#actors + actor] ?? 0);
  }
}

/** A layer while it is found: its states come in ascending order. */
class Making {
  readonly #actors: number;
  readonly #numbers = new Growing();
  readonly #least = new Growing();
  #more: Uint8Array;

  constructor(actors: number) {
    this.#actors = actors;
    this.#more = new Uint8Array(16 * actors);
  }
  /** `best`: for each thread, the least cost of a step of its own. */
  add(state: number, best: Float64Array): void {
    const from = this.#numbers.length * this.#actors;
    if (from === this.#more.length) {
      const larger = new Uint8Array(2 * from);
      larger.set(this.#more);
      this.#more = larger;
    }
    const least = best.reduce((a, b) => Math.min(a, b));
    for (let actor = 0; actor < this.#actors; actor++) this.#more[from + actor] = Number((best[actor] ?? never) > least);
    this.#numbers.push(state);
    this.#least.push(least);
  }
  made(): Layer {
    return new Layer(this.#numbers.items, this.#least.items, this.#more, this.#actors);
  }
}

/** One path for each target; null if there is no memory to find them. `levels[k]` is the number of the first state of level k. */
export async function shortestPaths(
  system: System,
  store: Store,
  levels: readonly number[],
  targets: readonly Target[],
  pause: Pause,
  orbits: Orbits | null = null,
): Promise<readonly (readonly PathStep[])[] | null> {
  const actors = system.processes.length + 1;
  /** Who acts; background rules count as a thread of their own. */
  const actorOf = (transition: number): number => system.transitions[transition]?.thread ?? system.processes.length;
  const renamed = (actor: number, order: readonly number[]): number => orbits?.image(actor, order) ?? actor;
  const best = new Float64Array(actors);
  const priced = (edges: readonly Edge[], next: Layer | null): Float64Array => {
    best.fill(never);
    for (const { transition, target, order } of edges) {
      const actor = actorOf(transition);
      best[actor] = Math.min(best[actor] ?? never, target < 0 ? 0 : (next?.cost(target, renamed(actor, order)) ?? never));
    }
    return best;
  };

  /** The layers of each target, by level. */
  const graphs = targets.map(({ level, states, failing }): Layer[] => {
    const last = new Making(actors);
    for (const state of ascending(states)) last.add(state, best.fill(0));
    for (const state of ascending(failing.states)) last.add(state, priced(failingSteps(failing, state), null));
    const graph: Layer[] = [];
    graph[level] = last.made();
    return graph;
  });
  for (let level = Math.max(0, ...targets.map((target) => target.level)) - 1; level >= 0; level--) {
    const concerned = graphs.flatMap((graph) =>
      graph[level + 1] === undefined ? [] : [{ graph, next: graph[level + 1] as Layer, making: new Making(actors) }],
    );
    const found = await store.stepsInto(
      levels[level] ?? 0,
      levels[level + 1] ?? store.count,
      ascending(...concerned.map(({ next }) => next.numbers)),
      (state, edges) => {
        for (const { next, making } of concerned) {
          const here = edges.filter(({ target }) => next.has(target));
          if (here.length > 0) making.add(state, priced(here, next));
        }
      },
      pause,
    );
    if (!found) return null;
    for (const { graph, making } of concerned) graph[level] = making.made();
  }

  const paths: (readonly PathStep[])[] = [];
  for (const [t, { level: last, failing, fails }] of targets.entries()) {
    const graph = graphs[t] ?? [];
    const way: Way = {
      async edges(level, state) {
        if (level === last) return failingSteps(failing, state);
        const found: Edge[] = [];
        await store.stepsInto(state, state + 1, graph[level + 1]?.numbers ?? new Float64Array(), (_, edges) => found.push(...edges), pause);
        return found;
      },
      cost: (level, state, actor) => graph[level]?.cost(state, actor) ?? never,
      words: (state) => store.words(state),
    };
    paths.push(await (orbits === null ? walk(way, actorOf) : orbits.run(way, fails)));
  }
  return paths;
}

function failingSteps({ states, transitions, picks }: Failing, state: number): readonly Edge[] {
  const steps: Edge[] = [];
  for (let i = placeOf(states, state); i >= 0 && states[i] === state; i++)
    steps.push({ transition: transitions[i] ?? 0, pick: picks[i] ?? 0, target: -1, order: [] });
  return steps;
}

async function walk(way: Way, actorOf: (transition: number) => number): Promise<readonly PathStep[]> {
  const path: PathStep[] = [];
  let last: number | null = null;
  for (let [level, state] = [0, 0]; state >= 0; level++) {
    let chosen: { readonly edge: Edge; readonly cost: number } | null = null;
    for (const edge of await way.edges(level, state)) {
      const actor = actorOf(edge.transition);
      const onward = edge.target < 0 ? 0 : way.cost(level + 1, edge.target, actor);
      const cost = onward + Number(last !== null && last !== actor);
      const before: boolean =
        chosen === null || cost < chosen.cost || (cost === chosen.cost && (edge.transition - chosen.edge.transition || edge.pick - chosen.edge.pick) < 0);
      if (before) chosen = { edge, cost };
    }
    if (chosen === null) break;
    const { transition, pick, target }: Edge = chosen.edge;
    path.push({ transition, pick });
    last = actorOf(transition);
    state = target;
  }
  return path;
}
