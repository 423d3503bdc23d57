/**
 * Data races. Under sequential consistency and store buffers: two unfinished threads whose next operations access the same cell, at least one writing and at least one
 * plain. Under sequential consistency this is exactly adjacency of conflicting accesses in some execution (Boehm and
 * Adve, "Foundations of the C++ Concurrency Memory Model", PLDI 2008); the scheduler does not matter.
 */
import type { State, System } from "../../model/system/system.ts";
import { evaluate, locationOf } from "../../model/system/interpret.ts";

export interface Race {
  readonly variable: number;
  readonly index: number;
  readonly threads: readonly [number, number];
  /** The second thread's access has been, and is of this kind; null: it is its next operation. */
  readonly before: { readonly write: boolean; readonly plain: boolean } | null;
}

/** The first racing pair of each variable, by thread numbers. */
export function races(system: System, state: State): readonly Race[] {
  return system.memory?.model === "ra" ? unordered(system, state) : simultaneous(system, state);
}

/** Under release/acquire: the next access of a thread against those that have been and do not happen before it. */
function unordered(system: System, state: State): readonly Race[] {
  const found = new Map<number, Race>();
  for (const process of system.processes) {
    const { access = null, races: before = [] } = process.locations[locationOf(state, process)] ?? {};
    const other = before.find(({ when }) => evaluate(state, when) !== 0);
    if (access === null || other === undefined || found.has(access.variable)) continue;
    const index = access.index === null ? 0 : evaluate(state, access.index);
    found.set(access.variable, {
      variable: access.variable,
      index,
      threads: [process.index, other.thread],
      before: { write: other.write, plain: other.plain },
    });
  }
  return [...found.values()];
}

function simultaneous(system: System, state: State): readonly Race[] {
  const next = system.processes.flatMap((process) => {
    const access = process.locations[locationOf(state, process)]?.access ?? null;
    return access === null ? [] : [{ ...access, thread: process.index, index: access.index === null ? 0 : evaluate(state, access.index) }];
  });
  const found = new Map<number, Race>();
  for (const [position, a] of next.entries()) {
    for (const b of next.slice(position + 1)) {
      if (a.variable !== b.variable || a.index !== b.index || !(a.write || b.write) || !(a.plain || b.plain) || found.has(a.variable)) continue;
      found.set(a.variable, { variable: a.variable, index: a.index, threads: [a.thread, b.thread], before: null });
    }
  }
  return [...found.values()];
}
