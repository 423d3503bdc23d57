/**
 * Who may take the next step. Under `free` everybody; under `priority` and `round-robin` each CPU decides among its
 * ready threads: those that can make a step and those that spin at a `waitUntil`.
 */
import type { State } from "./model.ts";
import type { Instance } from "../../model/language/protocol.ts";
import type { Possibilities } from "./properties.ts";

export interface Schedule {
  readonly permitted: ReadonlySet<number>;
  /** Threads that could make a step but for blocked spinning threads, and those. */
  readonly heldBack: ReadonlyMap<number, readonly number[]>;
}

export function schedule(instance: Instance, state: State, possible: Possibilities): Schedule {
  const all = instance.threads.map((_, thread) => thread);
  const { scheduling } = instance.protocol;
  if (scheduling === "free") return { permitted: new Set(all), heldBack: new Map() };

  const permitted = new Set<number>();
  const heldBack = new Map<number, readonly number[]>();
  for (let cpu = 0; cpu < instance.cpus; cpu++) {
    const moves = (thread: number): boolean => (possible[thread]?.length ?? 0) > 0;
    const ready = all.filter((thread) => instance.threads[thread]?.cpu === cpu && (moves(thread) || state.threads[thread]?.pending?.kind === "waitUntil"));
    const chosen = scheduling === "priority" ? highest(instance, ready) : turn(ready, state.current[cpu] ?? -1);
    for (const thread of chosen) permitted.add(thread);
    if (chosen.some(moves)) continue;
    for (const thread of ready) if (moves(thread)) heldBack.set(thread, chosen);
  }
  return { permitted, heldBack };
}

function highest(instance: Instance, ready: readonly number[]): readonly number[] {
  const priority = (thread: number): number => instance.threads[thread]?.priority ?? 0;
  const top = Math.max(...ready.map(priority));
  return ready.filter((thread) => priority(thread) === top);
}

/** The thread that ran last, if ready, and the next ready one after it in cyclic order. */
function turn(ready: readonly number[], last: number): readonly number[] {
  const next = ready.find((thread) => thread > last) ?? ready[0];
  return ready.filter((thread) => thread === last || thread === next);
}
