/**
 * Random transition systems × random formulas × fairness, judged in the whole and in the reduced graph: every formula and every
 * thread's progress by itself must come to the same, and each run that the reduced graph shows must be fair and violate its
 * formula, by definition. IPC_CHECK_SEED, IPC_CHECK_RUNS (systems; default 40).
 */
import { expect, test } from "vitest";
import { type Part, partialOrder } from "../../dist/checker/engine/partial-order/reduction.js";
import { reachableRanges } from "../../dist/model/system/narrow.js";
import type { Expr, System } from "../../dist/model/system/system.js";
import { assign, bin, block, c, code, complete, eq, finish, goTo, load, SystemBuilder, when } from "../engine/build.ts";
import { looseSystem, randomNumbers } from "../partial-order/loose-system.ts";
import { judged, named, wrongRun } from "./judged.ts";
import { demanding, formula, type Random } from "./random-runs.ts";

const seed = Number(process.env["IPC_CHECK_SEED"] ?? 1);
const runs = Number(process.env["IPC_CHECK_RUNS"] ?? 40);
const mostStates = 2_000;

/** A system that demands something of its runs. */
function demandingSystem(number: number): System {
  const system = looseSystem(number);
  const random = randomNumbers(number ^ 0x5bd1_e995);
  return demanding(system, {
    p: predicate(system, random),
    q: predicate(system, random),
    formulas: Array.from({ length: 6 }, () => formula(random, 1 + random(3), false)),
    fairness: fairness(system, random),
    steps: random(6) > 0 ? [] : [{ thread: random(system.processes.length), location: random(2), strength: random(2) === 0 ? "weak" : "strong" }],
    progress: random(2) === 0,
  });
}

function predicate({ variables, processes }: System, random: Random): Expr {
  const seen = variables.filter(({ role }) => role !== "local");
  // Where threads stand, less often: all that they do is seen then.
  const cells = seen.filter(({ role }) => role !== "pc");
  const process = processes[random(processes.length)];
  if (random(4) === 0 && process !== undefined)
    return random(2) === 0 ? eq(load(process.pc), c(process.locations.length)) : eq(load(process.pc), c(random(process.locations.length)));
  const cell = cells[random(cells.length)];
  if (cell === undefined) return c(0);
  return bin(random(2) === 0 ? "==" : "<", load(cell.id, cell.length === 1 ? null : c(random(cell.length))), c(random(3)));
}

type Strength = "none" | "weak" | "strong";
function fairness({ processes }: System, random: Random): readonly Strength[] {
  const strengths: readonly Strength[] = ["none", "weak", "strong"];
  const usual = strengths[random(3)] ?? "none";
  return processes.map(({ stoppable }) => {
    if (random(4) === 0) return strengths[random(3)] ?? usual;
    return stoppable ? "none" : usual;
  });
}

interface Compared {
  readonly smaller: boolean;
  readonly violated: number;
  readonly kinds: readonly string[];
  readonly wrong: string | null;
}

/** Null if nothing is reduced. */
async function compare(original: System, without: readonly Part[] = []): Promise<Compared | null> {
  const { reduction } = partialOrder(original, reachableRanges(original), new Set(without));
  if (reduction === null) return null;
  const full = await judged(original, mostStates, null, false);
  const reduced = await judged(original, mostStates, reduction, false);
  if (full === null || reduced === null) return null;
  const differs = named(full) === named(reduced) ? null : `all: ${named(full)}; reduced: ${named(reduced)}`;
  return {
    smaller: reduced.states < full.states,
    violated: reduced.findings.length,
    kinds: reduced.findings.map(({ kind }) => kind),
    wrong: differs ?? wrongRun(original, reduced.findings),
  };
}

test(`${runs} random systems of seed ${seed}: the reduced graph comes to the same about runs`, { timeout: 3_600_000 }, async () => {
  const counts = { used: 0, smaller: 0, violated: 0, held: 0, fair: 0, progress: 0 };
  const wrong: string[] = [];
  for (let number = 0; number < runs; number++) {
    const system = demandingSystem(seed * 1_000_003 + number);
    const result = await compare(system);
    if (result === null) continue;
    counts.used++;
    if (result.wrong !== null) wrong.push(`system ${number} of seed ${seed}: ${result.wrong}`);
    if (!result.smaller) continue;
    counts.smaller++;
    counts.violated += result.violated;
    counts.held += (system.liveness?.formulas.length ?? 0) - result.kinds.filter((kind) => kind === "liveness").length;
    if ((system.liveness?.fairness.length ?? 0) > 0) counts.fair++;
    if (result.kinds.some((kind) => kind !== "liveness")) counts.progress++;
  }
  if (runs > 40) process.stderr.write(`${JSON.stringify(counts)}\n`);
  expect(wrong.slice(0, 3), `${wrong.length} wrong`).toEqual([]);
  expect(counts.smaller).toBeGreaterThan(runs / 20);
  for (const kind of ["violated", "held", "fair", "progress"] as const) expect(counts[kind], kind).toBeGreaterThan(0);
});

/** Threads with one step after the other; from the last one they go where it says, or end. */
function rows(b: SystemBuilder, threads: readonly (readonly { readonly writes: readonly (readonly [number, number])[]; readonly then?: number }[])[]): System {
  for (const [t, steps] of threads.entries()) {
    const pc = b.variable(`t${t}.at`, 0, steps.length, { role: "pc", thread: t, type: { kind: "location" } });
    const locations = steps.map(({ writes, then = -1 }, l) => {
      const body = code(1, block([...writes.map(([variable, value]) => assign(variable, c(value))), complete(c(t), 0)], { op: "end" }));
      return b.location(l, then < 0 ? finish : goTo(then), [b.transition({ thread: t, location: l, body })]);
    });
    b.process({ group: `t${t}`, pc, locations });
  }
  return b.build();
}

/** Each variable is up for a moment. */
function bothUp(): System {
  const b = new SystemBuilder();
  const [x, y] = [b.variable("x", 0, 1), b.variable("y", 0, 1)];
  const moment = (variable: number): Parameters<typeof rows>[1][number] => [{ writes: [[variable, 1]], then: 1 }, { writes: [[variable, 0]] }];
  const system = rows(b, [moment(x), moment(y)]);
  return demanding(system, {
    p: eq(load(x), c(1)),
    q: eq(load(y), c(1)),
    formulas: ["[](!p || !q)"],
    fairness: ["none", "none"],
    steps: [],
    progress: false,
  });
}

/** One runs in circles for itself, the other raises a flag. */
function circling(): System {
  const b = new SystemBuilder();
  const [flag, own] = [b.variable("flag", 0, 1), b.variable("own", 0, 1)];
  const system = rows(b, [
    [
      { writes: [[own, 1]], then: 1 },
      { writes: [[own, 0]], then: 0 },
    ],
    [{ writes: [[flag, 1]] }],
  ]);
  return demanding(system, { p: eq(load(flag), c(1)), q: c(0), formulas: ["[]!p"], fairness: ["none", "none"], steps: [], progress: false });
}

/**
 * A gate opens and closes for ever. One looks at it again and again and may go through when it is open: if that is asked of fairness,
 * it matters whether the gate was open when it looked, though what it does before it looks is its own business.
 */
function gate(): System {
  const b = new SystemBuilder();
  const [open, own, through] = [b.variable("open", 0, 1), b.variable("own", 0, 1), b.variable("through", 0, 1)];
  const system = rows(b, [
    [
      { writes: [[open, 1]], then: 1 },
      { writes: [[open, 0]], then: 0 },
    ],
    [
      { writes: [[own, 0]], then: 1 },
      { writes: [[own, 1]], then: 0 },
    ],
  ]);
  const enter = system.transitions.length;
  const guard = when(eq(load(open), c(1)));
  const body = code(1, block([assign(through, c(1)), complete(c(1), 0)], { op: "end" }));
  const [first, second] = system.processes;
  if (first === undefined || second === undefined) throw new Error("there are two threads");
  const at = second.locations[1];
  if (at === undefined) throw new Error("there are two locations");
  const more: System = {
    ...system,
    transitions: [...system.transitions, { id: enter, rule: "enter", kind: "step", thread: 1, location: 1, picks: 1, guard, body }],
    processes: [first, { ...second, locations: [second.locations[0] ?? at, { ...at, transitions: [...at.transitions, enter] }] }],
  };
  const asked = demanding(more, { p: eq(load(through), c(1)), q: c(0), formulas: ["<>p"], fairness: ["weak", "weak"], steps: [], progress: false });
  const { liveness } = asked;
  if (liveness == null) throw new Error("something is asked of runs");
  return {
    ...asked,
    liveness: { ...liveness, fairness: [...liveness.fairness, { name: "enter", strength: "strong", enabling: [enter], taking: [enter] }] },
  };
}

test.each([
  ["atoms", "two variables that are up at once", bothUp()],
  ["cycles", "a flag that is put off for ever", circling()],
  ["fairness", "a gate that is never open when it is looked at", gate()],
] satisfies readonly (readonly [Part, string, System])[])("leaving out %s misses %s", async (part, _, system) => {
  expect((await compare(system, [part]))?.wrong).toMatch(/all: f0; reduced: $/);
  expect((await compare(system))?.wrong ?? null).toBe(null);
});
