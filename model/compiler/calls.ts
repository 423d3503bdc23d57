/** Calls: the words of the language, methods of memory and kernel state, and functions of the source, which are inlined. */
import type { CallExpression, Expression, ParamPattern, Statement } from "@oxc-project/types";
import * as domains from "../language/domain.ts";
import type { DomainShape } from "../language/domain.ts";
import type { ObjectRef, OperationDeclaration } from "../language/kernel.ts";
import { ArrayHandle, QueueHandle } from "../language/memory.ts";
import { assume, check, choose, fence, local, step, valuesOf, waitUntil } from "../language/operation.ts";
import { diagnostic, SpecError } from "../loader/diagnostic.ts";
import { sourceOf } from "../loader/registry.ts";
import { bindConstant } from "./assignments.ts";
import { asScalar, asStruct, type Context, demand, keep, merge, type ReturnFrame, siteOf } from "./context.ts";
import { divisionIn, quotient, roundingOf } from "./division.ts";
import { isDomain } from "./domains.ts";
import { binary, negate, number, select } from "./expr.ts";
import { conditional, equality, evaluate, integerOperand, operands, propertyName, requireValue, truthOf } from "./expressions.ts";
import { kernelCall } from "./kernel-context.ts";
import { field, fieldNames, indexInto } from "./members.ts";
import { chooseOperation, fenceOperation, kernelOperation, memoryOperation, orderOf, stepOperation, waitOperation } from "./operations.ts";
import type { Shown } from "./pending.ts";
import { reject, type Span } from "./problem.ts";
import { arrayCall, queueCall } from "./queues.ts";
import { Scope } from "./scope.ts";
import { items, statements } from "./statements.ts";
import { asCell, asQueue, element } from "./storage.ts";
import { strip } from "./syntax.ts";
import { describe, type FunctionSyntax, integer, native, nothing, scalar, type Value } from "./values.ts";

/** Functions that give the same answer whenever they are called, so they may be called now. */
const pure: ReadonlySet<unknown> = new Set<unknown>([
  ...Object.getOwnPropertyNames(Math)
    .filter((name) => name !== "random")
    .map((name) => (Math as unknown as Record<string, unknown>)[name])
    .filter((each) => typeof each === "function"),
  Number.isInteger,
  Number.isSafeInteger,
  Number,
  String,
  Boolean,
  Object.keys,
  Object.values,
  Object.entries,
  Object.freeze,
  Array.isArray,
  ...Object.values(domains).filter((each) => typeof each === "function" && each !== domains.ThreadHandle),
  valuesOf,
]);

export function call(cx: Context, node: CallExpression, scope: Scope): Value {
  const callee = strip(node.callee);
  let given: readonly Value[] = [];
  const args = (): readonly Value[] => {
    given = operands(cx, argumentNodes(node, scope), scope);
    return given;
  };
  if (callee.type === "Super") return reject("IPC107", "classes cannot be compiled", scope.module, node);
  if (callee.type !== "MemberExpression") {
    const fn = evaluate(cx, callee, scope);
    if (node.optional && fn.kind === "native" && (fn.value === undefined || fn.value === null)) return nothing;
    return shown(apply(cx, fn, args(), scope, node, argumentNodes(node, scope)), given);
  }
  const evaluated = evaluate(cx, callee.object, scope);
  requireValue(evaluated, scope, callee.object);
  if (callee.optional && evaluated.kind === "native" && (evaluated.value === undefined || evaluated.value === null)) return nothing;
  const object = keep(cx, evaluated);
  const name = propertyName(cx, callee.property as Expression, callee.computed, scope);
  return shown(method(cx, object, name, args, node, scope), given);
}

/** Of several nested calls that give one operation, the outermost is what the source shows. */
function shown(value: Value, args: readonly Value[]): Value {
  if (value.kind !== "operation") return value;
  const scalars = (each: Value): readonly Shown[] => {
    const single = asScalar(each);
    if (single !== null) return [{ value: single.expr, type: single.type }];
    const object = each.kind === "native" ? objectNamed(each.value) : null;
    if (object !== null) return [{ value: number(0), type: { kind: "object", name: object } }];
    const record = asStruct(each);
    return record === null ? [] : [...record.fields.values()].flatMap(scalars);
  };
  return { ...value, pending: { ...value.pending, shown: args.flatMap(scalars) } };
}

/** The object that a value is, or that what a kernel gives for it stands for. */
function objectNamed(value: unknown): string | null {
  const isRef = (each: unknown): each is ObjectRef => typeof each === "object" && each !== null && "kind" in each && each.kind === "object" && "index" in each;
  if (isRef(value)) return value.name;
  if (typeof value !== "object" || value === null || !Object.values(value).some((each) => typeof each === "function")) return null;
  return Object.values(value).find(isRef)?.name ?? null;
}

function argumentNodes(node: CallExpression, scope: Scope): readonly Expression[] {
  return node.arguments.map((each) => {
    if (each.type === "SpreadElement") return reject("IPC113", "spread arguments cannot be compiled", scope.module, each, "list the arguments");
    return each;
  });
}

function method(cx: Context, object: Value, name: string, args: () => readonly Value[], node: CallExpression, scope: Scope): Value {
  const cell = asCell(object);
  if (cell !== null) return memoryOperation(cx, cell, name, args(), scope, node);
  const queue = asQueue(cx, object);
  if (queue !== null) {
    const handle = object.kind === "native" || object.kind === "shifted" ? (object.kind === "native" ? object.value : object.base) : null;
    if (handle instanceof QueueHandle && !handle.cell.isGhost && !cx.may.memory)
      return reject("IPC150", `${handle.cell.variable}.${name}() is used outside a step`, scope.module, node, "use queues inside step({ when, do })");
    return queueCall(cx, queue, name, args(), scope, node);
  }
  switch (object.kind) {
    case "kernel":
      return kernelCall(cx, name, args(), scope, node);
    case "array":
      return arrayCall(cx, object, name, args(), scope, node);
    case "list":
      return listCall(cx, object.items, name, args(), scope, node);
    case "native": {
      if (object.value instanceof ArrayHandle) return handleCall(cx, object, name, args(), scope, node);
      if (Array.isArray(object.value) || object.value instanceof Set) return listCall(cx, items(object, scope, node), name, args(), scope, node);
      if (object.value === Math) return rounded(cx, name, node, scope) ?? math(cx, name, args(), scope, node);
      if (typeof object.value === "string" || typeof object.value === "number")
        return reject("IPC118", `"${name}" of ${describe(object)} cannot be compiled`, scope.module, node, "compute it before the protocol is declared");
      return apply(cx, functionOf(cx, object, name, scope, node), args(), scope, node, argumentNodes(node, scope));
    }
    case "shifted":
      if (object.base instanceof ArrayHandle) return handleCall(cx, object, name, args(), scope, node);
      return apply(cx, functionOf(cx, object, name, scope, node), args(), scope, node, argumentNodes(node, scope));
    case "scalar":
      return reject("IPC118", `"${name}" of ${describe(object)} cannot be compiled`, scope.module, node, "use operators");
    default:
      return apply(cx, functionOf(cx, object, name, scope, node), args(), scope, node, argumentNodes(node, scope));
  }
}

/** The member `name`, which is called. */
function functionOf(cx: Context, object: Value, name: string, scope: Scope, span: Span): Value {
  const found = field(cx, object, name, scope, span);
  if (found.kind !== "native" || found.value !== undefined) return found;
  const there = fieldNames(object);
  return reject("IPC125", `${describe(object)} has no "${name}"`, scope.module, span, there.length === 0 ? null : `it has ${there.join(", ")}`);
}

function handleCall(cx: Context, object: Value, name: string, args: readonly Value[], scope: Scope, span: Span): Value {
  const [index] = args;
  if (name !== "at" || index === undefined)
    return reject("IPC125", `an array of memory has no method "${name}" here`, scope.module, span, "use at(index) and length");
  return element(cx, object, index, scope, span);
}

/** Where an argument stands, and what is written there. */
interface Argument extends Span {
  readonly type?: string;
}

/** Calls a function value. */
export function apply(cx: Context, fn: Value, args: readonly Value[], scope: Scope, span: Span, argNodes: readonly Argument[] = []): Value {
  for (const [i, each] of args.entries()) requireValue(each, scope, argNodes[i] ?? span);
  if (fn.kind === "closure") return inline(cx, fn.node, fn.scope, fn.node, fn.name, args, scope, span);
  if (fn.kind === "kernel" && fn.method !== null) return kernelCall(cx, fn.method, args, scope, span);
  if (fn.kind !== "native" || typeof fn.value !== "function") return reject("IPC161", `${describe(fn)} is called`, scope.module, span, "call a function");
  const target = fn.value as Function & { readonly declaration?: unknown };
  const [first, second] = args;
  switch (target) {
    case check:
      return checkCall(cx, args, scope, span);
    case assume: {
      if (!cx.may.perform && !cx.may.write) return reject("IPC151", `${cx.may.what} must not do anything`, scope.module, span, "assume between two yield*");
      cx.graph.require(truthOf(first ?? nothing, scope, span), { op: "prune" });
      return nothing;
    }
    case local:
      return reject("IPC149", "local() is not the value of a declaration", scope.module, span, "write let name = local(domain, value)");
    case choose:
      return chooseOperation(cx, args, scope, span);
    case waitUntil: {
      const cell = first === undefined ? null : asCell(first);
      if (cell === null || second === undefined)
        return reject("IPC144", "waitUntil() needs a cell and a predicate", scope.module, span, "waitUntil(cell, (value) => value !== 0)");
      return waitOperation(
        cx,
        cell,
        (inner, value) => truthOf(apply(inner, second, [value], scope, span), scope, span),
        orderOf(args[2], scope, span),
        scope,
        span,
      );
    }
    case fence:
      return fenceOperation(cx, first, scope, span);
    case step:
      return stepOperation(cx, first ?? native({}), scope, span);
    default:
      break;
  }
  if ("declaration" in target && isOperation(target.declaration)) return kernelOperation(cx, target.declaration, first ?? native({}), scope, span);
  const source = sourceOf(target);
  if (source !== null && isOwn(source.module) && !isOwn(scope.module)) requireKnown(source.node.params, args, argNodes, target.name, scope);
  if (source !== null) return inline(cx, source.node, new Scope(null, source, {}), target, target.name === "" ? "function" : target.name, args, scope, span);
  if (pure.has(target) && args.every((each) => each.kind === "native")) {
    try {
      return native(
        Reflect.apply(
          target as (...args: unknown[]) => unknown,
          undefined,
          args.map((each) => (each.kind === "native" ? each.value : undefined)),
        ),
      );
    } catch (error) {
      return reject("IPC162", `this call fails: ${error instanceof Error ? error.message : String(error)}`, scope.module, span);
    }
  }
  return reject(
    "IPC162",
    `the source of ${target.name === "" ? "this function" : `"${target.name}"`} is not known, so it cannot be compiled`,
    scope.module,
    span,
    "use functions of the specification, of modules that it imports by path, and of ipc-check",
  );
}

function isOperation(value: unknown): value is OperationDeclaration {
  return typeof value === "object" && value !== null && "rules" in value && "waits" in value;
}

function checkCall(cx: Context, args: readonly Value[], scope: Scope, span: Span): Value {
  const [claim, why] = args;
  if (!cx.may.perform && !cx.may.write) return reject("IPC151", `${cx.may.what} must not do anything`, scope.module, span, "check between two yield*");
  if (why !== undefined && (why.kind !== "native" || typeof why.value !== "string"))
    return reject("IPC128", "the text of a check must be known when the protocol is compiled", scope.module, span, "write a fixed text");
  const message = why?.kind === "native" ? String(why.value) : "check failed";
  demand(cx, truthOf(claim ?? nothing, scope, span), cx.program.failure("assertion", message, siteOf(scope, span)));
  return nothing;
}

/** `local(domain, initial)` as the value of a declaration; null if the expression is anything else. */
export function declaredLocal(cx: Context, node: Expression, scope: Scope): { readonly domain: DomainShape; readonly initial: Value } | null {
  const stripped = strip(node);
  if (stripped.type !== "CallExpression" || stripped.callee.type !== "Identifier") return null;
  const { name } = stripped.callee;
  if (scope.find(name) !== null || !scope.source.captures(name) || scope.source.captured(name) !== local) return null;
  const [domain, initial] = argumentNodes(stripped, scope).map((each) => evaluate(cx, each, scope));
  if (domain?.kind !== "native" || !isDomain(domain.value) || initial === undefined)
    return reject("IPC149", "local() needs a domain that is known and an initial value", scope.module, stripped, "local(int(0, 3), 0)");
  return { domain: domain.value, initial };
}

/** Puts a function's body in place of a call of it. */
function inline(cx: Context, node: FunctionSyntax, outer: Scope, identity: object, name: string, args: readonly Value[], scope: Scope, span: Span): Value {
  if (cx.inlined.includes(identity))
    return reject("IPC163", `${name}() calls itself`, scope.module, span, "write a loop: functions are put in place of their calls");
  if (cx.inlined.length > 100) return reject("IPC163", "calls are nested more than 100 deep", scope.module, span, "write a loop");
  if (node.async)
    return reject(
      "IPC106",
      "async functions cannot be compiled: threads wait with yield*",
      scope.module,
      span,
      "write a generator function: function* name() { … }",
    );
  const inner = new Scope(outer, outer.source, {});
  const isOurs = isOwn(outer.module) && !isOwn(scope.module);
  const expand = (to: Context, values: readonly Value[]): Value => {
    const outside = cx.visible.length;
    for (const [i, parameter] of node.params.entries()) {
      if (parameter.type === "RestElement" || parameter.type === "TSParameterProperty")
        return reject("IPC113", "rest parameters cannot be compiled", outer.module, parameter, "name the parameters");
      bindConstant(to, parameter, values[i] ?? nothing, inner, parameter, true);
    }
    const value = runBody(to, node, inner, scope, span);
    cx.visible.length = outside;
    return value;
  };
  const run = isOurs ? (to: Context, values: readonly Value[]): Value => placed(() => expand(to, values), scope, span) : expand;
  const body: Context = { ...cx, inlined: [...cx.inlined, identity] };
  if (!node.generator) return run(body, args);
  const kept = args.map((each) => keep(cx, each));
  return { kind: "helper", run: (site) => run({ ...body, callers: [...cx.callers, site] }, kept) };
}

/** Functions of kernels that come with the tool: what is wrong with a call of one is wrong where it stands. */
const isOwn = ({ file }: { readonly file: string }): boolean => file.startsWith("ipc-check/");

function placed(expand: () => Value, scope: Scope, span: Span): Value {
  try {
    return expand();
  } catch (error) {
    if (!(error instanceof SpecError)) throw error;
    const place = { module: scope.module, start: span.start, end: span.end };
    throw new SpecError(
      error.diagnostics.map((each) => (each.site !== null && isOwn(each.site) ? diagnostic(each.code, each.message, place, each.hint) : each)),
    );
  }
}

/** Rejects options that a function of a kernel does not know: left out silently, a misspelt timeout would be the default. */
function requireKnown(parameters: readonly ParamPattern[], args: readonly Value[], argNodes: readonly Argument[], name: string, scope: Scope): void {
  for (const [i, parameter] of parameters.entries()) {
    const pattern = parameter.type === "AssignmentPattern" ? parameter.left : parameter;
    const [value, node] = [args[i], argNodes[i]];
    if (pattern.type !== "ObjectPattern" || value === undefined || node?.type === undefined || strip(node as Expression).type !== "ObjectExpression") continue;
    const known = pattern.properties.map((each) => (each.type === "Property" && each.key.type === "Identifier" ? each.key.name : null));
    const unknown = fieldNames(value).find((each) => !known.includes(each));
    if (unknown !== undefined && !known.includes(null))
      reject("IPC125", `${name} has no option "${unknown}"`, scope.module, node, `it has ${known.join(", ")}`);
  }
}

function runBody(cx: Context, node: FunctionSyntax, scope: Scope, caller: Scope, span: Span): Value {
  if (node.body === null) return reject("IPC162", "this function has no body", caller.module, span);
  if (node.body.type !== "BlockStatement") return evaluate({ ...cx, returns: null, jumps: [] }, node.body, scope);
  const frame: ReturnFrame = { returned: [] };
  statements({ ...cx, returns: frame, jumps: [] }, node.body.body as readonly Statement[], scope);
  // Control may also come to the end of the body. Code that is never reached still has a value of the right kind.
  const arrivals = [...frame.returned, { value: nothing, node: cx.graph.current }];
  const real = arrivals.filter(({ node }) => cx.graph.isReachable(node));
  return merge(cx, real.length > 0 ? real : arrivals.slice(0, 1), scope, span);
}

/** The quotient of integers that `Math.floor(a / b)` and its like are. */
function rounded(cx: Context, name: string, node: CallExpression, scope: Scope): Value | null {
  const rounding = roundingOf(name);
  const [argument] = node.arguments;
  if (rounding === null || argument === undefined || argument.type === "SpreadElement") return null;
  const division = divisionIn(argument);
  return division === null ? null : quotient(cx, division, rounding, scope, node);
}

function math(cx: Context, name: string, args: readonly Value[], scope: Scope, span: Span): Value {
  if (name === "random") return reject("IPC133", "the clock and random numbers would differ from run to run", scope.module, span, "use yield* choose(…)");
  if (args.every((each) => each.kind === "native")) return apply(cx, native((Math as unknown as Record<string, unknown>)[name]), args, scope, span);
  const numbers = args.map((each) => integerOperand(keep(cx, each), scope, span));
  const [first] = numbers;
  if (first !== undefined && (name === "min" || name === "max")) {
    const least = numbers.slice(1).reduce((a, b) => select(binary(name === "min" ? "<" : ">", b, a), b, a), first);
    return scalar(least, integer);
  }
  if (first !== undefined && name === "abs") return scalar(select(binary("<", first, number(0)), negate(first), first), integer);
  if (first !== undefined && name === "sign")
    return scalar(select(binary("<", first, number(0)), number(-1), select(binary(">", first, number(0)), number(1), number(0))), integer);
  if (first !== undefined && (name === "trunc" || name === "floor" || name === "round" || name === "ceil")) return scalar(first, integer);
  return reject("IPC162", `Math.${name} cannot be compiled`, scope.module, span, "use Math.min, Math.max, Math.abs or Math.sign");
}

/** Methods of arrays whose length is known. */
function listCall(cx: Context, list: readonly Value[], name: string, args: readonly Value[], scope: Scope, span: Span): Value {
  const [first, second] = args;
  const test = (item: Value, i: number) => truthOf(apply(cx, first ?? nothing, [item, native(i)], scope, span), scope, span);
  const search = (i: number, holds: (item: Value, i: number) => import("../system/system.ts").Expr, found: (i: number) => Value, missing: Value): Value => {
    const item = list[i];
    if (item === undefined) return missing;
    return conditional(
      cx,
      holds(item, i),
      () => found(i),
      () => search(i + 1, holds, found, missing),
      scope,
      span,
    );
  };
  const equalTo = (item: Value) => equality(cx, item, first ?? nothing, scope, span);
  switch (name) {
    case "at":
      return indexInto(cx, { kind: "list", items: list }, first ?? nothing, scope, span);
    case "every": {
      const every = (i: number): Value => {
        const item = list[i];
        if (item === undefined) return native(true);
        return conditional(
          cx,
          test(item, i),
          () => every(i + 1),
          () => native(false),
          scope,
          span,
        );
      };
      return every(0);
    }
    case "some":
      return search(0, test, () => native(true), native(false));
    case "includes":
      return search(0, equalTo, () => native(true), native(false));
    case "indexOf":
      return search(0, equalTo, native, native(-1));
    case "findIndex":
      return search(0, test, native, native(-1));
    case "map":
      return { kind: "list", items: list.map((item, i) => keep(cx, apply(cx, first ?? nothing, [item, native(i)], scope, span))) };
    case "forEach":
      for (const [i, item] of list.entries()) apply(cx, first ?? nothing, [item, native(i)], scope, span);
      return nothing;
    case "reduce":
      if (second === undefined) return reject("IPC129", "reduce() needs an initial value", scope.module, span);
      return list.reduce<Value>((sum, item, i) => keep(cx, apply(cx, first ?? nothing, [sum, item, native(i)], scope, span)), second);
    case "filter": {
      const kept = list.map((item, i) => ({ item, test: test(item, i) }));
      if (kept.some(({ test }) => test.op !== "const"))
        return reject(
          "IPC164",
          "how many elements filter() keeps is not known",
          scope.module,
          span,
          "count with reduce: list.reduce((n, x) => n + (test(x) ? 1 : 0), 0)",
        );
      return { kind: "list", items: kept.filter(({ test }) => test.op === "const" && test.value !== 0).map(({ item }) => item) };
    }
    case "push":
    case "pop":
    case "shift":
    case "unshift":
    case "splice":
    case "sort":
    case "reverse":
    case "fill":
      return reject("IPC164", `arrays do not change: ${name}() cannot be compiled`, scope.module, span, "declare memory: queue(…) or array(…)");
    default:
      return reject("IPC164", `"${name}" of an array cannot be compiled`, scope.module, span, "use at, every, some, includes, indexOf, map, reduce and length");
  }
}
