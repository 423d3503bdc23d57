/**
 * Who may take the next step. Under `free` everybody. Under `priority` only the highest ready threads of each CPU, where
 * a thread that spins at a `waitUntil` is ready too: it keeps its CPU. Under `round-robin` the thread that ran last on
 * the CPU goes on, or the next one that can make a step has its turn; a spinning thread uses up its turns without effect.
 *
 * That its timer may fire is no step of a thread, but an interrupt: it makes nobody ready before it has come, and comes
 * whoever runs.
 */
import type { Model, State } from "./model.ts";
import type { Possibilities } from "./properties.ts";

/** For each CPU the threads that may take the next step, and the ready ones that may not. */
export type Schedule = readonly { readonly chosen: readonly number[]; readonly others: readonly number[] }[];

/** Of what is possible what may come next: whatever the chosen threads can do, and any timer. */
export function permitted(possible: Possibilities, schedule: Schedule): Possibilities {
  const running = new Set(schedule.flatMap(({ chosen }) => chosen));
  return possible.map((moves, thread) => (running.has(thread) ? moves : moves.filter(({ move }) => move.timer)));
}

export function schedule({ instance, rules }: Model, state: State, possible: Possibilities): Schedule {
  const { scheduling } = instance.protocol;
  return Array.from({ length: instance.cpus }, (_, cpu) => {
    const here = instance.threads.flatMap((thread, index) => (thread.cpu === cpu ? [index] : []));
    const able = here.filter((thread) => possible[thread]?.some(({ move }) => !move.timer));
    switch (scheduling) {
      case "free":
        return { chosen: here, others: [] };
      case "priority": {
        const ready = here.filter((thread) => able.includes(thread) || state.threads[thread]?.pending?.kind === "waitUntil");
        const priority = (thread: number): number => rules.priorityOf(state.kernel, thread);
        const top = Math.max(...ready.map(priority));
        return { chosen: ready.filter((thread) => priority(thread) === top), others: ready.filter((thread) => priority(thread) < top) };
      }
      case "round-robin": {
        const last = state.current[cpu] ?? -1;
        const next = able.find((thread) => thread > last) ?? able[0];
        return { chosen: able.filter((thread) => thread === last || thread === next), others: [] };
      }
    }
  });
}
