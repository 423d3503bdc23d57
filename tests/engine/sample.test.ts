/** Searches that cover a sample: random walks and swarms. */
import { expect, test } from "vitest";
import { fire, initialState } from "../../dist/model/system/interpret.js";
import type { System } from "../../dist/model/system/system.js";
import { search } from "../../dist/checker/engine/index.js";
import type { PathStep, Walks } from "../../dist/checker/result.js";
import { counters, mutex, rings } from "./systems.ts";

const walks = (more: Partial<Walks>): Walks => ({ kind: "walks", walks: 100, depth: 100, seed: 1, ...more });

/** Whether the path is one of the system. */
function possible(system: System, path: readonly PathStep[]): boolean {
  const start = initialState(system);
  if (start.kind !== "state") return false;
  let { state } = start;
  for (const step of path) {
    const outcome = fire(system, state, step);
    if (outcome.kind !== "state") return false;
    state = outcome.state;
  }
  return true;
}

test("walks: never a proof, and the same with the same seed", async () => {
  const first = await search(mutex(3), { sample: walks({}) });
  expect(first).toMatchObject({
    verdict: "inconclusive",
    bound: "sampled",
    stats: { transitions: 10_000, depth: 100, sample: { kind: "walks", done: 100, seed: 1 } },
  });
  const figures = ({ stats }: typeof first): object => ({ states: stats.states, transitions: stats.transitions, sample: stats.sample });
  expect(figures(await search(mutex(3), { sample: walks({}) }))).toEqual(figures(first));
  expect(figures(await search(counters(6, 9), { sample: walks({}) }))).not.toEqual(figures(await search(counters(6, 9), { sample: walks({ seed: 2 }) })));
});

test("walks: what they met is counted exactly, and all of a small system is met", async () => {
  const { stats } = await search(mutex(3), { sample: walks({}) });
  const { stats: all } = await search(mutex(3));
  expect(stats.states).toBe(all.states);
  expect(stats.sample?.fired).toBe(stats.sample?.rules);
  expect(stats.sample?.estimate).toEqual({ states: all.states, low: all.states, high: all.states });
});

test("walks: a violation comes with the walk that led to it", async () => {
  const system = mutex(3, true);
  const { verdict, findings } = await search(system, { sample: walks({}) });
  expect(verdict).toBe("violated");
  expect(findings[0]).toMatchObject({ kind: "invariant", property: "exclusion" });
  expect(possible(system, findings[0]?.path ?? [])).toBe(true);
});

test("walks: the estimate is near where states are alike, and memory does not limit them", async () => {
  // 59,049 states, of which walks of this length may meet all.
  const sample = walks({ walks: 200, depth: 400 });
  const { stats } = await search(counters(5, 9), { sample });
  const { states, low, high } = stats.sample?.estimate ?? { states: 0, low: 0, high: 0 };
  expect(low).toBeLessThan(states);
  expect(high).toBeGreaterThan(states);
  expect(states).toBeGreaterThan(0.5 * 59_049);
  expect(states).toBeLessThan(1.5 * 59_049);
  expect((await search(counters(5, 9), { sample, maxMemory: 1 << 20 })).stats.transitions).toBe(80_000);
});

test("a swarm that leaves nothing out is a search; one that does is none, and is reproducible", async () => {
  const whole = await search(counters(4, 6), { sample: { kind: "swarm", searches: 3, width: 10_000, seed: 1 } });
  expect(whole).toMatchObject({ verdict: "holds", stats: { states: 6 ** 4, transitions: 4 * 6 ** 4, sample: { done: 1 } } });
  const part = { kind: "swarm", searches: 3, width: 20, seed: 1 } as const;
  const first = await search(rings(3, 9, 2), { sample: part });
  expect(first).toMatchObject({ verdict: "inconclusive", bound: "sampled", stats: { sample: { kind: "swarm", done: 3 } } });
  const { stats } = await search(rings(3, 9, 2));
  expect(first.stats.states).toBeLessThan(stats.states);
  const again = await search(rings(3, 9, 2), { sample: part });
  expect([again.stats.states, again.stats.transitions]).toEqual([first.stats.states, first.stats.transitions]);
  const other = await search(rings(3, 9, 2), { sample: { ...part, seed: 100 } });
  expect(other.stats.transitions).not.toBe(first.stats.transitions);
});

test("a swarm finds a violation by a path of the system, thinned as its levels are", async () => {
  const system = mutex(6, true);
  for (const width of [1, 3, 1000]) {
    const { verdict, findings } = await search(system, { sample: { kind: "swarm", searches: 5, width, seed: 4 } });
    expect(verdict).toBe("violated");
    expect(possible(system, findings[0]?.path ?? [])).toBe(true);
  }
});
