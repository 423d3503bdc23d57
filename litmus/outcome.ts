/** Final values of a litmus program and what an enumeration of them says about a question. */
import { satisfies } from "./condition.ts";
import { allRegisters, type Program, type Question } from "./program.ts";

/** What an enumeration of all executions found. */
export interface Enumeration {
  /** Registers (`thread:register`), then locations: what each outcome lists the values of. */
  readonly names: readonly string[];
  /** Distinct final values, sorted. */
  readonly outcomes: readonly (readonly number[])[];
  /** Two threads were inside one critical section at the same time. */
  readonly collision: boolean;
  /** An `assert` failed. */
  readonly assertion: boolean;
  /** An execution got stuck in an `await`. */
  readonly deadlock: boolean;
  /** A bound (buffer, message list, range of values) cut executions off: the outcomes are not all. */
  readonly bounded: boolean;
  /** Distinct states visited and steps taken between them. */
  readonly states: number;
  readonly transitions: number;
}

/** What outcomes list: every register, then every location. */
export function outcomeNames(program: Program): readonly string[] {
  return [...allRegisters(program), ...program.locations.keys()];
}

/** Sorts and removes duplicates. */
export function distinct(outcomes: Iterable<readonly number[]>): readonly (readonly number[])[] {
  const byKey = new Map<string, readonly number[]>();
  for (const outcome of outcomes) byKey.set(outcome.join(" "), outcome);
  return [...byKey.values()].sort(compareOutcomes);
}

function compareOutcomes(a: readonly number[], b: readonly number[]): number {
  for (let i = 0; i < a.length; i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** The outcomes cut down to the names that the question observes. */
function project(enumeration: Enumeration, names: readonly string[]): readonly (readonly number[])[] {
  const columns = names.map((name) => enumeration.names.indexOf(name));
  return distinct(enumeration.outcomes.map((outcome) => columns.map((column) => (column < 0 ? 0 : (outcome[column] ?? 0)))));
}

/** The answer to a question. */
export interface Answer {
  /** Distinct values of the observed names. */
  readonly outcomes: readonly (readonly number[])[];
  /** How many of them satisfy the condition, and how many do not. */
  readonly positive: number;
  readonly negative: number;
  readonly observation: "Never" | "Sometimes" | "Always";
  /** Whether the quantified condition is true. */
  readonly holds: boolean;
}

/** Judges an enumeration by a question. */
export function answer(enumeration: Enumeration, question: Question): Answer {
  const outcomes = project(enumeration, question.observed);
  const positive = outcomes.filter((outcome) => satisfies(question.condition, (name) => outcome[question.observed.indexOf(name)] ?? 0)).length;
  const negative = outcomes.length - positive;
  const holds = { exists: positive > 0, "~exists": positive === 0, forall: negative === 0 }[question.quantifier];
  return { outcomes, positive, negative, observation: positive === 0 ? "Never" : negative === 0 ? "Always" : "Sometimes", holds };
}
