/** Statements: structured control flow becomes nodes of the graph. */
import type { Expression, ForOfStatement, Statement, SwitchStatement, VariableDeclaration } from "@oxc-project/types";
import { bindConstant, bindDeclared, bindVariable } from "./assignments.ts";
import { declaredLocal } from "./calls.ts";
import { type Context, type Jump, keep } from "./context.ts";
import { number } from "./expr.ts";
import { type Decision, decide, equality, evaluate, requireValue } from "./expressions.ts";
import type { Node } from "./graph.ts";
import { reject, type Span } from "./problem.ts";
import { elements } from "./queues.ts";
import type { Scope } from "./scope.ts";
import { asQueue } from "./storage.ts";
import { isEmpty } from "./syntax.ts";
import { describe, native, nothing, type Value } from "./values.ts";
import { waitingLoop } from "./yields.ts";

/** The statements of a block, in a scope that already exists. */
export function statements(cx: Context, body: readonly Statement[], scope: Scope): void {
  // Function declarations are hoisted.
  for (const each of body) {
    if (each.type === "FunctionDeclaration" && each.id !== null)
      scope.declare(each.id.name, { kind: "constant", value: { kind: "closure", node: each, scope, name: each.id.name }, parameter: false });
  }
  for (const each of body) statement(cx, each, scope, []);
}

/** A block with a scope of its own; its locals end with it. */
function block(cx: Context, body: readonly Statement[], scope: Scope): void {
  const outside = cx.visible.length;
  statements(cx, body, scope.block());
  cx.visible.length = outside;
}

function statement(cx: Context, node: Statement, scope: Scope, labels: readonly string[]): void {
  switch (node.type) {
    case "EmptyStatement":
    case "TSTypeAliasDeclaration":
    case "TSInterfaceDeclaration":
    case "FunctionDeclaration":
      return;
    case "ExpressionStatement":
      expressionStatement(cx, node.expression, scope);
      return;
    case "VariableDeclaration":
      declaration(cx, node, scope);
      return;
    case "BlockStatement":
      if (labels.length === 0) block(cx, node.body, scope);
      else
        withJumps(cx, labels, null, (inner, jump) => {
          block(inner, node.body, scope);
          cx.graph.continueAt(jump.break);
        });
      return;
    case "IfStatement": {
      const { alternate } = node;
      branches(
        cx,
        decide(cx, node.test, scope),
        () => block(cx, [node.consequent], scope),
        () => {
          if (alternate !== null) block(cx, [alternate], scope);
        },
      );
      return;
    }
    case "WhileStatement":
      if (isEmpty(node.body) && cx.may.perform && waitingLoop(cx, node.test, scope, node)) return;
      loop(cx, labels, scope, { test: node.test, update: null, body: node.body, first: "test" });
      return;
    case "DoWhileStatement":
      if (isEmpty(node.body) && cx.may.perform && waitingLoop(cx, node.test, scope, node)) return;
      loop(cx, labels, scope, { test: node.test, update: null, body: node.body, first: "body" });
      return;
    case "ForStatement": {
      const outside = cx.visible.length;
      const inner = scope.block();
      if (node.init !== null) {
        if (node.init.type === "VariableDeclaration") declaration(cx, node.init, inner);
        else expressionStatement(cx, node.init, inner);
      }
      loop(cx, labels, inner, { test: node.test, update: node.update, body: node.body, first: "test" });
      cx.visible.length = outside;
      return;
    }
    case "ForOfStatement":
      forOf(cx, node, scope, labels);
      return;
    case "SwitchStatement":
      switchStatement(cx, node, scope, labels);
      return;
    case "LabeledStatement":
      statement(cx, node.body, scope, [...labels, node.label.name]);
      return;
    case "BreakStatement":
    case "ContinueStatement": {
      const jump = cx.jumps.findLast((each) =>
        node.label === null ? (node.type === "BreakStatement" ? each.labels.includes("") : each.continue !== null) : each.labels.includes(node.label.name),
      );
      const target = node.type === "BreakStatement" ? jump?.break : jump?.continue;
      if (target === undefined || target === null)
        return reject(
          "IPC157",
          `this ${node.type === "BreakStatement" ? "break" : "continue"} leads nowhere that can be compiled`,
          scope.module,
          node,
          "jump to a loop of the same function",
        );
      cx.graph.end({ op: "goto", to: target });
      return;
    }
    case "ReturnStatement": {
      const value = node.argument === null ? nothing : evaluate(cx, node.argument, scope);
      if (cx.returns === null) {
        if (node.argument !== null) return reject("IPC158", "a thread returns nothing", scope.module, node, "write return without a value");
        cx.graph.end({ op: "finish" });
        return;
      }
      cx.returns.returned.push({ value, node: cx.graph.current });
      cx.graph.current = cx.graph.node();
      return;
    }
    case "ThrowStatement":
      return reject("IPC101", "`throw` cannot be compiled", scope.module, node, 'write check(false, "why") for what must not happen');
    case "TryStatement":
      return reject(
        "IPC102",
        "`try` cannot be compiled: operations report errors in their results",
        scope.module,
        node,
        "look at the `error` field of the result",
      );
    case "ForInStatement":
      return reject("IPC103", "`for … in` cannot be compiled", scope.module, node, "use for … of over an array");
    case "ClassDeclaration":
      return reject("IPC107", "classes cannot be compiled", scope.module, node, "use plain records and functions");
    case "TSEnumDeclaration":
      return reject("IPC104", "TypeScript enums cannot be compiled", scope.module, node, 'use strings: oneOf("a", "b")');
    case "DebuggerStatement":
      return reject("IPC135", "`debugger` has no effect here", scope.module, node, "remove it");
    default:
      return reject(
        "IPC105",
        `this kind of statement (${node.type}) cannot be compiled`,
        scope.module,
        node,
        "see docs/language.md for what local computation may use",
      );
  }
}

function expressionStatement(cx: Context, node: Expression, scope: Scope): void {
  // `a && f()` and `a ? f() : g()` are written for what they do, not for their value.
  if (node.type === "LogicalExpression" && node.operator !== "??" && isAction(node)) {
    const decision = decide(cx, node.left, scope);
    branches(
      cx,
      node.operator === "&&" ? decision : negated(decision),
      () => expressionStatement(cx, node.right, scope),
      () => {},
    );
    return;
  }
  if (node.type === "ConditionalExpression" && isAction(node)) {
    branches(
      cx,
      decide(cx, node.test, scope),
      () => expressionStatement(cx, node.consequent, scope),
      () => expressionStatement(cx, node.alternate, scope),
    );
    return;
  }
  const before = cx.graph.current;
  const count = before.statements.length;
  const value = evaluate(cx, node, scope);
  requireValue(value, scope, node);
  if (isAction(node)) return;
  if (cx.graph.current === before && before.statements.length === count)
    reject("IPC136", "this statement has no effect", scope.module, node, "did you mean an assignment, or yield* before a call?");
}

/** Both sides of a decision; of a known one only the side that is taken. */
function branches(cx: Context, decision: Decision, yes: () => void, no: () => void): void {
  if (typeof decision === "boolean") {
    if (decision) yes();
    else no();
    return;
  }
  const after = cx.graph.node();
  cx.graph.current = decision.yes;
  yes();
  cx.graph.end({ op: "goto", to: after });
  cx.graph.current = decision.no;
  no();
  cx.graph.continueAt(after);
}
const negated = (decision: Decision): Decision => (typeof decision === "boolean" ? !decision : { yes: decision.no, no: decision.yes });

function isAction(node: Expression): boolean {
  switch (node.type) {
    case "AssignmentExpression":
    case "UpdateExpression":
    case "YieldExpression":
    case "CallExpression":
      return true;
    case "TSNonNullExpression":
    case "TSAsExpression":
    case "ChainExpression":
      return isAction(node.expression);
    case "LogicalExpression":
      return isAction(node.right);
    case "ConditionalExpression":
      return isAction(node.consequent) || isAction(node.alternate);
    default:
      return false;
  }
}

function declaration(cx: Context, node: VariableDeclaration, scope: Scope): void {
  if (node.kind === "var") return reject("IPC159", "`var` cannot be compiled", scope.module, node, "write let or const");
  if (node.kind !== "let" && node.kind !== "const") return reject("IPC105", `\`${node.kind}\` cannot be compiled`, scope.module, node, "write let or const");
  for (const each of node.declarations) {
    if (each.init === null) {
      if (each.id.type !== "Identifier") return reject("IPC153", "a pattern needs a value", scope.module, each);
      scope.declare(each.id.name, { kind: "variable", name: each.id.name, slot: null, declared: null });
      continue;
    }
    const declared = declaredLocal(cx, each.init, scope);
    if (declared !== null) {
      if (each.id.type !== "Identifier")
        return reject("IPC149", "local() gives one variable its range", scope.module, each, "write let name = local(domain, value)");
      bindDeclared(cx, each.id.name, declared.domain, declared.initial, scope, each.init);
      continue;
    }
    const value = evaluate(cx, each.init, scope);
    if (node.kind === "const") bindConstant(cx, each.id, value, scope, each.init);
    else bindVariable(cx, each.id, value, scope, each.init);
  }
}

function withJumps(cx: Context, labels: readonly string[], again: Node | null, build: (inner: Context, jump: Jump) => void): void {
  const jump: Jump = { labels, break: cx.graph.node(), continue: again, visible: cx.visible.length };
  build({ ...cx, jumps: [...cx.jumps, jump] }, jump);
}

interface Loop {
  readonly test: Expression | null;
  readonly update: Expression | null;
  readonly body: Statement;
  readonly first: "test" | "body";
}
function loop(cx: Context, labels: readonly string[], scope: Scope, { test, update, body, first }: Loop): void {
  const head = cx.graph.node();
  const start = cx.graph.node();
  const next = update === null && first === "test" ? head : cx.graph.node();
  withJumps(cx, ["", ...labels], next, (inner, jump) => {
    cx.graph.end({ op: "goto", to: first === "test" ? head : start });
    const testNode = (): void => {
      const decision = test === null ? true : decide(inner, test, scope);
      if (typeof decision === "boolean") {
        cx.graph.end({ op: "goto", to: decision ? start : jump.break });
        return;
      }
      for (const [from, to] of [
        [decision.yes, start],
        [decision.no, jump.break],
      ] as const) {
        cx.graph.current = from;
        cx.graph.end({ op: "goto", to });
      }
    };
    if (first === "test") {
      cx.graph.current = head;
      testNode();
    }
    cx.graph.current = start;
    block(inner, [body], scope);
    cx.graph.continueAt(next);
    if (first === "body") testNode();
    else if (update !== null) {
      expressionStatement(inner, update, scope);
      cx.graph.end({ op: "goto", to: head });
    }
    cx.graph.current = jump.break;
  });
}

/** Unrolled: each round has its own constant. */
function forOf(cx: Context, node: ForOfStatement, scope: Scope, labels: readonly string[]): void {
  if (node.await) return reject("IPC106", "`for await` cannot be compiled", scope.module, node, "write a loop with yield*");
  const { left } = node;
  if (left.type !== "VariableDeclaration" || left.kind !== "const" || left.declarations.length !== 1)
    return reject("IPC160", "a for … of loop declares its variable with const", scope.module, left, "for (const x of …)");
  const pattern = left.declarations[0]?.id;
  if (pattern === undefined) return;
  const over = evaluate(cx, node.right, scope);
  requireValue(over, scope, node.right);
  const queue = asQueue(cx, over);
  const rounds = queue !== null ? elements(cx, queue) : items(over, scope, node.right).map((value) => ({ exists: null, value }));
  withJumps(cx, ["", ...labels], cx.graph.node(), (_, jump) => {
    // Who could still be woken is judged on the loop as it is written: any round may be followed by any other.
    const first = cx.graph.node();
    cx.graph.continueAt(first);
    for (const { exists, value } of rounds) {
      const next = cx.graph.node();
      next.also.push(first, jump.break);
      if (exists !== null) cx.graph.require(exists, { op: "goto", to: jump.break });
      const inner: Context = { ...cx, jumps: [...cx.jumps, { ...jump, continue: next }] };
      const outside = cx.visible.length;
      const round = scope.block();
      bindConstant(inner, pattern, value, round, left);
      block(inner, [node.body], round);
      cx.visible.length = outside;
      cx.graph.continueAt(next);
    }
    cx.graph.continueAt(jump.break);
  });
}
/** The elements of a value whose length is known. */
export function items(value: Value, scope: Scope, span: Span): readonly Value[] {
  if (value.kind === "list") return value.items;
  if (value.kind === "native" && typeof value.value === "object" && value.value !== null && Symbol.iterator in value.value && typeof value.value !== "string") {
    if (Array.isArray(value.value) || value.value instanceof Set || value.value instanceof Map) return [...(value.value as Iterable<unknown>)].map(native);
  }
  return reject(
    "IPC160",
    `${describe(value)} cannot be looped over`,
    scope.module,
    span,
    "loop over an array that is known when the protocol is compiled, or count: for (let i = 0; …)",
  );
}

function switchStatement(cx: Context, node: SwitchStatement, scope: Scope, labels: readonly string[]): void {
  const evaluated = evaluate(cx, node.discriminant, scope);
  requireValue(evaluated, scope, node.discriminant);
  const value = keep(cx, evaluated);
  const outside = cx.visible.length;
  const inner = scope.block();
  const starts = node.cases.map(() => cx.graph.node());
  const jump: Jump = { labels: ["", ...labels], break: cx.graph.node(), continue: null, visible: outside };
  const body: Context = { ...cx, jumps: [...cx.jumps, jump] };
  let fallback: Node = jump.break;
  cx.graph.continueAt(cx.graph.node());
  cx.graph.current.also.push(...starts, ...(node.cases.every(({ test }) => test !== null) ? [jump.break] : []));
  for (const [i, each] of node.cases.entries()) {
    const start = starts[i];
    if (start === undefined) continue;
    if (each.test === null) {
      fallback = start;
      continue;
    }
    const test = evaluate(cx, each.test, inner);
    const next = cx.graph.node();
    cx.graph.branch(equality(cx, value, test, scope, each.test), start, next);
    cx.graph.current = next;
  }
  cx.graph.end({ op: "goto", to: fallback });
  for (const [i, each] of node.cases.entries()) {
    const start = starts[i];
    if (start === undefined) continue;
    // Who comes from the case before has its locals; who comes from the head has not, and must not bring old values of them.
    const together = cx.graph.node();
    cx.graph.end({ op: "goto", to: together });
    cx.graph.current = start;
    for (const register of cx.visible.slice(outside)) cx.graph.set(register, number(0));
    cx.graph.continueAt(together);
    statements(body, each.consequent, inner);
  }
  cx.graph.continueAt(jump.break);
  cx.visible.length = outside;
}
