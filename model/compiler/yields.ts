/** `yield*`: operations are performed, helper generators put in place. */
import type { Expression, YieldExpression } from "@oxc-project/types";
import { type Context, siteOf } from "./context.ts";
import { conditionalOn, evaluate, truthOf } from "./expressions.ts";
import { not } from "./expr.ts";
import { orderOf, waitOperation } from "./operations.ts";
import type { Pending } from "./pending.ts";
import { reject, type Span } from "./problem.ts";
import type { Scope } from "./scope.ts";
import { asCell } from "./storage.ts";
import { hasEffects, strip, within, yieldsOf } from "./syntax.ts";
import { describe, type Operation, type Value } from "./values.ts";

export function performed(cx: Context, node: YieldExpression, scope: Scope): Value {
  const standIn = replaced.get(node);
  if (standIn !== undefined) return standIn;
  if (!cx.may.perform) return reject("IPC152", `${cx.may.what} cannot perform operations`, scope.module, node, "perform them in the thread's own body");
  if (node.argument === null || !node.delegate)
    return reject("IPC132", "`yield` without a star", scope.module, node, "write yield* before an operation or a helper");
  return perform(cx, node.argument, scope, node);
}

function perform(cx: Context, argument: Expression, scope: Scope, span: Span): Value {
  const node = strip(argument);
  if (node.type === "ConditionalExpression") {
    return conditionalOn(
      cx,
      node.test,
      () => perform(cx, node.consequent, scope, span),
      () => perform(cx, node.alternate, scope, span),
      scope,
      node,
    );
  }
  const value = evaluate(cx, node, scope);
  if (value.kind === "operation") return performOperation(cx, value, labelOf(node, scope), scope, span);
  if (value.kind === "helper") return value.run(siteOf(scope, span));
  return reject(
    "IPC134",
    `yield* needs an operation or a helper generator, not ${describe(value)}`,
    scope.module,
    node,
    "leave yield* out where nothing waits",
  );
}

/** As the source names it: the text of what is called. */
function labelOf(node: Expression, scope: Scope): string {
  const called = node.type === "CallExpression" ? node.callee : node;
  return scope.module.text.slice(called.start, called.end).replace(/\s+/g, " ");
}

export function performOperation(cx: Context, operation: Operation, label: string, scope: Scope, span: Span): Value {
  const results = operation.pending.results.map((result) => cx.program.register(result.name, result.type).id);
  const pending: Pending = { ...operation.pending, label, site: siteOf(scope, span), callers: cx.callers };
  const next = cx.graph.node();
  cx.graph.end({ op: "perform", pending, results, next, visible: [...cx.visible] });
  cx.graph.current = next;
  return pending.value(results);
}

/**
 * `while ((yield* cell.load()) OP …) {}`: a loop that does nothing but load one cell until the test fails is a wait. True
 * if the loop was one and has been compiled.
 */
export function waitingLoop(cx: Context, test: Expression, scope: Scope, span: Span): boolean {
  const yields = yieldsOf(test);
  const [only] = yields;
  if (only === undefined || yields.length !== 1 || only.argument === null || !only.delegate || !isUnconditional(test, only)) return false;
  const access = strip(only.argument);
  if (access.type !== "CallExpression" || access.callee.type !== "MemberExpression" || access.callee.computed || access.callee.property.type !== "Identifier")
    return false;
  const { name } = access.callee.property;
  if ((name !== "load" && name !== "read") || (hasEffects(access.callee.object) && !isCellPath(access.callee.object))) return false;
  if (!isPureAround(test, only)) return false;
  const cell = asCell(evaluate(cx, access.callee.object, scope));
  if (cell === null || cell.cell.isGhost) return false;
  const value = waitOperation(
    cx,
    cell,
    (inner, loaded) => {
      const previous = replaced.get(only);
      replaced.set(only, loaded);
      try {
        return not(truthOf(evaluate({ ...inner, may: { ...inner.may, perform: true } }, test, scope), scope, test));
      } finally {
        if (previous === undefined) replaced.delete(only);
        else replaced.set(only, previous);
      }
    },
    name === "read"
      ? "plain"
      : orderOf(
          access.arguments[0] === undefined || access.arguments[0].type === "SpreadElement" ? undefined : evaluate(cx, access.arguments[0], scope),
          scope,
          span,
        ),
    scope,
    span,
  );
  performOperation(cx, value, labelOf(access, scope), scope, only);
  return true;
}

/** While the test of a waiting loop is compiled, its load stands for the loaded value. */
export const replaced: Map<YieldExpression, Value> = new Map();

/** Evaluated whenever the whole is: not behind `&&`, `||`, `??` or `?:`. */
function isUnconditional(node: Expression, target: YieldExpression): boolean {
  const stripped = strip(node);
  if (stripped === target) return true;
  switch (stripped.type) {
    case "UnaryExpression":
      return isUnconditional(stripped.argument, target);
    case "BinaryExpression":
      return isUnconditional(stripped.left as Expression, target) || isUnconditional(stripped.right, target);
    case "LogicalExpression":
      return isUnconditional(stripped.left, target);
    case "ConditionalExpression":
      return isUnconditional(stripped.test, target);
    default:
      return false;
  }
}

/** Nothing else in the test has an effect or could change. */
function isPureAround(test: Expression, target: YieldExpression): boolean {
  const visit = (node: Expression): boolean => {
    const stripped = strip(node);
    if (stripped === target) return true;
    switch (stripped.type) {
      case "UnaryExpression":
        return visit(stripped.argument);
      case "BinaryExpression":
        return visit(stripped.left as Expression) && visit(stripped.right);
      case "LogicalExpression":
        return visit(stripped.left) && visit(stripped.right);
      case "ConditionalExpression":
        return visit(stripped.test) && visit(stripped.consequent) && visit(stripped.alternate);
      default:
        return (
          !hasEffects(stripped) &&
          ![...within(stripped)].some(
            (each) => each.type === "MemberExpression" && !each.computed && each.property.type === "Identifier" && each.property.name === "value",
          )
        );
    }
  };
  return visit(test);
}

/** `cell`, `record.cell`, `array.at(index).cell`: names a cell and does nothing. */
function isCellPath(node: Expression): boolean {
  const stripped = strip(node);
  if (stripped.type === "Identifier") return true;
  if (stripped.type === "MemberExpression") return !stripped.computed && isCellPath(stripped.object);
  return (
    stripped.type === "CallExpression" &&
    stripped.callee.type === "MemberExpression" &&
    !stripped.callee.computed &&
    stripped.callee.property.type === "Identifier" &&
    stripped.callee.property.name === "at" &&
    isCellPath(stripped.callee.object) &&
    stripped.arguments.every((each) => each.type !== "SpreadElement" && !hasEffects(each))
  );
}
