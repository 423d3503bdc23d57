/** SPIN, written elsewhere, must store exactly the states that the engine stores. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { search } from "../../dist/checker/engine/index.js";
import { exportPromela, NotExportable } from "../../dist/counterexamples/export/promela.js";
import { compile } from "../../dist/model/compiler/index.js";
import { instantiate } from "../../dist/model/language/protocol.js";
import { loadSpec } from "../../dist/model/loader/load.js";
import { initialState } from "../../dist/model/system/interpret.js";
import { hasSpin, spin } from "../support/spin.js";

const files = ["l4", "shm"].flatMap((folder) =>
  readdirSync(join("specs", folder), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => join("specs", folder, file)),
);

describe.runIf(hasSpin)("the flat Promela export, run by SPIN", async () => {
  for (const file of files) {
    const spec = await loadSpec(file);
    for (const { exportName, protocol } of spec.protocols) {
      if (protocol.expect !== "holds") continue;
      test(`stores as many states as the engine for ${file} ${exportName}`, async ({ skip }) => {
        const system = compile(instantiate(protocol));
        const ours = await search(system, { maxStates: 50_000 });
        if (ours.verdict !== "holds") return skip("too large for this comparison");
        let model: string;
        try {
          model = exportPromela(system, initialState(system).state);
        } catch (error) {
          if (error instanceof NotExportable) return skip(error.message);
          throw error;
        }
        // SPIN and the C compiler take a minute for a program of this length.
        if (model.length > 150_000) return skip("too long for this comparison");
        const theirs = spin(model);
        expect(theirs.errors, theirs.output).toBe(0);
        expect(theirs.states).toBe(ours.stats.states);
        expect(theirs.transitions).toBe(ours.stats.transitions + 1);
      });
    }
  }
});
