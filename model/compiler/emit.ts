/** From graphs over registers to the code of a transition system: blocks over temporaries and state variables. */
import type { Block, Code, Expr, Statement, Terminator } from "../system/system.ts";
import { and, not, number, operandsOf, or, register, select, substitute, walk } from "./expr.ts";
import type { End, Node } from "./graph.ts";

export interface Emission {
  readonly entry: Node;
  /** Where control can go. */
  readonly next: (node: Node) => readonly Node[];
  /** What a register that is no temporary stands for; null: it is one. */
  readonly replace: (register: number) => Expr | null;
  /** Registers that are given temporaries 0, 1, …; `reserved` is how many numbers that takes. */
  readonly given: readonly number[];
  readonly reserved: number;
  /** Statements before everything else. */
  readonly before?: (temp: (register: number) => Expr) => readonly Statement[];
  /** Ends that leave the code; statements that come before them. `goto` continues with a node of another graph. */
  readonly leave: (
    node: Node,
    end: End,
    temp: (register: number) => Expr,
  ) => { readonly statements: readonly Statement[]; readonly end: Terminator | { readonly op: "continue"; readonly at: Node } };
}

export function emit(emission: Emission): Code {
  const temps = new Map<number, number>(emission.given.map((id, i) => [id, i]));
  let count = Math.max(emission.reserved, emission.given.length);
  const temp = (id: number): Expr => {
    const replaced = emission.replace(id);
    if (replaced !== null) return replaced;
    return register(tempOf(id));
  };
  const tempOf = (id: number): number => {
    let number = temps.get(id);
    if (number === undefined) {
      number = count++;
      temps.set(id, number);
    }
    return number;
  };
  const rewrite = (expr: Expr): Expr => substitute(expr, temp);
  const rewriteStatement = (statement: Statement): Statement => {
    switch (statement.op) {
      case "let":
        return { op: "let", temp: tempOf(statement.temp), value: rewrite(statement.value) };
      case "assign":
        return {
          op: "assign",
          variable: statement.variable,
          index: statement.index === null ? null : rewrite(statement.index),
          value: rewrite(statement.value),
        };
      case "complete":
        return { ...statement, thread: rewrite(statement.thread), results: statement.results.map(rewrite) };
      case "terminate":
        return { op: "terminate", thread: rewrite(statement.thread) };
    }
  };

  const numbers = new Map<Node, number>();
  const queue: Node[] = [];
  const blockOf = (node: Node): number => {
    let number = numbers.get(node);
    if (number === undefined) {
      number = numbers.size;
      numbers.set(node, number);
      queue.push(node);
    }
    return number;
  };
  blockOf(emission.entry);
  const blocks: Block[] = [];
  for (let i = 0; i < queue.length; i++) {
    const node = queue[i];
    if (node === undefined) break;
    const { end } = node;
    const statements = node.statements.map(rewriteStatement);
    const next = emission.next(node);
    if (i === 0) statements.unshift(...(emission.before?.(temp) ?? []));
    if (end === null) throw new Error("a node without an end is reached");
    if (end.op === "goto") blocks.push({ statements, end: { op: "goto", block: blockOf(end.to) } });
    else if (end.op === "branch") {
      const [only] = next;
      if (next.length === 1 && only !== undefined) blocks.push({ statements, end: { op: "goto", block: blockOf(only) } });
      else blocks.push({ statements, end: { op: "branch", condition: rewrite(end.condition), then: blockOf(end.then), else: blockOf(end.else) } });
    } else {
      const left = emission.leave(node, end, temp);
      statements.push(...left.statements);
      blocks.push({ statements, end: left.end.op === "continue" ? { op: "goto", block: blockOf(left.end.at) } : left.end });
    }
  }
  return tidy({ temps: count, blocks }, emission.reserved);
}

/** Substitutes temporaries that hold one constant, drops those that nobody reads, joins blocks that follow each other. */
export function tidy(code: Code, given: number): Code {
  let { blocks } = code;
  for (;;) {
    const definitions = new Map<number, Expr[]>();
    const reads = new Map<number, number>();
    const count = (expr: Expr): void =>
      walk(expr, (part) => {
        if (part.op === "temp") reads.set(part.temp, (reads.get(part.temp) ?? 0) + 1);
      });
    for (const block of blocks) {
      for (const statement of block.statements) {
        operandsOf(statement).forEach(count);
        if (statement.op === "let") definitions.set(statement.temp, [...(definitions.get(statement.temp) ?? []), statement.value]);
      }
      if (block.end.op === "branch") count(block.end.condition);
    }
    const constants = new Map<number, Expr>();
    for (const [temp, values] of definitions) {
      const [value] = values;
      if (temp >= given && values.length === 1 && value?.op === "const") constants.set(temp, value);
    }
    const isDead = (statement: Statement): boolean => statement.op === "let" && (constants.has(statement.temp) || (reads.get(statement.temp) ?? 0) === 0);
    if (!blocks.some(({ statements }) => statements.some(isDead))) break;
    const rewrite = (expr: Expr): Expr => (constants.size === 0 ? expr : substitute(expr, (temp) => constants.get(temp) ?? register(temp)));
    blocks = blocks.map(({ statements, end }) => ({
      statements: statements.filter((each) => !isDead(each)).map((each) => mapStatement(each, rewrite)),
      end: end.op === "branch" ? branch(rewrite(end.condition), end.then, end.else) : end,
    }));
  }
  return renumber({ temps: code.temps, blocks: straighten(blocks) }, given);
}

function branch(condition: Expr, then: number, otherwise: number): Terminator {
  if (condition.op === "const") return { op: "goto", block: condition.value !== 0 ? then : otherwise };
  return { op: "branch", condition, then, else: otherwise };
}

export function mapStatement(statement: Statement, rewrite: (expr: Expr) => Expr): Statement {
  switch (statement.op) {
    case "let":
      return { ...statement, value: rewrite(statement.value) };
    case "assign":
      return { ...statement, index: statement.index === null ? null : rewrite(statement.index), value: rewrite(statement.value) };
    case "complete":
      return { ...statement, thread: rewrite(statement.thread), results: statement.results.map(rewrite) };
    case "terminate":
      return { ...statement, thread: rewrite(statement.thread) };
  }
}

/** Skips empty blocks, joins a block with its only predecessor, drops what cannot be reached. */
function straighten(blocks: readonly Block[]): readonly Block[] {
  const skip = (start: number): number => {
    const seen = new Set<number>();
    let block = start;
    for (;;) {
      const at = blocks[block];
      if (at === undefined || at.statements.length > 0 || at.end.op !== "goto" || seen.has(block)) return block;
      seen.add(block);
      block = at.end.block;
    }
  };
  const ends = blocks.map(({ end }): Terminator => {
    if (end.op === "goto") return { op: "goto", block: skip(end.block) };
    if (end.op !== "branch") return end;
    const then = skip(end.then);
    const otherwise = skip(end.else);
    return then === otherwise ? { op: "goto", block: then } : { ...end, then, else: otherwise };
  });
  const targets = (end: Terminator): readonly number[] => (end.op === "goto" ? [end.block] : end.op === "branch" ? [end.then, end.else] : []);
  const entries = new Map<number, number>([[0, 1]]);
  const seen = new Set<number>([0]);
  const queue = [0];
  for (let i = 0; i < queue.length; i++) {
    const end = ends[queue[i] ?? 0];
    for (const target of end === undefined ? [] : targets(end)) {
      entries.set(target, (entries.get(target) ?? 0) + 1);
      if (!seen.has(target)) {
        seen.add(target);
        queue.push(target);
      }
    }
  }
  const joined: { statements: Statement[]; end: Terminator }[] = [];
  const position = new Map<number, number>();
  const heads = [0];
  position.set(0, 0);
  for (let i = 0; i < heads.length; i++) {
    let at = heads[i] ?? 0;
    const statements: Statement[] = [];
    let end = ends[at] ?? { op: "end" as const };
    for (;;) {
      statements.push(...(blocks[at]?.statements ?? []));
      end = ends[at] ?? { op: "end" };
      if (end.op !== "goto" || entries.get(end.block) !== 1 || end.block === 0) break;
      at = end.block;
    }
    joined.push({ statements, end });
    for (const target of targets(end)) {
      if (position.has(target)) continue;
      position.set(target, heads.length);
      heads.push(target);
    }
  }
  const place = (block: number): number => position.get(block) ?? 0;
  return joined.map(({ statements, end }) => ({
    statements,
    end: end.op === "goto" ? { op: "goto", block: place(end.block) } : end.op === "branch" ? { ...end, then: place(end.then), else: place(end.else) } : end,
  }));
}

/** Numbers the temporaries densely; the first `given` keep theirs. */
function renumber(code: Code, given: number): Code {
  const numbers = new Map<number, number>(Array.from({ length: given }, (_, i) => [i, i]));
  const numberOf = (temp: number): number => {
    let number = numbers.get(temp);
    if (number === undefined) {
      number = numbers.size;
      numbers.set(temp, number);
    }
    return number;
  };
  const rewrite = (expr: Expr): Expr => substitute(expr, (temp) => register(numberOf(temp)));
  const blocks = code.blocks.map(
    ({ statements, end }): Block => ({
      statements: statements.map((each) => {
        const mapped = mapStatement(each, rewrite);
        return mapped.op === "let" ? { ...mapped, temp: numberOf(mapped.temp) } : mapped;
      }),
      end: end.op === "branch" ? { ...end, condition: rewrite(end.condition) } : end,
    }),
  );
  return { temps: numbers.size, blocks };
}

/**
 * A pure graph without loops that ends in allow and deny, as one expression; null if it has a loop. A failure counts as
 * deny.
 */
export function toExpr(entry: Node, next: (node: Node) => readonly Node[], replace: (register: number) => Expr | null): Expr | null {
  const active = new Set<Node>();
  let budget = 20_000;
  const run = (node: Node, outer: ReadonlyMap<number, Expr>): Expr | null => {
    if (active.has(node) || budget-- < 0) return null;
    active.add(node);
    const values = new Map(outer);
    const rewrite = (expr: Expr): Expr => substitute(expr, (id) => values.get(id) ?? replace(id) ?? number(0));
    for (const statement of node.statements) if (statement.op === "let") values.set(statement.temp, rewrite(statement.value));
    const result = finish(node, values, rewrite);
    active.delete(node);
    return result;
  };
  const finish = (node: Node, values: ReadonlyMap<number, Expr>, rewrite: (expr: Expr) => Expr): Expr | null => {
    const { end } = node;
    switch (end?.op) {
      case "allow":
        return number(1);
      case "goto":
        return run(end.to, values);
      case "branch": {
        const [only] = next(node);
        if (next(node).length === 1 && only !== undefined) return run(only, values);
        const condition = rewrite(end.condition);
        if (condition.op === "const") return run(condition.value !== 0 ? end.then : end.else, values);
        const yes = run(end.then, values);
        const no = run(end.else, values);
        if (yes === null || no === null) return null;
        if (no.op === "const" && no.value === 0) return and(condition, yes);
        if (yes.op === "const" && yes.value === 1) return or(condition, no);
        if (yes.op === "const" && yes.value === 0) return and(not(condition), no);
        return select(condition, yes, no);
      }
      default:
        return number(0);
    }
  };
  return run(entry, new Map());
}
