/** What is known at the point of the source that is being compiled, and the registers that hold its locals. */
import type { OperationDeclaration } from "../language/kernel.ts";
import type { Site } from "../language/operation.ts";
import type { Expr, ValueType } from "../system/system.ts";
import { enumType, joinPath, scalarOf } from "./domains.ts";
import { equal, number, register, registersOf, select } from "./expr.ts";
import type { Graph, Node } from "./graph.ts";
import { reject, type Span } from "./problem.ts";
import type { Program } from "./program.ts";
import type { Scope, Slot } from "./scope.ts";
import { describe, isPlainObject, type Native, sameType, type Scalar, scalar, type Struct, type Value } from "./values.ts";

/** What `k` gives to the functions of a kernel. */
export interface KernelFrame {
  readonly self: Expr;
  readonly args: Struct;
  readonly cpu: Expr | null;
  /** The operation whose rule this is; null in a background rule. */
  readonly declaration: OperationDeclaration | null;
}

/** Where `return` goes: the values that came back, each with the node that it came from. */
export interface ReturnFrame {
  readonly returned: { readonly value: Value; readonly node: Node }[];
}

/** Where `break` and `continue` go. */
export interface Jump {
  readonly labels: readonly string[];
  readonly break: Node;
  readonly continue: Node | null;
  /** Number of visible registers outside. */
  readonly visible: number;
}

export interface Permissions {
  /** `yield*`. */
  readonly perform: boolean;
  /** `.value` of memory that is not ghost. */
  readonly memory: boolean;
  /** Assignments to memory or kernel state. */
  readonly write: boolean;
  /** What this code is, for messages. */
  readonly what: string;
}

export interface Context {
  readonly program: Program;
  readonly graph: Graph;
  readonly may: Permissions;
  /** The thread that this is code of. */
  readonly self: Expr;
  /** Named registers alive here, in order of declaration. */
  readonly visible: number[];
  /** Call sites of the helpers around this place. */
  readonly callers: readonly Site[];
  /** Functions being inlined, outermost first. */
  readonly inlined: readonly object[];
  readonly kernel: KernelFrame | null;
  readonly returns: ReturnFrame | null;
  readonly jumps: readonly Jump[];
}

/** Converts between enum types; a name that `to` lacks becomes -1, which no range contains. */
export function convert(cx: Context, expr: Expr, from: ValueType, to: ValueType): Expr {
  if (from.kind !== "enum" || to.kind !== "enum" || from.values === to.values) return expr;
  const positions = from.values.map((name) => cx.program.position(to, name));
  if (expr.op === "const") return number(positions[expr.value] ?? -1);
  if (positions.every((position, i) => position === i)) return expr;
  return (
    positions.reduceRight<Expr | null>(
      (rest, position, i) => (rest === null ? number(position) : select(equal(expr, number(i)), number(position), rest)),
      null,
    ) ?? expr
  );
}

/** A value as a scalar, if it is one. */
export function asScalar(value: Value): Scalar | null {
  if (value.kind === "scalar") return value;
  if (value.kind !== "native") return null;
  const found = scalarOf(value.value);
  return found === null ? null : scalar(number(found.value), found.type);
}

/** A value as a record, if it is one. */
export function asStruct(value: Value): Struct | null {
  if (value.kind === "record") return value;
  if (value.kind === "native" && isPlainObject(value.value))
    return {
      kind: "record",
      guard: null,
      fields: new Map(Object.entries(value.value).map(([name, field]): [string, Native] => [name, { kind: "native", value: field }])),
    };
  return null;
}

/** Copies what an expression denotes now, so that later code cannot change it. */
export function keep(cx: Context, value: Value): Value {
  switch (value.kind) {
    case "scalar": {
      if (isStable(cx, value.expr)) return value;
      const copy = cx.program.register("value", value.type);
      cx.graph.set(copy.id, value.expr);
      return scalar(register(copy.id), value.type);
    }
    case "record":
      return { ...value, fields: new Map([...value.fields].map(([name, field]) => [name, keep(cx, field)])) };
    case "list":
      return { ...value, items: value.items.map((item) => keep(cx, item)) };
    case "cell":
      return { ...value, index: keepExpr(cx, value.index) };
    case "shifted":
      return { ...value, dimensions: value.dimensions.map((dimension) => ({ ...dimension, index: keepExpr(cx, dimension.index) })) };
    case "group":
    case "queue":
    case "array":
      return { ...value, owner: keepExpr(cx, value.owner) };
    default:
      return value;
  }
}
export function keepExpr(cx: Context, expr: Expr): Expr {
  const kept = keep(cx, scalar(expr, { kind: "int" }));
  return kept.kind === "scalar" ? kept.expr : expr;
}
/** An expression that may be written several times: a register or a constant as it is, anything else kept. */
export function settled(cx: Context, expr: Expr): Expr {
  return expr.op === "const" || expr.op === "temp" ? expr : keepExpr(cx, expr);
}
function isStable(cx: Context, expr: Expr): boolean {
  return expr.op === "const" || (expr.op === "temp" && (cx.program.registers[expr.temp]?.constant ?? false));
}

/** Storage in the shape of `value`; nothing is stored yet. Null if the value cannot be kept in registers. */
export function slotFor(cx: Context, name: string, value: Value, kind: "hidden" | "constant" | "variable", place: string): Slot | null {
  const single = asScalar(value);
  if (single !== null) {
    const isString = single.type.kind === "enum" && kind !== "hidden";
    const type = isString ? cx.program.openEnum(`${place} ${name}`) : single.type;
    if (type.kind === "enum" && single.type.kind === "enum" && isString) for (const each of single.type.values) cx.program.position(type, each);
    return { kind: "scalar", register: newRegister(cx, name, type, kind) };
  }
  const record = asStruct(value);
  if (record === null) return null;
  const fields = new Map<string, Slot>();
  for (const [field, part] of record.fields) {
    const slot = slotFor(cx, joinPath(name, field), part, kind, place);
    if (slot === null) return null;
    fields.set(field, slot);
  }
  return { kind: "record", fields, guard: record.guard };
}

function newRegister(cx: Context, name: string, type: ValueType, kind: "hidden" | "constant" | "variable"): number {
  const { id } = cx.program.register(name, type, kind);
  if (kind !== "hidden") cx.visible.push(id);
  return id;
}

export function readSlot(cx: Context, slot: Slot): Value {
  if (slot.kind === "scalar") {
    const type = cx.program.registers[slot.register]?.type;
    if (type === undefined) throw new Error(`no register ${slot.register}`);
    return scalar(register(slot.register), type);
  }
  return { kind: "record", guard: slot.guard, fields: new Map([...slot.fields].map(([name, part]) => [name, readSlot(cx, part)])) };
}

/** Stores a value into a slot of the same shape. */
export function store(cx: Context, slot: Slot, value: Value, scope: Scope, span: Span): void {
  const list = moves(cx, slot, value, scope, span);
  const targets = new Set(list.map(([target]) => target));
  const isEntangled = list.length > 1 && list.some(([target, expr]) => registersOf(expr).some((each) => each !== target && targets.has(each)));
  const settled = isEntangled ? list.map(([target, expr]): readonly [number, Expr] => [target, copied(cx, expr)]) : list;
  for (const [target, expr] of settled) cx.graph.set(target, expr);
}

function copied(cx: Context, expr: Expr): Expr {
  const copy = cx.program.register("value", { kind: "int" });
  cx.graph.set(copy.id, expr);
  return register(copy.id);
}

/** The register writes that store a value; all are computed before any takes place. */
function moves(cx: Context, slot: Slot, value: Value, scope: Scope, span: Span): readonly (readonly [number, Expr])[] {
  if (slot.kind === "scalar") {
    const type = cx.program.registers[slot.register]?.type;
    const single = asScalar(value);
    if (single === null || type === undefined || single.type.kind !== type.kind) {
      return reject(
        "IPC142",
        `this variable holds ${type === undefined ? "something else" : describe(scalar(number(0), type))} and cannot take ${describe(value)}`,
        scope.module,
        span,
        "give each local one kind of value for all its life",
      );
    }
    return [[slot.register, convert(cx, single.expr, single.type, type)]];
  }
  const record = asStruct(value);
  if (record === null)
    return reject(
      "IPC142",
      `this variable holds a record and cannot take ${describe(value)}`,
      scope.module,
      span,
      "give each local one kind of value for all its life",
    );
  if (record.guard !== null && (slot.guard === null || slot.guard.by !== record.guard.by || slot.guard.ok !== record.guard.ok)) {
    return reject(
      "IPC143",
      "the result of an operation that can fail is stored in a variable of plain records",
      scope.module,
      span,
      "keep results and plain records in different variables",
    );
  }
  return [...slot.fields].flatMap(([name, part]) => {
    const field = record.fields.get(name);
    if (field === undefined)
      return reject("IPC142", `the record lacks the field "${name}" that this variable has`, scope.module, span, "give all fields in every assignment");
    return moves(cx, part, field, scope, span);
  });
}

/** Takes over the hidden registers of a fresh value as a named local; null if the value is anything else. */
export function adopt(cx: Context, name: string, value: Value, kind: "constant" | "variable"): Slot | null {
  const collect = (value: Value): Slot | null => {
    if (value.kind === "scalar" && value.expr.op === "temp" && cx.program.registers[value.expr.temp]?.hidden === true && value.type.kind !== "enum")
      return { kind: "scalar", register: value.expr.temp };
    if (value.kind === "scalar" && value.expr.op === "temp" && cx.program.registers[value.expr.temp]?.hidden === true && kind === "constant")
      return { kind: "scalar", register: value.expr.temp };
    if (value.kind !== "record") return null;
    const fields = new Map<string, Slot>();
    for (const [field, part] of value.fields) {
      const slot = collect(part);
      if (slot === null) return null;
      fields.set(field, slot);
    }
    return { kind: "record", fields, guard: value.guard };
  };
  const slot = collect(value);
  if (slot === null) return null;
  const rename = (slot: Slot, path: string): void => {
    if (slot.kind === "record") {
      for (const [field, part] of slot.fields) rename(part, joinPath(path, field));
      return;
    }
    const register = cx.program.registers[slot.register];
    if (register === undefined) return;
    register.name = path;
    register.hidden = false;
    register.constant = kind === "constant";
    cx.visible.push(register.id);
  };
  rename(slot, name);
  return slot;
}

/** A value that is one of several, each from its own node; control goes on after all of them. */
export function merge(cx: Context, arrivals: readonly { readonly value: Value; readonly node: Node }[], scope: Scope, span: Span): Value {
  const join = cx.graph.node();
  const [first] = arrivals;
  if (first === undefined) {
    cx.graph.current = join;
    return { kind: "native", value: undefined };
  }
  const finish = (value: Value): Value => {
    for (const { node } of arrivals) {
      cx.graph.current = node;
      cx.graph.end({ op: "goto", to: join });
    }
    cx.graph.current = join;
    return value;
  };
  if (arrivals.length === 1 || arrivals.every(({ value }) => sameValue(value, first.value))) return finish(first.value);
  const shape = common(
    cx,
    arrivals.map(({ value }) => value),
  );
  const slot = shape === null ? null : slotFor(cx, "value", shape, "hidden", "");
  if (slot === null)
    return reject(
      "IPC141",
      `here the value is either ${arrivals
        .map(({ value }) => describe(value))
        .filter((text, i, all) => all.indexOf(text) === i)
        .join(" or ")}`,
      scope.module,
      span,
      "both ways must give the same kind of value",
    );
  for (const { value, node } of arrivals) {
    cx.graph.current = node;
    store(cx, slot, value, scope, span);
    // Storing may have ended the node.
    cx.graph.end({ op: "goto", to: join });
  }
  cx.graph.current = join;
  return readSlot(cx, slot);
}

/** A value with the type that covers all of the given ones, or null. */
export function common(cx: Context, values: readonly Value[]): Value | null {
  const singles = values.map(asScalar);
  const [single] = singles;
  if (single !== null && single !== undefined) {
    const types = singles.map((each) => each?.type);
    if (!types.every((type) => type?.kind === single.type.kind)) return null;
    if (single.type.kind !== "enum" || types.every((type) => type !== undefined && sameType(type, single.type))) return single;
    const names = new Set(types.flatMap((type) => (type?.kind === "enum" ? type.values : [])));
    return scalar(number(0), enumType([...names]));
  }
  const records = values.map(asStruct);
  const [record] = records;
  if (record === null || record === undefined || records.some((each) => each === null)) return null;
  const guards = records.map((each) => each?.guard ?? null);
  const guard = guards.find((each) => each !== null) ?? null;
  if (guards.some((each) => each !== null && (each.by !== guard?.by || each.ok !== guard.ok))) return null;
  const fields = new Map<string, Value>();
  for (const name of record.fields.keys()) {
    const parts = records.map((each) => each?.fields.get(name));
    if (parts.some((part) => part === undefined)) return null;
    const part = common(cx, parts as Value[]);
    if (part === null) return null;
    fields.set(name, part);
  }
  return { kind: "record", fields, guard };
}

function sameValue(a: Value, b: Value): boolean {
  if (a === b) return true;
  return a.kind === "native" && b.kind === "native" && Object.is(a.value, b.value);
}

/** `condition ? then : otherwise` of two pure values, or null if it needs control flow. */
export function choice(cx: Context, condition: Expr, then: Value, otherwise: Value): Value | null {
  if (sameValue(then, otherwise)) return then;
  const shape = common(cx, [then, otherwise]);
  if (shape === null) return null;
  return combine(cx, condition, shape, then, otherwise);
}
function combine(cx: Context, condition: Expr, shape: Value, then: Value, otherwise: Value): Value | null {
  if (shape.kind === "record") {
    const a = asStruct(then);
    const b = asStruct(otherwise);
    if (a === null || b === null) return null;
    const fields = new Map<string, Value>();
    for (const [name, part] of shape.fields) {
      const field = combine(cx, condition, part, a.fields.get(name) ?? part, b.fields.get(name) ?? part);
      if (field === null) return null;
      fields.set(name, field);
    }
    return { ...shape, fields };
  }
  const a = asScalar(then);
  const b = asScalar(otherwise);
  const type = asScalar(shape)?.type;
  if (a === null || b === null || type === undefined) return null;
  return scalar(select(condition, convert(cx, a.expr, a.type, type), convert(cx, b.expr, b.type, type)), type);
}

/** Ends with a violation unless `condition` holds. */
export function demand(cx: Context, condition: Expr, failure: number): void {
  cx.graph.require(condition, { op: "fail", failure });
}

/** A place for declared ranges in messages. */
export const siteOf = (scope: Scope, span: Span): Site => scope.module.site(span.start, span.end);
