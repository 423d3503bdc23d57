/**
 * `npm run mutate -- [kernel…] [--seed n] [--sample n] [--verbose]`: breaks each rule of the kernels in turn, and says how many of the
 * mutants are noticed by the library or by conformance. Exits with 1 if less than nine in ten of some kernel's are.
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
import { judge, libraryOf, type Verdict } from "./judge.ts";
import { type Mutant, mutantsOf } from "./mutants.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seed: { type: "string", default: "1" }, sample: { type: "string" }, verbose: { type: "boolean", default: false } },
});
const seed = Number(values.seed);
/** Random protocols of each kernel's variants. */
const runs = 24;

/** Names of kernels as protocols give them. */
const names = positionals.length > 0 ? positionals : [...new Set(randomKernels.map(({ name }) => name.split(" ")[0] ?? name))];

async function randomProtocols(kernel: string): Promise<readonly Subject[]> {
  const tape = fc.array(fc.noBias(fc.nat(0xff_ffff)), { minLength: 300, maxLength: 300 });
  const subjects: Subject[] = [];
  for (const variant of randomKernels.filter(({ name }) => name.split(/[ -]/u)[0]?.toLowerCase() === kernel.toLowerCase() || name === kernel)) {
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

let isEnough = true;
process.stdout.write(`mutants of kernels' rules, seed ${seed}\n`);
for (const kernel of names) {
  const library = await libraryOf(kernel);
  const random = await randomProtocols(kernel);
  const all = mutantsOf([...library.map(({ instance }) => instance), ...random.map(({ instance }) => instance)]);
  const mutants = values.sample === undefined ? all : sample(all, Number(values.sample));
  const verdicts: { readonly mutant: Mutant; readonly verdict: Verdict }[] = [];
  for (const [index, mutant] of mutants.entries()) {
    mutant.apply();
    try {
      verdicts.push({ mutant, verdict: await judge(library, random) });
    } finally {
      mutant.revert();
    }
    if (process.stderr.isTTY) process.stderr.write(`\r${kernel}: ${index + 1} of ${mutants.length}\u001b[K`);
  }
  if (process.stderr.isTTY) process.stderr.write("\r\u001b[K");
  const count = (kind: Verdict["kind"]): number => verdicts.filter(({ verdict }) => verdict.kind === kind).length;
  const viable = mutants.length - count("rejected");
  const noticed = count("library") + count("conformance");
  const share = viable === 0 ? 0 : noticed / viable;
  isEnough &&= share >= 0.9;
  process.stdout.write(
    `${kernel}: ${mutants.length} mutants, ${count("rejected")} rejected by the compiler; of ${viable} the library notices ${count("library")}, conformance ${count("conformance")} more: ${(100 * share).toFixed(1)} %\n`,
  );
  for (const { mutant, verdict } of verdicts)
    if (verdict.kind === "survived" || values.verbose)
      process.stdout.write(`  ${verdict.kind}${"by" in verdict ? ` (${verdict.by})` : ""}: ${mutant.operator} at ${mutant.place}: ${mutant.text}\n`);
}
process.exitCode = isEnough ? 0 : 1;
