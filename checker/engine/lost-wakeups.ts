/**
 * Threads that sleep although what they sleep for has come true, in a system that runs on without them. Backward
 * reachability over the stored states, by sweeps in descending order of number (most steps lead to higher numbers):
 * a state is saved if the thread is not in that wait, or if some step of a trusted thread leads to a saved state.
 */
import type { System } from "../../model/system/system.ts";
import { waitFlag, waitShift } from "./code/properties.ts";
import type { Store } from "./store.ts";

/** The states from which a thread that should wake never will, by wait. */
export function lostWakeups(system: System, store: Store): readonly { readonly thread: number; readonly states: readonly number[] }[] {
  const trusted = (transition: number): boolean => {
    const thread = system.transitions[transition]?.thread ?? null;
    return thread === null || system.processes[thread]?.stoppable === false;
  };
  return store.generated.waitKeys.flatMap(({ thread }, key) => {
    if (!store.wasSeen(key)) return [];
    const saved = new Uint8Array(store.count);
    const asleep: number[] = [];
    const awaited: number[] = [];
    for (let state = store.count - 1; state >= 0; state--) {
      const waiting = store.waiting(state, thread);
      if (waiting >> waitShift !== key + 1) {
        saved[state] = 1;
        continue;
      }
      asleep.push(state);
      if ((waiting & (waitFlag.idle | waitFlag.until)) === waitFlag.until) awaited.push(state);
    }
    let rest = asleep;
    for (let before = -1; before !== rest.length; ) {
      before = rest.length;
      rest = rest.filter((state) => {
        if (!store.edges(state).some(({ transition, target }) => trusted(transition) && target >= 0 && saved[target] === 1)) return true;
        saved[state] = 1;
        return false;
      });
    }
    const lost = awaited.filter((state) => saved[state] === 0);
    return lost.length > 0 ? [{ thread, states: lost }] : [];
  });
}
