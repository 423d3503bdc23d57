/**
 * The product of the graph of states with an automaton, or with nothing, as a graph whose nodes are numbers: the state's
 * number times the automaton's states, plus that of the automaton. Edges are made as they are asked for.
 */
import { type Automaton, componentsOf } from "../../../model/ltl/automaton.ts";
import { lastEdge } from "../code/runs.ts";
import type { StateGraph } from "../store.ts";
import type { Constraints } from "./constraints.ts";

/** One edge of the product. */
export interface ProductEdge {
  readonly to: number;
  /** Position of the state's edge among its edges. */
  readonly position: number;
  /** Class of its transition. */
  readonly class: number;
  /** Acceptance sets that it belongs to, as bits. */
  readonly marks: number;
}

export class Product {
  readonly graph: StateGraph;
  readonly constraints: Constraints;
  /** Automaton states. */
  readonly width: number;
  /** Bits that together are all acceptance sets. */
  readonly marks: number;
  /** Edges that end operations of these threads do not exist. */
  readonly without: number;
  /** The automaton may stay in its first state whatever is true, and a run that does so for ever is not accepted. */
  readonly waits: boolean;
  /** By automaton state: its component, if a run can stay there and be accepted, else -1. */
  readonly hot: Int32Array;
  /**
   * The automaton's moves: those in its state q with letter l are `moves[ranges[l * width + q]]` up to where the next range
   * begins, each a target and its marks.
   */
  readonly moves: Int32Array;
  readonly ranges: Int32Array;

  /** Letters become small numbers, in the order in which states have them. */
  constructor(graph: StateGraph, constraints: Constraints, automaton: Automaton, without: number = 0) {
    this.graph = graph;
    this.constraints = constraints;
    this.width = automaton.edges.length;
    this.marks = 2 ** automaton.sets - 1;
    this.without = without;
    this.hot = Int32Array.from(componentsOf(automaton), ({ number, accepting }) => (accepting ? number : -1));
    this.waits = this.hot[0] === -1 && (automaton.edges[0]?.some(({ yes, no, to }) => to === 0 && yes === 0 && no === 0) ?? false);
    const moves: number[] = [];
    const ranges = [0];
    for (const letter of renumber(graph.letters)) {
      for (const edges of automaton.edges) {
        for (const { yes, no, to, marks } of edges) if ((letter & yes) === yes && (letter & no) === 0) moves.push(to, marks);
        ranges.push(moves.length);
      }
    }
    this.moves = Int32Array.from(moves);
    this.ranges = Int32Array.from(ranges);
  }

  get nodes(): number {
    return this.graph.states * this.width;
  }
  stateOf(node: number): number {
    return this.width === 1 ? node : Math.floor(node / this.width);
  }

  /** The classes of all edges of a node's state, also of those that do not exist here. */
  classesAt(node: number): readonly number[] {
    const { graph } = this;
    const found: number[] = [];
    for (let edge = graph.first[this.stateOf(node)] ?? 0; ; edge++) {
      const kind = graph.classes[edge] ?? lastEdge;
      found.push(kind & ~lastEdge);
      if ((kind & lastEdge) !== 0) return found;
    }
  }

  /** All edges of a node, in an order that does not depend on the numbers of states. */
  edges(node: number): readonly ProductEdge[] {
    const { graph, width, without, moves, ranges } = this;
    const state = this.stateOf(node);
    const range = (graph.letters[state] ?? 0) * width + node - state * width;
    const found: ProductEdge[] = [];
    for (let edge = graph.first[state] ?? 0, position = 0; ; edge++, position++) {
      const kind = graph.classes[edge] ?? lastEdge;
      if (without === 0 || ((graph.served[edge] ?? 0) & without) === 0) {
        for (let move = ranges[range] ?? 0; move < (ranges[range + 1] ?? 0); move += 2)
          found.push({ to: (graph.targets[edge] ?? 0) * width + (moves[move] ?? 0), position, class: kind & ~lastEdge, marks: moves[move + 1] ?? 0 });
      }
      if ((kind & lastEdge) !== 0) return found;
    }
  }
}

/** Gives equal letters small equal numbers, in their place; the letters by number. */
function renumber(letters: Uint32Array): readonly number[] {
  const numbers = new Map<number, number>();
  let [last, number] = [-1, 0];
  for (let state = 0; state < letters.length; state++) {
    const letter = letters[state] ?? 0;
    if (letter !== last) {
      last = letter;
      number = numbers.get(letter) ?? numbers.size;
      numbers.set(letter, number);
    }
    letters[state] = number;
  }
  return [...numbers.keys()];
}
