/**
 * All that a search finds when violations do not end it, in the reduced and in the unreduced graph. That is more than a
 * verdict rests on: each invariant, each check, each racing variable and each state without steps by itself must be found in both.
 */
import { layout, pack, unpack } from "../../dist/checker/engine/layout.js";
import { lostWakeups } from "../../dist/checker/engine/lost-wakeups.js";
import type { Reduction } from "../../dist/checker/engine/partial-order/reduction.js";
import { Store } from "../../dist/checker/engine/store.js";
import { blockedAnalysis } from "../../dist/checker/properties/blocked.js";
import { compact } from "../../dist/model/system/compact.js";
import { initialState } from "../../dist/model/system/interpret.js";
import type { System } from "../../dist/model/system/system.js";

export interface Everything {
  readonly states: number;
  /** `invariant: name`, `assertion: text`, `data-race: variable`, `blocked`, `lost-wakeup`. */
  readonly findings: readonly string[];
  /** States without steps, packed. */
  readonly ends: readonly string[];
}

/** Null if there are too many states, or none. */
export async function everything(original: System, reduction: Reduction | null, most: number): Promise<Everything | null> {
  const system = compact(original);
  const plan = layout(system);
  const start = initialState(system);
  if (start.kind !== "state") return null;
  const store = await Store.create(system, plan, { memory: 1 << 27, states: most, workers: 1, store: "exact", reduction });
  if (store === null) return null;
  const found = new Set<string>();
  store.begin(pack(plan, start.state));
  while (store.cursor < store.count) {
    const bound = await store.expand(
      store.count,
      ({ kind, detail, state }) => {
        if (kind === 0) found.add(`${system.failures[detail]?.kind}: ${system.failures[detail]?.message}`);
        else if (kind === 1) found.add("blocked");
        else if (kind === 2) found.add(`invariant: ${system.invariants[detail]?.name}`);
        else if (kind === 3) found.add(`data-race: ${system.variables[detail]?.name}`);
        else if (kind === 4) {
          if (blockedAnalysis(system, unpack(plan, store.words(state))).violation !== null) found.add("blocked");
        } else throw new Error("endless local code");
      },
      async () => null,
    );
    if (bound !== null) return null;
  }
  const lost = await lostWakeups(store, async () => null);
  if (typeof lost === "string") return null;
  if (lost.length > 0) found.add("lost-wakeup");
  const ends: string[] = [];
  for (let state = 0; state < store.count; state++) if (store.edges(state).length === 0) ends.push(store.words(state).join());
  const states = store.count;
  await store.close();
  return { states, findings: [...found].sort(), ends: ends.sort() };
}
