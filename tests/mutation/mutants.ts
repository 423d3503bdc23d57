/**
 * Mutants of a kernel's rules: small changes to the syntax trees that the compiler reads, made in place and taken back. They
 * break what rules are there for: a guard, a wake-up, a state change, the order of a queue (after DeMillo, Lipton and
 * Sayward, "Hints on Test Data Selection", 1978).
 */
import { visitorKeys } from "oxc-parser";
import { type FunctionSource, sourceOf } from "../../dist/model/loader/registry.js";
import type { Instance } from "../../dist/model/language/protocol.js";

export type Operator = "guard dropped" | "condition dropped" | "wake-up lost" | "state change skipped" | "queue reversed";

export interface Mutant {
  readonly operator: Operator;
  /** `ipc-check/kernel/l4/rules.js:57` and the text that is changed. */
  readonly place: string;
  readonly text: string;
  /** The rule, or the kernel's function, that it is in: unlike the place, that stays when other rules change. */
  readonly where: string;
  /** Names of the operations whose rules come there; null if a background rule does, which every protocol of the kernel has. */
  readonly operations: ReadonlySet<string | null>;
  /**
   * It changes only what these rules do (`ruleKey`), so it changes nothing where none of them fires; null: it may let rules fire, or lies
   * in a function that guards use as well.
   */
  readonly rules: ReadonlySet<string> | null;
  apply(): void;
  revert(): void;
}

/** A node of the syntax tree, looked at without its type. */
interface Tree {
  type: string;
  start: number;
  end: number;
  [key: string]: unknown;
}

type Place = Omit<Mutant, "operations" | "rules">;

export const ruleKey = (operation: string | null, rule: string): string => JSON.stringify([operation, rule]);

/** What a mutant is known by. */
export const nameOf = ({ operator, place, text }: Place): string => `${operator} at ${place}: ${text}`;

/** All mutants of the rules that these instances use, each place once. */
export function mutantsOf(instances: readonly Instance[]): readonly Mutant[] {
  const found = new Map<string, { readonly mutant: Place; readonly operations: Set<string | null>; readonly rules: Set<string> }>();
  const seen = new Set<unknown>();
  const add = (name: string, rule: { readonly when?: unknown; readonly do: unknown }, operation: string | null): void => {
    const guard = sourceOf(rule.when);
    const body = sourceOf(rule.do);
    for (const mutant of [...(guard === null ? [] : guardMutants(guard, name)), ...(body === null ? [] : bodyMutants(body, name, new Set()))]) {
      const known = found.get(nameOf(mutant)) ?? { mutant, operations: new Set(), rules: new Set() };
      found.set(nameOf(mutant), known);
      known.operations.add(operation);
      known.rules.add(ruleKey(operation, name));
    }
  };
  for (const { protocol, objects } of instances) {
    for (const { declaration } of [...protocol.kernel.operations, ...objects.flatMap(({ type }) => type.operations)]) {
      if (seen.has(declaration)) continue;
      seen.add(declaration);
      for (const [name, rule] of Object.entries(declaration.rules)) add(name, rule, declaration.name);
    }
    for (const [name, rule] of Object.entries(protocol.kernel.background)) add(name, rule, null);
  }
  // What has an effect is in no guard; a condition may be in a question that guards ask too.
  const isOfGuards = ({ operator }: Place): boolean => operator === "guard dropped" || operator === "condition dropped";
  return [...found.values()].map(({ mutant, operations, rules }) => ({ ...mutant, operations, rules: isOfGuards(mutant) ? null : rules }));
}

const truth: Tree = { type: "Literal", start: 0, end: 0, value: true, raw: "true" };

/** Puts `replacement` where `owner[key]` is, for as long as it is applied. */
function change(source: FunctionSource, where: string, operator: Operator, node: Tree, owner: Record<string, unknown>, key: string, replacement: Tree): Place {
  const { file, line, column } = source.module.site(node.start, node.end);
  return {
    operator,
    where,
    place: `${file}:${line}:${column}`,
    text: source.module.text.slice(node.start, node.end).replace(/\s+/gu, " "),
    apply: () => void (owner[key] = { ...replacement, start: node.start, end: node.end }),
    revert: () => void (owner[key] = node),
  };
}

/** Each part of the conjunction that a guard is. */
function guardMutants(source: FunctionSource, where: string): readonly Place[] {
  const root = source.node as unknown as Tree;
  const body = root["body"] as Tree;
  const found: Place[] = [];
  const conjuncts = (node: Tree, owner: Record<string, unknown>, key: string): void => {
    if (node.type === "LogicalExpression" && node["operator"] === "&&") {
      conjuncts(node["left"] as Tree, node, "left");
      conjuncts(node["right"] as Tree, node, "right");
    } else found.push(change(source, where, "guard dropped", node, owner, key, truth));
  };
  if (body.type !== "BlockStatement") conjuncts(body, root, "body");
  else
    for (const statement of body["body"] as readonly Tree[])
      if (statement.type === "ReturnStatement" && statement["argument"] !== null) conjuncts(statement["argument"] as Tree, statement, "argument");
  return found;
}

const queueChanges: readonly string[] = ["push", "insert", "remove", "shift"];

/** What a rule does, and the kernel's own functions that it calls. */
function bodyMutants(source: FunctionSource, where: string, visited: Set<Tree>): readonly Place[] {
  const root = source.node as unknown as Tree;
  if (visited.has(root)) return [];
  visited.add(root);
  const found: Place[] = [];
  const nothing: Tree = { type: "BlockStatement", start: 0, end: 0, body: [] };

  const statement = (node: Tree, owner: Record<string, unknown>, key: string): void => {
    const expression = node["expression"] as Tree;
    const skip = (operator: Operator): void => void found.push(change(source, where, operator, node, owner, key, nothing));
    if (expression.type === "AssignmentExpression" && (expression["left"] as Tree).type === "MemberExpression") return skip("state change skipped");
    if (expression.type !== "CallExpression") return;
    const callee = expression["callee"] as Tree;
    const name = callee.type === "MemberExpression" ? ((callee["property"] as Tree)["name"] as string | undefined) : (callee["name"] as string | undefined);
    if (name === "complete" || name === "completeOf") return skip("wake-up lost");
    skip("state change skipped");
    if (callee.type !== "MemberExpression" || name === undefined || !queueChanges.includes(name)) return;
    const given = expression["arguments"] as readonly Tree[];
    const property = callee["property"] as Tree;
    const first: Tree = { type: "Literal", start: property.start, end: property.end, value: 0, raw: "0" };
    if (name === "push") {
      found.push(
        change(source, where, "queue reversed", expression, node, "expression", {
          ...expression,
          callee: { ...callee, property: { ...property, name: "insert" } },
          arguments: [first, ...given],
        }),
      );
    } else if (name === "insert") {
      found.push(
        change(source, where, "queue reversed", expression, node, "expression", {
          ...expression,
          callee: { ...callee, property: { ...property, name: "push" } },
          arguments: given.slice(1),
        }),
      );
    }
  };
  const visit = (node: Tree, owner: Record<string, unknown>, key: string): void => {
    if (node.type === "ExpressionStatement") statement(node, owner, key);
    if (node.type === "IfStatement") found.push(change(source, where, "condition dropped", node["test"] as Tree, node, "test", truth));
    if (node.type === "CallExpression") for (const { name, function: called } of calledBy(node, source)) found.push(...bodyMutants(called, name, visited));
    for (const name of visitorKeys[node.type] ?? []) {
      const child = node[name];
      if (Array.isArray(child)) for (const [i, each] of child.entries()) if (isTree(each)) visit(each, child as unknown as Record<string, unknown>, String(i));
      if (isTree(child)) visit(child, node, name);
    }
  };
  visit(root["body"] as Tree, root, "body");
  return found;
}

/** The kernel's function that a call reaches, if it can be told from the captured names. */
function calledBy(call: Tree, source: FunctionSource): readonly { readonly name: string; readonly function: FunctionSource }[] {
  const callee = call["callee"] as Tree;
  const of = (name: unknown): unknown => (typeof name === "string" && source.captures(name) ? source.captured(name) : undefined);
  const target =
    callee.type === "Identifier"
      ? of(callee["name"])
      : callee.type === "MemberExpression" && (callee["object"] as Tree).type === "Identifier"
        ? (of((callee["object"] as Tree)["name"]) as Record<string, unknown> | undefined)?.[(callee["property"] as Tree)["name"] as string]
        : undefined;
  const name = callee.type === "Identifier" ? callee["name"] : (callee["property"] as Tree | undefined)?.["name"];
  const reached = sourceOf(target);
  return typeof name === "string" && reached?.module.file.startsWith("ipc-check/kernel/") ? [{ name, function: reached }] : [];
}

function isTree(value: unknown): value is Tree {
  return typeof value === "object" && value !== null && "type" in value;
}
