/**
 * Each condition of the reduction is needed: without it something is missed, in some random system or in one made for the
 * purpose, and the comparison that the other tests rest on sees that; with it, nothing is.
 */
import { expect, test } from "vitest";
import { type Part, partialOrder } from "../../dist/checker/engine/partial-order/reduction.js";
import { reachableRanges } from "../../dist/model/system/narrow.js";
import { initialState } from "../../dist/model/system/interpret.js";
import type { Code, Expr, Location, Statement, System } from "../../dist/model/system/system.js";
import { assign, bin, block, c, code, complete, eq, finish, goTo, load, SystemBuilder, when } from "../engine/build.ts";
import { everything } from "./everything.ts";
import { looseSystem } from "./loose-system.ts";

/** Whether partial order, with a part left out or none, finds what the unreduced search finds; null: it leaves nothing out, or there is too much. */
async function agrees(system: System, without: readonly Part[]): Promise<boolean | null> {
  const { reduction } = partialOrder(system, reachableRanges(system), new Set(without));
  if (reduction === null) return null;
  const reduced = await everything(system, reduction, 5_000);
  const full = await everything(system, null, 5_000);
  if (full === null || reduced === null) return null;
  return JSON.stringify([full.findings, full.ends]) === JSON.stringify([reduced.findings, reduced.ends]);
}

const byPriority = (system: System): System => ({
  ...system,
  scheduling: "priority",
  processes: system.processes.map((process) => ({ ...process, priority: process.index })),
});

/** Random systems show these; where to begin, so that it does not take long. */
const random: readonly (readonly [Part, number])[] = [
  ["cycles", 11],
  ["conflicts", 9],
  ["enablers", 334],
  ["scheduling", 144],
];

test.each(random)("leaving out %s is noticed", { timeout: 120_000 }, async (part, from) => {
  for (let number = from; number < from + 400; number++) {
    const system = part === "scheduling" ? byPriority(looseSystem(number)) : looseSystem(number);
    if (initialState(system).kind !== "state" || (await agrees(system, [part])) !== false) continue;
    expect(await agrees(system, [])).not.toBe(false);
    return;
  }
  throw new Error("no system shows it");
});

/** Threads that each take their steps in order; a step that goes on to the end when it is past the last. */
interface Step {
  readonly does: readonly Statement[];
  readonly guard?: Code;
  readonly then?: Code;
  readonly served?: true;
  readonly more?: Partial<Location>;
}
function threads(b: SystemBuilder, rows: readonly { readonly steps: readonly Step[]; readonly stoppable?: boolean }[]): System {
  b.operations = [
    { name: "own", results: [] },
    { name: "served", results: [] },
  ];
  for (const [t, { steps, stoppable = false }] of rows.entries()) {
    const pc = b.variable(`t${t}.at`, 0, steps.length, { role: "pc", thread: t, type: { kind: "location" } });
    const locations = steps.map(({ does, guard, then, served, more }, l) => {
      const own = b.transition.bind(b);
      const ids = served
        ? []
        : [own({ thread: t, location: l, ...(guard === undefined ? {} : { guard }), body: code(1, block([...does, complete(c(t), 0)], { op: "end" })) })];
      return b.location(l, then ?? (l + 1 < steps.length ? goTo(l + 1) : finish), ids, { operation: served ? 1 : 0, ...more });
    });
    b.process({ group: `t${t}`, pc, locations, stoppable });
  }
  return b.build();
}
const loop = (condition: Expr, again: number, onward: Code["blocks"][number]): Code =>
  code(1, block([], { op: "branch", condition, then: 1, else: 2 }), block([], { op: "yield", location: again }), onward);
const end = block([], { op: "finish" });

/** Each variable is up for a moment, of which nobody but the invariant takes note. */
function bothUp(): System {
  const b = new SystemBuilder();
  const up = [b.variable("a", 0, 1), b.variable("b", 0, 1)];
  b.invariants = [{ name: "not both", holds: bin("<", bin("+", load(up[0] ?? 0), load(up[1] ?? 0)), c(2)), site: null }];
  return threads(
    b,
    up.map((variable) => ({ steps: [{ does: [assign(variable, c(1))] }, { does: [assign(variable, c(0))] }] })),
  );
}

/** What the second puts into the queue, the first must not find there. */
function queued(): System {
  const b = new SystemBuilder();
  const fill = b.variable("queue.length", 0, 1, { role: "kernel" });
  const queue = b.variable("queue", 0, 1, { role: "kernel", queue: { capacity: 1, fill } });
  b.failures = [{ kind: "assertion", message: "empty", site: null }];
  const check = code(1, block([], { op: "branch", condition: eq(load(queue, c(0)), c(1)), then: 1, else: 2 }), block([], { op: "fail", failure: 0 }), end);
  return threads(b, [{ steps: [{ does: [], then: check }] }, { steps: [{ does: [assign(fill, c(1)), assign(queue, c(1), c(0))] }, { does: [] }] }]);
}

/** What the second sleeps for is true for a moment; the third could wake it, as its text says, and never does. */
function sleptThrough(): System {
  const b = new SystemBuilder();
  const flag = b.variable("flag", 0, 1);
  const never = b.variable("never", 0, 1);
  const able = [
    [false, false],
    [false, false],
    [true, true],
  ];
  const asleep = { name: "sleep", says: "asleep", kind: "sleep", when: c(1), idle: c(0), until: eq(load(flag), c(1)), wakers: [{ able, when: c(1) }] };
  return threads(b, [
    { steps: [{ does: [assign(flag, c(1))] }, { does: [assign(flag, c(0))] }] },
    { steps: [{ does: [] }, { does: [], served: true, more: { waits: [asleep] } }] },
    { steps: [{ does: [], then: loop(eq(load(never), c(0)), 0, block([], { op: "yield", location: 1 })) }, { does: [complete(c(1), 1)] }] },
  ]);
}

/** The second spins until the first, which may stop, has done its two steps. */
function stopsWhileSpunFor(): System {
  const b = new SystemBuilder();
  const flag = b.variable("flag", 0, 1);
  const own = b.variable("own", 0, 1);
  return threads(b, [
    { stoppable: true, steps: [{ does: [] }, { does: [assign(flag, c(1))] }] },
    { steps: [{ does: [assign(own, c(1))] }, { does: [], then: loop(eq(load(flag), c(0)), 1, end) }] },
  ]);
}

/** The first says by `open` whether the third could still help the second, which waits. */
function helperNamed(): System {
  const b = new SystemBuilder();
  const open = b.variable("open", 0, 1);
  const never = b.variable("never", 0, 1);
  const go = b.variable("go", 0, 1);
  const able = [[false, false], [false], [true]];
  const waits = [{ name: "wait", says: "waiting", kind: "sleep", when: c(1), idle: c(0), until: null, wakers: [{ able, when: eq(load(open), c(1)) }] }];
  return threads(b, [
    { steps: [{ does: [] }, { does: [assign(open, c(1))] }] },
    { steps: [{ does: [], guard: when(eq(load(go), c(1))), more: { waits } }] },
    { steps: [{ does: [], then: loop(eq(load(never), c(0)), 0, end) }] },
  ]);
}

test.each([
  ["visible", "a state that an invariant sees", bothUp()],
  ["queues", "a full queue", queued()],
  ["lost-wakeups", "a wake-up slept through", sleptThrough()],
  ["stopping", "a thread spun for that stops", stopsWhileSpunFor()],
] satisfies readonly (readonly [Part, string, System])[])("leaving out %s misses %s", async (part, _, system) => {
  expect(await agrees(system, [part])).toBe(false);
  expect(await agrees(system, [])).not.toBe(false);
});

test("who could end a wait is looked at before it changes", async () => {
  const system = helperNamed();
  expect((await everything(system, null, 1_000))?.findings).toEqual(["blocked"]);
  expect(await agrees(system, [])).not.toBe(false);
});
