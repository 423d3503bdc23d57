/**
 * Abstract values: what an expression of a specification is known to be when it is compiled. Native values are known
 * completely; scalars are expressions over registers and state; records, references and functions lie in between.
 */
import type { ArrowFunctionExpression, Function as FunctionNode } from "@oxc-project/types";
import type { DomainShape } from "../language/domain.ts";
import type { StateGroup } from "../language/kernel.ts";
import { ArrayHandle, CellHandle, QueueHandle } from "../language/memory.ts";
import type { Site } from "../language/operation.ts";
import type { Expr, ValueType } from "../system/system.ts";
import type { Pending } from "./pending.ts";
import type { Scope } from "./scope.ts";

export type Value = Native | Scalar | Struct | List | Closure | Shifted | GroupRef | QueueRef | ArrayRef | CellValue | KernelRef | Operation | HelperCall;

/** A value known at compile time: number, string, boolean, handle, function, plain object, undefined. */
export interface Native {
  readonly kind: "native";
  readonly value: unknown;
}
export interface Scalar {
  readonly kind: "scalar";
  readonly expr: Expr;
  readonly type: ValueType;
}
/** A record or options object; its fields are values. */
export interface Struct {
  readonly kind: "record";
  readonly fields: ReadonlyMap<string, Value>;
  readonly guard: Guard | null;
}
/** Fields that may be read only if field `by` has the value numbered `ok`. */
export interface Guard {
  readonly by: string;
  readonly ok: number;
  readonly okName: string;
  readonly fields: readonly string[];
}
/** An array whose elements are values: an array literal, or memory as an invariant sees it. */
export interface List {
  readonly kind: "list";
  readonly items: readonly Value[];
}
export type FunctionSyntax = FunctionNode | ArrowFunctionExpression;
/** A function of the source together with the scope it was made in. */
export interface Closure {
  readonly kind: "closure";
  readonly node: FunctionSyntax;
  readonly scope: Scope;
  readonly name: string;
}
/**
 * A native structure of memory (cell, array, record of cells) reached by indexes that are not known: `base` is what index
 * 0 gives at each of them, `dimensions` what index 1 gives at one and 0 at the others.
 */
export interface Shifted {
  readonly kind: "shifted";
  readonly base: unknown;
  readonly dimensions: readonly { readonly index: Expr; readonly next: unknown }[];
}
/** `k.of(group, owner)`. */
export interface GroupRef {
  readonly kind: "group";
  readonly group: StateGroup;
  /** Dotted path inside the group: fields of a record. */
  readonly path: string;
  readonly fields: Readonly<Record<string, DomainShape>>;
  readonly owner: Expr;
}
/** A queue, in kernel state or in memory. */
export interface QueueRef {
  readonly kind: "queue";
  readonly name: string;
  readonly of: DomainShape;
  readonly capacity: number;
  readonly owner: Expr;
}
/** An array in kernel state. */
export interface ArrayRef {
  readonly kind: "array";
  readonly name: string;
  readonly of: DomainShape;
  readonly length: number;
  readonly owner: Expr;
}
/** A cell: `index` is its place in the variable. */
export interface CellValue {
  readonly kind: "cell";
  readonly cell: CellHandle;
  readonly index: Expr;
}
/** The `k` of a kernel's rules, or one of its methods. */
export interface KernelRef {
  readonly kind: "kernel";
  readonly method: string | null;
}
/** An operation, not yet performed. */
export interface Operation {
  readonly kind: "operation";
  readonly pending: Pending;
}
/** A call of a helper generator, not yet performed. */
export interface HelperCall {
  readonly kind: "helper";
  readonly run: (site: Site) => Value;
}

export const native = (value: unknown): Native => ({ kind: "native", value });
export const nothing: Native = native(undefined);
export const scalar = (expr: Expr, type: ValueType): Scalar => ({ kind: "scalar", expr, type });
export const integer: ValueType = { kind: "int" };
export const boolean: ValueType = { kind: "boolean" };
export const thread: ValueType = { kind: "thread" };

export function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
export const sameType = (a: ValueType, b: ValueType): boolean =>
  a.kind === b.kind &&
  (a.kind !== "enum" ||
    b.kind !== "enum" ||
    a.values === b.values ||
    (a.values.length === b.values.length && a.values.every((name, i) => name === b.values[i])));

/** What a value is, for people. */
export function describe(value: Value): string {
  switch (value.kind) {
    case "native":
      if (value.value === undefined || value.value === null) return String(value.value);
      if (typeof value.value === "string") return `the text ${JSON.stringify(value.value)}`;
      if (typeof value.value === "object") {
        if (value.value instanceof ArrayHandle) return "an array of memory";
        if (value.value instanceof CellHandle) return "a memory cell";
        if (value.value instanceof QueueHandle) return "a queue";
        const { name } = value.value.constructor ?? Object;
        return Array.isArray(value.value) ? "an array" : name === "Object" ? "an object" : `an object (${name})`;
      }
      if (typeof value.value === "function") return "a function";
      return `the ${typeof value.value} ${String(value.value)}`;
    case "scalar":
      return value.type.kind === "int" ? "a number" : value.type.kind === "enum" ? "a string" : value.type.kind === "thread" ? "a thread" : "a boolean";
    case "record":
      return "a record";
    case "list":
    case "array":
      return "an array";
    case "closure":
      return "a function";
    case "shifted":
    case "cell":
      return "a memory cell";
    case "group":
      return "kernel state";
    case "queue":
      return "a queue";
    case "kernel":
      return "the kernel's context";
    case "operation":
      return "an operation";
    case "helper":
      return "a call of a generator function";
  }
}
