/** `k`: what a kernel's rules and waits may look at and do. */
import type { DeclaredObject, OperationDeclaration, StateGroup } from "../language/kernel.ts";
import type { Expr } from "../system/system.ts";
import { asScalar, asStruct, type Context, demand, keepExpr, siteOf } from "./context.ts";
import { leavesOf } from "./domains.ts";
import { binary, equal, lookup, number, or, truth } from "./expr.ts";
import { integerOperand, toScalar } from "./expressions.ts";
import { reject, type Span } from "./problem.ts";
import { queueCall } from "./queues.ts";
import type { Scope } from "./scope.ts";
import { addressOf, asCell, flatten, readCell, writeCell } from "./storage.ts";
import { boolean, describe, type GroupRef, integer, type KernelRef, native, nothing, scalar, thread, type Value } from "./values.ts";

/** A field of `k`. */
export function kernelField(cx: Context, object: KernelRef, name: string, scope: Scope, span: Span): Value {
  const { kernel } = cx;
  if (kernel === null || object.method !== null) return reject("IPC125", `the kernel's context has no "${name}" here`, scope.module, span);
  switch (name) {
    case "self":
      return kernel.self.op === "const" ? native(handleOf(cx, kernel.self.value)) : scalar(kernel.self, thread);
    case "args":
      return kernel.args;
    case "threads":
      return native(cx.program.instance.threads.map(({ handle }) => handle));
    case "cpu":
      if (kernel.cpu !== null) return scalar(kernel.cpu, integer);
      break;
    default:
      break;
  }
  return { kind: "kernel", method: name };
}
function handleOf(cx: Context, id: number): unknown {
  return cx.program.instance.threads[id]?.handle ?? cx.program.nobody;
}

/** The number of a thread that state is indexed by; `nobody` is a violation. */
function someThread(cx: Context, value: Value | undefined, scope: Scope, span: Span): Expr {
  const single = toScalar(value ?? nothing, scope, span);
  if (single.type.kind !== "thread") return reject("IPC144", `a thread is needed here, not ${describe(value ?? nothing)}`, scope.module, span);
  const expr = single.expr.op === "temp" || single.expr.op === "const" ? single.expr : keepExpr(cx, single.expr);
  if (expr.op === "const" && expr.value >= 0) return expr;
  demand(cx, binary(">=", expr, number(0)), cx.program.failure("out-of-range", "the state of nobody is looked at", siteOf(scope, span)));
  return expr;
}

/** A method of `k`. */
export function kernelCall(cx: Context, name: string, args: readonly Value[], scope: Scope, span: Span): Value {
  const { kernel } = cx;
  if (kernel === null) return reject("IPC125", "there is no kernel context here", scope.module, span);
  const [first, second, third] = args;
  const { threads } = cx.program.instance;
  const acts = (): void => {
    if (!cx.may.write) reject("IPC151", `${cx.may.what} must not change anything`, scope.module, span, `call ${name}() in \`do\``);
  };
  switch (name) {
    case "of":
      return groupOf(cx, first, second, scope, span);
    case "objects": {
      const group = first?.kind === "native" ? first.value : null;
      return native(cx.program.instance.objects.filter(({ type }) => type.state.some((each) => each === group)).map(({ ref }) => ref));
    }
    case "optionsOf": {
      const object = first?.kind === "native" ? cx.program.instance.objects.find(({ ref }) => ref === first.value) : undefined;
      if (object === undefined)
        return reject("IPC128", "which object this is must be known when the protocol is compiled", scope.module, span, "name the object");
      return native(object.type.options);
    }
    case "cpuOf":
      return scalar(
        lookup(
          threads.map(({ cpu }) => number(cpu)),
          someThread(cx, first, scope, span),
        ),
        integer,
      );
    case "priorityOf":
      return scalar(
        lookup(
          threads.map(({ priority }) => number(priority)),
          someThread(cx, first, scope, span),
        ),
        integer,
      );
    case "sameCpu": {
      const cpus = threads.map(({ cpu }) => number(cpu));
      return scalar(equal(lookup(cpus, someThread(cx, first, scope, span)), lookup(cpus, someThread(cx, second, scope, span))), boolean);
    }
    case "isFinished": {
      const which = someThread(cx, first, scope, span);
      return scalar(
        threads.reduce<Expr>((any, _, i) => or(any, both(equal(which, number(i)), cx.program.finished(i))), truth(false)),
        boolean,
      );
    }
    case "read": {
      const cell = first === undefined ? null : asCell(first);
      if (cell === null) return reject("IPC144", "read() needs a memory cell", scope.module, span);
      return readCell(cx, cell, scope, span);
    }
    case "addressOf": {
      const cell = first === undefined ? null : asCell(first);
      if (cell === null) return reject("IPC144", "addressOf() needs a memory cell", scope.module, span);
      return scalar(addressOf(cx, cell), integer);
    }
    case "write": {
      acts();
      const cell = first === undefined ? null : asCell(first);
      if (cell === null || second === undefined) return reject("IPC144", "write() needs a memory cell and a value", scope.module, span);
      writeCell(cx, cell, second, scope, span);
      return nothing;
    }
    case "complete":
      acts();
      if (kernel.declaration === null)
        return reject("IPC167", "a background rule has no operation of its own", scope.module, span, "use completeOf(operation, thread, result)");
      return completeOperation(cx, kernel.declaration, first, second, scope, span);
    case "completeOf": {
      acts();
      const target =
        first?.kind === "native" && typeof first.value === "function" && "declaration" in first.value
          ? (first.value.declaration as OperationDeclaration)
          : null;
      if (target === null) return reject("IPC144", "completeOf() needs an operation", scope.module, span);
      return completeOperation(cx, target, second, third, scope, span);
    }
    case "terminate":
      acts();
      terminate(cx, keepExpr(cx, someThread(cx, first, scope, span)), scope, span);
      return nothing;
    case "panic": {
      acts();
      const message = first?.kind === "native" ? String(first.value) : "the kernel fails";
      cx.graph.end({ op: "fail", failure: cx.program.failure("assertion", message, siteOf(scope, span)) });
      return nothing;
    }
    default:
      return reject("IPC125", `the kernel's context has no "${name}" here`, scope.module, span);
  }
}
const both = (a: Expr, b: Expr): Expr => (a.op === "const" ? (a.value !== 0 ? b : a) : { op: "and", left: a, right: b });

function groupOf(cx: Context, group: Value | undefined, owner: Value | undefined, scope: Scope, span: Span): Value {
  if (group?.kind !== "native" || typeof group.value !== "object" || group.value === null || !("scope" in group.value))
    return reject("IPC144", "of() needs a group of state that is known", scope.module, span);
  const state = group.value as StateGroup;
  const known = cx.program.hasGroup(state);
  if (!known)
    return reject("IPC168", `the state "${state.name}" is not listed under \`state\` of the kernel or object type`, scope.module, span, "add it to the list");
  const { objects } = cx.program.instance;
  const ref = (index: Expr, self: number = 0): GroupRef => ({
    kind: "group",
    group: state,
    path: state.name,
    fields: cx.program.fieldsOf(state, self),
    owner: index,
  });
  /** Under release/acquire, memory passes through what rules change. */
  const touch = (what: "threads" | "objects", index: Expr): Expr => {
    if (cx.may.write && cx.program.touched !== null) cx.graph.emit({ op: "assign", variable: cx.program.touched[what], index, value: number(1) });
    return index;
  };
  switch (state.scope) {
    case "global":
      return ref(number(0));
    case "thread":
      return ref(touch("threads", someThread(cx, owner, scope, span)));
    case "cpu": {
      const cpu = integerOperand(owner ?? nothing, scope, span);
      return ref(cpu.op === "temp" || cpu.op === "const" ? cpu : keepExpr(cx, cpu));
    }
    case "object": {
      const object = owner?.kind === "native" ? objects.find(({ ref: known }) => known === owner.value) : undefined;
      if (object !== undefined) return ref(touch("objects", number(object.ref.index)), object.ref.index);
      if (owner === undefined || asScalar(owner)?.type.kind !== "int")
        return reject("IPC128", "which object this is must be known when the protocol is compiled", scope.module, span, "name the object, or give its number");
      const like = alike(cx, state, scope, span);
      return ref(touch("objects", someObject(cx, state, integerOperand(owner, scope, span), scope, span)), like?.ref.index ?? -1);
    }
  }
}

/** The number of an object that state is indexed by; one without this state is a violation. */
function someObject(cx: Context, state: StateGroup, index: Expr, scope: Scope, span: Span): Expr {
  const { objects } = cx.program.instance;
  const expr = index.op === "temp" || index.op === "const" ? index : keepExpr(cx, index);
  const has = objects.reduce<Expr>((any, { ref, type }) => (type.state.includes(state) ? or(any, equal(expr, number(ref.index))) : any), truth(false));
  const missing = cx.program.failure("out-of-range", `there is no object of this number with the state "${state.name}"`, siteOf(scope, span));
  if (has.op !== "const" || has.value === 0) demand(cx, has, missing);
  return expr;
}

/** One of the objects that have a group, whose ranges must be the same for all of them; null if there are none. */
function alike(cx: Context, state: StateGroup, scope: Scope, span: Span): DeclaredObject | null {
  const { objects } = cx.program.instance;
  const owners = objects.filter(({ type }) => type.state.includes(state));
  const [first] = owners;
  if (first === undefined) return null;
  const other = owners.find((each) => !cx.program.isAlike(state, first.ref.index, each.ref.index));
  if (other !== undefined)
    return reject(
      "IPC128",
      `objects that have the state "${state.name}" differ in its ranges (${first.ref.name}, ${other.ref.name}), so which one this is must be known`,
      scope.module,
      span,
      "declare them alike, or name the object",
    );
  return first;
}

/** Ends a thread and takes it out of every queue of threads in kernel state. */
function terminate(cx: Context, target: Expr, scope: Scope, span: Span): void {
  for (const { name, role, length, queue } of cx.program.variables) {
    if (
      role !== "kernel" ||
      queue === null ||
      cx.program.variables[queue.fill]?.name !== `${name}.length` ||
      cx.program.state(name).leaf.type.kind !== "thread"
    )
      continue;
    for (let owner = 0; owner < length / queue.capacity; owner++) {
      queueCall(
        cx,
        { kind: "queue", name, of: { kind: "thread" }, capacity: queue.capacity, owner: number(owner) },
        "remove",
        [scalar(target, thread)],
        scope,
        span,
      );
    }
  }
  cx.graph.emit({ op: "terminate", thread: target });
}

function completeOperation(cx: Context, declaration: OperationDeclaration, who: Value | undefined, result: Value | undefined, scope: Scope, span: Span): Value {
  const target = someThread(cx, who, scope, span);
  const record = asStruct(result ?? nothing);
  if (record === null) return reject("IPC144", "the result of an operation is an object", scope.module, span);
  const results = Object.entries(declaration.result).flatMap(([name, domain]) => {
    const value = record.fields.get(name);
    if (value === undefined) return leavesOf(domain, cx.program.sizes).map(({ init }) => number(init));
    return flatten(cx, domain, value, `the result "${name}" of ${declaration.name}`, scope, span).map(({ expr }) => expr);
  });
  cx.graph.emit({ op: "complete", thread: target, operation: cx.program.kernelOperation(declaration), results });
  return nothing;
}
