/**
 * Conditions over final values: `0:EAX=1 /\ (x=2 \/ not y=0)`. `not` binds tightest, then `/\`, then `\/`.
 */
import type { Scanner } from "./scanner.ts";

export type Condition =
  | { readonly op: "true" | "false" }
  | { readonly op: "equal" | "different"; readonly name: string; readonly value: number }
  | { readonly op: "not"; readonly of: Condition }
  | { readonly op: "and" | "or"; readonly left: Condition; readonly right: Condition };

/** Reads one condition. */
export function parseCondition(scanner: Scanner): Condition {
  let left = conjunction(scanner);
  while (scanner.takes("\\/")) left = { op: "or", left, right: conjunction(scanner) };
  return left;
}

function conjunction(scanner: Scanner): Condition {
  let left = atom(scanner);
  while (scanner.takes("/\\")) left = { op: "and", left, right: atom(scanner) };
  return left;
}

function atom(scanner: Scanner): Condition {
  if (scanner.takes("not") || scanner.takes("~")) return { op: "not", of: atom(scanner) };
  if (scanner.takes("true")) return { op: "true" };
  if (scanner.takes("false")) return { op: "false" };
  if (scanner.takes("(")) {
    const inner = parseCondition(scanner);
    scanner.expect(")");
    return inner;
  }
  const name = observable(scanner);
  const operator = scanner.match(/==|!=|<>|=/) ?? scanner.fail(`'=' is expected, not ${scanner.shown()}`);
  const value =
    scanner.integer() ?? scanner.fail(`an integer is expected, not ${scanner.shown()}`, scanner.at, "comparisons of a register or location with an integer");
  return { op: operator === "=" || operator === "==" ? "equal" : "different", name, value };
}

/** `1:EAX`, `1:r0`, `x`, `[x]` or `*x`; one canonical name for each. */
export function observable(scanner: Scanner): string {
  const thread = scanner.match(/P?\d+\s*:/);
  if (thread !== null)
    return `${Number.parseInt(thread.replace("P", ""), 10)}:${scanner.match(/%?\w+/)?.replace("%", "") ?? scanner.fail(`a register is expected, not ${scanner.shown()}`)}`;
  if (scanner.takes("[")) {
    const name = scanner.name("a location");
    scanner.expect("]");
    return name;
  }
  scanner.takes("*");
  return scanner.name("a location or `thread:register`");
}

/** The names a condition speaks of, in order of appearance. */
export function namesOf(condition: Condition): readonly string[] {
  switch (condition.op) {
    case "true":
    case "false":
      return [];
    case "equal":
    case "different":
      return [condition.name];
    case "not":
      return namesOf(condition.of);
    case "and":
    case "or":
      return [...new Set([...namesOf(condition.left), ...namesOf(condition.right)])];
  }
}

/** Whether the condition holds of final values. */
export function satisfies(condition: Condition, value: (name: string) => number): boolean {
  switch (condition.op) {
    case "true":
      return true;
    case "false":
      return false;
    case "equal":
      return value(condition.name) === condition.value;
    case "different":
      return value(condition.name) !== condition.value;
    case "not":
      return !satisfies(condition.of, value);
    case "and":
      return satisfies(condition.left, value) && satisfies(condition.right, value);
    case "or":
      return satisfies(condition.left, value) || satisfies(condition.right, value);
  }
}

/** As herd prints it: parentheses only where the binding needs them. */
export function showCondition(condition: Condition): string {
  const strength = { or: 0, and: 1, not: 2, equal: 3, different: 3, true: 3, false: 3 } as const;
  const inside = (part: Condition, above: Condition["op"]): string => (strength[part.op] < strength[above] ? `(${showCondition(part)})` : showCondition(part));
  switch (condition.op) {
    case "true":
    case "false":
      return condition.op;
    case "equal":
    case "different":
      return `${condition.name.includes(":") ? condition.name : `[${condition.name}]`}${condition.op === "equal" ? "=" : "!="}${condition.value}`;
    case "not":
      return `not (${showCondition(condition.of)})`;
    case "and":
      return `${inside(condition.left, "and")} /\\ ${inside(condition.right, "and")}`;
    case "or":
      return `${inside(condition.left, "or")} \\/ ${inside(condition.right, "or")}`;
  }
}
