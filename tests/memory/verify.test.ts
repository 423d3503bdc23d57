/** Protocols under each memory model: verdicts known from the literature, waits that memory ends, bounds, races, traces. */
import { describe, expect, test } from "vitest";
import { search } from "../../dist/checker/engine/index.js";
import { naive } from "../../dist/checker/naive/index.js";
import { makeTrace } from "../../dist/counterexamples/make.js";
import { printTrace } from "../../dist/counterexamples/print.js";
import { parseTrace } from "../../dist/counterexamples/read.js";
import { compile } from "../../dist/model/compiler/index.js";
import { instantiate, type Instance, type Protocol } from "../../dist/model/language/protocol.js";
import type { MemoryModelOptions } from "../../dist/model/language/memory-model.js";
import { loadSpec } from "../../dist/model/loader/load.js";

const { protocols } = await loadSpec("tests/memory/protocols.ts");
const named = (name: string): Protocol => {
  const found = protocols.find(({ exportName }) => exportName === name);
  if (found === undefined) throw new Error(`no protocol ${name}`);
  return found.protocol;
};
const on = (name: string, memory: Partial<MemoryModelOptions>): Instance => instantiate(named(name), {}, memory);

/** What the engine finds, after the naive checker has found the same on the same states. */
async function found(name: string, memory: Partial<MemoryModelOptions>): Promise<string> {
  const instance = on(name, memory);
  const oracle = naive(instance);
  const exact = await search(compile(instance, { liveness: false }));
  const { states, transitions, depth } = oracle.stats;
  expect(exact.stats).toMatchObject({ states, transitions, depth });
  const { verdict, findings, bound } = await search(compile(instance));
  expect([exact.verdict, exact.bound]).toEqual([oracle.verdict, oracle.bound]);
  expect(verdict).toBe(oracle.verdict);
  return verdict === "violated" ? [...new Set(findings.map(({ kind }) => kind))].join() : verdict === "inconclusive" ? `inconclusive: ${bound}` : verdict;
}
async function perModel(name: string): Promise<Readonly<Record<string, string>>> {
  return Object.fromEntries(await Promise.all((["sc", "tso", "pso", "ra"] as const).map(async (model) => [model, await found(name, { model })])));
}

describe("verdicts per memory model", () => {
  test("store buffering needs both fences", async () => {
    expect(await perModel("storeBuffering")).toEqual({ sc: "holds", tso: "invariant", pso: "invariant", ra: "invariant" });
    expect(await perModel("storeBufferingFenced")).toEqual({ sc: "holds", tso: "holds", pso: "holds", ra: "holds" });
  });

  test("publishing with relaxed stores breaks where stores may overtake each other", async () => {
    expect(await perModel("publishRelaxed")).toEqual({ sc: "holds", tso: "holds", pso: "assertion", ra: "assertion" });
    expect(await perModel("publishRelease")).toEqual({ sc: "holds", tso: "holds", pso: "holds", ra: "holds" });
  });

  test("threads on one CPU share its buffer", async () => {
    expect(await found("storeBufferingOneCpu", { model: "tso" })).toBe("holds");
    expect(await found("storeBufferingOneCpu", { model: "pso" })).toBe("holds");
  });

  test("an IPC carries what its sender has stored", async () => {
    expect(await perModel("sendAfterStore")).toEqual({ sc: "holds", tso: "holds", pso: "holds", ra: "holds" });
    expect(await perModel("signalAfterStore")).toEqual({ sc: "holds", tso: "holds", pso: "holds", ra: "holds" });
  });

  test("guarded steps see and leave what is newest", async () => {
    expect(await perModel("stepAfterStore")).toEqual({ sc: "holds", tso: "holds", pso: "holds", ra: "holds" });
  });

  test("the futex compares with memory, not with a buffer", async () => {
    expect(await perModel("futexWake")).toEqual({ sc: "holds", tso: "holds", pso: "holds", ra: "holds" });
  });
});

describe("what memory does by itself", () => {
  test("a wait for a value that is on its way is no deadlock", async () => {
    expect(await perModel("lastStore")).toEqual({ sc: "holds", tso: "holds", pso: "holds", ra: "holds" });
  });

  test("a loop that fills its buffer makes the verdict inconclusive for that bound", async () => {
    expect(await perModel("endlessStores")).toEqual({ sc: "holds", tso: "inconclusive: buffer", pso: "inconclusive: buffer", ra: "inconclusive: messages" });
    expect(await found("fencedStores", { model: "tso", buffer: 1 })).toBe("holds");
  });

  test("a longer buffer is a larger state space", async () => {
    const states = async (buffer: number): Promise<number> => (await search(compile(on("endlessStores", { model: "tso", buffer })))).stats.states;
    expect(await states(3)).toBeGreaterThan(await states(2));
  });
});

describe("data races", () => {
  test("under release/acquire are what happens-before leaves open, reads included", async () => {
    expect(await found("publishPlain", { model: "ra" })).toBe("holds");
    expect(await found("publishPlainRelaxed", { model: "ra" })).toBe("data-race,assertion");
    expect(await found("readNotOrdered", { model: "ra" })).toBe("data-race");
    expect(await found("readNotOrdered", { model: "tso" })).toBe("holds");
  });

  test("name both accesses with their places", async () => {
    const { findings } = await search(compile(on("readNotOrdered", { model: "ra" })));
    expect(findings[0]?.message).toMatch(
      /^data\.write of b \(protocols\.ts:\d+:\d+\) is not ordered with data\.read of a \(protocols\.ts:\d+:\d+\), which has been/,
    );
    expect(findings[0]?.site?.file).toMatch(/protocols\.ts$/);
  });
});

test("a drain is a step of its own in the trace", async () => {
  const instance = on("publishRelaxed", { model: "pso" });
  const system = compile(instance);
  const [finding] = (await search(system)).findings;
  if (finding === undefined) throw new Error("there is a counterexample");
  const trace = makeTrace(instance, system, finding, {
    tool: { name: "ipc-check", version: "0" },
    spec: { path: "p.ts", hash: "0", export: "publishRelaxed" },
  });
  expect(trace.memoryModel).toEqual({ model: "pso", buffer: 4, messages: 4 });
  const drains = trace.steps.filter(({ thread }) => thread === null);
  expect(drains.map(({ cpu, operation }) => [cpu, operation])).toEqual([[0, "CPU 0 drains ready = 1"]]);
  const text = printTrace(trace, { color: false, width: 160 });
  expect(text).toMatch(/CPU 0 {2}\(memory\) +CPU 0 drains ready = 1 +ready 0 → 1; buffer of CPU 0 \[data = 1, ready = 1\] → \[data = 1\]/);
  expect(parseTrace(JSON.stringify(trace), "trace.json").memoryModel.model).toBe("pso");
});

test("the doorbell ring with two items has at most six times the states of sequential consistency under tso", async () => {
  const ring = (await loadSpec("specs/shm/doorbell-ring.ts")).protocols.find(({ exportName }) => exportName === "fenced")?.protocol;
  if (ring === undefined) throw new Error("specs/shm/doorbell-ring.ts exports fenced");
  const states = async (model: "sc" | "tso"): Promise<number> => (await search(compile(instantiate(ring, { items: 2 }, { model })))).stats.states;
  const [sc, tso] = [await states("sc"), await states("tso")];
  expect(tso).toBeGreaterThan(sc);
  expect(tso / sc).toBeLessThanOrEqual(6);
});
