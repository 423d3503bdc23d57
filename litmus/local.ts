/** What stands between the visible instructions of a litmus program: assignments, branches and assertions as code. */
import { all, binary, constant, load } from "../model/memory/code.ts";
import type { Block, Code, Expr, Failure, Statement, Terminator } from "../model/system/system.ts";
import type { Expression, Instruction } from "./program.ts";
import type { Ranges } from "./ranges.ts";

/** A value leaves the analysed ranges; an assertion is false. */
export const rangeFailure = 0;
const assertionFailure = 1;
export const failures: readonly Failure[] = [
  { kind: "out-of-range", message: "a value leaves the range that was analysed", site: null },
  { kind: "assertion", message: "assertion", site: null },
];

/** An expression over registers as one over their variables. */
export function expr(expression: Expression, registers: (name: string) => number): Expr {
  switch (expression.op) {
    case "const":
      return constant(expression.value);
    case "register":
      return load(registers(expression.name));
    case "negate":
    case "complement":
    case "not":
      return { op: "unary", operator: expression.op === "negate" ? "-" : expression.op === "not" ? "!" : "~", operand: expr(expression.operand, registers) };
    case "binary":
      return binary(expr(expression.left, registers), expression.operator, expr(expression.right, registers));
  }
}

/** Writes the continuations of one thread: a block for each local instruction that can follow. */
export class LocalCode {
  readonly #code: readonly Instruction[];
  readonly #visible: readonly number[];
  readonly #registers: (name: string) => number;
  readonly #ranges: Ranges;
  constructor(code: readonly Instruction[], visible: readonly number[], registers: (name: string) => number, ranges: Ranges) {
    this.#code = code;
    this.#visible = visible;
    this.#registers = registers;
    this.#ranges = ranges;
  }

  /** What follows a visible instruction: the result, if it goes to a register, then local code. */
  after(at: number, register: number | null): Code {
    const rest = this.from(at + 1);
    const first: readonly Statement[] = register === null ? [] : [{ op: "assign", variable: register, index: null, value: { op: "temp", temp: 0 } }];
    return { temps: 1, blocks: rest.blocks.map((block, i) => (i === 0 ? { ...block, statements: [...first, ...block.statements] } : block)) };
  }

  /** Local code from an instruction to the next visible ones. */
  from(start: number): Code {
    const blocks: { statements: readonly Statement[]; end: Terminator }[] = [{ statements: [], end: { op: "finish" } }];
    const blockOf = new Map<number, number>();
    const visit = (at: number): number => {
      const known = blockOf.get(at);
      if (known !== undefined) return known;
      const block = blocks.length;
      blockOf.set(at, block);
      blocks.push({ statements: [], end: { op: "finish" } });
      blocks[block] = this.#block(
        at,
        visit,
        (failure) => blocks.push({ statements: [], end: { op: "fail", failure } }) - 1,
        (statements, end) => blocks.push({ statements, end }) - 1,
      );
      return block;
    };
    blocks[0] = { statements: [], end: { op: "goto", block: visit(start) } };
    return { temps: 1, blocks: blocks.map((block): Block => ({ statements: block.statements, end: block.end })) };
  }

  #block(
    at: number,
    visit: (at: number) => number,
    fail: (failure: number) => number,
    add: (statements: readonly Statement[], end: Terminator) => number,
  ): Block {
    const instruction = this.#code[at];
    if (instruction === undefined) return { statements: [], end: { op: "finish" } };
    switch (instruction.op) {
      case "set": {
        const value = expr(instruction.value, this.#registers);
        const variable = this.#registers(instruction.register);
        const assign: Statement = { op: "assign", variable, index: null, value };
        if (this.#ranges.complete) return { statements: [assign], end: { op: "goto", block: visit(at + 1) } };
        const [low, high] = this.#ranges.of("");
        return {
          statements: [],
          end: {
            op: "branch",
            condition: all(binary(value, ">=", low), binary(value, "<=", high)),
            then: add([assign], { op: "goto", block: visit(at + 1) }),
            else: fail(rangeFailure),
          },
        };
      }
      case "branch":
        return {
          statements: [],
          end: { op: "branch", condition: expr(instruction.condition, this.#registers), then: visit(instruction.target), else: visit(at + 1) },
        };
      case "assert":
        return {
          statements: [],
          end: { op: "branch", condition: expr(instruction.condition, this.#registers), then: visit(at + 1), else: fail(assertionFailure) },
        };
      default:
        return { statements: [], end: { op: "yield", location: this.#visible.indexOf(at) } };
    }
  }
}
