/**
 * Shortest paths into violations, without stored parents: the levels of the breadth-first search are expanded again
 * from the last to the first, which gives the graph of all shortest paths into the targets. Over that graph dynamic
 * programming finds the fewest changes of acting thread; of those paths the least in the order of (transition, pick) is
 * read off from the start. The result depends on the graph alone, not on the order in which states were found.
 */
import type { System } from "../../model/system/system.ts";
import type { PathStep } from "../result.ts";
import type { Pause } from "./crew.ts";
import type { Fails, Orbits } from "./orbits.ts";
import type { Edge, Store } from "./store.ts";

/** What a path is to lead to, all in one level: states, or transitions of states that fail. */
export interface Target {
  readonly level: number;
  readonly states: readonly number[];
  readonly failing: readonly { readonly state: number; readonly transition: number; readonly pick: number }[];
  /** The failures that the last transition may end with. */
  readonly fails: Fails;
}

/** A state on a shortest path. */
interface Node {
  /** Ways on; target -1 ends the path. */
  readonly edges: readonly Edge[];
  /** Fewest changes of thread from here, by the thread that acted last. */
  readonly cost: Uint16Array;
}

/**
 * One path for each target. `levels[k]` is the number of the first state of level k, `marks` one byte for each state, all
 * zero.
 */
export async function shortestPaths(
  system: System,
  store: Store,
  levels: readonly number[],
  marks: Uint8Array,
  targets: readonly Target[],
  pause: Pause,
  orbits: Orbits | null = null,
): Promise<readonly (readonly PathStep[])[]> {
  const graphs = targets.map(() => new Map<number, Node>());
  /** Who acts; background rules count as a thread of their own. */
  const actorOf = (transition: number): number => system.transitions[transition]?.thread ?? system.processes.length;
  const actors = system.processes.length + 1;
  const renamed = (actor: number, order: readonly number[]): number => orbits?.image(actor, order) ?? actor;

  const node = (graph: ReadonlyMap<number, Node>, edges: readonly Edge[]): Node => {
    const best = new Uint16Array(actors).fill(0xffff);
    for (const { transition, target, order } of edges) {
      const actor = actorOf(transition);
      best[actor] = Math.min(best[actor] ?? 0xffff, target < 0 ? 0 : (graph.get(target)?.cost[renamed(actor, order)] ?? 0xffff));
    }
    const least = Math.min(...best);
    return { edges, cost: best.map((own) => Math.min(own, least + 1)) };
  };

  for (const [t, { states, failing }] of targets.entries()) {
    const graph = graphs[t] ?? new Map<number, Node>();
    for (const state of states) graph.set(state, { edges: [], cost: new Uint16Array(actors) });
    const byState = new Map<number, Edge[]>();
    for (const { state, transition, pick } of failing) byState.set(state, [...(byState.get(state) ?? []), { transition, pick, target: -1, order: [] }]);
    for (const [state, edges] of byState) graph.set(state, node(graph, edges));
  }
  const deepest = Math.max(0, ...targets.map(({ level }) => level));
  for (let level = deepest - 1; level >= 0; level--) {
    const first = levels[level] ?? 0;
    const next = levels[level + 1] ?? 0;
    const end = levels[level + 2] ?? store.count;
    const concerned = graphs.filter((_, t) => (targets[t]?.level ?? 0) > level);
    for (const graph of concerned) for (const state of graph.keys()) if (state >= next && state < end) marks[state] = 1;
    await store.layer(first, next, end, pause);
    for (let state = marks.indexOf(1, first); state >= 0 && state < next; state = marks.indexOf(1, state + 1)) {
      const edges = store.edges(state).filter(({ target }) => target >= next && target < end && marks[target] === 1);
      for (const graph of concerned) {
        const here = edges.filter(({ target }) => graph.has(target));
        if (here.length > 0) graph.set(state, node(graph, here));
      }
    }
  }
  return graphs.map((graph, t) =>
    orbits === null ? walk(graph, actorOf) : orbits.run(graph, (state) => store.words(state), targets[t]?.fails ?? (() => false)),
  );
}

function walk(graph: ReadonlyMap<number, Node>, actorOf: (transition: number) => number): readonly PathStep[] {
  const path: PathStep[] = [];
  let last: number | null = null;
  for (let here = graph.get(0); here !== undefined && here.edges.length > 0; ) {
    let chosen: { edge: Edge; cost: number } | null = null;
    for (const edge of here.edges) {
      const actor = actorOf(edge.transition);
      const onward = edge.target < 0 ? 0 : (graph.get(edge.target)?.cost[actor] ?? 0xffff);
      const cost = onward + Number(last !== null && last !== actor);
      const before: boolean =
        chosen === null || cost < chosen.cost || (cost === chosen.cost && (edge.transition - chosen.edge.transition || edge.pick - chosen.edge.pick) < 0);
      if (before) chosen = { edge, cost };
    }
    if (chosen === null) break;
    const { transition, pick, target }: Edge = chosen.edge;
    path.push({ transition, pick });
    last = actorOf(transition);
    here = target < 0 ? undefined : graph.get(target);
  }
  return path;
}
