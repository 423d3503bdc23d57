/**
 * What the exporters of models have in common: code of a transition system as expressions and graphs that the languages
 * of other model checkers can say. Constants are put in and followed (constant propagation along one path of branches),
 * guards become one expression, and a data race becomes a predicate over states like any invariant.
 */
import { applyBinary } from "../../../model/system/arithmetic.ts";
import type { Block, Code, Expr, Invariant, Process, Statement, System, Terminator, Transition } from "../../../model/system/system.ts";

/** What a system uses that an export cannot express. */
export class NotExportable extends Error {}

export const constant = (value: number): Expr => ({ op: "const", value });
const truth = (e: Expr): boolean | null => (e.op === "const" ? e.value !== 0 : null);

/** Both; constants are folded. */
export function both(left: Expr, right: Expr): Expr {
  return simplify({ op: "and", left, right });
}

/** Puts values for temporaries into an expression and folds what is constant then. */
export function substitute(e: Expr, values: ReadonlyMap<number, Expr>): Expr {
  const inside = (inner: Expr): Expr => substitute(inner, values);
  switch (e.op) {
    case "const":
      return e;
    case "temp":
      return values.get(e.temp) ?? e;
    case "load":
      return e.index === null ? e : { ...e, index: inside(e.index) };
    case "unary":
      return simplify({ ...e, operand: inside(e.operand) });
    case "select":
      return simplify({ ...e, condition: inside(e.condition), then: inside(e.then), else: inside(e.else) });
    case "and":
    case "or":
    case "binary":
      return simplify({ ...e, left: inside(e.left), right: inside(e.right) });
  }
}

/** Folds the outermost operator where its operands decide. The value of `and`, `or` and comparisons is 0 or 1. */
function simplify(e: Expr): Expr {
  switch (e.op) {
    case "unary":
      if (e.operand.op !== "const") return e;
      return constant(e.operator === "!" ? Number(e.operand.value === 0) : e.operator === "-" ? 0 - e.operand.value : ~e.operand.value);
    case "select": {
      const condition = truth(e.condition);
      return condition === null ? e : condition ? e.then : e.else;
    }
    case "and":
      if (truth(e.left) === false || (truth(e.left) === true && e.right.op === "const"))
        return constant(Number(truth(e.left) === true && truth(e.right) === true));
      return truth(e.left) === true && isBoolean(e.right) ? e.right : truth(e.right) === true && isBoolean(e.left) ? e.left : e;
    case "or":
      if (truth(e.left) === true || (truth(e.left) === false && e.right.op === "const"))
        return constant(Number(truth(e.left) === true || truth(e.right) === true));
      return truth(e.left) === false && isBoolean(e.right) ? e.right : truth(e.right) === false && isBoolean(e.left) ? e.left : e;
    case "binary":
      return e.left.op === "const" && e.right.op === "const" ? constant(applyBinary(e.operator, e.left.value, e.right.value)) : e;
    default:
      return e;
  }
}

/** Whether the value can only be 0 or 1. */
export function isBoolean(e: Expr): boolean {
  switch (e.op) {
    case "const":
      return e.value === 0 || e.value === 1;
    case "unary":
      return e.operator === "!";
    case "and":
    case "or":
      return true;
    case "select":
      return isBoolean(e.then) && isBoolean(e.else);
    case "binary":
      return ["<", "<=", ">", ">=", "==", "!="].includes(e.operator);
    default:
      return false;
  }
}

/** The graph with its first temporaries known: branches that are decided become gotos, blocks that are not reached stay empty. */
export function specialise(code: Code, first: readonly (number | null)[]): Code {
  const assigned = new Set(code.blocks.flatMap(({ statements }) => statements.flatMap((each) => (each.op === "let" ? [each.temp] : []))));
  const values = new Map(first.flatMap((value, temp) => (value === null || assigned.has(temp) ? [] : [[temp, constant(value)] as const])));
  const inside = (e: Expr): Expr => substitute(e, values);
  const decided = code.blocks.map(
    ({ statements, end }): Block => ({ statements: statements.map((each) => mapStatement(each, inside)), end: follow(end, inside) }),
  );
  const reached = reachable({ ...code, blocks: decided });
  return { ...code, blocks: decided.map((block, i) => (reached.has(i) ? block : { statements: [], end: { op: "goto", block: i } })) };
}

function follow(end: Terminator, inside: (e: Expr) => Expr): Terminator {
  if (end.op !== "branch") return end;
  const condition = inside(end.condition);
  const known = truth(condition);
  return known === null ? { ...end, condition } : { op: "goto", block: known ? end.then : end.else };
}

/** The statement with all its expressions replaced. */
export function mapStatement(statement: Statement, map: (e: Expr) => Expr): Statement {
  switch (statement.op) {
    case "let":
      return { ...statement, value: map(statement.value) };
    case "assign":
      return { ...statement, index: statement.index === null ? null : map(statement.index), value: map(statement.value) };
    case "complete":
      return { ...statement, thread: map(statement.thread), results: statement.results.map(map) };
    case "terminate":
      return { ...statement, thread: map(statement.thread) };
  }
}

/** A guard without loops as one expression; `pick` is its temporary 0. */
export function guardOf(code: Code, pick: number): Expr {
  return decide(code, new Map([[0, constant(pick)]]), (end) => {
    if (end === "effect") throw new NotExportable("a rule's guard has effects");
    if (end.op !== "allow" && end.op !== "deny" && end.op !== "prune") throw new NotExportable(`a guard ends in ${end.op}`);
    return constant(Number(end.op === "allow"));
  });
}

/**
 * When a transition with this pick exists at all: its guard allows it, and no assumption at the beginning of its body is
 * false. Assumptions after the first effect cannot be put into a guard.
 */
export function existence({ guard, body }: Transition, pick: number): Expr {
  const allowed = guardOf(guard, pick);
  const passes = unpruned(body, new Map([[0, constant(pick)]]));
  return JSON.stringify(allowed) === JSON.stringify(passes) ? allowed : both(allowed, passes);
}

/** That a graph does not come to a false assumption, said before it begins. */
export function unpruned(code: Code, first: ReadonlyMap<number, Expr>): Expr {
  const towards = new Set(code.blocks.flatMap(({ end }, i) => (end.op === "prune" ? [i] : [])));
  for (let before = -1; before !== towards.size; ) {
    before = towards.size;
    code.blocks.forEach(({ end }, i) => {
      if (next(end).some((to) => towards.has(to))) towards.add(i);
    });
  }
  if (!towards.has(0) || !parts(code).ends.some(({ op }) => op === "prune")) return constant(1);
  return decide(
    code,
    first,
    (end) => {
      if (end === "effect") throw new NotExportable("an assumption after a step has had effects: the step is known to be impossible only after it has begun");
      return constant(Number(end.op !== "prune"));
    },
    (block) => !towards.has(block),
  );
}

/** Blocks on all paths of a guard, and operators of a value in it, at most. */
const longest = 2000;

function sizeOf(e: Expr): number {
  switch (e.op) {
    case "const":
    case "temp":
      return 1;
    case "load":
      return 1 + (e.index === null ? 0 : sizeOf(e.index));
    case "unary":
      return 1 + sizeOf(e.operand);
    case "select":
      return 1 + sizeOf(e.condition) + sizeOf(e.then) + sizeOf(e.else);
    case "and":
    case "or":
    case "binary":
      return 1 + sizeOf(e.left) + sizeOf(e.right);
  }
}

/** Follows a graph without effects, from block 0: the value that `ended` gives where it ends, or where `settled` says that the rest is 1. */
function decide(
  code: Code,
  first: ReadonlyMap<number, Expr>,
  ended: (end: Terminator | "effect") => Expr,
  settled: (block: number) => boolean = () => false,
): Expr {
  let visits = 0;
  const walk = (block: number, values: ReadonlyMap<number, Expr>, depth: number): Expr => {
    const at = code.blocks[block];
    if (at === undefined || depth > 200) throw new NotExportable("a rule's guard contains a loop");
    if (visits++ > longest) throw new NotExportable("a rule's guard is too long to be one expression");
    if (settled(block)) return constant(1);
    const known = new Map(values);
    for (const statement of at.statements) {
      if (statement.op !== "let") return ended("effect");
      const value = substitute(statement.value, known);
      if (sizeOf(value) > longest) throw new NotExportable("a rule's guard is too long to be one expression");
      known.set(statement.temp, value);
    }
    if (at.end.op === "goto") return walk(at.end.block, known, depth + 1);
    if (at.end.op !== "branch") return ended(at.end);
    const condition = substitute(at.end.condition, known);
    const decided = truth(condition);
    if (decided !== null) return walk(decided ? at.end.then : at.end.else, known, depth + 1);
    const yes = walk(at.end.then, known, depth + 1);
    const no = walk(at.end.else, known, depth + 1);
    if (yes.op === "const" && no.op === "const")
      return yes.value === no.value ? yes : yes.value !== 0 ? condition : { op: "unary", operator: "!", operand: condition };
    if (no.op === "const" && no.value === 0) return { op: "and", left: condition, right: yes };
    return { op: "select", condition, then: yes, else: no };
  };
  return walk(0, first, 0);
}

/** Blocks that can be reached from the first one. */
export function reachable(code: Code): ReadonlySet<number> {
  const seen = new Set<number>();
  const visit = [0];
  for (let at = visit.pop(); at !== undefined; at = visit.pop()) {
    const end = code.blocks[at]?.end;
    if (seen.has(at) || end === undefined) continue;
    seen.add(at);
    visit.push(...next(end));
  }
  return seen;
}
/** Where a block goes on. */
export const next = (end: Terminator): readonly number[] => (end.op === "goto" ? [end.block] : end.op === "branch" ? [end.then, end.else] : []);

/** Blocks that more than one edge leads to, each before those it leads to, except round a loop. */
export function joints(code: Code): readonly number[] {
  const order = ordered(code);
  const entries = new Map<number, number>([[0, 1]]);
  for (const from of order) for (const to of next(code.blocks[from]?.end ?? { op: "end" })) entries.set(to, (entries.get(to) ?? 0) + 1);
  return order.filter((block) => (entries.get(block) ?? 0) > 1);
}

/** Blocks in the reverse order of leaving them depth first: a block comes before those it leads to, except round a loop. */
function ordered(code: Code): readonly number[] {
  const seen = new Set<number>();
  const order: number[] = [];
  const visit = (block: number): void => {
    const at = code.blocks[block];
    if (seen.has(block) || at === undefined) return;
    seen.add(block);
    for (const to of next(at.end)) visit(to);
    order.unshift(block);
  };
  visit(0);
  return order;
}

/** The reached statements and ends of a graph. */
export function parts(code: Code): { readonly statements: readonly Statement[]; readonly ends: readonly Terminator[] } {
  const blocks = [...reachable(code)].flatMap((i) => code.blocks[i] ?? []);
  return { statements: blocks.flatMap(({ statements }) => statements), ends: blocks.map(({ end }) => end) };
}

/** The operations that a body completes, each with the thread where that is known beforehand. */
export function completions(code: Code): readonly { readonly operation: number; readonly thread: number | null }[] {
  return parts(code).statements.flatMap((each) =>
    each.op === "complete" ? [{ operation: each.operation, thread: each.thread.op === "const" ? each.thread.value : null }] : [],
  );
}

/** The variables that an expression reads. */
export function readBy(e: Expr, into: Set<number> = new Set()): ReadonlySet<number> {
  switch (e.op) {
    case "const":
    case "temp":
      break;
    case "load":
      into.add(e.variable);
      if (e.index !== null) readBy(e.index, into);
      break;
    case "unary":
      readBy(e.operand, into);
      break;
    case "select":
      for (const inner of [e.condition, e.then, e.else]) readBy(inner, into);
      break;
    case "and":
    case "or":
    case "binary":
      for (const inner of [e.left, e.right]) readBy(inner, into);
      break;
  }
  return into;
}

/** The variables that a graph reads and writes. What `terminate` resets is not among them. */
export function touchedBy(code: Code): { readonly reads: ReadonlySet<number>; readonly writes: ReadonlySet<number> } {
  const reads = new Set<number>();
  const writes = new Set<number>();
  const { statements, ends } = parts(code);
  for (const statement of statements) {
    mapStatement(statement, (e) => {
      readBy(e, reads);
      return e;
    });
    if (statement.op === "assign") writes.add(statement.variable);
  }
  for (const end of ends) if (end.op === "branch") readBy(end.condition, reads);
  return { reads, writes };
}

/** What must hold in every state: the protocol's invariants, and that there is no data race. */
export function demands(system: System): readonly Invariant[] {
  const races = raceOf(system);
  return races === null ? system.invariants : [...system.invariants, { name: "no data race", holds: races, site: null }];
}

/** That no two threads stand before conflicting accesses, one of them plain; null: there are no such accesses. */
function raceOf(system: System): Expr | null {
  const all: Expr[] = [];
  const stands = (process: Process, location: number): Expr => equal({ op: "load", variable: process.pc, index: null }, constant(location));
  for (const [position, process] of system.processes.entries())
    for (const { access, index, races = [] } of process.locations) {
      if (access === null) continue;
      for (const { when } of races) all.push(both(stands(process, index), when));
      if (system.memory?.model === "ra") continue;
      for (const other of system.processes.slice(position + 1))
        for (const against of other.locations) {
          const its = against.access;
          if (its === null || its.variable !== access.variable || !(its.write || access.write) || !(its.plain || access.plain)) continue;
          const same = simplify(equal(access.index ?? constant(0), its.index ?? constant(0)));
          const race = both(both(stands(process, index), stands(other, against.index)), same);
          if (truth(race) !== false) all.push(race);
        }
    }
  const [first, ...rest] = all;
  if (first === undefined) return null;
  return { op: "unary", operator: "!", operand: rest.reduce((left, right): Expr => ({ op: "or", left, right }), first) };
}
const equal = (left: Expr, right: Expr): Expr => ({ op: "binary", operator: "==", left, right });
