/** Whether anybody notices a mutant: the library with its pinned verdicts and counts, or the machine on random protocols. */
import { readdirSync, readFileSync } from "node:fs";
import { search } from "../../dist/checker/engine/index.js";
import { compile } from "../../dist/model/compiler/index.js";
import { type Instance, instantiate } from "../../dist/model/language/protocol.js";
import { SpecError } from "../../dist/model/loader/diagnostic.js";
import { loadSpec } from "../../dist/model/loader/load.js";
import { randomFrom, type Subject, walk } from "../conformance/walk.ts";

/** Larger protocols would take too long for each mutant. */
const mostStates = 4_000;
/** Schedules of each random protocol, and steps of each. */
const schedules = 4;
const length = 40;

interface Pinned {
  readonly verdict: string;
  readonly findings: readonly string[];
  readonly length: number | null;
  readonly live: { readonly states: number; readonly transitions: number; readonly depth: number };
}

/** One protocol of the library, with what is pinned of it. */
export interface Known {
  readonly key: string;
  readonly instance: Instance;
  readonly row: Pinned;
}

/** The protocols of one kernel, small ones first. */
export async function libraryOf(kernel: string): Promise<readonly Known[]> {
  const pinned = JSON.parse(readFileSync("tests/specs/counts.json", "utf8")) as Readonly<Record<string, Pinned>>;
  const files = readdirSync("specs", { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));
  const found: Known[] = [];
  for (const file of files.sort()) {
    for (const { exportName, protocol } of (await loadSpec(`specs/${file}`)).protocols) {
      const key = `${file} ${exportName}`;
      const row = pinned[key];
      if (protocol.kernel.name === kernel && row !== undefined && row.live.states <= mostStates) found.push({ key, instance: instantiate(protocol), row });
    }
  }
  return found.sort((a, b) => a.row.live.states - b.row.live.states);
}

export type Verdict =
  | { readonly kind: "library" | "conformance"; readonly by: string }
  /** The compiler refuses it: no such kernel can be written. */
  | { readonly kind: "rejected" }
  | { readonly kind: "survived" };

/** Judges the mutant that is applied now. */
export async function judge(library: readonly Known[], random: readonly Subject[]): Promise<Verdict> {
  let rejected = 0;
  for (const { key, instance, row } of library) {
    try {
      const { verdict, findings, stats } = await search(compile(instance), { maxStates: 2 * row.live.states + 100, timeout: 10, workers: 1 });
      const found = findings.map(({ kind, property }) => `${kind}: ${property}`);
      const { states, transitions, depth } = stats;
      const same = JSON.stringify([verdict, found, findings[0]?.path.length ?? null, { states, transitions, depth }]);
      if (same !== JSON.stringify([row.verdict, row.findings, row.length, row.live])) return { kind: "library", by: key };
    } catch (error) {
      // Loops of a rule that end no more run out of fuel.
      if (!(error instanceof SpecError)) return { kind: "library", by: `${key}: ${(error as Error).message}` };
      rejected++;
    }
  }
  if (rejected > 0) return { kind: "rejected" };
  for (const [index, { instance, paths }] of random.entries()) {
    let system: Subject["system"];
    try {
      system = compile(instance);
    } catch (error) {
      if (error instanceof SpecError) return { kind: "rejected" };
      throw error;
    }
    for (let schedule = 0; schedule < schedules; schedule++) {
      let wrong: string | null;
      try {
        ({ wrong } = walk({ instance, paths, system }, randomFrom(index * 64 + schedule), length));
      } catch (error) {
        wrong = (error as Error).message;
      }
      if (wrong !== null) return { kind: "conformance", by: wrong.split("\n")[0] ?? "" };
    }
  }
  return { kind: "survived" };
}
