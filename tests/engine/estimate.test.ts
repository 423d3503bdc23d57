/** The estimated number of states, compared with the number, at every level of protocols whose size is known. */
import { expect, test } from "vitest";
import { estimateOf } from "../../dist/checker/engine/estimate.js";
import { search } from "../../dist/checker/engine/index.js";
import { layout, pack } from "../../dist/checker/engine/layout.js";
import { Store } from "../../dist/checker/engine/store.js";
import { compile } from "../../dist/model/compiler/index.js";
import { instantiate } from "../../dist/model/language/protocol.js";
import { loadSpec } from "../../dist/model/loader/load.js";
import { compact } from "../../dist/model/system/compact.js";
import { initialState } from "../../dist/model/system/interpret.js";
import { reachableRanges } from "../../dist/model/system/narrow.js";
import type { System } from "../../dist/model/system/system.js";
import { counters, rings } from "./systems.ts";

async function specified(file: string, name: string, parameters: Readonly<Record<string, number>> = {}): Promise<System> {
  const { protocols } = await loadSpec(file);
  const found = protocols.find(({ exportName }) => exportName === name);
  if (found === undefined) throw new Error(`${file} has no ${name}`);
  return compile(instantiate(found.protocol, parameters));
}

/** The number of states in each level. */
async function widthsOf(original: System): Promise<readonly number[]> {
  const system = compact(original, reachableRanges(original));
  const plan = layout(system);
  const initial = initialState(system);
  const store = await Store.create(system, plan, { memory: 1 << 29, states: 1e6, workers: 1, store: "exact" });
  if (store === null || initial.kind !== "state") throw new Error("there is nothing to search");
  store.begin(pack(plan, initial.state));
  const widths = [1];
  for (let end = 1; end > store.cursor; ) {
    await store.expand(
      end,
      () => undefined,
      async () => null,
    );
    if (store.count > end) widths.push(store.count - end);
    end = store.count;
  }
  await store.close();
  return widths;
}

test("nine of ten estimates hold the number between their bounds, and these draw together", { timeout: 60_000 }, async () => {
  const systems = [
    counters(5, 9),
    rings(3, 9, 2),
    await specified("specs/shm/hostile-ring.ts", "repairedForAny"),
    await specified("specs/shm/block-device.ts", "default"),
    await specified("specs/genode/packet-stream.ts", "repaired"),
    await specified("bench/specs/mutex.ts", "default", { users: 5 }),
    await specified("bench/specs/rpc.ts", "default", { clients: 3 }),
  ];
  let [estimates, right] = [0, 0];
  for (const system of systems) {
    const widths = await widthsOf(system);
    const states = widths.reduce((sum, width) => sum + width, 0);
    const spreads: number[] = [];
    for (let level = 1, seen = 1; level < widths.length - 1; level++) {
      seen += widths[level] ?? 0;
      const estimate = estimateOf(widths.slice(0, level + 1));
      if (estimate === null) continue;
      expect(estimate.low).toBeGreaterThanOrEqual(seen);
      expect(estimate.states).toBeGreaterThanOrEqual(estimate.low - 1);
      expect(estimate.states).toBeLessThanOrEqual(estimate.high);
      estimates++;
      right += Number(estimate.low <= states && states <= estimate.high);
      spreads.push(estimate.high / estimate.low);
    }
    expect(spreads.length).toBeGreaterThan(widths.length / 10);
    expect(spreads.at(-1)).toBeLessThan(1.2);
  }
  expect(estimates).toBeGreaterThan(200);
  expect(right / estimates).toBeGreaterThan(0.9);
});

test("it says nothing too early, and a search that a bound has ended reports it", async () => {
  expect(estimateOf([1, 2, 4])).toBeNull();
  // Ever faster growth has no end in sight.
  expect(estimateOf(Array.from({ length: 14 }, (_, level) => 2 ** ((level * level) / 8)))).toBeNull();
  const { stats } = await search(counters(5, 9), { workers: 1, maxStates: 40_000 });
  expect(stats.estimate?.low).toBeLessThanOrEqual(9 ** 5);
  expect(stats.estimate?.high).toBeGreaterThanOrEqual(9 ** 5);
  expect((await search(counters(4, 5))).stats.estimate).toBeNull();
});
