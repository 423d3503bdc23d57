/** Building and walking pure expressions: constants are folded as they are built. */
import { applyBinary } from "../system/arithmetic.ts";
import type { BinaryOperator, Expr, Statement } from "../system/system.ts";
import { isTruth } from "../system/truth.ts";

export const number = (value: number): Expr => ({ op: "const", value });
export const truth = (value: boolean): Expr => ({ op: "const", value: value ? 1 : 0 });
export const register = (id: number): Expr => ({ op: "temp", temp: id });
export const load = (variable: number, index: Expr | null): Expr => ({ op: "load", variable, index });

export const fits = (value: number): boolean => value >= -0x8000_0000 && value <= 0x7fff_ffff;

export function binary(operator: BinaryOperator, left: Expr, right: Expr): Expr {
  if (left.op === "const" && right.op === "const") {
    const value = applyBinary(operator, left.value, right.value);
    if (fits(value)) return number(value + 0);
  }
  if (right.op === "const" && right.value === 0 && (operator === "+" || operator === "-" || operator === "|")) return left;
  if (left.op === "const" && left.value === 0 && (operator === "+" || operator === "|")) return right;
  if (right.op === "const" && right.value === 1 && (operator === "*" || operator === "/")) return left;
  return { op: "binary", operator, left, right };
}
export const equal = (left: Expr, right: Expr): Expr => binary("==", left, right);

export function not(operand: Expr): Expr {
  if (operand.op === "const") return truth(operand.value === 0);
  if (operand.op === "unary" && operand.operator === "!") return operand.operand;
  if (operand.op === "binary" && operand.operator === "==") return { ...operand, operator: "!=" };
  if (operand.op === "binary" && operand.operator === "!=") return { ...operand, operator: "==" };
  return { op: "unary", operator: "!", operand };
}
export function negate(operand: Expr): Expr {
  return operand.op === "const" && fits(-operand.value) ? number(0 - operand.value) : { op: "unary", operator: "-", operand };
}
export function complement(operand: Expr): Expr {
  return operand.op === "const" ? number(~operand.value) : { op: "unary", operator: "~", operand };
}
export function and(left: Expr, right: Expr): Expr {
  if (left.op === "const") return left.value !== 0 ? right : left;
  if (right.op === "const") return right.value !== 0 ? left : right;
  return { op: "and", left, right };
}
export function or(left: Expr, right: Expr): Expr {
  if (left.op === "const") return left.value !== 0 ? left : right;
  if (right.op === "const") return right.value === 0 ? left : right;
  return { op: "or", left, right };
}
export function select(condition: Expr, then: Expr, otherwise: Expr): Expr {
  if (condition.op === "const") return condition.value !== 0 ? then : otherwise;
  if (sameExpr(then, otherwise)) return then;
  if (then.op === "const" && otherwise.op === "const") {
    if (then.value === 1 && otherwise.value === 0 && isTruth(condition)) return condition;
    if (then.value === 0 && otherwise.value === 1) return not(condition);
  }
  return { op: "select", condition, then, else: otherwise };
}
/** min <= value <= max */
export function within(value: Expr, min: number, max: number): Expr {
  return min === max ? equal(value, number(min)) : and(binary(">=", value, number(min)), binary("<=", value, number(max)));
}

export function sameExpr(a: Expr, b: Expr): boolean {
  if (a === b) return true;
  switch (a.op) {
    case "const":
      return b.op === "const" && a.value === b.value;
    case "temp":
      return b.op === "temp" && a.temp === b.temp;
    case "load":
      return b.op === "load" && a.variable === b.variable && (a.index === null ? b.index === null : b.index !== null && sameExpr(a.index, b.index));
    case "unary":
      return b.op === "unary" && a.operator === b.operator && sameExpr(a.operand, b.operand);
    case "binary":
      return b.op === "binary" && a.operator === b.operator && sameExpr(a.left, b.left) && sameExpr(a.right, b.right);
    case "and":
    case "or":
      return b.op === a.op && sameExpr(a.left, b.left) && sameExpr(a.right, b.right);
    case "select":
      return b.op === "select" && sameExpr(a.condition, b.condition) && sameExpr(a.then, b.then) && sameExpr(a.else, b.else);
  }
}

/** Calls `visit` for every subexpression, outermost first. */
export function walk(expr: Expr, visit: (expr: Expr) => void): void {
  visit(expr);
  switch (expr.op) {
    case "const":
    case "temp":
      return;
    case "load":
      if (expr.index !== null) walk(expr.index, visit);
      return;
    case "unary":
      walk(expr.operand, visit);
      return;
    case "binary":
    case "and":
    case "or":
      walk(expr.left, visit);
      walk(expr.right, visit);
      return;
    case "select":
      walk(expr.condition, visit);
      walk(expr.then, visit);
      walk(expr.else, visit);
  }
}

/** Rebuilds an expression, folding, with its registers replaced. */
export function substitute(expr: Expr, replace: (register: number) => Expr): Expr {
  switch (expr.op) {
    case "const":
      return expr;
    case "temp":
      return replace(expr.temp);
    case "load":
      return expr.index === null ? expr : load(expr.variable, substitute(expr.index, replace));
    case "unary": {
      const operand = substitute(expr.operand, replace);
      return expr.operator === "!" ? not(operand) : expr.operator === "-" ? negate(operand) : complement(operand);
    }
    case "binary":
      return binary(expr.operator, substitute(expr.left, replace), substitute(expr.right, replace));
    case "and":
      return and(substitute(expr.left, replace), substitute(expr.right, replace));
    case "or":
      return or(substitute(expr.left, replace), substitute(expr.right, replace));
    case "select":
      return select(substitute(expr.condition, replace), substitute(expr.then, replace), substitute(expr.else, replace));
  }
}

/** The expressions that a statement evaluates. */
export function operandsOf(statement: Statement): readonly Expr[] {
  switch (statement.op) {
    case "let":
      return [statement.value];
    case "assign":
      return statement.index === null ? [statement.value] : [statement.index, statement.value];
    case "complete":
      return [statement.thread, ...statement.results];
    case "terminate":
      return [statement.thread];
  }
}

export function readsState(expr: Expr): boolean {
  let found = false;
  walk(expr, (part) => {
    if (part.op === "load") found = true;
  });
  return found;
}
export function registersOf(expr: Expr): readonly number[] {
  const found: number[] = [];
  walk(expr, (part) => {
    if (part.op === "temp") found.push(part.temp);
  });
  return found;
}

/** `table[index]` as a balanced tree of comparisons; `index` is known to be in range. */
export function lookup(table: readonly Expr[], index: Expr, from: number = 0, to: number = table.length): Expr {
  const first = table[from];
  if (first === undefined) throw new RangeError("lookup in an empty table");
  const numbers = table.slice(from, to).map((entry) => (entry.op === "const" ? entry.value : Number.NaN));
  // An arithmetic sequence of step one needs no table.
  if (numbers.length > 1 && numbers.every((value, i) => value === (numbers[0] ?? 0) + i)) return binary("+", index, number((numbers[0] ?? 0) - from));
  if (table.slice(from, to).every((entry) => sameExpr(entry, first))) return first;
  const middle = (from + to) >> 1;
  return select(binary("<", index, number(middle)), lookup(table, index, from, middle), lookup(table, index, middle, to));
}
