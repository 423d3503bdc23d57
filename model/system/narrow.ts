/**
 * Narrows the ranges of state variables to what the system can store in them, so that the layout spends no bits on a
 * timeout flag that is never finite, a queue that nobody joins or a thread that nobody deletes.
 *
 * Flow-insensitive interval analysis (Cousot & Cousot 1977): the least intervals, one for each element of each variable,
 * that contain the initial value and are closed under every assignment of every transition. Guards are ignored, so the
 * result over-approximates; an assignment is looked at for each value of its index by itself; ranges never grow beyond the declared ones, which bounds the iteration.
 */
import { quotients } from "./arithmetic.ts";
import type { Code, Expr, Statement, System, Variable } from "./system.ts";

type Assign = Extract<Statement, { op: "assign" }>;

/** Inclusive; `null` is the empty interval: nothing is known to reach this place yet. */
export type Interval = readonly [number, number] | null;

const whole: readonly [number, number] = [-0x8000_0000, 0x7fff_ffff];
/** How often an element may grow before it is widened. */
const patience = 32;
/** How often a temporary may grow before it is widened: a loop's counter grows in every round. */
const mostGrowths = 6;
const join = (a: Interval, b: Interval): Interval => (a === null ? b : b === null ? a : [Math.min(a[0], b[0]), Math.max(a[1], b[1])]);
const same = (a: Interval, b: Interval): boolean => a === b || (a !== null && b !== null && a[0] === b[0] && a[1] === b[1]);
const clip = (a: Interval, min: number, max: number): Interval => {
  if (a === null) return null;
  const low = Math.max(a[0], min);
  const high = Math.min(a[1], max);
  return low <= high ? [low, high] : null;
};

/** Returns the system with the ranges of its variables narrowed; everything else is the same. */
export function narrow(system: System, ranges: readonly (readonly Interval[])[] = reachableRanges(system)): System {
  const endless = endlessThreads(system);
  const variables = system.variables.map((variable): Variable => {
    if (variable.role === "pc") return endless.has(variable.thread) ? { ...variable, max: variable.max - 1 } : variable;
    const range = (ranges[variable.id] ?? []).reduce(join, null);
    if (range === null) return variable;
    return { ...variable, min: range[0], max: range[1] };
  });
  return { ...system, variables };
}

/** Threads that have a location and no end: their last location is the one behind all others. */
function endlessThreads({ processes, transitions }: System): ReadonlySet<number | null> {
  const own = processes.map(({ entry, locations }) => [entry, ...locations.map(({ continuation }) => continuation)]);
  const codes = [...own.flat(), ...transitions.map(({ body }) => body)];
  if (codes.some(({ blocks }) => blocks.some(({ statements }) => statements.some(({ op }) => op === "terminate")))) return new Set();
  const finishes = (code: Code): boolean => code.blocks.some(({ end }) => end.op === "finish");
  return new Set(processes.flatMap(({ index, locations, stopped }, i) => (locations.length > 0 && stopped === null && !own[i]?.some(finishes) ? [index] : [])));
}

/** The interval of every element of every variable. */
export function reachableRanges(system: System): readonly (readonly Interval[])[] {
  const ranges = system.variables.map((variable) =>
    Array.from({ length: variable.length }, (_, i): Interval => {
      // The scheduler's own variable is written by the search, not by a transition.
      if (variable.id === system.current) return [variable.min, variable.max];
      const value = variable.initial[i] ?? variable.min;
      return [value, value];
    }),
  );
  /** Results that have been given to each operation, joined over all threads. */
  const results = system.operations.map((operation): Interval[] => operation.results.map(() => null));
  /** Counts changes; `changedAt` says when a variable or, after the variables, an operation's results changed last. */
  let now = 0;
  const changedAt = [...system.variables, ...system.operations].map(() => 0);
  const resultsOf = (operation: number): number => system.variables.length + operation;

  /** A variable that goes on growing is a counter: it gets its declared range. */
  const growths = system.variables.map(() => 0);

  const write = (variable: number, index: Interval, value: Interval): void => {
    const row = ranges[variable];
    const declared = system.variables[variable];
    if (row === undefined || declared === undefined || index === null || value === null) return;
    const clipped = clip(value, declared.min, declared.max);
    for (let i = Math.max(0, index[0]); i <= Math.min(row.length - 1, index[1]); i++) {
      const wider = join(row[i] ?? null, clipped);
      if (same(wider, row[i] ?? null)) continue;
      const counts = (growths[variable] = (growths[variable] ?? 0) + 1) > patience * row.length;
      row[i] = counts ? stretched(row[i] ?? null, wider, declared) : wider;
      changedAt[variable] = ++now;
    }
  };
  /** An element computed from elements with the same index changes by itself: an empty queue that loses a member stays empty. */
  const assign = ({ variable, index, value }: Assign, temps: readonly Interval[]): void => {
    if (index === null) return write(variable, pointOf(0), intervalOf(value, temps, ranges));
    for (const bound of cases(index, temps)) write(variable, intervalOf(index, bound, ranges), intervalOf(value, bound, ranges));
  };
  const run = (code: Code, first: readonly Interval[]): void => {
    const temps = settle(code, first, ranges);
    for (const statement of code.blocks.flatMap((block) => block.statements)) {
      switch (statement.op) {
        case "let":
          break;
        case "assign":
          assign(statement, temps);
          break;
        case "complete":
          statement.results.forEach((expression, i) => {
            const row = results[statement.operation];
            if (row === undefined) return;
            const wider = join(row[i] ?? null, intervalOf(expression, temps, ranges));
            if (same(wider, row[i] ?? null)) return;
            row[i] = widen(row[i] ?? null, wider);
            changedAt[resultsOf(statement.operation)] = ++now;
          });
          break;
        case "terminate":
          for (const process of system.processes)
            for (const local of process.locals) write(local, [0, (system.variables[local]?.length ?? 1) - 1], pointOf(system.variables[local]?.min ?? 0));
          break;
      }
    }
  };

  // Guards store nothing. What only reads what has not changed since need not be looked at again.
  const runs = [
    ...system.processes.flatMap((process) => [
      { code: process.entry, reads: readsOf(process.entry), first: () => [] },
      ...process.locations.map(({ continuation, operation }) => ({
        code: continuation,
        reads: new Set([...readsOf(continuation), resultsOf(operation)]),
        first: () => results[operation] ?? [],
      })),
    ]),
    ...system.transitions.map(({ body, picks }) => ({ code: body, reads: readsOf(body), first: (): readonly Interval[] => [[0, picks - 1]] })),
  ].map((each) => ({ ...each, last: -1 }));
  for (let before = -1; before !== now; ) {
    before = now;
    for (const each of runs) {
      if (each.last >= 0 && ![...each.reads].some((source) => (changedAt[source] ?? 0) > each.last)) continue;
      each.last = now;
      run(each.code, each.first());
    }
  }
  return ranges;
}

/**
 * The intervals of a code's temporaries. They may feed each other round a loop: repeat until they are stable, widening each that
 * keeps growing by itself; values that come a long way through copies, against the order of the code, do not.
 */
export function settle(code: Code, first: readonly Interval[], ranges: readonly (readonly Interval[])[]): readonly Interval[] {
  const temps: Interval[] = Array.from({ length: code.temps }, (_, i) => first[i] ?? null);
  const lets = code.blocks.flatMap((block) => block.statements.filter((statement) => statement.op === "let"));
  const growths = temps.map(() => 0);
  for (let stable = false; !stable; ) {
    stable = true;
    for (const { temp, value } of lets) {
      const before = temps[temp] ?? null;
      const wider = join(before, intervalOf(value, temps, ranges));
      if (same(wider, before)) continue;
      const growth = (growths[temp] = (growths[temp] ?? 0) + 1);
      temps[temp] = growth <= mostGrowths ? wider : whole;
      stable = false;
    }
  }
  return temps;
}

/** The variables that a code loads. */
function readsOf(code: Code): ReadonlySet<number> {
  const found = new Set<number>();
  const look = (expression: Expr | null): void => {
    if (expression !== null) visit(expression, (part) => part.op === "load" && found.add(part.variable));
  };
  for (const statement of code.blocks.flatMap((block) => block.statements)) {
    if (statement.op === "complete") statement.results.forEach(look);
    else if (statement.op !== "terminate") look(statement.value);
    if (statement.op === "assign") look(statement.index);
  }
  return found;
}

/** The temporaries with those of `index` bound to one value each, in all combinations; as they are if these are many. */
function cases(index: Expr, temps: readonly Interval[]): readonly (readonly Interval[])[] {
  let bindings: readonly (readonly Interval[])[] = [temps];
  for (const temp of temporariesOf(index)) {
    const range = temps[temp];
    if (range === null || range === undefined || (range[1] - range[0] + 1) * bindings.length > 128) return [temps];
    const values = Array.from({ length: range[1] - range[0] + 1 }, (_, i) => pointOf(range[0] + i));
    bindings = bindings.flatMap((binding) => values.map((value) => binding.with(temp, value)));
  }
  return bindings;
}

function temporariesOf(expression: Expr): ReadonlySet<number> {
  const found = new Set<number>();
  visit(expression, (part) => part.op === "temp" && found.add(part.temp));
  return found;
}

/** Every part of an expression, itself first. */
export function visit(expression: Expr, see: (part: Expr) => unknown): void {
  see(expression);
  switch (expression.op) {
    case "const":
    case "temp":
      break;
    case "load":
      if (expression.index !== null) visit(expression.index, see);
      break;
    case "unary":
      visit(expression.operand, see);
      break;
    case "binary":
    case "and":
    case "or":
      visit(expression.left, see);
      visit(expression.right, see);
      break;
    case "select":
      for (const part of [expression.condition, expression.then, expression.else]) visit(part, see);
      break;
  }
}

const pointOf = (value: number): Interval => [value, value];
/** Where the interval has grown, it gets the declared bound. */
function stretched(before: Interval, after: Interval, { min, max }: Variable): Interval {
  if (before === null || after === null) return after;
  return [after[0] < before[0] ? min : after[0], after[1] > before[1] ? max : after[1]];
}
/** Results are not clipped to a declared range: let them grow a few times, then give up. */
function widen(before: Interval, after: Interval): Interval {
  if (before === null || after === null) return after;
  return [
    after[0] < before[0] ? (after[0] < -0x1_0000 ? whole[0] : after[0]) : before[0],
    after[1] > before[1] ? (after[1] > 0x1_0000 ? whole[1] : after[1]) : before[1],
  ] as const;
}

/** What an expression can be, where its temporaries and the elements of the state are in these intervals; null: it is never evaluated. */
export function intervalOf(expression: Expr, temps: readonly Interval[], ranges: readonly (readonly Interval[])[]): Interval {
  const value = (e: Expr): Interval => intervalOf(e, temps, ranges);
  switch (expression.op) {
    case "const":
      return [expression.value, expression.value];
    case "temp":
      return temps[expression.temp] ?? null;
    case "load": {
      const row = ranges[expression.variable] ?? [];
      const index = expression.index === null ? pointOf(0) : value(expression.index);
      return index === null ? null : row.slice(Math.max(0, index[0]), Math.max(0, index[1] + 1)).reduce<Interval>(join, null);
    }
    case "unary": {
      const operand = value(expression.operand);
      if (operand === null) return null;
      if (expression.operator === "!") return [operand[0] === 0 && operand[1] === 0 ? 1 : 0, operand[0] > 0 || operand[1] < 0 ? 0 : 1];
      // Kept within 32 bits, or the widest interval would grow for ever round a loop.
      return expression.operator === "-" ? (clip([-operand[1], -operand[0]], whole[0], whole[1]) ?? whole) : [~operand[1], ~operand[0]];
    }
    case "and":
    case "or":
      return value(expression.left) === null ? null : [0, 1];
    case "select": {
      const condition = value(expression.condition);
      if (condition === null) return null;
      if (condition[0] === 0 && condition[1] === 0) return value(expression.else);
      return condition[0] > 0 || condition[1] < 0 ? value(expression.then) : join(value(expression.then), value(expression.else));
    }
    case "binary": {
      const left = value(expression.left);
      const right = value(expression.right);
      if (left === null || right === null) return null;
      return clip(binary(expression.operator, left, right), whole[0], whole[1]) ?? whole;
    }
  }
}

function binary(operator: Extract<Expr, { op: "binary" }>["operator"], left: readonly [number, number], right: readonly [number, number]): Interval {
  switch (operator) {
    case "+":
      return [left[0] + right[0], left[1] + right[1]];
    case "-":
      return [left[0] - right[1], left[1] - right[0]];
    case "*": {
      const corners = [left[0] * right[0], left[0] * right[1], left[1] * right[0], left[1] * right[1]];
      return [Math.min(...corners), Math.max(...corners)];
    }
    case "/":
      return quotients(left, right);
    case "%": {
      const bound = Math.max(Math.abs(right[0]), Math.abs(right[1])) - 1;
      return [left[0] < 0 ? Math.max(left[0], -bound) : 0, left[1] > 0 ? Math.min(left[1], bound) : 0];
    }
    case "&":
      if (left[0] >= 0 || right[0] >= 0) return [0, left[0] < 0 ? right[1] : right[0] < 0 ? left[1] : Math.min(left[1], right[1])];
      return whole;
    case "|":
    case "^":
      return left[0] >= 0 && right[0] >= 0 ? [0, 2 ** Math.ceil(Math.log2(Math.max(left[1], right[1]) + 1)) - 1] : whole;
    case "<<":
      return left[0] >= 0 && right[0] >= 0 && right[1] <= 31 ? [left[0] * 2 ** right[0], left[1] * 2 ** right[1]] : whole;
    case ">>":
    case ">>>":
      return left[0] >= 0 ? [0, left[1]] : whole;
    case "==":
    case "!=":
    case "<":
    case "<=":
    case ">":
    case ">=":
      return [0, 1];
  }
}
