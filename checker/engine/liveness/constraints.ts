/**
 * Fairness over classes of transitions: all transitions that mean the same to every constraint are one class, and what an
 * edge does to the constraints is a row of bits, two words of 32.
 */
import type { FairnessConstraint } from "../../../model/system/system.ts";

/** Classes of transitions that a byte of the graph tells apart. */
const mostClasses = 127;
const mostConstraints = 64;

export class Constraints {
  readonly all: readonly FairnessConstraint[];
  /** By transition, and at the end waiting: its class. */
  readonly classOf: Uint8Array;
  /** Rows of the classes: constraints that are enabled where such a transition is; those that taking it satisfies. */
  readonly enabling: Int32Array;
  readonly taking: Int32Array;
  /** One row each: all constraints; the strong ones. */
  readonly every: Int32Array;
  readonly strong: Int32Array;

  constructor(all: readonly FairnessConstraint[], transitions: number) {
    if (all.length > mostConstraints) throw new RangeError(`there are ${all.length} fairness constraints, and at most ${mostConstraints} can be looked at`);
    this.all = all;
    const enabling: number[][] = Array.from({ length: transitions + 1 }, () => []);
    const taking: number[][] = Array.from({ length: transitions + 1 }, () => []);
    for (const [index, constraint] of all.entries()) {
      for (const id of constraint.enabling) enabling[id]?.push(index);
      for (const id of constraint.taking) taking[id]?.push(index);
    }
    const classes = new Map<string, number>();
    const members: number[] = [];
    this.classOf = Uint8Array.from(enabling, (_, id) => {
      const key = `${enabling[id]?.join()};${taking[id]?.join()}`;
      let number = classes.get(key);
      if (number === undefined) {
        number = classes.size;
        if (number === mostClasses) throw new RangeError(`fairness tells more than ${mostClasses} kinds of steps apart`);
        classes.set(key, number);
        members.push(id);
      }
      return number;
    });
    this.enabling = rows(members.map((id) => enabling[id] ?? []));
    this.taking = rows(members.map((id) => taking[id] ?? []));
    this.every = rows([all.map((_, bit) => bit)]);
    this.strong = rows([all.flatMap(({ strength }, bit) => (strength === "strong" ? [bit] : []))]);
  }

  /** Words of 32 bits that are in use. */
  get words(): number {
    return this.all.length > 32 ? 2 : 1;
  }
  /** Whether a class's row has a constraint. */
  has(table: Int32Array, kind: number, constraint: number): boolean {
    return (((table[2 * kind + (constraint >> 5)] ?? 0) >> (constraint & 31)) & 1) === 1;
  }
}

function rows(of: readonly (readonly number[])[]): Int32Array {
  const table = new Int32Array(2 * of.length);
  for (const [row, bits] of of.entries()) for (const bit of bits) table[2 * row + (bit >> 5)] = (table[2 * row + (bit >> 5)] ?? 0) | (1 << (bit & 31));
  return table;
}
