/**
 * The values that registers and locations of a litmus program can take: least sets closed under its instructions,
 * whatever their order. Where the sets grow beyond reason (counters in loops) the result says so, and whoever relies on
 * the ranges must check each write.
 */
import { type Expression, type Instruction, type Program, arithmetic, allRegisters } from "./program.ts";

export interface Ranges {
  /** By `thread:register` and by location: least and greatest value. */
  readonly of: (name: string) => readonly [number, number];
  /** False: the ranges are a bound, and values may leave them. */
  readonly complete: boolean;
}

const most = 64;

/** Computes the ranges. */
export function valueRanges(program: Program): Ranges {
  const sets = new Map<string, Set<number>>();
  for (const name of allRegisters(program)) sets.set(name, new Set([program.registers.get(name) ?? 0]));
  for (const [name, value] of program.locations) sets.set(name, new Set([value]));
  let changed = true;
  let complete = true;
  const add = (name: string, values: Iterable<number>): void => {
    const set = sets.get(name);
    if (set === undefined) throw new Error(`${name} is not declared`);
    for (const value of values) {
      if (set.has(value)) continue;
      set.add(value);
      changed = true;
    }
    if (set.size > most) complete = false;
  };
  while (changed && complete) {
    changed = false;
    program.threads.forEach((thread, t) => thread.forEach((instruction) => flow(instruction, (register) => `${t}:${register}`, sets, add)));
  }
  const hull = (values: Iterable<number>): readonly [number, number] => {
    let [low, high] = [Infinity, -Infinity];
    for (const value of values) [low, high] = [Math.min(low, value), Math.max(high, value)];
    return [low, high];
  };
  const whole = hull([...sets.values()].flatMap((set) => [...set]));
  return { of: (name) => (complete ? hull(sets.get(name) ?? [0]) : whole), complete };
}

type Sets = ReadonlyMap<string, ReadonlySet<number>>;

function flow(instruction: Instruction, qualify: (register: string) => string, sets: Sets, add: (name: string, values: Iterable<number>) => void): void {
  const values = (expression: Expression): ReadonlySet<number> => possible(expression, qualify, sets);
  const memory = (location: string): ReadonlySet<number> => sets.get(location) ?? new Set();
  switch (instruction.op) {
    case "load":
      if (instruction.register !== null) add(qualify(instruction.register), memory(instruction.location));
      return;
    case "store":
      add(instruction.location, values(instruction.value));
      return;
    case "set":
      add(qualify(instruction.register), values(instruction.value));
      return;
    case "exchange":
    case "modify":
    case "compareExchange":
      if (instruction.register !== null) add(qualify(instruction.register), memory(instruction.location));
      if (instruction.op === "exchange") add(instruction.location, values(instruction.value));
      else if (instruction.op === "compareExchange") add(instruction.location, values(instruction.desired));
      else
        add(
          instruction.location,
          combine(memory(instruction.location), values(instruction.operand), (a, b) => arithmetic(instruction.operator, a, b)),
        );
      return;
    case "await":
    case "fence":
    case "branch":
    case "enter":
    case "leave":
    case "assert":
      return;
  }
}

function possible(expression: Expression, qualify: (register: string) => string, sets: Sets): ReadonlySet<number> {
  switch (expression.op) {
    case "const":
      return new Set([expression.value]);
    case "register":
      return sets.get(qualify(expression.name)) ?? new Set();
    case "negate":
      return new Set([...possible(expression.operand, qualify, sets)].map((value) => -value | 0));
    case "complement":
      return new Set([...possible(expression.operand, qualify, sets)].map((value) => ~value));
    case "not":
      return new Set([...possible(expression.operand, qualify, sets)].map((value) => Number(value === 0)));
    case "binary":
      return combine(possible(expression.left, qualify, sets), possible(expression.right, qualify, sets), (a, b) => arithmetic(expression.operator, a, b));
  }
}

function combine(left: ReadonlySet<number>, right: ReadonlySet<number>, of: (a: number, b: number) => number): ReadonlySet<number> {
  const results = new Set<number>();
  for (const a of left) for (const b of right) results.add(of(a, b));
  return results;
}
