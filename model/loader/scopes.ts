/**
 * Which names each function of a module captures: a resolver of lexical scopes after ECMA-262 (var hoists to the
 * function, let/const/class/function to the block), over the ESTree that oxc-parser gives. Types are not looked at.
 */
import type { ArrowFunctionExpression, Function as FunctionNode, Node } from "@oxc-project/types";

/** A syntax node whose children are found by name. */
export type AnyNode = Node & { readonly start: number; readonly end: number };

/** Children of a node that are code: types, labels and property names are left out. */
export function children(node: AnyNode, keys: Readonly<Record<string, readonly string[]>>): readonly AnyNode[] {
  const found: AnyNode[] = [];
  for (const key of keys[node.type] ?? []) {
    if (
      key === "typeAnnotation" ||
      key === "typeArguments" ||
      key === "typeParameters" ||
      key === "returnType" ||
      key === "superTypeArguments" ||
      key === "implements"
    )
      continue;
    const child = (node as unknown as Record<string, unknown>)[key];
    for (const each of Array.isArray(child) ? child : [child]) {
      if (typeof each === "object" && each !== null && "type" in each && isCode(each as AnyNode)) found.push(each as AnyNode);
    }
  }
  return found;
}

const codeTypes: ReadonlySet<string> = new Set([
  "TSAsExpression",
  "TSSatisfiesExpression",
  "TSNonNullExpression",
  "TSTypeAssertion",
  "TSInstantiationExpression",
  "TSParameterProperty",
]);
/** Namespaces, enums and ambient declarations are left as they are: what they contain is not registered. */
function isCode(node: AnyNode): boolean {
  return !node.type.startsWith("TS") || codeTypes.has(node.type);
}

/** The names that a pattern binds. */
export function bindings(pattern: AnyNode): readonly string[] {
  switch (pattern.type) {
    case "Identifier":
      return [pattern.name];
    case "ObjectPattern":
      return pattern.properties.flatMap((property) => bindings((property.type === "RestElement" ? property.argument : property.value) as AnyNode));
    case "ArrayPattern":
      return pattern.elements.flatMap((element) => (element === null ? [] : bindings(element as AnyNode)));
    case "AssignmentPattern":
      return bindings(pattern.left as AnyNode);
    case "RestElement":
      return bindings(pattern.argument as AnyNode);
    case "TSParameterProperty":
      return bindings(pattern.parameter as AnyNode);
    default:
      return [];
  }
}

/** The declaration inside an `export`, or the statement itself. */
function declarationOf(statement: AnyNode): AnyNode {
  if (statement.type === "ExportNamedDeclaration" && statement.declaration !== null) return statement.declaration as AnyNode;
  if (statement.type === "ExportDefaultDeclaration") return statement.declaration as AnyNode;
  return statement;
}

/** Names that a list of statements declares in its own block. */
export function lexicalNames(statements: readonly AnyNode[]): readonly string[] {
  return statements.flatMap((statement) => {
    const node = declarationOf(statement);
    switch (node.type) {
      case "VariableDeclaration":
        return node.kind === "var" ? [] : node.declarations.flatMap((declarator) => bindings(declarator.id as AnyNode));
      case "FunctionDeclaration":
      case "ClassDeclaration":
        return node.id === null ? [] : [node.id.name];
      case "ImportDeclaration":
        return node.importKind === "type" ? [] : node.specifiers.map((specifier) => specifier.local.name);
      case "TSEnumDeclaration":
        return [node.id.name];
      case "TSModuleDeclaration":
        return node.id.type === "Identifier" ? [node.id.name] : [];
      default:
        return [];
    }
  });
}

/** Names that `var` declares in a function body or module, however deep, but not inside nested functions. */
export function varNames(root: AnyNode, keys: Readonly<Record<string, readonly string[]>>): readonly string[] {
  const names: string[] = [];
  const visit = (node: AnyNode): void => {
    if (isFunction(node) || node.type === "ClassBody") return;
    if (node.type === "VariableDeclaration" && node.kind === "var")
      names.push(...node.declarations.flatMap((declarator) => bindings(declarator.id as AnyNode)));
    for (const child of children(node, keys)) visit(child);
  };
  for (const child of children(root, keys)) visit(child);
  return names;
}

export type FunctionLike = (FunctionNode | ArrowFunctionExpression) & AnyNode;
export function isFunction(node: AnyNode): node is FunctionLike {
  return node.type === "FunctionExpression" || node.type === "FunctionDeclaration" || node.type === "ArrowFunctionExpression";
}

/** A chain of scopes, and the functions that are being walked, each with the names it has been seen to capture. */
export class Scopes {
  readonly #stack: ReadonlySet<string>[] = [];
  readonly #open: { readonly depth: number; readonly captures: Set<string> }[] = [];
  /** Names that were mentioned where no scope declares them. */
  readonly globals: Set<string> = new Set();

  within(names: Iterable<string>, body: () => void): void {
    this.#stack.push(new Set(names));
    body();
    this.#stack.pop();
  }

  /** Runs `body`, which walks a function, and returns the names from enclosing scopes that it mentions. */
  capturesOf(body: () => void): ReadonlySet<string> {
    const entry = { depth: this.#stack.length, captures: new Set<string>() };
    this.#open.push(entry);
    body();
    this.#open.pop();
    return entry.captures;
  }

  /** A name is mentioned here. */
  mention(name: string): void {
    let depth = this.#stack.length;
    while (depth > 0 && this.#stack[depth - 1]?.has(name) !== true) depth--;
    if (depth === 0) return void this.globals.add(name);
    for (const open of this.#open) if (depth <= open.depth) open.captures.add(name);
  }
}
