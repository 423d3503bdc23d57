/**
 * Weak fairness of replicas of which the states are kept in one order only. A thread has other places in other states: followed
 * along the edges of a component, with the orders that they bring, it comes to every place of one component of the pairs of a state
 * and a replica, and to no other (the threaded graph of Emerson and Sistla, 1997). So a constraint is met for every thread if
 * each component of pairs has a state and place where it is.
 */
import { constraintsOf } from "../../../model/system/symmetry/runs.ts";
import type { System } from "../../../model/system/system.ts";
import type { Store } from "../store.ts";
import type { Product } from "./product.ts";

export class Exchange {
  readonly #store: Store;
  /** By position among the members of all groups: its constraints, in the same order for all of a group. */
  readonly #constraints: readonly (readonly number[])[];
  /** All of these as bits, in two words: they say something about no single thread. */
  readonly masks: readonly [number, number];

  /** `members`: the threads that are renamed, as orders name them. */
  constructor(system: System, members: readonly number[], store: Store) {
    this.#store = store;
    this.#constraints = members.map((thread) => {
      const process = system.processes[thread];
      return process === undefined ? [] : constraintsOf(system, process);
    });
    const masks: [number, number] = [0, 0];
    for (const constraint of this.#constraints.flat()) masks[constraint >> 5 === 0 ? 0 : 1] |= 1 << (constraint & 31);
    this.masks = masks;
  }

  /** Bytes for each node of a component. */
  get bytes(): number {
    return this.#isAsked ? 5 * this.#constraints.length + 16 : 0;
  }
  get #isAsked(): boolean {
    return this.#constraints.some((row) => row.length > 0);
  }

  /** Whether some run goes round a component, fair to every replica. `inside`: whether an edge from one of the nodes to a node stays there. */
  isFair(product: Product, nodes: readonly number[], inside: (to: number) => boolean): boolean {
    if (!this.#isAsked) return true;
    const count = this.#constraints.length;
    const met = new Uint8Array(nodes.length * count);
    for (const [i, node] of nodes.entries()) this.#note(product, node, inside, met.subarray(i * count, (i + 1) * count));
    const all = this.#constraints.map((row) => 2 ** row.length - 1);
    const some = new Uint8Array(count);
    for (let i = 0; i < nodes.length; i++) {
      let full = true;
      for (const [member, every] of all.entries()) {
        const here = met[i * count + member] ?? 0;
        some[member] = (some[member] ?? 0) | here;
        full &&= here === every;
      }
      // A state in which it is met for everybody.
      if (full) return true;
    }
    if (all.every((every, member) => every > 0 && some[member] === 0)) return false;
    return this.#followed(product, nodes, met, all);
  }

  /** What is met of each replica's constraints at a node, or by a step from there. */
  #note(product: Product, node: number, inside: (to: number) => boolean, met: Uint8Array): void {
    const { constraints } = product;
    const classes = product.isReduced(node) ? null : product.classesAt(node);
    const taken = product.edges(node).flatMap((edge) => (inside(edge.to) ? [edge.class] : []));
    for (const [member, row] of this.#constraints.entries()) {
      for (const [bit, constraint] of row.entries()) {
        const isMet =
          (classes !== null && !classes.some((kind) => constraints.has(constraints.enabling, kind, constraint))) ||
          taken.some((kind) => constraints.has(constraints.taking, kind, constraint));
        if (isMet) met[member] = (met[member] ?? 0) | (1 << bit);
      }
    }
  }

  /** Follows every replica along the edges inside. */
  #followed(product: Product, nodes: readonly number[], met: Uint8Array, all: readonly number[]): boolean {
    const count = this.#constraints.length;
    const place = new Map(nodes.map((node, i): [number, number] => [node, i]));
    const parent = Uint32Array.from(met, (_, pair) => pair);
    const rootOf = (pair: number): number => {
      let root = pair;
      for (;;) {
        const up = parent[root] ?? root;
        if (up === root) return root;
        parent[root] = parent[up] ?? up;
        root = up;
      }
    };
    let state = -1;
    let edges: ReturnType<Store["edges"]> = [];
    for (const node of [...nodes].sort((a, b) => a - b)) {
      const from = place.get(node) ?? 0;
      if (product.stateOf(node) !== state) {
        state = product.stateOf(node);
        edges = this.#store.edges(state);
      }
      for (const { to, position } of product.edges(node)) {
        const there = place.get(to);
        if (there === undefined) continue;
        // Where a run stays nobody is renamed.
        const order = edges[position]?.order ?? null;
        for (let member = 0; member < count; member++) {
          const image = order === null ? member : order.indexOf(member);
          const [a, b] = [rootOf(from * count + member), rootOf(there * count + image)];
          if (a !== b) parent[b] = a;
        }
      }
    }
    const together = new Uint8Array(met.length);
    for (let pair = 0; pair < met.length; pair++) {
      const root = rootOf(pair);
      together[root] = (together[root] ?? 0) | (met[pair] ?? 0);
    }
    for (let pair = 0; pair < met.length; pair++) if (together[rootOf(pair)] !== all[pair % count]) return false;
    return true;
  }
}
