/** SPIN, written elsewhere, must store exactly the states that the engine stores. */
import { afterAll, describe, expect, test } from "vitest";
import { search } from "../../dist/checker/engine/index.js";
import { exportPromela } from "../../dist/counterexamples/export/promela.js";
import { candidates, exported, thorough } from "../support/models.js";
import { everything, inTurn } from "../support/share.ts";
import { hasSpin, spin } from "../support/spin.js";

// SPIN and the C compiler take a minute for a program of 150,000 characters.
const longest = thorough ? 150_000 : 20_500;

describe.runIf(hasSpin)("the flat Promela export, run by SPIN", async () => {
  let compared = 0;
  const all = await candidates("l4", "shm", "sel4/badges.ts", "sel4/mutual-call.ts", "sel4/lost-caller.ts", "genode/lock-order.ts");
  for (const { name, protocol } of all.filter(({ protocol: { expect: expected } }) => expected === "holds").filter((_, index) => inTurn(index, 0, 4))) {
    test(`stores as many states as the engine for ${name}`, async ({ skip }) => {
      const found = exported(protocol, (system, initial) => exportPromela(system, initial));
      if (typeof found === "string") return skip(found);
      if (found.model.length > longest) return skip("too long for this comparison");
      const ours = await search(found.system, { maxStates: 50_000 });
      if (ours.verdict !== "holds") return skip("too large for this comparison");
      const theirs = spin(found.model);
      expect(theirs.errors, theirs.output).toBe(0);
      expect(theirs.states).toBe(ours.stats.states);
      expect(theirs.transitions).toBe(ours.stats.transitions + 1);
      compared++;
    });
  }
  afterAll(() => expect(compared, "protocols compared").toBeGreaterThanOrEqual(everything ? 30 : 5));
});
