/**
 * A cycle that meets all that a run has to meet again and again: the shortest one, by breadth-first search over nodes and what has
 * been met so far, as long as that stays small; else from one need to the nearest next one, and home. Where home may be far,
 * because nodes differ in the order of replicas only, the way leads to a node of the same kind, again and again, until one comes back.
 */

/** A part of a graph in which each node can be reached from each. */
export interface CycleGraph<Node, Step> {
  /** All that has to be met, as bits. */
  readonly all: bigint;
  /** Pairs of a node and what has been met that the search for a shortest cycle looks at. */
  readonly most: number;
  key(node: Node): number | string;
  /** Nodes of one kind go on alike, up to the order of replicas. */
  kind(node: Node): number;
  /** What being at a node meets. */
  at(node: Node): bigint;
  edges(node: Node): readonly { readonly to: Node; readonly step: Step; readonly met: bigint }[];
}

/** A cycle, and what has to be done first to come to where it begins. */
export interface Cycle<Step> {
  readonly before: readonly Step[];
  readonly cycle: readonly Step[];
}

/** A place of the search: node, what has been met, and how it was reached. */
interface Place<Node, Step> {
  readonly node: Node;
  readonly met: bigint;
  readonly from: Place<Node, Step> | null;
  readonly step: Step | null;
}

export function cycleFrom<Node, Step>(graph: CycleGraph<Node, Step>, entry: Node): Cycle<Step> {
  const search = new CycleSearch(graph);
  const start: Place<Node, Step> = { node: entry, met: graph.at(entry), from: null, step: null };
  const home = graph.key(entry);
  const around = search.search(start, graph.most, true, ({ node, met }) => met === graph.all && graph.key(node) === home) ?? search.home(start, home);
  return around === null ? search.laps(entry) : { before: [], cycle: stepsTo(around) };
}

class CycleSearch<Node, Step> {
  readonly #graph: CycleGraph<Node, Step>;

  constructor(graph: CycleGraph<Node, Step>) {
    this.#graph = graph;
  }

  /** Meets everything, and returns to the entry; null if that is too far. */
  home(start: Place<Node, Step>, home: number | string): Place<Node, Step> | null {
    const { key, most } = this.#graph;
    const end = this.#everything(start);
    if (end.from !== null && key(end.node) === home) return end;
    return this.search(end, most, false, ({ node }) => key(node) === home);
  }

  /** Round and round to nodes of the entry's kind, until one has been there before: each round meets everything. */
  laps(entry: Node): Cycle<Step> {
    const graph = this.#graph;
    const rounds: Step[][] = [];
    const begun = new Map<number | string, number>();
    for (let node = entry; ; ) {
      const first = begun.get(graph.key(node));
      if (first !== undefined) return { before: rounds.slice(0, first).flat(), cycle: rounds.slice(first).flat() };
      begun.set(graph.key(node), rounds.length);
      const end = this.#everything({ node, met: graph.at(node), from: null, step: null });
      const isHome = (place: Place<Node, Step>): boolean => place.from !== null && graph.kind(place.node) === graph.kind(entry);
      const there = isHome(end) ? end : this.search(end, Number.POSITIVE_INFINITY, false, isHome);
      if (there === null) throw new Error("a component has no way back");
      rounds.push([...stepsTo(there)]);
      node = there.node;
    }
  }

  /** To the nearest node where something more is met, again and again. */
  #everything(start: Place<Node, Step>): Place<Node, Step> {
    let here = start;
    while (here.met !== this.#graph.all) {
      const before = here.met;
      const next = this.search(here, Number.POSITIVE_INFINITY, false, ({ met }) => met !== before);
      if (next === null) throw new Error("a fair component does not meet what it has to");
      here = next;
    }
    return here;
  }

  /** Breadth first to the nearest place that is an end. `exact`: places with the same node and other needs met are different ones. */
  search(start: Place<Node, Step>, most: number, exact: boolean, isEnd: (place: Place<Node, Step>) => boolean): Place<Node, Step> | null {
    const graph = this.#graph;
    const seen = new Map([[graph.key(start.node), new Set([start.met])]]);
    let size = 1;
    for (let level: readonly Place<Node, Step>[] = [start]; level.length > 0; ) {
      const next: Place<Node, Step>[] = [];
      for (const from of level) {
        for (const { to, step, met } of graph.edges(from.node)) {
          const place = { node: to, met: from.met | met | graph.at(to), from, step };
          if (isEnd(place)) return place;
          const key = graph.key(to);
          const known = seen.get(key);
          if (known !== undefined && (!exact || known.has(place.met))) continue;
          if (++size > most) return null;
          if (known === undefined) seen.set(key, new Set([place.met]));
          else known.add(place.met);
          next.push(place);
        }
      }
      level = next;
    }
    return null;
  }
}

function stepsTo<Node, Step>(place: Place<Node, Step>): readonly Step[] {
  const steps: Step[] = [];
  for (let at: Place<Node, Step> | null = place; at !== null; at = at.from) if (at.step !== null) steps.push(at.step);
  return steps.reverse();
}
