/** The Promela export with one process a thread: SPIN, with its own partial order, must come to the engine's verdict. */
import { afterAll, describe, expect, test } from "vitest";
import { search } from "../../dist/checker/engine/index.js";
import { exportProcesses } from "../../dist/counterexamples/export/promela-processes.js";
import { candidates, exported, thorough } from "../support/models.js";
import { everything, inTurn } from "../support/share.ts";
import { hasSpin, spinVerdict } from "../support/spin.js";

const folders = ["l4", "shm", "sel4", "fiasco", "qnx", "nemesis", "lwkt", "genode", "exec"];
const few = ["shm/peterson.ts", "shm/mutex1.ts", "shm/doorbell.ts", "shm/coalesced-bell.ts", "shm/payload-then-index.ts", "sel4/mutual-call.ts"];
/** Where SPIN sees less: threads that wait for each other by polling, or while others run on (docs/limits.md). */
const unseen = new Set(["specs/genode/lock-order.ts broken"]);

describe.runIf(hasSpin)("the Promela export with one process a thread", async () => {
  let compared = 0;
  for (const [index, { name, protocol }] of (await candidates(...(thorough ? folders : few))).entries()) {
    if (!inTurn(index, 0, 2)) continue;
    if (protocol.memoryModel.model === "ra" && !thorough) continue;
    test(`has the verdict of the engine for ${name}`, async ({ skip }) => {
      const found = exported(protocol, exportProcesses);
      if (typeof found === "string") return skip(found);
      if (found.model.length > (thorough ? 100_000 : 30_000)) return skip("too long for this comparison");
      if (found.system.liveness != null) return skip("properties of runs are not exported in this style");
      const ours = await search(found.system, { maxStates: 20_000 });
      if (ours.verdict === "inconclusive") return skip("too large for this comparison");
      const theirs = spinVerdict(found.model);
      expect(theirs.errors > 0 ? "violated" : "holds", theirs.output).toBe(unseen.has(name) ? "holds" : ours.verdict);
      compared++;
    });
  }
  afterAll(() => expect(compared, "protocols compared").toBeGreaterThanOrEqual(thorough ? 100 : everything ? 12 : 5));
});
