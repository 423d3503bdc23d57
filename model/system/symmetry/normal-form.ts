/**
 * Code as text that two pieces share if they do the same: blocks in the order in which they are met, operands of
 * commutative operators sorted, and all that stands for a thread renamed. What is the same after the exchange of two
 * replicas as before does not tell them apart.
 */
import type { Code, Expr, Statement, System, Terminator } from "../system.ts";
import { isTruth } from "../truth.ts";
import type { Term } from "./sorts.ts";
import { commutingForm, namesOf } from "./commuting.ts";
import type { Scope, Typing } from "./typing.ts";

/** Which replica takes whose place; nobody's, in the system as it is. */
export interface Exchange {
  /** Of a thread's number. */
  thread(thread: number): number;
  /** Of a variable of one thread or CPU only. */
  variable(variable: number): number;
}

export class NormalForm {
  readonly #system: System;
  readonly #typing: Typing;
  readonly #exchange: Exchange;

  constructor(system: System, typing: Typing, exchange: Exchange) {
    this.#system = system;
    this.#typing = typing;
    this.#exchange = exchange;
  }

  /** A constant where values of this sort stand. */
  value(value: number, sort: Term | null): number {
    const distance = sort === null ? null : this.#typing.sorts.distance(sort);
    return distance === null ? value : this.#exchange.thread(value - distance) + distance;
  }

  /** A variable after the exchange. */
  variable(variable: number): number {
    return this.#exchange.variable(variable);
  }

  expression(given: Expr, sort: Term | null, scope: Scope): string {
    const expression = this.#connective(given, scope);
    switch (expression.op) {
      case "const":
        return String(this.value(expression.value, sort));
      case "temp":
        return this.#temporary(expression.temp, scope);
      case "load":
        return this.place(expression.variable, expression.index, scope);
      case "unary":
        return `${expression.operator}${this.#truth(expression.operand, scope)}`;
      case "and":
      case "or":
        return `(${this.#chain(expression, expression.op, scope).sort().join(` ${expression.op} `)})`;
      case "select": {
        const common = this.#typing.sortOf(expression, scope);
        return `(${this.#truth(expression.condition, scope)} ? ${this.expression(expression.then, common, scope)} : ${this.expression(expression.else, common, scope)})`;
      }
      case "binary":
        return this.#binary(expression, scope);
    }
  }
  #temporary(temp: number, { names }: Scope): string {
    return names?.get(temp) ?? `$${temp}`;
  }
  #truth(expression: Expr, scope: Scope): string {
    return this.expression(expression, null, scope);
  }
  /** A choice between a truth and `true` or `false` as the "or" or "and" that it is: so kernels ask whether there is any thread of some kind. */
  #connective(expression: Expr, scope: Scope): Expr {
    if (expression.op !== "select") return expression;
    const sort = this.#typing.sortOf(expression, scope);
    if (sort !== null && this.#typing.sorts.distance(sort) !== null) return expression;
    const { condition, then, else: otherwise } = expression;
    if (then.op === "const" && then.value === 1 && isTruth(otherwise)) return { op: "or", left: condition, right: otherwise };
    if (otherwise.op === "const" && otherwise.value === 0 && isTruth(then)) return { op: "and", left: condition, right: then };
    return expression;
  }
  #chain(given: Expr, operator: "and" | "or", scope: Scope): string[] {
    const expression = this.#connective(given, scope);
    if (expression.op !== operator) return [this.#truth(expression, scope)];
    return [...this.#chain(expression.left, operator, scope), ...this.#chain(expression.right, operator, scope)];
  }

  #binary(expression: Extract<Expr, { op: "binary" }>, scope: Scope): string {
    const { operator, left, right } = expression;
    switch (operator) {
      case "==":
      case "!=": {
        const common = this.#typing.sortOf(left, scope) ?? this.#typing.sortOf(right, scope);
        return `(${[left, right]
          .map((each) => this.expression(each, common, scope))
          .sort()
          .join(operator)})`;
      }
      case "+":
      case "*":
      case "&":
      case "|":
      case "^":
        return `(${this.#sum(expression, operator, scope).sort().join(operator)})`;
      default:
        // A constant on one side of a comparison by size is a bound, not a thread.
        return `(${this.#truth(left, scope)} ${operator} ${this.#truth(right, scope)})`;
    }
  }
  #sum(expression: Expr, operator: string, scope: Scope): string[] {
    if (expression.op !== "binary" || expression.operator !== operator) return [this.#truth(expression, scope)];
    return [...this.#sum(expression.left, operator, scope), ...this.#sum(expression.right, operator, scope)];
  }

  /** An element of a variable. */
  place(variable: number, index: Expr | null, scope: Scope): string {
    const name = `v${this.#exchange.variable(variable)}`;
    const shape = this.#typing.indexes[variable];
    if (index === null || shape == null) return name;
    if (shape.stride === 1) return `${name}[${this.expression(index, shape.owner, scope)}]`;
    const element = (value: number): string => {
      const owner = Math.floor(value / shape.stride);
      return String(this.value(owner, shape.owner) * shape.stride + (value - owner * shape.stride));
    };
    const parts = this.#typing.index(variable, index, scope, false);
    if (parts === null) return `${name}[${index.op === "const" ? element(index.value) : ""}]`;
    const named = parts.owner.op !== "const";
    const rest = parts.rest.map((each) => (each.op === "const" && !named ? element(each.value) : this.expression(each, null, scope)));
    return `${name}[${named ? `${shape.stride}*${this.expression(parts.owner, shape.owner, scope)}` : ""}+${rest.sort().join("+")}]`;
  }

  #statement(statement: Statement, scope: Scope): string {
    const { values, thread } = this.#typing;
    switch (statement.op) {
      case "let":
        return `${this.#temporary(statement.temp, scope)}=${this.expression(statement.value, scope.temps[statement.temp] ?? null, scope)}`;
      case "assign":
        return `${this.place(statement.variable, statement.index, scope)}:=${this.expression(statement.value, values[statement.variable] ?? null, scope)}`;
      case "complete": {
        const sorts = this.#typing.resultsOf(statement.operation);
        const results = statement.results.map((result, i) => this.expression(result, sorts[i] ?? null, scope));
        return `complete ${statement.operation} of ${this.expression(statement.thread, thread, scope)}(${results.join()})`;
      }
      case "terminate":
        return `terminate ${this.expression(statement.thread, thread, scope)}`;
    }
  }

  #end(terminator: Terminator): string {
    if (terminator.op === "yield") return `yield ${terminator.location}`;
    if (terminator.op !== "fail") return terminator.op;
    const failure = this.#system.failures[terminator.failure];
    return `fail ${failure?.kind} ${failure?.message}`;
  }

  /** Up to the order of what does not depend on each other; null if that cannot be told. */
  loosely(code: Code, given: readonly Term[]): string | null {
    let text = this.#loose.get(code);
    if (text === undefined) {
      text = this.#writeLoosely(code, given);
      this.#loose.set(code, text);
    }
    return text;
  }
  readonly #loose: WeakMap<Code, string | null> = new WeakMap();
  #writeLoosely(code: Code, given: readonly Term[]): string | null {
    const scope = this.#typing.scope(this.#typing.temps(code, given), null, "");
    const names = namesOf(code, given.length, (known) => ({ expression: (value) => this.#truth(value, { ...scope, names: known }) }));
    const named = { ...scope, names };
    return commutingForm(code, {
      expression: (expression) => this.#truth(expression, named),
      statement: (statement) => this.#statement(statement, named),
      end: (terminator) => this.#end(terminator),
    });
  }

  code(code: Code, given: readonly Term[]): string {
    const scope = this.#typing.scope(this.#typing.temps(code, given), null, "");
    const numbers = new Map<number, number>([[0, 0]]);
    const order = [0];
    const numberOf = (block: number): number => {
      const known = numbers.get(block);
      if (known !== undefined) return known;
      numbers.set(block, order.length);
      return order.push(block) - 1;
    };
    const end = (terminator: Terminator): string => {
      switch (terminator.op) {
        case "goto":
          return `goto ${numberOf(terminator.block)}`;
        case "branch":
          return `if ${this.#truth(terminator.condition, scope)} ${numberOf(terminator.then)} ${numberOf(terminator.else)}`;
        default:
          return this.#end(terminator);
      }
    };
    const lines: string[] = [];
    for (let at = 0; at < order.length; at++) {
      const block = code.blocks[order[at] ?? 0];
      if (block === undefined) continue;
      lines.push(...block.statements.map((statement) => this.#statement(statement, scope)), end(block.end));
    }
    return lines.join("\n");
  }
}
