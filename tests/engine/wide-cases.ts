/**
 * What a search comes to in every store, with one worker and with two, on disk, in samples and where it is taken up again: of
 * systems written by hand, random ones and protocols of the library. As a program it does so with memory of 64-bit addresses:
 * `node wide-cases.ts <folder> <seed> <how many random systems>` prints a line of JSON for each case.
 */
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { search } from "../../dist/checker/engine/index.js";
import type { SearchOptions, SearchResult, StoreKind } from "../../dist/checker/result.js";
import { compile } from "../../dist/model/compiler/index.js";
import { instantiate } from "../../dist/model/language/protocol.js";
import { loadSpec } from "../../dist/model/loader/load.js";
import type { System } from "../../dist/model/system/system.js";
import { randomSystem } from "./random-system.ts";
import { counters, mutex, ring, rings } from "./systems.ts";

export interface Case {
  readonly name: string;
  readonly outcome: unknown;
}

/** Violations of runs, lost wakeups, symmetric replicas, store buffers, release/acquire. */
const library = [
  ["genode/mutual-rpc.ts", {}],
  ["mach/old-waiter.ts", {}],
  ["shm/mutex2.ts", { symmetry: true }],
  ["shm/semaphore.ts", { symmetry: true, partialOrder: "always" }],
  ["shm/virtio-ring.ts", {}],
] as const;

/** Without what a store that keeps no states may choose: which of the shortest paths, and what is said of its end. */
function outcome({ verdict, bound, findings, stats, census }: SearchResult): unknown {
  const { states, transitions, depth, frontier, store, symmetry, partialOrder } = stats;
  const hashed = store === "compact" || store === "bitstate";
  const found = hashed ? findings.map(({ kind, property, path, failing }) => ({ kind, property, length: path.length, failing })) : findings;
  return JSON.parse(JSON.stringify({ verdict, bound, found, states, transitions, depth, frontier, symmetry, partialOrder, census }));
}

/** `folder`: for states on disk and checkpoints. */
export async function* outcomes(folder: string, seed: number, random: number, common: SearchOptions): AsyncGenerator<Case> {
  const run = async (name: string, system: System, options: SearchOptions): Promise<Case> => ({
    name: `${name} ${JSON.stringify(options)}`,
    outcome: outcome(await search(system, { ...options, ...common })),
  });
  const stores: readonly StoreKind[] = ["exact", "compressed", "compact", "bitstate"];
  const hand = { mutex: mutex(3), broken: mutex(3, true), ring: ring(9, 9), rings: rings(3, 9, 6), counters: counters(5, 6) };
  for (const [name, system] of Object.entries(hand)) {
    for (const store of stores) for (const workers of [{ workers: 1 }, { workers: 2, eager: true }]) yield run(name, system, { store, ...workers });
    yield run(name, system, { workers: 1, symmetry: true, census: "counts" });
  }
  for (let i = 0; i < random; i++) for (const store of stores) yield run(`random ${seed + i}`, randomSystem(seed + i), { store, workers: 1 });
  for (const [file, options] of library) {
    const { protocols } = await loadSpec(join(import.meta.dirname, "../../specs", file));
    for (const { exportName, protocol } of protocols) {
      const system = compile(instantiate(protocol));
      for (const store of ["exact", "compressed"] as const) yield run(`${file} ${exportName}`, system, { store, workers: 1, ...options });
      yield run(`${file} ${exportName}`, system, { workers: 2, eager: true });
    }
  }
  yield run("walks", counters(3, 5), { sample: { kind: "walks", walks: 20, depth: 50, seed } });
  yield run("swarm", counters(4, 6), { sample: { kind: "swarm", searches: 3, width: 100, seed } });
  for (const system of [mutex(3), mutex(3, true), randomSystem(seed)])
    for (const workers of [1, 2]) yield run("on disk", system, { workers, eager: true, disk: folder });
  yield run("memory that fills", counters(6, 9), { workers: 1, maxMemory: 3_000_000 });
  const file = join(folder, common.wide === true ? "wide" : "narrow");
  yield run("cut off", counters(4, 6), { workers: 1, maxDepth: 5, checkpoint: { file, interval: 0, resume: false } });
  yield run("taken up", counters(4, 6), { workers: 1, checkpoint: { file, interval: 0, resume: true } });
}

const [, program = "", folder = "", seed = "", random = ""] = process.argv;
if (import.meta.url === pathToFileURL(program).href)
  for await (const found of outcomes(folder, Number(seed), Number(random), { wide: true })) process.stdout.write(`${JSON.stringify(found)}\n`);
