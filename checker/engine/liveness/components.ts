/**
 * Whether a product has a fair accepted cycle: its strongly connected components in one depth-first pass (Tarjan 1972, with
 * one number for each node: Pearce, "A space-efficient algorithm for finding strongly connected components", 2016), each
 * judged by what its nodes and inner edges do to acceptance sets and fairness constraints. Where a strong constraint is
 * enabled and never taken, the nodes that enable it are left out and the rest is taken apart again (Emerson and Lei 1987).
 */
import { lastEdge } from "../code/runs.ts";
import type { Bound } from "../../result.ts";
import type { Product } from "./product.ts";

/** Nodes between two looks at the clock. */
const stretch = 200_000;

export class Components {
  readonly #product: Product;
  /** Some state must harm one of these threads; 0: that does not matter. */
  readonly #harmed: number;
  /** 0: not seen; small: on the way; large: its component. */
  readonly #index: Uint32Array;
  readonly #call: { node: Uint32Array; edge: Uint32Array; move: Uint32Array; root: Uint8Array };
  #stack: Uint32Array = new Uint32Array(1_024);
  #depth = 0;
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
    this.#call = { node: new Uint32Array(1_024), edge: new Uint32Array(1_024), move: new Uint32Array(1_024), root: new Uint8Array(1_024) };
  }

  /** Bytes that such an analysis begins with. */
  static bytes(product: Product): number {
    return 4 * product.nodes;
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
    let work = 0;
    for (const root of this.#roots()) {
      if (this.#index[root] !== 0) continue;
      const before = this.#next;
      for (const _ of this.#visit(root)) {
        const bound = await pause();
        if (bound !== null) return bound;
      }
      work += this.#next - before + 1;
      if (work < stretch) continue;
      work = 0;
      const bound = await pause();
      if (bound !== null) return bound;
    }
    for (let open = this.#open.pop(); open !== undefined; open = this.#open.pop()) {
      for (const node of open) this.#index[node] = 0;
      for (const node of open) if (this.#index[node] === 0) for (const _ of this.#visit(node));
      const bound = await pause();
      if (bound !== null) return bound;
    }
    return null;
  }

  /** Nodes from which everything is reached that can lie on an accepted cycle. */
  *#roots(): Generator<number> {
    const product = this.#product;
    const { graph, width } = product;
    if (this.#harmed !== 0) {
      for (let state = 0; state < graph.states; state++) if (((graph.harmed[state] ?? 0) & this.#harmed) !== 0) yield state;
      return;
    }
    if (!product.waits) {
      yield 0;
      return;
    }
    // The automaton may stay in its first state for ever, so that it is there with every state.
    for (let state = 0; state < graph.states; state++) {
      const moves = product.movesAt(state)[0];
      if (moves === undefined || moves.length <= 2) continue;
      for (let edge = graph.first[state] ?? 0; ; edge++) {
        for (let i = 0; i < moves.length; i += 2) if (moves[i] !== 0) yield (graph.targets[edge] ?? 0) * width + (moves[i] ?? 0);
        if (((graph.classes[edge] ?? lastEdge) & lastEdge) !== 0) break;
      }
    }
  }

  #push(node: number): void {
    const call = this.#call;
    if (this.#depth === call.node.length) {
      const size = 2 * this.#depth;
      const larger = <T extends Uint32Array | Uint8Array>(into: T, from: T): T => {
        into.set(from);
        return into;
      };
      call.node = larger(new Uint32Array(size), call.node);
      call.edge = larger(new Uint32Array(size), call.edge);
      call.move = larger(new Uint32Array(size), call.move);
      call.root = larger(new Uint8Array(size), call.root);
    }
    const state = Math.floor(node / this.#product.width);
    call.node[this.#depth] = node;
    call.edge[this.#depth] = this.#product.graph.first[state] ?? 0;
    call.move[this.#depth] = 0;
    call.root[this.#depth] = 1;
    this.#depth++;
    this.#index[node] = this.#next++;
  }

  /** Depth first from a node; comes back now and then. */
  *#visit(start: number): Generator<void> {
    const product = this.#product;
    const { width, without, waits } = product;
    const { targets, classes, served } = product.graph;
    const index = this.#index;
    const call = this.#call;
    let work = 0;
    this.#push(start);
    while (this.#depth > 0) {
      if (++work % stretch === 0) yield;
      const top = this.#depth - 1;
      const node = call.node[top] ?? 0;
      const state = Math.floor(node / width);
      const moves = product.movesAt(state)[node - state * width] as Int32Array;
      let edge = call.edge[top] ?? 0;
      let move = call.move[top] ?? 0;
      let child = -1;
      for (let more = true; more; ) {
        const allowed = without === 0 || ((served[edge] ?? 0) & without) === 0;
        while (allowed && move < moves.length) {
          const to = moves[move] ?? 0;
          move += 2;
          if (to === 0 && waits) continue;
          const target = (targets[edge] ?? 0) * width + to;
          const seen = index[target] ?? 0;
          if (seen === 0) {
            child = target;
            break;
          }
          if (seen < (index[node] ?? 0)) {
            index[node] = seen;
            call.root[top] = 0;
          }
        }
        if (child >= 0) break;
        more = ((classes[edge] ?? lastEdge) & lastEdge) === 0;
        edge++;
        move = 0;
      }
      if (child >= 0) {
        call.edge[top] = edge;
        call.move[top] = move;
        this.#push(child);
        continue;
      }
      this.#leave(node, top);
    }
  }

  /** A node all of whose edges have been followed. */
  #leave(node: number, top: number): void {
    const index = this.#index;
    if (this.#call.root[top] === 1) {
      const own = index[node] ?? 0;
      const component = this.#component--;
      const end = this.#height;
      this.#next--;
      while (this.#height > 0 && own <= (index[this.#stack[this.#height - 1] ?? 0] ?? 0)) {
        this.#height--;
        this.#next--;
        index[this.#stack[this.#height] ?? 0] = component;
      }
      index[node] = component;
      this.#judge(node, this.#height, end, component);
    } else {
      if (this.#height === this.#stack.length) {
        const larger = new Uint32Array(2 * this.#height);
        larger.set(this.#stack);
        this.#stack = larger;
      }
      this.#stack[this.#height++] = node;
    }
    this.#depth = top;
    if (top === 0) return;
    const parent = this.#call.node[top - 1] ?? 0;
    const seen = index[node] ?? 0;
    if (seen < (index[parent] ?? 0)) {
      index[parent] = seen;
      this.#call.root[top - 1] = 0;
    }
  }

  /** Judges the component of `node` and what stands on the stack from `from` to `end`. */
  #judge(node: number, from: number, end: number, component: number): void {
    const product = this.#product;
    const { graph, width, constraints, without, hot } = product;
    const { first, targets, classes, served } = graph;
    const { words, enabling, taking, every, strong } = constraints;
    if (hot[node % width] === -1 || (from === end && !this.#isOwnSuccessor(node))) return;
    const taken = new Int32Array(words);
    const always = every.slice();
    const ever = new Int32Array(words);
    const here = new Int32Array(words);
    let marks = 0;
    let isHarmed = this.#harmed === 0;
    for (let i = from; i <= end; i++) {
      const member = i === end ? node : (this.#stack[i] ?? 0);
      const state = Math.floor(member / width);
      const moves = product.movesAt(state)[member - state * width] as Int32Array;
      isHarmed ||= ((graph.harmed[state] ?? 0) & this.#harmed) !== 0;
      here.fill(0);
      for (let edge = first[state] ?? 0; ; edge++) {
        const kind = classes[edge] ?? lastEdge;
        const row = (kind & ~lastEdge) * words;
        for (let word = 0; word < words; word++) here[word] = (here[word] ?? 0) | (enabling[row + word] ?? 0);
        if (without === 0 || ((served[edge] ?? 0) & without) === 0) {
          for (let move = 0; move < moves.length; move += 2) {
            if (this.#index[(targets[edge] ?? 0) * width + (moves[move] ?? 0)] !== component) continue;
            marks |= moves[move + 1] ?? 0;
            for (let word = 0; word < words; word++) taken[word] = (taken[word] ?? 0) | (taking[row + word] ?? 0);
          }
        }
        if ((kind & lastEdge) !== 0) break;
      }
      for (let word = 0; word < words; word++) {
        always[word] = (always[word] ?? 0) & (here[word] ?? 0);
        ever[word] = (ever[word] ?? 0) | (here[word] ?? 0);
      }
    }
    if (!isHarmed || marks !== product.marks) return;
    if (always.some((row, word) => (row & ~(taken[word] ?? 0)) !== 0)) return;
    const starved = ever.map((row, word) => row & ~(taken[word] ?? 0) & (strong[word] ?? 0));
    if (starved.every((row) => row === 0)) {
      this.#fair.add(component);
      return;
    }
    this.#takeApart(node, from, end, starved);
  }

  #isOwnSuccessor(node: number): boolean {
    const { graph, width, without } = this.#product;
    const state = Math.floor(node / width);
    const moves = this.#product.movesAt(state)[node - state * width] as Int32Array;
    for (let edge = graph.first[state] ?? 0; ; edge++) {
      if (graph.targets[edge] === state && (without === 0 || ((graph.served[edge] ?? 0) & without) === 0))
        for (let move = 0; move < moves.length; move += 2) if (moves[move] === node - state * width) return true;
      if (((graph.classes[edge] ?? lastEdge) & lastEdge) !== 0) return false;
    }
  }

  /** Without the nodes at which one of these constraints is enabled, what is left may be fair. */
  #takeApart(node: number, from: number, end: number, starved: Int32Array): void {
    const { graph, width, constraints } = this.#product;
    const rest: number[] = [];
    for (let i = from; i <= end; i++) {
      const member = i === end ? node : (this.#stack[i] ?? 0);
      let isLeftOut = false;
      for (let edge = graph.first[Math.floor(member / width)] ?? 0; ; edge++) {
        const kind = graph.classes[edge] ?? lastEdge;
        const row = (kind & ~lastEdge) * constraints.words;
        for (let word = 0; word < constraints.words; word++) isLeftOut ||= ((constraints.enabling[row + word] ?? 0) & (starved[word] ?? 0)) !== 0;
        if (isLeftOut || (kind & lastEdge) !== 0) break;
      }
      // The others are looked at once nobody is on the way.
      if (isLeftOut) this.#index[member] = this.#component--;
      else rest.push(member);
    }
    if (rest.length > 0) this.#open.push(Uint32Array.from(rest));
  }
}
