/**
 * Whether it can be seen that importing a module comes to an end: outside of generator functions, which are programs of threads
 * and do not run then, it has no loop, and its functions can only call those that were complete before they began, so that none
 * can come back to itself. What cannot be seen is tried in a thread of its own (trial.ts).
 */
import { type AnyNode, bindings, children, isFunction } from "./scopes.ts";

type Keys = Readonly<Record<string, readonly string[]>>;

export function comesToAnEnd(program: AnyNode, keys: Keys): boolean {
  /** Names that stand for functions or for objects that hold some, with the ends of their declarations. */
  const complete = new Map<string, number>();
  const generators = new Set<string>();
  const isCallable = (node: AnyNode): boolean => isFunction(node) || children(node, keys).some(isCallable);
  const declare = (node: AnyNode): void => {
    const value = node.type === "FunctionDeclaration" ? node : node.type === "VariableDeclarator" ? (node.init as AnyNode | null) : null;
    if (value !== null && isCallable(value)) {
      for (const name of node.type === "VariableDeclarator" ? bindings(node.id as AnyNode) : namesOf(node)) {
        if (isFunction(value) && value.generator) generators.add(name);
        else complete.set(name, Math.max(node.end, complete.get(name) ?? 0));
      }
    }
    for (const child of children(node, keys)) declare(child);
  };
  declare(program);

  /** `parameters`: names by which a function may have been handed itself. */
  const ends = (node: AnyNode, parameters: ReadonlySet<string>): boolean => {
    const all = (nodes: readonly (AnyNode | null)[]): boolean => nodes.every((each) => each === null || ends(each, parameters));
    if (isFunction(node)) {
      if (node.generator) return true;
      // The name of a function expression is there for it to call itself.
      if (node.type === "FunctionExpression" && node.id !== null) return false;
      const own = new Set([...parameters, ...(node.params as readonly AnyNode[]).flatMap(bindings)]);
      return [...node.params, ...(node.body === null ? [] : [node.body])].every((each) => ends(each as AnyNode, own));
    }
    switch (node.type) {
      case "ForStatement":
      case "ForInStatement":
      case "ForOfStatement":
      case "WhileStatement":
      case "DoWhileStatement":
      case "AssignmentExpression":
        return false;
      case "Identifier":
        return (complete.get(node.name) ?? 0) <= node.start;
      case "CallExpression": {
        const { callee } = node;
        const passes = node.arguments.some((each) => each.type === "Identifier" && parameters.has(each.name));
        if (callee.type === "Identifier" && (generators.has(callee.name) || (parameters.has(callee.name) && passes))) return false;
        return all(children(node, keys));
      }
      case "VariableDeclarator":
        return all([...(node.id.type === "Identifier" ? [] : [node.id as AnyNode]), node.init as AnyNode | null]);
      case "Property":
        return all([node.computed ? (node.key as AnyNode) : null, node.value as AnyNode]);
      case "MemberExpression":
        return all([node.object as AnyNode, node.computed ? (node.property as AnyNode) : null]);
      default:
        return all(children(node, keys));
    }
  };
  return ends(program, new Set());
}

function namesOf(node: AnyNode): readonly string[] {
  return node.type === "FunctionDeclaration" && node.id !== null ? [node.id.name] : [];
}
