/** What fairness changes, what progress calls things, and what becomes of a run that repeats: replay, pictures, other stores. */
import { describe, expect, it, test } from "vitest";
import { search } from "../../dist/checker/engine/index.js";
import { naive } from "../../dist/checker/naive/index.js";
import type { SearchOptions } from "../../dist/checker/result.js";
import { traceFormats } from "../../dist/counterexamples/export/index.js";
import { makeTrace } from "../../dist/counterexamples/make.js";
import { printTrace } from "../../dist/counterexamples/print.js";
import { parseTrace } from "../../dist/counterexamples/read.js";
import { replayTrace } from "../../dist/counterexamples/replay.js";
import { type CompileOptions, compile } from "../../dist/model/compiler/index.js";
import { instantiate } from "../../dist/model/language/protocol.js";
import { loadSpec } from "../../dist/model/loader/load.js";
import { runOf, unfairness } from "./lasso.js";

const { protocols } = await loadSpec("tests/liveness/protocols/kinds.ts");
const instanceOf = (name: string): ReturnType<typeof instantiate> => {
  const found = protocols.find(({ exportName }) => exportName === name);
  if (found === undefined) throw new Error(`no export ${name}`);
  return instantiate(found.protocol);
};
const meta = { tool: { name: "ipc-check", version: "0" }, spec: { path: "kinds.ts", hash: "0", export: "x" } };

async function judged(name: string, options: CompileOptions = {}, how: SearchOptions = {}): Promise<readonly string[]> {
  const system = compile(instanceOf(name), options);
  const { findings } = await search(system, how);
  for (const finding of findings) if (finding.loop !== undefined) expect(unfairness(system, runOf(system, finding))).toBeNull();
  return findings.map(({ kind, property }) => `${kind}: ${property}`).sort();
}

describe("fairness", () => {
  test.each([
    ["lockNone", ["liveness: mine", "starvation: progress of user"]],
    ["lockWeak", ["liveness: mine", "starvation: progress of user"]],
    ["lockStrong", []],
    ["unfair", ["liveness: moves"]],
    ["fair", []],
    ["fairStep", []],
  ])("%s gives %j", async (name, expected) => {
    const found = await judged(name);
    expect(found).toEqual(expected);
    expect(
      naive(instanceOf(name))
        .runs.map(({ property }) => property)
        .sort(),
    ).toEqual(expected.map((each) => each.replace(/^\w+: /, "")).sort());
  });

  it("given on the command line goes before what the protocol says", async () => {
    expect(await judged("lockWeak", { runs: { fairness: "strong" } })).toEqual([]);
    expect(await judged("fair", { runs: { fairness: "none" } })).toEqual(["liveness: moves"]);
  });
});

describe("what keeps a thread from service", () => {
  test.each([
    ["starved", ["starvation: progress of third"]],
    ["busy", ["livelock: progress of third"]],
    ["stopped", ["unreplied-call: unreplied-call"]],
    ["goal", ["livelock: top"]],
    ["crossed", ["deadlock: deadlock"]],
    ["slept", ["lost-wakeup: lost-wakeup"]],
    ["hostage", ["unreplied-call: unreplied-call"]],
    ["free", []],
  ])("is told apart: %s gives %j", async (name, expected) => {
    expect(await judged(name)).toEqual(expected);
    // The naive checker finds something wrong with the states or with the runs wherever the engine does, and nowhere else.
    const { findings, runs } = naive(instanceOf(name));
    expect(findings.length + runs.length > 0).toBe(expected.length > 0);
  });

  it("is asked for by an option where the protocol does not ask", async () => {
    expect(await judged("fair", { runs: { progress: true } })).toEqual([]);
  });
});

describe("a run that repeats", () => {
  it("is the same with any number of workers and with the compressed store", async () => {
    const system = compile(instanceOf("lockWeak"));
    const paths = async (options: SearchOptions): Promise<unknown> =>
      (await search(system, options)).findings.map(({ property, path, loop }) => ({ property, path, loop }));
    const expected = await paths({ workers: 1 });
    expect(await paths({ workers: 2, eager: true })).toEqual(expected);
    expect(await paths({ workers: 1, store: "compressed" })).toEqual(expected);
  });

  it("cannot be judged by stores that keep no states, which then do not say that all is well", async () => {
    const { verdict, bound } = await search(compile(instanceOf("fair")), { store: "compact" });
    expect([verdict, bound]).toEqual(["inconclusive", "runs"]);
  });

  it("is taken twice on the machine, and a trace whose loop is another one is not reproduced", async () => {
    const instance = instanceOf("lockWeak");
    const system = compile(instance);
    const finding = (await search(system)).findings.find(({ property }) => property === "mine");
    if (finding?.loop === undefined) throw new Error("no run");
    const trace = makeTrace(instance, system, finding, meta);
    const replayed = await replayTrace(trace, instance, system);
    expect(replayed.verdict).toBe("reproduced");
    expect(replayed.message).toContain("taken twice");
    const wrong = await replayTrace({ ...trace, loop: finding.loop + 1 }, instance, system);
    expect(wrong.verdict).toBe("diverged");
  });

  it("carries its loop into the trace file, the printed schedule and every picture that can show it", async () => {
    const instance = instanceOf("starved");
    const system = compile(instance);
    const [finding] = (await search(system)).findings;
    if (finding?.loop === undefined) throw new Error("no run");
    const trace = makeTrace(instance, system, finding, meta);
    expect(parseTrace(JSON.stringify(trace), "x.json").loop).toBe(finding.loop);
    expect(() => parseTrace(JSON.stringify({ ...trace, loop: 99 }), "x.json")).toThrow("loop must be at most");
    expect(printTrace(trace, { color: false, width: 100 })).toContain("from here on again and again, for ever:");
    const itf = JSON.parse(traceFormats.itf(trace)) as { readonly loop: number; readonly states: readonly Record<string, unknown>[] };
    expect(itf.loop).toBe(finding.loop + 1);
    // After the last state comes the one after the first of the loop: the two are equal but for how they were reached.
    expect(itf.states.at(-1)?.["token"]).toEqual(itf.states[finding.loop]?.["token"]);
    expect(traceFormats.mermaid(trace)).toContain("  loop for ever\n");
    expect(traceFormats.svg(trace)).toContain("again and again, for ever");
    expect(traceFormats.perfetto(trace)).toContain("again and again, for ever");
  });
});
