/**
 * Values as the naive checker keeps them: the plain JavaScript values that protocols compute with. This file compares
 * them (a canonical text for each), gives domains their initial value and holds assigned values to their domain.
 */
import { type DomainShape, elementOf, nobody, ThreadHandle } from "../../model/language/domain.ts";
import { CellHandle } from "../../model/language/memory.ts";
import { OutOfRange, UnhandledError } from "../../model/language/operation.ts";

/** How many elements a queue of capacity "threads" holds. */
export interface Sizes {
  readonly threads: number;
}

/** The value that a variable of the domain starts with. */
export function initialValue(domain: DomainShape): unknown {
  switch (domain.kind) {
    case "int":
    case "boolean":
    case "enum":
      return domain.init;
    case "thread":
      return nobody;
    case "address":
      return -1;
    case "ghost":
      return initialValue(domain.of);
    case "queue":
      return [];
    case "array":
      return Array.from({ length: domain.length }, (_, index) => initialValue(elementOf(domain, index)));
    case "record":
      return Object.fromEntries(Object.entries(domain.fields).map(([name, of]) => [name, initialValue(of)]));
    case "cell":
    case "object":
      return null;
  }
}

/** The value as a variable of the domain holds it: wrapped if the domain wraps, {@link OutOfRange} if it does not fit. */
export function fit(domain: DomainShape, value: unknown, name: string, sizes: Sizes): unknown {
  const outside = (): never => {
    throw new OutOfRange(`${name} leaves its range`);
  };
  switch (domain.kind) {
    case "int": {
      if (typeof value !== "number" || !Number.isInteger(value)) return outside();
      if (domain.wraps) {
        const size = domain.max + 1;
        return ((value % size) + size) % size;
      }
      return value < domain.min || value > domain.max ? outside() : value + 0;
    }
    case "boolean":
      return typeof value === "boolean" ? value : outside();
    case "enum":
      return typeof value === "string" && domain.values.includes(value) ? value : outside();
    case "thread":
      return value instanceof ThreadHandle ? value : outside();
    case "address":
      return typeof value === "number" ? value : outside();
    case "cell":
    case "object":
      return value;
    case "ghost":
      return fit(domain.of, value, name, sizes);
    case "queue": {
      if (!Array.isArray(value) || value.length > (domain.capacity === "threads" ? sizes.threads : domain.capacity)) return outside();
      return value.map((element) => fit(domain.of, element, name, sizes));
    }
    case "array":
      return Array.isArray(value) && value.length === domain.length ? value.map((element) => fit(domain.of, element, name, sizes)) : outside();
    case "record": {
      if (typeof value !== "object" || value === null) return outside();
      return Object.fromEntries(
        Object.entries(domain.fields).map(([field, of]) => [field, fit(of, (value as Record<string, unknown>)[field], `${name}.${field}`, sizes)]),
      );
    }
  }
}

const unguarded = new WeakMap<object, object>();
/** A result whose `fields` must not be read although the operation failed: reading one is the violation `unhandled-error`. */
export function guardResult(
  result: Readonly<Record<string, unknown>>,
  guarded: { readonly by: string; readonly ok: string; readonly fields: readonly string[] } | null,
): object {
  if (guarded === null || result[guarded.by] === guarded.ok) return result;
  const view = {};
  for (const [name, value] of Object.entries(result)) {
    const get = (): unknown => {
      if (guarded.fields.includes(name)) throw new UnhandledError(`${name} is read although ${guarded.by} is ${String(result[guarded.by])}`);
      return value;
    };
    Object.defineProperty(view, name, { enumerable: true, get });
  }
  unguarded.set(view, result);
  return view;
}

const numbers = new WeakMap<object, number>();
let last = 0;
/** A number of its own for each object that counts by identity: handles, functions, syntax nodes. */
export function identity(object: object): number {
  let number = numbers.get(object);
  if (number === undefined) numbers.set(object, (number = ++last));
  return number;
}

/** Canonical text: two values have the same text if and only if no protocol can tell them apart. */
export function textOf(value: unknown): string {
  if (value instanceof ThreadHandle) return value.id < 0 ? "nobody" : `thread ${value.id}`;
  if (value instanceof CellHandle) return `cell ${value.address}`;
  if (Array.isArray(value)) return `[${value.map(textOf).join()}]`;
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "function") return `#${identity(value)}`;
  if (typeof value !== "object" || value === null) return Object.is(value, -0) ? "0" : String(value);
  const plain = unguarded.get(value) ?? value;
  if (Object.getPrototypeOf(plain) !== Object.prototype) return `#${identity(plain)}`;
  return `{${Object.keys(plain)
    .sort()
    .map((name) => `${name}:${textOf((plain as Record<string, unknown>)[name])}`)
    .join()}}`;
}
