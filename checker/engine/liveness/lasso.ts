/**
 * A counterexample: the shortest path to a component with a fair accepted cycle, then from there a cycle that meets every
 * acceptance set and every fairness constraint. Neither depends on how states are numbered.
 */
import type { Components } from "./components.ts";
import { type CycleGraph, cycleFrom } from "./cycle.ts";
import { Needs } from "./needs.ts";
import type { Product } from "./product.ts";

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
  const { cycle } = cycleFrom(component(product, components, harmed, entry), entry);
  return turned([...prefix], [...cycle], (a, b) => a.state === b.state && a.position === b.position);
}

/** The same run with the shortest prefix: what stands before the cycle and at its end need not be told twice. */
export function turned<Step>(
  prefix: Step[],
  cycle: Step[],
  same: (a: Step, b: Step) => boolean,
): { readonly prefix: readonly Step[]; readonly cycle: readonly Step[] } {
  for (;;) {
    const [before, last] = [prefix.at(-1), cycle.at(-1)];
    if (before === undefined || last === undefined || !same(before, last)) return { prefix, cycle };
    prefix.pop();
    cycle.unshift(...cycle.splice(-1));
  }
}

/** The shortest path to a node of a fair component. */
export function prefixOf(product: Product, components: Components): { readonly prefix: readonly LassoStep[]; readonly entry: number } {
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

/** The part of a product that is one component. */
function component(product: Product, components: Components, harmed: number, entry: number): CycleGraph<number, LassoStep> {
  const needs = new Needs(product, components, harmed, entry);
  return {
    all: needs.all,
    most,
    key: (node) => node,
    kind: (node) => node,
    at: (node) => needs.at(node, product.isReduced(node) ? null : product.classesAt(node)),
    edges: (node) =>
      needs.edges(node).map(({ to, position, class: kind, marks }) => ({
        to,
        step: { state: product.stateOf(node), position },
        met: needs.taking(kind, marks),
      })),
  };
}
