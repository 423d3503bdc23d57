/**
 * The strongest check of the store buffers: all schedules of the litmus tests give exactly the outcomes that the literature
 * and two other tools give (tests/litmus).
 */
import { describe, expect, it } from "vitest";
import type { MemoryModel } from "../../dist/hardware/index.js";
import { allOutcomes, litmusLocks, litmusTests, lockVerdict } from "./litmus-machine.ts";

const models: readonly MemoryModel[] = ["sc", "tso", "pso"];
/** Searches without the reduction are long: one test of so many, unless more is asked for. */
const every = process.env["IPC_CHECK_RUNS"] === undefined ? 8 : 1;

describe.each(models)("under %s", (model) => {
  it("every litmus test has the published outcomes, exactly as many", () => {
    for (const test of litmusTests) {
      const { reachable, outcomes, allOutcomes: everything, stuck } = allOutcomes(test, model);
      expect({ name: test.name, reachable, outcomes, allOutcomes: everything, stuck }).toEqual({ name: test.name, ...test[model], stuck: 0 });
    }
    expect(litmusTests.length).toBeGreaterThan(250);
  }, 60_000);

  it("every lock, ring and wake-up fails exactly as it should", () => {
    for (const lock of litmusLocks)
      expect({ name: lock.name, verdict: lockVerdict(lock, model).verdict }).toEqual({ name: lock.name, verdict: lock.expect[model] });
    expect(litmusLocks.length).toBe(20);
  }, 60_000);

  it("interleaving steps that no other CPU can see changes no outcome", () => {
    let fewer = 0;
    for (const test of litmusTests.filter((_, index) => index % every === 0)) {
      const reduced = allOutcomes(test, model, { reduce: true });
      const full = allOutcomes(test, model, { reduce: false });
      expect({ name: test.name, reachable: full.reachable, outcomes: full.outcomes, allOutcomes: full.allOutcomes }).toEqual({
        name: test.name,
        ...test[model],
      });
      expect(reduced.states).toBeLessThanOrEqual(full.states);
      if (reduced.states < full.states) fewer++;
    }
    if (model !== "sc") expect(fewer).toBeGreaterThan(0);
  }, 60_000);

  it("telling states apart by their caches too changes no outcome", () => {
    for (const test of litmusTests.filter(({ threads }, index) => threads.length === 2 && index % 15 === 0)) {
      const { outcomes, allOutcomes: everything, reachable } = allOutcomes(test, model, { reduce: true, fullKey: true });
      expect({ name: test.name, reachable, outcomes, allOutcomes: everything }).toEqual({ name: test.name, ...test[model] });
    }
  }, 60_000);
});
