/** Member access: `a.b` and `a[i]` on every kind of value. */
import type { Expression, MemberExpression } from "@oxc-project/types";
import { ThreadHandle } from "../language/domain.ts";
import { ArrayHandle, CellHandle, QueueHandle } from "../language/memory.ts";
import { asScalar, choice, common, type Context, demand, keep, siteOf } from "./context.ts";
import { joinPath } from "./domains.ts";
import { equal, lookup, number, within } from "./expr.ts";
import { evaluate, guardRead, integerOperand, propertyName, requireValue } from "./expressions.ts";
import { kernelField } from "./kernel-context.ts";
import { reject, type Span } from "./problem.ts";
import { length } from "./queues.ts";
import type { Scope } from "./scope.ts";
import { asCell, asQueue, navigate, readCell, readDomain } from "./storage.ts";
import { type ArrayRef, describe, type GroupRef, native, nothing, type QueueRef, scalar, type Value } from "./values.ts";

export function member(cx: Context, node: MemberExpression, scope: Scope): Value {
  const object = evaluate(cx, node.object, scope);
  requireValue(object, scope, node.object);
  if (node.optional && object.kind === "native" && (object.value === undefined || object.value === null)) return nothing;
  if (node.computed) {
    const indexed = keep(cx, object);
    const key = evaluate(cx, node.property, scope);
    requireValue(key, scope, node.property);
    if (key.kind === "native" && typeof key.value === "string") return field(cx, indexed, key.value, scope, node);
    return indexInto(cx, indexed, key, scope, node);
  }
  return field(cx, object, propertyName(cx, node.property as Expression, false, scope), scope, node);
}

/** `object.name` */
export function field(cx: Context, object: Value, name: string, scope: Scope, span: Span): Value {
  switch (object.kind) {
    case "native":
      return nativeField(cx, object.value, name, scope, span);
    case "record": {
      guardRead(cx, object, name, scope, span);
      const found = object.fields.get(name);
      if (found === undefined && object.guard !== null)
        return reject("IPC125", `the result of an operation has no "${name}"`, scope.module, span, `it has ${fieldNames(object).join(", ")}`);
      return found ?? nothing;
    }
    case "list":
      if (name === "length") return native(object.items.length);
      break;
    case "shifted": {
      if (object.base instanceof CellHandle || object.base instanceof QueueHandle) {
        const cell = asCell(object);
        if (cell !== null && name === "value") return readCell(cx, cell, scope, span);
        const queue = asQueue(cx, object);
        if (queue !== null && name === "length") return memoryLength(cx, object.base as QueueHandle, queue, scope, span);
        break;
      }
      if (object.base instanceof ArrayHandle) {
        if (name === "length") return native(object.base.length);
        break;
      }
      return navigate(object, (base) => (base as Readonly<Record<string, unknown>>)[name]);
    }
    case "cell":
      if (name === "value") return readCell(cx, object, scope, span);
      break;
    case "group":
      return stateField(cx, object, name, scope, span);
    case "queue":
      if (name === "length") return length(cx, object);
      break;
    case "array":
      if (name === "length") return native(object.length);
      break;
    case "kernel":
      return kernelField(cx, object, name, scope, span);
    default:
      break;
  }
  return reject("IPC125", `${describe(object)} has no "${name}" here`, scope.module, span);
}

/** What an object or record has, where that helps to find a misspelling. */
export function fieldNames(object: Value): readonly string[] {
  if (object.kind === "record") return [...object.fields.keys()];
  const value = object.kind === "native" ? object.value : object.kind === "shifted" ? object.base : null;
  return typeof value === "object" && value !== null ? Object.keys(value) : [];
}

function nativeField(cx: Context, object: unknown, name: string, scope: Scope, span: Span): Value {
  if (object === undefined || object === null)
    return reject("IPC125", `"${name}" is read of ${String(object)}`, scope.module, span, "give the value, or write ?.");
  if (object instanceof CellHandle) {
    if (name === "value") return readCell(cx, { kind: "cell", cell: object, index: number(object.index) }, scope, span);
    return reject("IPC125", `"${name}" of a cell is not called`, scope.module, span, `write yield* ….${name}(…)`);
  }
  if (object instanceof QueueHandle) {
    const queue = asQueue(cx, native(object));
    if (name === "length" && queue !== null) return memoryLength(cx, object, queue, scope, span);
    return reject("IPC125", `"${name}" of a queue is not called`, scope.module, span);
  }
  if (object instanceof ThreadHandle)
    return reject("IPC123", "a thread id has no fields", scope.module, span, "thread ids are compared and passed on, nothing else");
  if (object === Date || (object === Math && name === "random"))
    return reject("IPC133", "the clock and random numbers would differ from run to run", scope.module, span, "use yield* choose(…)");
  return native((object as Readonly<Record<string, unknown>>)[name]);
}

function memoryLength(cx: Context, handle: QueueHandle, queue: QueueRef, scope: Scope, span: Span): Value {
  if (!handle.cell.isGhost && !cx.may.memory)
    return reject("IPC150", `${handle.cell.variable}.length is used outside a step`, scope.module, span, "use queues inside step({ when, do })");
  return length(cx, queue);
}

/** A field of `k.of(group, owner)`. */
function stateField(cx: Context, group: GroupRef, name: string, scope: Scope, span: Span): Value {
  const domain = group.fields[name];
  if (domain === undefined)
    return reject("IPC125", `the state "${group.path}" has no field "${name}"`, scope.module, span, `it has ${Object.keys(group.fields).join(", ")}`);
  const path = joinPath(group.path, name);
  switch (domain.kind) {
    case "queue": {
      const queue: QueueRef = { kind: "queue", name: path, of: domain.of, capacity: capacityOf(cx, path), owner: group.owner };
      return queue;
    }
    case "array": {
      const array: ArrayRef = { kind: "array", name: path, of: domain.of, length: domain.length, owner: group.owner };
      return array;
    }
    default:
      return readDomain(cx, domain, path, group.owner);
  }
}
function capacityOf(cx: Context, name: string): number {
  return cx.program.state(`${name}.length`).variable.max;
}

/** `object[index]` */
export function indexInto(cx: Context, object: Value, index: Value, scope: Scope, span: Span): Value {
  const items: readonly Value[] | null =
    object.kind === "list" ? object.items : object.kind === "native" && Array.isArray(object.value) ? object.value.map(native) : null;
  if (items === null) {
    const hint =
      object.kind === "queue" || object.kind === "array" || object.kind === "shifted" || (object.kind === "native" && object.value instanceof ArrayHandle)
        ? "write .at(index)"
        : object.kind === "native" && typeof object.value === "object"
          ? "use an array, or a switch"
          : null;
    return reject("IPC128", `${describe(object)} cannot be indexed`, scope.module, span, hint);
  }
  const position = integerOperand(index, scope, span);
  const outside = cx.program.failure("out-of-range", `the index leaves an array of ${items.length} elements`, siteOf(scope, span));
  if (position.op === "const") {
    demand(cx, within(position, 0, items.length - 1), outside);
    return items[position.value] ?? items[0] ?? nothing;
  }
  if (items.length === 0) {
    cx.graph.end({ op: "fail", failure: outside });
    return nothing;
  }
  const kept = keep(cx, scalar(position, { kind: "int" }));
  if (kept.kind !== "scalar") throw new Error("a kept number is a number");
  demand(cx, within(kept.expr, 0, items.length - 1), outside);
  const singles = items.map(asScalar);
  const shape = common(cx, items);
  const [first] = singles;
  if (shape !== null && first !== null && first !== undefined && shape.kind === "scalar" && shape.type.kind !== "enum") {
    return scalar(
      lookup(
        singles.map((each) => each?.expr ?? number(0)),
        kept.expr,
      ),
      shape.type,
    );
  }
  let value: Value | null = items[items.length - 1] ?? nothing;
  for (let i = items.length - 2; i >= 0 && value !== null; i--) value = choice(cx, equal(kept.expr, number(i)), items[i] ?? nothing, value);
  return value ?? reject("IPC128", "the elements of this array are of different kinds, so its index must be known", scope.module, span, "use switch");
}
