/**
 * Code of a transition system in Promela, for both styles of the export. Temporaries are `hidden` variables, which are no
 * part of SPIN's state vector; control flow inside a step becomes labels and gotos that stay inside a `d_step`.
 */
import type { Code, Expr, Statement, System, Terminator, Variable } from "../../../model/system/system.ts";
import { NotExportable, reachable } from "./code.ts";

export const comment = (text: string): string => text.replaceAll("*/", "* /").replaceAll("\n", " ");
export const nameOf = (variable: Variable | undefined): string => `v${variable?.id ?? 0}`;
const place = (variable: Variable | undefined, index: string | null): string =>
  (variable?.length ?? 1) === 1 ? nameOf(variable) : `${nameOf(variable)}[${index ?? "0"}]`;

/** Values are stored as their distance from the minimum: array initialisers take no negative numbers. */
export function declare(variable: Variable, initial: readonly number[]): string {
  const span = variable.max - variable.min;
  const type = span <= 255 ? "byte" : span < 0x8000 ? "short" : "int";
  const stored = initial.map((value) => value - variable.min);
  return `${type} ${nameOf(variable)}${variable.length === 1 ? ` = ${stored[0] ?? 0}` : `[${variable.length}] = { ${stored.join(", ")} }`}; /* ${comment(variable.name)} ${variable.min}..${variable.max} */`;
}

/** How a style says what changes the course of a thread. */
export interface Course {
  /** Ends the graph. */
  leave(terminator: Terminator): readonly string[];
  /** The operation of `thread` ends; `value` writes an expression. */
  complete(statement: Extract<Statement, { op: "complete" }>, value: (e: Expr) => string): readonly string[];
  terminate(thread: string): readonly string[];
}

export class PromelaCode {
  readonly #system: System;
  /** Temporaries in use at most. */
  temps = 0;
  #labels = 0;

  constructor(system: System) {
    this.#system = system;
  }

  use(temps: number): void {
    this.temps = Math.max(this.temps, temps);
  }
  label(): string {
    return `L${this.#labels++}`;
  }

  /** The lines of a graph; its temporaries are `t<base>…`. */
  graph(code: Code, base: number, course: Course): readonly string[] {
    this.use(base + code.temps);
    const lines: string[] = [];
    const reached = reachable(code);
    const labels = code.blocks.map(() => this.label());
    const temps = Array.from({ length: code.temps }, (_, i) => `t${base + i}`);
    const value = (e: Expr): string => this.expression(e, temps);
    code.blocks.forEach((block, i) => {
      if (!reached.has(i)) return;
      lines.push(`   ${labels[i]}: skip;`);
      for (const statement of block.statements) lines.push(...this.#statement(statement, base, value, course).map((line) => `   ${line}`));
      const end = block.end;
      if (end.op === "goto") lines.push(`   goto ${labels[end.block]};`);
      else if (end.op === "branch") lines.push(`   if :: ${value(end.condition)} -> goto ${labels[end.then]} :: else -> goto ${labels[end.else]} fi;`);
      else lines.push(...course.leave(end).map((line) => `   ${line}`));
    });
    return lines;
  }

  #statement(statement: Statement, base: number, value: (e: Expr) => string, course: Course): readonly string[] {
    switch (statement.op) {
      case "let":
        return [`t${base + statement.temp} = ${value(statement.value)};`];
      case "assign": {
        const variable = this.#system.variables[statement.variable];
        const offset = variable === undefined || variable.min === 0 ? "" : ` - (${variable.min})`;
        return [`${place(variable, statement.index === null ? null : value(statement.index))} = ${value(statement.value)}${offset};`];
      }
      case "complete":
        return course.complete(statement, value);
      case "terminate":
        return course.terminate(value(statement.thread));
    }
  }

  expression(e: Expr, temps: readonly string[]): string {
    const value = (inner: Expr): string => this.expression(inner, temps);
    switch (e.op) {
      case "const":
        return e.value < 0 ? `(${e.value})` : String(e.value);
      case "temp":
        return temps[e.temp] ?? `t${e.temp}`;
      case "load": {
        const variable = this.#system.variables[e.variable];
        const stored = place(variable, e.index === null ? null : value(e.index));
        return variable === undefined || variable.min === 0 ? stored : `(${stored} + (${variable.min}))`;
      }
      case "unary":
        return `(${e.operator}${value(e.operand)})`;
      case "and":
      case "or":
        return `(${value(e.left)} ${e.op === "and" ? "&&" : "||"} ${value(e.right)})`;
      case "select":
        return `(${value(e.condition)} -> ${value(e.then)} : ${value(e.else)})`;
      case "binary":
        if (e.operator === ">>>") throw new NotExportable("the operator >>> has no counterpart in Promela");
        return `(${value(e.left)} ${e.operator} ${value(e.right)})`;
    }
  }
}
