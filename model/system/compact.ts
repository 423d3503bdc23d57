/**
 * Makes a system cheaper to explore without changing what it does: ranges are narrowed, array elements that never change
 * get no storage, and expressions that the ranges decide are folded.
 *
 * Transition, location, operation and failure numbers stay as they are, so a path found in the compact system is a path
 * of the original one, which is what traces are printed from. Only variables change shape: an array keeps the hull of
 * the elements that vary, plus one slot that stands for all the constant ones when an index may fall outside.
 */
import { applyBinary, divides } from "./arithmetic.ts";
import { type Interval, narrow, reachableRanges } from "./narrow.ts";
import type { Block, Code, Expr, Location, Process, Statement, System, Transition, Variable } from "./system.ts";
import { isTruth } from "./truth.ts";

/** Which elements of a variable are stored. */
export interface Kept {
  /** All of them: the variable stays as it is. */
  readonly whole: boolean;
  readonly from: number;
  readonly to: number;
  /** The value of all elements outside. */
  readonly outside: number;
  readonly length: number;
}

const constant = (value: number): Expr => ({ op: "const", value });

/** What {@link compact} keeps of each variable. */
export function keptElements(original: System, ranges: readonly (readonly Interval[])[] = reachableRanges(original)): readonly Kept[] {
  return narrow(original, ranges).variables.map((variable) => keep(variable, ranges[variable.id] ?? []));
}

/** The same behaviour on fewer bits. */
export function compact(original: System, ranges: readonly (readonly Interval[])[] = reachableRanges(original)): System {
  const system = narrow(original, ranges);
  const kept = system.variables.map((variable) => keep(variable, ranges[variable.id] ?? []));
  const fold = folder(system, kept);
  const code = (body: Code): Code => foldCode(body, fold, kept);
  return {
    ...system,
    variables: system.variables.map((variable, id): Variable => {
      const part = kept[id];
      if (part === undefined || part.whole) return variable;
      const initial = [...variable.initial.slice(part.from, part.to), ...(part.length > part.to - part.from ? [part.outside] : [])];
      return { ...variable, length: part.length, initial, queue: null };
    }),
    processes: system.processes.map(
      (process): Process => ({
        ...process,
        inherited: process.inherited == null ? null : fold(process.inherited),
        entry: code(process.entry),
        locations: process.locations.map(
          (location): Location => ({
            ...location,
            continuation: code(location.continuation),
            shown: location.shown.map((shown) => ({ ...shown, value: fold(shown.value) })),
            args: location.args.map((arg) => ({ ...arg, value: fold(arg.value) })),
            waits: location.waits.map((wait) => ({
              ...wait,
              when: fold(wait.when),
              idle: fold(wait.idle),
              until: wait.until === null ? null : fold(wait.until),
              wakers: wait.wakers.map((waker) => ({ ...waker, when: fold(waker.when) })),
            })),
            ...(location.transient == null ? {} : { transient: fold(location.transient) }),
            ...(location.races === undefined ? {} : { races: location.races.map((race) => ({ ...race, when: fold(race.when) })) }),
            ...(location.bound == null ? {} : { bound: fold(location.bound) }),
            access: location.access === null || location.access.index === null ? location.access : { ...location.access, index: fold(location.access.index) },
          }),
        ),
      }),
    ),
    transitions: system.transitions.map((transition): Transition => ({ ...transition, guard: code(transition.guard), body: code(transition.body) })),
    memory: system.memory?.settled == null ? system.memory : { ...system.memory, settled: fold(system.memory.settled) },
    invariants: system.invariants.map((invariant) => ({ ...invariant, holds: fold(invariant.holds) })),
    ...(system.liveness == null
      ? {}
      : { liveness: { ...system.liveness, atoms: system.liveness.atoms.map((atom) => ({ ...atom, holds: fold(atom.holds) })) } }),
  };
}

function keep(variable: Variable, ranges: readonly (readonly [number, number] | null)[]): Kept {
  const all: Kept = { whole: true, from: 0, to: variable.length, outside: 0, length: variable.length };
  // Only kernel state is declared for more threads and objects than use it.
  if (variable.role !== "kernel") return all;
  const varies = ranges.map((range) => range !== null && range[0] !== range[1]);
  const from = varies.indexOf(true);
  const to = varies.lastIndexOf(true) + 1;
  const constants = ranges.filter((_, i) => from === -1 || i < from || i >= to).map((range) => range?.[0] ?? variable.min);
  const outside = constants[0];
  if (outside === undefined || constants.some((value) => value !== outside)) return all;
  if (from === -1) return { whole: false, from: 0, to: 0, outside, length: 1 };
  return to - from + 1 < variable.length ? { whole: false, from, to, outside, length: to - from + 1 } : all;
}

/** Maps an index of the original array to one of the stored array. */
function remap(index: Expr, part: Kept): Expr {
  const slot = part.to - part.from;
  if (slot === 0) return constant(0);
  if (index.op === "const") return constant(part.from <= index.value && index.value < part.to ? index.value - part.from : slot);
  const shifted: Expr = part.from === 0 ? index : { op: "binary", operator: "-", left: index, right: constant(part.from) };
  const below: Expr = { op: "binary", operator: "<", left: index, right: constant(part.to) };
  const inside: Expr = part.from === 0 ? below : { op: "and", left: { op: "binary", operator: ">=", left: index, right: constant(part.from) }, right: below };
  return { op: "select", condition: inside, then: shifted, else: constant(slot) };
}

function folder(system: System, kept: readonly Kept[]): (expression: Expr) => Expr {
  const truth = (e: Expr): boolean | null => (e.op === "const" ? e.value !== 0 : null);
  const rangeOf = (e: Expr): readonly [number, number] | null => {
    if (e.op === "const") return [e.value, e.value];
    if (e.op !== "load") return null;
    const variable = system.variables[e.variable];
    return variable === undefined ? null : [variable.min, variable.max];
  };
  const fold = (e: Expr): Expr => {
    switch (e.op) {
      case "const":
      case "temp":
        return e;
      case "load": {
        const part = kept[e.variable];
        const variable = system.variables[e.variable];
        if (part === undefined || variable === undefined) return e;
        if (variable.min === variable.max) return constant(variable.min);
        if (part.whole) return e.index === null ? e : { ...e, index: fold(e.index) };
        const index = fold(e.index ?? constant(0));
        if (index.op === "const" && (index.value < part.from || index.value >= part.to)) return constant(part.outside);
        return { ...e, index: remap(index, part) };
      }
      case "unary": {
        const operand = fold(e.operand);
        if (operand.op === "const") return constant(e.operator === "!" ? Number(operand.value === 0) : e.operator === "-" ? 0 - operand.value : ~operand.value);
        return { ...e, operand };
      }
      case "and":
      case "or": {
        const left = fold(e.left);
        const right = fold(e.right);
        const known = truth(left);
        if (known !== null) return known === (e.op === "and") ? asTruth(right) : constant(e.op === "and" ? 0 : 1);
        if (truth(right) === (e.op === "and")) return asTruth(left);
        // Expressions are pure: what stands on the left need not be evaluated if the right decides.
        if (truth(right) !== null) return constant(e.op === "and" ? 0 : 1);
        return { ...e, left, right };
      }
      case "select": {
        const condition = fold(e.condition);
        const known = truth(condition);
        if (known !== null) return fold(known ? e.then : e.else);
        return { ...e, condition, then: fold(e.then), else: fold(e.else) };
      }
      case "binary": {
        const left = fold(e.left);
        const right = fold(e.right);
        if (left.op === "const" && right.op === "const")
          return constant(divides(e.operator) && right.value === 0 ? 0 : applyBinary(e.operator, left.value, right.value));
        const a = rangeOf(left);
        const b = rangeOf(right);
        if (a !== null && b !== null) {
          const decided = compare(e.operator, a, b);
          if (decided !== null) return constant(Number(decided));
        }
        return { ...e, left, right };
      }
    }
  };
  return fold;
}

const asTruth = (e: Expr): Expr => (isTruth(e) ? e : { op: "binary", operator: "!=", left: e, right: constant(0) });

/** The comparison's outcome if the intervals decide it. */
function compare(operator: string, a: readonly [number, number], b: readonly [number, number]): boolean | null {
  switch (operator) {
    case "<":
      return a[1] < b[0] ? true : a[0] >= b[1] ? false : null;
    case "<=":
      return a[1] <= b[0] ? true : a[0] > b[1] ? false : null;
    case ">":
      return compare("<", b, a);
    case ">=":
      return compare("<=", b, a);
    case "==":
      return a[1] < b[0] || b[1] < a[0] ? false : a[0] === a[1] && b[0] === b[1] && a[0] === b[0] ? true : null;
    case "!=": {
      const equal = compare("==", a, b);
      return equal === null ? null : !equal;
    }
    default:
      return null;
  }
}

/** Folds a graph; blocks that can no longer be reached become empty, so that block numbers stay. */
function foldCode(code: Code, fold: (e: Expr) => Expr, kept: readonly Kept[]): Code {
  const blocks = code.blocks.map((block): Block => {
    const end = block.end;
    const statements = block.statements.flatMap((statement) => foldStatement(statement, fold, kept));
    if (end.op !== "branch") return { statements, end };
    const condition = fold(end.condition);
    if (condition.op === "const") return { statements, end: { op: "goto", block: condition.value !== 0 ? end.then : end.else } };
    return { statements, end: { ...end, condition } };
  });
  const reached = new Set<number>();
  const visit = [0];
  for (let at = visit.pop(); at !== undefined; at = visit.pop()) {
    const end = blocks[at]?.end;
    if (reached.has(at) || end === undefined) continue;
    reached.add(at);
    if (end.op === "goto") visit.push(end.block);
    if (end.op === "branch") visit.push(end.then, end.else);
  }
  return { temps: code.temps, blocks: blocks.map((block, i) => (reached.has(i) ? block : { statements: [], end: { op: "prune" } })) };
}

function foldStatement(statement: Statement, fold: (e: Expr) => Expr, kept: readonly Kept[]): readonly Statement[] {
  switch (statement.op) {
    case "let":
      return [{ ...statement, value: fold(statement.value) }];
    case "terminate":
      return [{ ...statement, thread: fold(statement.thread) }];
    case "complete":
      return [{ ...statement, thread: fold(statement.thread), results: statement.results.map(fold) }];
    case "assign": {
      const part = kept[statement.variable];
      const value = fold(statement.value);
      const index = statement.index === null ? null : fold(statement.index);
      if (part === undefined || part.whole) return [{ ...statement, index, value }];
      const element = index ?? constant(0);
      // An element that never changes holds what is written already.
      if (part.to === part.from || (element.op === "const" && (element.value < part.from || element.value >= part.to))) return [];
      return [{ ...statement, value, index: remap(element, part) }];
    }
  }
}
