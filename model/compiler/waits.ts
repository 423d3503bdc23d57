/** Ways of being blocked, who could end them, and invariants: pure functions as single expressions. */
import type { DomainShape } from "../language/domain.ts";
import type { StateContext, Wait, Waker } from "../language/kernel.ts";
import { sourceOf } from "../loader/registry.ts";
import type { Code, Expr, Invariant, Statement, WaitInfo, WakerInfo } from "../system/system.ts";
import { apply } from "./calls.ts";
import type { Context, KernelFrame } from "./context.ts";
import { Environment } from "./environment.ts";
import { joinPath } from "./domains.ts";
import { toExpr } from "./emit.ts";
import { binary, number, operandsOf, register, sameExpr, substitute, walk } from "./expr.ts";
import { truthOf } from "./expressions.ts";
import { Graph, reachable } from "./graph.ts";
import { analyse, type Env, liveSuccessors } from "./intervals.ts";
import type { KernelOperation, Pending } from "./pending.ts";
import { reject } from "./problem.ts";
import type { Program } from "./program.ts";
import { type Arguments, argumentsOf, kernelContext, looking, placeOf } from "./rules.ts";
import { loadState } from "./storage.ts";
import { constantRegister, everAfter, type GroupLocation, type Replica } from "./threads.ts";
import { native, scalar, thread, type Value } from "./values.ts";

/** Compiles a predicate to an expression; a failure in it counts as false. */
function expression(
  program: Program,
  fn: unknown,
  what: string,
  make: (graph: Graph) => { readonly cx: Context; readonly args: readonly Value[] },
  env: Env,
  replace: (id: number) => Expr | null,
): Expr {
  const { scope, span } = placeOf(fn, what);
  const graph = new Graph();
  const { cx, args } = make(graph);
  const holds = truthOf(apply(cx, native(fn), args, scope, span), scope, span);
  graph.require(holds, { op: "deny" });
  graph.end({ op: "allow" });
  const next = liveSuccessors(program, analyse(program, graph.entry, env));
  return (
    toExpr(graph.entry, next, replace) ??
    reject("IPC169", `${what} has a loop that cannot be unrolled`, scope.module, span, "use for … of over k.threads, or a method of the queue")
  );
}

type Predicate = (k: StateContext) => boolean;
/** A wait, and when the kernel itself may still end it. */
export interface Declared extends WaitInfo {
  readonly passing: Expr;
}

/** The waits that a kernel declares for an operation, at one place of one thread. Wakers are filled in later. */
export function waitsAt(
  program: Program,
  replica: Replica,
  location: GroupLocation,
  pending: KernelOperation,
  ableBy: (by: Waker["by"], anywhere: boolean) => WakerInfo["able"],
): readonly Declared[] {
  const args: Arguments = argumentsOf(program, replica, location, pending);
  const self = number(replica.instance.handle.id);
  const frame: KernelFrame = { self, args: args.struct, cpu: null, declaration: pending.declaration };
  return waitsOf(program, frame, pending.declaration.waits as Readonly<Record<string, Wait>>, args, ableBy);
}

/** The ways in which the kernel keeps a thread from running, wherever it stands. */
export function haltsOf(program: Program, { instance }: Replica, ableBy: (by: Waker["by"]) => WakerInfo["able"]): readonly Declared[] {
  const none: Arguments = { struct: { kind: "record", guard: null, fields: new Map() }, env: Environment.empty, replace: () => null };
  const frame: KernelFrame = { self: number(instance.handle.id), args: none.struct, cpu: null, declaration: null };
  return waitsOf(program, frame, program.instance.protocol.kernel.halts, none, ableBy);
}

function waitsOf(
  program: Program,
  frame: KernelFrame,
  waits: Readonly<Record<string, Wait>>,
  args: Arguments,
  ableBy: (by: Waker["by"], anywhere: boolean) => WakerInfo["able"],
): readonly Declared[] {
  const k: Value = { kind: "kernel", method: null };
  const evaluate = (fn: Predicate | undefined, what: string, otherwise: Expr): Expr =>
    fn === undefined
      ? otherwise
      : expression(program, fn, what, (graph) => ({ cx: kernelContext(program, graph, { ...looking, what }, frame), args: [k] }), args.env, args.replace);
  return Object.entries(waits).flatMap(([name, wait]): Declared[] => {
    const when = evaluate(wait.when, `the wait "${name}"`, number(1));
    if (when.op === "const" && when.value === 0) return [];
    return [
      {
        name,
        says: wait.says,
        kind: wait.kind,
        when,
        idle: evaluate(wait.idle, `\`idle\` of the wait "${name}"`, number(0)),
        until: wait.until === undefined ? null : evaluate(wait.until, `\`until\` of the wait "${name}"`, number(0)),
        passing: evaluate(wait.passing, `\`passing\` of the wait "${name}"`, number(0)),
        wakers: wait.wakers.map(({ by, anywhere = false, when: who }): WakerInfo => {
          const other = program.register("other", thread, "constant").id;
          const env = args.env.with(other, [0, program.sizes.threads - 1]);
          const replace = (id: number): Expr | null => (id === other ? register(0) : args.replace(id));
          const holds =
            who === undefined
              ? number(1)
              : expression(
                  program,
                  who,
                  `a waker of the wait "${name}"`,
                  (graph) => ({ cx: kernelContext(program, graph, looking, frame), args: [k, scalar(register(other), thread)] }),
                  env,
                  replace,
                );
          return { able: ableBy(by, anywhere), when: holds };
        }),
      },
    ];
  });
}

/** An element of memory: `index` null means any. */
interface Element {
  readonly variable: number;
  readonly index: Expr | null;
}
const overlap = (a: Element, b: Element): boolean =>
  a.variable === b.variable && (a.index?.op !== "const" || b.index?.op !== "const" || sameExpr(a.index, b.index));

/** The wait of `waitUntil` and of guarded steps: for others to write what the condition reads. */
export function conditionWait(program: Program, guards: readonly Code[], thread: number, replicas: readonly Replica[]): WaitInfo {
  const isMemory = (id: number): boolean => program.variables[id]?.role === "memory" || program.variables[id]?.role === "ghost";
  const reads: Element[] = [];
  const look = (expr: Expr): void =>
    walk(expr, (part) => {
      if (part.op === "load" && isMemory(part.variable)) reads.push({ variable: part.variable, index: part.index });
    });
  for (const { statements, end } of guards.flatMap(({ blocks }) => blocks)) {
    for (const statement of statements) operandsOf(statement).forEach(look);
    if (end.op === "branch") look(end.condition);
  }
  const able = replicas.map((other, i) => {
    const resolve = (index: Expr | null): Expr | null => (index === null ? null : substitute(index, (id) => constantRegister(other, id) ?? register(id)));
    const writes = (statements: readonly Statement[]): boolean =>
      statements.some(
        (each) =>
          each.op === "assign" && isMemory(each.variable) && reads.some((read) => overlap(read, { variable: each.variable, index: resolve(each.index) })),
      );
    const performs = (pending: Pending): boolean =>
      pending.kind === "language" && pending.rules.some(({ body }) => reachable(body.entry).some(({ statements }) => writes(statements)));
    return other.group.locations.map(
      (location) =>
        i !== thread &&
        (performs(location.pending) ||
          [...everAfter(location)].some(({ statements, end }) => writes(statements) || (end?.op === "perform" && performs(end.pending)))),
    );
  });
  return {
    name: "condition",
    says: "waiting for a condition",
    kind: "condition",
    when: number(1),
    idle: number(0),
    until: null,
    wakers: [{ able, when: number(1) }],
  };
}

/** Compiles the invariants of a protocol: functions over all of memory. */
export function invariants(program: Program): readonly Invariant[] {
  return Object.entries(program.instance.protocol.invariants).map(([name, fn]): Invariant => {
    const source = sourceOf(fn);
    const holds = statePredicate(program, fn, { what: `the invariant "${name}"`, of: "an invariant" });
    return { name, holds, site: source === null ? null : source.module.site(source.node.start, source.node.end) };
  });
}

/** Compiles a function over all of memory, the parameters, and what `besides` gives. */
export function statePredicate(
  program: Program,
  fn: unknown,
  { what, of }: { readonly what: string; readonly of: string },
  besides: Readonly<Record<string, Value>> = {},
): Expr {
  const { protocol, parameters } = program.instance;
  return expression(
    program,
    fn,
    what,
    (graph) => {
      const cx: Context = {
        program,
        graph,
        may: { perform: false, memory: true, write: false, what: of },
        self: number(-1),
        visible: [],
        callers: [],
        inlined: [],
        kernel: null,
        returns: null,
        jumps: [],
      };
      const fields = new Map<string, Value>([
        ...Object.entries(protocol.memory).map(([field, domain]): [string, Value] => [field, wholeValue(cx, domain, `memory.${field}`, number(0))]),
        ...Object.entries(parameters).map(([field, value]): [string, Value] => [field, native(value)]),
        ...Object.entries(besides),
      ]);
      return { cx, args: [{ kind: "record", guard: null, fields }] };
    },
    Environment.empty,
    () => null,
  );
}

/** All of a memory declaration as one value. */
function wholeValue(cx: Context, domain: DomainShape, name: string, index: Expr): Value {
  switch (domain.kind) {
    case "ghost":
      return wholeValue(cx, domain.of, name, index);
    case "record":
      return {
        kind: "record",
        guard: null,
        fields: new Map(Object.entries(domain.fields).map(([field, of]) => [field, wholeValue(cx, of, joinPath(name, field), index)])),
      };
    case "array":
      return {
        kind: "list",
        items: Array.from({ length: domain.length }, (_, i) =>
          wholeValue(cx, domain.of, name, binary("+", binary("*", index, number(domain.length)), number(i))),
        ),
      };
    case "queue":
      return { kind: "queue", name, of: domain.of, capacity: cx.program.capacity(domain), owner: index };
    default:
      return loadState(cx, name, index);
  }
}
