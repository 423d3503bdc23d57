/**
 * Whether a product has a fair accepted cycle: its strongly connected components in one depth-first pass (Tarjan 1972, with
 * one number for each node: Pearce, "A space-efficient algorithm for finding strongly connected components", 2016), each
 * judged by what its nodes and inner edges do to acceptance sets and fairness constraints. Where a strong constraint is
 * enabled and never taken, the nodes that enable it are left out and the rest is taken apart again (Emerson and Lei 1987).
 */
import { lastEdge } from "../code/runs.ts";
import type { Bound } from "../../result.ts";
import type { Product } from "./product.ts";

/** Steps between two looks at the clock; V8 replaces baseline code sooner between calls than inside of one. */
const stretch = 200_000;

export class Components {
  readonly #product: Product;
  /** Some state must harm one of these threads; 0: that does not matter. */
  readonly #harmed: number;
  /** 0: not seen; small: on the way; large: its component. */
  readonly #index: Uint32Array;
  /** Nodes on the way: the node, its state, the edge and the move that are next, whether it may be a root. */
  #nodes: Uint32Array = new Uint32Array(1_024);
  #states: Uint32Array = new Uint32Array(1_024);
  #edges: Uint32Array = new Uint32Array(1_024);
  #moves: Int32Array = new Int32Array(1_024);
  #roots: Uint8Array = new Uint8Array(1_024);
  #depth = 0;
  /** Nodes that are done, whose component is not. */
  #stack: Uint32Array = new Uint32Array(1_024);
  #height = 0;
  #next = 1;
  #component = 0xffff_ffff;
  readonly #fair: Set<number> = new Set();
  /** Components in which strong constraints are enabled and never taken. */
  readonly #open: Uint32Array[] = [];

  constructor(product: Product, harmed: number) {
    this.#product = product;
    this.#harmed = harmed;
    this.#index = new Uint32Array(product.nodes);
  }

  /** Bytes that such an analysis takes: the number of each node, and the way in the worst case. */
  static bytes(product: Product): number {
    return 4 * product.nodes + 21 * product.graph.states;
  }

  /** Whether there is a fair accepted cycle at all. */
  get some(): boolean {
    return this.#fair.size > 0;
  }
  /** Whether a node lies in a component with a fair accepted cycle. */
  isFair(node: number): boolean {
    return this.#fair.has(this.#index[node] ?? 0);
  }
  areTogether(a: number, b: number): boolean {
    return this.#index[a] === this.#index[b];
  }

  /** Finds them all; what ended the search early, if anything did. */
  async find(pause: () => Promise<Bound | null>): Promise<Bound | null> {
    const { graph } = this.#product;
    for (let state = 0; state < graph.states; state++) {
      if (state % stretch === 0) {
        const bound = await pause();
        if (bound !== null) return bound;
      }
      for (const root of this.#rootsAt(state)) {
        const bound = await this.#explore(root, pause);
        if (bound !== null) return bound;
      }
    }
    for (let open = this.#open.pop(); open !== undefined; open = this.#open.pop()) {
      for (const node of open) this.#index[node] = 0;
      for (const node of open) {
        const bound = await this.#explore(node, pause);
        if (bound !== null) return bound;
      }
    }
    return null;
  }

  /** Nodes from which, all states together, everything is reached that can lie on an accepted cycle. */
  #rootsAt(state: number): readonly number[] {
    const { graph, width, waits, moves, ranges } = this.#product;
    if (this.#harmed !== 0) return ((graph.harmed[state] ?? 0) & this.#harmed) === 0 ? none : [state];
    if (!waits) return state === 0 ? [0] : none;
    // The automaton may stay in its first state for ever, so that it is there with every state.
    const range = (graph.letters[state] ?? 0) * width;
    const [from, to] = [ranges[range] ?? 0, ranges[range + 1] ?? 0];
    if (to - from <= 2 && moves[from] === 0) return none;
    const roots: number[] = [];
    for (let edge = graph.first[state] ?? 0; ; edge++) {
      const target = (graph.targets[edge] ?? 0) * width;
      for (let move = from; move < to; move += 2) {
        const root = target + (moves[move] ?? 0);
        if (moves[move] !== 0 && this.#index[root] === 0) roots.push(root);
      }
      if (((graph.classes[edge] ?? lastEdge) & lastEdge) !== 0) return roots.length === 0 ? none : roots;
    }
  }

  /** Depth first from a node, with looks at the clock. */
  async #explore(root: number, pause: () => Promise<Bound | null>): Promise<Bound | null> {
    if (this.#index[root] !== 0) return null;
    this.#push(root, this.#product.stateOf(root));
    while (!this.#advance()) {
      const bound = await pause();
      if (bound !== null) return bound;
    }
    return null;
  }

  #push(node: number, state: number): void {
    const { graph, width, ranges } = this.#product;
    if (this.#depth === this.#nodes.length) {
      this.#nodes = twice(this.#nodes, new Uint32Array(2 * this.#depth));
      this.#states = twice(this.#states, new Uint32Array(2 * this.#depth));
      this.#edges = twice(this.#edges, new Uint32Array(2 * this.#depth));
      this.#moves = twice(this.#moves, new Int32Array(2 * this.#depth));
      this.#roots = twice(this.#roots, new Uint8Array(2 * this.#depth));
    }
    this.#nodes[this.#depth] = node;
    this.#states[this.#depth] = state;
    this.#edges[this.#depth] = graph.first[state] ?? 0;
    this.#moves[this.#depth] = ranges[(graph.letters[state] ?? 0) * width + node - state * width] ?? 0;
    this.#roots[this.#depth] = 1;
    this.#depth++;
    this.#index[node] = this.#next++;
  }

  /** Goes on for a while; whether all is done that can be reached. */
  #advance(): boolean {
    const { graph, width, without, waits, moves, ranges } = this.#product;
    const { targets, classes, served, letters } = graph;
    const index = this.#index;
    for (let work = 0; this.#depth > 0; work++) {
      if (work === stretch) return false;
      const top = this.#depth - 1;
      const node = this.#nodes[top] ?? 0;
      const state = this.#states[top] ?? 0;
      const range = (letters[state] ?? 0) * width + node - state * width;
      const begin = ranges[range] ?? 0;
      const end = ranges[range + 1] ?? 0;
      let least = index[node] ?? 0;
      let edge = this.#edges[top] ?? 0;
      let move = this.#moves[top] ?? 0;
      let child = -1;
      let target = 0;
      for (let more = begin < end; more; ) {
        target = targets[edge] ?? 0;
        if (without === 0 || ((served[edge] ?? 0) & without) === 0) {
          for (; move < end; move += 2) {
            const to = moves[move] ?? 0;
            if (waits && to === 0) continue;
            const next = target * width + to;
            const seen = index[next] ?? 0;
            if (seen === 0) {
              child = next;
              break;
            }
            if (seen < least) {
              least = seen;
              this.#roots[top] = 0;
            }
          }
        }
        if (child >= 0) break;
        more = ((classes[edge] ?? lastEdge) & lastEdge) === 0;
        edge++;
        move = begin;
      }
      index[node] = least;
      if (child >= 0) {
        this.#edges[top] = edge;
        this.#moves[top] = move + 2;
        this.#push(child, target);
      } else this.#leave(node, top);
    }
    return true;
  }

  /** A node all of whose edges have been followed. */
  #leave(node: number, top: number): void {
    const index = this.#index;
    const own = index[node] ?? 0;
    this.#depth = top;
    if (this.#roots[top] === 1) {
      const component = this.#component--;
      const end = this.#height;
      let height = end;
      while (height > 0 && own <= (index[this.#stack[height - 1] ?? 0] ?? 0)) {
        height--;
        index[this.#stack[height] ?? 0] = component;
      }
      this.#next -= end - height + 1;
      this.#height = height;
      index[node] = component;
      this.#judge(node, height, end, component);
      return;
    }
    if (this.#height === this.#stack.length) this.#stack = twice(this.#stack, new Uint32Array(2 * this.#height));
    this.#stack[this.#height++] = node;
    const parent = this.#nodes[top - 1] ?? 0;
    if (own >= (index[parent] ?? 0)) return;
    index[parent] = own;
    this.#roots[top - 1] = 0;
  }

  /** Judges the component of `node` and what stands on the stack from `from` to `end`. */
  #judge(node: number, from: number, end: number, component: number): void {
    const product = this.#product;
    const { graph, width, constraints, without, hot, moves, ranges } = product;
    const { first, targets, classes, served, letters, harmed } = graph;
    const { enabling, taking, every, strong } = constraints;
    const index = this.#index;
    if (hot[node - product.stateOf(node) * width] === -1 || (from === end && !this.#isOwnSuccessor(node))) return;
    let [taken0, taken1] = [0, 0];
    let [always0, always1] = [every[0] ?? 0, every[1] ?? 0];
    let [ever0, ever1] = [0, 0];
    let marks = 0;
    let isHarmed = this.#harmed === 0;
    for (let i = from; i <= end; i++) {
      const member = i === end ? node : (this.#stack[i] ?? 0);
      const state = width === 1 ? member : Math.floor(member / width);
      const range = (letters[state] ?? 0) * width + member - state * width;
      const begin = ranges[range] ?? 0;
      const last = ranges[range + 1] ?? 0;
      isHarmed ||= ((harmed[state] ?? 0) & this.#harmed) !== 0;
      let [here0, here1] = [0, 0];
      for (let edge = first[state] ?? 0, more = true; more; edge++) {
        const kind = classes[edge] ?? lastEdge;
        const row = 2 * (kind & ~lastEdge);
        more = (kind & lastEdge) === 0;
        here0 |= enabling[row] ?? 0;
        here1 |= enabling[row + 1] ?? 0;
        if (without !== 0 && ((served[edge] ?? 0) & without) !== 0) continue;
        const target = (targets[edge] ?? 0) * width;
        for (let move = begin; move < last; move += 2) {
          if (index[target + (moves[move] ?? 0)] !== component) continue;
          marks |= moves[move + 1] ?? 0;
          taken0 |= taking[row] ?? 0;
          taken1 |= taking[row + 1] ?? 0;
        }
      }
      always0 &= here0;
      always1 &= here1;
      ever0 |= here0;
      ever1 |= here1;
    }
    if (!isHarmed || marks !== product.marks || (always0 & ~taken0) !== 0 || (always1 & ~taken1) !== 0) return;
    const starved0 = ever0 & ~taken0 & (strong[0] ?? 0);
    const starved1 = ever1 & ~taken1 & (strong[1] ?? 0);
    if (starved0 === 0 && starved1 === 0) this.#fair.add(component);
    else this.#takeApart(node, from, end, starved0, starved1);
  }

  #isOwnSuccessor(node: number): boolean {
    const { graph, width, without, moves, ranges } = this.#product;
    const state = this.#product.stateOf(node);
    const range = (graph.letters[state] ?? 0) * width + node - state * width;
    for (let edge = graph.first[state] ?? 0; ; edge++) {
      if (graph.targets[edge] === state && (without === 0 || ((graph.served[edge] ?? 0) & without) === 0))
        for (let move = ranges[range] ?? 0; move < (ranges[range + 1] ?? 0); move += 2) if (moves[move] === node - state * width) return true;
      if (((graph.classes[edge] ?? lastEdge) & lastEdge) !== 0) return false;
    }
  }

  /** Without the nodes at which one of these constraints is enabled, what is left may be fair. */
  #takeApart(node: number, from: number, end: number, starved0: number, starved1: number): void {
    const { constraints } = this.#product;
    const { enabling } = constraints;
    const rest: number[] = [];
    for (let i = from; i <= end; i++) {
      const member = i === end ? node : (this.#stack[i] ?? 0);
      const isLeftOut = this.#product
        .classesAt(member)
        .some((kind) => ((enabling[2 * kind] ?? 0) & starved0) !== 0 || ((enabling[2 * kind + 1] ?? 0) & starved1) !== 0);
      // The others are looked at once nobody is on the way.
      if (isLeftOut) this.#index[member] = this.#component--;
      else rest.push(member);
    }
    if (rest.length > 0) this.#open.push(Uint32Array.from(rest));
  }
}

const none: readonly number[] = [];

/** The same in a larger array. */
function twice<T extends Uint32Array | Int32Array | Uint8Array>(from: T, into: T): T {
  into.set(from);
  return into;
}
