/** Building the transition system's expressions and control-flow graphs without writing their nodes by hand. */
import type { BinaryOperator, Block, Code, Expr, Statement, Terminator, Variable } from "../system/system.ts";
import type { Check } from "./model.ts";

export const constant = (value: number): Expr => ({ op: "const", value });
export const load = (variable: number, index: Expr | number | null = null): Expr => ({
  op: "load",
  variable,
  index: typeof index === "number" ? constant(index) : index,
});
export const not = (operand: Expr): Expr => ({ op: "unary", operator: "!", operand });

/** A binary operation; constants are folded for `+` and `*`, which indexes are made of. */
export function binary(left: Expr, operator: BinaryOperator, right: Expr | number): Expr {
  const other = typeof right === "number" ? constant(right) : right;
  if (operator === "+" || operator === "*") {
    if (left.op === "const" && other.op === "const") return constant(operator === "+" ? left.value + other.value : left.value * other.value);
    if (other.op === "const" && other.value === (operator === "+" ? 0 : 1)) return left;
    if (left.op === "const" && left.value === (operator === "+" ? 0 : 1)) return other;
  }
  return { op: "binary", operator, left, right: other };
}

/** All of them; the empty conjunction is true. */
export const all = (...parts: readonly Expr[]): Expr =>
  parts.reduceRight((rest: Expr | null, part) => (rest === null ? part : { op: "and", left: part, right: rest }), null) ?? constant(1);
/** One of them; the empty disjunction is false. */
export const any = (...parts: readonly Expr[]): Expr =>
  parts.reduceRight((rest: Expr | null, part) => (rest === null ? part : { op: "or", left: part, right: rest }), null) ?? constant(0);
export const select = (condition: Expr, then: Expr, otherwise: Expr): Expr => ({ op: "select", condition, then, else: otherwise });
/** The greater of two values that are cheap to evaluate twice. */
export const max = (a: Expr, b: Expr): Expr => select(binary(a, ">=", b), a, b);

/** The pick of a transition: temporary 0. */
export const pick: Expr = { op: "temp", temp: 0 };

/** A guard that allows when the expression is true. */
export function guard(condition: Expr): Code {
  return {
    temps: 1,
    blocks: [
      { statements: [], end: { op: "branch", condition, then: 1, else: 2 } },
      { statements: [], end: { op: "allow" } },
      { statements: [], end: { op: "deny" } },
    ],
  };
}

/** The same expression with its temporaries renumbered. */
function renumber(expr: Expr, temp: (from: number) => number): Expr {
  const again = (part: Expr): Expr => renumber(part, temp);
  switch (expr.op) {
    case "const":
      return expr;
    case "temp":
      return { op: "temp", temp: temp(expr.temp) };
    case "load":
      return expr.index === null ? expr : { ...expr, index: again(expr.index) };
    case "unary":
      return { ...expr, operand: again(expr.operand) };
    case "binary":
    case "and":
    case "or":
      return { ...expr, left: again(expr.left), right: again(expr.right) };
    case "select":
      return { ...expr, condition: again(expr.condition), then: again(expr.then), else: again(expr.else) };
  }
}

/** A guard that asks for what two guards ask for. */
export function both(first: Code, second: Code): Code {
  const from = first.blocks.length;
  const move = (code: Code, by: number, allow: Terminator): readonly Block[] =>
    code.blocks.map(({ statements, end }): Block => ({ statements, end: end.op === "allow" ? allow : moveEnd(end, by, (expr) => expr) }));
  return {
    temps: Math.max(first.temps, second.temps),
    blocks: [...move(first, 0, { op: "goto", block: from }), ...move(second, from, { op: "allow" })],
  };
}
function moveEnd(end: Terminator, by: number, expr: (expr: Expr) => Expr): Terminator {
  switch (end.op) {
    case "goto":
      return { ...end, block: end.block + by };
    case "branch":
      return { op: "branch", condition: expr(end.condition), then: end.then + by, else: end.else + by };
    default:
      return end;
  }
}

/** Writes the body of a transition. Temporary 0 is the pick. */
export class BodyBuilder {
  #temps = 1;
  readonly #blocks: { statements: Statement[]; end: Terminator | null }[] = [{ statements: [], end: null }];
  #at = 0;

  #new(): number {
    this.#blocks.push({ statements: [], end: null });
    return this.#blocks.length - 1;
  }
  #emit(statement: Statement): void {
    this.#blocks[this.#at]?.statements.push(statement);
  }
  #close(end: Terminator): void {
    const block = this.#blocks[this.#at];
    if (block !== undefined && block.end === null) block.end = end;
  }

  /** Evaluates once, now. */
  keep(value: Expr): Expr {
    if (value.op === "const") return value;
    return { op: "temp", temp: this.variable(value) };
  }
  /** A temporary that can be set again. */
  variable(value: Expr): number {
    const temp = this.#temps++;
    this.set(temp, value);
    return temp;
  }
  set(temp: number, value: Expr): void {
    this.#emit({ op: "let", temp, value });
  }
  assign(variable: number, index: Expr | number | null, value: Expr | number): void {
    this.#emit({
      op: "assign",
      variable,
      index: typeof index === "number" ? constant(index) : index,
      value: typeof value === "number" ? constant(value) : value,
    });
  }
  complete(thread: number, operation: number, results: readonly Expr[]): void {
    this.#emit({ op: "complete", thread: constant(thread), operation, results });
  }

  when(condition: Expr, then: () => void, otherwise: () => void = () => undefined): void {
    const yes = this.#new();
    const no = this.#new();
    const after = this.#new();
    this.#close({ op: "branch", condition, then: yes, else: no });
    for (const [block, body] of [
      [yes, then],
      [no, otherwise],
    ] as const) {
      this.#at = block;
      body();
      this.#close({ op: "goto", block: after });
    }
    this.#at = after;
  }
  while(condition: Expr, body: () => void): void {
    const head = this.#new();
    const inside = this.#new();
    const after = this.#new();
    this.#close({ op: "goto", block: head });
    this.#at = head;
    this.#close({ op: "branch", condition, then: inside, else: after });
    this.#at = inside;
    body();
    this.#close({ op: "goto", block: head });
    this.#at = after;
  }
  /** Another body in the place of one statement; `around` may put statements before and after each of its own. */
  splice(code: Code, around: (statement: Statement) => readonly Statement[] = (statement) => [statement]): void {
    const shift = this.#temps - 1;
    this.#temps += Math.max(0, code.temps - 1);
    const expr = (each: Expr): Expr => renumber(each, (temp) => (temp === 0 ? 0 : temp + shift));
    const statement = (each: Statement): Statement => {
      switch (each.op) {
        case "let":
          return { ...each, temp: each.temp === 0 ? 0 : each.temp + shift, value: expr(each.value) };
        case "assign":
          return { ...each, index: each.index === null ? null : expr(each.index), value: expr(each.value) };
        case "complete":
          return { ...each, thread: expr(each.thread), results: each.results.map(expr) };
        case "terminate":
          return { ...each, thread: expr(each.thread) };
      }
    };
    const first = this.#blocks.length;
    const after = first + code.blocks.length;
    this.#close({ op: "goto", block: first });
    for (const { statements, end } of code.blocks)
      this.#blocks.push({
        statements: statements.flatMap((each) => around(statement(each))),
        end: end.op === "end" ? { op: "goto", block: after } : moveEnd(end, first, expr),
      });
    this.#at = this.#new();
  }
  /** The violation `failure` unless the condition holds. */
  require(condition: Expr, failure: number): void {
    this.when(not(condition), () => this.#close({ op: "fail", failure }));
  }
  end(): Code {
    this.#close({ op: "end" });
    return { temps: this.#temps, blocks: this.#blocks.map((block): Block => ({ statements: block.statements, end: block.end ?? { op: "end" } })) };
  }
}

/** Emits the checks of an operation. */
export function check(body: BodyBuilder, checks: readonly Check[]): void {
  for (const { holds, failure } of checks) body.require(holds, failure);
}

/** Emits the check that a written value is in the variable's range. */
export function inRange(body: BodyBuilder, value: Expr, range: Variable | undefined, failure: number | null): void {
  if (failure !== null && range !== undefined) body.require(all(binary(value, ">=", range.min), binary(value, "<=", range.max)), failure);
}
