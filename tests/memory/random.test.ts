/**
 * Random protocols with random memory orders: the naive checker, which has the memory models from the literature and not
 * from model/memory, the engine and the protocol's own generators agree on every one. `IPC_CHECK_SEED` chooses other
 * protocols, `IPC_CHECK_RUNS` how many for each model.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { search } from "../../dist/checker/engine/index.js";
import { makeTrace } from "../../dist/counterexamples/make.js";
import { replayTrace } from "../../dist/counterexamples/replay.js";
import type { ReplayResult } from "../../dist/counterexamples/trace.js";
import { ControlFlow } from "../../dist/checker/naive/reach.js";
import { compile } from "../../dist/model/compiler/index.js";
import { instantiate, type Protocol } from "../../dist/model/language/protocol.js";
import { loadSpec } from "../../dist/model/loader/load.js";
import { compare, type Comparison } from "../random/compare.js";
import { moduleText, protocolText } from "../random/generate.js";
import { kernels } from "../random/kernels/index.js";
import { onMemory, weaken } from "./weaken.js";
import { randomCases } from "../support/share.ts";

const seed = Number(process.env["IPC_CHECK_SEED"] ?? 1);
const runs = randomCases(12);
const models = (process.env["IPC_CHECK_MODELS"] ?? "tso,pso,ra").split(",");

const folder = mkdtempSync(join(tmpdir(), "ipc-check-memory-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
/** Three protocols in four run on plain shared memory. */
const shm = kernels.filter(({ name }) => name === "shm");

function randomFrom(start: number): (limit: number) => number {
  let state = start >>> 0;
  return (limit) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  };
}

/**
 * How long lists of messages are and which accesses are remembered depends on what each program may do. Code that only
 * the compiler knows to be dead makes the naive checker remember more.
 */
function haveSameFacts(protocol: Protocol): boolean {
  const instance = instantiate(protocol);
  if (instance.memoryModel.model !== "ra") return true;
  const system = compile(instance, { liveness: false });
  const text = (facts: Iterable<string>): string => [...new Set(facts)].sort().join();
  return instance.threads.every((thread, index) => {
    const steps = new ControlFlow(instance, thread).all().flatMap((place) => place.steps ?? []);
    const naive = steps.map((step) => {
      if ((step.kind === "memory" || step.kind === "waitUntil") && step.cell === undefined) return "any cell";
      if (step.kind === "memory") return `memory.${step.cell.variable} ${step.action !== "read" && step.action !== "load"} ${step.order === "plain"}`;
      return step.kind === "waitUntil" ? `memory.${step.cell.variable} false ${step.order === "plain"}` : step.kind;
    });
    const engine = (system.processes[index]?.locations ?? []).map(({ access, operation }) => {
      if (access !== null) return `${system.variables[access.variable]?.name} ${access.write} ${access.plain}`;
      const name = system.operations[operation]?.name ?? "";
      return name === "fence" || name === "step" || name === "choose" ? name : "kernel";
    });
    return text(naive) === text(engine);
  });
}

/** The first counterexample on the executable kernel. */
async function replayed(protocol: Protocol): Promise<ReplayResult> {
  const instance = instantiate(protocol);
  const system = compile(instance);
  const [finding] = (await search(system)).findings;
  if (finding === undefined) throw new Error("a violated protocol has a counterexample");
  const trace = makeTrace(instance, system, finding, { tool: { name: "ipc-check", version: "0" }, spec: { path: "p.ts", hash: "0", export: "it" } });
  return replayTrace(trace, instance, system);
}

describe.each(models)("random protocols under %s", (model) => {
  test(`${runs} of seed ${seed}: naive checker, engine and native generators agree`, { timeout: 1_200_000 }, async () => {
    const tapes = fc.sample(fc.array(fc.noBias(fc.nat(0xff_ffff)), { minLength: 300, maxLength: 300 }), { seed, numRuns: runs });
    const choice = (index: number): typeof kernels => (index % 4 === 3 ? kernels : shm);
    const text = (tape: readonly number[], index: number): string =>
      onMemory(weaken(protocolText(tape, `p${index}`, choice(index)), randomFrom(index + 1)), model, { buffer: 2, messages: 3 });
    const prelude = moduleText([]);
    const file = join(folder, `${model}.ts`);
    writeFileSync(file, `${prelude}\n${tapes.map((tape, index) => `export const p${index} = ${text(tape, index)};\n`).join("\n")}`);
    const { protocols } = await loadSpec(file);
    const counts = { agreed: 0, skipped: 0, rejected: 0, differs: 0 };
    const verdicts = new Map<string, number>();
    const replays = new Map<string, number>();
    const differences: string[] = [];
    const rejections: string[] = [];
    for (const [index, tape] of tapes.entries()) {
      const protocol = protocols.find(({ exportName }) => exportName === `p${index}`)?.protocol;
      if (protocol === undefined) throw new Error(`protocol ${index} was not loaded`);
      let result: Comparison;
      try {
        result = await compare(protocol, randomFrom(seed * 65_537 + index));
      } catch (error) {
        result = { kind: "differs", what: error instanceof Error ? (error.stack ?? error.message) : String(error) };
      }
      if (result.kind === "differs" && !haveSameFacts(protocol)) result = { kind: "skipped" };
      counts[result.kind]++;
      if (result.kind === "differs") differences.push(`protocol ${index} of seed ${seed}:\n${result.what}\n${text(tape, index)}`);
      if (result.kind === "rejected") rejections.push(...result.codes);
      if (result.kind === "agreed") verdicts.set(result.verdict, (verdicts.get(result.verdict) ?? 0) + 1);
      if (result.kind === "agreed" && result.verdict === "violated") {
        const replay = await replayed(protocol);
        replays.set(replay.verdict, (replays.get(replay.verdict) ?? 0) + 1);
        if (replay.verdict === "diverged") differences.push(`protocol ${index} of seed ${seed}: ${replay.message}\n${text(tape, index)}`);
      }
    }
    if (process.env["IPC_CHECK_SHOW"] === "1")
      process.stdout.write(`${model} ${JSON.stringify({ ...counts, ...Object.fromEntries(verdicts), ...Object.fromEntries(replays) })}\n`);
    differences.sort((a, b) => a.length - b.length);
    expect(differences.slice(0, 2).join("\n\n"), `${differences.length} disagreements`).toBe("");
    expect(rejections.filter((code) => !code.startsWith("IPC127"))).toEqual([]);
    expect(counts.agreed, "most protocols are small enough to be compared").toBeGreaterThan(0.7 * runs);
    // Release/acquire has no machine.
    if (model !== "ra" && runs >= 20)
      expect(replays.get("reproduced") ?? 0, "most counterexamples happen on the machine").toBeGreaterThan((verdicts.get("violated") ?? 0) / 2);
    expect(verdicts.size, "holds, violated and inconclusive all occur").toBe(runs < 50 ? verdicts.size : 3);
  });
});
