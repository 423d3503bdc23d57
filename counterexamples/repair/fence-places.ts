/**
 * Where a specification's text could have fences, and which orders its atomic operations could have. A fence is a
 * statement of its own, before a statement that performs operations; an order is the last argument of an operation.
 */
import { type AnyNode, children } from "../../model/loader/scopes.ts";
import { oxc } from "../../model/loader/registry.ts";
import type { Order } from "../../model/language/memory.ts";
import type { Edit } from "./edits.ts";

/** A statement before which a fence can stand. */
export interface FencePlace {
  readonly kind: "fence";
  readonly file: string;
  /** Offset of the statement. */
  readonly offset: number;
  readonly indent: string;
  /** Offsets of the `yield*` expressions that come after the fence, before any other place. */
  readonly before: readonly number[];
}
/** An atomic operation whose order can be chosen. */
export interface OrderPlace {
  readonly kind: "order";
  readonly file: string;
  /** Offset of its `yield*`. */
  readonly offset: number;
  readonly action: AtomicAction;
  /** Where the argument stands, or belongs. */
  readonly argument: Pick<Edit, "offset" | "remove">;
  /** The order that is written there; null: none, which means seq_cst. */
  readonly given: string | null;
  /** What stands before the argument if it has to be added. */
  readonly comma: string;
}
export type Place = FencePlace | OrderPlace;
export type AtomicAction = "load" | "store" | "exchange" | "compareExchange" | "fetchAdd";

/** Arguments before the order. */
const arity: Readonly<Record<AtomicAction, number>> = { load: 0, store: 1, exchange: 1, compareExchange: 2, fetchAdd: 1 };

export interface Places {
  readonly places: readonly Place[];
  /** Fences that are there, by the offset of their `yield*`: deleting them is the edit. */
  readonly fences: readonly { readonly offset: number; readonly edit: Edit }[];
  /** What the module calls `fence`, and the edit that makes it known there; null if it is. */
  readonly fence: { readonly name: string; readonly edit: Edit | null };
}

function called(node: AnyNode): { readonly object: AnyNode | null; readonly name: string; readonly args: readonly AnyNode[]; readonly end: number } | null {
  if (node.type !== "CallExpression") return null;
  const callee = node.callee as AnyNode;
  const args = node.arguments as readonly AnyNode[];
  if (callee.type === "Identifier") return { object: null, name: callee.name, args, end: node.end };
  if (callee.type === "MemberExpression" && !callee.computed) {
    const property = callee.property as AnyNode;
    if (property.type === "Identifier") return { object: callee.object as AnyNode, name: property.name, args, end: node.end };
  }
  return null;
}

/** Looks through one module. */
export function placesOf(file: string, text: string): Places {
  const { parseSync, visitorKeys: keys } = oxc();
  const { program } = parseSync(file, text, {});
  const fence = fenceOf(program as AnyNode);
  const places: Place[] = [];
  const fences: { readonly offset: number; readonly edit: Edit }[] = [];

  /** `yield*` expressions that run when a statement begins, or in a part of it that has no block of its own. */
  const heads = (node: AnyNode, within: AnyNode | null): readonly AnyNode[] => {
    if (within !== null && (node.type === "BlockStatement" || (within.type === "SwitchCase" && /Statement$|Declaration$/u.test(node.type)))) return [];
    const inside = children(node, keys).flatMap((child) => heads(child, node));
    return node.type === "YieldExpression" && node.delegate ? [...inside, node] : inside;
  };
  const isFence = (node: AnyNode): boolean => node.type === "YieldExpression" && node.delegate && called(node.argument as AnyNode)?.name === fence.name;
  const statements = (list: readonly AnyNode[]): void => {
    for (const statement of list) {
      const yields = heads(statement, null);
      if (statement.type === "ExpressionStatement" && isFence(statement.expression as AnyNode))
        fences.push({ offset: (statement.expression as AnyNode).start, edit: lineOf(text, statement) });
      else if (yields.length > 0) {
        const start = text.lastIndexOf("\n", statement.start) + 1;
        const indent = text.slice(start, statement.start);
        places.push({ kind: "fence", file, offset: statement.start, indent: /^\s*$/u.test(indent) ? indent : "", before: yields.map((each) => each.start) });
      }
    }
  };
  const visit = (node: AnyNode, isInGenerator: boolean): void => {
    const isBody = isInGenerator || (/Function/u.test(node.type) && "generator" in node && node.generator === true);
    if (isBody && node.type === "BlockStatement") statements(node.body as readonly AnyNode[]);
    if (isBody && node.type === "SwitchCase") statements(node.consequent as readonly AnyNode[]);
    if (node.type === "YieldExpression" && node.delegate) {
      const call = called(node.argument as AnyNode);
      const action = call === null || call.object === null ? undefined : (Object.keys(arity) as AtomicAction[]).find((name) => name === call.name);
      if (call !== null && action !== undefined) {
        const wanted = arity[action];
        const given = call.args[wanted];
        if (given === undefined && call.args.length === wanted)
          places.push({
            kind: "order",
            file,
            offset: node.start,
            action,
            argument: { offset: call.end - 1, remove: 0 },
            given: null,
            comma: wanted === 0 ? "" : ", ",
          });
        else if (given?.type === "Literal" && typeof given.value === "string")
          places.push({
            kind: "order",
            file,
            offset: node.start,
            action,
            argument: { offset: given.start, remove: given.end - given.start },
            given: given.value,
            comma: "",
          });
      }
    }
    for (const child of children(node, keys)) visit(child, isBody);
  };
  visit(program as AnyNode, false);
  return { places, fences, fence };
}

/** The whole line of a statement that stands alone on it. */
function lineOf(text: string, { start, end }: AnyNode): Edit {
  const from = text.lastIndexOf("\n", start) + 1;
  const next = text.indexOf("\n", end);
  const to = next < 0 ? text.length : next + 1;
  const alone = text.slice(from, start).trim() === "" && text.slice(end, to).trim() === "";
  return alone ? { offset: from, remove: to - from, insert: "" } : { offset: start, remove: end - start, insert: "" };
}

interface Imported {
  readonly imported: AnyNode;
  readonly local: { readonly name: string };
  readonly start: number;
}

/** How the module imports `fence`, or would; a statement that imports types only has no place for it. */
function fenceOf(program: AnyNode): Places["fence"] {
  let place: Edit | null = null;
  for (const statement of (program as AnyNode & { readonly body: readonly AnyNode[] }).body) {
    if (statement.type !== "ImportDeclaration" || statement.source.value !== "ipc-check" || statement.importKind === "type") continue;
    const named = statement.specifiers.filter((each) => each.type === "ImportSpecifier") as unknown as readonly Imported[];
    const known = named.find(({ imported }) => imported.type === "Identifier" && imported.name === "fence");
    if (known !== undefined) return { name: known.local.name, edit: null };
    if (named[0] !== undefined) place ??= { offset: named[0].start, remove: 0, insert: "fence, " };
  }
  return { name: "fence", edit: place ?? { offset: 0, remove: 0, insert: 'import { fence } from "ipc-check";\n' } };
}

/** The edit that puts a fence there. */
export function fenceEdit({ offset, indent }: FencePlace, order: Order, name: string): Edit {
  const fence = order === "seq_cst" ? `yield* ${name}();` : `yield* ${name}("${order}");`;
  return { offset, remove: 0, insert: indent === "" ? `${fence} ` : `${fence}\n${indent}` };
}

/** The edit that gives an operation this order. */
export function orderEdit({ argument, comma }: OrderPlace, order: Order): Edit {
  return { ...argument, insert: `${comma}"${order}"` };
}

/** The edit that takes its order, and what stands before it, out again. */
export function withoutOrder({ argument }: OrderPlace, comma: string): Edit {
  return { offset: argument.offset - comma.length, remove: argument.remove + comma.length, insert: "" };
}
