/**
 * A litmus program: a few threads of straight-line or looping instructions over named locations, and a question about
 * the final values. Every front end yields this form; every enumerator starts from it.
 */
import type { Order } from "../model/language/memory.ts";
import { applyBinary, divides } from "../model/system/arithmetic.ts";
import type { BinaryOperator } from "../model/system/system.ts";
import type { Condition } from "./condition.ts";

/** Pure expressions over the thread's own registers; every value is a 32-bit integer. */
export type Expression =
  | { readonly op: "const"; readonly value: number }
  | { readonly op: "register"; readonly name: string }
  | { readonly op: "negate" | "complement" | "not"; readonly operand: Expression }
  | { readonly op: "binary"; readonly operator: BinaryOperator; readonly left: Expression; readonly right: Expression };

/** `plain` accesses are not atomic; otherwise the order of the access. */
export type AccessOrder = Order | "plain";

/** Instructions. A `register` of null drops the value. Read-modify-writes give the old value. */
export type Instruction =
  | { readonly op: "load"; readonly register: string | null; readonly location: string; readonly order: AccessOrder }
  | { readonly op: "store"; readonly location: string; readonly value: Expression; readonly order: AccessOrder }
  | { readonly op: "exchange"; readonly register: string | null; readonly location: string; readonly value: Expression; readonly order: Order }
  | {
      readonly op: "modify";
      readonly register: string | null;
      readonly location: string;
      readonly operator: BinaryOperator;
      readonly operand: Expression;
      readonly order: Order;
    }
  | {
      readonly op: "compareExchange";
      readonly register: string | null;
      readonly location: string;
      readonly expected: Expression;
      readonly desired: Expression;
      readonly order: Order /** Order of the read where the comparison fails. */;
      readonly failure: Order;
    }
  /** Waits until the thread reads a value for which the comparison holds. */
  | { readonly op: "await"; readonly location: string; readonly operator: "==" | "!="; readonly value: Expression; readonly order: AccessOrder }
  | { readonly op: "fence"; readonly order: Order }
  | { readonly op: "set"; readonly register: string; readonly value: Expression }
  /** Goes to the instruction with number `target` if the condition is not zero. */
  | { readonly op: "branch"; readonly condition: Expression; readonly target: number }
  /** Enters and leaves a critical section: where threads must not meet. */
  | { readonly op: "enter"; readonly section: number }
  | { readonly op: "leave"; readonly section: number }
  | { readonly op: "assert"; readonly condition: Expression };

export interface Program {
  readonly name: string;
  /** All locations with their initial values, in order of appearance. */
  readonly locations: ReadonlyMap<string, number>;
  readonly threads: readonly (readonly Instruction[])[];
  /** Initial values of registers, by `thread:register`; others start at 0. */
  readonly registers: ReadonlyMap<string, number>;
}

export type Quantifier = "exists" | "~exists" | "forall";

/** What a test asks: about which outcomes, and which names its outcome lines show. */
export interface Question {
  readonly quantifier: Quantifier;
  readonly condition: Condition;
  /** Registers (`0:EAX`) and locations (`x`) that the condition and `locations` name. */
  readonly observed: readonly string[];
}

export interface LitmusTest {
  readonly program: Program;
  readonly question: Question;
}

/** The value of an expression; JavaScript's 32-bit arithmetic. */
export function evaluate(expression: Expression, register: (name: string) => number): number {
  switch (expression.op) {
    case "const":
      return expression.value;
    case "register":
      return register(expression.name);
    case "negate":
      return -evaluate(expression.operand, register) | 0;
    case "complement":
      return ~evaluate(expression.operand, register);
    case "not":
      return Number(evaluate(expression.operand, register) === 0);
    case "binary":
      return arithmetic(expression.operator, evaluate(expression.left, register), evaluate(expression.right, register));
  }
}

/** One binary operator on two values. */
export function arithmetic(operator: BinaryOperator, a: number, b: number): number {
  if (operator === "*") return Math.imul(a, b);
  return divides(operator) && b === 0 ? 0 : applyBinary(operator, a, b) | 0;
}

/** The names of the registers that an instruction reads or writes. */
export function registersOf(instruction: Instruction): readonly string[] {
  const names: string[] = [];
  const walk = (expression: Expression): void => {
    if (expression.op === "register") names.push(expression.name);
    else if (expression.op === "binary") {
      walk(expression.left);
      walk(expression.right);
    } else if (expression.op !== "const") walk(expression.operand);
  };
  if ("register" in instruction && instruction.register !== null) names.push(instruction.register);
  switch (instruction.op) {
    case "store":
    case "exchange":
    case "set":
    case "await":
      walk(instruction.value);
      break;
    case "modify":
      walk(instruction.operand);
      break;
    case "compareExchange":
      walk(instruction.expected);
      walk(instruction.desired);
      break;
    case "branch":
    case "assert":
      walk(instruction.condition);
      break;
    case "load":
    case "fence":
    case "enter":
    case "leave":
      break;
  }
  return names;
}

/** Every register of every thread as `thread:register`, in order of appearance. */
export function allRegisters(program: Program): readonly string[] {
  const names = new Set<string>(program.registers.keys());
  program.threads.forEach((thread, t) => thread.flatMap(registersOf).forEach((name) => names.add(`${t}:${name}`)));
  return [...names];
}
