/**
 * Random protocols on all kernels, searched on beyond their violations with and without partial order: each violation by itself,
 * and each state without steps, is in both graphs; and their steps touch no more than their footprints say.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { Footprints } from "../../dist/checker/engine/partial-order/footprints.js";
import { partialOrder } from "../../dist/checker/engine/partial-order/reduction.js";
import { watchFootprints } from "../../dist/checker/engine/partial-order/watch.js";
import { compile } from "../../dist/model/compiler/index.js";
import { instantiate } from "../../dist/model/language/protocol.js";
import { SpecError } from "../../dist/model/loader/diagnostic.js";
import { loadSpec } from "../../dist/model/loader/load.js";
import { reachableRanges } from "../../dist/model/system/narrow.js";
import type { System } from "../../dist/model/system/system.js";
import { moduleText, protocolText } from "../random/generate.ts";
import { everything } from "./everything.ts";
import { randomCases } from "../support/share.ts";

const seed = Number(process.env["IPC_CHECK_SEED"] ?? 1);
const runs = randomCases(60);
const together = 100;

const tapes = fc.sample(fc.array(fc.noBias(fc.nat(0xff_ffff)), { minLength: 300, maxLength: 300 }), { seed: seed + 31, numRuns: runs });
const folder = mkdtempSync(join(tmpdir(), "ipc-check-partial-order-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test(`${runs} random protocols of seed ${seed}: nothing is missed`, { timeout: 10_000 * runs }, async () => {
  let [used, compared] = [0, 0];
  for (let first = 0; first < tapes.length; first += together) {
    const file = join(folder, `protocols-${first}.ts`);
    const part = tapes.slice(first, first + together);
    writeFileSync(file, moduleText(part));
    const { protocols } = await loadSpec(file);
    for (const [index, tape] of part.entries()) {
      const protocol = protocols.find(({ exportName }) => exportName === `p${index}`)?.protocol;
      if (protocol === undefined) throw new Error(`protocol ${first + index} was not loaded`);
      let system: System;
      try {
        system = compile(instantiate(protocol));
      } catch (error) {
        if (error instanceof SpecError) continue;
        throw error;
      }
      const ranges = reachableRanges(system);
      const { reduction } = partialOrder(system, ranges);
      if (reduction === null) continue;
      used++;
      expect(watchFootprints(system, new Footprints(system, ranges), 50), protocolText(tape, "it")).toEqual([]);
      const full = await everything(system, null, 5_000);
      if (full === null) continue;
      const reduced = await everything(system, reduction, 5_000);
      if (reduced === null) continue;
      compared++;
      expect({ findings: reduced.findings, ends: reduced.ends }, protocolText(tape, "it")).toEqual({ findings: full.findings, ends: full.ends });
      expect(reduced.states).toBeLessThanOrEqual(full.states);
    }
  }
  expect(used).toBeGreaterThan(0.3 * runs);
  expect(compared).toBeGreaterThan(0.8 * used);
});
