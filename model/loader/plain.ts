/**
 * Specifications that need no bundler: one module that imports nothing but the tool, asks nothing of the machine, and need not be
 * tried before it is imported. Starting the bundler takes longer than everything else that a small check does, and all it has to
 * do here is to take the types away.
 *
 * Types are overwritten with spaces, so that every offset stays what it is. What is left must be JavaScript with the syntax
 * tree that the original has without its types; everything that is not covered, or looks wrong in any way, is left to the
 * bundler, and with it every message about what is wrong.
 */
import { instrument } from "./instrument.ts";
import { oxc } from "./registry.ts";
import { type AnyNode, bindings, children } from "./scopes.ts";
import { comesToAnEnd } from "./straight.ts";
import { registryUrl, toolUrl } from "./tool.ts";

/** A module that can be imported as it is. */
export interface Plain {
  readonly code: string;
  /** Names in the order of its text. */
  readonly exports: readonly string[];
}

type Program = AnyNode & { readonly type: "Program" };
type Keys = Readonly<Record<string, readonly string[]>>;

/** Thrown at what is not covered. */
class NotPlain extends Error {}

/** Makes a module of a specification without the bundler; null if that needs the bundler. */
export function plain(file: string, text: string): Plain | null {
  // CommonJS is for the bundler to tell.
  if (!/\.m?[jt]s$/.test(file) || /\b(module\.exports|exports\.|require\s*\()/.test(text)) return null;
  const { parseSync, visitorKeys } = oxc();
  const typed = parseSync(file, text, { preserveParens: true });
  if (typed.errors.length > 0) return null;
  let bare: string;
  try {
    bare = withoutTypes(text, typed.program as Program, visitorKeys);
  } catch (error) {
    if (error instanceof NotPlain) return null;
    throw error;
  }
  const untyped = parseSync(`${file}.mjs`, bare, { preserveParens: true });
  if (untyped.errors.length > 0 || !sameTree(typed.program as Program, untyped.program as Program, visitorKeys)) return null;
  const { code, closed } = instrument(bare, { file, registry: registryUrl, parsed: { program: untyped.program as Program, text }, resolve: toolUrl });
  return closed && comesToAnEnd(untyped.program as Program, visitorKeys) ? { code, exports: exportOrder(untyped.module) } : null;
}

/** Names of a module's exports in the order of its text; `default` among them. */
export function exportOrder(module: import("oxc-parser").EcmaScriptModule): readonly string[] {
  return module.staticExports.flatMap(({ entries }) => entries).map(({ exportName }) => (exportName.kind === "Default" ? "default" : (exportName.name ?? "")));
}

/** The text with spaces in place of types. Throws {@link NotPlain}. */
function withoutTypes(text: string, program: Program, keys: Keys): string {
  const blanks: (readonly [number, number])[] = [];
  const blank = (start: number, end: number): void => void blanks.push([start, end]);
  const mentioned = new Set<string>();
  const imported: (AnyNode & { readonly type: "ImportSpecifier" })[] = [];
  const constants = new Set<string>();
  const assigned = new Set<string>();

  const visit = (node: AnyNode): void => {
    if (("declare" in node && node.declare === true) || ("definite" in node && node.definite === true)) throw new NotPlain();
    switch (node.type) {
      case "ImportDeclaration":
        if (node.importKind === "type") return blank(node.start, node.end);
        if (node.attributes.length > 0 || toolUrl(node.source.value) === null) throw new NotPlain();
        for (const specifier of node.specifiers) {
          constants.add(specifier.local.name);
          if (specifier.type === "ImportSpecifier") imported.push(specifier as (typeof imported)[number]);
        }
        return;
      case "ExportNamedDeclaration":
        if (isErased(node)) return blank(node.start, node.end);
        if (node.source !== null || node.specifiers.some(({ exportKind }) => exportKind === "type")) throw new NotPlain();
        break;
      case "ExportAllDeclaration":
      case "ClassDeclaration":
      case "ClassExpression":
        throw new NotPlain();
      case "Identifier":
        mentioned.add(node.name);
        break;
      case "VariableDeclaration":
        if (node.kind === "using" || node.kind === "await using") throw new NotPlain();
        if (node.kind === "const") for (const { id } of node.declarations) for (const name of bindings(id as AnyNode)) constants.add(name);
        break;
      case "AssignmentExpression":
      case "ForInStatement":
      case "ForOfStatement":
        if (node.left.type !== "VariableDeclaration") for (const name of bindings(node.left as AnyNode)) assigned.add(name);
        break;
      case "UpdateExpression":
        if (node.argument.type === "Identifier") assigned.add(node.argument.name);
        break;
      default:
        break;
    }
    // A parameter that may be left out: `x?: number`.
    if (node.type === "Identifier" && (node as { readonly optional?: boolean }).optional === true) {
      const mark = text.indexOf("?", node.start);
      blank(mark, mark + 1);
    }
    for (const key of keys[node.type] ?? []) {
      const child = (node as unknown as Record<string, unknown>)[key];
      for (const each of Array.isArray(child) ? child : [child]) if (typeof each === "object" && each !== null && "type" in each) enter(each as AnyNode);
    }
  };
  const enter = (node: AnyNode): void => {
    if (!node.type.startsWith("TS")) return visit(node);
    switch (node.type) {
      case "TSTypeAnnotation":
      case "TSTypeParameterDeclaration":
      case "TSTypeParameterInstantiation":
      case "TSInterfaceDeclaration":
      case "TSTypeAliasDeclaration":
        return blank(node.start, node.end);
      case "TSAsExpression":
      case "TSSatisfiesExpression":
      case "TSNonNullExpression":
        enter(node.expression as AnyNode);
        return blank(node.expression.end, node.end);
      default:
        throw new NotPlain();
    }
  };
  visit(program);
  // An assignment to a constant is an error of the bundler.
  if ([...assigned].some((name) => constants.has(name))) throw new NotPlain();
  // As TypeScript has it, what is imported and used as a type only is not imported.
  for (const specifier of imported) {
    if (specifier.importKind !== "type" && mentioned.has(specifier.local.name)) continue;
    blank(specifier.start, specifier.end + (/^\s*,/.exec(text.slice(specifier.end))?.[0].length ?? 0));
  }
  let bare = "";
  let done = 0;
  for (const [start, end] of blanks.sort(([a], [b]) => a - b)) {
    // A type inside a type that is gone already.
    if (end <= done) continue;
    bare += text.slice(done, Math.max(start, done)) + text.slice(Math.max(start, done), end).replace(/[^\r\n\u2028\u2029]/g, " ");
    done = end;
  }
  return bare + text.slice(done);
}

/** Whether nothing is left of a node without types. */
function isErased(node: AnyNode): boolean {
  if (node.type === "ImportDeclaration") return node.importKind === "type";
  if (node.type === "ImportSpecifier") return true;
  if (node.type !== "ExportNamedDeclaration") return false;
  return node.exportKind === "type" || node.declaration?.type === "TSInterfaceDeclaration" || node.declaration?.type === "TSTypeAliasDeclaration";
}

/** Whether `untyped` is `typed` without its types, place for place. */
function sameTree(typed: AnyNode, untyped: AnyNode, keys: Keys): boolean {
  if (typed.type === "TSAsExpression" || typed.type === "TSSatisfiesExpression" || typed.type === "TSNonNullExpression")
    return sameTree(typed.expression as AnyNode, untyped, keys);
  if (typed.type !== untyped.type || (typed.type !== "Program" && typed.start !== untyped.start)) return false;
  const [these, those] = [typed, untyped].map((node) => children(node, keys).filter((child) => !isErased(child)));
  if (these === undefined || those === undefined || these.length !== those.length) return false;
  return these.every((child, i) => {
    const other = those[i];
    return other !== undefined && sameTree(child, other, keys);
  });
}
