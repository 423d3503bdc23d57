/**
 * `npm run mutate -- [kernel…] [--seed n] [--sample n] [--seconds n] [--again] [--resume] [--write] [--verbose]`: breaks each rule of
 * the kernels in turn, and says how many of the mutants are noticed by the library or by conformance. Exits with 1 if less than
 * nine in ten of some kernel's are. `--seconds` ends each kernel's run after that much CPU time, and `--resume` goes on where a
 * run has ended; `--again` judges those once more that survived; `--write` puts the result into docs/mutation.md.
 * Mutants that change nothing stand, with the reason, in equivalent.json, and are not counted.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import * as fc from "fast-check";
import { loadPaths } from "../../dist/kernel/common/executor.js";
import { compile } from "../../dist/model/compiler/index.js";
import { instantiate } from "../../dist/model/language/protocol.js";
import { SpecError } from "../../dist/model/loader/diagnostic.js";
import { loadSpec } from "../../dist/model/loader/load.js";
import { randomFrom, type Subject } from "../conformance/walk.ts";
import { moduleText } from "../random/generate.ts";
import { kernels as randomKernels } from "../random/kernels/index.ts";
import { withoutEffect } from "./equivalent.ts";
import { Court, libraryOf, type Verdict } from "./judge.ts";
import { Memory } from "./memory.ts";
import { type Mutant, mutantsOf, nameOf } from "./mutants.ts";
import { type Row, shareOf, writeRows } from "./table.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: "string", default: "1" },
    sample: { type: "string" },
    seconds: { type: "string", default: "Infinity" },
    again: { type: "boolean", default: false },
    resume: { type: "boolean", default: false },
    write: { type: "boolean", default: false },
    verbose: { type: "boolean", default: false },
  },
});
const seed = Number(values.seed);
const most = values.sample === undefined ? Infinity : Number(values.sample);
const seconds = Number(values.seconds);
/** Random protocols of each kernel's variants. */
const runs = 24;

/** The kernel that random protocols are for, as its folder is called: several stand for one kernel with different options. */
const kernelOf = (name: string): string => (name.split(/[ -]/u)[0] ?? name).toLowerCase();
const names = positionals.length > 0 ? positionals : [...new Set(randomKernels.map(({ name }) => kernelOf(name)))];
for (const name of names) if (!randomKernels.some((each) => kernelOf(each.name) === name)) throw new Error(`there is no kernel "${name}"`);

async function randomProtocols(kernel: string): Promise<readonly Subject[]> {
  const tape = fc.array(fc.noBias(fc.nat(0xff_ffff)), { minLength: 300, maxLength: 300 });
  const subjects: Subject[] = [];
  for (const variant of randomKernels.filter(({ name }) => kernelOf(name) === kernel)) {
    // Beside the library's specifications a module of protocols finds the package by its name.
    const folder = mkdtempSync(join("node_modules", ".cache", "mutate-"));
    try {
      const file = join(folder, "protocols.ts");
      writeFileSync(file, moduleText(fc.sample(tape, { seed, numRuns: runs }), [variant]));
      for (const { protocol } of (await loadSpec(file)).protocols) {
        const instance = instantiate(protocol);
        try {
          subjects.push({ instance, system: compile(instance), paths: await loadPaths(instance) });
        } catch (error) {
          if (!(error instanceof SpecError)) throw error;
        }
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  return subjects;
}

/** `count` of them, the same for the same seed. */
function sample<T>(all: readonly T[], count: number): readonly T[] {
  const random = randomFrom(seed);
  const left = [...all];
  return Array.from({ length: Math.min(count, left.length) }, () => left.splice(random(left.length), 1)[0] as T);
}

/** CPU time. */
function secondsSince(began: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(began);
  return (user + system) / 1e6;
}

const rows: Row[] = [];
process.stdout.write(`mutants of kernels' rules, seed ${seed}\n`);
for (const kernel of names) {
  const began = process.cpuUsage();
  const library = await libraryOf(kernel);
  const random = await randomProtocols(kernel);
  const all = mutantsOf([...library.map(({ instance }) => instance), ...random.map(({ instance }) => instance)]);
  const idle = withoutEffect(kernel, all);
  const counted = all.filter((mutant) => !idle.has(mutant));
  // The same sample whatever is known to change nothing.
  const mutants = sample(all, all.length)
    .filter((mutant) => !idle.has(mutant))
    .slice(0, most);
  const memory = new Memory(kernel, values.again || values.resume);
  const court = new Court(library, random);
  const verdicts: { readonly mutant: Mutant; readonly verdict: Verdict }[] = [];
  for (const [index, mutant] of mutants.entries()) {
    const known = memory.recall(mutant);
    if (known !== undefined && !(values.again && known.kind === "survived")) {
      verdicts.push({ mutant, verdict: known });
      continue;
    }
    if (secondsSince(began) > seconds) continue;
    mutant.apply();
    try {
      const verdict = await court.judge(mutant);
      verdicts.push({ mutant, verdict });
      memory.note(mutant, verdict);
    } finally {
      mutant.revert();
    }
    if (process.stderr.isTTY) process.stderr.write(`\r${kernel}: ${index + 1} of ${mutants.length}\u001b[K`);
  }
  if (process.stderr.isTTY) process.stderr.write("\r\u001b[K");
  const count = (kind: Verdict["kind"]): number => verdicts.filter(({ verdict }) => verdict.kind === kind).length;
  const row: Row = {
    kernel,
    of: counted.length,
    equivalent: all.length - counted.length,
    mutants: verdicts.length,
    rejected: count("rejected"),
    library: count("library"),
    conformance: count("conformance"),
    seed,
  };
  rows.push(row);
  const viable = row.mutants - row.rejected;
  process.stdout.write(
    `${kernel}: ${row.mutants} of ${row.of} mutants, ${row.rejected} rejected by the compiler; of ${viable} the library notices ${row.library}, conformance ${row.conformance} more: ${(100 * shareOf(row)).toFixed(1)} % (${secondsSince(began).toFixed(0)} s of CPU)\n`,
  );
  for (const { mutant, verdict } of verdicts) {
    const more = "by" in verdict ? ` (${verdict.by})` : verdict.kind === "survived" ? ` (${verdict.reached} protocols changed)` : "";
    if (verdict.kind === "survived" || values.verbose) process.stdout.write(`  ${verdict.kind}${more}: ${nameOf(mutant)}\n`);
  }
}
if (values.write) writeRows(rows);
process.exitCode = rows.every((row) => shareOf(row) >= 0.9) ? 0 : 1;
