/**
 * A counterexample: the shortest path to a component with a fair accepted cycle, then from there a cycle that meets every
 * acceptance set and every fairness constraint: the shortest one, by breadth-first search over nodes and what has been met so
 * far, as long as that stays small; else from one need to the nearest next one. Neither depends on how states are numbered.
 */
import type { Components } from "./components.ts";
import type { Product, ProductEdge } from "./product.ts";

/** A step of a lasso: which edge of which state. */
export interface LassoStep {
  readonly state: number;
  readonly position: number;
}
export interface Lasso {
  readonly prefix: readonly LassoStep[];
  readonly cycle: readonly LassoStep[];
}

/** Pairs of a node and what has been met that the search for a shortest cycle looks at. */
const most = 1_000_000;

/** The lasso of a product in which some component is fair. `way` is the product that the prefix may go through. */
export function lassoOf(product: Product, components: Components, harmed: number, way: Product = product): Lasso {
  const { prefix, entry } = prefixOf(way, components);
  return turned([...prefix], [...new CycleSearch(product, components, harmed, entry).cycle()]);
}

/** The same run with the shortest prefix: what stands before the cycle and at its end need not be told twice. */
function turned(prefix: LassoStep[], cycle: LassoStep[]): Lasso {
  for (;;) {
    const [before, last] = [prefix.at(-1), cycle.at(-1)];
    if (before === undefined || last === undefined || before.state !== last.state || before.position !== last.position) return { prefix, cycle };
    prefix.pop();
    cycle.unshift(...cycle.splice(-1));
  }
}

function prefixOf(product: Product, components: Components): { readonly prefix: readonly LassoStep[]; readonly entry: number } {
  const { width } = product;
  const none = 0xffff_ffff;
  const parent = new Uint32Array(product.nodes).fill(none);
  const queue: number[] = [0];
  parent[0] = 0;
  for (let head = 0; head < queue.length; head++) {
    const node = queue[head] ?? 0;
    if (components.isFair(node)) {
      const prefix: LassoStep[] = [];
      for (let at = node; at !== 0; ) {
        const from = parent[at] ?? 0;
        const edge = product.edges(from).find(({ to }) => to === at);
        if (edge === undefined) throw new Error("a path to a cycle has a gap");
        prefix.unshift({ state: Math.floor(from / width), position: edge.position });
        at = from;
      }
      return { prefix, entry: node };
    }
    for (const { to } of product.edges(node)) {
      if (parent[to] !== none) continue;
      parent[to] = node;
      queue.push(to);
    }
  }
  throw new Error("no path leads to the cycle that was found");
}

/** A place of the search: node, what has been met as bits, and how it was reached. */
interface Place {
  readonly node: number;
  readonly met: bigint;
  readonly from: Place | null;
  readonly position: number;
}

class CycleSearch {
  readonly #product: Product;
  readonly #components: Components;
  readonly #harmed: number;
  readonly #entry: number;
  /** Constraints that a cycle of the component could miss, in the order of their bits; before them the acceptance sets. */
  readonly #constraints: readonly number[];
  readonly #sets: number;
  readonly #all: bigint;

  constructor(product: Product, components: Components, harmed: number, entry: number) {
    this.#product = product;
    this.#components = components;
    this.#harmed = harmed;
    this.#entry = entry;
    this.#sets = Math.log2(product.marks + 1);
    this.#constraints = this.#open();
    this.#all = (1n << BigInt(this.#sets + this.#constraints.length + (harmed === 0 ? 0 : 1))) - 1n;
  }

  /** The edges that stay in the component. */
  #edges(node: number): readonly ProductEdge[] {
    return this.#product.edges(node).filter(({ to }) => this.#components.areTogether(node, to));
  }

  /** Constraints that are enabled somewhere in the component; all, if it is too large to be looked through. */
  #open(): readonly number[] {
    const { constraints } = this.#product;
    const all = constraints.all.map((_, index) => index);
    const found = new Set<number>();
    const seen = new Set([this.#entry]);
    for (const node of seen) {
      for (const index of all) if (this.#isEnabled(node, index)) found.add(index);
      if (seen.size > most || found.size === all.length) return all;
      for (const { to } of this.#edges(node)) seen.add(to);
    }
    return all.filter((index) => found.has(index));
  }
  #isEnabled(node: number, constraint: number): boolean {
    const { constraints } = this.#product;
    return this.#product.classesAt(node).some((kind) => constraints.has(constraints.enabling, kind, constraint));
  }

  /** What being at a node meets: weak constraints that are not enabled there, harm. */
  #atNode(node: number): bigint {
    const { constraints } = this.#product;
    let met = 0n;
    const tells = !this.#product.isReduced(node);
    for (const [i, constraint] of this.#constraints.entries())
      if (tells && constraints.all[constraint]?.strength === "weak" && !this.#isEnabled(node, constraint)) met |= 1n << BigInt(this.#sets + i);
    if (this.#harmed !== 0 && (this.#product.harmedAt(node) & this.#harmed) !== 0) met |= 1n << BigInt(this.#sets + this.#constraints.length);
    return met;
  }
  /** What taking an edge meets. */
  #onEdge(edge: ProductEdge): bigint {
    const { constraints } = this.#product;
    let met = BigInt(edge.marks);
    for (const [i, constraint] of this.#constraints.entries())
      if (constraints.has(constraints.taking, edge.class, constraint)) met |= 1n << BigInt(this.#sets + i);
    return met;
  }

  cycle(): readonly LassoStep[] {
    const start: Place = { node: this.#entry, met: this.#atNode(this.#entry), from: null, position: 0 };
    const { width } = this.#product;
    const steps: LassoStep[] = [];
    for (let at = this.#shortest(start) ?? this.#greedy(start); at.from !== null; at = at.from)
      steps.unshift({ state: Math.floor(at.from.node / width), position: at.position });
    return steps;
  }

  /** Breadth first until everything is met and the entry is reached again; null if that grows too large. */
  #shortest(start: Place): Place | null {
    return this.#search(start, true, (place) => place.node === this.#entry && place.met === this.#all);
  }
  /** To the nearest node where something more is met, again and again, and home. */
  #greedy(start: Place): Place {
    let here = start;
    while (here.met !== this.#all) {
      const before = here.met;
      const next = this.#search(here, false, ({ met }) => met !== before);
      if (next === null) throw new Error("a fair component does not meet what it has to");
      here = next;
    }
    if (here.node === this.#entry && here.from !== null) return here;
    const home = this.#search(here, false, ({ node }) => node === this.#entry);
    if (home === null) throw new Error("a component has no way back");
    return home;
  }

  /** Breadth first to the nearest place that is an end. `exact`: places with the same node and other needs met are different ones, up to a bound. */
  #search(start: Place, exact: boolean, isEnd: (place: Place) => boolean): Place | null {
    const seen = new Map<number, Set<bigint>>([[start.node, new Set([start.met])]]);
    let size = 1;
    for (let level: readonly Place[] = [start]; level.length > 0; ) {
      const next: Place[] = [];
      for (const from of level) {
        for (const edge of this.#edges(from.node)) {
          const place: Place = { node: edge.to, met: from.met | this.#onEdge(edge) | this.#atNode(edge.to), from, position: edge.position };
          if (isEnd(place)) return place;
          const known = seen.get(edge.to);
          if (known !== undefined && (!exact || known.has(place.met))) continue;
          if (++size > most && exact) return null;
          if (known === undefined) seen.set(edge.to, new Set([place.met]));
          else known.add(place.met);
          next.push(place);
        }
      }
      level = next;
    }
    return null;
  }
}
