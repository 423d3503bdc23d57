import { beforeAll, describe, expect, test } from "vitest";
import { naive, type NaiveOptions, type NaiveResult } from "../../dist/checker/naive/index.js";
import { instantiate, type Protocol } from "../../dist/model/language/protocol.js";
import { loadSpec } from "../../dist/model/loader/load.js";

let protocols: ReadonlyMap<string, Protocol>;
beforeAll(async () => {
  const spec = await loadSpec("tests/naive/protocols.ts");
  protocols = new Map(spec.protocols.map(({ exportName, protocol }) => [exportName, protocol]));
});

function check(name: string, options: NaiveOptions = {}): NaiveResult {
  const protocol = protocols.get(name);
  if (protocol === undefined) throw new Error(`there is no protocol ${name}`);
  return naive(instantiate(protocol), options);
}
const sizes = ({ stats }: NaiveResult) => [stats.states, stats.transitions, stats.depth];
const findings = (result: NaiveResult) => result.findings.map(({ kind, property, path }) => [kind, property, path.length]);

describe("states and transitions", () => {
  test("two independent steps make a diamond", () => {
    const result = check("interleaving");
    expect(result.verdict).toBe("holds");
    expect(sizes(result)).toEqual([4, 4, 2]);
  });
  test("a choice is a step with one successor for each value, and a finished thread has no locals", () => {
    expect(sizes(check("choice"))).toEqual([7, 6, 2]);
  });
  test("locals are kept to the end of their scope, not longer", () => {
    // Without a local, with `inner`, without, at the second choice, twice with `outer`, finished.
    expect(sizes(check("scopes"))).toEqual([1 + 2 + 1 + 1 + 2 + 2 + 1, 2 + 2 + 1 + 2 + 2 + 2, 6]);
  });
  test("half-evaluated expressions belong to the state by their value", () => {
    // 1*3%2 = 1 and 2*3%2 = 0: two states before the second choice; then pending stores are 0, 1, 1, 2
    expect(sizes(check("halfEvaluated"))).toEqual([1 + 2 + 3 + 3, 2 + 4 + 3, 3]);
  });
  test("schedules that an assumption rules out do not exist", () => {
    const result = check("assumption");
    expect(result.verdict).toBe("holds");
    expect(sizes(result)).toEqual([5, 4, 2]);
  });
  test("a served partner moves in the same transition", () => {
    const result = check("rendezvous");
    expect(findings(result)).toEqual([]);
    // The client queues or finds the server waiting; either way 2 steps lead to the served call and one more ends it.
    expect(sizes(result)).toEqual([5, 5, 3]);
  });
  test("a bound on states makes the verdict inconclusive", () => {
    const result = check("interleaving", { maxStates: 2 });
    expect([result.verdict, result.bound]).toEqual(["inconclusive", "states"]);
  });
  test("a bound on depth makes the verdict inconclusive unless everything was seen", () => {
    expect(check("interleaving", { maxDepth: 1 }).verdict).toBe("inconclusive");
    expect(check("interleaving", { maxDepth: 3 }).verdict).toBe("holds");
  });
});

describe("findings", () => {
  test("a plain access beside a write is a race before anything has happened", () => {
    const result = check("race");
    expect(findings(result)).toEqual([["data-race", "cell", 0]]);
    expect(sizes(result)).toEqual([3, 2, 1]);
  });
  test("a failed check ends the path with its step", () => {
    const result = check("failedCheck");
    expect(findings(result)).toEqual([["assertion", "the cell is as it was", 2]]);
    expect(result.findings[0]).toMatchObject({
      failing: true,
      threads: [0],
      path: [
        { thread: 0, rule: "fetchAdd", pick: 0 },
        { thread: 0, rule: "load", pick: 0 },
      ],
    });
    expect(sizes(result)).toEqual([2, 2, 1]);
  });
  test("threads that wait for each other are deadlocked", () => {
    const result = check("closedReceives");
    expect(findings(result)).toEqual([["deadlock", "deadlock", 2]]);
    expect(result.findings[0]?.threads).toEqual([0, 1]);
    expect(sizes(result)).toEqual([4, 4, 2]);
  });
  test("a partner that may stop makes it an unreplied call", () => {
    expect(findings(check("unreplied"))).toEqual([["unreplied-call", "unreplied-call", 1]]);
  });
  test("a message outside its domain is found by the step that leads to the operation", () => {
    expect(findings(check("messageOutOfRange"))).toEqual([["out-of-range", expect.stringContaining("message"), 1]]);
  });
  test("reading the message of a failed receive is an unhandled error", () => {
    expect(findings(check("unhandled"))).toEqual([["unhandled-error", expect.stringContaining("message"), 2]]);
  });
  test("a sleeper whose condition is true and whom nobody can wake is a lost wakeup", () => {
    // Before that: the setter can wake nobody, so the sleeper alone is already a deadlock.
    expect(findings(check("sleeper"))).toEqual([["deadlock", "deadlock", 1]]);
  });
  test("a sleeper that others run past is found by looking at all paths", () => {
    const result = check("sleeperBesideOthers");
    expect(findings(result)).toEqual([["lost-wakeup", "lost-wakeup", 2]]);
    expect(result.stats.states).toBeGreaterThan(3);
  });
  test("threads that only spin are deadlocked", () => {
    expect(findings(check("spinners"))).toEqual([["deadlock", "deadlock", 0]]);
  });
  test("a loop around one load waits like waitUntil", () => {
    const result = check("signalled");
    expect(result.verdict).toBe("holds");
    expect(sizes(result)).toEqual([3, 2, 2]);
  });
  test("a spinning thread of high priority keeps its CPU for ever, one that has turns does not", () => {
    expect(findings(check("byPriority"))).toEqual([["deadlock", "deadlock", 0]]);
    const turns = check("byTurns");
    expect(turns.verdict).toBe("holds");
    expect(sizes(turns)).toEqual([4, 3, 3]);
  });
  test("invariants see memory as it was declared, and all properties of a level are reported", () => {
    expect(findings(check("invariant"))).toEqual([["invariant", "few", 2]]);
  });
  test("a declared local must keep to its range, a wrapping cell wraps", () => {
    expect(findings(check("declaredLocal"))).toEqual([["out-of-range", expect.stringContaining("turns"), 2]]);
  });
  test("an index outside an array is out of range", () => {
    expect(findings(check("indexOutOfRange"))).toEqual([["out-of-range", expect.stringContaining("slots"), 1]]);
  });
  test("a queue that is full takes no more", () => {
    expect(findings(check("fullQueue"))).toEqual([["out-of-range", expect.stringContaining("waiting"), 2]]);
  });
  test("a violation before the first step has the empty path", () => {
    const result = check("initialFailure");
    expect(findings(result)).toEqual([["assertion", "the first replica fails", 0]]);
    expect(sizes(result)).toEqual([0, 0, 0]);
  });
  test("a client without a program does anything with what it holds", () => {
    expect(findings(check("generalClient"))).toEqual([["unreplied-call", "unreplied-call", 4]]);
    expect(findings(check("generalWriter"))).toEqual([["assertion", "the client never writes 2", 5]]);
  });
  test("a deleted thread waits nowhere any more", () => {
    const result = check("deletedWaiter");
    expect(findings(result)).toEqual([]);
    // Deleted before or after it has begun to wait; then signal, poll, end.
    expect(sizes(result)).toEqual([7, 8, 4]);
  });
  test("a thread that can only end up spinning counts as spinning", () => {
    expect(findings(check("spinInLeadIn"))).toEqual([["deadlock", "deadlock", 0]]);
  });
});
