/** Random schedules of compiled protocols, taken by the machine and the interpreter in lockstep: they agree on every step. (The library's: run.test.ts.) */
import { readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { compile } from "../../dist/model/compiler/index.js";
import { instantiate } from "../../dist/model/language/protocol.js";
import { loadSpec } from "../../dist/model/loader/load.js";
import { everything } from "../support/share.ts";
import { isRun, walk } from "./random-schedule.ts";

// The bells have an executable path that their own test brings along (tests/machine/interrupts.test.ts).
const files = readdirSync("tests/machine/protocols").filter((name) => name.endsWith(".ts") && name !== "bells.ts");

describe("machine and compiled system agree on random schedules of", () => {
  test.each(files)("%s", async (file) => {
    const { protocols } = await loadSpec(`tests/machine/protocols/${file}`);
    let steps = 0;
    for (const { protocol } of protocols.filter((each) => isRun(each.protocol))) {
      const system = compile(instantiate(protocol));
      for (let seed = 1; seed <= (everything ? 6 : 2); seed++) steps += await walk(protocol, system, seed, 60);
    }
    expect(steps).toBeGreaterThan(20);
  });
});
