/** Random programs: the transition system and the naive enumerator must reach the same final values under every model. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { runner } from "../../dist/litmus/execute.js";
import { explore } from "../../dist/litmus/explore.js";
import { naiveOutcomes } from "../../dist/litmus/naive/index.js";
import { litmusSystem } from "../../dist/litmus/system.js";
import { fire, initialState, possibleMoves } from "../../dist/model/system/interpret.js";
import type { State } from "../../dist/model/system/system.js";
import { randomCases } from "../support/share.ts";
import { program } from "./programs.ts";

const models = ["sc", "tso", "pso", "ra"] as const;
const runs = process.env["IPC_CHECK_ALL"] === "1" ? 3000 : randomCases(400);

describe("random programs", () => {
  test("reach the same final values by the transition system and by the naive enumerator", { timeout: 600_000 }, () => {
    const seen = { weak: 0, deadlocks: 0, programs: 0 };
    fc.assert(
      fc.property(program, (random) => {
        seen.programs++;
        const found = models.map((model) => ({ model, a: explore(random, model), b: naiveOutcomes(random, model) }));
        for (const { model, a, b } of found) {
          expect({ model, outcomes: a.outcomes, deadlock: a.deadlock, bounded: a.bounded }).toEqual({
            model,
            outcomes: b.outcomes,
            deadlock: b.deadlock,
            bounded: false,
          });
          // Without reductions the buffered memories have the same states however they are written down.
          if (model !== "ra" && model !== "pso")
            expect({ model, states: a.states, transitions: a.transitions }).toEqual({ model, states: b.states, transitions: b.transitions });
        }
        if (found.some(({ a }) => a.outcomes.length > (found[0]?.a.outcomes.length ?? 0))) seen.weak++;
        if (found.some(({ a }) => a.deadlock)) seen.deadlocks++;
      }),
      { seed: 20, numRuns: runs },
    );
    // The programs are worth running: many show weak behaviour, some get stuck.
    expect(seen.programs).toBeGreaterThanOrEqual(runs);
    expect(seen.weak).toBeGreaterThan(runs / 12);
    expect(seen.deadlocks).toBeGreaterThan(runs / 50);
  });

  test("stronger models reach a subset of what weaker ones reach", { timeout: 120_000 }, () => {
    fc.assert(
      fc.property(program, (random) => {
        const [sc, tso, pso] = models.map((model) => new Set(explore(random, model).outcomes.map(String)));
        const ra = new Set(explore(random, "ra").outcomes.map(String));
        for (const outcome of sc ?? []) expect(tso?.has(outcome) && ra.has(outcome)).toBe(true);
        for (const outcome of tso ?? []) expect(pso?.has(outcome)).toBe(true);
      }),
      { seed: 21, numRuns: 200 },
    );
  });

  test("step as the interpreter of transition systems says", { timeout: 120_000 }, () => {
    let steps = 0;
    fc.assert(
      fc.property(program, fc.constantFrom(...models), (random, model) => {
        const { system } = litmusSystem(random, model);
        const run = runner(system);
        const flat = (state: State): string => state.flat().join();
        const first = initialState(system);
        const start = run.initial();
        if (first.kind !== "state" || start?.state == null) throw new Error("no initial state");
        expect(start.state.join()).toBe(flat(first.state));
        const seen = new Set([flat(first.state)]);
        const open = [{ slow: first.state, fast: start.state }];
        for (let at = open.pop(); at !== undefined && seen.size < 60; at = open.pop()) {
          const fast = new Map<string, Int32Array>();
          run.successors(at.fast, (transition, pick, result) => result.state !== null && fast.set(`${transition}.${pick}`, result.state));
          const moves = possibleMoves(system, at.slow);
          expect([...fast.keys()].sort()).toEqual(moves.map(({ transition, pick }) => `${transition}.${pick}`).sort());
          for (const move of moves) {
            const after = fire(system, at.slow, move);
            const state = fast.get(`${move.transition}.${move.pick}`);
            if (after.kind !== "state" || state === undefined) throw new Error("the step failed");
            steps++;
            expect(state.join()).toBe(flat(after.state));
            for (const variable of system.variables)
              for (const one of after.state[variable.id] ?? [])
                if (one < variable.min || one > variable.max) throw new Error(`${variable.name} holds ${one}, outside ${variable.min}..${variable.max}`);
            if (seen.has(flat(after.state))) continue;
            seen.add(flat(after.state));
            open.push({ slow: after.state, fast: state });
          }
        }
      }),
      { seed: 22, numRuns: 100 },
    );
    expect(steps).toBeGreaterThan(2000);
  });
});
