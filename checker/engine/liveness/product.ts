/**
 * The product of the graph of states with an automaton, or with nothing, as a graph whose nodes are numbers: the state's
 * number times the automaton's states, plus that of the automaton. Edges are made as they are asked for.
 */
import { type Automaton, componentsOf, type Edge } from "../../../model/ltl/automaton.ts";
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

/** For each automaton state the moves that are possible with a letter: pairs of target and marks. */
type Moves = readonly Int32Array[];

export class Product {
  readonly graph: StateGraph;
  readonly constraints: Constraints;
  /** Automaton states. */
  readonly width: number;
  /** Bits that together are all acceptance sets. */
  readonly marks: number;
  /** Edges that end operations of these threads do not exist. */
  readonly without: number;
  readonly #edges: readonly (readonly Edge[])[];
  readonly #moves: Map<number, Moves> = new Map();
  /** The automaton may stay in its first state whatever is true, and a run that does so for ever is not accepted. */
  readonly waits: boolean;
  /** By automaton state: its component, if a run can stay there and be accepted, else -1. */
  readonly hot: Int32Array;

  constructor(graph: StateGraph, constraints: Constraints, automaton: Automaton, without: number = 0) {
    this.graph = graph;
    this.constraints = constraints;
    this.width = automaton.edges.length;
    this.marks = 2 ** automaton.sets - 1;
    this.without = without;
    this.#edges = automaton.edges;
    this.hot = Int32Array.from(componentsOf(automaton), ({ number, accepting }) => (accepting ? number : -1));
    this.waits = this.hot[0] === -1 && (automaton.edges[0]?.some(({ yes, no, to }) => to === 0 && yes === 0 && no === 0) ?? false);
  }

  get nodes(): number {
    return this.graph.states * this.width;
  }

  /** The automaton's moves in a state. */
  movesAt(state: number): Moves {
    const letter = this.graph.letters[state] ?? 0;
    let moves = this.#moves.get(letter);
    if (moves === undefined) {
      moves = this.#edges.map((edges) =>
        Int32Array.from(edges.filter(({ yes, no }) => (letter & yes) === yes && (letter & no) === 0).flatMap(({ to, marks }) => [to, marks])),
      );
      this.#moves.set(letter, moves);
    }
    return moves;
  }

  /** The classes of all edges of a node's state, also of those that do not exist here. */
  classesAt(node: number): readonly number[] {
    const { graph, width } = this;
    const found: number[] = [];
    for (let edge = graph.first[Math.floor(node / width)] ?? 0; ; edge++) {
      const kind = graph.classes[edge] ?? lastEdge;
      found.push(kind & ~lastEdge);
      if ((kind & lastEdge) !== 0) return found;
    }
  }

  /** All edges of a node, in an order that does not depend on the numbers of states. */
  edges(node: number): readonly ProductEdge[] {
    const { graph, width, without } = this;
    const state = Math.floor(node / width);
    const moves = this.movesAt(state)[node % width] ?? new Int32Array(0);
    const found: ProductEdge[] = [];
    for (let edge = graph.first[state] ?? 0, position = 0; ; edge++, position++) {
      const kind = graph.classes[edge] ?? lastEdge;
      if (without === 0 || ((graph.served[edge] ?? 0) & without) === 0) {
        for (let i = 0; i < moves.length; i += 2)
          found.push({ to: (graph.targets[edge] ?? 0) * width + (moves[i] ?? 0), position, class: kind & ~lastEdge, marks: moves[i + 1] ?? 0 });
      }
      if ((kind & lastEdge) !== 0) return found;
    }
  }
}
