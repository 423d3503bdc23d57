/**
 * Expressions: partial evaluation (Jones, Gomard, Sestoft 1993) over abstract values. What is native is computed now;
 * the rest becomes expressions over registers and state, and control flow where an operand has effects of its own.
 */
import type { Expression, ObjectExpression, TemplateLiteral } from "@oxc-project/types";
import { ThreadHandle } from "../language/domain.ts";
import { ArrayHandle, CellHandle, QueueHandle } from "../language/memory.ts";
import type { BinaryOperator, Expr } from "../system/system.ts";
import { assign, update } from "./assignments.ts";
import { call } from "./calls.ts";
import { asScalar, choice, type Context, convert, demand, keep, merge, siteOf } from "./context.ts";
import { divisionIn, quotient, requireDivisor } from "./division.ts";
import { and, binary, complement, equal, negate, not, number, or, truth } from "./expr.ts";
import type { Node } from "./graph.ts";
import { member } from "./members.ts";
import { reject, type Span } from "./problem.ts";
import type { Scope } from "./scope.ts";
import { hasEffects, strip, yieldsOf } from "./syntax.ts";
import { boolean, describe, integer, native, nothing, type Scalar, scalar, type Value } from "./values.ts";
import { performed } from "./yields.ts";

/** Places of arithmetic, for the check that it stays within 32 bits. */
export const places: WeakMap<Expr, { readonly scope: Scope; readonly span: Span }> = new WeakMap();

const globals: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ["undefined", undefined],
  ["NaN", Number.NaN],
  ["Infinity", Number.POSITIVE_INFINITY],
  ["Math", Math],
  ["Number", Number],
  ["Object", Object],
  ["Array", Array],
  ["Date", Date],
  ["String", String],
  ["Boolean", Boolean],
  ["console", console],
  ["JSON", JSON],
  ["Symbol", Symbol],
  ["Promise", Promise],
  ["Map", Map],
  ["Set", Set],
]);

export function evaluate(cx: Context, node: Expression, scope: Scope): Value {
  switch (node.type) {
    case "Literal":
      if ("regex" in node) return reject("IPC118", "a regular expression cannot be compiled", scope.module, node, "compare with one of the declared strings");
      if ("bigint" in node) return reject("IPC117", "big integers cannot be compiled", scope.module, node, "write a plain number of at most 32 bits");
      if (typeof node.value === "number") requireInteger(node.value, scope, node);
      return native(node.value);
    case "Identifier":
      return identifier(cx, node.name, scope, node);
    case "TSAsExpression":
    case "TSSatisfiesExpression":
    case "TSNonNullExpression":
    case "TSTypeAssertion":
    case "TSInstantiationExpression":
    case "ParenthesizedExpression":
      return evaluate(cx, node.expression, scope);
    case "ChainExpression":
      return evaluate(cx, node.expression, scope);
    case "MemberExpression":
      return member(cx, node, scope);
    case "CallExpression":
      return call(cx, node, scope);
    case "YieldExpression":
      return performed(cx, node, scope);
    case "UnaryExpression":
      return unary(cx, node.operator, node.argument, scope, node);
    case "BinaryExpression":
      if (node.operator === "in" || node.operator === "instanceof")
        return reject("IPC119", `the operator ${node.operator} cannot be compiled`, scope.module, node, "compare fields or use an enum field as a tag");
      return arithmetic(cx, node.operator, node.left as Expression, node.right, scope, node);
    case "LogicalExpression":
      return logical(cx, node.operator, node.left, node.right, scope, node);
    case "ConditionalExpression": {
      return conditionalOn(
        cx,
        node.test,
        () => evaluate(cx, node.consequent, scope),
        () => evaluate(cx, node.alternate, scope),
        scope,
        node,
      );
    }
    case "AssignmentExpression":
      return assign(cx, node, scope);
    case "UpdateExpression":
      return update(cx, node, scope);
    case "SequenceExpression": {
      let last: Value = nothing;
      for (const each of node.expressions) last = evaluate(cx, each, scope);
      return last;
    }
    case "ObjectExpression":
      return record(cx, node, scope);
    case "ArrayExpression": {
      const items = operands(
        cx,
        node.elements.map((element) => {
          if (element === null || element.type === "SpreadElement")
            return reject("IPC113", "holes and spreads in arrays cannot be compiled", scope.module, element ?? node, "list the elements");
          return element;
        }),
        scope,
      );
      return { kind: "list", items };
    }
    case "ArrowFunctionExpression":
    case "FunctionExpression":
      return { kind: "closure", node, scope, name: node.id?.name ?? "function" };
    case "TemplateLiteral":
      return template(cx, node, scope);
    case "AwaitExpression":
      return reject("IPC106", "`await` cannot be compiled: threads wait with yield*", scope.module, node, "write yield* with an operation of the kernel");
    case "ClassExpression":
      return reject("IPC107", "classes cannot be compiled", scope.module, node, "use plain records and functions");
    case "NewExpression":
      return reject("IPC108", "objects made with `new` cannot be compiled", scope.module, node, "declare memory or use a record of plain values");
    case "ThisExpression":
    case "Super":
      return reject("IPC109", "`this` has no meaning in a thread", scope.module, node, "take what you need from the context that run receives");
    default:
      return reject(
        "IPC100",
        `this kind of expression (${node.type}) cannot be compiled`,
        scope.module,
        node,
        "see docs/language.md for what local computation may use",
      );
  }
}

export function requireInteger(value: number, scope: Scope, span: Span): void {
  if (!Number.isInteger(value)) reject("IPC111", `${value} is not an integer`, scope.module, span, "all numbers of a protocol are integers of 32 bits");
  if (value < -0x8000_0000 || value > 0x7fff_ffff)
    reject("IPC112", `${value} does not fit into 32 bits`, scope.module, span, "all numbers of a protocol are integers of 32 bits");
}

function identifier(cx: Context, name: string, scope: Scope, span: Span): Value {
  const found = scope.find(name);
  if (found !== null) {
    const { binding } = found;
    if (binding.kind === "constant") return binding.value;
    if (binding.slot === null) return reject("IPC140", `"${name}" is read before it has a value`, scope.module, span, "give it a value where it is declared");
    const { slot } = binding;
    return slot.kind === "scalar" ? scalar({ op: "temp", temp: slot.register }, cx.program.registers[slot.register]?.type ?? integer) : readRecord(cx, slot);
  }
  if (scope.source.captures(name)) {
    try {
      return native(scope.source.captured(name));
    } catch (error) {
      return reject(
        "IPC140",
        `"${name}" has no value yet: ${error instanceof Error ? error.message : String(error)}`,
        scope.module,
        span,
        "declare it before the protocol",
      );
    }
  }
  if (globals.has(name)) return native(globals.get(name));
  return reject("IPC121", `"${name}" is not known here`, scope.module, span, "a thread sees what its context gives it and what its module declares");
}

function readRecord(cx: Context, slot: import("./scope.ts").Slot): Value {
  if (slot.kind === "scalar") return scalar({ op: "temp", temp: slot.register }, cx.program.registers[slot.register]?.type ?? integer);
  return { kind: "record", guard: slot.guard, fields: new Map([...slot.fields].map(([name, part]) => [name, readRecord(cx, part)])) };
}

/** Evaluates operands from left to right; a value that later effects could change is kept. */
export function operands(cx: Context, nodes: readonly Expression[], scope: Scope): readonly Value[] {
  return nodes.map((node, i) => {
    const value = evaluate(cx, node, scope);
    requireValue(value, scope, node);
    return nodes.slice(i + 1).some(hasEffects) ? keep(cx, value) : value;
  });
}

/** Rejects what must not be passed around: operations and helper calls that nobody performed. */
export function requireValue(value: Value, scope: Scope, span: Span): void {
  if (value.kind === "operation") reject("IPC130", "this operation is not performed", scope.module, span, "write yield* before it");
  if (value.kind === "helper") reject("IPC131", "this helper generator is called but not run", scope.module, span, "write yield* before the call");
}

export function toScalar(value: Value, scope: Scope, span: Span): Scalar {
  const single = asScalar(value);
  if (single === null)
    return reject("IPC122", `${describe(value)} cannot be computed with`, scope.module, span, "use numbers, booleans, strings of an enum or threads");
  if (single.type.kind === "int" && single.expr.op === "const") requireInteger(single.expr.value, scope, span);
  return single;
}
export function integerOperand(value: Value, scope: Scope, span: Span): Expr {
  const single = toScalar(value, scope, span);
  if (single.type.kind !== "int")
    return reject(
      "IPC123",
      `a number is needed here, not ${describe(value)}`,
      scope.module,
      span,
      single.type.kind === "boolean"
        ? "write condition ? 1 : 0"
        : single.type.kind === "thread"
          ? "thread ids are compared and passed on, nothing else"
          : "strings are compared and passed on, nothing else",
    );
  return single.expr;
}

/** A condition as 0 or 1. */
export function condition(cx: Context, node: Expression, scope: Scope): Expr {
  const value = evaluate(cx, node, scope);
  requireValue(value, scope, node);
  return truthOf(value, scope, node);
}
export function truthOf(value: Value, scope: Scope, span: Span): Expr {
  if (isMemory(value)) return reject("IPC124", `${describe(value)} is used as a condition`, scope.module, span, "read it first: yield* ….load()");
  if (value.kind === "native") return truth(Boolean(value.value));
  if (value.kind === "scalar") {
    if (value.type.kind === "boolean") return value.expr;
    if (value.type.kind === "int") return reject("IPC124", "a number is used as a condition", scope.module, span, "compare it: … !== 0");
    return reject(
      "IPC124",
      `${describe(value)} is used as a condition`,
      scope.module,
      span,
      value.type.kind === "thread" ? "compare it: … !== nobody" : "compare it with one of its values",
    );
  }
  return reject("IPC124", `${describe(value)} is used as a condition`, scope.module, span, "a condition is a boolean");
}

/** Whether the value is a cell, a queue or an array of memory, not what stands in it. */
function isMemory(value: Value): boolean {
  if (value.kind === "cell" || value.kind === "shifted") return true;
  return value.kind === "native" && (value.value instanceof CellHandle || value.value instanceof ArrayHandle || value.value instanceof QueueHandle);
}

/** Where control goes when a condition holds and when it does not; a boolean if that is known. */
export type Decision = boolean | { readonly yes: Node; readonly no: Node };

/**
 * Decides on a condition by control flow, so that what its parts imply is known on each side. Conditions without effects
 * stay one expression.
 */
export function decide(cx: Context, node: Expression, scope: Scope): Decision {
  const stripped = strip(node);
  if (stripped.type === "UnaryExpression" && stripped.operator === "!") {
    const inner = decide(cx, stripped.argument, scope);
    return typeof inner === "boolean" ? !inner : { yes: inner.no, no: inner.yes };
  }
  if (
    stripped.type === "LogicalExpression" &&
    stripped.operator !== "??" &&
    (yieldsOf(stripped).length > 0 || !cx.graph.apart(() => condition(cx, stripped, scope)).pure)
  ) {
    const isAnd = stripped.operator === "&&";
    const left = decide(cx, stripped.left, scope);
    if (typeof left === "boolean") return left === isAnd ? decide(cx, stripped.right, scope) : left;
    cx.graph.current = isAnd ? left.yes : left.no;
    const right = decide(cx, stripped.right, scope);
    const short = isAnd ? left.no : left.yes;
    if (typeof right === "boolean") {
      const long = cx.graph.current;
      if (right === isAnd) return isAnd ? { yes: long, no: short } : { yes: short, no: long };
      cx.graph.end({ op: "goto", to: short });
      return isAnd ? { yes: cx.graph.node(), no: short } : { yes: short, no: cx.graph.node() };
    }
    const join = cx.graph.node();
    for (const from of [short, isAnd ? right.no : right.yes]) {
      cx.graph.current = from;
      cx.graph.end({ op: "goto", to: join });
    }
    return isAnd ? { yes: right.yes, no: join } : { yes: join, no: right.no };
  }
  const test = condition(cx, stripped, scope);
  if (test.op === "const") return test.value !== 0;
  const yes = cx.graph.node();
  const no = cx.graph.node();
  cx.graph.branch(test, yes, no);
  return { yes, no };
}

/** `test ? then : otherwise`; only the part that is needed is evaluated. */
export function conditional(cx: Context, test: Expr, then: () => Value, otherwise: () => Value, scope: Scope, span: Span): Value {
  if (test.op === "const") return test.value !== 0 ? then() : otherwise();
  const origin = cx.graph.current;
  const yes = cx.graph.apart(then);
  const no = cx.graph.apart(otherwise);
  if (yes.pure && no.pure) {
    const value = choice(cx, test, yes.value, no.value);
    if (value !== null) return value;
  }
  cx.graph.current = origin;
  cx.graph.branch(test, yes.start, no.start);
  return merge(
    cx,
    [
      { value: yes.value, node: yes.end },
      { value: no.value, node: no.end },
    ],
    scope,
    span,
  );
}

/** The same for a condition of the source. */
export function conditionalOn(cx: Context, test: Expression, then: () => Value, otherwise: () => Value, scope: Scope, span: Span): Value {
  const trial = yieldsOf(test).length > 0 ? null : cx.graph.apart(() => condition(cx, test, scope));
  if (trial?.pure === true) return conditional(cx, trial.value, then, otherwise, scope, span);
  const decision = decide(cx, test, scope);
  if (typeof decision === "boolean") return decision ? then() : otherwise();
  cx.graph.current = decision.yes;
  const yes = { value: then(), node: cx.graph.current };
  cx.graph.current = decision.no;
  const no = { value: otherwise(), node: cx.graph.current };
  return merge(cx, [yes, no], scope, span);
}

function logical(cx: Context, operator: "&&" | "||" | "??", leftNode: Expression, rightNode: Expression, scope: Scope, span: Span): Value {
  const left = evaluate(cx, leftNode, scope);
  requireValue(left, scope, leftNode);
  const right = (): Value => {
    const value = evaluate(cx, rightNode, scope);
    requireValue(value, scope, rightNode);
    return value;
  };
  if (operator === "??") return left.kind === "native" && (left.value === undefined || left.value === null) ? right() : left;
  if (left.kind === "native") return (operator === "&&") === Boolean(left.value) ? right() : left;
  const test = truthOf(left, scope, leftNode);
  const origin = cx.graph.current;
  const rest = cx.graph.apart(() => {
    const value = right();
    return value.kind === "native" && typeof value.value !== "boolean" ? value : scalar(truthOf(value, scope, rightNode), boolean);
  });
  if (rest.value.kind !== "scalar")
    return reject("IPC124", `${describe(rest.value)} is used as a condition`, scope.module, rightNode, "both sides of && and || are booleans");
  if (rest.pure) return scalar(operator === "&&" ? and(test, rest.value.expr) : or(test, rest.value.expr), boolean);
  const short = cx.graph.node();
  cx.graph.current = origin;
  if (operator === "&&") cx.graph.branch(test, rest.start, short);
  else cx.graph.branch(test, short, rest.start);
  return merge(
    cx,
    [
      { value: rest.value, node: rest.end },
      { value: native(operator === "||"), node: short },
    ],
    scope,
    span,
  );
}

function unary(cx: Context, operator: string, argument: Expression, scope: Scope, span: Span): Value {
  switch (operator) {
    case "!": {
      const value = evaluate(cx, argument, scope);
      requireValue(value, scope, argument);
      return value.kind === "native" ? native(!value.value) : scalar(not(truthOf(value, scope, argument)), boolean);
    }
    case "-":
    case "~":
    case "+": {
      const value = evaluate(cx, argument, scope);
      requireValue(value, scope, argument);
      const operand = integerOperand(value, scope, argument);
      const expr = operator === "-" ? negate(operand) : operator === "~" ? complement(operand) : operand;
      if (expr.op === "const") return native(expr.value);
      if (operator !== "+") places.set(expr, { scope, span });
      return scalar(expr, integer);
    }
    case "void":
      return reject("IPC135", "`void` has no effect here", scope.module, span, "leave the statement out");
    case "delete":
      return reject("IPC120", "`delete` cannot be compiled: records have fixed fields", scope.module, span, "assign another value");
    default:
      return reject("IPC119", `the operator ${operator} cannot be compiled`, scope.module, span, "compare with values of the declared type");
  }
}

const arithmeticOperators: ReadonlySet<string> = new Set(["+", "-", "*", "%", "&", "|", "^", "<<", ">>", ">>>"]);
const orders: ReadonlySet<string> = new Set(["<", "<=", ">", ">="]);

function arithmetic(cx: Context, operator: string, leftNode: Expression, rightNode: Expression, scope: Scope, span: Span): Value {
  if (operator === "/")
    return reject("IPC110", "a bare division can leave the integers", scope.module, span, "write Math.floor(a / b), Math.trunc(a / b) or Math.ceil(a / b)");
  const division = operator === "|" || operator === ">>" ? divisionIn(leftNode) : null;
  if (division !== null) {
    const right = evaluate(cx, rightNode, scope);
    if (right.kind === "native" && right.value === 0) return quotient(cx, division, "trunc", scope, span);
  }
  if (operator === "**") return reject("IPC119", "the operator ** cannot be compiled", scope.module, span, "multiply, or shift: 1 << n");
  const [left, right] = operands(cx, [leftNode, rightNode], scope);
  if (left === undefined || right === undefined) throw new Error("two operands");
  return compute(cx, operator, left, right, scope, span, leftNode, rightNode);
}

/** The result of a binary operator over two values. */
export function compute(
  cx: Context,
  operator: string,
  left: Value,
  right: Value,
  scope: Scope,
  span: Span,
  leftSpan: Span = span,
  rightSpan: Span = span,
): Value {
  if (operator === "==" || operator === "!=") return reject("IPC114", `${operator} converts its operands`, scope.module, span, `write ${operator}=`);
  if (operator === "===" || operator === "!==") {
    const same = equality(cx, left, right, scope, span, leftSpan, rightSpan);
    if (same.op === "const") return native((same.value !== 0) === (operator === "==="));
    return scalar(operator === "===" ? same : not(same), boolean);
  }
  if (operator === "+" && [left, right].some((value) => asScalar(value)?.type.kind === "enum"))
    return reject("IPC118", "strings cannot be put together", scope.module, span, "strings are compared and passed on, nothing else");
  if (!arithmeticOperators.has(operator) && !orders.has(operator)) return reject("IPC119", `the operator ${operator} cannot be compiled`, scope.module, span);
  const a = integerOperand(left, scope, leftSpan);
  const b = integerOperand(right, scope, rightSpan);
  if (operator === "%") requireDivisor(cx, b, "remainder", scope, span);
  const expr = binary(operator as BinaryOperator, a, b);
  if (orders.has(operator)) return expr.op === "const" ? native(expr.value !== 0) : scalar(expr, boolean);
  if (expr.op === "const") return native(expr.value);
  // Operands may have been returned as they are: then the place is theirs.
  if (expr.op === "binary" && !places.has(expr)) places.set(expr, { scope, span });
  return scalar(expr, integer);
}

/** `a === b` as 0 or 1. */
export function equality(cx: Context, left: Value, right: Value, scope: Scope, span: Span, leftSpan: Span = span, rightSpan: Span = span): Expr {
  if (isMemory(left) !== isMemory(right)) {
    const [memory, place] = isMemory(left) ? [left, leftSpan] : [right, rightSpan];
    return reject("IPC126", `${describe(memory)} is compared, not its value`, scope.module, place, "read it first: yield* ….load()");
  }
  if (left.kind === "native" && right.kind === "native") {
    const same = left.value instanceof ThreadHandle && right.value instanceof ThreadHandle ? left.value.id === right.value.id : left.value === right.value;
    return truth(same);
  }
  const isMissing = (value: Value): boolean => value.kind === "native" && (value.value === undefined || value.value === null);
  if (isMissing(left) || isMissing(right)) return truth(false);
  const a = asScalar(left);
  const b = asScalar(right);
  if (a === null || b === null) return reject("IPC126", `${describe(a === null ? left : right)} cannot be compared`, scope.module, span, "compare the fields");
  if (a.type.kind !== b.type.kind) return reject("IPC126", `${describe(left)} is compared with ${describe(right)}`, scope.module, span, "they are never equal");
  if (a.type.kind === "enum" && b.type.kind === "enum" && a.type.values !== b.type.values) {
    // A name that the other side cannot hold is a mistake, not a comparison that is false.
    const [literal, other, where] = left.kind === "native" ? [left, b, leftSpan] : [right, a, rightSpan];
    if (literal.kind === "native" && other.type.kind === "enum") {
      const position = cx.program.position(other.type, String(literal.value));
      if (position < 0)
        return reject(
          "IPC127",
          `${JSON.stringify(literal.value)} is not one of ${other.type.values.map((name) => JSON.stringify(name)).join(", ")}`,
          scope.module,
          where,
          "compare with a value that it can have",
        );
      return equal(other.expr, number(position));
    }
    const shared = { kind: "enum" as const, values: [...new Set([...a.type.values, ...b.type.values])] };
    return equal(convert(cx, a.expr, a.type, shared), convert(cx, b.expr, b.type, shared));
  }
  return equal(a.expr, b.expr);
}

function record(cx: Context, node: ObjectExpression, scope: Scope): Value {
  const fields = new Map<string, Value>();
  const later = (i: number): boolean =>
    node.properties.slice(i + 1).some((property) => hasEffects(property.type === "SpreadElement" ? property.argument : (property.value as Expression)));
  for (const [i, property] of node.properties.entries()) {
    if (property.type === "SpreadElement") {
      const value = evaluate(cx, property.argument, scope);
      const spread = value.kind === "native" && value.value === undefined ? null : asRecordFields(cx, value, scope, property);
      for (const [name, field] of spread ?? []) fields.set(name, later(i) ? keep(cx, field) : field);
      continue;
    }
    if (property.kind !== "init") return reject("IPC115", "getters and setters cannot be compiled", scope.module, property, "write a plain field");
    const name = propertyName(cx, property.key as Expression, property.computed, scope);
    const value = evaluate(cx, property.value, scope);
    requireValue(value, scope, property.value);
    fields.set(name, later(i) ? keep(cx, value) : value);
  }
  if ([...fields.values()].every((field) => field.kind === "native")) {
    return native(Object.fromEntries([...fields].map(([name, field]) => [name, field.kind === "native" ? field.value : undefined])));
  }
  return { kind: "record", fields, guard: null };
}

function asRecordFields(cx: Context, value: Value, scope: Scope, span: Span): ReadonlyMap<string, Value> {
  if (value.kind === "native" && typeof value.value === "object" && value.value !== null)
    return new Map(Object.entries(value.value).map(([name, field]) => [name, native(field)]));
  if (value.kind === "record") {
    if (value.guard !== null) guardRead(cx, value, value.guard.fields[0] ?? "", scope, span);
    return value.fields;
  }
  return reject("IPC113", `${describe(value)} cannot be spread`, scope.module, span, "list the fields");
}

/** The check that a guarded field may be read. */
export function guardRead(cx: Context, value: Extract<Value, { kind: "record" }>, name: string, scope: Scope, span: Span): void {
  const { guard } = value;
  if (guard === null || !guard.fields.includes(name)) return;
  const by = value.fields.get(guard.by);
  const single = by === undefined ? null : asScalar(by);
  if (single === null) throw new Error(`the guard field ${guard.by} is missing`);
  const ok = single.type.kind === "enum" ? single.type.values.indexOf(guard.okName) : guard.ok;
  demand(
    cx,
    equal(single.expr, number(ok)),
    cx.program.failure(
      "unhandled-error",
      `"${name}" is read although the operation failed (${guard.by} is not ${JSON.stringify(guard.okName)})`,
      siteOf(scope, span),
    ),
  );
}

export function propertyName(
  cx: Context,
  key: Expression | { readonly type: "PrivateIdentifier"; readonly start: number; readonly end: number },
  computed: boolean,
  scope: Scope,
): string {
  if (key.type === "PrivateIdentifier") return reject("IPC107", "private fields cannot be compiled", scope.module, key, "use plain records");
  if (!computed && key.type === "Identifier") return key.name;
  const value = evaluate(cx, key, scope);
  if (value.kind === "native" && (typeof value.value === "string" || typeof value.value === "number")) return String(value.value);
  return reject("IPC128", "the name of a field must be known when the protocol is compiled", scope.module, key, "name the field");
}

/** Strings only reach messages and comparisons, so all parts must be known. */
function template(cx: Context, node: TemplateLiteral, scope: Scope): Value {
  let text = node.quasis[0]?.value.cooked ?? "";
  for (const [i, each] of node.expressions.entries()) {
    const value = evaluate(cx, each, scope);
    if (value.kind !== "native")
      return reject("IPC118", "strings cannot be put together from values that are not known", scope.module, each, "use a fixed text");
    text += `${String(value.value)}${node.quasis[i + 1]?.value.cooked ?? ""}`;
  }
  return native(text);
}
