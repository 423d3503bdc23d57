/**
 * A trace as a message sequence chart sees it (ITU-T Z.120): a lane for each thread, grouped by CPU, a row for each step,
 * an arrow for each thread whose operation the step ended, and the stretches during which a thread was blocked. The
 * pictures (mermaid, svg, perfetto) are drawings of this.
 */
import type { Decision, Trace } from "../trace.ts";
import { changeText, isNoted, stepText } from "../words.ts";

export interface Lane {
  readonly name: string;
  readonly cpu: number;
  readonly untrusted: boolean;
}

export interface Arrow {
  /** Position of a lane. */
  readonly to: number;
  /** What the thread there got; may be empty. */
  readonly text: string;
}

export interface Row {
  /** Number of the step, from 1. */
  readonly number: number;
  /** Position of the lane that acts; null for what no thread does. */
  readonly lane: number | null;
  readonly text: string;
  /** Changes of memory and of queues, and what the acting thread itself got. */
  readonly notes: readonly string[];
  readonly arrows: readonly Arrow[];
  readonly kind: "step" | "stop" | "background";
}

/** A thread is in an operation that has begun and not ended: rows `from` to `to`, positions in the list of rows. */
export interface Span {
  readonly lane: number;
  readonly from: number;
  readonly to: number;
  readonly operation: string;
  /** It lasts beyond the end of the trace. */
  readonly open: boolean;
}

export interface Sequence {
  /** In the order of CPUs, and of threads on each. */
  readonly lanes: readonly Lane[];
  readonly rows: readonly Row[];
  readonly spans: readonly Span[];
}

/** What of a trace is drawn. */
export type Drawn = Pick<Trace, "threads" | "steps" | "end"> & { readonly decisions: readonly Pick<Decision, "kind">[] };

/** Lays a trace out. */
export function sequence(trace: Drawn): Sequence {
  const lanes: readonly Lane[] = [...trace.threads].sort((a, b) => a.cpu - b.cpu);
  const laneOf = new Map(lanes.map(({ name }, position) => [name, position]));
  const rows = trace.steps.map((step, index): Row => {
    const own = step.completed.filter(({ thread, result }) => thread === step.thread && result !== "").map(({ result }) => `gets ${result}`);
    return {
      number: index + 1,
      lane: step.thread === null ? null : (laneOf.get(step.thread) ?? null),
      text: stepText(step),
      notes: [...step.changes.filter(isNoted).map(changeText), ...own],
      arrows: step.completed
        .filter(({ thread }) => thread !== step.thread)
        .flatMap(({ thread, result }) => {
          const to = laneOf.get(thread);
          return to === undefined ? [] : [{ to, text: result }];
        }),
      kind: trace.decisions[index]?.kind ?? "step",
    };
  });
  return { lanes, rows, spans: spans(trace, laneOf) };
}

/** An operation that its own step did not end stays open until a step ends it. */
function spans(trace: Drawn, laneOf: ReadonlyMap<string, number>): readonly Span[] {
  const begun = new Map<number, { readonly from: number; readonly operation: string }>();
  const done: Span[] = [];
  trace.steps.forEach((step, index) => {
    const acting = step.thread === null ? undefined : laneOf.get(step.thread);
    if (acting !== undefined && trace.decisions[index]?.kind !== "stop" && !begun.has(acting)) begun.set(acting, { from: index, operation: step.operation });
    for (const { thread } of step.completed) {
      const lane = laneOf.get(thread);
      const open = lane === undefined ? undefined : begun.get(lane);
      if (lane === undefined || open === undefined) continue;
      begun.delete(lane);
      if (open.from < index) done.push({ lane, from: open.from, to: index, operation: open.operation, open: false });
    }
  });
  const last = trace.steps.length - 1;
  for (const [lane, { from, operation }] of begun)
    if (from < last || isBlocked(trace, lane, laneOf)) done.push({ lane, from, to: last, operation, open: true });
  return done.sort((a, b) => a.from - b.from || a.lane - b.lane);
}

function isBlocked(trace: Drawn, lane: number, laneOf: ReadonlyMap<string, number>): boolean {
  return trace.end.threads.some(({ thread, state }) => laneOf.get(thread) === lane && state === "blocked");
}
