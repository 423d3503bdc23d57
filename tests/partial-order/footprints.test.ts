/** Steps of bundled specifications and of random systems read and write no more than their footprints say. */
import { readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { Footprints } from "../../dist/checker/engine/partial-order/footprints.js";
import { watchFootprints } from "../../dist/checker/engine/partial-order/watch.js";
import { compile } from "../../dist/model/compiler/index.js";
import { instantiate } from "../../dist/model/language/protocol.js";
import { loadSpec } from "../../dist/model/loader/load.js";
import { reachableRanges } from "../../dist/model/system/narrow.js";
import type { System } from "../../dist/model/system/system.js";
import { assign, block, c, code, complete, eq, finish, load, SystemBuilder } from "../engine/build.ts";
import { randomSystem } from "../engine/random-system.ts";
import { looseSystem } from "./loose-system.ts";
import { everything, randomCases } from "../support/share.ts";

const seed = Number(process.env["IPC_CHECK_SEED"] ?? 1);
const deeper = process.env["IPC_CHECK_RUNS"] !== undefined;
const runs = randomCases(30);

const wrongOf = (system: System, most: number): readonly string[] => watchFootprints(system, new Footprints(system, reachableRanges(system)), most);

describe("footprints", () => {
  it("hold everything that steps of the specs library touch", { timeout: 600_000 }, async () => {
    const files = readdirSync(new URL("../../specs", import.meta.url), { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".ts"))
      .sort();
    // By default one protocol of every fifth file in CI, of every fifteenth otherwise; the shift makes seeds differ.
    for (const [number, file] of files.entries()) {
      if (!deeper && (number + seed) % (everything ? 5 : 15) !== 0) continue;
      const { protocols } = await loadSpec(`specs/${file}`);
      for (const { protocol, exportName } of deeper ? protocols : protocols.slice(0, 1))
        expect(wrongOf(compile(instantiate(protocol)), deeper ? 2_000 : 100), `${file} ${exportName}`).toEqual([]);
    }
  });

  it("hold everything that steps of random systems touch", { timeout: 600_000 }, () => {
    for (let number = 0; number < runs; number++) {
      for (const system of [looseSystem, randomSystem]) expect(wrongOf(system(seed * 1_000_003 + number), 100), `system ${number} of seed ${seed}`).toEqual([]);
    }
  });

  it("are found wrong if they leave something out", () => {
    const b = new SystemBuilder();
    const [x, y] = [b.variable("x", 0, 1), b.variable("y", 0, 1)];
    for (const variable of [x, y]) {
      const pc = b.variable(`at ${variable}`, 0, 1, { role: "pc", thread: b.processes.length, type: { kind: "location" } });
      const body = code(1, block([assign(variable, eq(load(y), c(0))), complete(c(b.processes.length), 0)], { op: "end" }));
      b.process({ pc, locations: [b.location(0, finish, [b.transition({ thread: b.processes.length, location: 0, body })])] });
    }
    const system = b.build();
    const footprints = new Footprints(system, reachableRanges(system));
    expect(watchFootprints(system, footprints, 100)).toEqual([]);
    footprints.actions[0]?.[0]?.own.reads.fill(0);
    footprints.actions[1]?.[0]?.own.writes.fill(0);
    expect(watchFootprints(system, footprints, 100)).toEqual([
      "t0 at 0, rule 0: reads y[0]",
      "t1 at 0, rule 1: writes y[0]",
      "t1 at 0, rule 1: writes at 1[0]",
    ]);
  });
});
