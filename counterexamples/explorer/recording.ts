/**
 * The states of a trace without its specification: where each thread stands, as far as its later steps and the end of the
 * trace tell. Who waits for whom is known at the end only.
 */
import { sequence } from "../export/sequence.ts";
import type { TraceEnd, TraceThread } from "../trace.ts";
import type { Moment, Recording } from "./view.ts";

/** What there is to say after so many steps. */
export function recordedMoments(threads: readonly TraceThread[], { steps, end, circle, problem }: Recording): (at: number) => Moment {
  const { lanes, spans } = sequence({ threads, steps, decisions: steps, end });
  const laneOf = new Map(lanes.map(({ name }, lane) => [name, lane]));
  const standing = (last: TraceEnd, at: number): TraceEnd => {
    const { thread } = last;
    const lane = laneOf.get(thread);
    const isStopped = steps.slice(0, at).some((step) => step.thread === thread && step.kind === "stop");
    const begun = spans.find(({ lane: of, from, to, open }) => of === lane && from < at && (open || to >= at));
    const state = isStopped ? "stopped" : begun === undefined ? "ready" : "blocked";
    const next = steps.slice(at).find((step) => step.thread === thread || step.completed.some((each) => each.thread === thread));
    // Nothing more happens to it: it stands here as it does at the end.
    if (next === undefined) return { ...last, state: last.state === "blocked" || last.state === "spinning" ? state : last.state, says: null, idle: false };
    if (next.thread !== thread || next.kind === "stop") return { thread, state, site: null, operation: begun?.operation ?? null, says: null, idle: false };
    return { thread, state, site: next.site, operation: next.operation, says: null, idle: false };
  };
  return (at) => {
    if (at === steps.length) return { ...end, circle, problems: [problem], moves: null };
    return { threads: end.threads.map((last) => standing(last, at)), edges: null, circle: [], problems: null, moves: null };
  };
}
