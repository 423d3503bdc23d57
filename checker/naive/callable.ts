/** Functions whose syntax tree is known, the scopes that they were made in, and the places inside them. */
import type { ArrowFunctionExpression, Function as FunctionNode, YieldExpression } from "@oxc-project/types";
import type { DomainShape } from "../../model/language/domain.ts";
import { type FunctionSource, sourceOf } from "../../model/loader/registry.ts";
import { identity, textOf } from "./value.ts";

/** A function whose syntax tree is known, with the scope it was made in. */
export interface Callable {
  readonly node: FunctionNode | ArrowFunctionExpression;
  readonly source: FunctionSource;
  readonly scope: Scope | null;
}
export interface Binding {
  value: unknown;
  /** Declared with `local(domain, …)`. */
  readonly domain: DomainShape | null;
}
export class Scope {
  readonly bindings: Map<string, Binding> = new Map();
  readonly outer: Scope | null;
  constructor(outer: Scope | null) {
    this.outer = outer;
  }
}
const closures = new WeakMap<object, Callable>();
/** The syntax tree behind a function value, if it is known. */
export function callableOf(value: unknown): Callable | null {
  if (typeof value !== "function") return null;
  const closure = closures.get(value);
  if (closure !== undefined) return closure;
  const source = sourceOf(value);
  return source === null ? null : { node: source.node, source, scope: null };
}

/** Remembers the syntax tree of a function that a thread has made. */
export function remember(closure: object, callable: Callable): void {
  closures.set(closure, callable);
}

/** A construct that this interpreter does not know. */
export class Unsupported extends Error {}

/** One `yield*` as part of a position: the function's syntax tree and the place in it. */
export function place(node: Callable["node"], at: YieldExpression | null): string {
  return `${identity(node)}:${at?.start ?? ""}`;
}

/** Canonical text of a local: functions count by the place where they are written. */
export function localText(value: unknown): string {
  const closure = typeof value === "function" ? closures.get(value) : undefined;
  return closure === undefined ? textOf(value) : `function ${identity(closure.node)}`;
}
