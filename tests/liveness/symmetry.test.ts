/**
 * Random protocols with replicas × random formulas × fairness: what is found of runs where one state is kept for all orders of
 * replicas is what is found where all are kept, and by the naive checker; and each run that is shown is one of the protocol, is fair,
 * and violates its formula, by definition. IPC_CHECK_SEED, IPC_CHECK_RUNS (systems; default 60; if given, a 25th of it protocols as well).
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { partialOrder } from "../../dist/checker/engine/partial-order/reduction.js";
import { naive } from "../../dist/checker/naive/index.js";
import { compile } from "../../dist/model/compiler/index.js";
import { type Instance, instantiate } from "../../dist/model/language/protocol.js";
import { SpecError } from "../../dist/model/loader/diagnostic.js";
import { loadSpec } from "../../dist/model/loader/load.js";
import { reachableRanges } from "../../dist/model/system/narrow.js";
import { symmetryOf } from "../../dist/model/system/symmetry/groups.js";
import type { Code, Statement, System } from "../../dist/model/system/system.js";
import { always, assign, bin, block, c, code, complete, eq, finish, goTo, load, SystemBuilder, when } from "../engine/build.ts";
import { randomNumbers } from "../partial-order/loose-system.ts";
import { moduleText, protocolText } from "../random/generate.js";
import { kernels } from "../random/kernels/index.js";
import { judged, named, wrongRun } from "./judged.ts";
import { demanding, formula, type Random } from "./random-runs.js";
import { replicatedSystem } from "./replicated-system.ts";

const seed = Number(process.env["IPC_CHECK_SEED"] ?? 1);
const runs = Number(process.env["IPC_CHECK_RUNS"] ?? 60);
const together = 60;
/** Larger ones are passed over; runs are looked at once, when all states are there. */
const mostStates = 1_500;
/** The naive checker is asked about smaller ones. */
const mostNaive = 120;
const folder = mkdtempSync(join(tmpdir(), "ipc-check-runs-symmetry-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What is asked of runs: mostly of what all replicas have in common. */
function asked(text: string, random: Random): string {
  const cells = [...text.matchAll(/\b(m\d+|word): (ghost\()?(int|wrapping|flag|bool)\b/g)].map(([, name = "", , type]) =>
    type === "flag" || type === "bool" ? `({ ${name} }) => ${name}` : `({ ${name} }) => ${name} ${["===", "!==", ">"][random(3)]} ${random(2)}`,
  );
  const threads = [...text.matchAll(/^ {4}(t\d): \{\n.*$/gm)].map(([all, name = ""]) =>
    all.includes("count:")
      ? `({ threads }) => threads.${name}.${["every", "some"][random(2)]}((each) => each.finished)`
      : `({ threads }) => threads.${name}.finished`,
  );
  const predicate = (): string => {
    const all = random(2) === 0 || cells.length === 0 ? threads : cells;
    return all[random(all.length)] ?? "() => true";
  };
  const names = [...text.matchAll(/^ {4}(t\d): \{/gm)].map(([, name = ""]) => name);
  const strengths = names.flatMap((name) => (random(4) === 0 ? [`${name}: "${["none", "weak", "strong"][random(3)]}"`] : []));
  const usual = ["none", "weak", "weak", "weak"][random(4)];
  const steps = random(5) === 0 ? `, steps: [{ thread: "${names[random(names.length)]}", operation: "choose", fairness: "weak" }]` : "";
  const many = Array.from({ length: 6 }, (_, i) => `f${i}: ltl(${JSON.stringify(formula(random, 1 + random(3)))}, { p: ${predicate()}, q: ${predicate()} })`);
  const progress = random(4) === 0 ? `  progress: true,\n` : "";
  return `  fairness: { default: "${usual}", threads: { ${strengths.join(", ")} }${steps} },\n${progress}  liveness: ({ ltl }) => ({ ${many.join(", ")} }),\n`;
}

interface Compared {
  readonly smaller: boolean;
  readonly weak: boolean;
  readonly progress: boolean;
  readonly violated: number;
  readonly held: number;
  readonly lassos: number;
  readonly naive: boolean;
  readonly ordered: boolean;
}

/** Null if no replicas can be exchanged, or there are too many states. */
async function compare(system: System, instance: Instance | null): Promise<Compared | string | null> {
  const { groups } = symmetryOf(system);
  if (groups.length === 0) return null;
  const all = await judged(system, mostStates, null, false);
  const one = await judged(system, mostStates, null, true);
  if (all === null || one === null) return null;
  const { reduction } = partialOrder(system, reachableRanges(system));
  const both = reduction === null ? null : await judged(system, mostStates, reduction, true);
  for (const [what, result] of Object.entries({ symmetry: one, both })) {
    if (result === null) continue;
    if (named(result) !== named(all)) return `all: ${named(all)}; ${what}: ${named(result)}`;
    const wrong = wrongRun(system, result.findings);
    if (wrong !== null) return `${what}: ${wrong}`;
  }
  let isNaive = false;
  if (instance !== null && all.states <= mostNaive) {
    const oracle = naive(instance, { maxStates: mostNaive });
    isNaive = oracle.bound === null && oracle.findings.length === 0;
    if (isNaive && propertiesOf(oracle.runs) !== named(all)) return `naive: ${propertiesOf(oracle.runs)}; engine: ${named(all)}`;
  }
  const members = groups.flatMap((group) => group.members);
  return {
    smaller: one.states < all.states,
    weak: system.liveness?.fairness.some(({ enabling }) => enabling.some((id) => members.includes(system.transitions[id]?.thread ?? -1))) === true,
    progress: system.liveness?.progress != null,
    violated: one.findings.length,
    held: (system.liveness?.formulas.length ?? 0) - one.findings.filter(({ kind }) => kind === "liveness").length,
    lassos: one.findings.filter(({ loop, path }) => loop !== path.length).length,
    naive: isNaive,
    ordered: both !== null && both.states < one.states,
  };
}
const propertiesOf = (findings: readonly { readonly property: string }[]): string => [...new Set(findings.map(({ property }) => property))].sort().join();

class Counts {
  compared = 0;
  smaller = 0;
  weak = 0;
  progress = 0;
  violated = 0;
  held = 0;
  lassos = 0;
  naive = 0;
  ordered = 0;

  add(result: Compared): void {
    this.compared++;
    for (const what of ["lassos", "violated", "held"] as const) this[what] += result[what];
    for (const what of ["smaller", "weak", "progress", "naive", "ordered"] as const) if (result[what]) this[what]++;
  }
  /** Of deep runs. */
  say(): void {
    if (runs > 60) process.stderr.write(`${JSON.stringify(this)}\n`);
  }
}

/** The result, or what went wrong. */
async function safely(system: System, instance: Instance | null): ReturnType<typeof compare> {
  try {
    return await compare(system, instance);
  } catch (error) {
    return error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
}

test(`${runs} random systems with replicas, of seed ${seed}: runs are judged alike in any order of the replicas`, { timeout: 3_600_000 }, async () => {
  const counts = new Counts();
  const wrong: string[] = [];
  for (let number = 0; number < runs; number++) {
    const result = await safely(replicatedSystem(seed * 1_000_003 + number), null);
    if (typeof result === "string") wrong.push(`system ${number} of seed ${seed}: ${result}`);
    else if (result !== null) counts.add(result);
  }
  counts.say();
  expect(wrong.slice(0, 3), `${wrong.length} wrong`).toEqual([]);
  expect(counts.smaller).toBeGreaterThan(runs / 5);
  for (const what of ["weak", "progress", "violated", "held", "lassos"] as const) expect(counts[what], what).toBeGreaterThan(0);
});

const protocolRuns = Math.ceil(runs / 25);
test.runIf(process.env["IPC_CHECK_RUNS"] !== undefined)(
  `${protocolRuns} random protocols with replicas, of seed ${seed}: the same, and as the naive checker judges them`,
  { timeout: 3_600_000 },
  async () => {
    const tapes = fc.sample(fc.array(fc.noBias(fc.nat(0xff_ffff)), { minLength: 300, maxLength: 300 }), { seed, numRuns: protocolRuns });
    const random = randomNumbers(seed);
    const counts = new Counts();
    const wrong: string[] = [];
    for (let first = 0; first < tapes.length; first += together) {
      const texts = tapes.slice(first, first + together).map((tape, i) => {
        const text = protocolText(tape, `p${i}`, kernels, true);
        return text.replace(/\}\)$/, `${asked(text, random)}})`);
      });
      const file = join(folder, `runs-${first}.ts`);
      writeFileSync(file, `${moduleText([])}\n${texts.map((text, i) => `export const p${i} = ${text};`).join("\n")}\n`);
      const { protocols } = await loadSpec(file);
      for (const { exportName, protocol } of protocols) {
        const number = Number(exportName.slice(1));
        const instance = instantiate(protocol);
        let system: System;
        try {
          system = compile(instance);
        } catch (error) {
          if (error instanceof SpecError) continue;
          throw error;
        }
        const result = await safely(system, instance);
        if (typeof result === "string") wrong.push(`protocol ${first + number} of seed ${seed}: ${result}\n${texts[number]}`);
        else if (result !== null) counts.add(result);
      }
    }
    counts.say();
    wrong.sort((a, b) => a.length - b.length);
    expect(wrong.slice(0, 3).join("\n\n"), `${wrong.length} wrong`).toBe("");
    expect(counts.smaller).toBeGreaterThan(0);
  },
);

/**
 * One of two goes round between the places before and behind the other, who could raise a flag: in the order by places now the
 * first of them has taken a step and now the second, but it is always the same thread.
 */
function roundAndRound(): System {
  const b = new SystemBuilder();
  const flag = b.variable("flag", 0, 1);
  const named = b.variable("named", 0, 2, { type: { kind: "thread" }, initial: [2] });
  const pcs = [0, 1, 2].map((t) => b.variable(`t${t}.at`, 0, t < 2 ? 4 : 1, { role: "pc", thread: t, type: { kind: "location" } }));
  for (const t of [0, 1]) {
    const own = complete(c(t), 0);
    const step = (rule: string, location: number, guard: Code, ...does: Statement[]): number =>
      b.transition({ rule, thread: t, location, guard, body: code(1, block([...does, own], { op: "end" })) });
    const branch = code(
      1,
      block([], { op: "branch", condition: eq(load(named), c(t)), then: 1, else: 2 }),
      block([], { op: "yield", location: 1 }),
      block([], { op: "yield", location: 2 }),
    );
    const nobody = eq(load(named), c(2));
    b.process({
      group: "w",
      pc: pcs[t] ?? 0,
      locations: [
        b.location(0, branch, [step("name", 0, when(nobody), assign(named, c(t))), step("pass", 0, when(bin("!=", load(named), c(2))))]),
        b.location(1, goTo(3), [step("on", 1, always)]),
        b.location(2, finish, [step("raise", 2, always, assign(flag, c(1)))]),
        b.location(3, goTo(1), [step("back", 3, always)]),
      ],
    });
  }
  b.process({
    group: "d",
    pc: pcs[2] ?? 0,
    locations: [b.location(0, finish, [b.transition({ thread: 2, location: 0, body: code(1, block([complete(c(2), 0)], { op: "end" })) })])],
  });
  return demanding(b.build(), { p: eq(load(flag), c(1)), q: c(0), formulas: ["<>p", "[]!p"], fairness: ["weak", "weak", "weak"], steps: [], progress: false });
}

test("a thread that could always step is not taken for the other one, whose place it has now and then", async () => {
  const result = await compare(roundAndRound(), null);
  expect(result).toMatchObject({ smaller: true, violated: 1 });
});
