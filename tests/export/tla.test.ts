/** The TLA+ export: its module, evaluated on its own, reaches the states that the engine reaches. */
import { afterAll, describe, expect, test } from "vitest";
import { search } from "../../dist/checker/engine/index.js";
import { exportTla } from "../../dist/counterexamples/export/tla.js";
import { candidates, exported, thorough } from "../support/models.js";
import { explore } from "../support/tla.js";

const folders = ["l4", "shm", "sel4", "fiasco", "nemesis", "qnx", "lwkt", "genode", "mach"];
const few = [
  "shm/peterson.ts",
  "shm/mutex1.ts",
  "shm/mutex2.ts",
  "shm/doorbell.ts",
  "shm/coalesced-bell.ts",
  "shm/locks/ticket.ts",
  "l4/mutual-call.ts",
  "sel4/badges.ts",
  "genode/lock-order.ts",
  "minix/hidden-notification.ts",
];

describe("the TLA+ export", async () => {
  let compared = 0;
  for (const { name, protocol } of await candidates(...(thorough ? folders : few))) {
    if (protocol.memoryModel.model === "ra") continue;
    test(`has the states of the engine for ${name}`, async ({ skip }) => {
      let configuration = "";
      const found = exported(protocol, (system, initial) => {
        const { module, configuration: written } = exportTla(system, initial, "Protocol");
        configuration = written;
        return module;
      });
      if (typeof found === "string") return skip(found);
      if (found.model.length > (thorough ? 400_000 : 150_000)) return skip("too long for this comparison");
      if (found.system.liveness != null) return skip("properties of runs are not exported");
      const ours = await search(found.system, { maxStates: 5000 });
      if (ours.verdict === "inconclusive") return skip("too large for this comparison");
      if (ours.verdict === "violated") {
        if (!ours.findings.every(({ kind }) => ["assertion", "invariant", "out-of-range", "data-race"].includes(kind))) return skip("a question of blocking");
        expect(explore(found.model, configuration).violated.size).toBeGreaterThan(0);
      } else {
        const theirs = explore(found.model, configuration);
        expect([...theirs.violated]).toEqual([]);
        expect(theirs.states).toBe(ours.stats.states);
        expect(theirs.transitions).toBe(ours.stats.transitions);
      }
      compared++;
    });
  }
  afterAll(() => expect(compared, "protocols compared").toBeGreaterThanOrEqual(thorough ? 60 : 8));

  test("is one module with types for Apalache, and a configuration for TLC", async () => {
    const [candidate] = await candidates("shm/peterson.ts");
    const found = candidate === undefined ? "none" : exported(candidate.protocol, (system, initial) => exportTla(system, initial, "Peterson").module);
    if (typeof found === "string") throw new Error(found);
    const lines = found.model.split("\n");
    expect(lines[0]).toBe("---- MODULE Peterson ----");
    expect(lines.at(-2)).toBe("====");
    // Each definition with parameters, and each variable, has a type before it.
    lines.forEach((line, i) => {
      if (/^\w+\(.*\) ==/u.test(line) || /^ {2}v\d+_\w+,/u.test(line)) expect(lines[i - 1], line).toContain("@type:");
    });
  });
});
