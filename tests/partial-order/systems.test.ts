/**
 * Random transition systems, searched on beyond their violations with and without partial order: the reduced graph must hold the
 * same states without steps, and each violation by itself.
 *
 * The systems of the engine's tests do things that no compiled protocol does, but their waits say nothing of who really ends
 * them: there, sets of blocked threads are left out.
 */
import { describe, expect, it } from "vitest";
import { partialOrder } from "../../dist/checker/engine/partial-order/reduction.js";
import { reachableRanges } from "../../dist/model/system/narrow.js";
import { initialState } from "../../dist/model/system/interpret.js";
import type { System } from "../../dist/model/system/system.js";
import { randomSystem } from "../engine/random-system.ts";
import { everything } from "./everything.ts";
import { looseSystem } from "./loose-system.ts";

const seed = Number(process.env["IPC_CHECK_SEED"] ?? 1);
const runs = Number(process.env["IPC_CHECK_RUNS"] ?? 60);

/** Without waits that promise what nobody keeps, and with threads that are no replicas of each other. */
const unpromising = (system: System): System => ({
  ...system,
  processes: system.processes.map((process) => ({
    ...process,
    group: process.name,
    stoppable: false,
    locations: process.locations.map((location) => ({ ...location, waits: [] })),
  })),
});

async function compare(systems: readonly System[], counted: (finding: string) => boolean): Promise<Record<string, number>> {
  const counts: Record<string, number> = { used: 0, smaller: 0 };
  const count = (what: string): void => void (counts[what] = (counts[what] ?? 0) + 1);
  for (const [number, system] of systems.entries()) {
    if (system.scheduling !== "free" || initialState(system).kind !== "state") continue;
    const { reduction } = partialOrder(system, reachableRanges(system));
    if (reduction === null) continue;
    count("used");
    const full = await everything(system, null, 20_000);
    const reduced = await everything(system, reduction, 20_000);
    if (full === null || reduced === null) continue;
    const findings = full.findings.filter(counted);
    expect({ findings: reduced.findings.filter(counted), ends: reduced.ends }, `system ${number} of seed ${seed}`).toEqual({ findings, ends: full.ends });
    if (reduced.states < full.states) {
      count("smaller");
      for (const kind of new Set(findings.map((finding) => finding.split(":")[0] ?? ""))) count(kind);
    }
  }
  return counts;
}

describe("the reduced graph of a random system", () => {
  it("holds everything that is wrong with threads that have little to do with each other", { timeout: 10_000 * runs }, async () => {
    const systems = Array.from({ length: 4 * runs }, (_, number) => looseSystem(seed * 1_000_003 + number));
    const counts = await compare(systems, () => true);
    expect(counts["smaller"]).toBeGreaterThan(runs);
    for (const kind of ["blocked", "assertion", "data-race", "invariant", "lost-wakeup"]) expect(counts[kind], kind).toBeGreaterThan(0);
  });

  it("holds everything but blocked sets of systems whose waits do not say who ends them", { timeout: 10_000 * runs }, async () => {
    const systems = Array.from({ length: runs }, (_, number) => unpromising(randomSystem(seed * 1_000_003 + number)));
    const counts = await compare(systems, (finding) => finding !== "blocked");
    expect(counts["used"]).toBeGreaterThan(0.2 * runs);
  });
});
