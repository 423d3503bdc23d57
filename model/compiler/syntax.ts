/** Questions about syntax trees that need no values. */
import type { Expression, Node, Statement } from "@oxc-project/types";
import { oxc } from "../loader/registry.ts";

/** The child nodes, in the order of the source. */
export function children(node: Node): readonly Node[] {
  const keys = oxc().visitorKeys[node.type] ?? [];
  return keys.flatMap((key) => {
    const child = (node as unknown as Record<string, unknown>)[key];
    return (Array.isArray(child) ? child : [child]).filter(isNode);
  });
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && "type" in value;
}

const isFunction = (node: Node): boolean =>
  node.type === "ArrowFunctionExpression" || node.type === "FunctionExpression" || node.type === "FunctionDeclaration";

/** All nodes inside, itself included; not those of nested functions. */
export function* within(node: Node): Generator<Node> {
  yield node;
  for (const child of children(node)) if (!isFunction(child)) yield* within(child);
}

const effects = new WeakMap<Node, boolean>();
/** Whether evaluating it may change anything or perform an operation; calls are taken to. */
export function hasEffects(node: Expression): boolean {
  let known = effects.get(node);
  if (known === undefined) {
    known =
      !isFunction(node) &&
      [...within(node)].some(
        ({ type }) =>
          type === "YieldExpression" ||
          type === "AssignmentExpression" ||
          type === "UpdateExpression" ||
          type === "CallExpression" ||
          type === "AwaitExpression",
      );
    effects.set(node, known);
  }
  return known;
}

/** The `yield`s of a node. */
export function yieldsOf(node: Node): readonly Extract<Node, { type: "YieldExpression" }>[] {
  return [...within(node)].filter((each): each is Extract<Node, { type: "YieldExpression" }> => each.type === "YieldExpression");
}

export function isEmpty(statement: Statement): boolean {
  return statement.type === "EmptyStatement" || (statement.type === "BlockStatement" && statement.body.every((each) => isEmpty(each as Statement)));
}

/** Removes what only the type checker sees. */
export function strip(node: Expression): Expression {
  switch (node.type) {
    case "TSAsExpression":
    case "TSSatisfiesExpression":
    case "TSNonNullExpression":
    case "TSTypeAssertion":
    case "TSInstantiationExpression":
    case "ParenthesizedExpression":
      return strip(node.expression);
    default:
      return node;
  }
}
