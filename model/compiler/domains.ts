/** From declared domains to scalar leaves: their types, ranges and initial values. */
import type { DomainShape } from "../language/domain.ts";
import { ThreadHandle } from "../language/domain.ts";
import type { ValueType } from "../system/system.ts";
import { boolean, integer, isPlainObject, thread } from "./values.ts";

/** A scalar part of a domain, at a dotted path inside it (empty for the domain itself). */
export interface Leaf {
  readonly path: string;
  readonly type: ValueType;
  readonly min: number;
  readonly max: number;
  readonly init: number;
  readonly wraps: boolean;
}

/** How many threads and cells there are. */
export interface Sizes {
  readonly threads: number;
  readonly cells: number;
}

/** Either part may be empty. */
export const joinPath = (path: string, field: string): string => (path === "" ? field : field === "" ? path : `${path}.${field}`);

const enums = new Map<string, ValueType>();
/** The type of an enum domain; the same names give the same object. */
export function enumType(values: readonly string[]): ValueType & { readonly kind: "enum" } {
  const key = JSON.stringify(values);
  let type = enums.get(key);
  if (type === undefined) {
    type = { kind: "enum", values };
    enums.set(key, type);
  }
  return type as ValueType & { readonly kind: "enum" };
}

/** The scalar that a domain is, or null if it is composed. */
export function leafOf(domain: DomainShape, sizes: Sizes, path: string = ""): Leaf | null {
  switch (domain.kind) {
    case "int":
      return { path, type: integer, min: domain.min, max: domain.max, init: domain.init, wraps: domain.wraps };
    case "boolean":
      return { path, type: boolean, min: 0, max: 1, init: domain.init ? 1 : 0, wraps: false };
    case "enum":
      return { path, type: enumType(domain.values), min: 0, max: domain.values.length - 1, init: domain.values.indexOf(domain.init), wraps: false };
    case "thread":
      return { path, type: thread, min: -1, max: sizes.threads - 1, init: -1, wraps: false };
    case "address":
      return { path, type: integer, min: -1, max: sizes.cells - 1, init: -1, wraps: false };
    case "ghost":
      return leafOf(domain.of, sizes, path);
    default:
      return null;
  }
}

/** All scalar leaves of a scalar or record domain, in order of declaration; references to cells and objects have none. */
export function leavesOf(domain: DomainShape, sizes: Sizes, path: string = ""): readonly Leaf[] {
  if (domain.kind === "record") return Object.entries(domain.fields).flatMap(([name, of]) => leavesOf(of, sizes, joinPath(path, name)));
  const leaf = leafOf(domain, sizes, path);
  return leaf === null ? [] : [leaf];
}

/** The scalar type and number of a native value, or null if it has none. Strings are their own enum. */
export function scalarOf(value: unknown): { readonly type: ValueType; readonly value: number } | null {
  if (typeof value === "number") return { type: integer, value };
  if (typeof value === "boolean") return { type: boolean, value: value ? 1 : 0 };
  if (typeof value === "string") return { type: enumType([value]), value: 0 };
  if (value instanceof ThreadHandle) return { type: thread, value: value.id };
  return null;
}

/** A domain as the source writes it. */
export function describeDomain(domain: DomainShape): string {
  switch (domain.kind) {
    case "int":
      return domain.wraps ? `wrapping(${domain.max + 1})` : `int(${domain.min}, ${domain.max})`;
    case "boolean":
      return "bool()";
    case "enum":
      return domain.role === "timeout" ? "timeout" : `oneOf(${domain.values.map((value) => JSON.stringify(value)).join(", ")})`;
    case "thread":
      return "threadId";
    case "ghost":
      return `ghost(${describeDomain(domain.of)})`;
    case "record":
      return `record({ ${Object.keys(domain.fields).join(", ")} })`;
    case "array":
      return `array(${domain.length}, ${describeDomain(domain.of)})`;
    case "queue":
      return `queue(${describeDomain(domain.of)})`;
    case "address":
      return "address";
    case "cell":
      return "cellRef";
    case "object":
      return "objectRef";
  }
}

/** Whether a value is a domain made by `int()`, `oneOf()` and the like. */
export function isDomain(value: unknown): value is DomainShape {
  return (
    isPlainObject(value) &&
    typeof value["kind"] === "string" &&
    ["int", "boolean", "enum", "thread", "record", "array", "queue", "ghost", "address", "cell", "object"].includes(value["kind"])
  );
}
