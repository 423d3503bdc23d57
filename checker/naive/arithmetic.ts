/** JavaScript's operators, by their text. */
import { OutOfRange } from "../../model/language/operation.ts";

type Operator = (left: never, right: never) => unknown;

const operators: Readonly<Record<string, Operator>> = {
  "+": (a: number, b: number) => a + b,
  "-": (a: number, b: number) => a - b,
  "*": (a: number, b: number) => a * b,
  "/": (a: number, b: number) => a / b,
  "%": (a: number, b: number) => a % b,
  "**": (a: number, b: number) => a ** b,
  "&": (a: number, b: number) => a & b,
  "|": (a: number, b: number) => a | b,
  "^": (a: number, b: number) => a ^ b,
  "<<": (a: number, b: number) => a << b,
  ">>": (a: number, b: number) => a >> b,
  ">>>": (a: number, b: number) => a >>> b,
  "<": (a: number, b: number) => a < b,
  "<=": (a: number, b: number) => a <= b,
  ">": (a: number, b: number) => a > b,
  ">=": (a: number, b: number) => a >= b,
  "===": (a: unknown, b: unknown) => a === b,
  "!==": (a: unknown, b: unknown) => a !== b,
  "==": (a: unknown, b: unknown) => a === b,
  "!=": (a: unknown, b: unknown) => a !== b,
};

/** `left operator right`; null if there is no such operator. Division by zero is a violation. */
export function binary(operator: string): ((left: unknown, right: unknown) => unknown) | null {
  const apply = operators[operator] as ((left: unknown, right: unknown) => unknown) | undefined;
  if (apply === undefined) return null;
  if (operator !== "/" && operator !== "%") return apply;
  return (left, right) => {
    if (right === 0) throw new OutOfRange(`${operator === "/" ? "division" : "remainder"} by zero`);
    return apply(left, right);
  };
}

/** `operator operand`; null if there is no such operator. */
export function unary(operator: string): ((operand: unknown) => unknown) | null {
  switch (operator) {
    case "!":
      return (operand) => !operand;
    case "-":
      return (operand) => -(operand as number) + 0;
    case "+":
      return (operand) => +(operand as number);
    case "~":
      return (operand) => ~(operand as number);
    case "void":
      return () => undefined;
    default:
      return null;
  }
}
