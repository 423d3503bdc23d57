/** Rumur, written elsewhere, must store exactly the states that the engine stores, with and without symmetry. */
import { afterAll, describe, expect, test } from "vitest";
import { search } from "../../dist/checker/engine/index.js";
import { exportMurphi } from "../../dist/counterexamples/export/murphi.js";
import { symmetryOf } from "../../dist/model/system/symmetry/groups.js";
import { candidates, exported, thorough } from "../support/models.js";
import { everything, inTurn } from "../support/share.ts";
import { hasRumur, rumur } from "../support/rumur.js";

const folders = ["l4", "shm", "sel4", "fiasco", "qnx", "nemesis", "lwkt", "genode", "mach", "minix"];
const few = ["shm/peterson.ts", "shm/doorbell.ts", "shm/coalesced-bell.ts", "sel4/mutual-call.ts"];
const fewSymmetric = ["shm/mutex1.ts", "shm/semaphore.ts"];

describe.runIf(hasRumur)("the Murphi export, run by Rumur", async () => {
  let compared = 0;
  for (const [index, { name, protocol }] of (await candidates(...(thorough ? folders : few))).entries()) {
    if (!inTurn(index, 0, 2)) continue;
    test(`stores as many states as the engine for ${name}`, async ({ skip }) => {
      const found = exported(protocol, (system, initial) => exportMurphi(system, initial));
      if (typeof found === "string") return skip(found);
      if (found.model.length > 250_000) return skip("too long for this comparison");
      if (found.system.liveness != null) return skip("properties of runs are not exported");
      const ours = await search(found.system, { maxStates: 20_000 });
      if (ours.verdict === "inconclusive") return skip("too large for this comparison");
      // Blocking is not judged by Rumur; where the engine stops at a blocked state there are no counts to compare.
      if (ours.verdict === "violated") {
        if (!ours.findings.every(({ kind }) => ["assertion", "invariant", "out-of-range", "data-race"].includes(kind))) return skip("a question of blocking");
        expect(rumur(found.model).violated).toBe(true);
      } else {
        const theirs = rumur(found.model);
        expect(theirs.violated, theirs.output).toBe(false);
        expect(theirs.states).toBe(ours.stats.states);
        expect(theirs.rules).toBe(ours.stats.transitions);
      }
      compared++;
    });
  }
  for (const { name, protocol } of await candidates(...(thorough ? ["shm", "sel4", "l4", "genode"] : fewSymmetric))) {
    if (protocol.expect !== "holds") continue;
    test(`stores as many orbits as the engine for ${name}`, async ({ skip }) => {
      const found = exported(protocol, (system, initial) => exportMurphi(system, initial, symmetryOf(system)));
      if (typeof found === "string") return skip(found);
      if (symmetryOf(found.system).groups.length === 0) return skip("no replicas that can be put in any order");
      const ours = await search(found.system, { maxStates: 20_000, symmetry: true });
      if (ours.verdict !== "holds") return skip("too large for this comparison");
      const theirs = rumur(found.model);
      expect(theirs.states, theirs.output).toBe(ours.stats.states);
      expect(theirs.rules).toBe(ours.stats.transitions);
      compared++;
    });
  }
  afterAll(() => expect(compared, "protocols compared").toBeGreaterThanOrEqual(thorough ? 30 : everything ? 5 : 3));
});
