/** What `npm run bench` measures: the protocols hold, and the models written by hand for SPIN have their states. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
// @ts-expect-error The benchmark is plain JavaScript.
import { cases } from "../../bench/cases.mjs";
import { search } from "../../dist/checker/engine/index.js";
import { compile } from "../../dist/model/compiler/index.js";
import { instantiate } from "../../dist/model/language/protocol.js";
import { loadSpec } from "../../dist/model/loader/load.js";
import { hasSpin, spin } from "../support/spin.js";

interface Case {
  readonly name: string;
  readonly spec: string;
  readonly quick: Readonly<Record<string, number>>;
  readonly large?: boolean;
  readonly twin?: { readonly model: string; readonly definitions: (parameters: Readonly<Record<string, number>>) => Readonly<Record<string, number>> };
}

describe("the benchmark's cases, small", () => {
  // The large one is another one with more clients.
  test.each((cases as readonly Case[]).filter(({ large }) => large !== true))("$name", async ({ spec, quick, twin }) => {
    const [declared] = (await loadSpec(spec)).protocols;
    if (declared === undefined) throw new Error(`${spec} declares nothing`);
    const ours = await search(compile(instantiate(declared.protocol, quick)), { workers: 1 });
    expect(ours.verdict).toBe("holds");
    expect(ours.stats.states).toBeGreaterThan(10);
    if (twin === undefined || !hasSpin) return;
    const defines = Object.entries(twin.definitions(quick)).map(([name, value]) => `#define ${name} ${value}\n`);
    const theirs = spin(defines.join("") + readFileSync(twin.model, "utf8"));
    // SPIN counts the initial state as a transition.
    expect([theirs.errors, theirs.states, theirs.transitions]).toEqual([0, ours.stats.states, ours.stats.transitions + 1]);
  });
});
