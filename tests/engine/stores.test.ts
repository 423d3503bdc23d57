/** Every store finds the same states; the exact ones the same paths too. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { search } from "../../dist/checker/engine/index.js";
import type { SearchResult, StoreKind } from "../../dist/checker/result.js";
import { randomSystem } from "./random-system.ts";
import { counters, mutex, ring, rings } from "./systems.ts";

const runs = Number(process.env["IPC_CHECK_RUNS"] ?? 15);
const seed = Number(process.env["IPC_CHECK_SEED"] ?? 5);

function outcome({ verdict, bound, findings, stats }: SearchResult): object {
  return { verdict, bound, findings, states: stats.states, transitions: stats.transitions, depth: stats.depth, frontier: stats.frontier };
}
/** Without what a store that keeps no states may choose: which of the shortest paths, and what is said of its end. */
function lengths({ findings, ...rest }: SearchResult): object {
  return {
    ...outcome({ findings: [], ...rest }),
    findings: findings.map(({ kind, property, path, failing }) => ({ kind, property, length: path.length, failing })),
  };
}
const hashed: readonly StoreKind[] = ["compact", "bitstate"];

test(`${runs} random systems in every store`, { timeout: 600_000 }, async () => {
  const verdicts = new Set<string>();
  await fc.assert(
    fc.asyncProperty(fc.nat(), async (number) => {
      const system = randomSystem(number);
      const expected = await search(system, { workers: 1 });
      verdicts.add(expected.verdict);
      expect(outcome(await search(system, { workers: 1, store: "compressed" }))).toEqual(outcome(expected));
      for (const store of hashed) {
        const found = await search(system, { workers: 1, store });
        // Sleepers that nobody wakes while others run on are beyond these stores, and they say so.
        if (found.stats.unchecked.length > 0 && expected.findings.every(({ kind }) => kind === "lost-wakeup")) continue;
        expect(lengths(found), store).toEqual(lengths(expected));
      }
    }),
    { numRuns: runs, seed },
  );
  expect([...verdicts].sort()).toEqual(["holds", "violated"]);
});

test("several workers share each store", { timeout: 60_000 }, async () => {
  for (const system of [mutex(3), mutex(3, true), ring(9, 9), counters(4, 9)]) {
    const expected = await search(system, { workers: 1 });
    expect(outcome(await search(system, { workers: 3, eager: true, store: "compressed" }))).toEqual(outcome(expected));
    expect(lengths(await search(system, { workers: 3, eager: true, store: "compact" }))).toEqual(lengths(expected));
  }
});

test("stores grow", { timeout: 60_000 }, async () => {
  const expected = outcome(await search(counters(5, 10), { workers: 1 }));
  for (const store of ["compressed", "compact"] as const) {
    for (const options of [{ workers: 1 }, { workers: 2, eager: true }])
      expect(outcome(await search(counters(5, 10), { ...options, store }))).toEqual(expected);
  }
});

test("wide states take less memory compressed", { timeout: 60_000 }, async () => {
  const system = rings(3, 21, 6);
  const { stats: exact } = await search(system);
  const { stats: compressed } = await search(system, { store: "compressed" });
  expect(compressed.states).toBe(exact.states);
  expect(exact.stateBits).toBeGreaterThan(256);
  expect(compressed.bytesPerState).toBeLessThan(0.5 * exact.bytesPerState);
});

test("an exact state takes little more than its words", { timeout: 60_000 }, async () => {
  for (const [system, words, most] of [
    // One word: see tables.ts.
    [counters(6, 9), 1, 1.5 * 8 + 4],
    [rings(4, 13, 1), 2, 1.3 * 16 + 4],
    [rings(3, 33, 2), 4, 1.3 * 32 + 4],
  ] as const) {
    const { stats } = await search(system, { workers: 1 });
    expect(Math.ceil(stats.stateBits / 64)).toBe(words);
    // Buffers that do not grow with the states take some hundred kilobytes.
    expect((stats.bytesPerState * stats.states - 400_000) / stats.states).toBeLessThanOrEqual(most);
    expect(stats.bytesPerState).toBeGreaterThan(8 * words + 5.3);
  }
});

test("hashing is said to be hashing", async () => {
  const { stats } = await search(counters(5, 8), { store: "compact" });
  expect(stats.omission).toBeGreaterThan(0);
  expect(stats.omission).toBeLessThan(1e-9);
  const small = await search(counters(5, 8), { store: "bitstate", maxMemory: 3_000_000 });
  const large = await search(counters(5, 8), { store: "bitstate" });
  expect(large.stats.omission).toBeLessThan(small.stats.omission);
  expect((await search(counters(5, 8))).stats.omission).toBe(0);
});

test("a store that is full ends the search with what was covered", async () => {
  for (const store of ["compressed", "compact"] as const) {
    const { verdict, bound, stats } = await search(counters(6, 14), { store, maxMemory: 6 << 20, workers: 1 });
    expect({ verdict, bound }).toEqual({ verdict: "inconclusive", bound: "memory" });
    expect(stats.states).toBeGreaterThan(100_000);
    expect((await search(counters(5, 9), { store, maxStates: 20_011, workers: 1 })).stats.states).toBe(20_011);
  }
});
