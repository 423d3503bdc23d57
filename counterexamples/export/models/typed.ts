/**
 * Expressions for languages that tell booleans from numbers, as Murphi and TLA+ do. In the transition system a truth is 0 or
 * 1; here each expression is written as the one or as the other, as its place demands.
 */
import type { BinaryOperator, Expr, System, Variable } from "../../../model/system/system.ts";
import { isBoolean } from "./code.ts";

/** What a language writes; operands come in brackets where they need them. */
export interface Notation {
  readonly truths: readonly [no: string, yes: string];
  temp(number: number): string;
  place(variable: Variable, index: string | null): string;
  not(operand: string): string;
  and(left: string, right: string): string;
  or(left: string, right: string): string;
  select(condition: string, yes: string, no: string): string;
  /** Of numbers, with a boolean or a number as its result. */
  binary(operator: BinaryOperator, left: string, right: string): string;
  /** `-` or `~`. */
  unary(operator: "-" | "~", operand: string): string;
}

export class Typed {
  readonly #system: System;
  readonly #notation: Notation;

  constructor(system: System, notation: Notation) {
    this.#system = system;
    this.#notation = notation;
  }

  /** As a boolean. */
  truth(e: Expr): string {
    const write = this.#notation;
    switch (e.op) {
      case "const":
        return write.truths[e.value === 0 ? 0 : 1];
      case "and":
        return write.and(this.truth(e.left), this.truth(e.right));
      case "or":
        return write.or(this.truth(e.left), this.truth(e.right));
      case "select":
        return write.select(this.truth(e.condition), this.truth(e.then), this.truth(e.else));
      case "unary":
        return e.operator === "!" ? write.not(this.truth(e.operand)) : write.binary("!=", this.number(e), "0");
      case "binary":
        return isBoolean(e) ? write.binary(e.operator, this.number(e.left), this.number(e.right)) : write.binary("!=", this.number(e), "0");
      case "temp":
      case "load":
        return write.binary("!=", this.number(e), "0");
    }
  }

  /** As a number. */
  number(e: Expr): string {
    const write = this.#notation;
    switch (e.op) {
      case "const":
        return e.value < 0 ? `(${e.value})` : String(e.value);
      case "temp":
        return write.temp(e.temp);
      case "load": {
        const variable = this.#system.variables[e.variable];
        if (variable === undefined) throw new RangeError(`there is no variable ${e.variable}`);
        return write.place(variable, variable.length === 1 ? null : e.index === null ? "0" : this.number(e.index));
      }
      case "unary":
        return e.operator === "!" ? this.#asNumber(e) : write.unary(e.operator, this.number(e.operand));
      case "select":
        return write.select(this.truth(e.condition), this.number(e.then), this.number(e.else));
      case "and":
      case "or":
        return this.#asNumber(e);
      case "binary":
        return isBoolean(e) ? this.#asNumber(e) : write.binary(e.operator, this.number(e.left), this.number(e.right));
    }
  }

  #asNumber(e: Expr): string {
    return this.#notation.select(this.truth(e), "1", "0");
  }
}
