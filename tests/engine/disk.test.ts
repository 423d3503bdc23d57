/** A search that has filled its memory goes on on disk, and comes to the same. */
import { spawnSync } from "node:child_process";
import { closeSync, existsSync, mkdtempSync, openSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { search } from "../../dist/checker/engine/index.js";
import type { SearchOptions, SearchResult } from "../../dist/checker/result.js";
import { compile } from "../../dist/model/compiler/index.js";
import { instantiate } from "../../dist/model/language/protocol.js";
import { loadSpec } from "../../dist/model/loader/load.js";
import { randomSystem } from "./random-system.ts";
import { counters, mutex, ring } from "./systems.ts";

const runs = Number(process.env["IPC_CHECK_RUNS"] ?? 6);
const seed = Number(process.env["IPC_CHECK_SEED"] ?? 36);
const folder = mkdtempSync(join(tmpdir(), "ipc-check-disk-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function outcome({ verdict, bound, findings, stats }: SearchResult): object {
  return { verdict, bound, findings, states: stats.states, transitions: stats.transitions, depth: stats.depth, frontier: stats.frontier };
}
/** On disk from the first state on, with room for sixteen states in memory. */
const atOnce = (workers: number, options: SearchOptions = {}): SearchOptions => ({ ...options, workers, eager: true, disk: folder });

test(`${runs} random systems on disk`, { timeout: 600_000 }, async () => {
  let several = 0;
  await fc.assert(
    fc.asyncProperty(fc.nat(), async (number) => {
      const system = randomSystem(number);
      const expected = await search(system, { workers: 1 });
      for (const workers of [1, 3]) {
        const found = await search(system, atOnce(workers));
        expect(found.stats.onDisk).toBeGreaterThan(0);
        expect(found.stats.unchecked).toEqual([]);
        expect(outcome(found), `${workers} workers`).toEqual(outcome(expected));
        if (expected.stats.states > 16) several++;
      }
    }),
    { numRuns: runs, seed },
  );
  expect(several).toBeGreaterThan(0);
});

test("wide and deep systems, with and without reductions, by the same paths", { timeout: 60_000 }, async () => {
  const violated = new Set<string>();
  for (const system of [mutex(2), mutex(3, true), ring(9, 9), counters(3, 6)]) {
    for (const reductions of [{}, { symmetry: true }, { partialOrder: "always" }] as const) {
      const expected = await search(system, { workers: 1, ...reductions });
      violated.add(expected.verdict);
      expect(outcome(await search(system, atOnce(1, reductions)))).toEqual(outcome(expected));
    }
    expect(outcome(await search(system, atOnce(3)))).toEqual(outcome(await search(system, { workers: 1 })));
  }
  expect([...violated].sort()).toEqual(["holds", "violated"]);
});

test("memory fills in the midst of a level", { timeout: 60_000 }, async () => {
  const system = counters(5, 10);
  const expected = outcome(await search(system, { workers: 1 }));
  for (const options of [{ workers: 1 }, { workers: 3, eager: true }]) {
    const memory = { ...options, eager: false, maxMemory: 1_500_000 };
    expect(await search(system, memory)).toMatchObject({ verdict: "inconclusive", bound: "memory" });
    const found = await search(system, { ...memory, disk: folder });
    expect(outcome(found)).toEqual(expected);
    expect(found.stats.onDisk).toBe(8 * 1e5);
    expect(found.stats.bytesPerState).toBeLessThan(15);
  }
  const violated = mutex(4, true);
  const within = { workers: 1, maxMemory: 1_000_000, disk: folder };
  expect(outcome(await search(violated, within))).toEqual(outcome(await search(violated, { workers: 1 })));
  expect(await search(system, { ...within, maxStates: 60_011 })).toMatchObject({ bound: "states", stats: { states: 60_011 } });
  expect(await search(counters(6, 12), { ...within, timeout: 0.3 })).toMatchObject({ verdict: "inconclusive", bound: "time" });
  expect(readdirSync(folder)).toEqual([]);
});

test("a file that is damaged or cut off meanwhile is noticed, one that is deleted goes on", { timeout: 60_000 }, async () => {
  const harms: readonly [string, (file: string) => void, RegExp | null][] = [
    [
      "damaged",
      (file) => {
        const descriptor = openSync(file, "r+");
        writeSync(descriptor, new Uint8Array([0xff, 0x5a]), 0, 2, 1);
        closeSync(descriptor);
      },
      /was changed while the search went on: its states are others/,
    ],
    // What is written after that leaves a hole: then it is long enough, with other states.
    ["cut off", (file) => truncateSync(file, 8), /was changed while the search went on: it(s states are others| is too short)/],
    ["deleted", (file) => rmSync(file), null],
  ];
  for (const [name, harm, message] of harms) {
    const own = mkdtempSync(join(folder, "harm-"));
    let harmed = 0;
    // As soon as the states are there.
    const timer = setInterval(() => {
      const [states] = readdirSync(own);
      if (states === undefined || harmed > 0) return;
      const file = join(own, states, "states");
      if (!existsSync(file) || statSync(file).size < 16) return;
      harmed++;
      harm(file);
    }, 1);
    const found = search(counters(4, 6), { ...atOnce(1), disk: own }).finally(() => clearInterval(timer));
    if (message === null) expect(await found, name).toMatchObject({ verdict: "holds", stats: { states: 6 ** 4 } });
    else await expect(found, name).rejects.toThrow(message);
    expect(harmed, name).toBe(1);
    expect(readdirSync(own), name).toEqual([]);
  }
});

test("what cannot be done is said at once: 2; a full disk ends the search: 3", { timeout: 60_000 }, async () => {
  const verify = ["bin/ipc-check.js", "verify", "bench/specs/mutex.ts", "--param", "users=6", "--no-symmetry", "--no-partial-order", "--disk"];
  const run = (command: string, args: readonly string[]) => spawnSync(command, args, { encoding: "utf8" });
  for (const [args, message] of [
    [["package.json"], "it is no folder"],
    [[folder, "--store", "compressed"], "--store compressed does not go to disk; --store exact does"],
    [[folder, "--profile"], "--profile"],
  ] as const) {
    const { status, stderr } = run(process.execPath, [...verify, ...args]);
    expect(stderr).toContain(message);
    expect(status, message).toBe(2);
  }
  // No file may have more than 200 kB.
  const { status, stdout } = run("bash", ["-c", `ulimit -f 200; exec "$0" "$@"`, process.execPath, ...verify, folder, "--max-memory", "2M"]);
  expect(stdout).toContain("the disk is full");
  expect(status).toBe(3);
  expect(readdirSync(folder).filter((name) => name.startsWith("ipc-check-states"))).toEqual([]);
});

/** Five threads that each take so many steps; the invariant is false once all have. */
function grid(steps: number): string {
  const file = join(folder, `grid-${steps}.ts`);
  writeFileSync(
    file,
    `import { int, protocol } from "ipc-check";
import * as shm from "ipc-check/kernels/shm";
export default protocol("grid", {
  kernel: shm.kernel({}),
  memory: { sum: int(0, ${5 * steps}) },
  threads: { user: { count: 5, *run({ sum }) { for (let i = 0; i < ${steps}; i++) yield* sum.fetchAdd(1); } } },
  invariants: { notAll: ({ sum }) => sum < ${5 * steps} },
});
`,
  );
  return file;
}

test("orbits of symmetric replicas on disk, by the same paths", { timeout: 60_000 }, async () => {
  const [declared] = (await loadSpec(grid(4))).protocols;
  if (declared === undefined) throw new Error("there is no protocol");
  const system = compile(instantiate(declared.protocol));
  const expected = await search(system, { workers: 1, symmetry: true });
  expect(expected.stats.symmetry?.groups).toEqual([{ name: "user", replicas: 5 }]);
  expect(expected).toMatchObject({ verdict: "violated", stats: { states: 126 } });
  for (const workers of [1, 2]) expect(outcome(await search(system, atOnce(workers, { symmetry: true })))).toEqual(outcome(expected));
});

test("a violation that all states lead to is found with little heap, in memory and on disk", { timeout: 60_000 }, () => {
  const file = grid(8);
  const options = ["--no-symmetry", "--no-partial-order", "--no-trace-file", "--json"];
  const [inMemory, onDisk] = [[], ["--max-memory", "1M", "--disk", folder]].map((more) => {
    const { stdout, stderr } = spawnSync(process.execPath, ["--max-old-space-size=40", "bin/ipc-check.js", "verify", file, ...options, ...more], {
      encoding: "utf8",
    });
    expect(stderr).not.toContain("heap");
    const [{ verdict, violations, stats }] = JSON.parse(stdout).results;
    return { verdict, steps: violations[0].steps, states: stats.states, transitions: stats.transitions, disk: stats.onDisk > 0 };
  });
  expect(inMemory).toEqual({ verdict: "violated", steps: 40, states: 9 ** 5, transitions: 5 * 8 * 9 ** 4, disk: false });
  expect(onDisk).toEqual({ ...inMemory, disk: true });
});
