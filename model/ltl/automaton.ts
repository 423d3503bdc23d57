/**
 * From a formula to a generalised Büchi automaton with acceptance on transitions: Couvreur, "On-the-fly Verification of
 * Linear Temporal Logic", FM 1999. A state is a set of formulas that all have to hold from here on. Each is unfolded into
 * what must be true now and what must hold from the next state on; an `until` that is put off is a promise. A run is
 * accepted if of each `until` it takes, again and again, transitions that do not put it off.
 */
import type { Formula } from "./formula.ts";

/** What must be true for a transition: atoms as bits. */
export interface Cube {
  readonly yes: number;
  readonly no: number;
}
export interface Edge extends Cube {
  readonly to: number;
  /** One bit for each acceptance set that it belongs to. */
  readonly marks: number;
}
export interface Automaton {
  /** Transitions of each state; state 0 is the first one. No states: no run is accepted. */
  readonly edges: readonly (readonly Edge[])[];
  /** Acceptance sets. */
  readonly sets: number;
}

/** At most so many different atoms, and so many `until`s. */
export const mostAtoms = 31;

/** A way to satisfy a set of formulas: now, from the next state on, and what is put off. */
interface Term extends Cube {
  readonly next: ReadonlySet<number>;
  readonly promises: number;
}

/** The automaton of the runs that satisfy a formula in negation normal form. */
export function automatonOf(formula: Formula): Automaton {
  return trim(merge(new Translation(formula).automaton()));
}

class Translation {
  readonly #initial: number;
  /** Formulas by number, equal ones once. */
  readonly #formulas: Formula[] = [];
  readonly #numbers: Map<string, number> = new Map();
  readonly #untils: Map<number, number> = new Map();
  readonly #terms: Map<number, readonly Term[]> = new Map();

  constructor(formula: Formula) {
    this.#initial = this.#number(formula);
    this.#formulas.forEach((each, number) => {
      if (each.op === "until") this.#untils.set(number, this.#untils.size);
    });
    if (this.#untils.size > 31) throw new RangeError("a formula may have at most 31 different subformulas with U or <>");
  }

  #number(formula: Formula): number {
    const parts =
      formula.op === "atom"
        ? [formula.atom]
        : "of" in formula
          ? [this.#number(formula.of)]
          : "left" in formula
            ? [this.#number(formula.left), this.#number(formula.right)]
            : [];
    const key = `${formula.op} ${parts.join(" ")}`;
    let number = this.#numbers.get(key);
    if (number === undefined) {
      number = this.#formulas.push(formula) - 1;
      this.#numbers.set(key, number);
    }
    return number;
  }

  automaton(): Automaton {
    const states = new Map<string, number>();
    const sets: ReadonlySet<number>[] = [];
    const stateOf = (set: ReadonlySet<number>): number => {
      const key = [...set].sort((a, b) => a - b).join(" ");
      let state = states.get(key);
      if (state === undefined) {
        state = sets.push(set) - 1;
        states.set(key, state);
      }
      return state;
    };
    stateOf(new Set([this.#initial]));
    const all = 2 ** this.#untils.size - 1;
    const edges: (readonly Edge[])[] = [];
    for (let state = 0; state < sets.length; state++) {
      const terms = [...(sets[state] ?? [])].reduce<readonly Term[]>((sofar, formula) => both(sofar, this.#unfold(formula)), [nothing]);
      edges.push(least(terms.map(({ yes, no, next, promises }) => ({ yes, no, to: stateOf(next), marks: all & ~promises }))));
    }
    return { edges, sets: this.#untils.size };
  }

  #unfold(number: number): readonly Term[] {
    const known = this.#terms.get(number);
    if (known !== undefined) return known;
    const terms = this.#ways(number);
    this.#terms.set(number, terms);
    return terms;
  }

  #ways(number: number): readonly Term[] {
    const formula = this.#formulas[number];
    if (formula === undefined) throw new RangeError(`there is no formula ${number}`);
    const of = (part: Formula): readonly Term[] => this.#unfold(this.#number(part));
    switch (formula.op) {
      case "true":
        return [nothing];
      case "false":
        return [];
      case "atom":
        return [{ ...nothing, yes: 1 << formula.atom }];
      case "not":
        if (formula.of.op !== "atom") throw new TypeError("the formula is not in negation normal form");
        return [{ ...nothing, no: 1 << formula.of.atom }];
      case "next":
        return [{ ...nothing, next: new Set(formula.of.op === "true" ? [] : [this.#number(formula.of)]) }];
      case "and":
        return both(of(formula.left), of(formula.right));
      case "or":
        return [...of(formula.left), ...of(formula.right)];
      case "until": {
        const later: Term = { ...nothing, next: new Set([number]), promises: 1 << (this.#untils.get(number) ?? 0) };
        return [...of(formula.right), ...both(of(formula.left), [later])];
      }
      case "release": {
        const later: Term = { ...nothing, next: new Set([number]) };
        return both(of(formula.right), [...of(formula.left), later]);
      }
    }
  }
}

const nothing: Term = { yes: 0, no: 0, next: new Set(), promises: 0 };

function both(a: readonly Term[], b: readonly Term[]): readonly Term[] {
  return a.flatMap((one) =>
    b.flatMap((other): readonly Term[] => {
      const yes = one.yes | other.yes;
      const no = one.no | other.no;
      if ((yes & no) !== 0) return [];
      return [{ yes, no, next: new Set([...one.next, ...other.next]), promises: one.promises | other.promises }];
    }),
  );
}

/** Leaves out transitions that another one makes superfluous: it asks for less, leads to the same state, and belongs to as many sets. */
function least(edges: readonly Edge[]): readonly Edge[] {
  const covers = (a: Edge, b: Edge): boolean => a.to === b.to && (a.yes & ~b.yes) === 0 && (a.no & ~b.no) === 0 && (b.marks & ~a.marks) === 0;
  const equal = (a: Edge, b: Edge): boolean => covers(a, b) && covers(b, a);
  return edges.filter((edge, i) => !edges.some((other, j) => i !== j && covers(other, edge) && (!equal(other, edge) || j < i)));
}

/** States with the same transitions are one. */
function merge({ edges, sets }: Automaton): Automaton {
  for (let current = edges; ; ) {
    const first = new Map<string, number>();
    const to = current.map((each, state) => {
      const key = JSON.stringify(each.map(({ yes, no, to: target, marks }) => [yes, no, target, marks]).sort());
      const same = first.get(key);
      if (same === undefined) first.set(key, state);
      return same ?? state;
    });
    if (first.size === current.length) return { edges: current, sets };
    const kept = [...first.values()].sort((a, b) => a - b);
    current = kept.map((state) => least((current[state] ?? []).map((edge) => ({ ...edge, to: kept.indexOf(to[edge.to] ?? 0) }))));
  }
}

/** Only states from which some run is accepted, and those that the first one leads to. */
function trim({ edges, sets }: Automaton): Automaton {
  const components = componentsOf({ edges, sets });
  const alive = new Set(edges.flatMap((_, state) => (components[state]?.accepting === true ? [state] : [])));
  for (let size = -1; size !== alive.size; ) {
    size = alive.size;
    edges.forEach((each, state) => void (each.some(({ to }) => alive.has(to)) && alive.add(state)));
  }
  if (!alive.has(0)) return { edges: [], sets };
  const order: number[] = [0];
  for (const state of order) for (const { to } of edges[state] ?? []) if (alive.has(to) && !order.includes(to)) order.push(to);
  return { edges: order.map((state) => (edges[state] ?? []).filter(({ to }) => alive.has(to)).map((edge) => ({ ...edge, to: order.indexOf(edge.to) }))), sets };
}

/** The strongly connected component of a state, and whether a run can stay in it and be accepted. */
export interface Component {
  readonly number: number;
  readonly accepting: boolean;
}
/** By state. Automata are small: reachability decides. */
export function componentsOf({ edges, sets }: Automaton): readonly Component[] {
  const reach = edges.map((_, state) => {
    const seen = new Set((edges[state] ?? []).map(({ to }) => to));
    for (const each of seen) for (const { to } of edges[each] ?? []) seen.add(to);
    return seen;
  });
  const together = (a: number, b: number): boolean => reach[a]?.has(b) === true && reach[b]?.has(a) === true;
  return edges.map((_, state) => {
    const members = edges.flatMap((__, other) => (together(state, other) ? [other] : []));
    const marks = members.flatMap((member) => (edges[member] ?? []).filter(({ to }) => members.includes(to)).map((edge) => edge.marks));
    const met = marks.reduce((sum, each) => sum | each, 0);
    return { number: members[0] ?? state, accepting: members.length > 0 && met === 2 ** sets - 1 };
  });
}
