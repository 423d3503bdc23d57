/** A transition system as text, for people who look into what the compiler made of a protocol. */
import type { Code, Expr, State, Statement, System, Terminator, ValueType, Variable } from "./system.ts";

/** A value as its type shows it. */
export function showValue(system: System, type: ValueType, value: number): string {
  switch (type.kind) {
    case "int":
      return String(value);
    case "boolean":
      return value === 0 ? "false" : "true";
    case "enum":
      return type.values[value] ?? `?${value}`;
    case "thread":
      return value < 0 ? "nobody" : (system.processes[value]?.name ?? `?${value}`);
    case "location":
      return `@${value}`;
  }
}

function showVariable(system: System, variable: Variable, values: readonly number[]): string {
  const shown = values.map((value) => showValue(system, variable.type, value));
  return `${variable.name} = ${variable.length === 1 ? shown[0] : `[${shown.join(", ")}]`}`;
}

/** One variable a line. */
export function showState(system: System, state: State): string {
  return system.variables.map((variable) => showVariable(system, variable, state[variable.id] ?? [])).join("\n");
}

/** An expression in the notation of the source; `$n` is a temporary. */
export function showExpr(system: System, expression: Expr): string {
  const show = (e: Expr): string => showExpr(system, e);
  switch (expression.op) {
    case "const":
      return String(expression.value);
    case "temp":
      return `$${expression.temp}`;
    case "load":
      return showPlace(system, expression.variable, expression.index);
    case "unary":
      return `${expression.operator}${show(expression.operand)}`;
    case "binary":
      return `(${show(expression.left)} ${expression.operator} ${show(expression.right)})`;
    case "and":
      return `(${show(expression.left)} && ${show(expression.right)})`;
    case "or":
      return `(${show(expression.left)} || ${show(expression.right)})`;
    case "select":
      return `(${show(expression.condition)} ? ${show(expression.then)} : ${show(expression.else)})`;
  }
}

function showPlace(system: System, variable: number, index: Expr | null): string {
  const name = system.variables[variable]?.name ?? `?${variable}`;
  return index === null ? name : `${name}[${showExpr(system, index)}]`;
}

function showStatement(system: System, statement: Statement): string {
  const show = (e: Expr): string => showExpr(system, e);
  switch (statement.op) {
    case "let":
      return `$${statement.temp} = ${show(statement.value)}`;
    case "assign":
      return `${showPlace(system, statement.variable, statement.index)} := ${show(statement.value)}`;
    case "complete":
      return `complete ${system.operations[statement.operation]?.name} of ${show(statement.thread)} (${statement.results.map(show).join(", ")})`;
    case "terminate":
      return `terminate ${show(statement.thread)}`;
  }
}

function showEnd(system: System, end: Terminator): string {
  switch (end.op) {
    case "goto":
      return `goto b${end.block}`;
    case "branch":
      return `if ${showExpr(system, end.condition)} goto b${end.then} else b${end.else}`;
    case "yield":
      return `yield @${end.location}`;
    case "fail": {
      const failure = system.failures[end.failure];
      return `fail ${failure?.kind}: ${failure?.message}`;
    }
    default:
      return end.op;
  }
}

function showCode(system: System, code: Code, indent: string): string[] {
  return code.blocks.flatMap((block, i) => [
    `${indent}b${i}:`,
    ...[...block.statements.map((statement) => showStatement(system, statement)), showEnd(system, block.end)].map((line) => `${indent}  ${line}`),
  ]);
}

/** The whole system. */
export function printSystem(system: System): string {
  const lines = [
    `system ${system.name}: kernel ${system.kernel.name}, ${system.processes.length} threads on ${system.cpus} CPUs, ${system.scheduling}`,
    "",
    "variables",
  ];
  for (const variable of system.variables) {
    lines.push(
      `  ${showVariable(system, variable, variable.initial)}   in ${variable.min}..${variable.max}, ${variable.role}${variable.queue === null ? "" : `, queues of ${variable.queue.capacity}`}`,
    );
  }
  for (const process of system.processes) {
    lines.push(
      "",
      `thread ${process.name} on CPU ${process.cpu}, priority ${process.priority}${process.stoppable ? ", untrusted" : ""}`,
      "  entry",
      ...showCode(system, process.entry, "    "),
    );
    for (const location of process.locations) {
      lines.push(`  @${location.index} ${location.label}  (${location.site.file}:${location.site.line}:${location.site.column})`);
      for (const arg of location.args) lines.push(`    ${arg.name}: ${showExpr(system, arg.value)}`);
      for (const id of location.transitions) lines.push(...showTransition(system, id, "    "));
      lines.push(`    then, with ${location.results} results`, ...showCode(system, location.continuation, "      "));
      for (const wait of location.waits) {
        const wakers = wait.wakers.map(
          ({ able, when }) =>
            `${able.flatMap((row, thread) => (row.some(Boolean) ? [system.processes[thread]?.name] : [])).join(" ")} when ${showExpr(system, when)}`,
        );
        lines.push(
          `    waits "${wait.says}" when ${showExpr(system, wait.when)}, idle ${showExpr(system, wait.idle)}${wait.until === null ? "" : `, until ${showExpr(system, wait.until)}`}; wakers: ${wakers.join("; ") || "none"}`,
        );
      }
    }
  }
  const others = system.transitions.filter(({ kind }) => kind !== "step");
  if (others.length > 0) lines.push("", "other transitions", ...others.flatMap(({ id }) => showTransition(system, id, "  ")));
  for (const { name, holds } of system.invariants) lines.push("", `invariant ${name}: ${showExpr(system, holds)}`);
  return `${lines.join("\n")}\n`;
}

function showTransition(system: System, id: number, indent: string): string[] {
  const transition = system.transitions[id];
  if (transition === undefined) return [];
  const { rule, kind, timer, picks, guard, body } = transition;
  const always = guard.blocks.length === 1 && guard.blocks[0]?.end.op === "allow";
  return [
    `${indent}#${id} ${rule}${timer === true ? " (timer)" : kind === "step" ? "" : ` (${kind})`}${picks === 1 ? "" : `, ${picks} picks`}`,
    ...(always ? [] : [`${indent}  when`, ...showCode(system, guard, `${indent}    `)]),
    `${indent}  do`,
    ...showCode(system, body, `${indent}    `),
  ];
}
