/**
 * Which operations a thread can still perform: the control-flow graph of its body, read off the syntax tree.
 *
 * `enter(node, then)` gives the places that are reached first when `node` is executed and what follows it is reached at
 * `then`; on the way it notes the successors of every place. Helper generators are expanded at each `yield*`.
 */
import type { Expression, Node, Statement, YieldExpression } from "@oxc-project/types";
import type { CellHandle } from "../../model/language/memory.ts";
import { assume, check, type StepBody } from "../../model/language/operation.ts";
import type { Instance, ThreadInstance } from "../../model/language/protocol.ts";
import { type Callable, callableOf, place, Unsupported } from "./callable.ts";
import { anything, Evaluator, exactly, isOperation, mayBe, Names, type Possible } from "./possible.ts";
import { anythingHeld } from "./general-client.ts";
import { waitingLoop } from "./waiting-loop.ts";

/** A `yield*` of an operation, or local code that writes ghost memory. */
export interface Place {
  /** The operations that it may be; null: any. */
  readonly steps: readonly StepBody[] | null;
  readonly writes: ReadonlySet<CellHandle>;
  readonly next: Set<Place>;
}
type Places = ReadonlySet<Place>;

/** Where `break`, `continue` and `return` lead. */
interface Exits {
  readonly returns: Places;
  readonly loops: readonly { readonly labels: readonly string[]; readonly breaks: Places; readonly continues: Places | null }[];
}

const writing: ReadonlySet<string> = new Set(["write", "store", "compareExchange", "exchange", "fetchAdd"]);

/** The control-flow graph of one thread. */
export class ControlFlow {
  readonly #places: Map<string, { steps: readonly StepBody[] | null; writes: Set<CellHandle>; next: Set<Place> }> = new Map();
  readonly #reachable: Map<Place, Places> = new Map();

  /** What may be performed first. */
  #entry: Places = new Set();
  /** A client that does anything does it again. */
  readonly #client: boolean;

  constructor(instance: Instance, thread: ThreadInstance) {
    const callable = callableOf(thread.run);
    this.#client = thread.run === null;
    if (thread.run === null) {
      // A client that does anything is always at the same place.
      const steps = anythingHeld(instance, thread);
      this.#places.set("", {
        steps,
        writes: new Set(steps.flatMap((step) => (step.kind === "memory" && writing.has(step.action) ? [step.cell] : []))),
        next: new Set(),
      });
    }
    if (callable === null) return;
    const replicated = instance.protocol.threads[thread.group]?.count !== undefined;
    const context = Object.fromEntries(
      Object.entries(thread.context).map(([name, value]): [string, Possible] => [
        name,
        { values: [value], replica: replicated && (name === "index" || name === "self") },
      ]),
    );
    const names = new Names(callable);
    const evaluator = new Evaluator();
    for (const parameter of callable.node.params) {
      if (parameter.type !== "ObjectPattern") continue;
      for (const property of parameter.properties) {
        if (property.type !== "RestElement" && property.key.type === "Identifier")
          evaluator.bind(property.value, context[property.key.name] ?? anything, names);
      }
    }
    this.#entry = this.#body(callable, names, "", new Set());
  }

  /** Everything that can be performed from a position on, what is pending there included. */
  from(position: string): Places {
    const start = this.#places.get(position);
    if (start === undefined) return new Set();
    let reached = this.#reachable.get(start);
    if (reached === undefined) {
      const all = new Set<Place>([start]);
      for (const each of all) for (const next of each.next) all.add(next);
      this.#reachable.set(start, (reached = all));
    }
    return reached;
  }

  /** Every place that the program may come to. */
  all(): readonly Place[] {
    if (this.#client) return [...this.#places.values()];
    return [...onwards(this.#entry)];
  }
  /** The places that control can come back to. */
  cyclic(): readonly Place[] {
    return this.all().filter((place) => this.#client || onwards(place.next).has(place));
  }

  /** What stands at a position. */
  at(position: string): Place | null {
    return this.#places.get(position) ?? null;
  }

  #body(callable: Callable, names: Names, around: string, then: Places): Places {
    const { node } = callable;
    if (node.body === null) return then;
    if (around.split("/").length > 60) throw new Unsupported(`${node.id?.name ?? "a generator"} calls itself`);
    if (node.body.type !== "BlockStatement") return this.#expression(node.body, names, around, then);
    return this.#statements(node.body.body, names, around, then, { returns: then, loops: [] });
  }

  #statements(body: readonly Statement[], outer: Names, around: string, then: Places, exits: Exits): Places {
    const names = new Names(outer.callable, outer);
    for (const statement of body) {
      if (statement.type === "VariableDeclaration") this.#declare(statement, names);
      if (statement.type === "FunctionDeclaration" && statement.id)
        names.declare(statement.id.name, new Evaluator().evaluate({ ...statement, type: "FunctionExpression" } as Expression, names));
    }
    return body.reduceRight<Places>((after, statement) => this.#statement(statement, names, around, after, exits, []), then);
  }

  #declare(node: Statement & { readonly type: "VariableDeclaration" }, names: Names): void {
    const evaluator = new Evaluator();
    for (const { id, init } of node.declarations)
      evaluator.bind(id, node.kind === "const" && init !== null ? evaluator.evaluate(init, names) : anything, names);
  }

  #statement(node: Statement, names: Names, around: string, then: Places, exits: Exits, labels: readonly string[]): Places {
    const expression = (part: Expression | null | undefined, after: Places): Places => (part ? this.#expression(part, names, around, after) : after);
    const load = waitingLoop(node);
    if (load !== null) return this.#place(load, names, around, then);
    switch (node.type) {
      case "ExpressionStatement":
        return expression(node.expression, then);
      case "VariableDeclaration":
        return node.declarations.reduceRight<Places>((after, { init }) => expression(init, after), then);
      case "BlockStatement":
        return this.#statements(node.body, names, around, then, exits);
      case "ReturnStatement":
        return expression(node.argument, exits.returns);
      case "IfStatement": {
        const yes = this.#statement(node.consequent, names, around, then, exits, []);
        const no = node.alternate === null ? then : this.#statement(node.alternate, names, around, then, exits, []);
        return this.#condition(node.test, names, around, yes, no);
      }
      case "LabeledStatement":
        return this.#statement(
          node.body,
          names,
          around,
          then,
          { ...exits, loops: [...exits.loops, { labels: [node.label.name], breaks: then, continues: null }] },
          [...labels, node.label.name],
        );
      case "BreakStatement":
      case "ContinueStatement": {
        const target = exits.loops.findLast(
          (loop) =>
            (node.label === null ? loop.labels.length === 0 || loop.continues !== null : loop.labels.includes(node.label.name)) &&
            (node.type === "BreakStatement" || loop.continues !== null),
        );
        if (target === undefined) throw new Unsupported("a jump out of nothing");
        return (node.type === "BreakStatement" ? target.breaks : target.continues) ?? new Set();
      }
      case "SwitchStatement": {
        const inside: Exits = { ...exits, loops: [...exits.loops, { labels: [], breaks: then, continues: null }] };
        const scope = new Names(names.callable, names);
        for (const statement of node.cases.flatMap(({ consequent }) => consequent))
          if (statement.type === "VariableDeclaration") this.#declare(statement, scope);
        let entries: Places = new Set();
        let after = then;
        for (const { consequent } of [...node.cases].reverse()) {
          after = consequent.reduceRight<Places>((next, statement) => this.#statement(statement, scope, around, next, inside, []), after);
          entries = union(entries, after);
        }
        if (node.cases.every(({ test }) => test !== null)) entries = union(entries, then);
        return expression(node.discriminant, entries);
      }
      case "WhileStatement": {
        return fixpoint((again) => {
          const body = this.#statement(node.body, names, around, again, loop(exits, labels, then, again), []);
          return this.#condition(node.test, names, around, body, then);
        });
      }
      case "DoWhileStatement":
        return fixpoint((again) => {
          const test = this.#condition(node.test, names, around, again, then);
          return this.#statement(node.body, names, around, test, loop(exits, labels, then, test), []);
        });
      case "ForStatement": {
        const scope = new Names(names.callable, names);
        if (node.init?.type === "VariableDeclaration") this.#declare(node.init, scope);
        const start = fixpoint((again) => {
          const update = node.update ? this.#expression(node.update, scope, around, again) : again;
          const body = this.#statement(node.body, scope, around, update, loop(exits, labels, then, update), []);
          return node.test ? this.#condition(node.test, scope, around, body, then) : body;
        });
        if (node.init?.type === "VariableDeclaration") return this.#statement(node.init, scope, around, start, exits, []);
        return node.init ? this.#expression(node.init, scope, around, start) : start;
      }
      case "ForOfStatement": {
        const scope = new Names(names.callable, names);
        const { values } = new Evaluator().evaluate(node.right, names);
        const elements = values?.every((value) => Array.isArray(value)) ? { values: values.flat(), replica: false } : anything;
        if (node.left.type === "VariableDeclaration") for (const { id } of node.left.declarations) new Evaluator().bind(id, elements, scope);
        return expression(
          node.right,
          fixpoint((again) => union(then, this.#statement(node.body, scope, around, again, loop(exits, labels, then, again), []))),
        );
      }
      default:
        return then;
    }
  }

  /** A condition that has one outcome only leads one way. */
  #condition(test: Expression, names: Names, around: string, yes: Places, no: Places): Places {
    const outcome = new Evaluator().evaluate(test, names);
    return this.#expression(test, names, around, union(mayBe(outcome, true) ? yes : new Set(), mayBe(outcome, false) ? no : new Set()));
  }

  #expression(node: Node, names: Names, around: string, then: Places): Places {
    const inside = (part: Node, after: Places): Places => this.#expression(part, names, around, after);
    if (!yields(node)) return this.#local(node, names, around, then);
    switch (node.type) {
      case "LogicalExpression": {
        // `??` is not decided here.
        const outcome = node.operator === "??" ? anything : new Evaluator().evaluate(node.left, names);
        const goesOn = mayBe(outcome, node.operator === "&&") ? inside(node.right, then) : new Set<Place>();
        return inside(node.left, union(goesOn, mayBe(outcome, node.operator !== "&&") ? then : new Set()));
      }
      case "ConditionalExpression":
        return this.#condition(node.test, names, around, inside(node.consequent, then), inside(node.alternate, then));
      case "YieldExpression":
        return node.argument === null ? then : inside(node.argument, this.#place(node, names, around, then));
      case "AssignmentExpression":
        return inside(node.right, this.#local({ ...node, right: { type: "Literal", value: null } } as unknown as Node, names, around, then));
      default:
        return children(node).reduceRight<Places>((after, child) => inside(child, after), then);
    }
  }

  /** Local code is a place of its own if it writes memory, which then is ghost memory. */
  #local(node: Node, names: Names, around: string, then: Places): Places {
    const evaluator = new Evaluator();
    evaluator.evaluate(node as Expression, names);
    if (node.type === "CallExpression" && node.arguments[0] !== undefined) {
      const callee = evaluator.evaluate(node.callee, names).values;
      if ((callee?.includes(check) || callee?.includes(assume)) && !mayBe(evaluator.evaluate(node.arguments[0], names), true)) return new Set();
    }
    if (evaluator.touched.writes.size === 0) return then;
    return this.#note(`${around}${place(names.callable.node, null)}${node.start}`, [], evaluator.touched.writes, then);
  }

  #place(node: YieldExpression, names: Names, around: string, then: Places): Places {
    const key = `${around}${place(names.callable.node, node)}`;
    const call = node.argument;
    const evaluator = new Evaluator();
    if (call?.type === "CallExpression") {
      const helpers = (evaluator.evaluate(call.callee, names).values ?? [])
        .map((callee) => evaluator.closureOf(callee))
        .filter((closure) => closure?.callable.node.generator);
      if (helpers.length > 0) {
        const args = call.arguments.map((argument) => evaluator.evaluate(argument, names));
        return helpers.reduce<Places>((all, helper) => {
          if (helper === null) return all;
          const inner = new Names(helper.callable, helper.names);
          for (const [index, parameter] of helper.callable.node.params.entries()) {
            if (parameter.type !== "RestElement" && parameter.type !== "TSParameterProperty")
              evaluator.bind(parameter, args[index] ?? exactly(undefined), inner);
          }
          return union(all, this.#body(helper.callable, inner, `${key}/`, then));
        }, new Set());
      }
    }
    const operations = call === null ? anything : evaluator.evaluate(call, names);
    const steps = operations.values === null || !operations.values.every(isOperation) ? null : operations.values.map((operation) => operation.step);
    const writes = new Set<CellHandle>();
    for (const step of steps ?? []) {
      if (step.kind === "memory" && writing.has(step.action)) writes.add(step.cell);
      if (step.kind === "step") for (const cell of touchedBy(step.do).writes) writes.add(cell);
    }
    return this.#note(key, steps, writes, then);
  }

  #note(key: string, steps: readonly StepBody[] | null, writes: ReadonlySet<CellHandle>, then: Places): Places {
    let noted = this.#places.get(key);
    if (noted === undefined) this.#places.set(key, (noted = { steps, writes: new Set(writes), next: new Set() }));
    for (const next of then) noted.next.add(next);
    return new Set([noted]);
  }
}

/** The cells that a function given to an operation reads and writes. */
export function touchedBy(fn: unknown): Evaluator["touched"] {
  const evaluator = new Evaluator();
  const closure = evaluator.closureOf(fn);
  if (closure !== null) evaluator.call(closure, []);
  return evaluator.touched;
}

function loop(exits: Exits, labels: readonly string[], breaks: Places, continues: Places): Exits {
  return { ...exits, loops: [...exits.loops, { labels, breaks, continues }] };
}
/** Goes round a loop until no new place is reached. */
function fixpoint(round: (again: Places) => Places): Places {
  let reached: Places = new Set();
  for (;;) {
    const more = union(reached, round(reached));
    if (more.size === reached.size) return more;
    reached = more;
  }
}
function union(a: Places, b: Places): Places {
  return new Set([...a, ...b]);
}

/** Everything that can be reached from some places, themselves included. */
function onwards(places: Places): Places {
  const all = new Set(places);
  for (const each of all) for (const next of each.next) all.add(next);
  return all;
}

const yielding = new WeakMap<Node, boolean>();
/** Whether executing the node may perform an operation. */
function yields(node: Node): boolean {
  let known = yielding.get(node);
  if (known === undefined) yielding.set(node, (known = node.type === "YieldExpression" || children(node).some(yields)));
  return known;
}
/** The parts of an expression in the order of their evaluation; functions are not executed. */
function children(node: Node): readonly Node[] {
  if (node.type === "ArrowFunctionExpression" || node.type === "FunctionExpression" || node.type === "FunctionDeclaration") return [];
  const parts = Object.entries(node)
    .filter(([name]) => name !== "parent")
    .flatMap(([, value]): unknown[] => (Array.isArray(value) ? value : [value]));
  return parts.filter((part): part is Node => typeof part === "object" && part !== null && "type" in part).sort((a, b) => a.start - b.start);
}
