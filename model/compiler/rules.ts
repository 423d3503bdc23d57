/** Rules as transitions: those of the language's operations, of a kernel's, and of the background. */
import type { BackgroundRule, Rule } from "../language/kernel.ts";
import { sourceOf } from "../loader/registry.ts";
import type { Code, Expr, Terminator } from "../system/system.ts";
import { apply } from "./calls.ts";
import type { Context, KernelFrame, Permissions } from "./context.ts";
import { Environment } from "./environment.ts";
import { leafOf } from "./domains.ts";
import { emit } from "./emit.ts";
import { not, number, register, substitute } from "./expr.ts";
import { truthOf } from "./expressions.ts";
import { type End, Graph, type Node, reachable } from "./graph.ts";
import { type Analysis, analyse, type Env, liveSuccessors, Ranges } from "./intervals.ts";
import { requireFits } from "./overflow.ts";
import type { KernelOperation, RuleGraph } from "./pending.ts";
import { reject, type Span } from "./problem.ts";
import type { Program } from "./program.ts";
import { Scope } from "./scope.ts";
import { type GroupLocation, pendingRegister, type Replica } from "./threads.ts";
import type { Struct, Value } from "./values.ts";

export const acting: Permissions = { perform: false, memory: true, write: true, what: "the `do` of a rule" };
export const looking: Permissions = { perform: false, memory: true, write: false, what: "the `when` of a rule" };

/** The place that a rule's function is, for diagnostics about calling it. */
export function placeOf(fn: unknown, what: string): { readonly scope: Scope; readonly span: Span } {
  const source = sourceOf(fn);
  if (source === null)
    return reject(
      "IPC162",
      `the source of ${what} is not known, so it cannot be compiled`,
      null,
      null,
      "write kernels in modules that are loaded as part of a specification",
    );
  return { scope: new Scope(null, source, {}), span: source.node };
}

export function kernelContext(program: Program, graph: Graph, may: Permissions, frame: KernelFrame): Context {
  return { program, graph, may, self: frame.self, visible: [], callers: [], inlined: [], kernel: frame, returns: null, jumps: [] };
}

/** Arguments of a pending operation as registers of their own, with their ranges. */
export interface Arguments {
  readonly struct: Struct;
  readonly env: Env;
  /** What an argument register stands for while the operation is pending. */
  readonly replace: (id: number) => Expr | null;
}

export function argumentsOf(program: Program, replica: Replica, location: GroupLocation, pending: KernelOperation): Arguments {
  const ranges = new Ranges(program);
  let env = Environment.empty;
  const meanings = new Map<number, Expr>();
  const local = pendingRegister(replica, location);
  const resolve = (expr: Expr): Expr => substitute(expr, (id) => local(id) ?? register(id));
  const bind = (value: Value, domain: import("../language/domain.ts").DomainShape | null): Value => {
    switch (value.kind) {
      case "scalar": {
        const meaning = resolve(value.expr);
        if (meaning.op === "const") return { ...value, expr: meaning };
        const id = program.register("argument", value.type, "constant").id;
        meanings.set(id, meaning);
        const leaf = domain === null ? null : leafOf(domain, program.sizes);
        // Constants of this replica are more precise than the ranges of its group.
        const [low, high] = ranges.of(
          substitute(value.expr, (each) => constantOf(replica, each) ?? register(each)),
          location.env,
        );
        env = env.with(id, leaf === null ? [low, high] : [Math.max(low, leaf.min), Math.min(high, leaf.max)]);
        return { ...value, expr: register(id) };
      }
      case "record":
        return {
          ...value,
          fields: new Map([...value.fields].map(([name, field]) => [name, bind(field, domain?.kind === "record" ? (domain.fields[name] ?? null) : null)])),
        };
      case "cell": {
        const index = bind({ kind: "scalar", expr: value.index, type: { kind: "int" } }, null);
        return { ...value, index: index.kind === "scalar" ? index.expr : value.index };
      }
      default:
        return value;
    }
  };
  const fields = new Map([...pending.args].map(([name, value]) => [name, bind(value, pending.declaration.args[name] ?? null)]));
  return { struct: { kind: "record", guard: null, fields }, env, replace: (id) => meanings.get(id) ?? null };
}
function constantOf({ group, instance }: Replica, id: number): Expr | null {
  return id === group.self ? number(instance.handle.id) : id === group.index ? number(instance.index) : null;
}

/** A rule whose body is compiled once it is known that the rule can fire. */
export interface GuardedRule extends Omit<RuleGraph, "body"> {
  readonly body: () => Graph;
}

/** Compiles a rule of a kernel for one place. */
export function kernelRule(program: Program, name: string, rule: Rule | BackgroundRule, frame: KernelFrame): GuardedRule {
  const k: Value = { kind: "kernel", method: null };
  let guard: Graph | null = null;
  if (rule.when !== undefined) {
    const { scope, span } = placeOf(rule.when, `the \`when\` of "${name}"`);
    guard = new Graph();
    const cx = kernelContext(program, guard, looking, frame);
    const allowed = truthOf(apply(cx, { kind: "native", value: rule.when }, [k], scope, span), scope, span);
    guard.require(allowed, { op: "deny" });
    guard.end({ op: "allow" });
  }
  const body = (): Graph => {
    const { scope, span } = placeOf(rule.do, `the \`do\` of "${name}"`);
    const graph = new Graph();
    apply(kernelContext(program, graph, acting, frame), { kind: "native", value: rule.do }, [k], scope, span);
    graph.end({ op: "end" });
    return graph;
  };
  return { name, picks: 1, pick: null, guard, body };
}

/** The rule, enabled only while the kernel lets the thread run. */
export function unlessHalted<R extends Pick<RuleGraph, "guard">>(program: Program, rule: R, self: Expr): R {
  const halts = Object.entries(program.instance.protocol.kernel.halts);
  if (halts.length === 0) return rule;
  const guard = new Graph();
  const cx = kernelContext(program, guard, looking, { self, args: { kind: "record", guard: null, fields: new Map() }, cpu: null, declaration: null });
  for (const [name, { when }] of halts) {
    const { scope, span } = placeOf(when, `the \`when\` of "${name}"`);
    guard.require(not(truthOf(apply(cx, { kind: "native", value: when }, [{ kind: "kernel", method: null }], scope, span), scope, span)), { op: "deny" });
  }
  guard.end(rule.guard === null ? { op: "allow" } : { op: "goto", to: rule.guard.entry });
  return { ...rule, guard };
}

export interface Compiled {
  readonly guard: Code;
  readonly body: Code;
}

/** Lays a rule out; null if it can never fire. */
export function layRule(program: Program, rule: GuardedRule, env: Env, replace: (id: number) => Expr | null): Compiled | null {
  const initial = rule.pick === null ? env : env.with(rule.pick, [0, rule.picks - 1]);
  const given = rule.pick === null ? [] : [rule.pick];
  const leave = (node: Node, end: End): { readonly statements: readonly []; readonly end: Terminator } => {
    if (end.op === "goto" || end.op === "branch" || end.op === "perform") throw new Error(`a rule ends with ${end.op} at node ${node.id}`);
    return { statements: [], end };
  };
  const checked = (graph: Graph): { readonly entry: Node; readonly analysis: Analysis; readonly next: (node: Node) => readonly Node[] } => {
    const analysis = analyse(program, graph.entry, initial);
    requireFits(program, analysis);
    return { entry: graph.entry, analysis, next: liveSuccessors(program, analysis) };
  };
  const test = rule.guard === null ? null : checked(rule.guard);
  const ends = test === null ? ["allow"] : reachable(test.entry, test.next).map((node) => node.end?.op);
  const fails = ends.includes("fail");
  if (!fails && !ends.includes("allow")) return null;
  const body = checked(rule.body());
  const plain = (): Code => emit({ entry: body.entry, next: body.next, replace, given, reserved: 1, leave });
  if (test === null) return { guard: { temps: 1, blocks: [{ statements: [], end: { op: "allow" } }] }, body: plain() };
  // A guard that fails lets the rule fire, whose body then fails in the same way.
  const guard = emit({
    entry: test.entry,
    next: test.next,
    replace,
    given,
    reserved: 1,
    leave: (_, end) => ({ statements: [], end: end.op === "fail" ? { op: "allow" } : leave(_, end).end }),
  });
  if (!fails) return { guard, body: plain() };
  return {
    guard,
    body: emit({
      entry: test.entry,
      next: (node) => (test.analysis.has(node) ? test.next(node) : body.next(node)),
      replace,
      given,
      reserved: 1,
      leave: (node, end) =>
        end.op === "allow"
          ? { statements: [], end: { op: "continue", at: body.entry } }
          : end.op === "deny"
            ? { statements: [], end: { op: "prune" } }
            : leave(node, end),
    }),
  };
}
