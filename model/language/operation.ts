/**
 * Operations: what a thread performs with `yield*`, and the words that stand between two of them.
 *
 * An operation is an iterator that yields exactly one {@link Step} to whoever runs the thread (the executable machine)
 * and returns the step's result. The checker never runs these generators: it compiles their source.
 */
import type { Domain } from "./domain.ts";
import type { Cell, CellHandle, MemoryAction, Order } from "./memory.ts";
import type { OperationDeclaration } from "./kernel.ts";

/** One visible step of a thread, as the machine receives it. `site` is set by the loader: the place in the source. */
export type Step = StepBody & { site?: Site };
export type StepBody =
  | { readonly kind: "memory"; readonly action: MemoryAction; readonly cell: CellHandle; readonly args: readonly unknown[]; readonly order: Order | "plain" }
  | { readonly kind: "waitUntil"; readonly cell: CellHandle; readonly predicate: (value: unknown) => boolean; readonly order: Order }
  | { readonly kind: "fence"; readonly order: Order }
  | { readonly kind: "choose"; readonly values: readonly unknown[] }
  | { readonly kind: "step"; readonly when: () => boolean; readonly do: () => unknown }
  | { readonly kind: "kernel"; readonly operation: OperationDeclaration; readonly args: Readonly<Record<string, unknown>> };

/** A place in a source file: 0-based offsets of the expression, 1-based line and column. */
export interface Site {
  readonly file: string;
  readonly start: number;
  readonly end: number;
  readonly line: number;
  readonly column: number;
}

/** An operation of result `T`; performed with `yield*`. */
export type Op<T> = Generator<Step, T, unknown>;

/** How a kernel's own code makes one of its operations: by arguments of shape `A`, with a result of shape `R`. */
export interface Call<A, R> {
  (args: A): Op<R>;
  readonly declaration: { readonly name: string };
}

/** Makes the operation that yields `body` once and returns what it is resumed with. */
export function perform<T>(body: StepBody): Op<T> {
  return new Operation<T>(body) as unknown as Op<T>;
}

/** What a generator of one `yield` would be, without its cost: machines perform operations by the million. */
class Operation<T> {
  readonly step: Step;
  #started = false;

  constructor(body: StepBody) {
    this.step = body;
  }

  next(value?: unknown): IteratorResult<Step, T> {
    if (this.#started) return { done: true, value: value as T };
    this.#started = true;
    return { done: false, value: this.step };
  }

  return(value: T): IteratorResult<Step, T> {
    return { done: true, value };
  }

  throw(error: unknown): never {
    throw error;
  }

  [Symbol.iterator](): this {
    return this;
  }
}

/** Nondeterministic choice, a step of its own: one of the values, or any value of a domain. */
export function choose<V extends number | boolean | string>(domain: Domain<V>): Op<V>;
export function choose<const T>(...values: readonly [T, ...T[]]): Op<T>;
export function choose(...values: readonly unknown[]): Op<unknown> {
  const [only] = values;
  if (values.length === 1 && typeof only === "object" && only !== null && "kind" in only) return perform({ kind: "choose", values: valuesOf(only as Domain) });
  return perform({ kind: "choose", values });
}

/** Every value of a scalar domain, in order. */
export function valuesOf(domain: Domain): readonly unknown[] {
  switch (domain.kind) {
    case "int":
      return Array.from({ length: domain.max - domain.min + 1 }, (_, i) => domain.min + i);
    case "boolean":
      return [false, true];
    case "enum":
      return domain.values;
    default:
      throw new TypeError(`choose(): a ${domain.kind} domain has no list of values; give the values`);
  }
}

/** Blocks until the cell's value satisfies `predicate`; returns that value. Under priorities it spins: it keeps its CPU. */
export function waitUntil<T>(cell: Cell<T>, predicate: (value: T) => boolean, order: Order = "seq_cst"): Op<T> {
  return perform({ kind: "waitUntil", cell: cell as unknown as CellHandle, predicate: predicate as (value: unknown) => boolean, order });
}

/** A memory fence. */
export function fence(order: Order = "seq_cst"): Op<void> {
  return perform({ kind: "fence", order });
}

/** A guarded atomic step over any memory: waits until `when()`, then runs `do()`; both use `.value`. */
export function step<T = void>(body: { readonly when?: () => boolean; readonly do?: () => T }): Op<T> {
  return perform({ kind: "step", when: body.when ?? (() => true), do: body.do ?? (() => undefined) });
}

/** The violation `assertion`, as the native run meets it. */
export class CheckFailed extends Error {}
/** A schedule that an `assume` rules out. */
export class AssumptionFailed extends Error {}
/** The violation `unhandled-error`: a field of a result was read although the operation failed. */
export class UnhandledError extends Error {}
/** The violation `out-of-range`. */
export class OutOfRange extends Error {}

/** Reports the violation `assertion` when `condition` is false. */
export function check(condition: boolean, why: string = "check failed"): void {
  if (!condition) throw new CheckFailed(why);
}

/** Leaves every schedule in which `condition` is false out of the search. */
export function assume(condition: boolean): void {
  if (!condition) throw new AssumptionFailed("assumption is false");
}

/** Declares the range of a local: `let i = local(int(0, 3), 0)`. Leaving the range is a violation. */
export function local<V>(domain: Domain<V>, initial: V): V {
  void domain;
  return initial;
}
