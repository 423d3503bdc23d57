/** Simplifies pure expressions in which some temporaries are known constants. */
import { applyBinary, divides } from "../../../model/system/arithmetic.ts";
import type { Expr } from "../../../model/system/system.ts";
import { isTruth } from "../../../model/system/truth.ts";

const constant = (value: number): Expr => ({ op: "const", value });
const asTruth = (e: Expr): Expr => (isTruth(e) ? e : { op: "binary", operator: "!=", left: e, right: constant(0) });

export function fold(expression: Expr, temps: ReadonlyMap<number, number>): Expr {
  const simplify = (e: Expr): Expr => fold(e, temps);
  switch (expression.op) {
    case "const":
      return expression;
    case "temp": {
      const known = temps.get(expression.temp);
      return known === undefined ? expression : constant(known);
    }
    case "load":
      return expression.index === null ? expression : { ...expression, index: simplify(expression.index) };
    case "unary": {
      const operand = simplify(expression.operand);
      if (operand.op !== "const") return { ...expression, operand };
      return constant(expression.operator === "!" ? Number(operand.value === 0) : expression.operator === "-" ? 0 - operand.value : ~operand.value);
    }
    case "and":
    case "or": {
      const left = simplify(expression.left);
      const right = simplify(expression.right);
      const neutral = Number(expression.op === "and");
      for (const [known, other] of [
        [left, right],
        [right, left],
      ] as const) {
        if (known.op === "const") return Number(known.value !== 0) === neutral ? asTruth(other) : constant(1 - neutral);
      }
      return { ...expression, left, right };
    }
    case "select": {
      const condition = simplify(expression.condition);
      if (condition.op === "const") return simplify(condition.value !== 0 ? expression.then : expression.else);
      return { ...expression, condition, then: simplify(expression.then), else: simplify(expression.else) };
    }
    case "binary": {
      const left = simplify(expression.left);
      const right = simplify(expression.right);
      // A division by 0 is never evaluated; it must not be folded into a value either.
      if (left.op === "const" && right.op === "const" && !(divides(expression.operator) && right.value === 0))
        return constant(applyBinary(expression.operator, left.value, right.value));
      return { ...expression, left, right };
    }
  }
}
