/** One step of a replay, for people who walk through it: who did what and where, what it changed, how everybody stands after it. */
import { readFileSync } from "node:fs";
import type { Site } from "../model/language/operation.ts";
import { inspect, type Row, standing } from "./inspect.ts";
import type { Part } from "./parts.ts";
import { clean } from "./print.ts";
import { changeText } from "./words.ts";
import type { Replay } from "./replay.ts";
import { changes, operationText, standsAt } from "./show.ts";

/** A row, and whether it stood otherwise before the step. */
export interface ChangedRow extends Row {
  readonly changed: boolean;
}

export interface StepView {
  /** `step 3 of 7`, or `start`. */
  readonly position: string;
  /** `CPU 0  server  spec.ts:18:21`; empty at the start. */
  readonly who: string;
  /** The line of the source, with its number; null if there is none to show. */
  readonly source: string | null;
  /** The operation with its arguments, and the rule. */
  readonly operation: string;
  /** Operations that the step ended, and with what. */
  readonly completed: readonly string[];
  /** What changed in the projection of the machine. */
  readonly changes: readonly string[];
  /** Whether machine and model agree, or how the replay ended. */
  readonly verdict: string;
  readonly threads: readonly ChangedRow[];
  readonly parts: readonly { readonly part: Part; readonly rows: readonly ChangedRow[] }[];
}

/** The rows of a machine, to see what a step changes. */
export interface Picture {
  readonly threads: readonly Row[];
  readonly parts: readonly { readonly part: Part; readonly rows: readonly Row[] }[];
}

/** How the machine stands now. */
export function picture({ lockstep }: Replay, shown: readonly Part[]): Picture {
  const { executor } = lockstep;
  return {
    threads: executor.instance.threads.map(({ name, handle }) => ({ name, text: standingAt(lockstep, handle.id, standing(executor, handle.id)) })),
    parts: shown.map((part) => ({ part, rows: inspect(executor, part) })),
  };
}

/** A thread's status with the operation at which it stands. */
function standingAt({ state, system, instance }: Replay["lockstep"], thread: number, status: string): string {
  const process = system.processes[thread];
  const location = state === null || process === undefined ? null : standsAt(process, state);
  return state === null || location === null ? status : `${status}, in ${operationText(instance, system, state, location)}`;
}

/** The last step taken; `before` and `now` are how the machine stood before and after it. */
export function stepView(replay: Replay, before: Picture | null, now: Picture): StepView {
  const { step, trace, lockstep, states, result } = replay;
  const { system, instance } = lockstep;
  const threads = mark(now.threads, before?.threads);
  const parts = now.parts.map(({ part, rows }) => ({
    part,
    rows: mark(rows, before?.parts.find((each) => each.part === part)?.rows),
  }));
  const verdict =
    result === null ? "machine and model agree" : `${result.verdict}${result.verdict === "diverged" ? ` at step ${result.step}` : ""}: ${result.message}`;
  const decision = trace.decisions[step - 1];
  const recorded = trace.steps[step - 1];
  if (decision === undefined || recorded === undefined)
    return {
      position: `start, ${trace.decisions.length} steps follow`,
      who: "",
      source: null,
      operation: "",
      completed: [],
      changes: [],
      verdict,
      threads,
      parts,
    };
  const state = states[step - 1] ?? null;
  const after = states[step] ?? null;
  const process = decision.thread === null ? undefined : system.processes[decision.thread];
  const location = state === null || process === undefined ? null : standsAt(process, state);
  const operation = decision.kind === "stop" ? "stops for ever" : state === null || location === null ? "" : operationText(instance, system, state, location);
  const where = location === null ? "" : `${location.site.file}:${location.site.line}:${location.site.column}`;
  return {
    position: `step ${step} of ${trace.decisions.length}`,
    who: [process === undefined ? "" : `CPU ${process.cpu}`, process?.name ?? "(kernel)", where].filter((part) => part !== "").join("  "),
    source: location === null ? null : sourceLine(location.site),
    operation: clean(operation === "" || operation.includes(decision.rule) ? operation || decision.rule : `${operation}: ${decision.rule}`),
    completed: recorded.completed.map(({ thread, result: value }) =>
      clean(thread === recorded.thread ? (value === "" ? "its operation ends" : `gets ${value}`) : `${thread} goes on${value === "" ? "" : `: ${value}`}`),
    ),
    changes: state === null || after === null ? [] : changes(instance, system, state, after).map(changeText),
    verdict: clean(verdict),
    threads,
    parts,
  };
}

function mark(rows: readonly Row[], before: readonly Row[] | undefined): readonly ChangedRow[] {
  const old = new Map(before?.map(({ name, text }) => [name, text]));
  return rows.map((row) => ({ ...row, changed: before !== undefined && old.get(row.name) !== row.text }));
}

/** The source line of a site; null if its file is not one of the user's. */
function sourceLine({ file, line }: Site): string | null {
  try {
    const text = readFileSync(file, "utf8").split(/\r?\n/u)[line - 1];
    return text === undefined ? null : `${line} │ ${clean(text.trim())}`;
  } catch {
    return null;
  }
}
