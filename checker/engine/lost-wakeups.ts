/**
 * Threads that sleep although what they sleep for has come true, in a system that runs on without them. A state is saved
 * if the thread is not in that wait, or if some step of a trusted thread leads to a saved state. Only states with the
 * condition true are asked about, and those that these lead to: sweeps over the marks, from the last state to the first
 * (most steps lead to higher numbers), until nothing changes. Eight waits share a sweep.
 */
import type { Store } from "./store.ts";

/** The states from which some thread that should wake never will; null if memory runs out. */
export function lostWakeups(store: Store): ReadonlySet<number> | null {
  const lost = new Set<number>();
  const waits = store.generated.waitKeys.length;
  for (let group = 0; 8 * group < waits; group++) {
    let seen = 0;
    for (let bit = 0; bit < 8 && 8 * group + bit < waits; bit++) if (store.wasSeen(8 * group + bit)) seen |= 1 << bit;
    if (seen === 0) continue;
    const marks = store.marks(2);
    if (marks === null) return null;
    const asked = marks.subarray(0, store.count);
    const saved = marks.subarray(store.count);
    store.ask(group, seen);
    while (store.rescue(group));
    let unsaved = false;
    for (let state = 0; state < store.count && !unsaved; state++) unsaved = ((asked[state] ?? 0) & ~(saved[state] ?? 0)) !== 0;
    if (!unsaved) continue;
    // A state asked about only on the way from another one need not have the condition true.
    store.ask(group, seen);
    for (let state = 0; state < store.count; state++) if (((asked[state] ?? 0) & ~(saved[state] ?? 0)) !== 0) lost.add(state);
  }
  return lost;
}
