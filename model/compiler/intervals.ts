/**
 * Interval analysis (Cousot and Cousot 1977) of a graph: the range of every register at every node, with widening to
 * thresholds, a narrowing pass, and refinement at branches. It infers the ranges of locals, removes checks that cannot
 * fail, and shows that no arithmetic leaves 32 bits.
 */
import type { BinaryOperator, Expr } from "../system/system.ts";
import { applyBinary, quotients } from "../system/arithmetic.ts";
import { type Environment, type Interval, join } from "./environment.ts";
import { operandsOf, walk } from "./expr.ts";
import { type End, type Node, reachable, successors } from "./graph.ts";
import type { Program } from "./program.ts";

export type { Interval };
export type Env = Environment;

const int32: Interval = [-0x8000_0000, 0x7fff_ffff];
const truth: Interval = [0, 1];
const meet = (a: Interval, b: Interval): Interval | null =>
  a[0] >= b[0] && a[1] <= b[1] ? a : Math.max(a[0], b[0]) <= Math.min(a[1], b[1]) ? [Math.max(a[0], b[0]), Math.min(a[1], b[1])] : null;
const isConstant = ([low, high]: Interval): boolean => low === high;

/** Infinity times zero is zero here. */
const times = (a: number, b: number): number => (a === 0 || b === 0 ? 0 : a * b);

export class Ranges {
  readonly #program: Program;
  constructor(program: Program) {
    this.#program = program;
  }

  /** The values that an expression can have. */
  of(expr: Expr, env: Env): Interval {
    switch (expr.op) {
      case "const":
        return [expr.value, expr.value];
      case "temp":
        return env.get(expr.temp) ?? this.#declared(expr.temp);
      case "load": {
        const variable = this.#program.variables[expr.variable];
        return variable === undefined ? int32 : [variable.min, variable.max];
      }
      case "unary": {
        const [low, high] = this.of(expr.operand, env);
        if (expr.operator === "-") return [0 - high, 0 - low];
        if (expr.operator === "~") return [-1 - high, -1 - low];
        return low > 0 || high < 0 ? [0, 0] : isConstant([low, high]) ? [1, 1] : truth;
      }
      case "binary":
        return arithmetic(expr.operator, this.of(expr.left, env), this.of(expr.right, env));
      case "and": {
        const left = this.of(expr.left, env);
        if (isConstant(left) && left[0] === 0) return [0, 0];
        const inner = this.refine(env, expr.left, true);
        if (inner === null) return [0, 0];
        const right = this.of(expr.right, inner);
        if (isConstant(right) && right[0] === 0) return [0, 0];
        return left[0] > 0 && right[0] > 0 ? [1, 1] : truth;
      }
      case "or": {
        const left = this.of(expr.left, env);
        if (left[0] > 0) return [1, 1];
        const inner = this.refine(env, expr.left, false);
        if (inner === null) return [1, 1];
        const right = this.of(expr.right, inner);
        if (right[0] > 0) return [1, 1];
        return isConstant(left) && isConstant(right) ? [0, 0] : truth;
      }
      case "select": {
        const yes = this.refine(env, expr.condition, true);
        const no = this.refine(env, expr.condition, false);
        if (yes === null) return no === null ? int32 : this.of(expr.else, no);
        if (no === null) return this.of(expr.then, yes);
        return join(this.of(expr.then, yes), this.of(expr.else, no));
      }
    }
  }

  #declared(register: number): Interval {
    const type = this.#program.registers[register]?.type;
    switch (type?.kind) {
      case "boolean":
        return truth;
      case "enum":
        return [-1, Math.max(0, type.values.length - 1)];
      case "thread":
        return [-1, this.#program.sizes.threads - 1];
      default:
        return int32;
    }
  }

  /** What is known once `condition` has turned out as `holds`; null if it cannot. */
  refine(env: Env, condition: Expr, holds: boolean): Env | null {
    switch (condition.op) {
      case "const":
        return (condition.value !== 0) === holds ? env : null;
      case "unary":
        if (condition.operator === "!") return this.refine(env, condition.operand, !holds);
        break;
      case "and":
      case "or": {
        if ((condition.op === "and") === holds) {
          const left = this.refine(env, condition.left, holds);
          return left === null ? null : this.refine(left, condition.right, holds);
        }
        const first = this.refine(env, condition.left, holds);
        const other = this.refine(env, condition.left, !holds);
        const second = other === null ? null : this.refine(other, condition.right, holds);
        return first === null ? second : second === null ? first : first.join(second);
      }
      case "binary":
        return this.#compare(env, condition.operator, condition.left, condition.right, holds);
      default:
        break;
    }
    const range = this.of(condition, env);
    if (holds ? isConstant(range) && range[0] === 0 : range[0] > 0 || range[1] < 0) return null;
    if (condition.op !== "temp") return env;
    return this.constrain(env, condition, holds ? [Math.max(range[0], range[0] === 0 ? 1 : range[0]), range[1]] : [0, 0]);
  }

  #compare(env: Env, operator: BinaryOperator, left: Expr, right: Expr, holds: boolean): Env | null {
    const a = this.of(left, env);
    const b = this.of(right, env);
    const actual = holds ? operator : negated[operator];
    let env1: Env | null;
    switch (actual) {
      case "<":
        env1 = this.constrain(env, left, [Number.NEGATIVE_INFINITY, b[1] - 1]);
        return env1 === null ? null : this.constrain(env1, right, [a[0] + 1, Number.POSITIVE_INFINITY]);
      case "<=":
        env1 = this.constrain(env, left, [Number.NEGATIVE_INFINITY, b[1]]);
        return env1 === null ? null : this.constrain(env1, right, [a[0], Number.POSITIVE_INFINITY]);
      case ">":
        env1 = this.constrain(env, left, [b[0] + 1, Number.POSITIVE_INFINITY]);
        return env1 === null ? null : this.constrain(env1, right, [Number.NEGATIVE_INFINITY, a[1] - 1]);
      case ">=":
        env1 = this.constrain(env, left, [b[0], Number.POSITIVE_INFINITY]);
        return env1 === null ? null : this.constrain(env1, right, [Number.NEGATIVE_INFINITY, a[1]]);
      case "==":
        env1 = this.constrain(env, left, b);
        return env1 === null ? null : this.constrain(env1, right, a);
      case "!=": {
        if (isConstant(a) && isConstant(b)) return a[0] === b[0] ? null : env;
        env1 = isConstant(b) ? this.constrain(env, left, without(a, b[0])) : env;
        return env1 === null || !isConstant(a) ? env1 : this.constrain(env1, right, without(b, a[0]));
      }
      default: {
        const range = arithmetic(operator, a, b);
        return holds ? (isConstant(range) && range[0] === 0 ? null : env) : range[0] > 0 || range[1] < 0 ? null : env;
      }
    }
  }

  /** Narrows the registers in `expr`, given that its value lies in `range`. */
  constrain(env: Env, expr: Expr, range: Interval): Env | null {
    const now = this.of(expr, env);
    const narrowed = meet(now, range);
    if (narrowed === null) return null;
    if (expr.op === "temp") return narrowed === now ? env : env.with(expr.temp, narrowed);
    if (expr.op === "binary" && expr.right.op === "const") {
      if (expr.operator === "+") return this.constrain(env, expr.left, [range[0] - expr.right.value, range[1] - expr.right.value]);
      if (expr.operator === "-") return this.constrain(env, expr.left, [range[0] + expr.right.value, range[1] + expr.right.value]);
    }
    return env;
  }
}

const negated: Readonly<Partial<Record<BinaryOperator, BinaryOperator>>> = { "<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "==" };
function without([low, high]: Interval, value: number): Interval {
  return [low === value ? low + 1 : low, high === value ? high - 1 : high];
}

function arithmetic(operator: BinaryOperator, a: Interval, b: Interval): Interval {
  const finite = a.every(Number.isFinite) && b.every(Number.isFinite);
  switch (operator) {
    case "+":
      return [a[0] + b[0], a[1] + b[1]];
    case "-":
      return [a[0] - b[1], a[1] - b[0]];
    case "*": {
      const corners = [times(a[0], b[0]), times(a[0], b[1]), times(a[1], b[0]), times(a[1], b[1])];
      return [Math.min(...corners), Math.max(...corners)];
    }
    case "/":
      return quotients(a, b);
    case "%": {
      // The result has the sign of the dividend and is smaller than the divisor.
      const most = Math.max(Math.abs(b[0]), Math.abs(b[1])) - 1;
      if (a[0] >= 0 && b[0] > a[1]) return a;
      return [a[0] < 0 ? Math.max(a[0], -most) : 0, a[1] > 0 ? Math.min(a[1], most) : 0];
    }
    case "&":
      if (isConstant(a) && isConstant(b) && finite) break;
      if (a[0] >= 0 && b[0] >= 0) return [0, Math.min(a[1], b[1])];
      if (a[0] >= 0) return [0, a[1]];
      if (b[0] >= 0) return [0, b[1]];
      return int32;
    case "|":
    case "^":
      if (isConstant(a) && isConstant(b) && finite) break;
      if (a[0] >= 0 && b[0] >= 0 && finite) return [operator === "|" ? Math.max(a[0], b[0]) : 0, 2 ** (32 - Math.clz32(Math.max(a[1], b[1]))) - 1];
      return int32;
    case "<<": {
      if (!finite || b[0] < 0 || b[1] > 31) return int32;
      const corners = [a[0] * 2 ** b[0], a[0] * 2 ** b[1], a[1] * 2 ** b[0], a[1] * 2 ** b[1]];
      const range: Interval = [Math.min(...corners), Math.max(...corners)];
      return range[0] >= int32[0] && range[1] <= int32[1] ? range : int32;
    }
    case ">>":
      if (!finite || b[0] < 0 || b[1] > 31) return [Math.min(a[0], 0), Math.max(a[1], 0)];
      return [Math.min(a[0] >> b[0], a[0] >> b[1]), Math.max(a[1] >> b[0], a[1] >> b[1])];
    case ">>>":
      if (!finite || b[0] < 0 || b[1] > 31) return [0, 0xffff_ffff];
      if (a[0] >= 0) return [a[0] >> b[1], a[1] >> b[0]];
      return [a[1] < 0 ? a[0] >>> b[1] : 0, (a[1] < 0 ? a[1] : -1) >>> b[0]];
    case "<":
      return a[1] < b[0] ? [1, 1] : a[0] >= b[1] ? [0, 0] : truth;
    case "<=":
      return a[1] <= b[0] ? [1, 1] : a[0] > b[1] ? [0, 0] : truth;
    case ">":
      return arithmetic("<", b, a);
    case ">=":
      return arithmetic("<=", b, a);
    case "==":
      return isConstant(a) && isConstant(b) && a[0] === b[0] ? [1, 1] : meet(a, b) === null ? [0, 0] : truth;
    case "!=":
      return isConstant(a) && isConstant(b) && a[0] === b[0] ? [0, 0] : meet(a, b) === null ? [1, 1] : truth;
  }
  const value = applyBinary(operator, a[0], b[0]);
  return [value, value];
}

/** The ranges at the entry of every node that can be reached. */
export type Analysis = ReadonlyMap<Node, Env>;

export function analyse(program: Program, entry: Node, initial: Env): Analysis {
  const ranges = new Ranges(program);
  const nodes = inReversePostorder(entry);
  let thresholds: readonly number[] | null = null;
  const rank = new Map(nodes.map((node, i) => [node, i]));
  const before = new Map<Node, Env>([[entry, initial]]);
  const visits = new Map<Node, number>();
  const pending = new Set<Node>([entry]);
  while (pending.size > 0) {
    let node: Node | null = null;
    for (const each of pending) if (node === null || (rank.get(each) ?? 0) < (rank.get(node) ?? 0)) node = each;
    if (node === null) break;
    pending.delete(node);
    const env = before.get(node);
    if (env === undefined) continue;
    for (const [next, after] of flow(program, ranges, node, env)) {
      const known = before.get(next);
      let joined = known === undefined ? after : known.join(after);
      if (joined === known) continue;
      const count = (visits.get(next) ?? 0) + 1;
      visits.set(next, count);
      if (known !== undefined && count > 4) {
        thresholds ??= thresholdsOf(program, nodes);
        joined = widen(known, joined, thresholds);
      }
      before.set(next, joined);
      pending.add(next);
    }
  }
  // Narrowing: from a solution, any recomputation is a solution again. Without widening the solution is the least one.
  for (let pass = 0; pass < 3 && thresholds !== null; pass++) {
    const fresh = new Map<Node, Env>([[entry, initial]]);
    for (const node of nodes) {
      const env = before.get(node);
      if (env === undefined) continue;
      for (const [next, after] of flow(program, ranges, node, env)) {
        const known = fresh.get(next);
        fresh.set(next, known === undefined ? after : known.join(after));
      }
    }
    before.clear();
    for (const [node, env] of fresh) before.set(node, env);
  }
  return before;
}

/** A node comes after all that lead to it, but for the back edges of loops. */
function inReversePostorder(entry: Node): readonly Node[] {
  const order: Node[] = [];
  const seen = new Set<Node>([entry]);
  const stack: { readonly node: Node; readonly next: Node[] }[] = [{ node: entry, next: [...successors(entry)] }];
  while (stack.length > 0) {
    const top = stack[stack.length - 1];
    const next = top?.next.pop();
    if (next === undefined) {
      if (top !== undefined) order.push(top.node);
      stack.pop();
    } else if (!seen.has(next)) {
      seen.add(next);
      stack.push({ node: next, next: [...successors(next)] });
    }
  }
  return order.reverse();
}

/** The ranges with which control leaves a node, for each node that it goes to. */
function flow(program: Program, ranges: Ranges, node: Node, env: Env): readonly (readonly [Node, Env])[] {
  const after = afterStatements(ranges, node, env);
  const { end } = node;
  switch (end?.op) {
    case "goto":
      return [[end.to, after]];
    case "branch": {
      const yes = ranges.refine(after, end.condition, true);
      const no = ranges.refine(after, end.condition, false);
      return [...(yes === null ? [] : [[end.then, yes] as const]), ...(no === null ? [] : [[end.else, no] as const])];
    }
    case "perform":
      return [[end.next, afterPerform(program, end, after)]];
    default:
      return [];
  }
}

export function afterStatements(ranges: Ranges, node: Node, env: Env): Env {
  let after = env;
  for (const statement of node.statements) if (statement.op === "let") after = after.with(statement.temp, ranges.of(statement.value, after));
  return after;
}

function afterPerform(program: Program, end: Extract<End, { op: "perform" }>, env: Env): Env {
  let after = env;
  let computed: readonly Interval[] | null = null;
  for (const [i, register] of end.results.entries()) {
    const result = end.pending.results[i];
    if (result === undefined) continue;
    if (result.range === null) computed ??= completions(program, end, env);
    after = after.with(register, result.range ?? computed?.[i] ?? int32);
  }
  return after;
}

/** What the body of a language operation completes it with. */
function completions(program: Program, end: Extract<End, { op: "perform" }>, env: Env): readonly Interval[] {
  if (end.pending.kind !== "language") return [];
  const ranges = new Ranges(program);
  const found: Interval[] = [];
  for (const rule of end.pending.rules) {
    const inner = rule.pick === null ? env : env.with(rule.pick, [0, rule.picks - 1]);
    const analysis = analyse(program, rule.body.entry, inner);
    for (const [node, start] of analysis) {
      let now = start;
      for (const statement of node.statements) {
        if (statement.op === "let") now = now.with(statement.temp, ranges.of(statement.value, now));
        if (statement.op !== "complete") continue;
        for (const [i, expr] of statement.results.entries()) {
          const range = ranges.of(expr, now);
          const known = found[i];
          found[i] = known === undefined ? range : join(known, range);
        }
      }
    }
  }
  return found;
}

function widen(known: Env, joined: Env, thresholds: readonly number[]): Env {
  let widened = joined;
  joined.compare(known, (register, range, old) => {
    if (old === undefined) return;
    const low = range[0] < old[0] ? (thresholds.findLast((each) => each <= range[0]) ?? Number.NEGATIVE_INFINITY) : range[0];
    const high = range[1] > old[1] ? (thresholds.find((each) => each >= range[1]) ?? Number.POSITIVE_INFINITY) : range[1];
    widened = widened.with(register, [low, high]);
  });
  return widened;
}

/** Constants of the program and their neighbours, and the bounds of declared ranges. */
function thresholdsOf(program: Program, nodes: readonly Node[]): readonly number[] {
  const found = new Set<number>([-1, 0, 1]);
  const add = (value: number): void => {
    for (const near of [value - 1, value, value + 1]) if (near >= int32[0] && near <= int32[1]) found.add(near);
  };
  const look = (expr: Expr): void =>
    walk(expr, (part) => {
      if (part.op === "const") add(part.value);
      if (part.op === "load") {
        const variable = program.variables[part.variable];
        if (variable !== undefined) for (const bound of [variable.min, variable.max]) add(bound);
      }
    });
  const lookAll = (node: Node): void => {
    for (const statement of node.statements) operandsOf(statement).forEach(look);
    if (node.end?.op === "branch") look(node.end.condition);
  };
  for (const node of nodes) {
    lookAll(node);
    if (node.end?.op !== "perform") continue;
    for (const { range } of node.end.pending.results) range?.forEach(add);
    if (node.end.pending.kind === "language") for (const { body } of node.end.pending.rules) reachable(body.entry).forEach(lookAll);
  }
  return [...found].sort((a, b) => a - b);
}

/** The node's successors that control can really go to. */
export function liveSuccessors(program: Program, analysis: Analysis): (node: Node) => readonly Node[] {
  const ranges = new Ranges(program);
  return (node) => {
    const env = analysis.get(node);
    if (env === undefined) return [];
    if (node.end?.op !== "branch") return successors(node);
    const after = afterStatements(ranges, node, env);
    const yes = ranges.refine(after, node.end.condition, true) !== null;
    const no = ranges.refine(after, node.end.condition, false) !== null;
    return [...(yes ? [node.end.then] : []), ...(no ? [node.end.else] : [])];
  };
}
