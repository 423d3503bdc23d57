/**
 * Queues and arrays of state. A queue is a row of slots filled from the left; free slots hold the minimum, so that a queue
 * has one representation. Operations are unrolled over the capacity.
 */
import type { Expr } from "../system/system.ts";
import { asStruct, type Context, demand, keep, keepExpr, siteOf } from "./context.ts";
import { joinPath, leavesOf } from "./domains.ts";
import { and, binary, equal, number, or, select, truth, within } from "./expr.ts";
import { equality, integerOperand } from "./expressions.ts";
import { reject, type Span } from "./problem.ts";
import type { Scope } from "./scope.ts";
import { assignState, flatten, loadState, readDomain } from "./storage.ts";
import { type ArrayRef, boolean, describe, integer, native, nothing, type QueueRef, type Scalar, scalar, type Value } from "./values.ts";

export function length(cx: Context, queue: QueueRef): Scalar {
  return loadState(cx, `${queue.name}.length`, queue.owner);
}
const slotIndex = (queue: QueueRef, slot: Expr): Expr => binary("+", binary("*", queue.owner, number(queue.capacity)), slot);
const slotValue = (cx: Context, queue: QueueRef, slot: number): Value => readDomain(cx, queue.of, queue.name, slotIndex(queue, number(slot)));

/** A method of a queue. */
export function queueCall(cx: Context, source: QueueRef, method: string, args: readonly Value[], scope: Scope, span: Span): Value {
  const queue: QueueRef = { ...source, owner: keepExpr(cx, source.owner) };
  const [first, second] = args;
  const given = (value: Value | undefined): Value => value ?? reject("IPC129", `${method}() needs another argument`, scope.module, span);
  const leaves = leavesOf(queue.of, cx.program.sizes).map((leaf) => ({ name: joinPath(queue.name, leaf.path), leaf }));
  const changes = (): void => {
    if (!cx.may.write) reject("IPC151", `${cx.may.what} must not change anything`, scope.module, span, "change queues in the `do` of a step or rule");
  };
  const at = (name: string, slot: number): Expr => loadState(cx, name, slotIndex(queue, number(slot))).expr;
  const put = (name: string, slot: number, value: Expr): void => assignState(cx, name, slotIndex(queue, number(slot)), value);
  const resize = (amount: number): void => assignState(cx, `${queue.name}.length`, queue.owner, binary("+", length(cx, queue).expr, number(amount)));
  const slots = Array.from({ length: queue.capacity }, (_, slot) => slot);
  const outside = (what: string): number => cx.program.failure("out-of-range", what, siteOf(scope, span));
  const matches = (slot: number, value: Value): Expr =>
    and(binary("<", number(slot), length(cx, queue).expr), sameElement(cx, slotValue(cx, queue, slot), value, scope, span));

  switch (method) {
    case "at": {
      const index = keepExpr(cx, integerOperand(given(first), scope, span));
      demand(cx, and(binary(">=", index, number(0)), binary("<", index, length(cx, queue).expr)), outside(`the index leaves ${queue.name}`));
      return readDomain(cx, queue.of, queue.name, slotIndex(queue, index));
    }
    case "includes": {
      const value = keep(cx, given(first));
      const expr = slots.reduce<Expr>((found, slot) => or(found, matches(slot, value)), truth(false));
      return scalar(expr, boolean);
    }
    case "indexOf": {
      const value = keep(cx, given(first));
      return scalar(
        slots.reduceRight<Expr>((rest, slot) => select(matches(slot, value), number(slot), rest), number(-1)),
        integer,
      );
    }
    case "push": {
      changes();
      const fill = keepExpr(cx, length(cx, queue).expr);
      demand(cx, binary("<", fill, number(queue.capacity)), outside(`${queue.name} is full (${queue.capacity} elements)`));
      for (const { path, expr } of flatten(cx, queue.of, given(first), queue.name, scope, span))
        assignState(cx, joinPath(queue.name, path), slotIndex(queue, fill), expr);
      resize(1);
      return nothing;
    }
    case "shift": {
      changes();
      demand(cx, binary(">", length(cx, queue).expr, number(0)), outside(`${queue.name} is empty`));
      const head = keep(cx, slotValue(cx, queue, 0));
      for (const { name, leaf } of leaves) for (const slot of slots) put(name, slot, slot + 1 < queue.capacity ? at(name, slot + 1) : number(leaf.min));
      resize(-1);
      return head;
    }
    case "insert": {
      changes();
      const index = keepExpr(cx, integerOperand(given(first), scope, span));
      const fill = keepExpr(cx, length(cx, queue).expr);
      demand(cx, binary("<", fill, number(queue.capacity)), outside(`${queue.name} is full (${queue.capacity} elements)`));
      demand(cx, and(binary(">=", index, number(0)), binary("<=", index, fill)), outside(`the index leaves ${queue.name}`));
      const parts = flatten(cx, queue.of, keep(cx, given(second)), queue.name, scope, span);
      for (const { path, expr } of parts) {
        const name = joinPath(queue.name, path);
        for (const slot of [...slots].reverse()) {
          const unmoved = at(name, slot);
          const moved = slot === 0 ? unmoved : select(binary("<", index, number(slot)), at(name, slot - 1), unmoved);
          put(name, slot, select(equal(index, number(slot)), expr, moved));
        }
      }
      resize(1);
      return nothing;
    }
    case "remove": {
      changes();
      const value = keep(cx, given(first));
      const place = keepExpr(
        cx,
        slots.reduceRight<Expr>((rest, slot) => select(matches(slot, value), number(slot), rest), number(-1)),
      );
      const found = cx.graph.node();
      const after = cx.graph.node();
      cx.graph.branch(binary(">=", place, number(0)), found, after);
      cx.graph.current = found;
      for (const { name, leaf } of leaves) {
        for (const slot of slots) {
          const next = slot + 1 < queue.capacity ? at(name, slot + 1) : number(leaf.min);
          put(name, slot, select(binary("<=", place, number(slot)), next, at(name, slot)));
        }
      }
      resize(-1);
      cx.graph.continueAt(after);
      return nothing;
    }
    default:
      return reject(
        "IPC125",
        `a queue has no method "${method}" here`,
        scope.module,
        span,
        "use push, shift, at, insert, remove, includes, indexOf and length",
      );
  }
}

/** Whether two elements are equal in all their leaves. */
function sameElement(cx: Context, a: Value, b: Value, scope: Scope, span: Span): Expr {
  if (a.kind !== "record") return equality(cx, a, b, scope, span);
  const other = asStruct(b);
  if (other === null) return reject("IPC126", `a record is looked for here, not ${describe(b)}`, scope.module, span);
  return [...a.fields].reduce<Expr>((equal, [name, value]) => and(equal, sameElement(cx, value, other.fields.get(name) ?? nothing, scope, span)), truth(true));
}

/** The elements of a queue one after another, as a loop sees them: each with the condition that it exists. */
export function elements(cx: Context, queue: QueueRef): readonly { readonly exists: Expr; readonly value: Value }[] {
  return Array.from({ length: queue.capacity }, (_, slot) => ({
    exists: binary("<", number(slot), length(cx, queue).expr),
    value: slotValue(cx, queue, slot),
  }));
}

/** A method of an array in kernel state. */
export function arrayCall(cx: Context, source: ArrayRef, method: string, args: readonly Value[], scope: Scope, span: Span): Value {
  const array: ArrayRef = { ...source, owner: keepExpr(cx, source.owner) };
  const [first, second] = args;
  if (method !== "at" && method !== "set")
    return reject("IPC125", `an array of kernel state has no method "${method}" here`, scope.module, span, "use at, set and length");
  if (first === undefined || (method === "set" && second === undefined)) return reject("IPC129", `${method}() needs another argument`, scope.module, span);
  const index = keepExpr(cx, integerOperand(first, scope, span));
  demand(
    cx,
    within(index, 0, array.length - 1),
    cx.program.failure("out-of-range", `the index leaves ${array.name}, which has ${array.length} elements`, siteOf(scope, span)),
  );
  const place = binary("+", binary("*", array.owner, number(array.length)), index);
  if (method === "at") return readDomain(cx, array.of, array.name, place);
  if (!cx.may.write) return reject("IPC151", `${cx.may.what} must not change anything`, scope.module, span, "write in the `do` of a rule");
  for (const { path, expr } of flatten(cx, array.of, second ?? native(undefined), array.name, scope, span))
    assignState(cx, joinPath(array.name, path), place, expr);
  return nothing;
}
