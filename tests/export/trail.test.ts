/** SPIN follows a counterexample as a trail of the exported model, and ends where the trace ends. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { exportPromela, exportTrail, NotExportable } from "../../dist/counterexamples/export/promela.js";
import { compile } from "../../dist/model/compiler/index.js";
import { instantiate } from "../../dist/model/language/protocol.js";
import { fire, initialState } from "../../dist/model/system/interpret.js";
import { loadSpec } from "../../dist/model/loader/load.js";
import { find } from "../counterexamples/found.ts";
import { thorough } from "../support/models.js";
import { followTrail, hasSpin } from "../support/spin.js";

const files = readdirSync("specs", { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts") && (thorough || /^(?:shm|sel4)\b/u.test(file)))
  .map((file) => join("specs", file));

describe.runIf(hasSpin)("SPIN follows the trail of", async () => {
  let followed = 0;
  for (const file of files) {
    for (const { exportName, protocol } of (await loadSpec(file)).protocols) {
      // Weak memory makes models that SPIN takes a minute to read.
      if (protocol.expect === "holds" || protocol.memoryModel.model !== "sc") continue;
      test(`${file} ${exportName}`, async ({ skip }) => {
        const system = compile(instantiate(protocol));
        const start = initialState(system);
        if (start.kind !== "state") return skip("violated before the first step");
        let model: string;
        try {
          model = exportPromela(system, start.state);
        } catch (error) {
          if (error instanceof NotExportable) return skip(error.message);
          throw error;
        }
        if (model.length > (thorough ? 60_000 : 16_000)) return skip("too long for this comparison");
        const trace = (await find(file, exportName)).traces.find(({ loop }) => loop === undefined);
        if (trace === undefined) return skip("no counterexample that ends");
        const trail = exportTrail(system, start.state, trace.decisions);
        const output = followTrail(model, trail);
        if (trace.violation.failing) expect(output).toContain("assertion violated");
        else {
          expect(output).toContain(`spin: trail ends after ${trace.decisions.length} steps`);
          let state = start.state;
          for (const move of trace.decisions) {
            const outcome = fire(system, state, move);
            if (outcome.kind === "state") state = outcome.state;
          }
          const end = output.slice(output.indexOf("spin: trail ends"));
          for (const { id, min, length } of system.variables)
            for (let i = 0; i < length; i++) {
              const value = new RegExp(`\\bv${id}${length === 1 ? "" : `\\[${i}\\]`} = (-?\\d+)`, "u").exec(end)?.[1];
              expect(Number(value), `variable ${id} at ${i}`).toBe((state[id]?.[i] ?? 0) - min);
            }
        }
        followed++;
      });
    }
  }
  test("at least ten protocols", () => {
    expect(followed).toBeGreaterThanOrEqual(10);
  });
});
