/** No arithmetic leaves 32 bits: every intermediate result, at every place that can be reached. */
import type { Expr } from "../system/system.ts";
import { fits, operandsOf, registersOf } from "./expr.ts";
import { places } from "./expressions.ts";
import type { Node } from "./graph.ts";
import { type Analysis, analyse, type Env, Ranges } from "./intervals.ts";
import { reject } from "./problem.ts";
import type { Program } from "./program.ts";

/** Throws a diagnostic for the first arithmetic of a graph whose result may not fit. */
export function requireFits(program: Program, analysis: Analysis): void {
  const ranges = new Ranges(program);
  for (const [node, start] of analysis) {
    let env = start;
    for (const statement of node.statements) {
      for (const expr of operandsOf(statement)) check(program, ranges, expr, env);
      if (statement.op === "let") env = env.with(statement.temp, ranges.of(statement.value, env));
    }
    checkEnd(program, ranges, node, env);
  }
}

function checkEnd(program: Program, ranges: Ranges, node: Node, env: Env): void {
  const { end } = node;
  if (end?.op === "branch") check(program, ranges, end.condition, env);
  if (end?.op !== "perform") return;
  const { pending } = end;
  if (pending.kind === "kernel") {
    for (const value of pending.args.values()) if (value.kind === "scalar") check(program, ranges, value.expr, env);
    return;
  }
  for (const { value } of pending.args) check(program, ranges, value, env);
  for (const rule of pending.rules) {
    const inner = rule.pick === null ? env : env.with(rule.pick, [0, rule.picks - 1]);
    if (rule.guard !== null) requireFits(program, analyse(program, rule.guard.entry, inner));
    requireFits(program, analyse(program, rule.body.entry, inner));
  }
}

function check(program: Program, ranges: Ranges, expr: Expr, env: Env): void {
  switch (expr.op) {
    case "const":
    case "temp":
      return;
    case "load":
      if (expr.index !== null) check(program, ranges, expr.index, env);
      return;
    case "unary":
      check(program, ranges, expr.operand, env);
      break;
    case "binary":
      check(program, ranges, expr.left, env);
      check(program, ranges, expr.right, env);
      break;
    case "and":
    case "or": {
      check(program, ranges, expr.left, env);
      const inner = ranges.refine(env, expr.left, expr.op === "and");
      if (inner !== null) check(program, ranges, expr.right, inner);
      return;
    }
    case "select": {
      check(program, ranges, expr.condition, env);
      const yes = ranges.refine(env, expr.condition, true);
      const no = ranges.refine(env, expr.condition, false);
      if (yes !== null) check(program, ranges, expr.then, yes);
      if (no !== null) check(program, ranges, expr.else, no);
      return;
    }
  }
  const [low, high] = ranges.of(expr, env);
  if (fits(low) && fits(high)) return;
  const place = places.get(expr);
  const unbounded = registersOf(expr)
    .map((id) => ({ id, range: env.get(id) }))
    .find(({ range }) => range !== undefined && !range.every((bound) => fits(bound) && bound > -0x8000_0000 && bound < 0x7fff_ffff));
  if (unbounded !== undefined) {
    const name = program.registers[unbounded.id]?.name ?? "a local";
    reject(
      "IPC170",
      `the range of "${name}" cannot be inferred: it may grow without bound`,
      place?.scope.module ?? null,
      place?.span ?? null,
      `declare its range: let ${name.split(".")[0] ?? "x"} = local(int(0, 7), …), or bound it with an if`,
    );
  }
  reject(
    "IPC171",
    `this result may be ${fits(low) ? high : low}, which does not fit into 32 bits`,
    place?.scope.module ?? null,
    place?.span ?? null,
    "bound the operands, or declare their ranges with local(int(a, b), …)",
  );
}
