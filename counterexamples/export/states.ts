/**
 * The states that a trace goes through, as far as it shows them: one list of names, one row of values for each state. A
 * local first appears in the step that changes it, and has its old value before that.
 */
import type { ShownValue, Trace } from "../trace.ts";

export type StateValue = ShownValue | readonly ShownValue[];

export interface States {
  /** In the order of the trace's initial state, then locals as they first change. */
  readonly names: readonly string[];
  /** The state before the first step, then the one after each step; a failing step leaves the state as it was. */
  readonly rows: readonly (readonly StateValue[])[];
}

/** Collects them. */
export function traceStates(trace: Trace): States {
  const first = new Map<string, StateValue>(Object.entries(trace.initial));
  for (const step of trace.steps) for (const { name, before } of step.changes) if (!first.has(name)) first.set(name, before);
  const current = new Map(first);
  const names = [...first.keys()];
  const row = (): readonly StateValue[] => names.map((name) => current.get(name) ?? null);
  const rows = [row()];
  for (const step of trace.steps) {
    for (const { name, after } of step.changes) current.set(name, after);
    rows.push(row());
  }
  return { names, rows };
}
