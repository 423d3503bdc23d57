/** Any number of workers finds the same: counts, verdict, findings and their paths. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { search } from "../../dist/checker/engine/index.js";
import type { SearchOptions, SearchResult } from "../../dist/checker/result.js";
import { randomSystem } from "./random-system.ts";
import { counters, mutex } from "./systems.ts";

const runs = Number(process.env["IPC_CHECK_RUNS"] ?? 8);
const seed = Number(process.env["IPC_CHECK_SEED"] ?? 11);

function outcome({ verdict, bound, findings, stats }: SearchResult): object {
  return { verdict, bound, findings, states: stats.states, transitions: stats.transitions, depth: stats.depth, frontier: stats.frontier };
}
const eager = (workers: number, options: SearchOptions = {}): SearchOptions => ({ ...options, workers, eager: true });

test(`${runs} random systems, 1, 2 and 3 workers`, { timeout: 600_000 }, async () => {
  const verdicts = new Set<string>();
  await fc.assert(
    fc.asyncProperty(fc.nat(), async (number) => {
      const system = randomSystem(number);
      const alone = await search(system, { workers: 1 });
      verdicts.add(alone.verdict);
      for (const workers of [2, 3]) expect(outcome(await search(system, eager(workers)))).toEqual(outcome(alone));
    }),
    { numRuns: runs, seed },
  );
  expect([...verdicts].sort()).toEqual(["holds", "violated"]);
});

test("the table grows while several insert", { timeout: 60_000 }, async () => {
  const alone = outcome(await search(counters(5, 10), { workers: 1 }));
  expect(outcome(await search(counters(5, 10), eager(3)))).toEqual(alone);
  expect(await search(counters(5, 10), eager(3))).toMatchObject({ verdict: "holds", stats: { states: 1e5, transitions: 5e5, workers: 3 } });
  expect(outcome(await search(mutex(4), eager(2)))).toEqual(outcome(await search(mutex(4), { workers: 1 })));
});

test("a bound on states is reached exactly, one on depth at the same states", async () => {
  const system = counters(6, 8);
  expect((await search(system, eager(3, { maxStates: 20_011 }))).stats.states).toBe(20_011);
  expect(outcome(await search(system, eager(3, { maxDepth: 9 })))).toEqual(outcome(await search(system, { workers: 1, maxDepth: 9 })));
});

test("threads start by themselves when a search is large, and not before", async () => {
  expect((await search(counters(4, 8), { workers: 2 })).stats.workers).toBe(1);
  // Its levels are wide, but too little is still to come.
  expect((await search(counters(5, 9), { workers: 2 })).stats.workers).toBe(1);
  // Long before there are 60,000 states the estimate says that there will be.
  expect((await search(counters(6, 9), { workers: 2, maxStates: 30_000 })).stats.workers).toBe(2);
  const large = await search(counters(6, 9), { workers: 2 });
  expect(large).toMatchObject({ verdict: "holds", stats: { states: 9 ** 6, transitions: 6 * 9 ** 6, workers: 2 } });
});

test("a search that is interrupted ends with all of its threads", async () => {
  const stop = new AbortController();
  setTimeout(() => stop.abort(), 300);
  const { verdict, bound } = await search(counters(7, 16), { workers: 3, signal: stop.signal });
  expect({ verdict, bound }).toEqual({ verdict: "inconclusive", bound: "interrupted" });
});
