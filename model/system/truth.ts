/** Expressions whose value is 0 or 1 by their form. */
import type { Expr } from "./system.ts";

const comparisons: ReadonlySet<string> = new Set(["<", "<=", ">", ">=", "==", "!="]);

/** Whether the value is always 0 or 1. */
export function isTruth(e: Expr): boolean {
  switch (e.op) {
    case "const":
      return e.value === 0 || e.value === 1;
    case "and":
    case "or":
      return true;
    case "unary":
      return e.operator === "!";
    case "binary":
      return comparisons.has(e.operator);
    case "select":
      return isTruth(e.then) && isTruth(e.else);
    case "temp":
    case "load":
      return false;
  }
}
