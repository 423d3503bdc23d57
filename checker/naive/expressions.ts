/**
 * Walking expressions: evaluates syntax trees as JavaScript does and stops at each operation.
 *
 * Interpreted functions are generators of this file's `Walking` type, so that JavaScript's own `yield*` carries a pause
 * from the innermost expression to the outside; the interpreter has no stack machine of its own.
 */
import type {
  Argument,
  ArrowFunctionExpression,
  BindingPattern,
  Expression,
  Function as FunctionNode,
  MemberExpression,
  Node,
  Statement,
  YieldExpression,
} from "@oxc-project/types";
import type { DomainShape } from "../../model/language/domain.ts";
import type { CellHandle, Order } from "../../model/language/memory.ts";
import type { Site, StepBody } from "../../model/language/operation.ts";
import { binary, unary } from "./arithmetic.ts";
import { type Binding, type Callable, callableOf, remember, Scope, Unsupported } from "./callable.ts";
import { fit } from "./value.ts";

/** What a thread stands at: an operation, or a loop around one load that waits like `waitUntil`. */
export type Pending =
  | Exclude<StepBody, { readonly kind: "waitUntil" }>
  | { readonly kind: "waitUntil"; readonly cell: CellHandle; readonly predicate: (value: unknown) => boolean; readonly order: Order | "plain" };
export type Walking<T> = Generator<Pending, T, unknown>;

/** A call of a generator function, performed by the `yield*` around it. */
class Deferred {
  readonly callable: Callable;
  readonly args: readonly unknown[];
  constructor(callable: Callable, args: readonly unknown[]) {
    this.callable = callable;
    this.args = args;
  }
}

/** One call being walked. `temporaries` are values computed before a `yield*` and used after it in the same expression. */
interface Frame {
  readonly callable: Callable;
  scope: Scope;
  readonly temporaries: unknown[];
  at: YieldExpression | null;
  node: Node;
}

export type Completion = { readonly kind: "break" | "continue"; readonly label: string | null } | { readonly kind: "return"; readonly value: unknown } | null;

const sites = new WeakMap<object, Site>();
/** Where in the source an error was thrown, if a walk threw it. */
export function siteOf(error: unknown): Site | null {
  return typeof error === "object" && error !== null ? (sites.get(error) ?? null) : null;
}

/** Longer local computation counts as endless. */
const mostEvaluations = 1_000_000;

const globals: Readonly<Record<string, unknown>> = { undefined, Math, Number, NaN, Infinity };

/** Everything about a walk but statements. */
export abstract class ExpressionWalk {
  protected readonly frames: Frame[] = [];
  #evaluations = 0;

  protected get frame(): Frame {
    const frame = this.frames.at(-1);
    if (frame === undefined) throw new Error("no call is being walked");
    return frame;
  }

  protected unsupported(node: Node): Unsupported {
    const { file, line, column } = this.frame.callable.source.module.site(node.start, node.end);
    return new Unsupported(`${file}:${line}:${column}: ${node.type} is not part of the language`);
  }

  protected *invoke(callable: Callable, args: readonly unknown[]): Walking<unknown> {
    const { node } = callable;
    const frame: Frame = { callable, scope: new Scope(callable.scope), temporaries: [], at: null, node };
    this.frames.push(frame);
    try {
      for (const [index, parameter] of node.params.entries()) {
        if (parameter.type === "RestElement" || parameter.type === "TSParameterProperty") throw this.unsupported(parameter);
        yield* this.bind(parameter, args[index], null);
      }
      if (node.body === null) throw this.unsupported(node);
      if (node.body.type !== "BlockStatement") return yield* this.evaluate(node.body);
      const completion = yield* this.statements(node.body.body);
      return completion?.kind === "return" ? completion.value : undefined;
    } catch (error) {
      if (error instanceof Error && !sites.has(error)) sites.set(error, callable.source.module.site(frame.node.start, frame.node.end));
      throw error;
    } finally {
      this.frames.pop();
    }
  }

  /** Runs code that contains no `yield*`: the body of a closure. */
  protected finish<T>(walking: Walking<T>): T {
    const end = walking.next();
    if (!end.done) throw new Unsupported("yield* inside a function that is not a generator");
    return end.value;
  }

  protected declare(name: string, value: unknown, domain: DomainShape | null): void {
    this.frame.scope.bindings.set(name, { value, domain });
  }

  protected *bind(pattern: BindingPattern, value: unknown, domain: DomainShape | null): Walking<void> {
    switch (pattern.type) {
      case "Identifier":
        this.declare(pattern.name, domain === null ? value : fit(domain, value, pattern.name, { threads: 0 }), domain);
        return;
      case "AssignmentPattern":
        yield* this.bind(pattern.left, value === undefined ? yield* this.evaluate(pattern.right) : value, domain);
        return;
      case "ObjectPattern":
        for (const property of pattern.properties) {
          if (property.type === "RestElement") throw this.unsupported(property);
          yield* this.bind(property.value, (value as Record<string, unknown>)[this.key(property.key, property.computed)], null);
        }
        return;
      case "ArrayPattern":
        for (const [index, element] of pattern.elements.entries()) {
          if (element?.type === "RestElement") throw this.unsupported(element);
          if (element !== null) yield* this.bind(element, (value as readonly unknown[])[index], null);
        }
    }
  }

  protected key(node: Node, computed: boolean): string {
    if (!computed && node.type === "Identifier") return node.name;
    if (node.type === "Literal") return String(node.value);
    throw this.unsupported(node);
  }

  protected lookup(name: string): Binding | null {
    for (let scope: Scope | null = this.frame.scope; scope !== null; scope = scope.outer) {
      const binding = scope.bindings.get(name);
      if (binding !== undefined) return binding;
    }
    return null;
  }

  protected closure(node: FunctionNode | ArrowFunctionExpression): unknown {
    const { callable, scope } = this.frame;
    const made: Callable = { node, source: callable.source, scope };
    const closure = (...args: unknown[]): unknown => (node.generator ? new Deferred(made, args) : this.finish(this.invoke(made, args)));
    remember(closure, made);
    return closure;
  }

  protected *argument(node: Argument | undefined): Walking<unknown> {
    if (node === undefined) return undefined;
    if (node.type === "SpreadElement") throw this.unsupported(node);
    return yield* this.evaluate(node);
  }

  /** Evaluates while earlier parts of the same expression wait: they belong to the thread's state. */
  protected *holding(values: readonly unknown[], node: Argument): Walking<unknown> {
    const { temporaries } = this.frame;
    temporaries.push(...values);
    const value = yield* this.argument(node);
    temporaries.length -= values.length;
    return value;
  }

  protected *evaluate(node: Expression): Walking<unknown> {
    if (++this.#evaluations > mostEvaluations) throw new Unsupported("local computation that does not end");
    switch (node.type) {
      case "Literal":
        return node.value;
      case "Identifier": {
        const binding = this.lookup(node.name);
        if (binding !== null) return binding.value;
        const { source } = this.frame.callable;
        if (source.captures(node.name)) return source.captured(node.name);
        if (node.name in globals) return globals[node.name];
        throw this.unsupported(node);
      }
      case "ParenthesizedExpression":
      case "TSAsExpression":
      case "TSSatisfiesExpression":
      case "TSNonNullExpression":
        return yield* this.evaluate(node.expression);
      case "ArrowFunctionExpression":
      case "FunctionExpression":
        return this.closure(node);
      case "UnaryExpression": {
        const apply = unary(node.operator);
        if (apply === null) throw this.unsupported(node);
        return apply(yield* this.evaluate(node.argument));
      }
      case "BinaryExpression": {
        const apply = binary(node.operator);
        if (apply === null || node.left.type === "PrivateIdentifier") throw this.unsupported(node);
        const left = yield* this.evaluate(node.left);
        return apply(left, yield* this.holding([left], node.right));
      }
      case "LogicalExpression": {
        const left = yield* this.evaluate(node.left);
        if (node.operator === "&&" ? !left : node.operator === "||" ? left : left !== undefined && left !== null) return left;
        return yield* this.evaluate(node.right);
      }
      case "ConditionalExpression":
        return yield* this.evaluate((yield* this.evaluate(node.test)) ? node.consequent : node.alternate);
      case "SequenceExpression": {
        let value: unknown;
        for (const part of node.expressions) value = yield* this.evaluate(part);
        return value;
      }
      case "ObjectExpression": {
        const record: Record<string, unknown> = {};
        for (const property of node.properties) {
          if (property.type === "SpreadElement") Object.assign(record, yield* this.holding(Object.values(record), property.argument));
          else record[this.key(property.key, property.computed)] = yield* this.holding(Object.values(record), property.value);
        }
        return record;
      }
      case "ArrayExpression": {
        const elements: unknown[] = [];
        for (const element of node.elements) {
          if (element === null) throw this.unsupported(node);
          elements.push(yield* this.holding(elements, element));
        }
        return elements;
      }
      case "MemberExpression":
        return (yield* this.member(node)).value;
      case "AssignmentExpression":
        return yield* this.assign(node.left as Expression, node.operator.slice(0, -1), node.right);
      case "UpdateExpression": {
        const before = (yield* this.evaluate(node.argument as Expression)) as number;
        const after = before + (node.operator === "++" ? 1 : -1);
        yield* this.store(node.argument as Expression, after);
        return node.prefix ? after : before;
      }
      case "CallExpression":
        return yield* this.call(node.callee, node.arguments);
      case "YieldExpression":
        return yield* this.perform(node);
      default:
        throw this.unsupported(node);
    }
  }

  protected *member(node: MemberExpression): Walking<{ readonly object: unknown; readonly value: unknown }> {
    const object = yield* this.evaluate(node.object);
    const name = node.computed ? yield* this.holding([object], node.property) : this.key(node.property, false);
    return { object, value: (object as Record<string, unknown>)[String(name)] };
  }

  protected *call(callee: Expression, argumentNodes: readonly Argument[]): Walking<unknown> {
    const { object, value } = callee.type === "MemberExpression" ? yield* this.member(callee) : { object: undefined, value: yield* this.evaluate(callee) };
    const args: unknown[] = [];
    for (const argument of argumentNodes) args.push(yield* this.holding([object, ...args], argument));
    const callable = callableOf(value);
    if (callable?.node.generator) return new Deferred(callable, args);
    if (callable !== null) return yield* this.invoke(callable, args);
    return Reflect.apply(value as (...args: unknown[]) => unknown, object, args);
  }

  protected *assign(target: Expression, operator: string, right: Expression): Walking<unknown> {
    if (operator === "") {
      const value = yield* this.evaluate(right);
      return yield* this.store(target, value);
    }
    const before = yield* this.evaluate(target);
    if (operator === "&&" || operator === "||" || operator === "??") {
      if (operator === "&&" ? !before : operator === "||" ? before : before !== undefined && before !== null) return before;
      return yield* this.store(target, yield* this.evaluate(right));
    }
    const apply = binary(operator);
    if (apply === null) throw this.unsupported(target);
    return yield* this.store(target, apply(before, yield* this.holding([before], right)));
  }

  protected *store(target: Expression, value: unknown): Walking<unknown> {
    if (target.type === "MemberExpression") {
      const object = (yield* this.evaluate(target.object)) as Record<string, unknown>;
      object[this.key(target.property, target.computed)] = value;
      return value;
    }
    const binding = target.type === "Identifier" ? this.lookup(target.name) : null;
    if (binding === null) throw this.unsupported(target);
    binding.value = binding.domain === null || target.type !== "Identifier" ? value : fit(binding.domain, value, target.name, { threads: 0 });
    return value;
  }

  protected *perform(node: YieldExpression): Walking<unknown> {
    if (!node.delegate || node.argument === null) throw this.unsupported(node);
    const frame = this.frame;
    const operation = yield* this.evaluate(node.argument);
    frame.at = node;
    let result: unknown;
    if (operation instanceof Deferred) result = yield* this.invoke(operation.callable, operation.args);
    else result = yield (operation as { readonly step: Pending }).step;
    this.#evaluations = 0;
    frame.at = null;
    return result;
  }

  /** Executes the statements of one scope. */
  protected abstract statements(body: readonly Statement[]): Walking<Completion>;
}
