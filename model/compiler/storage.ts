/** Reading and writing state variables through domains: conversion, range checks, wrapping. */
import type { DomainShape } from "../language/domain.ts";
import { ArrayHandle, CellHandle, QueueHandle } from "../language/memory.ts";
import type { Expr } from "../system/system.ts";
import { asStruct, type Context, convert, demand, keepExpr, settled, siteOf } from "./context.ts";
import { describeDomain, joinPath, leafOf } from "./domains.ts";
import { binary, load, lookup, number, readsState, within } from "./expr.ts";
import { integerOperand, requireValue, toScalar } from "./expressions.ts";
import { reject, type Span } from "./problem.ts";
import type { Scope } from "./scope.ts";
import { type CellValue, describe, type QueueRef, type Scalar, scalar, type Shifted, type Value } from "./values.ts";

/** A state variable's element as an expression. */
export function loadState(cx: Context, name: string, index: Expr): Scalar {
  const { variable } = cx.program.state(name);
  return scalar(load(variable.id, variable.length === 1 ? null : index), variable.type);
}
export function assignState(cx: Context, name: string, index: Expr, value: Expr): void {
  const { variable } = cx.program.state(name);
  cx.graph.emit({ op: "assign", variable: variable.id, index: variable.length === 1 ? null : index, value });
}

/** The value of a scalar or record domain whose variables are at `index`. */
export function readDomain(cx: Context, domain: DomainShape, name: string, index: Expr): Value {
  if (domain.kind === "ghost") return readDomain(cx, domain.of, name, index);
  if (domain.kind === "record")
    return {
      kind: "record",
      guard: null,
      fields: new Map(Object.entries(domain.fields).map(([field, of]) => [field, readDomain(cx, of, joinPath(name, field), index)])),
    };
  return loadState(cx, name, index);
}
/** Writes a value, converted and checked, to the variables of a scalar or record domain. */
export function writeDomain(cx: Context, domain: DomainShape, name: string, index: Expr, value: Value, what: string, scope: Scope, span: Span): void {
  const leaves = flatten(cx, domain, value, what, scope, span);
  // A record may be made of fields of the very variables that it is written to.
  const settled = leaves.length === 1 ? leaves : leaves.map(({ path, expr }) => ({ path, expr: readsState(expr) ? keepExpr(cx, expr) : expr }));
  for (const { path, expr } of settled) assignState(cx, joinPath(name, path), index, expr);
}

/** The scalar leaves of a value under a domain, in order; all are computed before any is stored. */
export function flatten(
  cx: Context,
  domain: DomainShape,
  value: Value,
  what: string,
  scope: Scope,
  span: Span,
  path: string = "",
  copies: boolean = true,
): readonly { readonly path: string; readonly expr: Expr }[] {
  requireValue(value, scope, span);
  if (domain.kind === "ghost") return flatten(cx, domain.of, value, what, scope, span, path, copies);
  if (domain.kind !== "record") return [{ path, expr: fit(cx, domain, value, what, scope, span, copies) }];
  const record = asStruct(value);
  if (record === null) return reject("IPC144", `${what} is a record, not ${describe(value)}`, scope.module, span, `give ${describeDomain(domain)}`);
  return Object.entries(domain.fields).flatMap(([name, of]) => {
    const field = record.fields.get(name);
    if (field === undefined) return reject("IPC145", `${what} lacks the field "${name}"`, scope.module, span, `give ${describeDomain(domain)}`);
    return flatten(cx, of, field, `${what}.${name}`, scope, span, joinPath(path, name), copies);
  });
}

/** A value as an element of a scalar domain: wrapped if the domain wraps, else a violation where it is outside. */
export function fit(cx: Context, domain: DomainShape, value: Value, what: string, scope: Scope, span: Span, copies: boolean = true): Expr {
  const leaf = leafOf(domain, cx.program.sizes);
  if (leaf === null) return reject("IPC144", `${what} cannot hold ${describe(value)}`, scope.module, span, `its domain is ${describeDomain(domain)}`);
  const single = toScalar(value, scope, span);
  if (single.type.kind !== leaf.type.kind)
    return reject(
      "IPC144",
      `${what} is ${describeDomain(domain)} and cannot take ${describe(value)}`,
      scope.module,
      span,
      `give a value of ${describeDomain(domain)}`,
    );
  if (leaf.type.kind === "enum" && value.kind === "native" && !leaf.type.values.includes(String(value.value))) {
    return reject(
      "IPC127",
      `${JSON.stringify(value.value)} is not one of ${leaf.type.values.map((name) => JSON.stringify(name)).join(", ")}`,
      scope.module,
      span,
      "use a value of the domain",
    );
  }
  const converted = convert(cx, single.expr, single.type, leaf.type);
  if (leaf.wraps) return wrap(converted, leaf.max + 1);
  if (leaf.type.kind === "boolean" || (leaf.type.kind === "thread" && leaf.min === -1)) return converted;
  if (leaf.type.kind === "enum" && converted === single.expr && single.expr.op !== "const") return converted;
  const expr = copies ? settled(cx, converted) : converted;
  demand(cx, within(expr, leaf.min, leaf.max), cx.program.failure("out-of-range", `${what} leaves ${describeDomain(domain)}`, siteOf(scope, span)));
  return expr;
}

/** `value` modulo `size`, never negative. */
export function wrap(value: Expr, size: number): Expr {
  if ((size & (size - 1)) === 0) return binary("&", value, number(size - 1));
  return binary("%", binary("+", binary("%", value, number(size)), number(size)), number(size));
}

/** Follows a field or index into a native structure of memory. */
export function navigate(value: Shifted, step: (base: unknown) => unknown): Shifted {
  return {
    kind: "shifted",
    base: step(value.base),
    dimensions: value.dimensions.map(({ index, next }) => ({ index, next: next === undefined ? undefined : step(next) })),
  };
}

/** A memory cell, whether its index is known or not. */
export function asCell(value: Value): CellValue | null {
  if (value.kind === "cell") return value;
  if (value.kind === "native") return value.value instanceof CellHandle ? { kind: "cell", cell: value.value, index: number(value.value.index) } : null;
  if (value.kind !== "shifted" || !(value.base instanceof CellHandle)) return null;
  const { base } = value;
  const index = value.dimensions.reduce<Expr>(
    (sum, { index, next }) => (next instanceof CellHandle ? binary("+", sum, binary("*", index, number(next.index - base.index))) : sum),
    number(base.index),
  );
  return { kind: "cell", cell: base, index };
}
/** A queue in memory as a reference to its variables. */
export function asQueue(cx: Context, value: Value): QueueRef | null {
  if (value.kind === "queue") return value;
  const handle = value.kind === "native" ? value.value : value.kind === "shifted" ? value.base : null;
  if (!(handle instanceof QueueHandle)) return null;
  const cell = asCell(value.kind === "shifted" ? navigate(value, (base) => (base as QueueHandle).cell) : { kind: "native", value: handle.cell });
  if (cell === null || cell.cell.domain.kind !== "queue") return null;
  return { kind: "queue", name: `memory.${cell.cell.variable}`, of: cell.cell.domain.of, capacity: cx.program.capacity(cell.cell.domain), owner: cell.index };
}

/** `array.at(index)` over native memory. */
export function element(cx: Context, value: Value, index: Value, scope: Scope, span: Span): Value {
  const handle = value.kind === "native" ? value.value : value.kind === "shifted" ? value.base : null;
  if (!(handle instanceof ArrayHandle)) return reject("IPC122", `${describe(value)} has no elements`, scope.module, span);
  const position = integerOperand(index, scope, span);
  const where = cx.program.failure("out-of-range", `the index leaves ${handle.name}, which has ${handle.length} elements`, siteOf(scope, span));
  if (position.op === "const") {
    demand(cx, within(position, 0, handle.length - 1), where);
    const at = (base: unknown): unknown => (base as ArrayHandle).elements[Math.min(Math.max(position.value, 0), handle.length - 1)];
    return value.kind === "shifted" ? navigate(value, at) : { kind: "native", value: at(handle) };
  }
  const kept = settled(cx, position);
  demand(cx, within(kept, 0, handle.length - 1), where);
  const outer: Shifted = value.kind === "shifted" ? value : { kind: "shifted", base: handle, dimensions: [] };
  const first = navigate(outer, (base) => (base as ArrayHandle).elements[0]);
  return { ...first, dimensions: [...first.dimensions, { index: kept, next: (outer.base as ArrayHandle).elements[1] }] };
}

/** `.value` of a cell. */
export function readCell(cx: Context, { cell, index }: CellValue, scope: Scope, span: Span): Value {
  requireAccess(cx, cell, scope, span, false);
  return loadState(cx, `memory.${cell.variable}`, index);
}
export function writeCell(cx: Context, { cell, index }: CellValue, value: Value, scope: Scope, span: Span): void {
  requireAccess(cx, cell, scope, span, true);
  writeDomain(cx, cell.domain, `memory.${cell.variable}`, index, value, cell.variable, scope, span);
}
export function requireAccess(cx: Context, cell: CellHandle, scope: Scope, span: Span, write: boolean): void {
  if (write && !cx.may.write)
    reject("IPC151", `${cx.may.what} must not change anything`, scope.module, span, "write in the `do` of a step, or between two yield*");
  if (!cell.isGhost && !cx.may.memory)
    reject(
      "IPC150",
      `${cell.variable}.value is used outside a step`,
      scope.module,
      span,
      write ? `write yield* ${cell.variable}.write(…), or declare it as ghost` : `write yield* ${cell.variable}.read(), or declare it as ghost`,
    );
}

/** The number of a cell among all cells, as an expression. */
export function addressOf(cx: Context, { cell, index }: CellValue): Expr {
  if (index.op === "const") {
    const found = cx.program.instance.memory.cells.find((each) => each.variable === cell.variable && each.index === index.value);
    return number(found?.address ?? cell.address);
  }
  const cells = cx.program.instance.memory.cells.filter((each) => each.variable === cell.variable);
  const [first, second] = cells;
  const stride = first === undefined || second === undefined ? 1 : second.address - first.address;
  const regular = cells.every((each, i) => each.index === i && each.address === (first?.address ?? 0) + i * stride);
  // An array inside of the records of an array: other fields stand between its parts.
  if (!regular)
    return lookup(
      cells.map(({ address }) => number(address)),
      index,
    );
  return binary("+", binary("*", index, number(stride)), number(first?.address ?? 0));
}
