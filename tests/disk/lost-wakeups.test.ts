/**
 * Sleepers that nobody wakes while others run on, looked for among states on disk: the same findings by the same paths as in memory.
 * `IPC_CHECK_SEED` chooses other random protocols, `IPC_CHECK_RUNS` how many.
 */
import { mkdirSync, readdirSync } from "node:fs";
import * as fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { search } from "../../dist/checker/engine/index.js";
import type { SearchOptions, SearchResult } from "../../dist/checker/result.js";
import { compile } from "../../dist/model/compiler/index.js";
import { instantiate, type Protocol } from "../../dist/model/language/protocol.js";
import { loadSpec } from "../../dist/model/loader/load.js";
import { symmetryOf } from "../../dist/model/system/symmetry/groups.js";
import type { System } from "../../dist/model/system/system.js";
import { project } from "../loader/project.js";

const runs = Number(process.env["IPC_CHECK_RUNS"] ?? 12);
const seed = Number(process.env["IPC_CHECK_SEED"] ?? 4);
/** Larger ones take too long with so little memory. */
const most = 700;
const here = project();
const folder = here.path("disk");
mkdirSync(folder);
afterAll(() => here.remove());

const outcome = ({ verdict, bound, findings, stats }: SearchResult): object => ({
  verdict,
  bound,
  findings,
  states: stats.states,
  transitions: stats.transitions,
  depth: stats.depth,
  frontier: stats.frontier,
  unchecked: stats.unchecked,
});
const isLost = ({ findings }: SearchResult): boolean => findings.some(({ kind }) => kind === "lost-wakeup");

/** With room for few states in memory, from the first one on; compared with the search in memory. */
async function onDisk(system: System, options: SearchOptions = {}): Promise<SearchResult> {
  const expected = await search(system, { workers: 1, ...options });
  const found = await search(system, { workers: 1, ...options, eager: true, disk: folder });
  expect(found.stats.onDisk).toBeGreaterThan(0);
  expect(outcome(found)).toEqual(outcome(expected));
  expect(readdirSync(folder)).toEqual([]);
  return found;
}

const load = async (text: string): Promise<readonly { readonly exportName: string; readonly protocol: Protocol }[]> =>
  (await loadSpec(here.write(`p${readdirSync(here.root).length}.ts`, text))).protocols;

/** It never wakes anybody, but for all that the rules know it might. */
const runner =
  "runner: { *run({ a, b, tick, futex }) { while (true) { yield* tick.store(1); if ((yield* tick.exchange(0)) === 0) { yield* futex.wake(a, 1); yield* futex.wake(b, 1); } } } }";
const protocolOf = (name: string, threads: readonly string[]): string =>
  `export const ${name} = protocol("p", { kernel: shm.kernel(), memory: { a: int(0, 1), b: int(0, 1), tick: int(0, 1) }, threads: { ${[...threads, runner].join(", ")} } });\n`;
const imports = 'import { int, protocol } from "ipc-check";\nimport * as shm from "ipc-check/kernels/shm";\n';

test("sleepers that are lost or woken in time, alike or not, more than eight waits, while another thread runs on", { timeout: 60_000 }, async () => {
  const sleeper = (count: number): string => `sleeper: { count: ${count}, *run({ a, futex }) { while ((yield* a.load()) === 0) yield* futex.wait(a, 0); } }`;
  const other = "early: { *run({ b, futex }) { while ((yield* b.load()) === 0) yield* futex.wait(b, 0); } }";
  const wake = (times: number): string => "yield* futex.wake(a, 1); ".repeat(times);
  const waker = (times: number, more = ""): string => `waker: { *run({ a, b, futex }) { yield* a.store(1); ${wake(times)}${more} } }`;
  const protocols = await load(
    [
      imports,
      protocolOf("lost", [sleeper(3), waker(2)]),
      protocolOf("woken", [sleeper(3), waker(3)]),
      // Nine waits on one futex: the second group of waits has one.
      protocolOf("otherLost", [sleeper(2), other, waker(2, "yield* b.store(1);")]),
      protocolOf("all", [sleeper(2), other, waker(2, "yield* b.store(1); yield* futex.wake(b, 1);")]),
    ].join(""),
  );
  const verdicts: Record<string, string[]> = {};
  for (const { exportName, protocol: each } of protocols) {
    const system = compile(instantiate(each));
    expect(symmetryOf(system).groups.map(({ name }) => name)).toEqual(["sleeper"]);
    const found = [await onDisk(system), await onDisk(system, { symmetry: true }), await onDisk(system, { workers: 2, partialOrder: "always" })];
    verdicts[exportName] = found.map((result) => (isLost(result) ? "lost" : result.verdict));
  }
  expect(verdicts).toEqual({
    lost: ["lost", "lost", "lost"],
    woken: ["holds", "holds", "holds"],
    otherLost: ["lost", "lost", "lost"],
    all: ["holds", "holds", "holds"],
  });
});

test("the library's lost wakeups, and what mends them", { timeout: 60_000 }, async () => {
  let lost = 0;
  let held = 0;
  for (const file of ["k42/lost-retry", "lwkt/signalled-wait", "nemesis/split-send", "shm/semaphore"]) {
    for (const { protocol } of (await loadSpec(`specs/${file}.ts`)).protocols) {
      const system = compile(instantiate(protocol));
      if (system.liveness !== null) continue;
      const found = await onDisk(system);
      if (isLost(found)) lost++;
      else if (found.verdict === "holds") held++;
    }
  }
  expect([lost, held]).toEqual([4, 5]);
});

/** Sleepers on two words, who is to wake them, in any order and number, and somebody who runs on. */
function randomSleepers(random: (below: number) => number, name: string): string {
  const some = (count: number, make: () => string): string => Array.from({ length: count }, make).join("");
  const word = (): string => ["a", "b"][random(2)] ?? "a";
  const sleep = (): string => {
    const on = word();
    return `while ((yield* ${on}.load()) === 0) yield* futex.wait(${on}, 0); `;
  };
  const wake = (): string => (random(3) === 0 ? `yield* ${word()}.store(${random(3) === 0 ? 0 : 1}); ` : `yield* futex.wake(${word()}, ${1 + random(2)}); `);
  const run = (body: string): string => `*run({ a, b, futex }) { ${body} }`;
  const threads = [
    `sleeper: { count: ${1 + random(2)}, ${run(some(1 + random(2), sleep))} }`,
    `other: { ${run(`${some(random(2), wake)}${sleep()}`)} }`,
    `waker: { ${run(`yield* a.store(1); yield* b.store(1); ${some(1 + random(4), wake)}`)} }`,
  ];
  return protocolOf(name, threads);
}

test(`${runs} random protocols of seed ${seed} whose sleepers may be lost`, { timeout: 10_000 * runs }, async () => {
  const tapes = fc.sample(fc.array(fc.noBias(fc.nat(0xff_ffff)), { minLength: 60, maxLength: 60 }), { seed, numRuns: runs });
  const texts = tapes.map((tape, i) => {
    let at = 0;
    return randomSleepers((below) => (tape[at++] ?? 0) % below, `p${i}`);
  });
  let [held, lost] = [0, 0];
  for (const { protocol } of await load(`${imports}${texts.join("")}`)) {
    const system = compile(instantiate(protocol));
    if ((await search(system, { maxStates: most })).bound !== null) continue;
    const found = await onDisk(system);
    if (isLost(found)) lost++;
    else if (found.verdict === "holds") held++;
    if (symmetryOf(system).groups.length > 0) await onDisk(system, { symmetry: true });
  }
  expect(held).toBeGreaterThan(0);
  expect(lost).toBeGreaterThan(0);
});
