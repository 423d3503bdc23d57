/** The lowered memory models run on the generated engine, and shrink under narrowing, as they do here. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { search } from "../../dist/checker/engine/index.js";
import { explore } from "../../dist/litmus/explore.js";
import type { Instruction, Program } from "../../dist/litmus/program.js";
import { litmusSystem } from "../../dist/litmus/system.js";
import { program } from "./programs.ts";

/** Instructions that wait: under store buffers for a drain, in `await` for a value. */
const waits = (instruction: Instruction, buffered: boolean): boolean =>
  instruction.op === "await" ||
  (buffered && (["exchange", "modify", "compareExchange"].includes(instruction.op) || ("order" in instruction && instruction.order === "seq_cst")));

describe("the engine", () => {
  test("stores exactly the states of each memory model", { timeout: 300_000 }, async () => {
    const programs: Program[] = fc.sample(program, { seed: 24, numRuns: 60 });
    const searched = { sc: 0, tso: 0, pso: 0, ra: 0 };
    for (const random of programs) {
      for (const model of ["sc", "tso", "pso", "ra"] as const) {
        if (random.threads.flat().some((instruction) => waits(instruction, model === "tso" || model === "pso"))) continue;
        searched[model]++;
        const result = await search(litmusSystem(random, model).system);
        const reference = explore(random, model);
        expect({ model, verdict: result.verdict, states: result.stats.states, transitions: result.stats.transitions }).toEqual({
          model,
          verdict: "holds",
          states: reference.states,
          transitions: reference.transitions,
        });
      }
    }
    expect(Math.min(searched.sc, searched.ra)).toBeGreaterThan(20);
    expect(Math.min(searched.tso, searched.pso)).toBeGreaterThan(5);
  });
});
