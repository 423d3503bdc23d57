import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { layout, pack, unpack } from "../../dist/checker/engine/layout.js";
import { search } from "../../dist/checker/engine/index.js";
import { Store } from "../../dist/checker/engine/store.js";
import { initialState } from "../../dist/model/system/interpret.js";
import type { System } from "../../dist/model/system/system.js";
import { randomSystem, withTimers } from "./random-system.ts";
import { reference } from "./reference.ts";

/** Every state that the generated code reaches when nothing stops it. */
async function everyState(system: System): Promise<{ readonly keys: ReadonlySet<string>; readonly transitions: number }> {
  const plan = layout(system);
  const store = await Store.create(system, plan, { memory: 1 << 26, states: 100_000, workers: 1, store: "exact" });
  const start = initialState(system);
  if (store === null || start.kind !== "state") throw new Error("cannot begin");
  store.begin(pack(plan, start.state));
  let failures = 0;
  while (store.cursor < store.count) {
    const bound = await store.expand(
      store.count,
      ({ kind }) => {
        if (kind === 0) failures++;
      },
      async () => null,
    );
    if (bound !== null) throw new Error("too many states");
  }
  const keys = new Set(Array.from({ length: store.count }, (_, i) => JSON.stringify(unpack(plan, store.words(i)))));
  return { keys, transitions: store.transitions + failures };
}

/** Deeper with IPC_CHECK_RUNS. */
const runs = Number(process.env["IPC_CHECK_RUNS"] ?? 200);

const small = (system: System): boolean => initialState(system).kind === "state";

describe("random systems", () => {
  it("have the same states and transitions in generated code as in the interpreter", { timeout: 300_000 }, async () => {
    let largest = 0;
    await fc.assert(
      fc.asyncProperty(fc.nat(), async (seed) => {
        const system = randomSystem(seed);
        if (!small(system)) return;
        const expected = reference(system, true);
        const actual = await everyState(system);
        expect(actual.transitions).toBe(expected.transitions);
        expect([...actual.keys].sort()).toEqual([...expected.keys].sort());
        largest = Math.max(largest, expected.states);
      }),
      { numRuns: Math.ceil(runs / 4), seed: 20_261_121 },
    );
    expect(largest).toBeGreaterThan(100);
  });

  const same = async (system: System): Promise<ReturnType<typeof reference>> => {
    const expected = reference(system);
    const actual = await search(system);
    expect({ verdict: actual.verdict, states: actual.stats.states, transitions: actual.stats.transitions, depth: actual.stats.depth }).toEqual({
      verdict: expected.verdict,
      states: expected.states,
      transitions: expected.transitions,
      depth: expected.depth,
    });
    expect(actual.findings.map(({ kind, property, path, failing }) => ({ kind, property, path, failing }))).toEqual(expected.findings);
    return expected;
  };

  it("have the same verdict, counts, findings and paths where a scheduler chooses and timers fire", { timeout: 300_000 }, async () => {
    const kinds = new Set<string>();
    await fc.assert(
      fc.asyncProperty(fc.nat(), async (seed) => {
        const system = withTimers(randomSystem(seed), seed);
        fc.pre(system.scheduling !== "free" && small(system));
        for (const { kind } of (await same(system)).findings) kinds.add(kind);
      }),
      { numRuns: Math.ceil(runs / 8), seed: 38 },
    );
    expect([...kinds]).toEqual(expect.arrayContaining(["assertion", "deadlock", "unreplied-call"]));
  });

  it("have the same verdict, counts, findings and paths in the engine as in a search over the interpreter", { timeout: 300_000 }, async () => {
    const kinds = new Set<string>();
    let held = 0;
    // Where spinning threads hold others back or change the kind of a blocked set; and a data race.
    const hard = [1274959, 976512220, 7931226936, 7932438543, 7934236156, 7939803213, 7943263816, 7947801403];
    await fc.assert(
      fc.asyncProperty(fc.nat(), async (seed) => {
        const system = randomSystem(seed);
        if (!small(system)) return;
        const expected = await same(system);
        for (const { kind } of expected.findings) kinds.add(kind);
        if (expected.verdict === "holds") held++;
      }),
      { numRuns: runs, seed: 7, examples: hard.map((seed): [number] => [seed]) },
    );
    expect([...kinds].sort()).toEqual(["assertion", "data-race", "deadlock", "invariant", "lost-wakeup", "out-of-range", "unreplied-call"]);
    expect(held).toBeGreaterThan(runs / 12);
  });
});
