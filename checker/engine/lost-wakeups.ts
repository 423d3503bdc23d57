/**
 * Threads that sleep although what they sleep for has come true, in a system that runs on without them. A state is saved
 * if the thread is not in that wait, or if some step of a trusted thread leads to a saved state. What is known spreads
 * first along two steps of each state; what that leaves open is settled by sweeps over the states asked about and those
 * that these lead to, from the last to the first (most steps lead to higher numbers), until nothing changes. Eight waits
 * share a sweep. Of a search on disk the graph is in a file (disk/lost-wakeups.ts).
 */
import type { Bound } from "../result.ts";
import type { Pause } from "./crew.ts";
import { ascending, Growing } from "./growing.ts";
import type { Store } from "./store.ts";

/** The states from which some thread that should wake never will, or what kept it from finding out. */
export async function lostWakeups(store: Store, pause: Pause): Promise<Float64Array | Bound> {
  const lost = new Growing();
  const waits = store.generated.waitKeys.length;
  for (let group = 0; 8 * group < waits; group++) {
    let seen = 0;
    for (let bit = 0; bit < 8 && 8 * group + bit < waits; bit++) if (store.wasSeen(8 * group + bit)) seen |= 1 << bit;
    if (seen === 0) continue;
    seen = store.turnTo(group) ?? seen;
    if (!store.resident) {
      const found = await store.lostOnDisk(group, seen, pause);
      if (typeof found === "string") return found;
      for (const state of found) lost.push(state);
      continue;
    }
    const marks = store.marks(2);
    if (marks === null) return "memory";
    const bound = (await store.ask(group, seen, pause)) ?? (await store.spread(seen, pause));
    if (bound !== null) return bound;
    while (store.rescue()) {
      const early = await pause();
      if (early !== null) return early;
    }
    const [asked, saved] = [marks.subarray(0, store.count), marks.subarray(store.count)];
    if (!asked.some((bits, state) => (bits & ~(saved[state] ?? 0)) !== 0)) continue;
    // A state asked about only on the way from another one need not have the condition true.
    const before = saved.slice();
    await store.ask(group, seen, async () => null);
    for (let state = 0; state < store.count; state++) if (((asked[state] ?? 0) & ~(before[state] ?? 0)) !== 0) lost.push(state);
  }
  return ascending(lost.items);
}
