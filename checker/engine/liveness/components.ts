/**
 * Whether a product has a fair accepted cycle: its strongly connected components in one depth-first pass (Tarjan 1972, with
 * one number for each node: Pearce, "A space-efficient algorithm for finding strongly connected components", 2016), each
 * judged by what its nodes and inner edges do to acceptance sets and fairness constraints. Where a strong constraint is
 * enabled and never taken, the nodes that enable it are left out and the rest is taken apart again (Emerson and Lei 1987).
 */
import type { Bound } from "../../result.ts";
import { classMask, lastEdge, reducedState, servedShift } from "../code/runs.ts";
import type { Pause } from "../crew.ts";
import type { Exchange } from "./exchange.ts";
import type { Product } from "./product.ts";

/** Steps between two looks at the clock; V8 replaces baseline code sooner between calls than inside of one. */
const stretch = 200_000;
/** The component of every node whose state has not been expanded; those of the others count down from here. */
const unexpanded = 0xffff_ffff;

export class Components {
  readonly #product: Product;
  /** Some state must harm one of these threads; 0: that does not matter. */
  readonly #harmed: number;
  /** Where states are kept in one order of their replicas. */
  readonly #exchange: Exchange | null;
  /** 0: not seen; small: on the way; large: its component. */
  readonly #index: Uint32Array;
  /** Nodes on the way: the node, the edge and the move that are next, its moves, whether it may be a root. */
  #nodes: Uint32Array = new Uint32Array(1_024);
  #edges: Uint32Array = new Uint32Array(1_024);
  #moves: Int32Array = new Int32Array(1_024);
  #ranges: Int32Array = new Int32Array(1_024);
  #roots: Uint8Array = new Uint8Array(1_024);
  #depth = 0;
  /** Nodes that are done, whose component is not. */
  #stack: Uint32Array = new Uint32Array(1_024);
  #height = 0;
  #next = 1;
  #component: number = unexpanded;
  readonly #fair: Set<number> = new Set();
  /** Components in which strong constraints are enabled and never taken; the one that is being taken apart, and how far. */
  readonly #open: Uint32Array[] = [];
  #apart: Uint32Array = new Uint32Array(0);
  #looked = 0;
  /** States up to which roots have been looked for. */
  #state = 0;
  /** Steps that are left of a stretch. */
  #left = 0;

  constructor(product: Product, harmed: number, exchange: Exchange | null = null) {
    this.#product = product;
    this.#harmed = harmed;
    this.#exchange = exchange;
    const index = new Uint32Array(product.nodes);
    const { first, states } = product.graph;
    for (let state = states; state-- > 0; ) if (first[state] === 0) index.fill(unexpanded, state * product.width, (state + 1) * product.width);
    this.#index = index;
  }

  /** Bytes that such an analysis takes: the number of each node, and the way in the worst case. */
  static bytes(product: Product, exchange: Exchange | null = null): number {
    return (4 + (exchange?.bytes ?? 0)) * product.nodes + 21 * product.graph.states;
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
  async find(pause: Pause): Promise<Bound | null> {
    for (;;) {
      this.#left = stretch;
      while (this.#left > 0) if (this.#depth > 0 ? this.#advance() : !this.#begin()) return null;
      const bound = await pause();
      if (bound !== null) return bound;
    }
  }

  /**
   * Enters a node from which something new may be reached; false if there is none. From all states together everything is
   * reached that can lie on an accepted cycle.
   */
  #begin(): boolean {
    const { graph, width, waits, entry, moves, ranges, mask } = this.#product;
    const { first, log, states } = graph;
    for (; this.#state < states && this.#left > 0; this.#left--) {
      const state = this.#state++;
      const record = first[state] ?? 0;
      const node = state * width + entry;
      if (record === 0 || this.#index[node] !== 0) continue;
      if (this.#harmed !== 0) {
        if (((log[record + 1] ?? 0) & this.#harmed) === 0) continue;
      } else if (waits) {
        // The automaton may stay in its first state for ever, so that it is there with every state.
        const range = ((log[record] ?? 0) & mask) * width + entry;
        const from = ranges[range] ?? 0;
        const moving = (ranges[range + 1] ?? 0) - from;
        if (moving === 0 || (entry === 0 && moving === 2 && moves[from] === 0)) continue;
      } else if (state > 0) {
        this.#state = states;
        break;
      }
      this.#push(node, state);
      return true;
    }
    if (this.#state < states) return true;
    for (;;) {
      while (this.#looked < this.#apart.length) {
        const node = this.#apart[this.#looked++] ?? 0;
        if (this.#index[node] !== 0) continue;
        this.#push(node, this.#product.stateOf(node));
        return true;
      }
      const open = this.#open.pop();
      if (open === undefined) return false;
      for (const node of open) this.#index[node] = 0;
      this.#apart = open;
      this.#looked = 0;
    }
  }

  #push(node: number, state: number): void {
    const { graph, width, ranges, mask } = this.#product;
    const depth = this.#depth++;
    if (depth === this.#nodes.length) {
      this.#nodes = twice(this.#nodes, new Uint32Array(2 * depth));
      this.#edges = twice(this.#edges, new Uint32Array(2 * depth));
      this.#moves = twice(this.#moves, new Int32Array(2 * depth));
      this.#ranges = twice(this.#ranges, new Int32Array(2 * depth));
      this.#roots = twice(this.#roots, new Uint8Array(2 * depth));
    }
    const record = graph.first[state] ?? 0;
    const range = ((graph.log[record] ?? 0) & mask) * width + node - state * width;
    this.#nodes[depth] = node;
    this.#edges[depth] = record + 2;
    this.#moves[depth] = ranges[range] ?? 0;
    this.#ranges[depth] = range;
    this.#roots[depth] = 1;
    this.#index[node] = this.#next++;
  }

  /** Goes on for a while. */
  #advance(): false {
    const { graph, width, without, waits, moves, ranges } = this.#product;
    const { log } = graph;
    const index = this.#index;
    for (; this.#depth > 0 && this.#left > 0; this.#left--) {
      const top = this.#depth - 1;
      const node = this.#nodes[top] ?? 0;
      const range = this.#ranges[top] ?? 0;
      const begin = ranges[range] ?? 0;
      const end = ranges[range + 1] ?? 0;
      let least = index[node] ?? 0;
      let edge = this.#edges[top] ?? 0;
      let move = this.#moves[top] ?? 0;
      let child = -1;
      let target = 0;
      for (let more = begin < end; more; ) {
        target = log[edge] ?? 0;
        const says = log[edge + 1] ?? 0;
        if (((says >>> servedShift) & without) === 0) {
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
        more = (says & lastEdge) === 0;
        edge += 2;
        move = begin;
      }
      index[node] = least;
      if (child >= 0) {
        this.#edges[top] = edge;
        this.#moves[top] = move + 2;
        this.#push(child, target);
      } else this.#leave(node, top);
    }
    return false;
  }

  /** A node all of whose edges have been followed. */
  #leave(node: number, top: number): void {
    const index = this.#index;
    const own = index[node] ?? 0;
    this.#depth = top;
    if (this.#roots[top] === 1) {
      const component = --this.#component;
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
    const { width, constraints, hot } = this.#product;
    if (hot[node % width] === -1 || (from === end && !this.#isOwnSuccessor(node))) return;
    const starved = [0, 0];
    for (let word = 0; word < constraints.words; word++) {
      const strong = this.#starvedIn(node, from, end, component, word);
      if (strong === null) return;
      starved[word] = strong;
    }
    const [starved0 = 0, starved1 = 0] = starved;
    if (starved0 === 0 && starved1 === 0) {
      if (this.#isFairToReplicas(node, from, end, component)) this.#fair.add(component);
    } else this.#takeApart(node, from, end, starved0, starved1);
  }

  #isFairToReplicas(node: number, from: number, end: number, component: number): boolean {
    if (this.#exchange === null) return true;
    const index = this.#index;
    return this.#exchange.isFair(this.#product, [...this.#stack.subarray(from, end), node], (to) => index[to] === component);
  }

  /** Of 32 constraints those strong ones that are enabled in a component and never taken; null: it has no fair accepted cycle, nor has any part of it. */
  #starvedIn(node: number, from: number, end: number, component: number, word: number): number | null {
    const product = this.#product;
    const { graph, width, constraints, without, moves, ranges, mask } = product;
    const { first, log } = graph;
    const { enabling, taking, every, strong } = constraints;
    const index = this.#index;
    let taken = 0;
    let always = (every[word] ?? 0) & ~(this.#exchange?.masks[word] ?? 0);
    let ever = 0;
    let marks = 0;
    let harmed = 0;
    for (let i = from; i <= end; i++) {
      const member = i === end ? node : (this.#stack[i] ?? 0);
      const state = product.stateOf(member);
      const record = first[state] ?? 0;
      const range = ((log[record] ?? 0) & mask) * width + member - state * width;
      const begin = ranges[range] ?? 0;
      const last = ranges[range + 1] ?? 0;
      harmed |= log[record + 1] ?? 0;
      let here = 0;
      for (let edge = record + 2, more = true; more; edge += 2) {
        const says = log[edge + 1] ?? lastEdge;
        const row = 2 * (says & classMask) + word;
        more = (says & lastEdge) === 0;
        here |= enabling[row] ?? 0;
        if (((says >>> servedShift) & without) !== 0) continue;
        const target = (log[edge] ?? 0) * width;
        for (let move = begin; move < last; move += 2) {
          if (index[target + (moves[move] ?? 0)] !== component) continue;
          marks |= moves[move + 1] ?? 0;
          taken |= taking[row] ?? 0;
        }
      }
      // Of a state with steps left out the next one with all of them tells who could step.
      if (((log[record + 1] ?? 0) & reducedState) === 0) always &= here;
      ever |= here;
    }
    if ((this.#harmed !== 0 && (harmed & this.#harmed) === 0) || marks !== product.marks || (always & ~taken) !== 0) return null;
    return ever & ~taken & (strong[word] ?? 0);
  }

  #isOwnSuccessor(node: number): boolean {
    const { graph, without, width, moves, ranges } = this.#product;
    const { log } = graph;
    const state = this.#product.stateOf(node);
    const record = graph.first[state] ?? 0;
    const range = this.#product.rangeOf(node, record);
    for (let edge = record + 2; ; edge += 2) {
      const says = log[edge + 1] ?? lastEdge;
      if (log[edge] === state && ((says >>> servedShift) & without) === 0)
        for (let move = ranges[range] ?? 0; move < (ranges[range + 1] ?? 0); move += 2) if (moves[move] === node - state * width) return true;
      if ((says & lastEdge) !== 0) return false;
    }
  }

  /** Without the nodes at which one of these constraints is enabled, what is left may be fair. */
  #takeApart(node: number, from: number, end: number, starved0: number, starved1: number): void {
    const { constraints } = this.#product;
    const { enabling } = constraints;
    const { first, log } = this.#product.graph;
    const rest = new Uint32Array(end - from + 1);
    let left = 0;
    for (let i = from; i <= end; i++) {
      const member = i === end ? node : (this.#stack[i] ?? 0);
      let isLeftOut = false;
      for (let edge = (first[this.#product.stateOf(member)] ?? 0) + 2, more = true; more && !isLeftOut; edge += 2) {
        const says = log[edge + 1] ?? lastEdge;
        const row = 2 * (says & classMask);
        isLeftOut = ((enabling[row] ?? 0) & starved0) !== 0 || ((enabling[row + 1] ?? 0) & starved1) !== 0;
        more = (says & lastEdge) === 0;
      }
      // The others are looked at once nobody is on the way.
      if (isLeftOut) this.#index[member] = --this.#component;
      else rest[left++] = member;
    }
    if (left > 0) this.#open.push(rest.slice(0, left));
  }
}

/** The same in a larger array. */
function twice<T extends Uint32Array | Int32Array | Uint8Array>(from: T, into: T): T {
  into.set(from);
  return into;
}
