/**
 * Informal Trace Format (Apalache, ADR-015, revision of November 2025): variables, one object for each state, all
 * integers as `#bigint`. The action and its choices stand under the names that Quint and the model-based-testing
 * libraries read. No time of day: the same trace gives the same bytes.
 */
import type { ShownValue, Trace } from "../trace.ts";
import { type StateValue, traceStates } from "./states.ts";
import { violationTitle } from "../words.ts";

type ItfValue = boolean | string | { readonly "#bigint": string } | readonly ItfValue[];

const nobody = "nobody";

function scalar(value: ShownValue): ItfValue {
  if (value === null) return nobody;
  return typeof value === "number" ? { "#bigint": String(value) } : value;
}
function itf(value: StateValue): ItfValue {
  return Array.isArray(value) ? value.map((each: ShownValue) => scalar(each)) : scalar(value as ShownValue);
}

/** Apalache's type of a variable, from all the values that it takes; an empty queue tells nothing. */
function typeOf(values: readonly StateValue[]): string {
  const scalars = values.flatMap((value): readonly ShownValue[] => (Array.isArray(value) ? value : [value as ShownValue]));
  const [known] = scalars.filter((value) => value !== null);
  const type = typeof known === "number" ? "Int" : typeof known === "boolean" ? "Bool" : "Str";
  return values.some((value) => Array.isArray(value)) ? `Seq(${type})` : type;
}

/** The trace as ITF JSON. */
export function exportItf(trace: Trace): string {
  const { names, rows } = traceStates(trace);
  const types = Object.fromEntries(names.map((name, index) => [name, typeOf(rows.map((row) => row[index] ?? null))]));
  const states = rows.map((row, index) => {
    const decision = index === 0 ? undefined : trace.decisions[index - 1];
    const step = index === 0 ? undefined : trace.steps[index - 1];
    const actor = step?.thread ?? (index === 0 ? "" : "kernel");
    return {
      "#meta": { index },
      ...Object.fromEntries(names.map((name, each) => [name, itf(row[each] ?? null)])),
      "mbt::actionTaken": decision === undefined ? "init" : decision.kind === "stop" ? "stop" : (step?.operation ?? decision.rule),
      "mbt::nondetPicks": { thread: actor, rule: decision?.rule ?? "", pick: { "#bigint": String(decision?.pick ?? 0) } },
    };
  });
  const document = {
    "#meta": {
      format: "ITF",
      "format-description": "https://apalache-mc.org/docs/adr/015adr-trace.html",
      description: `${trace.protocol}: ${violationTitle(trace)}`,
      source: trace.spec.path,
      status: "violation",
      varTypes: { ...types, "mbt::actionTaken": "Str", "mbt::nondetPicks": "{ thread: Str, rule: Str, pick: Int }" },
    },
    vars: [...names, "mbt::actionTaken", "mbt::nondetPicks"],
    // The last state is the one that the loop begins with, so the step after it leads to the state after that one.
    ...(trace.loop === undefined ? {} : { loop: Math.min(trace.loop + 1, trace.steps.length) }),
    states,
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}
