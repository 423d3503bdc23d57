/**
 * What an expression of a thread body may evaluate to, without running the thread: an abstract interpretation whose
 * values are sets of possible values, or "anything". It tells which operation a `yield*` performs and which cells a
 * function reads and writes; all branches are taken, variables declared with `let` may hold anything.
 */
import type { Argument, BindingPattern, Expression, Node, Statement } from "@oxc-project/types";
import { ArrayHandle, CellHandle, QueueHandle } from "../../model/language/memory.ts";
import { binary, unary } from "./arithmetic.ts";
import { type Callable, callableOf } from "./callable.ts";

/** `values: null`: anything. `replica`: depends on which replica the thread is, so that no branch is decided by it. */
export interface Possible {
  readonly values: readonly unknown[] | null;
  readonly replica: boolean;
}
export const anything: Possible = { values: null, replica: false };
export const exactly = (value: unknown): Possible => ({ values: [value], replica: false });

/** Names in scope. */
export class Names {
  readonly #own: Map<string, Possible> = new Map();
  readonly #outer: Names | null;
  readonly callable: Callable;
  constructor(callable: Callable, outer: Names | null = null) {
    this.callable = callable;
    this.#outer = outer;
  }
  declare(name: string, value: Possible): void {
    this.#own.set(name, value);
  }
  lookup(name: string): Possible {
    const own = this.#own.get(name);
    if (own !== undefined) return own;
    if (this.#outer !== null) return this.#outer.lookup(name);
    return this.callable.source.captures(name)
      ? exactly(this.callable.source.captured(name))
      : name === "Math"
        ? exactly(Math)
        : name === "undefined"
          ? exactly(undefined)
          : anything;
  }
}

/** Cells that were read and written by what was evaluated. */
export interface Touched {
  readonly reads: Set<CellHandle>;
  readonly writes: Set<CellHandle>;
}

interface Closure {
  readonly callable: Callable;
  readonly names: Names;
}
/** Functions made by the thread stand in for themselves; their syntax tree is looked up here. */
const closures = new WeakMap<object, Closure>();
/** Every combination of more values than this counts as anything. */
const most = 5000;
const deepest = 60;

/** Evaluates and notes which cells are touched. */
export class Evaluator {
  readonly touched: Touched = { reads: new Set(), writes: new Set() };
  #depth = 0;

  closureOf(value: unknown): Closure | null {
    if (typeof value !== "function") return null;
    const closure = closures.get(value);
    if (closure !== undefined) return closure;
    const callable = callableOf(value);
    return callable === null ? null : { callable, names: new Names(callable) };
  }

  /** Binds the parts of a pattern. */
  bind(pattern: BindingPattern, value: Possible, names: Names): void {
    switch (pattern.type) {
      case "Identifier":
        names.declare(pattern.name, value);
        return;
      case "AssignmentPattern": {
        const given = value.values?.filter((each) => each !== undefined) ?? null;
        const otherwise = value.values === null || given?.length !== value.values.length ? this.evaluate(pattern.right, names).values : [];
        this.bind(pattern.left, { values: given === null || otherwise === null ? null : [...given, ...otherwise], replica: value.replica }, names);
        return;
      }
      case "ObjectPattern":
        for (const property of pattern.properties) {
          if (property.type === "RestElement" || property.key.type !== "Identifier") continue;
          const { name } = property.key;
          this.bind(property.value, this.#member(value, exactly(name)), names);
        }
        return;
      case "ArrayPattern":
        for (const element of pattern.elements) if (element !== null && element.type !== "RestElement") this.bind(element, anything, names);
    }
  }

  /** All that a call of a known function may return; everything in it counts as executed. */
  call({ callable: { node, source, scope }, names: around }: Closure, args: readonly Possible[]): Possible {
    if (++this.#depth > deepest) throw new RangeError(`${node.id?.name ?? "a function"} calls itself`);
    const names = new Names({ node, source, scope }, around);
    for (const [index, parameter] of node.params.entries()) {
      if (parameter.type !== "RestElement" && parameter.type !== "TSParameterProperty") this.bind(parameter, args[index] ?? exactly(undefined), names);
    }
    let result: Possible;
    if (node.body === null) result = anything;
    else if (node.body.type !== "BlockStatement") result = this.evaluate(node.body, names);
    else result = this.#statements(node.body.body, names);
    this.#depth--;
    return result;
  }

  /** Executes all statements; the value is what they may return. */
  #statements(body: readonly Statement[], names: Names): Possible {
    let returned: readonly unknown[] | null = [];
    let replica = false;
    const inner = new Names(names.callable, names);
    const run = (node: Node | null | undefined): void => {
      if (!node) return;
      switch (node.type) {
        case "ReturnStatement": {
          const value = node.argument === null ? exactly(undefined) : this.evaluate(node.argument, inner);
          returned = returned === null || value.values === null ? null : [...returned, ...value.values];
          replica ||= value.replica;
          return;
        }
        case "VariableDeclaration":
          for (const { id, init } of node.declarations) {
            const value = init === null ? anything : this.evaluate(init, inner);
            this.bind(id, node.kind === "const" ? value : { values: null, replica: false }, inner);
          }
          return;
        case "ExpressionStatement":
          this.evaluate(node.expression, inner);
          return;
        case "BlockStatement":
          for (const statement of node.body) run(statement);
          return;
        case "IfStatement":
          this.evaluate(node.test, inner);
          run(node.consequent);
          run(node.alternate);
          return;
        case "WhileStatement":
        case "DoWhileStatement":
          this.evaluate(node.test, inner);
          run(node.body);
          return;
        case "ForStatement":
          if (node.init?.type === "VariableDeclaration") run(node.init);
          else if (node.init) this.evaluate(node.init, inner);
          if (node.test) this.evaluate(node.test, inner);
          if (node.update) this.evaluate(node.update, inner);
          run(node.body);
          return;
        case "ForOfStatement":
          this.evaluate(node.right, inner);
          if (node.left.type === "VariableDeclaration") for (const { id } of node.left.declarations) this.bind(id, anything, inner);
          run(node.body);
          return;
        case "SwitchStatement":
          this.evaluate(node.discriminant, inner);
          for (const { consequent } of node.cases) consequent.forEach(run);
          return;
        case "LabeledStatement":
          run(node.body);
          return;
        default:
          return;
      }
    };
    body.forEach(run);
    return { values: returned, replica };
  }

  evaluate(node: Expression | Argument, names: Names): Possible {
    switch (node.type) {
      case "Literal":
        return exactly(node.value);
      case "Identifier":
        return names.lookup(node.name);
      case "ParenthesizedExpression":
      case "TSAsExpression":
      case "TSSatisfiesExpression":
      case "TSNonNullExpression":
        return this.evaluate(node.expression, names);
      case "ArrowFunctionExpression":
      case "FunctionExpression": {
        const closure = (): undefined => undefined;
        closures.set(closure, { callable: { node, source: names.callable.source, scope: null }, names });
        return exactly(closure);
      }
      case "UnaryExpression": {
        const apply = unary(node.operator);
        return combine([this.evaluate(node.argument, names)], ([operand]) => apply?.(operand));
      }
      case "BinaryExpression": {
        const apply = binary(node.operator);
        if (node.left.type === "PrivateIdentifier") return anything;
        return combine([this.evaluate(node.left, names), this.evaluate(node.right, names)], ([left, right]) => apply?.(left, right));
      }
      case "LogicalExpression": {
        const left = this.evaluate(node.left, names);
        const right = this.evaluate(node.right, names);
        const goesOn = (value: unknown): boolean =>
          node.operator === "&&" ? Boolean(value) : node.operator === "||" ? !value : value === undefined || value === null;
        const stays = left.values?.filter((value) => !goesOn(value)) ?? null;
        if (left.values !== null && stays?.length === left.values.length) return left;
        return { values: stays === null || right.values === null ? null : [...stays, ...right.values], replica: left.replica || right.replica };
      }
      case "ConditionalExpression": {
        const test = this.evaluate(node.test, names);
        const branches = [this.evaluate(node.consequent, names), this.evaluate(node.alternate, names)];
        const taken = branches.filter((_, branch) => mayBe(test, branch === 0));
        return {
          values: taken.some(({ values }) => values === null) ? null : taken.flatMap(({ values }) => values ?? []),
          replica: test.replica || taken.some(({ replica }) => replica),
        };
      }
      case "SequenceExpression":
        return node.expressions.map((part) => this.evaluate(part, names)).at(-1) ?? anything;
      case "ObjectExpression": {
        /** Without a name: a record whose fields are all taken. */
        const fields: [string | null, Possible][] = [];
        for (const property of node.properties) {
          if (property.type === "SpreadElement") {
            const spread = this.evaluate(property.argument, names);
            if (spread.values === null) return anything;
            fields.push([null, spread]);
          } else if (property.key.type === "Identifier") fields.push([property.key.name, this.evaluate(property.value, names)]);
        }
        // What is not known is left out: an object of the right shape says more than "anything".
        return combine(
          fields.map(([, value]) => (value.values === null ? { values: [undefined], replica: value.replica } : value)),
          (values) => Object.assign({}, ...fields.map(([name], index) => (name === null ? values[index] : { [name]: values[index] }))) as unknown,
        );
      }
      case "ArrayExpression":
        return combine(
          node.elements.map((element) => (element === null ? anything : this.evaluate(element, names))),
          (values) => [...values],
        );
      case "MemberExpression":
        return this.#member(
          this.evaluate(node.object, names),
          node.computed ? this.evaluate(node.property, names) : exactly((node.property as { name: string }).name),
        );
      case "AssignmentExpression": {
        const value = this.evaluate(node.right, names);
        this.#assign(node.left as Expression, names, node.operator !== "=");
        return value;
      }
      case "UpdateExpression":
        this.#assign(node.argument as Expression, names, true);
        return anything;
      case "CallExpression": {
        const object = node.callee.type === "MemberExpression" ? this.evaluate(node.callee.object, names) : exactly(undefined);
        const callee = this.evaluate(node.callee, names);
        return this.#call(
          object,
          callee,
          node.arguments.map((argument) => this.evaluate(argument, names)),
        );
      }
      case "YieldExpression":
        if (node.argument !== null) this.evaluate(node.argument, names);
        return anything;
      default:
        return anything;
    }
  }

  #assign(target: Expression, names: Names, reads: boolean): void {
    if (target.type !== "MemberExpression") return;
    for (const object of this.evaluate(target.object, names).values ?? []) {
      if (!(object instanceof CellHandle)) continue;
      this.touched.writes.add(object);
      if (reads) this.touched.reads.add(object);
    }
  }

  #member(object: Possible, name: Possible): Possible {
    if (object.values === null) return anything;
    const values: unknown[] = [];
    let unknown = false;
    for (const each of object.values) {
      if (each instanceof CellHandle && name.values?.includes("value")) {
        this.touched.reads.add(each);
        unknown = true;
        continue;
      }
      if (each instanceof QueueHandle) {
        this.touched.reads.add(each.cell);
        if (name.values?.includes("push") || name.values?.includes("shift")) this.touched.writes.add(each.cell);
        unknown = true;
        continue;
      }
      if (each === undefined || each === null) continue;
      const keys = name.values ?? (Array.isArray(each) ? each.keys() : []);
      for (const key of keys) values.push((each as Record<string, unknown>)[String(key)]);
    }
    return { values: unknown ? null : values, replica: object.replica || name.replica };
  }

  #call(object: Possible, callee: Possible, args: readonly Possible[]): Possible {
    if (callee.values === null) return anything;
    const replica = object.replica || args.some((argument) => argument.replica);
    const values: unknown[] = [];
    for (const each of callee.values) {
      const closure = this.closureOf(each);
      if (closure?.callable.node.generator) return anything;
      if (closure !== null) {
        // A function of the module with known arguments has one value for each, so that a condition on it is decided.
        const exact = closures.has(each as object) ? null : outcomes(each as (...given: unknown[]) => unknown, args);
        const result = exact === null ? this.call(closure, args) : { values: exact, replica };
        if (result.values === null) return anything;
        values.push(...result.values);
        continue;
      }
      for (const on of object.values ?? []) {
        if (on instanceof ArrayHandle && args[0]?.values === null) {
          values.push(...on.elements);
          continue;
        }
        const known = args.every(({ values: all }) => all !== null);
        const results = combine(
          args.map((argument) => (argument.values === null ? exactly(undefined) : argument)),
          (given) => {
            try {
              return Reflect.apply(each as (...given: unknown[]) => unknown, on, [...given]);
            } catch {
              return undefined;
            }
          },
        );
        // A call with an unknown argument still tells which operation it makes, but no value.
        const told = results.values?.filter((value) => known || isOperation(value)) ?? [];
        if (told.length !== results.values?.length) return anything;
        values.push(...told);
      }
    }
    return { values, replica: replica || callee.replica };
  }
}

/** What a function returns for each combination of known arguments; null if they are not known, or it cannot be called so. */
function outcomes(fn: (...given: unknown[]) => unknown, args: readonly Possible[]): readonly unknown[] | null {
  if (args.some(({ values }) => values === null)) return null;
  try {
    return combine(args, (given) => fn(...given)).values;
  } catch {
    return null;
  }
}

/** An operation, made by `perform`. */
export function isOperation(value: unknown): value is { readonly step: import("../../model/language/operation.ts").StepBody } {
  return typeof value === "object" && value !== null && "step" in value;
}

/** Whether a condition can have this outcome. Which replica a thread is decides nothing. */
export function mayBe(condition: Possible, outcome: boolean): boolean {
  return condition.values === null || condition.replica || condition.values.some((value) => Boolean(value) === outcome);
}

function combine(parts: readonly Possible[], make: (values: readonly unknown[]) => unknown): Possible {
  const replica = parts.some((part) => part.replica);
  let rows: (readonly unknown[])[] = [[]];
  for (const { values } of parts) {
    if (values === null || rows.length * values.length > most) return { values: null, replica };
    rows = rows.flatMap((row) => values.map((value) => [...row, value]));
  }
  return { values: rows.map(make), replica };
}
