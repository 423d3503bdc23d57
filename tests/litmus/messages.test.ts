/** A message of the kernel carries what its sender has seen: where its rules do not synchronise, the receiver may read what is old. */
import { describe, expect, test } from "vitest";
import { runner } from "../../dist/litmus/execute.js";
import { BodyBuilder, constant, guard, load, not } from "../../dist/model/memory/code.js";
import { memoryModel } from "../../dist/model/memory/index.js";
import type { LoweredTransition, MemoryModelName } from "../../dist/model/memory/model.js";
import type { Location, Process, System, Transition, Variable } from "../../dist/model/system/system.js";

const variable = (id: number, name: string, role: Variable["role"], max: number): Variable => ({
  id,
  name,
  role,
  thread: null,
  scope: null,
  length: 1,
  type: { kind: "int" },
  min: 0,
  max,
  initial: [0],
  queue: null,
  projected: false,
});

/** P0 stores to x and sends; P1 receives and loads x. The values that it can load. */
function loaded(model: MemoryModelName, synchronises: boolean): readonly number[] {
  const [x, pc0, pc1, sent, result] = [0, 1, 2, 3, 4];
  const variables = [
    variable(x, "memory.x", "memory", 1),
    variable(pc0, "0.pc", "pc", 2),
    variable(pc1, "1.pc", "pc", 2),
    variable(sent, "sent", "kernel", 1),
    variable(result, "result", "kernel", 1),
  ];
  const memory = memoryModel(model, {
    cells: variables.slice(0, 1),
    firstVariable: variables.length,
    threads: [0, 1].map((cpu) => ({ cpu, fences: [], finished: null, accesses: null })),
    kernel: { objects: 0 },
    steps: false,
    cpus: 2,
    sequential: false,
    buffer: () => 1,
    messages: () => 2,
  });
  const at = (thread: number, location: number) => ({ thread, location, rule: "step", operation: 0 });
  /** A rule that changes the kernel state of both threads. */
  const kernel = (thread: number, location: number, when: LoweredTransition["guard"], act: (body: BodyBuilder) => void): LoweredTransition => {
    const body = new BodyBuilder();
    act(body);
    if (memory.touched !== null) for (const each of [0, 1]) body.assign(memory.touched.threads, each, 1);
    body.complete(thread, 0, []);
    const rule = memory.direct({ thread, kind: "kernel", guard: when, body: body.end(), drains: true, synchronises, cells: [] });
    return { rule: "kernel", kind: "step", thread, location, picks: 1, guard: rule.guard, body: rule.body };
  };
  const send = kernel(0, 1, guard(not(load(sent))), (body) => body.assign(sent, null, 1));
  const receive = kernel(1, 0, guard(load(sent)), () => undefined);
  const store = memory.access({
    ...at(0, 0),
    variable: x,
    index: null,
    order: "relaxed",
    checks: [],
    effect: { kind: "write", value: constant(1), outOfRange: null },
  });
  const get = memory.access({ ...at(1, 1), operation: 1, variable: x, index: null, order: "relaxed", checks: [], effect: { kind: "read", accepts: null } });

  const transitions: Transition[] = [];
  const number = (lowered: readonly LoweredTransition[]): number[] =>
    lowered.map((transition) => transitions.push({ id: transitions.length, ...transition }) - 1);
  const location = (index: number, last: boolean, lowered: readonly LoweredTransition[], keeps: boolean): Location => ({
    index,
    site: { file: "m", start: 0, end: 0, line: 1, column: 1 },
    callers: [],
    operation: keeps ? 1 : 0,
    label: "step",
    shown: [],
    args: [],
    transitions: number(lowered),
    continuation: {
      temps: 1,
      blocks: [
        {
          statements: keeps ? [{ op: "assign", variable: result, index: null, value: { op: "temp", temp: 0 } }] : [],
          end: last ? { op: "finish" } : { op: "yield", location: index + 1 },
        },
      ],
    },
    results: keeps ? 1 : 0,
    waits: [],
    access: null,
    spins: false,
  });
  const process = (index: number, pc: number, locations: readonly Location[]): Process => ({
    index,
    name: `P${index}`,
    group: `P${index}`,
    cpu: index,
    priority: 0,
    stoppable: false,
    pc,
    locals: [],
    locations,
    stopped: null,
    entry: { temps: 1, blocks: [{ statements: [], end: { op: "yield", location: 0 } }] },
  });
  const processes = [
    process(0, pc0, [location(0, false, store.transitions, false), location(1, true, [send], false)]),
    process(1, pc1, [location(0, false, [receive], false), location(1, true, get.transitions, true)]),
  ];
  number(memory.background);
  const system: System = {
    name: "message",
    kernel: { name: "none", options: {} },
    parameters: {},
    scheduling: "free",
    current: null,
    cpus: 2,
    variables: [...variables, ...memory.variables],
    operations: [
      { name: "none", results: [] },
      { name: "value", results: [{ name: "value", type: { kind: "int" } }] },
    ],
    processes,
    transitions,
    failures: [],
    invariants: [],
  };

  const run = runner(system);
  const first = run.initial();
  if (first?.state == null) throw new Error("no initial state");
  const open = [first.state];
  const values = new Set<number>();
  for (let state = open.pop(); state !== undefined; state = open.pop()) {
    let steps = 0;
    run.successors(state, (_transition, _pick, after) => {
      steps++;
      if (after.state !== null) open.push(after.state);
    });
    if (steps === 0) values.add(state[run.offsets[result] ?? 0] ?? -1);
  }
  return [...values].sort();
}

describe("a message between threads", () => {
  test("carries the sender's view under release/acquire", () => {
    expect(loaded("ra", true)).toEqual([1]);
    expect(loaded("ra", false)).toEqual([0, 1]);
  });

  test("finds the store in memory where the kernel entry drains the buffer", () => {
    for (const model of ["sc", "tso", "pso"] as const) expect(loaded(model, true)).toEqual([1]);
  });
});
