/**
 * Random protocols × random formulas × fairness: the engine's product with an automaton against the naive checker's choices of
 * subformulas; and each run that the engine shows is fair and violates its formula, by definition. IPC_CHECK_SEED,
 * IPC_CHECK_RUNS (compared protocols; default 36).
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { search } from "../../dist/checker/engine/index.js";
import { naive } from "../../dist/checker/naive/index.js";
import { compile } from "../../dist/model/compiler/index.js";
import { SpecError } from "../../dist/model/loader/diagnostic.js";
import { instantiate, type Protocol } from "../../dist/model/language/protocol.js";
import { loadSpec } from "../../dist/model/loader/load.js";
import { hasNext } from "../../dist/model/ltl/formula.js";
import { moduleText, protocolText } from "../random/generate.js";
import { kernels } from "../random/kernels/index.js";
import { isTrue, runOf, unfairness } from "./lasso.js";
import { formula, type Random } from "./random-runs.js";

const seed = Number(process.env["IPC_CHECK_SEED"] ?? 1);
const runs = Number(process.env["IPC_CHECK_RUNS"] ?? 36);
/** Deeper runs meet every kernel. */
const choice = process.env["IPC_CHECK_RUNS"] === undefined ? kernels.slice(0, 2) : kernels;
const together = 40;
const mostStates = 100;
const folder = mkdtempSync(join(tmpdir(), "ipc-check-liveness-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function randomFrom(start: number): Random {
  let state = start >>> 0;
  return (limit) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  };
}

/** What is asked of runs, as source text in a protocol's declaration. */
function asked(text: string, random: Random): string {
  const cells = [...text.matchAll(/\b(m\d+|word): (ghost\()?(int|wrapping|flag|bool)\b/g)].map(([, name = "", , type]) =>
    type === "flag" || type === "bool" ? `({ ${name} }) => ${name}` : `({ ${name} }) => ${name} ${["===", "!==", ">"][random(3)]} ${random(2)}`,
  );
  const threads = [...text.matchAll(/^ {4}(t\d): \{\n.*$/gm)].map(
    ([all, name = ""]) => `({ threads }) => threads.${name}${all.includes("count:") ? "[1]" : ""}.finished`,
  );
  const predicate = (): string => {
    const all = random(4) === 0 ? threads : cells.length > 0 ? cells : threads;
    return all[random(all.length)] ?? "() => true";
  };
  const strength = (): string => `"${["none", "weak", "weak", "strong"][random(4)]}"`;
  const name = /^ {4}(t\d):/m.exec(text)?.[1] ?? "t0";
  const fairness =
    random(3) === 0
      ? `{ default: ${strength()}, threads: { ${name}: ${strength()} }, steps: [${random(2) === 0 ? "" : `{ thread: "${name}", operation: "choose", fairness: "strong" }`}] }`
      : strength();
  const many = Array.from({ length: 3 }, (_, i) => `f${i}: ltl(${JSON.stringify(formula(random, 1 + random(3)))}, { p: ${predicate()}, q: ${predicate()} })`);
  return `  fairness: ${fairness},\n  progress: ${random(2) === 0 ? "true" : `{ goals: { goal: ${predicate()} } }`},\n  liveness: ({ ltl }) => ({ ${many.join(", ")} }),\n`;
}

const kindOf = (kind: string): string => (kind === "liveness" ? kind : "progress");

async function compareOne(
  protocol: Protocol,
): Promise<{ readonly kind: string; readonly found: number; readonly kinds: readonly string[]; readonly lassos: number } | string> {
  const instance = instantiate(protocol);
  const oracle = naive(instance, { maxStates: mostStates });
  const none = { found: 0, kinds: [], lassos: 0 };
  if (oracle.stats.states > mostStates || oracle.bound !== null || oracle.findings.length > 0) return { kind: "skipped", ...none };
  let system: ReturnType<typeof compile>;
  try {
    system = compile(instance);
  } catch (error) {
    if (error instanceof SpecError) return { kind: "rejected", ...none };
    throw error;
  }
  const result = await search(system, { maxStates: 10 * mostStates });
  // Goals under any kind.
  const key = (kind: string, property: string): string => `${kindOf(property === "goal" ? "progress" : kind)} ${property}`;
  const theirs = [...new Set(oracle.runs.map(({ kind, property }) => key(kind, property)))].sort();
  const ours = [...new Set(result.findings.map(({ kind, property }) => key(kind, property)))].sort();
  if (JSON.stringify(theirs) !== JSON.stringify(ours)) return `naive: ${theirs.join(", ")}\nengine: ${ours.join(", ")} (${result.verdict}, ${result.bound})`;
  for (const finding of result.findings) {
    const run = runOf(system, finding);
    const unfair = unfairness(system, run);
    if (unfair !== null) return `the run for ${finding.property} is not fair: ${unfair}`;
    const declared = [...(system.liveness?.formulas ?? []), ...(system.liveness?.progress?.goals ?? [])].find(({ name }) => name === finding.property);
    if (declared === undefined) continue;
    // Waiting in between is no step of the path.
    if (hasNext(declared.formula) && system.processes.some(({ stoppable }) => stoppable)) continue;
    if (isTrue(system, run, declared.formula)) return `the run for ${finding.property} does not violate ${declared.text}`;
  }
  // A violation that is found with reductions is looked for without them as well, and must be there.
  const reduced = await search(system, { maxStates: 10 * mostStates, workers: 1, symmetry: true, partialOrder: "always" });
  if (reduced.verdict !== result.verdict) return `without reductions: ${result.verdict}\nwith: ${reduced.verdict} (${reduced.bound})`;
  // Looked at before all states are there, what is wrong is a part of it, and something if there is anything.
  const early = await search(system, { maxStates: 10 * mostStates, workers: 1, eager: true });
  const first = early.findings.map(({ kind, property }) => key(kind, property));
  if (early.verdict !== result.verdict || !first.every((each) => ours.includes(each)))
    return `at last: ${ours.join(", ")}\nearly: ${first.join(", ")} (${early.verdict}, ${early.bound})`;
  for (const finding of early.findings) {
    const unfair = unfairness(system, runOf(system, finding));
    if (unfair !== null) return `the early run for ${finding.property} is not fair: ${unfair}`;
  }
  return {
    kind: "agreed",
    found: ours.length,
    kinds: result.findings.map(({ kind }) => kind),
    lassos: result.findings.filter(({ loop, path }) => loop !== path.length).length,
  };
}

test(`${runs} random protocols of seed ${seed}: engine and naive checker agree about runs`, { timeout: 3_600_000 }, async () => {
  const random = randomFrom(seed);
  const counts = { compared: 0, skipped: 0, rejected: 0, violated: 0, lassos: 0 };
  const kinds = new Map<string, number>();
  const differences: string[] = [];
  for (let round = 0; counts.compared < runs && round < runs; round++) {
    const tapes = Array.from({ length: together }, () => Array.from({ length: 120 }, () => random(0xff_ffff)));
    const prelude = moduleText([]);
    const texts = tapes.map((tape, i) => {
      const text = protocolText(tape, `p${i}`, choice);
      return text.replace(/\}\)$/, `${asked(text, random)}})`);
    });
    const file = join(folder, `liveness-${round}.ts`);
    writeFileSync(file, `${prelude}\n${texts.map((text, i) => `export const p${i} = ${text};`).join("\n")}\n`);
    const { protocols } = await loadSpec(file);
    for (const { exportName, protocol } of protocols) {
      if (counts.compared === runs) break;
      const result = await compareOne(protocol);
      if (typeof result === "string") {
        differences.push(`${result}\n${texts[Number(exportName.slice(1))]}`);
        counts.compared++;
        continue;
      }
      if (result.kind === "agreed") counts.compared++;
      else counts[result.kind as "skipped" | "rejected"]++;
      if (result.found > 0) counts.violated++;
      counts.lassos += result.lassos;
      for (const kind of result.kinds) kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
    }
  }
  for (const kind of ["liveness", "livelock"]) expect(kinds.get(kind) ?? 0).toBeGreaterThan(0);
  expect(differences.slice(0, 3).join("\n\n")).toBe("");
  expect(counts.compared).toBe(runs);
  expect(counts.violated).toBeGreaterThan(runs / 10);
  expect(counts.compared - counts.violated).toBeGreaterThan(runs / 20);
  expect(counts.lassos).toBeGreaterThan(runs / 10);
});
