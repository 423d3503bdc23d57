/** What `yield*` performs: memory accesses, choices, waits, guarded steps, fences and the operations of a kernel. */
import type { DomainShape } from "../language/domain.ts";
import type { OperationDeclaration } from "../language/kernel.ts";
import type { Order } from "../language/memory.ts";
import type { Expr, ValueType } from "../system/system.ts";
import { apply } from "./calls.ts";
import { asScalar, asStruct, common, type Context, convert, keep, keepExpr, type Permissions, siteOf } from "./context.ts";
import { describeDomain, isDomain, joinPath, leafOf, leavesOf } from "./domains.ts";
import { binary, equal, lookup, number, readsState, register } from "./expr.ts";
import { places, requireInteger, requireValue, toScalar, truthOf } from "./expressions.ts";
import { toExpr } from "./emit.ts";
import { Graph, reachable, successors } from "./graph.ts";
import type { LanguageOperation, MemoryRequest, Result, RuleGraph } from "./pending.ts";
import { reject, type Span } from "./problem.ts";
import type { Scope } from "./scope.ts";
import { addressOf, asCell, assignState, fit, flatten, loadState, wrap } from "./storage.ts";
import { valuesOf } from "../language/operation.ts";
import { type CellValue, describe, type Guard, integer, native, nothing, type Operation, scalar, type Value } from "./values.ts";

const action: Permissions = { perform: false, memory: true, write: true, what: "the `do` of a step" };
const predicate: Permissions = { perform: false, memory: true, write: false, what: "a condition" };

/** A context for code of its own inside an operation. */
export function apart(cx: Context, may: Permissions): Context {
  return { ...cx, graph: new Graph(), may, visible: [], returns: null, jumps: [] };
}
/** Completes the language operation of this thread. */
function complete(cx: Context, operation: number, results: readonly Expr[]): void {
  cx.graph.emit({ op: "complete", thread: cx.self, operation, results });
  cx.graph.end({ op: "end" });
}

interface Parts {
  readonly name: string;
  readonly args?: LanguageOperation["args"];
  readonly results: readonly Result[];
  readonly value: (registers: readonly number[]) => Value;
  readonly rules: readonly RuleGraph[];
  readonly access?: LanguageOperation["access"];
  readonly memory?: MemoryRequest;
  readonly waits?: boolean;
  readonly spins?: boolean;
}
function language(parts: Parts, scope: Scope, span: Span): Operation {
  return {
    kind: "operation",
    pending: {
      kind: "language",
      label: parts.name,
      site: siteOf(scope, span),
      callers: [],
      shown: [],
      args: [],
      access: null,
      memory: null,
      waits: false,
      spins: false,
      ...parts,
    },
  };
}

/** Keeps an expression that depends on state: arguments are what they were when the operation was made. */
const settled = (cx: Context, expr: Expr): Expr => (readsState(expr) ? keepExpr(cx, expr) : expr);

const orders: readonly Order[] = ["relaxed", "acquire", "release", "acq_rel", "seq_cst"];
/** A memory order: it must be known when the protocol is compiled. */
export function orderOf(value: Value | undefined, scope: Scope, span: Span): Order {
  if (value === undefined || (value.kind === "native" && value.value === undefined)) return "seq_cst";
  const found = value.kind === "native" ? orders.find((order) => order === value.value) : undefined;
  return (
    found ??
    reject(
      "IPC127",
      `${describe(value)} is no memory order that is known here`,
      scope.module,
      span,
      `write one of ${orders.map((order) => `"${order}"`).join(", ")}`,
    )
  );
}

const accesses: ReadonlySet<string> = new Set(["read", "write", "load", "store", "compareExchange", "exchange", "fetchAdd"]);
const argumentNames: Readonly<Record<string, readonly string[]>> = {
  write: ["value"],
  store: ["value"],
  exchange: ["value"],
  fetchAdd: ["amount"],
  compareExchange: ["expected", "desired"],
};

export function memoryOperation(cx: Context, cell: CellValue, name: string, values: readonly Value[], scope: Scope, span: Span): Operation {
  if (!accesses.has(name)) return reject("IPC125", `a cell has no method "${name}"`, scope.module, span, `use ${[...accesses].join(", ")}`);
  if (cell.cell.isGhost)
    return reject("IPC165", `${cell.cell.variable} is ghost memory: it has no operations`, scope.module, span, "write .value, which costs no step");
  const { domain } = cell.cell;
  const leaf = leafOf(domain, cx.program.sizes);
  if (leaf === null) return reject("IPC144", `a ${domain.kind} is not a cell`, scope.module, span, "use it inside step({ when, do })");
  const variable = `memory.${cell.cell.variable}`;
  const names = argumentNames[name] ?? [];
  const args = names.map((argument, i) => {
    const value = values[i];
    if (value === undefined) return reject("IPC129", `${name}() needs the argument ${argument}`, scope.module, span);
    const single = toScalar(value, scope, span);
    if (single.type.kind !== leaf.type.kind)
      return reject(
        "IPC144",
        `${cell.cell.variable} is ${describeDomain(domain)} and cannot take ${describe(value)}`,
        scope.module,
        span,
        `give a value of ${describeDomain(domain)}`,
      );
    if (leaf.type.kind === "enum" && value.kind === "native" && !leaf.type.values.includes(String(value.value)))
      return reject(
        "IPC127",
        `${JSON.stringify(value.value)} is not one of ${leaf.type.values.map((each) => JSON.stringify(each)).join(", ")}`,
        scope.module,
        span,
        "use a value of the domain",
      );
    return { name: argument, value: settled(cx, convert(cx, single.expr, single.type, leaf.type)), type: leaf.type };
  });
  const index = settled(cx, cell.index);
  const isWrite = name !== "read" && name !== "load";
  const yields = name !== "write" && name !== "store";
  const results: readonly Result[] = yields ? [{ name: "value", type: leaf.type, range: [leaf.min, leaf.max] }] : [];
  const operation = cx.program.languageOperation(`memory.${name}`, results);

  const body = apart(cx, action);
  const old = yields ? keepExpr(body, loadState(body, variable, index).expr) : number(0);
  const write = (expr: Expr): void => assignState(body, variable, index, fit(body, domain, scalar(expr, leaf.type), cell.cell.variable, scope, span));
  const [first, second] = args;
  switch (name) {
    case "write":
    case "store":
    case "exchange":
      write(first?.value ?? number(0));
      break;
    case "fetchAdd": {
      const sum = binary("+", old, first?.value ?? number(0));
      places.set(sum, { scope, span });
      write(sum);
      break;
    }
    case "compareExchange": {
      const matches = body.graph.node();
      const after = body.graph.node();
      body.graph.branch(equal(old, first?.value ?? number(0)), matches, after);
      body.graph.current = matches;
      write(second?.value ?? number(0));
      body.graph.continueAt(after);
      break;
    }
    default:
      break;
  }
  complete(body, operation, yields ? [old] : []);
  const { variable: stored } = cx.program.state(variable);
  const plain = name === "read" || name === "write";
  const place = { variable: stored.id, index: stored.length === 1 ? null : index };
  // What `fit` demands of a value that is written.
  const unchecked = leaf.wraps || leaf.type.kind === "boolean" || leaf.type.kind === "thread";
  const outOfRange = unchecked ? null : cx.program.failure("out-of-range", `${cell.cell.variable} leaves ${describeDomain(domain)}`, siteOf(scope, span));
  const wraps = leaf.wraps ? leaf.max + 1 : null;
  const wrapped = (value: Expr): Expr => (wraps === null ? value : wrap(value, wraps));
  const effect = (): Extract<MemoryRequest, { kind: "access" }>["effect"] => {
    const given = first?.value ?? number(0);
    switch (name) {
      case "write":
      case "store":
        return { kind: "write", value: wrapped(given), outOfRange };
      case "exchange":
        return { kind: "modify", operand: wrapped(given), adds: false, wraps: null, expected: null, outOfRange };
      case "fetchAdd":
        return { kind: "modify", operand: given, adds: true, wraps, expected: null, outOfRange };
      case "compareExchange":
        return { kind: "modify", operand: wrapped(second?.value ?? number(0)), adds: false, wraps: null, expected: given, outOfRange };
      default:
        return { kind: "read", accepts: null };
    }
  };
  const order = plain ? "plain" : orderOf(values[names.length], scope, span);
  return language(
    {
      name: `memory.${name}`,
      args: [{ name: "cell", value: addressOf(cx, { ...cell, index }), type: integer }, ...args],
      results,
      value: ([result]) => (result === undefined ? nothing : scalar(register(result), leaf.type)),
      rules: [{ name, picks: 1, pick: null, guard: null, body: body.graph }],
      access: { ...place, write: isWrite, plain },
      memory: { kind: "access", ...place, order, effect: effect() },
    },
    scope,
    span,
  );
}

/** The scalar leaves of a value, and how to build a value of that shape from registers. */
export function leavesOfValue(
  value: Value,
  scope: Scope,
  span: Span,
  path: string = "",
): readonly { readonly path: string; readonly expr: Expr; readonly type: ValueType }[] {
  requireValue(value, scope, span);
  const single = asScalar(value);
  if (single !== null) {
    if (single.type.kind === "int" && single.expr.op === "const") requireInteger(single.expr.value, scope, span);
    return [{ path: path === "" ? "value" : path, expr: single.expr, type: single.type }];
  }
  const record = asStruct(value);
  if (record === null)
    return reject(
      "IPC144",
      `${describe(value)} cannot be the result of an operation`,
      scope.module,
      span,
      "use numbers, booleans, strings, thread ids or records of them",
    );
  return [...record.fields].flatMap(([name, part]) => leavesOfValue(part, scope, span, joinPath(path, name)));
}
function rebuild(shape: Value, registers: readonly number[]): Value {
  let next = 0;
  const build = (shape: Value): Value => {
    const single = asScalar(shape);
    if (single !== null) return scalar(register(registers[next++] ?? 0), single.type);
    const record = asStruct(shape);
    return record === null ? shape : { kind: "record", guard: record.guard, fields: new Map([...record.fields].map(([name, part]) => [name, build(part)])) };
  };
  return build(shape);
}

export function chooseOperation(cx: Context, args: readonly Value[], scope: Scope, span: Span): Operation {
  const [only] = args;
  const isRange = args.length === 1 && only?.kind === "native" && isDomain(only.value);
  let values = args;
  if (isRange && only?.kind === "native") {
    const domain = only.value as Parameters<typeof valuesOf>[0];
    if (domain.kind === "int" && domain.max - domain.min >= 65536)
      return reject("IPC166", `a choice of ${domain.max - domain.min + 1} values is too wide`, scope.module, span, "choose among at most 65536");
    if (domain.kind !== "int" && domain.kind !== "boolean" && domain.kind !== "enum")
      return reject("IPC166", `a ${domain.kind} domain has no list of values`, scope.module, span, "give the values");
    values = valuesOf(domain).map(native);
  }
  if (values.length === 0) return reject("IPC166", "a choice needs at least one value", scope.module, span, "choose(a, b)");
  values = values.map((value) => settledValue(cx, value));
  const shape = common(cx, values);
  if (shape === null)
    return reject("IPC141", `the choice is between ${values.map(describe).join(" and ")}`, scope.module, span, "choose among values of one kind");
  const rows = values.map((value) => align(cx, shape, value, scope, span));
  const leaves = leavesOfValue(shape, scope, span);
  const results: readonly Result[] = leaves.map(({ path, type }) => ({ name: path, type, range: null }));
  const operation = cx.program.languageOperation("choose", results);
  const body = apart(cx, action);
  const pick = cx.program.register("pick", integer, "constant").id;
  complete(
    body,
    operation,
    leaves.map((_, column) =>
      lookup(
        rows.map((row) => row[column] ?? number(0)),
        register(pick),
      ),
    ),
  );
  return language(
    {
      name: "choose",
      results,
      value: (registers) => rebuild(shape, registers),
      rules: [{ name: "choose", picks: values.length, pick, guard: null, body: body.graph }],
    },
    scope,
    span,
  );
}
function settledValue(cx: Context, value: Value): Value {
  const single = asScalar(value);
  if (single !== null) return readsState(single.expr) ? keep(cx, value) : value;
  return keep(cx, value);
}
/** The leaves of a value in the order and types of `shape`. */
function align(cx: Context, shape: Value, value: Value, scope: Scope, span: Span): readonly Expr[] {
  const type = asScalar(shape)?.type;
  const single = asScalar(value);
  if (type !== undefined && single !== null) return [convert(cx, single.expr, single.type, type)];
  const record = asStruct(value);
  const fields = asStruct(shape)?.fields;
  if (record === null || fields === undefined) return reject("IPC144", `${describe(value)} cannot be chosen`, scope.module, span);
  return [...fields].flatMap(([name, part]) => align(cx, part, record.fields.get(name) ?? nothing, scope, span));
}

/** Blocks until the cell's value satisfies a predicate; yields the value. */
export function waitOperation(
  cx: Context,
  cell: CellValue,
  holds: (inner: Context, value: Value) => Expr,
  order: Order | "plain",
  scope: Scope,
  span: Span,
): Operation {
  if (cell.cell.isGhost)
    return reject("IPC165", `${cell.cell.variable} is ghost memory: threads cannot wait for it`, scope.module, span, "declare it without ghost()");
  const { kernel, scheduling } = cx.program.instance.protocol;
  if (scheduling === "priority" && Object.keys(kernel.halts).length > 0)
    return reject("IPC173", `a spinning thread keeps its CPU, but the kernel "${kernel.name}" halts threads`, scope.module, span, "wait in the kernel");
  const leaf = leafOf(cell.cell.domain, cx.program.sizes);
  if (leaf === null) return reject("IPC144", `a ${cell.cell.domain.kind} is not a cell`, scope.module, span);
  const variable = `memory.${cell.cell.variable}`;
  const index = settled(cx, cell.index);
  const guard = apart(cx, predicate);
  const seen = scalar(keepExpr(guard, loadState(guard, variable, index).expr), leaf.type);
  const allowed = holds(guard, seen);
  guard.graph.require(allowed, { op: "deny" });
  guard.graph.end({ op: "allow" });
  const accepts = conditionOn(cx, leaf.type, holds, scope, span);
  const results: readonly Result[] = [{ name: "value", type: leaf.type, range: [leaf.min, leaf.max] }];
  const operation = cx.program.languageOperation("waitUntil", results);
  const body = apart(cx, action);
  complete(body, operation, [keepExpr(body, loadState(body, variable, index).expr)]);
  const { variable: stored } = cx.program.state(variable);
  const place = { variable: stored.id, index: stored.length === 1 ? null : index };
  return language(
    {
      name: "waitUntil",
      args: [{ name: "cell", value: addressOf(cx, { ...cell, index }), type: integer }],
      results,
      value: ([result]) => scalar(register(result ?? 0), leaf.type),
      rules: [{ name: "waitUntil", picks: 1, pick: null, guard: guard.graph, body: body.graph }],
      access: { ...place, write: false, plain: order === "plain" },
      memory: { kind: "access", ...place, order, effect: { kind: "read", accepts } },
      waits: true,
      spins: true,
    },
    scope,
    span,
  );
}

/** The condition of a wait as an expression over the value that is seen, for models in which that is not what memory holds. */
function conditionOn(
  cx: Context,
  type: ValueType,
  holds: (inner: Context, value: Value) => Expr,
  scope: Scope,
  span: Span,
): (value: Expr, replace: (id: number) => Expr | null) => Expr {
  if (cx.program.instance.memoryModel.model === "sc") return () => number(1);
  const seen = cx.program.register("seen", type, "constant").id;
  const inner = apart(cx, predicate);
  inner.graph.require(holds(inner, scalar(register(seen), type)), { op: "deny" });
  inner.graph.end({ op: "allow" });
  if (reachable(inner.graph.entry).some(({ end }) => end?.op === "fail"))
    return reject(
      "IPC169",
      "a condition that may itself be a violation cannot be waited for under a weak memory model",
      scope.module,
      span,
      "compare the value only",
    );
  return (value, replace) =>
    toExpr(inner.graph.entry, successors, (id) => (id === seen ? value : replace(id))) ??
    reject("IPC169", "the condition of a wait has a loop that cannot be unrolled", scope.module, span, "compare the value without a loop");
}

export function fenceOperation(cx: Context, given: Value | undefined, scope: Scope, span: Span): Operation {
  const order = orderOf(given, scope, span);
  const operation = cx.program.languageOperation("fence", []);
  const body = apart(cx, action);
  complete(body, operation, []);
  return language(
    {
      name: "fence",
      results: [],
      value: () => nothing,
      rules: [{ name: "fence", picks: 1, pick: null, guard: null, body: body.graph }],
      memory: { kind: "fence", order },
    },
    scope,
    span,
  );
}

/** `step({ when, do })` */
export function stepOperation(cx: Context, declaration: Value, scope: Scope, span: Span): Operation {
  const record = asStruct(declaration);
  if (record === null) return reject("IPC144", "step() needs an object", scope.module, span, "step({ when: () => …, do: () => { … } })");
  for (const name of record.fields.keys())
    if (name !== "when" && name !== "do") return reject("IPC144", `a step has no "${name}"`, scope.module, span, "step({ when: () => …, do: () => { … } })");
  const when = record.fields.get("when");
  const act = record.fields.get("do");
  let guard: Graph | null = null;
  if (when !== undefined) {
    const inner = apart(cx, { ...predicate, what: "the `when` of a step" });
    const allowed = truthOf(apply(inner, when, [], scope, span), scope, span);
    inner.graph.require(allowed, { op: "deny" });
    inner.graph.end({ op: "allow" });
    guard = inner.graph;
  }
  const body = apart(cx, action);
  const value = act === undefined ? nothing : apply(body, act, [], scope, span);
  const isVoid = value.kind === "native" && (value.value === undefined || value.value === null);
  const leaves = isVoid ? [] : leavesOfValue(value, scope, span);
  const results: readonly Result[] = leaves.map(({ path, type }) => ({ name: path, type, range: null }));
  const operation = cx.program.languageOperation("step", results);
  complete(
    body,
    operation,
    leaves.map(({ expr }) => expr),
  );
  return language(
    {
      name: "step",
      results,
      value: (registers) => (isVoid ? nothing : rebuild(value, registers)),
      rules: [{ name: "step", picks: 1, pick: null, guard, body: body.graph }],
      memory: { kind: "step" },
      waits: guard !== null,
    },
    scope,
    span,
  );
}

/** `operation({ … })` of a kernel. */
export function kernelOperation(cx: Context, declaration: OperationDeclaration, given: Value, scope: Scope, span: Span): Operation {
  const record = asStruct(given);
  if (record === null) return reject("IPC144", `${declaration.name}() needs an object of arguments`, scope.module, span);
  const args = new Map<string, Value>();
  for (const [name, domain] of Object.entries(declaration.args)) {
    const value = record.fields.get(name);
    if (value === undefined) return reject("IPC145", `${declaration.name}() lacks the argument "${name}"`, scope.module, span);
    requireValue(value, scope, span);
    if (domain.kind === "cell") {
      const cell = asCell(value);
      if (cell === null) return reject("IPC144", `the argument "${name}" is a memory cell, not ${describe(value)}`, scope.module, span);
      args.set(name, { ...cell, index: settled(cx, cell.index) });
    } else if (domain.kind === "object") {
      args.set(name, value);
    } else {
      args.set(
        name,
        fromLeaves(
          cx,
          domain,
          flatten(cx, domain, value, `${declaration.name}: ${name}`, scope, span, "", false).map(({ expr }) => settled(cx, expr)),
        ),
      );
    }
  }
  const results: readonly Result[] = Object.entries(declaration.result).flatMap(([name, domain]) =>
    leavesOf(domain, cx.program.sizes, name).map((leaf) => ({ name: leaf.path, type: leaf.type, range: [leaf.min, leaf.max] as const })),
  );
  return {
    kind: "operation",
    pending: {
      kind: "kernel",
      name: declaration.name,
      label: declaration.name,
      site: siteOf(scope, span),
      callers: [],
      shown: [],
      declaration,
      args,
      results,
      value: (registers) => resultValue(cx, declaration, registers),
    },
  };
}

/** A value of a scalar or record domain from its leaves. */
export function fromLeaves(cx: Context, domain: DomainShape, leaves: readonly Expr[]): Value {
  let next = 0;
  const build = (domain: DomainShape): Value => {
    if (domain.kind === "record") return { kind: "record", guard: null, fields: new Map(Object.entries(domain.fields).map(([name, of]) => [name, build(of)])) };
    const leaf = leafOf(domain, cx.program.sizes);
    return scalar(leaves[next++] ?? number(0), leaf?.type ?? integer);
  };
  return build(domain);
}

function resultValue(cx: Context, declaration: OperationDeclaration, registers: readonly number[]): Value {
  const fields = new Map<string, Value>();
  let next = 0;
  for (const [name, domain] of Object.entries(declaration.result)) {
    const count = leavesOf(domain, cx.program.sizes).length;
    fields.set(name, fromLeaves(cx, domain, registers.slice(next, next + count).map(register)));
    next += count;
  }
  const { guarded } = declaration;
  let guard: Guard | null = null;
  if (guarded !== null) {
    const by = declaration.result[guarded.by];
    guard = { by: guarded.by, ok: by?.kind === "enum" ? by.values.indexOf(guarded.ok) : 0, okName: guarded.ok, fields: guarded.fields };
  }
  return { kind: "record", fields, guard };
}
