/**
 * Fairness over classes of transitions: all transitions that mean the same to every constraint are one class, and what an
 * edge does to the constraints is a row of bits, in words of 32.
 */
import type { FairnessConstraint } from "../../../model/system/system.ts";

/** Classes of transitions that a byte of the graph tells apart. */
const mostClasses = 127;

export class Constraints {
  readonly all: readonly FairnessConstraint[];
  /** By transition, and at the end waiting: its class. */
  readonly classOf: Uint8Array;
  readonly classes: number;
  /** Words of a row. */
  readonly words: number;
  /** Rows of the classes: constraints that are enabled where such a transition is; those that taking it satisfies. */
  readonly enabling: Int32Array;
  readonly taking: Int32Array;
  /** One row: all constraints; the strong ones. */
  readonly every: Int32Array;
  readonly strong: Int32Array;

  constructor(all: readonly FairnessConstraint[], transitions: number) {
    this.all = all;
    this.words = Math.max(1, Math.ceil(all.length / 32));
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
    this.classes = classes.size;
    const rows = (of: readonly (readonly number[])[]): Int32Array => {
      const table = new Int32Array(this.classes * this.words);
      for (const [number, id] of members.entries()) for (const bit of of[id] ?? []) this.#set(table, number * this.words, bit);
      return table;
    };
    this.enabling = rows(enabling);
    this.taking = rows(taking);
    this.every = new Int32Array(this.words);
    this.strong = new Int32Array(this.words);
    for (const [bit, { strength }] of all.entries()) {
      this.#set(this.every, 0, bit);
      if (strength === "strong") this.#set(this.strong, 0, bit);
    }
  }

  /** Whether a class's row has a constraint. */
  has(table: Int32Array, kind: number, constraint: number): boolean {
    return (((table[kind * this.words + (constraint >> 5)] ?? 0) >> (constraint & 31)) & 1) === 1;
  }

  #set(row: Int32Array, at: number, bit: number): void {
    row[at + (bit >> 5)] = (row[at + (bit >> 5)] ?? 0) | (1 << (bit & 31));
  }
}
