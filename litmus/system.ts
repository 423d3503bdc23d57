/**
 * A litmus program as a transition system: one location for each visible instruction, local instructions in the
 * continuations, memory operations lowered by a memory model. Every thread has a CPU of its own.
 *
 * Registers are kernel variables so that their final values outlive the threads.
 */
import type { Order } from "../model/language/memory.ts";
import { memoryModel } from "../model/memory/index.ts";
import type { MemoryAccess, MemoryModelName, MemorySetup } from "../model/memory/model.ts";
import { releases } from "../model/memory/order.ts";
import { all, binary, constant, guard, load, not } from "../model/memory/code.ts";
import type { LoweredTransition } from "../model/memory/model.ts";
import type { Code, Expr, Invariant, Location, OperationInfo, Process, System, Transition, Variable } from "../model/system/system.ts";
import { type Expression, type Instruction, type Program, allRegisters } from "./program.ts";
import { expr, failures, LocalCode, rangeFailure } from "./local.ts";
import { valueRanges } from "./ranges.ts";

/** Bounds of the memory models, for programs with loops; straight-line programs need none. */
export interface LitmusBounds {
  /** Entries of a store buffer. */
  readonly buffer: number;
  /** Messages of a location. */
  readonly messages: number;
}
export const defaultBounds: LitmusBounds = { buffer: 4, messages: 4 };

/** The system and where its registers and locations are kept. */
export interface LitmusSystem {
  readonly system: System;
  /** The variable of each name of the outcome. */
  readonly variables: ReadonlyMap<string, number>;
}

type Visible = Exclude<Instruction, { op: "set" | "branch" | "assert" }>;
const isLocal = (instruction: Instruction): boolean => instruction.op === "set" || instruction.op === "branch" || instruction.op === "assert";
const accesses = (instruction: Instruction): string | null => ("location" in instruction ? instruction.location : null);
const writesMemory = (instruction: Instruction): boolean =>
  instruction.op === "store" || instruction.op === "exchange" || instruction.op === "modify" || instruction.op === "compareExchange";
const loops = (code: readonly Instruction[]): boolean => code.some((instruction, at) => instruction.op === "branch" && instruction.target <= at);

const operations: readonly OperationInfo[] = [
  ...["load", "exchange", "modify", "compareExchange", "await"].map(
    (name): OperationInfo => ({ name: `memory.${name}`, results: [{ name: "value", type: { kind: "int" } }] }),
  ),
  ...["memory.store", "fence", "section"].map((name): OperationInfo => ({ name, results: [] })),
];
const operationOf = (instruction: Visible): number =>
  operations.findIndex(
    ({ name }) =>
      name === `memory.${instruction.op}` || name === instruction.op || (name === "section" && (instruction.op === "enter" || instruction.op === "leave")),
  );

/** Builds the system for one memory model. */
export function litmusSystem(program: Program, model: MemoryModelName, bounds: LitmusBounds = defaultBounds): LitmusSystem {
  const ranges = valueRanges(program);
  const variables: Variable[] = [];
  const declare = (name: string, role: Variable["role"], thread: number | null, range: readonly [number, number], initial: number): number => {
    const id = variables.length;
    variables.push({
      id,
      name,
      role,
      thread,
      scope: null,
      length: 1,
      type: { kind: role === "pc" ? "location" : "int" },
      min: range[0],
      max: range[1],
      initial: [initial],
      queue: null,
      projected: role === "memory",
    });
    return id;
  };
  const visible = program.threads.map((code) => code.flatMap((instruction, at) => (isLocal(instruction) ? [] : [at])));
  const pcs = visible.map((locations, t) => declare(`${t}.pc`, "pc", t, [0, locations.length], 0));
  const named = new Map<string, number>();
  for (const name of allRegisters(program)) named.set(name, declare(name, "kernel", null, ranges.of(name), program.registers.get(name) ?? 0));
  for (const [name, value] of program.locations) named.set(name, declare(`memory.${name}`, "memory", null, ranges.of(name), value));

  const memory = memoryModel(model, setupOf(program, variables, pcs, visible, bounds));
  const transitions: Transition[] = [];
  const number = (lowered: readonly LoweredTransition[]): readonly number[] =>
    lowered.map((transition) => {
      const id = transitions.length;
      transitions.push({ id, ...transition });
      return id;
    });

  const processes = program.threads.map((code, t): Process => {
    const registers = (name: string): number => named.get(`${t}:${name}`) ?? missing(name);
    const writer = new LocalCode(code, visible[t] ?? [], registers, ranges);
    const locations = (visible[t] ?? []).map((at, index): Location => {
      const instruction = code[at] as Visible;
      const pending = { thread: t, location: index, rule: instruction.op, operation: operationOf(instruction) };
      const lowered = lower(instruction);
      const register = "register" in instruction ? instruction.register : null;
      return {
        index,
        site: { file: program.name, start: 0, end: 0, line: at + 1, column: t + 1 },
        callers: [],
        operation: pending.operation,
        label: instruction.op,
        shown: [],
        args: [],
        transitions: number(lowered.transitions),
        continuation: writer.after(at, register === null ? null : registers(register)),
        results: operations[pending.operation]?.results.length ?? 0,
        waits: [],
        // A litmus test asks about final values; races are not its question.
        access: null,
        spins: false,
        transient: lowered.transient,
        bound: lowered.bound,
      };

      function lower(step: Visible): ReturnType<typeof memory.access> {
        if (step.op === "fence") return memory.fence({ ...pending, order: step.order });
        if (step.op === "enter" || step.op === "leave") {
          const body: Code = {
            temps: 1,
            blocks: [{ statements: [{ op: "complete", thread: constant(t), operation: pending.operation, results: [] }], end: { op: "end" } }],
          };
          return {
            transitions: [{ rule: step.op, kind: "step", thread: t, location: index, picks: 1, guard: guard(constant(1)), body }],
            transient: null,
            bound: null,
          };
        }
        return memory.access({
          ...pending,
          variable: named.get(step.location) ?? missing(step.location),
          index: null,
          order: step.order,
          checks: [],
          effect: effectOf(step, (e) => expr(e, registers), ranges.complete ? null : rangeFailure),
        });
      }
    });
    const pc = pcs[t] ?? 0;
    return { index: t, name: `P${t}`, group: `P${t}`, cpu: t, priority: 0, stoppable: false, pc, locals: [], locations, stopped: null, entry: writer.from(0) };
  });
  number(memory.background);

  const system: System = {
    name: program.name,
    kernel: { name: "litmus", options: {} },
    parameters: {},
    scheduling: "free",
    current: null,
    cpus: program.threads.length,
    memory:
      model === "sc"
        ? null
        : {
            model,
            bounds,
            buffers: memory.buffers,
            cells: memory.cells,
            messages: memory.messages,
            variables: memory.variables.map(({ id }) => id),
            settled: memory.settled,
          },
    variables: [...variables, ...memory.variables],
    operations,
    processes,
    transitions,
    failures,
    invariants: exclusion(program, pcs, visible),
  };
  return { system, variables: named };
}

function missing(name: string): never {
  throw new Error(`${name} is not declared`);
}

function setupOf(
  program: Program,
  variables: readonly Variable[],
  pcs: readonly number[],
  visible: readonly (readonly number[])[],
  bounds: LitmusBounds,
): MemorySetup {
  const stores = (code: readonly Instruction[]): number =>
    code.reduce(
      (sum, instruction) =>
        sum +
        Number(instruction.op === "store") +
        Number("order" in instruction && instruction.op !== "load" && instruction.op !== "await" && releases(instruction.order)),
      0,
    );
  const writes = (name: string): number => program.threads.flat().filter((instruction) => writesMemory(instruction) && accesses(instruction) === name).length;
  const orders = program.threads.flat().flatMap((instruction) => ("order" in instruction ? [instruction.order] : []));
  const looping = program.threads.some(loops);
  const cells = variables.filter(({ role }) => role === "memory");
  return {
    cells,
    firstVariable: variables.length,
    cpus: program.threads.length,
    kernel: null,
    steps: false,
    threads: program.threads.map((code, t) => ({
      accesses: null,
      cpu: t,
      fences: code.flatMap((instruction): readonly Order[] => (instruction.op === "fence" ? [instruction.order] : [])),
      // Without loops the lists are long enough; what a finished thread has seen would only tell like states apart.
      finished: looping ? binary(load(pcs[t] ?? 0), "==", visible[t]?.length ?? 0) : null,
    })),
    sequential: orders.includes("seq_cst"),
    buffer: (cpu) => {
      const code = program.threads[cpu] ?? [];
      return loops(code) ? Math.max(bounds.buffer, 1) : stores(code);
    },
    messages: (variable) => {
      const count = 1 + writes((variables[variable]?.name ?? "").slice("memory.".length));
      return looping && count > 1 ? Math.max(2, bounds.messages) : count;
    },
  };
}

function effectOf(step: Extract<Visible, { location: string }>, value: (expression: Expression) => Expr, outOfRange: number | null): MemoryAccess["effect"] {
  switch (step.op) {
    case "load":
      return { kind: "read", accepts: null };
    case "await":
      return { kind: "read", accepts: (read) => binary(read, step.operator, value(step.value)) };
    case "store":
      return { kind: "write", value: value(step.value), outOfRange };
    case "exchange":
      return { kind: "modify", value: () => value(step.value), compares: null, outOfRange };
    case "modify":
      return { kind: "modify", value: (old) => binary(old, step.operator, value(step.operand)), compares: null, outOfRange };
    case "compareExchange":
      return {
        kind: "modify",
        value: () => value(step.desired),
        compares: { holds: (old) => binary(old, "==", value(step.expected)), failure: step.failure },
        outOfRange,
      };
  }
}

/** Threads must not stand in the same critical section: one invariant for each pair and section. */
function exclusion(program: Program, pcs: readonly number[], visible: readonly (readonly number[])[]): readonly Invariant[] {
  const inside = program.threads.map((code, t) => {
    const locations = visible[t] ?? [];
    return locations.flatMap((at, index) => {
      const instruction = code[at];
      return instruction?.op === "leave" ? [{ section: instruction.section, at: binary(load(pcs[t] ?? 0), "==", index) }] : [];
    });
  });
  return inside.flatMap((mine, t) =>
    inside
      .slice(t + 1)
      .flatMap((theirs, other) =>
        mine.flatMap((a) =>
          theirs
            .filter((b) => b.section === a.section)
            .map(
              (b): Invariant => ({ name: `P${t} and P${t + 1 + other} exclude each other in section ${a.section}`, holds: not(all(a.at, b.at)), site: null }),
            ),
        ),
      ),
  );
}
