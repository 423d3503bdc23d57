/** The binary operators, as JavaScript computes them. */
import type { BinaryOperator } from "./system.ts";

/** Whether an operator has no result where the right operand is zero. */
export const divides = (operator: BinaryOperator): boolean => operator === "/" || operator === "%";

/** The mathematical result, before any wrapping to 32 bits, and never -0; `/` leaves out the fraction; no integer for what {@link divides} by zero. */
export function applyBinary(operator: BinaryOperator, left: number, right: number): number {
  switch (operator) {
    case "+":
      return left + right;
    case "-":
      return left - right;
    case "*":
      return left * right + 0;
    case "/":
      return Math.trunc(left / right) + 0;
    case "%":
      return (left % right) + 0;
    case "&":
      return left & right;
    case "|":
      return left | right;
    case "^":
      return left ^ right;
    case "<<":
      return left << right;
    case ">>":
      return left >> right;
    case ">>>":
      return left >>> right;
    case "<":
      return Number(left < right);
    case "<=":
      return Number(left <= right);
    case ">":
      return Number(left > right);
    case ">=":
      return Number(left >= right);
    case "==":
      return Number(left === right);
    case "!=":
      return Number(left !== right);
  }
}

/** The least interval that holds the quotients of two; bounds may be infinite. */
export function quotients(dividend: readonly [number, number], divisor: readonly [number, number]): readonly [number, number] {
  // On either side of zero quotients are largest nearest to it.
  const divisors = [...divisor, 1, -1].filter((each) => each !== 0 && divisor[0] <= each && each <= divisor[1]);
  const corners = divisors.flatMap((each) => dividend.map((value) => applyBinary("/", value, each))).filter((value) => !Number.isNaN(value));
  return corners.length === 0 ? [0, 0] : [Math.min(...corners), Math.max(...corners)];
}
