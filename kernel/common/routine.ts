/** How a routine of a path is run: from one place where it rests, or stops at a lock, to the next, noting what it commits. */
import type { KernelPoint, KernelRoutine, LockPoint, Results, Resumption } from "./path.ts";

/** What one run to the next pause, block or end did. */
export interface Segment {
  /** The rule whose effects were made; null: none. */
  rule: string | null;
}

/** Where a routine rests. */
export type Rest = { readonly kind: "done"; readonly results: Results } | Extract<KernelPoint, { kind: "pause" | "block" }>;

const nothing: Results = {};

/** Runs a routine until it rests or stops at a lock; after a lock the same segment goes on. Caller holds: a section. */
export function advance(routine: KernelRoutine | KernelRoutine<void>, why: Resumption, segment: Segment): Rest | LockPoint {
  for (let next = routine.next(why); ; next = routine.next("run")) {
    if (next.done === true) return { kind: "done", results: next.value ?? nothing };
    const point = next.value;
    if (point.kind !== "commit") return point;
    if (segment.rule !== null) throw new Error(`two commit points in one step: "${segment.rule}" and "${point.rule}"`);
    segment.rule = point.rule;
  }
}
