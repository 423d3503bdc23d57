/** What is wrong with the runs of a system, whatever else is wrong with it: a search that violations of safety do not end. */
import { mostOrders } from "../../dist/checker/engine/code/canonical/settle.js";
import { layout, pack } from "../../dist/checker/engine/layout.js";
import { Runs } from "../../dist/checker/engine/liveness/index.js";
import type { Reduction } from "../../dist/checker/engine/partial-order/reduction.js";
import { Store } from "../../dist/checker/engine/store.js";
import { alignRanges, fewOrders, symmetryPlan } from "../../dist/checker/engine/symmetry.js";
import type { Finding } from "../../dist/checker/result.js";
import { compact } from "../../dist/model/system/compact.js";
import { hasNext } from "../../dist/model/ltl/formula.js";
import { initialState } from "../../dist/model/system/interpret.js";
import { reachableRanges } from "../../dist/model/system/narrow.js";
import { symmetryOf } from "../../dist/model/system/symmetry/groups.js";
import type { System } from "../../dist/model/system/system.js";
import { isTrue, runOf, unfairness } from "./lasso.ts";

export interface Judged {
  readonly states: number;
  readonly findings: readonly Finding[];
}

/** With these reductions; null if there are more states than `most`, or none. */
export async function judged(original: System, most: number, reduction: Reduction | null, symmetric: boolean): Promise<Judged | null> {
  const ranges = reachableRanges(original);
  const groups = symmetric ? fewOrders(symmetryOf(original).groups, mostOrders) : [];
  const system = alignRanges(compact(original, ranges), groups);
  const plan = layout(system);
  const orders = symmetric ? symmetryPlan(original, system, groups, plan, ranges) : null;
  const start = initialState(system);
  const { liveness } = system;
  if (start.kind !== "state" || liveness == null) return null;
  const memory = 1 << 27;
  const store = await Store.create(system, plan, { memory, states: most, workers: 1, store: "exact", reduction, symmetry: orders });
  if (store === null) return null;
  try {
    const asked = new Runs(system, original, liveness, plan, store, memory, orders);
    store.begin(pack(plan, start.state));
    while (store.cursor < store.count) {
      const bound = await store.expand(
        store.count,
        () => {},
        async () => null,
      );
      if (bound !== null) return null;
    }
    const findings = await asked.judge(async () => null);
    return typeof findings === "string" ? null : { states: store.count, findings };
  } finally {
    await store.close();
  }
}

/** The properties that are violated. */
export function named({ findings }: Judged): string {
  return [...new Set(findings.map(({ property }) => property))].sort().join();
}

/** What is wrong with the runs that are shown, by definition; null: nothing. */
export function wrongRun(system: System, findings: readonly Finding[]): string | null {
  for (const finding of findings) {
    const run = runOf(system, finding);
    const unfair = unfairness(system, run);
    if (unfair !== null) return `the run for ${finding.property} is not fair: ${unfair}`;
    const asked = system.liveness?.formulas.find(({ name }) => name === finding.property);
    // Waiting in between is no step of the path.
    if (asked !== undefined && hasNext(asked.formula) && system.processes.some(({ stoppable }) => stoppable)) continue;
    if (asked !== undefined && isTrue(system, run, asked.formula)) return `the run for ${finding.property} does not violate ${asked.text}`;
  }
  return null;
}
