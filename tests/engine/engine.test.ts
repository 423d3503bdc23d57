import { describe, expect, it } from "vitest";
import { search } from "../../dist/checker/engine/index.js";
import type { Progress } from "../../dist/checker/result.js";
import type { System } from "../../dist/model/system/system.js";
import { assign, bin, block, c, code, complete, eq, goTo, load, straight, SystemBuilder } from "./build.ts";
import { reference } from "./reference.ts";
import { counters, mutex, oneStep, rendezvous, ring } from "./systems.ts";

/** The engine's counts, which must be those of the interpreter. */
async function counts(system: System): Promise<{ readonly states: number; readonly transitions: number; readonly depth: number }> {
  const { stats } = await search(system);
  const { states, transitions, depth } = reference(system);
  const found = { states: stats.states, transitions: stats.transitions, depth: stats.depth };
  expect(found).toEqual({ states, transitions, depth });
  return found;
}

describe("search", () => {
  it("counts a system whose size is known", async () => {
    expect(await counts(oneStep())).toEqual({ states: 2, transitions: 1, depth: 1 });
    expect(await counts(counters(3, 7))).toEqual({ states: 343, transitions: 1029, depth: 18 });
    expect((await search(mutex(3))).verdict).toBe("holds");
    await counts(mutex(3));
    await counts(rendezvous(3));
  });

  it("grows its table and still stores every state once", async () => {
    const { verdict, stats } = await search(counters(5, 12));
    expect(verdict).toBe("holds");
    expect(stats).toMatchObject({ states: 12 ** 5, transitions: 5 * 12 ** 5, depth: 55, frontier: 0, stateBits: 20 });
    expect(stats.bytesPerState).toBeLessThan(30);
  });

  it("keeps arrays that are longer than a word", async () => {
    await counts(ring(13, 2));
    await counts(ring(9, 9));
    await counts(ring(3, 31));
  });

  it("finds a broken mutex by the shortest path with the fewest switches", async () => {
    const { verdict, findings } = await search(mutex(3, true));
    expect(verdict).toBe("violated");
    expect(findings).toHaveLength(1);
    expect(findings[0]).toMatchObject({
      kind: "invariant",
      property: "exclusion",
      message: "exclusion does not hold",
      failing: false,
      path: [
        { transition: 0, pick: 0 },
        { transition: 2, pick: 0 },
      ],
    });
  });

  it("completes the level of the first violation and keeps all findings of it, a state's before a transition's", async () => {
    const b = new SystemBuilder();
    const pc = b.variable("at", 0, 1, { role: "pc", thread: 0, type: { kind: "location" } });
    const n = b.variable("n", 0, 9);
    b.failures = [
      { kind: "assertion", message: "never two", site: null },
      { kind: "assertion", message: "never three", site: null },
    ];
    b.invariants = [{ name: "small", holds: bin("<", load(n), c(2)), site: null }];
    const fails = (value: number, failure: number): number =>
      b.transition({
        thread: 0,
        location: 0,
        guard: code(1, block([], { op: "branch", condition: eq(load(n), c(value)), then: 1, else: 2 }), block([], { op: "allow" }), block([], { op: "deny" })),
        body: code(1, block([], { op: "fail", failure })),
      });
    const add = b.transition({
      thread: 0,
      location: 0,
      picks: 2,
      body: straight(assign(n, bin("%", bin("+", load(n), bin("+", c(1), { op: "temp", temp: 0 })), c(10))), complete(c(0), 0)),
    });
    b.process({ pc, locations: [b.location(0, goTo(0), [add, fails(2, 0), fails(1, 1)])] });
    const { findings, stats } = await search(b.build());
    // n = 2 is a step away (pick 1), and so is n = 1, whose next step may fail.
    expect(findings.map(({ property, path, failing }) => [property, path.length, failing])).toEqual([
      ["small", 1, false],
      ["never three", 2, true],
      ["never two", 2, true],
    ]);
    expect(stats).toMatchObject({ states: 5, depth: 2, transitions: 8 });
  });

  it("says which bound ended it, and with what figures", async () => {
    const system = counters(6, 12);
    expect(await search(system, { maxStates: 1000 })).toMatchObject({ verdict: "inconclusive", bound: "states", findings: [], stats: { states: 1000 } });
    expect(await search(system, { maxDepth: 3 })).toMatchObject({ verdict: "inconclusive", bound: "depth", stats: { states: 84, depth: 3, frontier: 56 } });
    const starved = await search(system, { maxMemory: 4 << 20 });
    expect(starved).toMatchObject({ verdict: "inconclusive", bound: "memory" });
    expect(starved.stats.states).toBeGreaterThan(100_000);
    expect(await search(system, { maxMemory: 1000 })).toMatchObject({ verdict: "inconclusive", bound: "memory", stats: { states: 0 } });
    expect(await search(system, { timeout: 0 })).toMatchObject({ verdict: "inconclusive", bound: "time" });
    const stop = new AbortController();
    stop.abort();
    expect(await search(counters(6, 14), { signal: stop.signal })).toMatchObject({ verdict: "inconclusive", bound: "interrupted" });
  });

  it("finds a violation within a depth bound and holds below one that is deep enough", async () => {
    expect(await search(mutex(2, true), { maxDepth: 2 })).toMatchObject({ verdict: "inconclusive", bound: "depth" });
    expect(await search(mutex(2, true), { maxDepth: 3 })).toMatchObject({ verdict: "violated", bound: null });
    expect(await search(oneStep(), { maxDepth: 2 })).toMatchObject({ verdict: "holds", bound: null });
  });

  it("reports progress while it runs, with an estimate", async () => {
    const seen: Progress[] = [];
    const { stats } = await search(counters(6, 10), { workers: 1, onProgress: (progress) => seen.push(progress) });
    expect(seen.length).toBeGreaterThanOrEqual(Math.floor(3 * stats.exploring) - 1);
    expect(seen.map(({ states }) => states)).toEqual(seen.map(({ states }) => states).sort((a, b) => a - b));
    for (const { estimate, states } of seen) expect(estimate?.high ?? states).toBeGreaterThanOrEqual(states);
  });

  it("does not hang in local code that never ends", async () => {
    const b = new SystemBuilder();
    const pc = b.variable("at", 0, 1, { role: "pc", thread: 0, type: { kind: "location" } });
    const n = b.variable("n", 0, 3);
    const go = b.transition({ thread: 0, location: 0, body: straight(complete(c(0), 0)) });
    b.process({
      pc,
      locations: [
        b.location(0, code(1, block([], { op: "goto", block: 1 }), block([assign(n, bin("&", bin("+", load(n), c(1)), c(3)))], { op: "goto", block: 1 })), [
          go,
        ]),
      ],
    });
    await expect(search(b.build())).rejects.toThrow(/does not end/);
  });

  it("reports a violation before the first operation with the empty path", async () => {
    const b = new SystemBuilder();
    const pc = b.variable("at", 0, 1, { role: "pc", thread: 0, type: { kind: "location" } });
    b.failures = [{ kind: "assertion", message: "at once", site: null }];
    b.process({ pc, locations: [b.location(0, goTo(0), [])], entry: code(1, block([], { op: "fail", failure: 0 })) });
    expect(await search(b.build())).toMatchObject({
      verdict: "violated",
      findings: [{ kind: "assertion", property: "at once", path: [], failing: true, threads: [0] }],
      stats: { states: 0 },
    });
  });
});
