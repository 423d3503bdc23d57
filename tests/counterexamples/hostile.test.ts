/**
 * Files from elsewhere, damaged at random: a trace, a baseline, the result of a shard. Whatever is in them, they are
 * refused with one message or taken for what they say; nothing crashes, hangs or is run. A trace that is taken can be printed,
 * written in every format, and replayed.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { readBaseline } from "../../dist/cli/baseline.js";
import { UsageError } from "../../dist/cli/exit.js";
import { readShard } from "../../dist/cli/shard.js";
import { traceFormats } from "../../dist/counterexamples/export/index.js";
import { printTrace } from "../../dist/counterexamples/print.js";
import { parseTrace, TraceError } from "../../dist/counterexamples/read.js";
import { replayTrace } from "../../dist/counterexamples/replay.js";
import type { Trace } from "../../dist/counterexamples/trace.js";
import { find } from "./found.ts";

const runs = Number(process.env["IPC_CHECK_RUNS"] ?? 400);
const seed = Number(process.env["IPC_CHECK_SEED"] ?? 1);
const folder = mkdtempSync(join(tmpdir(), "ipc-check-hostile-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const { instance, system, traces } = await find("specs/l4/call-hierarchy.ts", "broken");
const trace = traces[0] as Trace;

/** What may stand where something else was. */
const odd = fc.constantFrom<unknown>(
  null,
  -1,
  0,
  1e308,
  2 ** 53,
  0.5,
  true,
  "",
  "__proto__",
  "constructor",
  "</script><script>alert(1)</script>",
  "\u202e\u0000\u001b[2J\u2028",
  "../../../etc/passwd",
  "x".repeat(5_000),
  [],
  {},
  [[[[]]]],
  { toString: 1 },
);
type Damage = readonly { readonly at: number; readonly how: "replace" | "remove" | "repeat" | "rename"; readonly by: unknown }[];
const damages: fc.Arbitrary<Damage> = fc.array(fc.record({ at: fc.nat(10_000), how: fc.constantFrom("replace", "remove", "repeat", "rename"), by: odd }), {
  minLength: 1,
  maxLength: 4,
});

/** Changes some places of a document. */
function damaged(document: unknown, damage: Damage): unknown {
  const copy = structuredClone(document);
  for (const { at, how, by } of damage) {
    const places: { readonly owner: Record<string, unknown>; readonly key: string }[] = [];
    const visit = (owner: Record<string, unknown>): void => {
      for (const key of Object.keys(owner)) {
        places.push({ owner, key });
        const child = owner[key];
        if (typeof child === "object" && child !== null) visit(child as Record<string, unknown>);
      }
    };
    visit(copy as Record<string, unknown>);
    const place = places[at % Math.max(1, places.length)];
    if (place === undefined) continue;
    const { owner, key } = place;
    if (how === "replace") owner[key] = by;
    else if (how === "remove") delete owner[key];
    else if (how === "repeat" && Array.isArray(owner[key])) owner[key] = [...(owner[key] as unknown[]), ...(owner[key] as unknown[])];
    else owner[JSON.stringify(by).slice(0, 40)] = owner[key];
  }
  return copy;
}

test(`${runs} traces with changed fields, seed ${seed}`, async () => {
  let taken = 0;
  await fc.assert(
    fc.asyncProperty(damages, async (damage) => {
      let read: Trace;
      try {
        read = parseTrace(JSON.stringify(damaged(trace, damage)), "hostile.json");
      } catch (error) {
        expect(error).toBeInstanceOf(TraceError);
        expect((error as Error).message.length).toBeLessThan(500);
        return;
      }
      taken++;
      // Control characters of the file do not reach the terminal.
      const printed = printTrace(read, { color: false, width: 100 });
      for (const control of ["\u001b", "\u0000", "\u202e"]) expect(printed.includes(control)).toBe(false);
      for (const [format, write] of Object.entries(traceFormats)) {
        const text = write(read);
        if (format === "svg" || format === "html") expect(text).not.toContain("<script>alert(1)");
      }
      expect(["reproduced", "diverged", "not-run"]).toContain((await replayTrace(read, instance, system)).verdict);
    }),
    { numRuns: runs, seed },
  );
  expect(taken).toBeGreaterThan(0);
}, 300_000);

test(`${runs} traces with changed bytes`, () => {
  const bytes = Buffer.from(JSON.stringify(trace));
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 }), (changes) => {
      const copy = Buffer.from(bytes);
      for (const [at, value] of changes) copy[at] = value;
      try {
        printTrace(parseTrace(copy.toString("utf8"), "hostile.json"), { color: false, width: 100 });
      } catch (error) {
        expect(error).toBeInstanceOf(TraceError);
      }
    }),
    { numRuns: runs, seed },
  );
});

const check = { spec: "a.ts", export: "default", parameters: { n: 1 }, memoryModel: "sc", states: 5, violations: [{ kind: "deadlock", property: "deadlock" }] };
test.each([
  ["baselines", { format: "ipc-check baseline", schemaVersion: 1, checks: [check, check] }, (file: string): unknown => readBaseline(file, false)],
  [
    "results of shards",
    {
      format: "ipc-check shard",
      schemaVersion: 1,
      tool: "0.1.0",
      shard: { index: 1, of: 2 },
      seed: 1,
      swarm: null,
      options: {},
      checks: [{ spec: "a.ts", hash: "0", export: "default", parameters: {} }],
      failed: [],
      results: [
        { check: 0, protocol: "p", verdict: "holds", bound: null, expected: "holds", violations: [], states: 1, transitions: 1, depth: 1, omission: 0 },
      ],
    },
    readShard,
  ],
] as const)(`${runs} damaged %s are refused or read`, (_, document, read: (file: string) => unknown) => {
  const file = join(folder, "document.json");
  fc.assert(
    fc.property(damages, (damage) => {
      writeFileSync(file, JSON.stringify(damaged(document, damage)));
      try {
        read(file);
      } catch (error) {
        expect(error).toBeInstanceOf(UsageError);
      }
      expect(({} as Record<string, unknown>)["n"]).toBeUndefined();
    }),
    { numRuns: runs, seed },
  );
});
