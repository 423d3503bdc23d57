/** Runs are judged while the search goes on: what is wrong is found in a part of the states, whatever ends the search. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { search } from "../../dist/checker/engine/index.js";
import type { SearchOptions, SearchResult } from "../../dist/checker/result.js";
import { compile } from "../../dist/model/compiler/index.js";
import { instantiate } from "../../dist/model/language/protocol.js";
import { loadSpec } from "../../dist/model/loader/load.js";
import type { System } from "../../dist/model/system/system.js";
import { runOf, unfairness } from "./lasso.js";

const folder = mkdtempSync(join(tmpdir(), "ipc-check-early-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const { protocols } = await loadSpec("bench/specs/runs.ts");
function systemOf(name: string, parameters: Record<string, number>): System {
  const found = protocols.find(({ exportName }) => exportName === name);
  if (found === undefined) throw new Error(`no export ${name}`);
  return compile(instantiate(found.protocol, parameters));
}
const barging = systemOf("barging", { work: 20 });
const ticket = systemOf("ticket", { work: 8 });
const told = ({ verdict, findings }: SearchResult): unknown => ({ verdict, findings: findings.map(({ property, path, loop }) => ({ property, path, loop })) });
/** As `search` does it; a run that is shown must be fair. */
async function judged(system: System, options: SearchOptions): Promise<SearchResult> {
  const result = await search(system, options);
  for (const finding of result.findings) expect(unfairness(system, runOf(system, finding))).toBeNull();
  return result;
}

it("a run that starves a thread is found in a small part of the states, the same with any number of workers", async () => {
  const whole = await search({ ...barging, liveness: null });
  const one = await judged(barging, { workers: 1 });
  expect(one.verdict).toBe("violated");
  expect(one.stats.states).toBeLessThan(whole.stats.states / 5);
  for (const options of [
    { workers: 2, eager: true },
    { workers: 1, store: "compressed" },
  ] as const) {
    const other = await judged(barging, options);
    expect(told(other)).toEqual(told(one));
  }
});

it("a bound on states leaves what was seen: a violation if there is one among them, else no verdict", async () => {
  const enough = await judged(barging, { workers: 1, maxStates: 30_000 });
  expect([enough.verdict, enough.bound]).toEqual(["violated", null]);
  const few = await search(barging, { workers: 1, maxStates: 1_000 });
  expect([few.verdict, few.bound]).toEqual(["inconclusive", "states"]);
  const good = await search(ticket, { workers: 1, maxStates: 1_000 });
  expect([good.verdict, good.bound]).toEqual(["inconclusive", "states"]);
});

it("a search that went on from a checkpoint judges the runs of all states", async () => {
  const file = join(folder, "search");
  for (const system of [ticket, barging]) {
    const straight = await judged(system, { workers: 1 });
    await search(system, { workers: 1, maxStates: 5_000, checkpoint: { file, interval: 0, resume: false } });
    const resumed = await judged(system, { workers: 1, checkpoint: { file, interval: 0, resume: true } });
    expect(told(resumed)).toEqual(told(straight));
    expect(resumed.stats.transitions).toBe(straight.stats.transitions);
  }
});

it("a search that has gone to disk has no edges, and says that it cannot judge runs", async () => {
  const small = systemOf("ticket", { work: 1 });
  const { verdict, bound, stats } = await search(small, { workers: 1, eager: true, disk: folder });
  expect([verdict, bound]).toEqual(["inconclusive", "runs"]);
  expect(stats.states).toBe((await search({ ...small, liveness: null })).stats.states);
});
