/** SPIN, written elsewhere, finds acceptance cycles for the same formulas as the engine: without fairness, which SPIN's `-f` gets wrong in a known case. */
import { describe, expect, test } from "vitest";
import { search } from "../../dist/checker/engine/index.js";
import { claimName, exportPromela } from "../../dist/counterexamples/export/promela.js";
import { compile } from "../../dist/model/compiler/index.js";
import { instantiate } from "../../dist/model/language/protocol.js";
import { loadSpec } from "../../dist/model/loader/load.js";
import { initialState } from "../../dist/model/system/interpret.js";
import { hasSpin } from "../support/spin.js";
import { violatedClaims } from "../support/spin-runs.js";

describe.runIf(hasSpin)("SPIN's acceptance cycles", async () => {
  const { protocols } = await loadSpec("tests/liveness/protocols/for-spin.ts");
  let [violated, all] = [0, 0];
  for (const { exportName, protocol } of protocols) {
    test(`agree with the engine about ${exportName}`, { timeout: 120_000 }, async () => {
      const system = compile(instantiate(protocol));
      const result = await search(system);
      const start = initialState(system);
      if (start.kind !== "state") throw new Error("no initial state");
      const formulas = system.liveness?.formulas ?? [];
      const model = exportPromela(system, start.state, formulas);
      const theirs = violatedClaims(model, formulas.map(claimName));
      const ours = formulas.filter(({ name }) => result.findings.some(({ property }) => property === name)).map(claimName);
      expect(result.findings.every(({ kind }) => kind === "liveness")).toBe(true);
      expect(ours.sort()).toEqual([...theirs].sort());
      violated += ours.length;
      all += formulas.length;
    });
  }
  test("are compared for at least 20 pairs of a formula and a protocol, of which some hold and some do not", () => {
    expect(all).toBeGreaterThanOrEqual(20);
    expect(violated).toBeGreaterThanOrEqual(6);
    expect(all - violated).toBeGreaterThanOrEqual(6);
  });
});
