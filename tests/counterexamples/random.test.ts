/** Random protocols: whatever the engine finds in them can be written, read, printed and reproduced on the machine. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { search } from "../../dist/checker/engine/index.js";
import { Lockstep } from "../../dist/counterexamples/lockstep.js";
import { makeTrace } from "../../dist/counterexamples/make.js";
import { printTrace } from "../../dist/counterexamples/print.js";
import { parseTrace } from "../../dist/counterexamples/read.js";
import { replayTrace } from "../../dist/counterexamples/replay.js";
import { loadPaths } from "../../dist/kernel/common/executor.js";
import { compile } from "../../dist/model/compiler/index.js";
import { type Instance, instantiate, type Protocol } from "../../dist/model/language/protocol.js";
import { SpecError } from "../../dist/model/loader/diagnostic.js";
import { loadSpec } from "../../dist/model/loader/load.js";
import type { System } from "../../dist/model/system/system.js";
import { moduleText, protocolText } from "../random/generate.js";
import { randomCases } from "../support/share.ts";

const runs = randomCases(80);
const seed = Number(process.env["IPC_CHECK_SEED"] ?? 1) + 1_000;
const tapes = fc.sample(fc.array(fc.noBias(fc.nat(0xff_ffff)), { minLength: 300, maxLength: 300 }), { seed, numRuns: runs });
const folder = mkdtempSync(join(tmpdir(), "ipc-check-replay-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const meta = { tool: { name: "ipc-check", version: "0.0.0" }, spec: { path: "random.ts", hash: "0", export: "default" } };

/** Null where the compiler rejects what the generator made. */
function compiled(instance: Instance): System | null {
  try {
    return compile(instance);
  } catch (error) {
    if (error instanceof SpecError) return null;
    throw error;
  }
}

/** What is wrong with the replay of a protocol's counterexamples or with a random schedule of it; and how many were replayed. */
async function check(protocol: Protocol, pick: (below: number) => number): Promise<{ readonly wrong: readonly string[]; readonly replayed: number }> {
  const instance = instantiate(protocol);
  const system = compiled(instance);
  // tests/random asks why.
  if (system === null) return { wrong: [], replayed: 0 };
  const wrong: string[] = [];
  const { findings } = await search(system, { maxStates: 20_000 });
  for (const finding of findings) {
    const trace = parseTrace(JSON.stringify(makeTrace(instance, system, finding, meta)), "trace.json");
    const printed = printTrace(trace, { color: false, width: 100 });
    if (printed.includes("undefined")) wrong.push(`printed as\n${printed}`);
    const { verdict, step, message } = await replayTrace(trace, instance, system);
    if (verdict !== "reproduced") wrong.push(`${finding.kind} (${finding.message}) ${verdict} at step ${step}: ${message}`);
  }
  const lockstep = new Lockstep(instance, system, await loadPaths(instance));
  let agreement = lockstep.start();
  for (let step = 0; step < 40 && agreement.kind === "agreed"; step++) {
    const moves = lockstep.moves();
    const move = moves[pick(moves.length)];
    if (move === undefined) break;
    agreement = lockstep.take(move);
  }
  if (agreement.kind === "differs") wrong.push(`a random schedule: ${agreement.difference}`);
  return { wrong, replayed: findings.length };
}

test(`${runs} random protocols of seed ${seed}: every counterexample is reproduced`, { timeout: 600_000 }, async () => {
  const file = join(folder, "protocols.ts");
  writeFileSync(file, moduleText(tapes));
  const { protocols } = await loadSpec(file);
  const wrong: string[] = [];
  let replayed = 0;
  for (const [index, tape] of tapes.entries()) {
    const protocol = protocols.find(({ exportName }) => exportName === `p${index}`)?.protocol;
    if (protocol === undefined) throw new Error(`protocol ${index} was not loaded`);
    let state = index;
    const result = await check(protocol, (below) => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      return Math.floor((state / 0x1_0000_0000) * below);
    });
    replayed += result.replayed;
    for (const problem of result.wrong) wrong.push(`protocol ${index}: ${problem}\n${protocolText(tape, "it")}`);
  }
  expect(wrong.slice(0, 3).join("\n\n"), `${wrong.length} problems`).toBe("");
  expect(replayed).toBeGreaterThan(runs / 3);
});
