/** Errors in a declaration, placed at the property that they are about: `threads.client.count`. */
import type { Node } from "@oxc-project/types";
import type { DeclarationError, Protocol } from "../language/protocol.ts";
import { diagnostic, SpecError } from "./diagnostic.ts";
import { type ModuleSource, oxc, sourceOf } from "./registry.ts";

export interface Place {
  readonly module: ModuleSource;
  readonly start: number;
  readonly end: number;
}

/** The error of instantiating a protocol, as a diagnostic. */
export function declarationError(protocol: Protocol, error: DeclarationError): SpecError {
  const functions = [...Object.values(protocol.threads).map((thread) => thread.run), ...Object.values(protocol.invariants)];
  const module = functions.map(sourceOf).find((source) => source !== null)?.module ?? null;
  const place = module === null ? null : placeInCall(module, error.where, (call) => isNamed(call, protocol.name));
  return new SpecError([diagnostic("IPC007", `${protocol.name}: ${error.where === "" ? "" : `${error.where}: `}${error.message}`, place)], { cause: error });
}

type Call = Extract<Node, { type: "CallExpression" }>;

/** The first argument is the name, also where it is put together from pieces. */
function isNamed(call: Call, name: string): boolean {
  const first = call.arguments[0];
  return first?.type === "Literal" && first.value === name;
}

/** The key of the property `where` in the object literal that a matching call has as its second argument. */
export function placeInCall(module: ModuleSource, where: string, matches: (call: Call) => boolean): Place | null {
  const call = findCall(module.program, matches);
  if (call === null) return null;
  let place: Node = call.callee;
  let value: Node | undefined = call.arguments[1];
  for (const name of where === "" ? [] : where.split(".")) {
    // `liveness` is a function that returns its properties.
    if (value?.type === "ArrowFunctionExpression") value = value.body.type === "ParenthesizedExpression" ? value.body.expression : value.body;
    if (value?.type !== "ObjectExpression") break;
    const property: Node | undefined = value.properties.find((each) => each.type === "Property" && !each.computed && nameOf(each.key) === name);
    if (property?.type !== "Property") break;
    place = property.key;
    value = property.value;
  }
  return { module, start: place.start, end: place.end };
}

function nameOf(key: Node): string | null {
  return key.type === "Identifier" ? key.name : key.type === "Literal" ? String(key.value) : null;
}

function findCall(root: Node, matches: (call: Call) => boolean): Call | null {
  const { visitorKeys } = oxc();
  const visit = (node: Node): Call | null => {
    if (node.type === "CallExpression" && matches(node)) return node;
    for (const key of visitorKeys[node.type] ?? []) {
      const child = (node as unknown as Record<string, unknown>)[key];
      for (const each of Array.isArray(child) ? child : [child]) {
        const found = typeof each === "object" && each !== null && "type" in each ? visit(each as Node) : null;
        if (found !== null) return found;
      }
    }
    return null;
  };
  return visit(root);
}
