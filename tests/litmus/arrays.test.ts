/**
 * Memory operations on array elements whose index is only known when they happen: the same programs with their locations
 * in one array must reach what the naive enumerator says of separate locations.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { runner } from "../../dist/litmus/execute.js";
import { naiveOutcomes } from "../../dist/litmus/naive/index.js";
import type { Instruction, Program } from "../../dist/litmus/program.js";
import { constant, load } from "../../dist/model/memory/code.js";
import { memoryModel } from "../../dist/model/memory/index.js";
import type { Lowered, LoweredTransition, MemoryModelName } from "../../dist/model/memory/model.js";
import type { Code, Location, OperationInfo, Process, System, Transition, Variable } from "../../dist/model/system/system.js";

const cells = ["x", "y", "z"];
type Access = Extract<Instruction, { op: "load" | "store" | "exchange" | "compareExchange" | "fence" }>;

/** Variables: the array, then per thread its location, its index register and one result for each instruction. */
function arraySystem(threads: readonly (readonly Access[])[], model: MemoryModelName): { readonly system: System; readonly results: readonly number[] } {
  const variables: Variable[] = [];
  const declare = (name: string, role: Variable["role"], length: number, max: number, thread: number | null = null): number => {
    const initial = new Array<number>(length).fill(0);
    variables.push({
      id: variables.length,
      name,
      role,
      thread,
      scope: null,
      length,
      type: { kind: "int" },
      min: 0,
      max,
      initial,
      queue: null,
      projected: false,
    });
    return variables.length - 1;
  };
  const array = declare("memory.a", "memory", cells.length, 3);
  const owned = threads.map((code, t) => ({
    pc: declare(`${t}.pc`, "pc", 1, code.length, t),
    index: declare(`${t}.index`, "kernel", 1, cells.length - 1),
    results: declare(`${t}.results`, "kernel", code.length, 3),
  }));
  const writes = threads.flat().filter(({ op }) => op !== "load" && op !== "fence").length;
  const memory = memoryModel(model, {
    cells: variables.slice(0, 1),
    firstVariable: variables.length,
    threads: threads.map((code, t) => ({ cpu: t, fences: code.flatMap((each) => (each.op === "fence" ? [each.order] : [])), finished: null, accesses: null })),
    cpus: threads.length,
    kernel: null,
    steps: false,
    sequential: true,
    buffer: () => 2 * writes + 1,
    messages: () => writes + 1,
  });
  const operations: OperationInfo[] = [
    { name: "none", results: [] },
    { name: "value", results: [{ name: "value", type: { kind: "int" } }] },
  ];
  const transitions: Transition[] = [];
  const number = (lowered: readonly LoweredTransition[]): number[] =>
    lowered.map((transition) => transitions.push({ id: transitions.length, ...transition }) - 1);
  const cellOf = (access: Access | undefined): number => (access === undefined || access.op === "fence" ? 0 : cells.indexOf(access.location));

  const processes = threads.map((code, t): Process => {
    const mine = owned[t];
    if (mine === undefined) throw new Error("no such thread");
    /** Points the index register at the next access, so that no index is constant. */
    const next = (at: number, result: boolean): Code => ({
      temps: 1,
      blocks: [
        {
          statements: [
            ...(result ? [{ op: "assign" as const, variable: mine.results, index: constant(at - 1), value: { op: "temp" as const, temp: 0 } }] : []),
            { op: "assign", variable: mine.index, index: null, value: constant(cellOf(code[at])) },
          ],
          end: at < code.length ? { op: "yield", location: at } : { op: "finish" },
        },
      ],
    });
    const locations = code.map((access, at): Location => {
      const gives = access.op !== "store" && access.op !== "fence";
      const pending = { thread: t, location: at, rule: access.op, operation: gives ? 1 : 0 };
      const lower = (): Lowered => {
        if (access.op === "fence") return memory.fence({ ...pending, order: access.order });
        const value = "value" in access ? access.value : access.op === "compareExchange" ? access.desired : null;
        const written = constant(value?.op === "const" ? value.value : 0);
        const expected = access.op === "compareExchange" && access.expected.op === "const" ? access.expected.value : 0;
        return memory.access({
          ...pending,
          variable: array,
          index: load(mine.index),
          order: access.order,
          checks: [],
          effect:
            access.op === "load"
              ? { kind: "read", accepts: null }
              : access.op === "store"
                ? { kind: "write", value: written, outOfRange: null }
                : {
                    kind: "modify",
                    value: () => written,
                    outOfRange: null,
                    compares:
                      access.op === "exchange"
                        ? null
                        : { holds: (old) => ({ op: "binary", operator: "==", left: old, right: constant(expected) }), failure: access.failure },
                  },
        });
      };
      const site = { file: "array", start: 0, end: 0, line: 1, column: 1 };
      return {
        index: at,
        site,
        callers: [],
        operation: pending.operation,
        label: access.op,
        shown: [],
        args: [],
        transitions: number(lower().transitions),
        continuation: next(at + 1, gives),
        results: gives ? 1 : 0,
        waits: [],
        access: null,
        spins: false,
      };
    });
    return {
      index: t,
      name: `P${t}`,
      group: `P${t}`,
      cpu: t,
      priority: 0,
      stoppable: false,
      pc: mine.pc,
      locals: [],
      locations,
      stopped: null,
      entry: next(0, false),
    };
  });
  number(memory.background);
  const system: System = {
    name: "array",
    kernel: { name: "none", options: {} },
    parameters: {},
    scheduling: "free",
    current: null,
    cpus: threads.length,
    variables: [...variables, ...memory.variables],
    operations,
    processes,
    transitions,
    failures: [],
    invariants: [],
  };
  return { system, results: owned.map(({ results }) => results) };
}

/** Final values: each thread's results, then the array. */
function outcomes(threads: readonly (readonly Access[])[], model: MemoryModelName): readonly string[] {
  const { system, results } = arraySystem(threads, model);
  const run = runner(system);
  const first = run.initial();
  if (first?.state == null) throw new Error("no initial state");
  const seen = new Set([first.state.join()]);
  const open = [first.state];
  const finals = new Set<string>();
  for (let state = open.pop(); state !== undefined; state = open.pop()) {
    let steps = 0;
    run.successors(state, (_transition, _pick, after) => {
      steps++;
      if (after.state === null) throw new Error("no step fails");
      if (seen.has(after.state.join())) return;
      seen.add(after.state.join());
      open.push(after.state);
    });
    const from = (variable: number, length: number): readonly number[] => [
      ...(state?.slice(run.offsets[variable], (run.offsets[variable] ?? 0) + length) ?? []),
    ];
    if (steps === 0) finals.add([...threads.flatMap((code, t) => from(results[t] ?? 0, code.length)), ...from(0, cells.length)].join());
  }
  return [...finals].sort();
}

const location = fc.constantFrom("x", "x", "y", "y", "z");
const value = fc.integer({ min: 1, max: 2 }).map((each) => ({ op: "const" as const, value: each }));
const expected = fc.integer({ min: 0, max: 2 }).map((each) => ({ op: "const" as const, value: each }));
const access: fc.Arbitrary<Access> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      op: fc.constant("load" as const),
      register: fc.constant(null),
      location,
      order: fc.constantFrom("plain" as const, "acquire" as const, "seq_cst" as const),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      op: fc.constant("store" as const),
      location,
      value,
      order: fc.constantFrom("plain" as const, "release" as const, "seq_cst" as const),
    }),
  },
  fc.record({
    op: fc.constant("exchange" as const),
    register: fc.constant(null),
    location,
    value,
    order: fc.constantFrom("relaxed" as const, "acq_rel" as const),
  }),
  fc.record({
    op: fc.constant("compareExchange" as const),
    register: fc.constant(null),
    location,
    expected,
    desired: value,
    order: fc.constant("acq_rel" as const),
    failure: fc.constantFrom("relaxed" as const, "acquire" as const),
  }),
  fc.record({ op: fc.constant("fence" as const), order: fc.constantFrom("acquire" as const, "release" as const, "seq_cst" as const) }),
);
const program = fc
  .array(fc.array(access, { minLength: 2, maxLength: 4, size: "max" }), { minLength: 2, maxLength: 3 })
  .filter((threads) => threads.flat().length <= 7);

describe("array elements", () => {
  test("behave like separate locations under every memory model", { timeout: 120_000 }, () => {
    let weak = 0;
    fc.assert(
      fc.property(program, (threads) => {
        const named: Program = {
          name: "array",
          locations: new Map(cells.map((cell) => [cell, 0])),
          threads: threads.map((code) => code.map((each, at): Instruction => ("register" in each ? { ...each, register: `r${at}` } : each))),
          registers: new Map(),
        };
        const counts = (["sc", "tso", "pso", "ra"] as const).map((model) => {
          const naive = naiveOutcomes(named, model);
          const column = (name: string): number => naive.names.indexOf(name);
          const columns = [...threads.flatMap((code, t) => code.map((_, at) => column(`${t}:r${at}`))), ...cells.map(column)];
          const found = outcomes(threads, model);
          expect({ model, found }).toEqual({ model, found: naive.outcomes.map((outcome) => columns.map((each) => outcome[each] ?? 0).join()).sort() });
          return found.length;
        });
        if (counts.some((count) => count > (counts[0] ?? 0))) weak++;
      }),
      { seed: 23, numRuns: 400 },
    );
    expect(weak).toBeGreaterThan(10);
  });
});
