/** Which replicas are put in any order, which are not, and what the report says of it. */
import { afterAll, expect, test } from "vitest";
import { search } from "../../dist/checker/engine/index.js";
import { shadowed } from "../../dist/checker/engine/shadow.js";
import { type SearchResult, ShadowDifference } from "../../dist/checker/result.js";
import { compile } from "../../dist/model/compiler/index.js";
import { instantiate } from "../../dist/model/language/protocol.js";
import { loadSpec } from "../../dist/model/loader/load.js";
import { symmetryOf } from "../../dist/model/system/symmetry/groups.js";
import type { System } from "../../dist/model/system/system.js";
import { project } from "../loader/project.js";
import { orbits, reachable } from "./orbits.js";

const here = project();
afterAll(() => here.remove());

let count = 0;
async function systemOf(body: string): Promise<System> {
  const text = `import { array, check, ghost, int, protocol, step, threadId, nobody, waitUntil } from "ipc-check";
import * as shm from "ipc-check/kernels/shm";
import * as l4 from "ipc-check/kernels/l4";
export default protocol("p", ${body});
`;
  const { protocols } = await loadSpec(here.write(`p${count++}.ts`, text));
  const [first] = protocols;
  if (first === undefined) throw new Error("no protocol");
  return compile(instantiate(first.protocol));
}
const users = (rest: string, program: string, more = ""): string =>
  `{ kernel: shm.kernel(), ${rest} threads: { user: { count: 3, *run({ turn, marks, index, self, threads }) { ${program} } }, ${more} } }`;

test("replicas with a cell each are one group, and are still if the index is passed on and comes back", async () => {
  const system = await systemOf(
    users(
      "memory: { turn: int(0, 3), marks: array(3, int(0, 1)) }, invariants: { few: ({ marks }) => marks[0] + marks[1] + marks[2] <= 3 },",
      "yield* marks.at(index).store(1); yield* turn.store(index + 1); const last = yield* turn.load(); if (last === index + 1) yield* marks.at(index).store(0);",
    ),
  );
  const { groups, apart } = symmetryOf(system);
  expect([groups.map(({ members }) => members), apart]).toEqual([[[0, 1, 2]], []]);
  const [all, one] = [await search(system), await search(system, { symmetry: true })];
  expect([one.verdict, one.stats.depth]).toEqual([all.verdict, all.stats.depth]);
  expect(one.stats.states).toBeLessThan(all.stats.states / 3);
});

test("arithmetic on the index and comparisons by size are refused, with the place", async () => {
  for (const [program, reason] of [
    ["yield* turn.store(index); const seen = yield* turn.load(); yield* turn.store((seen * 2) % 3);", /computed with|ordinary number/],
    ["yield* turn.store(index); const seen = yield* turn.load(); if (seen < 2) yield* marks.at(0).store(1);", /by size/],
  ] as const) {
    const { groups, apart } = symmetryOf(await systemOf(users("memory: { turn: int(0, 3), marks: array(3, int(0, 1)) },", program)));
    expect(groups.length, program).toBe(0);
    expect(apart[0]?.name).toBe("user");
    expect(apart[0]?.reason, program).toMatch(reason);
    expect(apart[0]?.site?.line, program).toBe(4);
  }
});

test("a replica that is named stays out, and the others are a group", async () => {
  const named = users(
    "memory: { turn: threadId, marks: array(3, int(0, 1)) },",
    "yield* turn.store(self); yield* marks.at(index).store(1);",
    "watcher: { *run({ turn, threads }) { yield* waitUntil(turn, (value) => value === threads.user[1]); } },",
  );
  expect(symmetryOf(await systemOf(named)).groups.map(({ members }) => members)).toEqual([[0, 2]]);
  const invariant = users(
    "memory: { turn: threadId, marks: array(3, int(0, 2)) }, invariants: { mine: ({ marks }) => marks[2] < 2 },",
    "yield* marks.at(index).store(1); yield* turn.store(self);",
  );
  const { groups, apart } = symmetryOf(await systemOf(invariant));
  expect(groups.map(({ members }) => members)).toEqual([[0, 1]]);
  expect(apart[0]?.reason).toMatch(/invariant mine/);
});

test("priorities and shared CPUs split groups", async () => {
  const placed = (fields: string): string =>
    `{ kernel: shm.kernel({ cpus: 2 }), scheduling: "priority", memory: { word: int(0, 3) }, threads: { user: { count: 4, ${fields}, *run({ word }) { yield* word.store(1); } } } }`;
  expect(symmetryOf(await systemOf(placed("cpu: (index) => index % 2"))).groups.map(({ members }) => members)).toEqual([
    [0, 2],
    [1, 3],
  ]);
  expect(symmetryOf(await systemOf(placed("cpu: 0, priority: (index) => (index === 3 ? 1 : 0)"))).groups.map(({ members }) => members)).toEqual([[0, 1, 2]]);
});

test("a wakeup is lost among replicas while others run on: the same counterexample", async () => {
  const system = await systemOf(`{ kernel: shm.kernel(), memory: { word: int(0, 1), other: int(0, 1) }, threads: {
    sleeper: { count: 3, *run({ word, futex }) { while ((yield* word.load()) === 0) yield* futex.wait(word, 0); } },
    waker: { *run({ word, futex }) { yield* word.store(1); yield* futex.wake(word, 2); } },
    runner: { *run({ other }) { while (true) { yield* other.store(1); yield* other.store(0); } } } } }`);
  expect(symmetryOf(system).groups.map(({ name }) => name)).toEqual(["sleeper"]);
  const [all, one] = [await search(system), await search(system, { symmetry: true })];
  expect(all.findings[0]?.kind).toBe("lost-wakeup");
  expect([one.verdict, one.findings]).toEqual([all.verdict, all.findings]);
  expect(one.stats.states).toBeLessThan(all.stats.states / 2);
});

test("a wakeup that no sleeper loses: found to hold, although everyone is for a moment asleep with the condition true", async () => {
  const system = await systemOf(`{ kernel: shm.kernel(), memory: { word: int(0, 1), other: int(0, 1) }, threads: {
    sleeper: { count: 3, *run({ word, futex }) { while ((yield* word.load()) === 0) yield* futex.wait(word, 0); } },
    waker: { *run({ word, futex }) { yield* word.store(1); yield* futex.wake(word, 1); yield* futex.wake(word, 1); yield* futex.wake(word, 1); } },
    runner: { *run({ other }) { while (true) { yield* other.store(1); yield* other.store(0); } } } } }`);
  const [all, one] = [await search(system), await search(system, { symmetry: true })];
  expect([all.verdict, one.verdict]).toEqual(["holds", "holds"]);
});

test("ten sleepers are divided, as eight share a byte", async () => {
  const system = await systemOf(
    "{ kernel: shm.kernel(), memory: { word: int(0, 1) }, threads: { sleeper: { count: 10, *run({ word, futex }) { yield* futex.wait(word, 0); } }, waker: { *run({ word, futex }) { yield* word.store(1); yield* futex.wake(word, 10); } } } }",
  );
  const { stats } = await search(system, { symmetry: true, maxDepth: 2 });
  expect(stats.symmetry?.groups).toEqual([
    { name: "sleeper", replicas: 8 },
    { name: "sleeper", replicas: 2 },
  ]);
});

test("a search that a reduction has led astray is an error of the tool, not a verdict", async () => {
  const system = await systemOf(users("memory: { turn: int(0, 0), marks: array(3, int(0, 1)) },", "yield* turn.fetchAdd(1);"));
  const honest = await search(system, { symmetry: true, shadow: true });
  expect([honest.verdict, honest.stats.shadow?.compared]).toEqual(["violated", true]);
  const astray = async ({ symmetry = false }: { readonly symmetry?: boolean }): Promise<SearchResult> => {
    const result = await search(system);
    return symmetry ? { ...result, verdict: "holds", findings: [] } : result;
  };
  await expect(shadowed({ symmetry: true, shadow: true }, astray)).rejects.toThrow(ShadowDifference);
});

test("replicas that fail before their first operation stand nowhere", async () => {
  const system = await systemOf(users("memory: { turn: int(0, 3), marks: array(3, int(0, 1)) },", 'check(3 < 2, "at once"); yield* turn.store(index);'));
  const [all, one] = [await search(system), await search(system, { symmetry: true })];
  expect([all.verdict, Number.isInteger(all.stats.stateBits)]).toEqual(["violated", true]);
  expect([one.verdict, one.findings]).toEqual([all.verdict, all.findings]);
});

test("tasks that send to one Mach port are put in any order: whether any of them is about to end a wait is no order", async () => {
  const [declared] = (await loadSpec("bench/specs/queue.ts")).protocols;
  if (declared === undefined) throw new Error("there is no protocol");
  const system = compile(instantiate(declared.protocol, { senders: 3 }));
  expect(symmetryOf(system)).toMatchObject({ groups: [{ name: "sender", members: [1, 2, 3] }], apart: [] });
  const [all, one] = [await search(system), await search(system, { symmetry: true })];
  expect([all.verdict, one.verdict, one.stats.symmetry?.exact]).toEqual(["holds", "holds", true]);
  const { count, outside } = orbits(system, symmetryOf(system).groups, reachable(system, 10_000) ?? new Map());
  expect(outside).toBeNull();
  expect(one.stats.states).toBe(count);
  expect(count).toBeLessThan(all.stats.states / 3);
});
