/** The second look at the states of a search, against a search of its own over the interpreter. */
import { describe, expect, test } from "vitest";
import { search } from "../../dist/checker/engine/index.js";
import { compile } from "../../dist/model/compiler/index.js";
import { instantiate } from "../../dist/model/language/protocol.js";
import { loadSpec } from "../../dist/model/loader/load.js";
import { enabledMoves, fire, initialState } from "../../dist/model/system/interpret.js";
import type { State, System } from "../../dist/model/system/system.js";

async function systemOf(file: string, exportName: string): Promise<System> {
  const declared = (await loadSpec(file)).protocols.find((each) => each.exportName === exportName);
  if (declared === undefined) throw new Error("no such export");
  return compile(instantiate(declared.protocol));
}

interface Counts {
  readonly states: readonly State[];
  readonly fired: readonly number[];
  readonly enabled: readonly number[];
}

function interpreted(system: System): Counts {
  const start = initialState(system);
  if (start.kind !== "state") throw new Error("no initial state");
  const found = new Map([[JSON.stringify(start.state), start.state]]);
  const [fired, enabled] = [system.transitions.map(() => 0), system.transitions.map(() => 0)];
  for (const state of found.values()) {
    const possible = new Set<number>();
    for (const move of enabledMoves(system, state)) {
      const outcome = fire(system, state, move);
      if (outcome.kind === "pruned") continue;
      fired[move.transition] = (fired[move.transition] ?? 0) + 1;
      possible.add(move.transition);
      if (outcome.kind === "state") found.set(JSON.stringify(outcome.state), outcome.state);
    }
    for (const transition of possible) enabled[transition] = (enabled[transition] ?? 0) + 1;
  }
  return { states: [...found.values()], fired, enabled };
}

describe.each([
  ["specs/l4/call-hierarchy.ts", "repaired"],
  ["specs/shm/doorbell-ring.ts", "fenced"],
  ["specs/genode/closing.ts", "repaired"],
  ["specs/lwkt/network-stack.ts", "default"],
  ["specs/sel4/passive-server.ts", "repaired"],
] as const)("%s (%s)", async (file, exportName) => {
  const system = await systemOf(file, exportName);
  let once: Counts | null = null;
  const expected = (): Counts => {
    once ??= interpreted(system);
    return once;
  };
  test.each(["exact", "compressed"] as const)("with the %s store every transition is counted as the interpreter counts it", async (store) => {
    const { census, verdict } = await search(system, { census: "profile", store });
    expect(verdict).toBe("holds");
    if (census === undefined) throw new Error("there is no census");
    const { states, fired, enabled } = expected();
    expect(census.states).toBe(states.length);
    expect(census.fired).toEqual(fired);
    expect(census.enabled).toEqual(enabled);
    for (const { index, pc, locations } of system.processes)
      for (let location = 0; location < locations.length; location++)
        expect(census.at[index]?.[location]).toBe(states.filter((state) => state[pc]?.[0] === location).length);
  });

  test("a variable that the profile says could be left out is one that could", async () => {
    const { census } = await search(system, { census: "profile" });
    const { states } = expected();
    for (const { variable, values, without } of census?.profile?.variables ?? []) {
      // A queue counts with its length.
      const fill = system.variables[variable]?.queue?.fill ?? variable;
      const own = (state: State): unknown => [state[variable], state[fill]];
      expect(values).toBe(new Set(states.map((state) => JSON.stringify(own(state)))).size);
      expect(without).toBe(new Set(states.map((state) => JSON.stringify(state.map((value, id) => (id === variable || id === fill ? 0 : value))))).size);
    }
  });
});

test("a census of counts is left out beyond its limit, a profile is not", async () => {
  const system = await systemOf("specs/l4/call-hierarchy.ts", "repaired");
  expect((await search(system, { census: "counts", censusLimit: 20 })).census).toBeUndefined();
  expect((await search(system, { census: "profile", censusLimit: 20 })).census?.states).toBe(93);
});
