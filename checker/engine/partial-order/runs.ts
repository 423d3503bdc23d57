/**
 * What properties of runs ask of a step that is taken alone. Runs of the reduced graph are those of the full one up to the order of
 * such steps, so they must change nothing that formulas read; and since fairness is not a matter of that order alone (Peled,
 * "Combining partial order reductions with on-the-fly model-checking", CAV 1994), nothing on which it depends whether another
 * thread can step. docs/decisions/0041 has the argument.
 */
import { hasNext } from "../../../model/ltl/formula.ts";
import type { Code, Liveness, Process, System } from "../../../model/system/system.ts";
import { addAll, type Bits, emptyBits } from "./bits.ts";
import type { Footprints } from "./footprints.ts";

/** Why nothing may be taken alone where these properties are asked for; null: that has to be looked into. */
export function unfitRuns({ formulas }: Liveness): string | null {
  const found = formulas.find(({ formula }) => hasNext(formula));
  return found === undefined ? null : `${found.name}: ${found.text} looks at the next state (X)`;
}

/** Whether other threads' steps may have to stay possible, or impossible, when a step is taken alone. */
export function asksForSteps({ fairness, progress }: Liveness): boolean {
  return fairness.length > 0 || progress !== null;
}

/**
 * Whether fairness is asked of all steps of a thread alike, or of none. If it is asked of some of its steps only, it matters where the
 * thread stands when another one steps.
 */
export function isFairAsAWhole({ transitions, liveness }: System, { index }: Process): boolean {
  const steps = transitions.filter(({ thread, kind }) => thread === index && kind === "step").map(({ id }) => id);
  const own = new Set(steps);
  const all = (some: readonly number[]): boolean => steps.every((id) => some.includes(id));
  return (liveness?.fairness ?? []).every(({ enabling, taking }) => !enabling.some((id) => own.has(id)) || (all(enabling) && all(taking)));
}

/** By thread: what says whether it can step, wherever it stands. A step that fails, or is pruned, is none, so it matters what leads there. */
export function enabledReads({ processes, transitions }: System, footprints: Footprints): readonly Bits[] {
  return processes.map((process) => {
    const found = emptyBits(footprints.size);
    for (const { index, continuation, transitions: ids } of process.locations) {
      const action = footprints.actions[process.index]?.[index];
      if (action === undefined) continue;
      addAll(found, action.guards);
      const continuations = action.served.flatMap(({ thread, location }) => processes[thread]?.locations[location]?.continuation ?? []);
      const bodies = ids.flatMap((id) => transitions[id]?.body ?? []);
      if (![continuation, ...continuations, ...bodies].some(mayLeadNowhere)) continue;
      addAll(found, action.own.reads);
      for (const { thread, location } of action.served) addAll(found, footprints.continuations[thread]?.[location]?.reads ?? emptyBits(footprints.size));
    }
    return found;
  });
}

const mayLeadNowhere = ({ blocks }: Code): boolean => blocks.some(({ end }) => end.op === "fail" || end.op === "prune");
