/**
 * Random protocols with replicas: a search that keeps one state for all their orders comes to the same verdict, by the
 * same paths, and stores as many states as there are orbits. `IPC_CHECK_SEED` chooses other protocols, `IPC_CHECK_RUNS`
 * how many.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import type { SearchOptions, SearchResult } from "../../dist/checker/result.js";
import { search } from "../../dist/checker/engine/index.js";
import { compile } from "../../dist/model/compiler/index.js";
import { SpecError } from "../../dist/model/loader/diagnostic.js";
import { loadSpec } from "../../dist/model/loader/load.js";
import { instantiate, type Protocol } from "../../dist/model/language/protocol.js";
import { symmetryOf } from "../../dist/model/system/symmetry/groups.js";
import { moduleText, protocolText } from "../random/generate.js";
import { kernels } from "../random/kernels/index.js";
import { orbits, reachable } from "./orbits.js";
import { randomCases } from "../support/share.ts";

const seed = Number(process.env["IPC_CHECK_SEED"] ?? 1);
const runs = randomCases(60);
const together = 100;
/** Larger ones are passed over. */
const mostStates = 3000;

const tapes = fc.sample(fc.array(fc.noBias(fc.nat(0xff_ffff)), { minLength: 300, maxLength: 300 }), { seed, numRuns: runs });
const folder = mkdtempSync(join(tmpdir(), "ipc-check-symmetry-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const found = ({ verdict, findings }: SearchResult): string =>
  [
    verdict,
    ...findings.map(({ kind, property, path }) => `${kind} ${property}: ${path.map(({ transition, pick }) => `${transition}.${pick}`).join(" ")}`),
  ].join("\n");
const kinds = ({ verdict, findings }: SearchResult): string => [verdict, ...findings.map(({ kind, path }) => `${kind} ${path.length}`)].join("\n");

/** "alike" with the number of states and orbits, or what is wrong. */
async function compare(protocol: Protocol, mode: SearchOptions): Promise<{ readonly states: number; readonly orbits: number } | string | null> {
  let system: ReturnType<typeof compile>;
  try {
    system = compile(instantiate(protocol));
  } catch (error) {
    if (error instanceof SpecError) return null;
    throw error;
  }
  const { groups } = symmetryOf(system);
  if (groups.length === 0) return null;
  const all = await search(system, { maxStates: mostStates, workers: 1 });
  if (all.stats.states > mostStates || all.bound === "states") return null;
  const one = await search(system, { workers: 1, symmetry: true });
  if (found(all) !== found(one)) return `without:\n${found(all)}\nwith:\n${found(one)}`;
  if (one.stats.depth !== all.stats.depth) return `depth ${one.stats.depth}, not ${all.stats.depth}`;
  const other = await search(system, { symmetry: true, ...mode });
  if (other.stats.states !== one.stats.states || other.stats.transitions !== one.stats.transitions) return `other figures with ${JSON.stringify(mode)}`;
  if (other.stats.unchecked.length === 0 && kinds(other) !== kinds(all)) return `without:\n${kinds(all)}\nwith ${JSON.stringify(mode)}:\n${kinds(other)}`;
  if (all.verdict !== "holds") return { states: all.stats.states, orbits: one.stats.states };
  const states = reachable(system, mostStates);
  if (states === null) return null;
  const { count, outside } = orbits(system, groups, states);
  if (outside !== null) return outside;
  if (one.stats.symmetry?.exact !== true || count !== one.stats.states) return `${one.stats.states} states stored for ${count} orbits`;
  return { states: states.size, orbits: count };
}

const modes: readonly SearchOptions[] = [{ workers: 2, eager: true }, { store: "compressed" }, { store: "compact" }, { store: "bitstate" }];

test(`${runs} random protocols with replicas, of seed ${seed}: the same findings, and a state for each orbit`, { timeout: 10_000 * runs }, async () => {
  const wrong: string[] = [];
  let compared = 0;
  let reduced = 0;
  for (let first = 0; first < tapes.length; first += together) {
    const file = join(folder, `protocols-${first}.ts`);
    const part = tapes.slice(first, first + together);
    writeFileSync(file, moduleText(part, kernels, true));
    const { protocols } = await loadSpec(file);
    for (const [index, tape] of part.entries()) {
      const protocol = protocols.find(({ exportName }) => exportName === `p${index}`)?.protocol;
      if (protocol === undefined) throw new Error(`protocol ${first + index} was not loaded`);
      let result: Awaited<ReturnType<typeof compare>>;
      try {
        result = await compare(protocol, modes[(first + index) % modes.length] ?? {});
      } catch (error) {
        result = error instanceof Error ? (error.stack ?? error.message) : String(error);
      }
      if (typeof result === "string") wrong.push(`protocol ${first + index} of seed ${seed}:\n${result}\n${protocolText(tape, "it", kernels, true)}`);
      else if (result !== null) {
        compared++;
        if (result.orbits < result.states) reduced++;
      }
    }
  }
  wrong.sort((a, b) => a.length - b.length);
  expect(wrong.slice(0, 3).join("\n\n"), `${wrong.length} wrong`).toBe("");
  expect(compared, "symmetric ones are common").toBeGreaterThan(0.2 * runs);
  expect(reduced, "and most become smaller").toBeGreaterThan(0.6 * compared);
});
