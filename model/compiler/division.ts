/**
 * Division of integers: `Math.trunc(a / b)`, `Math.floor(a / b)`, `Math.ceil(a / b)` and, as C programmers write it, `(a / b) | 0`.
 * Anywhere else a quotient may be a fraction, which locals cannot hold.
 */
import type { BinaryExpression, Expression } from "@oxc-project/types";
import { type Context, demand, settled, siteOf } from "./context.ts";
import { and, binary, not, number, select } from "./expr.ts";
import { integerOperand, operands, places } from "./expressions.ts";
import { reject, type Span } from "./problem.ts";
import type { Scope } from "./scope.ts";
import { strip } from "./syntax.ts";
import type { Expr } from "../system/system.ts";
import { integer, native, scalar, type Value } from "./values.ts";

const roundings = ["trunc", "floor", "ceil"] as const;
type Rounding = (typeof roundings)[number];

/** The rounding that a function of Math stands for. */
export const roundingOf = (name: string): Rounding | null => roundings.find((each) => each === name) ?? null;

/** The division that an expression is, in parentheses or not. */
export function divisionIn(node: Expression): BinaryExpression | null {
  const stripped = strip(node);
  return stripped.type === "BinaryExpression" && stripped.operator === "/" ? stripped : null;
}

export function quotient(cx: Context, division: BinaryExpression, rounding: Rounding, scope: Scope, span: Span): Value {
  const leftNode = division.left as Expression;
  const [left, right] = operands(cx, [leftNode, division.right], scope);
  if (left === undefined || right === undefined) throw new Error("two operands");
  const dividend = integerOperand(left, scope, leftNode);
  const divisor = integerOperand(right, scope, division.right);
  requireDivisor(cx, divisor, "division", scope, division);
  // Both stand in it several times.
  const [a, b] = rounding === "trunc" ? [dividend, divisor] : [settled(cx, dividend), settled(cx, divisor)];
  const towardsZero = binary("/", a, b);
  if (towardsZero.op === "const") {
    if (a.op === "const" && b.op === "const") return native(Math[rounding](a.value / b.value) + 0);
    return native(towardsZero.value);
  }
  if (towardsZero.op === "binary") places.set(towardsZero, { scope, span });
  if (rounding === "trunc") return scalar(towardsZero, integer);
  const isInexact = binary("!=", binary("%", a, b), number(0));
  const isNegative = binary("!=", binary("<", a, number(0)), binary("<", b, number(0)));
  const [wrong, correction] = rounding === "floor" ? [isNegative, -1] : [not(isNegative), 1];
  return scalar(select(and(wrong, isInexact), binary("+", towardsZero, number(correction)), towardsZero), integer);
}

/** A divisor of zero is an error where it is known, a violation elsewhere. */
export function requireDivisor(cx: Context, divisor: Expr, what: "division" | "remainder", scope: Scope, span: Span): void {
  if (divisor.op === "const" && divisor.value === 0) reject("IPC116", `${what} by zero`, scope.module, span, "the divisor must not be zero");
  if (divisor.op !== "const") demand(cx, binary("!=", divisor, number(0)), cx.program.failure("out-of-range", `${what} by zero`, siteOf(scope, span)));
}
