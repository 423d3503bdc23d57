/** The point of no return of counterexamples of the library: what is said there can be checked by hand. */
import { expect, test } from "vitest";
import { problemsOf } from "../../dist/checker/properties/problems.js";
import { turningPoint } from "../../dist/checker/properties/turning-point.js";
import { search } from "../../dist/checker/engine/index.js";
import { blockedAnalysis } from "../../dist/checker/properties/blocked.js";
import { enabledMoves, fire, type Move } from "../../dist/model/system/interpret.js";
import type { State, System } from "../../dist/model/system/system.js";
import { find } from "./found.ts";

const turning = async (path: string, name: string) => (await find(path, name)).traces[0]?.turning;

test("a reply without a timeout to a client that may stop is itself the step that cannot be taken back", async () => {
  expect(await turning("specs/l4/hostage-reply.ts", "broken")).toMatchObject({
    step: 3,
    instead: expect.objectContaining({ thread: "attacker" }) as unknown,
  });
});

test("of two threads that call each other, the one that chooses to call second makes the mistake, and could have chosen otherwise", async () => {
  expect(await turning("specs/l4/mutual-call.ts", "broken")).toMatchObject({
    step: 3,
    instead: { thread: "b", operation: expect.stringContaining("choose") as unknown, rule: "choose" },
  });
});

test("a doorbell is lost for good when the producer looks before the consumer says that it sleeps", async () => {
  expect(await turning("specs/shm/doorbell.ts", "broken")).toMatchObject({ instead: { thread: "consumer" } });
});

test("a wake-up that only a look at all paths shows to be lost has no turning point", async () => {
  expect(await turning("specs/shm/wake-before-store.ts", "broken")).toBe(null);
});

/** A walk that picks among the enabled moves by a seeded generator; true if it met a harmful state within `steps`. */
function walkIsHarmed(system: System, from: State, seed: number, steps: number): boolean {
  let state = from;
  let random = seed;
  for (let step = 0; step < steps; step++) {
    if (blockedAnalysis(system, state).violation !== null) return true;
    const moves = enabledMoves(system, state);
    if (moves.length === 0) return false;
    random = (Math.imul(random, 1103515245) + 12345) >>> 0;
    const outcome = fire(system, state, moves[(random >>> 8) % moves.length] as Move);
    if (outcome.kind === "failure") return true;
    if (outcome.kind === "state") state = outcome.state;
  }
  return false;
}

test.each([
  ["specs/l4/call-hierarchy.ts", "broken"],
  ["specs/l4/cross-cpu-reply.ts", "broken"],
  ["specs/l4/reply-in-the-gap.ts", "broken"],
  ["specs/l4/mutual-call.ts", "broken"],
  ["specs/shm/doorbell.ts", "broken"],
])("in %s (%s) all random walks from behind the turning point are harmed, and not all from the step named in its place", async (path, name) => {
  const { system } = await find(path, name);
  const [finding] = (await search(system, {})).findings;
  const point = turningPoint(system, finding?.path ?? []);
  if (finding === undefined || point?.instead == null) throw new Error("no turning point");
  const behind = fire(system, point.before, finding.path[point.step - 1] as Move);
  const aside = fire(system, point.before, point.instead);
  if (behind.kind !== "state" || aside.kind !== "state") throw new Error("a step is not possible");
  const seeds = Array.from({ length: 40 }, (_, index) => index + 1);
  expect(seeds.filter((seed) => !walkIsHarmed(system, behind.state, seed, 400))).toEqual([]);
  expect(seeds.some((seed) => !walkIsHarmed(system, aside.state, seed, 12))).toBe(true);
  // The schedule that is shown as passing can be taken, and harms nobody on the way.
  let state = point.before;
  expect(point.passing[0]).toEqual(point.instead);
  for (const move of point.passing) {
    const outcome = fire(system, state, move);
    if (outcome.kind !== "state") throw new Error("a step of the passing schedule is not possible");
    expect(problemsOf(system, outcome.state)).toEqual([]);
    state = outcome.state;
  }
});
