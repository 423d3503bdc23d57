/**
 * Random protocols whose threads sleep with timers where a scheduler chooses: naive checker, engine and the protocol's own
 * generators agree, the machine goes along, and so do progress and fairness.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { search } from "../../dist/checker/engine/index.js";
import { naive } from "../../dist/checker/naive/index.js";
import { makeTrace } from "../../dist/counterexamples/make.js";
import { replayTrace } from "../../dist/counterexamples/replay.js";
import { loadPaths } from "../../dist/kernel/common/load-paths.js";
import { compile } from "../../dist/model/compiler/index.js";
import { instantiate, type Protocol } from "../../dist/model/language/protocol.js";
import { loadSpec } from "../../dist/model/loader/load.js";
import { randomFrom, walk } from "../conformance/walk.js";
import { compare } from "./compare.js";
import { moduleText, protocolText } from "./generate.js";
import { kernels } from "./kernels/index.js";

const seed = Number(process.env["IPC_CHECK_SEED"] ?? 1);
const runs = Number(process.env["IPC_CHECK_RUNS"] ?? 3);
const together = 50;

const timed = kernels.filter(({ name }) => ["shm", "l4", "qnx", "mach", "fiasco", "nemesis", "lwkt"].some((each) => name.startsWith(each)));
const folder = mkdtempSync(join(tmpdir(), "ipc-check-timers-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Tapes of protocols with timers and a scheduler: about one in six. */
const tapes = fc
  .sample(fc.array(fc.noBias(fc.nat(0xff_ffff)), { minLength: 300, maxLength: 300 }), { seed, numRuns: 12 * runs })
  .filter((tape) => /scheduling: "(priority|round-robin)"[\s\S]*("finite"|deadline: (true|"some")|catch: true)/.test(protocolText(tape, "it", timed)))
  .slice(0, runs);

async function loaded(part: readonly (readonly number[])[]): Promise<readonly Protocol[]> {
  const file = join(folder, `${tapes.indexOf(part[0] as (typeof tapes)[number])}.ts`);
  writeFileSync(file, moduleText(part, timed));
  const { protocols } = await loadSpec(file);
  return part.map((_, index) => protocols.find(({ exportName }) => exportName === `p${index}`)?.protocol as Protocol);
}

/** What differs between machine and model along two random schedules; null: nothing. */
async function walked(protocol: Protocol, from: number): Promise<string | null> {
  const instance = instantiate(protocol);
  const subject = { instance, system: compile(instance), paths: await loadPaths(instance) };
  return [0, 1].map((index) => walk(subject, randomFrom(from + index), 40).wrong).find((wrong) => wrong !== null) ?? null;
}

/** What is wrong with the counterexamples: they are the same ones with symmetry, and the machine reproduces them. */
async function reproduced(protocol: Protocol): Promise<string | null> {
  const instance = instantiate(protocol);
  const system = compile(instance);
  const { findings } = await search(system, {});
  const symmetric = await search(system, { symmetry: true });
  if (JSON.stringify(symmetric.findings) !== JSON.stringify(findings)) return `with symmetry: ${JSON.stringify(symmetric.findings)}`;
  for (const finding of findings) {
    const meta = { tool: { name: "ipc-check", version: "0.0.0" }, spec: { path: "random.ts", hash: "0", export: "default" } };
    const { verdict, step, message } = await replayTrace(makeTrace(instance, system, finding, meta), instance, system);
    if (verdict !== "reproduced") return `${finding.kind} (${finding.message}) ${verdict} at step ${step}: ${message}`;
  }
  return null;
}

/** Progress as both checkers judge it. */
async function judged(protocol: Protocol): Promise<string | null> {
  const instance = instantiate(protocol);
  const oracle = naive(instance, { maxStates: 600, runs: { progress: true } });
  if (oracle.stats.states > 600 || oracle.findings.length > 0) return null;
  const found = await search(compile(instance, { liveness: false, runs: { progress: true } }), {});
  return oracle.runs.length > 0 === found.findings.length > 0
    ? null
    : `naive: ${JSON.stringify(oracle.runs)}, engine: ${found.findings.map(({ property }) => property).join()}`;
}

test(`${runs} random protocols of seed ${seed} with timers under a scheduler: all agree`, { timeout: 10_000 * runs }, async () => {
  const counts = { agreed: 0, skipped: 0, rejected: 0, differs: 0 };
  const fired = new Set<string>();
  for (let first = 0; first < tapes.length; first += together) {
    const part = tapes.slice(first, first + together);
    for (const [index, protocol] of (await loaded(part)).entries()) {
      const from = seed * 65_537 + first + index;
      const result = await compare(protocol, randomFrom(from));
      counts[result.kind]++;
      const wrong =
        result.kind === "differs"
          ? result.what
          : result.kind === "agreed"
            ? ((await walked(protocol, from)) ?? (await reproduced(protocol)) ?? (await judged(protocol)))
            : null;
      if (wrong !== null) throw new Error(`protocol ${first + index} of seed ${seed}:\n${wrong}\n${protocolText(part[index] ?? [], "it", timed)}`);
      if (result.kind === "agreed") for (const { rule, timer } of compile(instantiate(protocol)).transitions) if (timer === true) fired.add(rule);
    }
  }
  expect(counts.agreed, JSON.stringify(counts)).toBeGreaterThan(0.7 * tapes.length);
  expect(fired.size, "kinds of timers").toBeGreaterThan(runs < 10 ? 1 : 3);
});
