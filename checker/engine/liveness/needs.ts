/** What a cycle of a component has to meet, as bits: acceptance sets, then fairness constraints, then harm. */
import type { Components } from "./components.ts";
import type { Product, ProductEdge } from "./product.ts";

/** Nodes of a component that are looked through for constraints that matter. */
const most = 1_000_000;

export class Needs {
  readonly #product: Product;
  readonly #components: Components;
  readonly #harmed: number;
  readonly #sets: number;
  /** Constraints that a cycle of the component could miss, in the order of their bits. */
  readonly #constraints: readonly number[];
  readonly all: bigint;

  /** `always`: constraints that count wherever they are enabled in the component, as bits of two words. */
  constructor(product: Product, components: Components, harmed: number, entry: number, always: readonly [number, number] = [0, 0]) {
    this.#product = product;
    this.#components = components;
    this.#harmed = harmed;
    this.#sets = Math.log2(product.marks + 1);
    this.#constraints = this.#open(entry, (index) => (((always[index >> 5] ?? 0) >> (index & 31)) & 1) === 1);
    this.all = (1n << BigInt(this.#sets + this.#constraints.length + (harmed === 0 ? 0 : 1))) - 1n;
  }

  /** The edges that stay in the component. */
  edges(node: number): readonly ProductEdge[] {
    return this.#product.edges(node).filter(({ to }) => this.#components.areTogether(node, to));
  }

  /** Constraints that are enabled somewhere in the component; all, if it is too large to be looked through. */
  #open(entry: number, always: (index: number) => boolean): readonly number[] {
    const { constraints } = this.#product;
    const all = constraints.all.map((_, index) => index);
    const found = new Set(all.filter(always));
    const seen = new Set([entry]);
    for (const node of seen) {
      const classes = this.#product.classesAt(node);
      for (const index of all) if (this.#isEnabled(classes, index)) found.add(index);
      if (seen.size > most || found.size === all.length) return all;
      for (const { to } of this.edges(node)) seen.add(to);
    }
    return all.filter((index) => found.has(index));
  }
  #isEnabled(classes: readonly number[], constraint: number): boolean {
    const { constraints } = this.#product;
    return classes.some((kind) => constraints.has(constraints.enabling, kind, constraint));
  }

  /** What being at a node meets, where steps of these classes are possible, or it is not known which (null): weak constraints that are not enabled, harm. */
  at(node: number, classes: readonly number[] | null): bigint {
    const { constraints } = this.#product;
    let met = 0n;
    if (classes !== null)
      for (const [i, constraint] of this.#constraints.entries())
        if (constraints.all[constraint]?.strength === "weak" && !this.#isEnabled(classes, constraint)) met |= 1n << BigInt(this.#sets + i);
    if (this.#harmed !== 0 && (this.#product.harmedAt(node) & this.#harmed) !== 0) met |= 1n << BigInt(this.#sets + this.#constraints.length);
    return met;
  }
  /** What taking a step of a class meets that belongs to these acceptance sets. */
  taking(kind: number, marks: number): bigint {
    const { constraints } = this.#product;
    let met = BigInt(marks);
    for (const [i, constraint] of this.#constraints.entries()) if (constraints.has(constraints.taking, kind, constraint)) met |= 1n << BigInt(this.#sets + i);
    return met;
  }
}
