/** JavaScript's operators, by their text. */
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

/** `left operator right`; null if there is no such operator. */
export function binary(operator: string): ((left: unknown, right: unknown) => unknown) | null {
  return (operators[operator] as ((left: unknown, right: unknown) => unknown) | undefined) ?? null;
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
