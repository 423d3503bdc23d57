/**
 * What a test came to, as text in the form that herd prints and as data. `Positive` and `Negative` count distinct outcomes
 * that satisfy the condition and that do not (herd counts candidate executions); for `~exists` the two change places,
 * as they do there.
 */
import type { MemoryModelName } from "../model/memory/model.ts";
import { showCondition } from "./condition.ts";
import type { LitmusFile } from "./file.ts";
import { type Answer, type Enumeration, answer } from "./outcome.ts";

/** One entry of `litmus --json`. */
export interface LitmusResult {
  readonly file: string;
  readonly name: string;
  readonly memoryModel: MemoryModelName;
  readonly quantifier: "exists" | "~exists" | "forall";
  /** Whether the quantified condition is true; null if a bound left it open. */
  readonly holds: boolean | null;
  readonly observation: "Never" | "Sometimes" | "Always";
  /** Number of distinct final values of the observed registers and locations. */
  readonly outcomes: number;
  /** Those values. */
  readonly finalStates: readonly Readonly<Record<string, number>>[];
}

/** Judges an enumeration of a test's executions. */
export function judge(
  file: string,
  test: LitmusFile,
  memoryModel: MemoryModelName,
  enumeration: Enumeration,
): { readonly result: LitmusResult; readonly answer: Answer } {
  const { question, program } = test;
  const judged = answer(enumeration, question);
  // One execution decides `exists` for good, and refutes the other two for good.
  const decided = !enumeration.bounded || (question.quantifier === "exists" ? judged.holds : !judged.holds);
  const finalStates = judged.outcomes.map((outcome) => Object.fromEntries(question.observed.map((name, i) => [name, outcome[i] ?? 0])));
  return {
    result: {
      file,
      name: program.name,
      memoryModel,
      quantifier: question.quantifier,
      holds: decided ? judged.holds : null,
      observation: judged.observation,
      outcomes: judged.outcomes.length,
      finalStates,
    },
    answer: judged,
  };
}

/** The lines that herd prints for a test. */
export function herdText(
  test: LitmusFile,
  result: LitmusResult,
  judged: Answer,
  paint: { readonly good: (text: string) => string; readonly bad: (text: string) => string },
): string {
  const { question } = test;
  const shown = (name: string): string => (name.includes(":") ? name : `[${name}]`);
  const swapped = question.quantifier === "~exists";
  return [
    `Test ${result.name} ${{ exists: "Allowed", "~exists": "Forbidden", forall: "Required" }[question.quantifier]}`,
    `States ${judged.outcomes.length}`,
    ...judged.outcomes.map((outcome) => question.observed.map((name, i) => `${shown(name)}=${outcome[i] ?? 0};`).join(" ")),
    result.holds === null ? paint.bad("Inconclusive: a bound was reached") : result.holds ? paint.good("Ok") : paint.bad("No"),
    "Witnesses",
    `Positive: ${swapped ? judged.negative : judged.positive} Negative: ${swapped ? judged.positive : judged.negative}`,
    `Condition ${question.quantifier} (${showCondition(question.condition)})`,
    `Observation ${result.name} ${judged.observation} ${judged.positive} ${judged.negative}`,
  ].join("\n");
}
