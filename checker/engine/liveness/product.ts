/**
 * The product of the states expanded so far with an automaton, or with nothing, as a graph whose nodes are numbers: the
 * state's number times the automaton's states, plus that of the automaton. Edges are made as they are asked for.
 */
import { type Automaton, componentsOf } from "../../../model/ltl/automaton.ts";
import { classMask, lastEdge, reducedState, servedShift } from "../code/runs.ts";
import type { StateGraph } from "../edge-log.ts";
import type { Constraints } from "./constraints.ts";

/** Predicates for whose truth values there is a table. */
const mostAtoms = 10;

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
  /** Where an automaton that waits is entered: its second state, if it can move there from the first wherever it could stay there. */
  readonly entry: number;
  /** By automaton state: its component, if a run can stay there and be accepted, else -1. */
  readonly hot: Int32Array;
  /**
   * The automaton's moves: those in its state q with letter l are `moves[ranges[l * width + q]]` up to where the next range
   * begins, each a target and its marks.
   */
  readonly moves: Int32Array;
  readonly ranges: Int32Array;
  /** The bits of a record's first word that are the letter. */
  readonly mask: number;

  /** `atoms`: how many predicates the letters are about. Of many, letters become small numbers, in the order in which states have them. */
  constructor(graph: StateGraph, constraints: Constraints, automaton: Automaton, atoms: number, without: number = 0) {
    this.graph = graph;
    this.constraints = constraints;
    this.width = automaton.edges.length;
    this.marks = 2 ** automaton.sets - 1;
    this.without = without;
    this.hot = Int32Array.from(componentsOf(automaton), ({ number, accepting }) => (accepting ? number : -1));
    this.waits = this.hot[0] === -1 && (automaton.edges[0]?.some(({ yes, no, to }) => to === 0 && yes === 0 && no === 0) ?? false);
    const moves: number[] = [];
    const ranges = [0];
    this.mask = atoms <= mostAtoms ? 2 ** atoms - 1 : -1;
    for (const letter of atoms <= mostAtoms ? Array.from({ length: 2 ** atoms }, (_, i) => i) : renumber(graph)) {
      for (const edges of automaton.edges) {
        for (const { yes, no, to, marks } of edges) if ((letter & yes) === yes && (letter & no) === 0) moves.push(to, marks);
        ranges.push(moves.length);
      }
    }
    this.moves = Int32Array.from(moves);
    this.ranges = Int32Array.from(ranges);
    this.entry = this.waits && this.width === 2 && this.#isEnteredAnywhere() ? 1 : 0;
  }

  #isEnteredAnywhere(): boolean {
    const { moves, ranges } = this;
    const targets = (range: number): readonly number[] => [...moves.subarray(ranges[range], ranges[range + 1])].filter((_, i) => i % 2 === 0);
    for (let range = 0; range + 1 < ranges.length; range += 2) if (targets(range + 1).length > 0 && !targets(range).includes(1)) return false;
    return true;
  }

  get nodes(): number {
    return this.graph.states * this.width;
  }
  stateOf(node: number): number {
    return this.width === 1 ? node : Math.floor(node / this.width);
  }
  /** Where the moves of a node begin among `ranges`. `record`: that of its state. */
  rangeOf(node: number, record: number): number {
    return ((this.graph.log[record] ?? 0) & this.mask) * this.width + (node % this.width);
  }
  /** The trusted threads that wait in a node's state, not at rest, as bits. */
  harmedAt(node: number): number {
    return (this.graph.log[(this.graph.first[this.stateOf(node)] ?? 0) + 1] ?? 0) & ~reducedState;
  }
  /** Whether steps of a node's state were left out, so that its edges do not tell who can step there. */
  isReduced(node: number): boolean {
    return ((this.graph.log[(this.graph.first[this.stateOf(node)] ?? 0) + 1] ?? 0) & reducedState) !== 0;
  }

  /** The classes of all edges of a node's state, also of those that do not exist here. */
  classesAt(node: number): readonly number[] {
    const { log, first } = this.graph;
    const found: number[] = [];
    for (let edge = (first[this.stateOf(node)] ?? 0) + 2; ; edge += 2) {
      const says = log[edge + 1] ?? lastEdge;
      found.push(says & classMask);
      if ((says & lastEdge) !== 0) return found;
    }
  }

  /** All edges of a node, in an order that does not depend on the numbers of states; none if its state has not been expanded. */
  edges(node: number): readonly ProductEdge[] {
    const { graph, width, without, moves, ranges } = this;
    const { log } = graph;
    const record = graph.first[this.stateOf(node)] ?? 0;
    const found: ProductEdge[] = [];
    if (record === 0) return found;
    const range = this.rangeOf(node, record);
    for (let edge = record + 2, position = 0; ; edge += 2, position++) {
      const says = log[edge + 1] ?? lastEdge;
      if (((says >>> servedShift) & without) === 0) {
        for (let move = ranges[range] ?? 0; move < (ranges[range + 1] ?? 0); move += 2)
          found.push({ to: (log[edge] ?? 0) * width + (moves[move] ?? 0), position, class: says & classMask, marks: moves[move + 1] ?? 0 });
      }
      if ((says & lastEdge) !== 0) return found;
    }
  }
}

/** Gives equal letters small equal numbers, in their place; the letters by number. */
function renumber({ states, first, log }: StateGraph): readonly number[] {
  const numbers = new Map<number, number>();
  for (let state = 0; state < states; state++) {
    const record = first[state] ?? 0;
    if (record === 0) continue;
    const letter = log[record] ?? 0;
    const number = numbers.get(letter) ?? numbers.size;
    numbers.set(letter, number);
    log[record] = number;
  }
  return [...numbers.keys()];
}
