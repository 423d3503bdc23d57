/**
 * A tree-walking interpreter of thread bodies. It runs the syntax tree of `run`, stops at each operation, and can say
 * where it stands: the stack of `yield*` it is inside of, and all locals in scope. A walk cannot be copied; whoever
 * needs a second one walks again from the start and gives the same results (`thread.ts` does).
 */
import type { Expression, Statement, VariableDeclaration, YieldExpression } from "@oxc-project/types";
import type { DomainShape } from "../../model/language/domain.ts";
import { local, type Site } from "../../model/language/operation.ts";
import { callableOf, localText, place, Scope, Unsupported } from "./callable.ts";
import { type Completion, ExpressionWalk, type Walking } from "./expressions.ts";
import { waitingLoop } from "./waiting-loop.ts";

/** One run of a thread's body. Start it with `body()`; while it is paused, `position` and `locals` tell its state. */
export class Walk extends ExpressionWalk {
  *body(run: (context: never) => unknown, context: unknown): Walking<void> {
    const callable = callableOf(run);
    if (callable === null) throw new Unsupported(`the source of ${run.name} is not known`);
    yield* this.invoke(callable, [context]);
  }

  /** The stack of `yield*` expressions, outermost first: one text for each place where a thread can stand. */
  position(): string {
    return this.frames.map((frame) => place(frame.callable.node, frame.at)).join("/");
  }

  /** All locals in scope, and what half-evaluated expressions hold. */
  locals(): string {
    const parts: string[] = [];
    for (const frame of this.frames) {
      for (let scope: Scope | null = frame.scope; scope !== null; scope = scope.outer) {
        for (const [name, { value }] of scope.bindings) parts.push(`${name}=${localText(value)}`);
      }
      parts.push(...frame.temporaries.map(localText), ";");
    }
    return parts.join(" ");
  }

  /** The operation at which the walk is paused. */
  site(): Site | null {
    const frame = this.frames.at(-1);
    return frame?.at ? frame.callable.source.module.site(frame.at.start, frame.at.end) : null;
  }

  /** That operation as the source names it: the text of what is called. */
  label(): string {
    const frame = this.frames.at(-1);
    const argument = frame?.at?.argument ?? null;
    if (frame === undefined || argument === null) return "";
    const { start, end } = argument.type === "CallExpression" ? argument.callee : argument;
    return frame.callable.source.module.text.slice(start, end).replace(/\s+/g, " ");
  }

  protected *block(body: readonly Statement[]): Walking<Completion> {
    const frame = this.frame;
    const outer = frame.scope;
    frame.scope = new Scope(outer);
    const completion = yield* this.statements(body);
    frame.scope = outer;
    return completion;
  }

  protected *statements(body: readonly Statement[]): Walking<Completion> {
    for (const statement of body) {
      if (statement.type === "FunctionDeclaration" && statement.id) this.declare(statement.id.name, this.closure(statement), null);
    }
    for (const statement of body) {
      const completion = yield* this.execute(statement, []);
      if (completion !== null) return completion;
    }
    return null;
  }

  protected *execute(node: Statement, labels: readonly string[]): Walking<Completion> {
    const frame = this.frame;
    frame.node = node;
    const load = waitingLoop(node);
    if (load !== null && (node.type === "WhileStatement" || node.type === "DoWhileStatement")) {
      yield* this.waitingLoop(node.test, load);
      return null;
    }
    switch (node.type) {
      case "EmptyStatement":
      case "FunctionDeclaration":
        return null;
      case "ExpressionStatement":
        yield* this.evaluate(node.expression);
        return null;
      case "VariableDeclaration":
        yield* this.variables(node);
        return null;
      case "BlockStatement":
        return yield* this.block(node.body);
      case "ReturnStatement":
        return { kind: "return", value: node.argument === null ? undefined : yield* this.evaluate(node.argument) };
      case "BreakStatement":
        return { kind: "break", label: node.label?.name ?? null };
      case "ContinueStatement":
        return { kind: "continue", label: node.label?.name ?? null };
      case "IfStatement":
        if (yield* this.evaluate(node.test)) return yield* this.execute(node.consequent, []);
        return node.alternate === null ? null : yield* this.execute(node.alternate, []);
      case "LabeledStatement": {
        const completion = yield* this.execute(node.body, [...labels, node.label.name]);
        return completion?.kind === "break" && completion.label === node.label.name ? null : completion;
      }
      case "SwitchStatement": {
        const value = yield* this.evaluate(node.discriminant);
        frame.temporaries.push(value);
        let chosen = -1;
        for (const [index, { test }] of node.cases.entries()) {
          if (chosen < 0 && test !== null && (yield* this.evaluate(test)) === value) chosen = index;
        }
        frame.temporaries.pop();
        if (chosen < 0) chosen = node.cases.findIndex(({ test }) => test === null);
        if (chosen < 0) return null;
        const completion = yield* this.block(node.cases.slice(chosen).flatMap(({ consequent }) => consequent));
        return completion?.kind === "break" && completion.label === null ? null : completion;
      }
      case "WhileStatement":
        while (yield* this.evaluate(node.test)) {
          const completion = yield* this.execute(node.body, []);
          if (leaves(completion, labels)) return outside(completion);
        }
        return null;
      case "DoWhileStatement":
        do {
          const completion = yield* this.execute(node.body, []);
          if (leaves(completion, labels)) return outside(completion);
        } while (yield* this.evaluate(node.test));
        return null;
      case "ForStatement": {
        const outer = frame.scope;
        frame.scope = new Scope(outer);
        if (node.init?.type === "VariableDeclaration") yield* this.variables(node.init);
        else if (node.init) yield* this.evaluate(node.init);
        let result: Completion = null;
        while (node.test === null || (yield* this.evaluate(node.test))) {
          const completion = yield* this.execute(node.body, []);
          if (leaves(completion, labels)) {
            result = outside(completion);
            break;
          }
          if (node.update) yield* this.evaluate(node.update);
        }
        frame.scope = outer;
        return result;
      }
      case "ForOfStatement": {
        if (node.left.type !== "VariableDeclaration" || node.left.declarations[0] === undefined) throw this.unsupported(node.left);
        const elements = [...((yield* this.evaluate(node.right)) as Iterable<unknown>)];
        const outer = frame.scope;
        let result: Completion = null;
        for (const [index, element] of elements.entries()) {
          frame.temporaries.push(index);
          frame.scope = new Scope(outer);
          yield* this.bind(node.left.declarations[0].id, element, null);
          const completion = yield* this.execute(node.body, []);
          frame.temporaries.pop();
          if (leaves(completion, labels)) {
            result = outside(completion);
            break;
          }
        }
        frame.scope = outer;
        return result;
      }
      default:
        throw this.unsupported(node);
    }
  }

  /** The one load becomes a `waitUntil` whose predicate evaluates the rest of the condition. */
  protected *waitingLoop(test: Expression, load: YieldExpression): Walking<void> {
    const frame = this.frame;
    const depth = frame.temporaries.length;
    const walking = this.evaluate(test);
    const first = walking.next();
    if (first.done || first.value.kind !== "memory") throw this.unsupported(load);
    const { cell, order } = first.value;
    const predicate = (value: unknown): boolean => {
      const again = this.evaluate(test);
      again.next();
      return !(again.next(value) as IteratorReturnResult<unknown>).value;
    };
    // The frame is as it was before the loop: only the values of locals count, not those of the unfinished condition.
    frame.temporaries.length = depth;
    frame.at = load;
    yield { kind: "waitUntil", cell, predicate, order };
    frame.at = null;
    frame.temporaries.length = depth;
  }

  protected *variables(node: VariableDeclaration): Walking<void> {
    if (node.kind !== "let" && node.kind !== "const") throw this.unsupported(node);
    for (const { id, init } of node.declarations) {
      const domain = init?.type === "CallExpression" && (yield* this.evaluate(init.callee)) === local ? yield* this.argument(init.arguments[0]) : null;
      const value = init === null ? undefined : yield* this.evaluate(init);
      yield* this.bind(id, value, domain as DomainShape | null);
    }
  }
}

/** Whether a loop with these labels ends with this completion of its body. */
function leaves(completion: Completion, labels: readonly string[]): boolean {
  return completion !== null && !(completion.kind === "continue" && (completion.label === null || labels.includes(completion.label)));
}
/** What the loop itself then completes with. */
function outside(completion: Completion): Completion {
  return completion?.kind === "break" && completion.label === null ? null : completion;
}
