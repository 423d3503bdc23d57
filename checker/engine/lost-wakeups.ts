/**
 * Threads that sleep although what they sleep for has come true, in a system that runs on without them. A state is saved
 * if the thread is not in that wait, or if some step of a trusted thread leads to a saved state. Only states with the
 * condition true are asked about, and those that these lead to: sweeps over the marks, from the last state to the first
 * (most steps lead to higher numbers), until nothing changes.
 */
import { rescue } from "./code/explorer.ts";
import type { Store } from "./store.ts";

/** The states from which a thread that should wake never will, for each wait; null if memory runs out. */
export function lostWakeups(store: Store): readonly (readonly number[])[] | null {
  const lost: number[][] = [];
  for (const [wait, { thread }] of store.generated.waitKeys.entries()) {
    if (!store.wasSeen(wait)) continue;
    const marks = store.marks();
    if (marks === null) return null;
    store.awaited(thread, wait);
    while (store.rescue(thread, wait) > 0);
    const states: number[] = [];
    // A state that was asked about only on the way to another need not have its own condition true.
    const unsaved = marks.slice();
    store.awaited(thread, wait);
    for (let state = unsaved.indexOf(rescue.asked); state >= 0; state = unsaved.indexOf(rescue.asked, state + 1)) if (marks[state] === rescue.asked) states.push(state);
    if (states.length > 0) lost.push(states);
  }
  return lost;
}
