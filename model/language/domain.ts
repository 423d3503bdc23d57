/**
 * Value domains: the finite sets that shared memory, kernel state, operation arguments and declared locals range over.
 *
 * A domain is plain data (the compiler, the naive checker and the machine all read it) that also carries two types:
 * the `Value` that a read yields, and the `Access` that a thread gets when memory is declared with the domain.
 */
import type { Cell, CellArray, GhostOf, QueueAccess } from "./memory.ts";

declare const valueType: unique symbol;
declare const accessType: unique symbol;

interface Typed<Value, Access> {
  readonly [valueType]?: Value;
  readonly [accessType]?: Access;
}

/** The data of a domain, as the compiler sees it. Ranges are inclusive; `init` is the value at the start. */
export type DomainShape =
  | { readonly kind: "int"; readonly min: number; readonly max: number; readonly init: number; readonly wraps: boolean }
  | { readonly kind: "boolean"; readonly init: boolean }
  | { readonly kind: "enum"; readonly values: readonly string[]; readonly init: string; readonly role?: "timeout" }
  | { readonly kind: "thread" }
  | { readonly kind: "record"; readonly fields: Readonly<Record<string, DomainShape>> }
  | { readonly kind: "array"; readonly length: number; readonly of: DomainShape; readonly init?: readonly (number | boolean | string)[] }
  | { readonly kind: "queue"; readonly of: DomainShape; readonly capacity: number | "threads" }
  | { readonly kind: "ghost"; readonly of: DomainShape }
  | { readonly kind: "address" }
  | { readonly kind: "cell" }
  | { readonly kind: "object"; readonly optional?: boolean };

export type Domain<Value = unknown, Access = unknown> = DomainShape & Typed<Value, Access>;

export type ValueOf<D> = D extends Typed<infer V, unknown> ? V : never;
export type AccessOf<D> = D extends Typed<unknown, infer A> ? A : never;

declare const threadBrand: unique symbol;
/** Names a thread. Thread ids are compared and passed on, nothing else, so that replicas stay interchangeable. */
export interface ThreadId {
  readonly [threadBrand]: "thread";
}

/** Runtime form of a thread id: `id` is the thread's number in the protocol, -1 for {@link nobody}. */
export class ThreadHandle {
  readonly id: number;
  readonly name: string;
  constructor(id: number, name: string) {
    this.id = id;
    this.name = name;
    Object.freeze(this);
  }
}

/** No thread: the partner of a receive that takes any sender, the value of an empty `threadId` field. */
export const nobody: ThreadId = new ThreadHandle(-1, "nobody") as unknown as ThreadId;

/** Integers `min..max`, both included. Leaving the range is a violation, never a silent wrap. */
export function int(min: number, max: number, init: number = min <= 0 && 0 <= max ? 0 : min): Domain<number, Cell<number>> {
  for (const [name, value] of [
    ["min", min],
    ["max", max],
    ["init", init],
  ] as const) {
    if (!Number.isSafeInteger(value) || Math.abs(value) > 0x7fff_ffff)
      throw new RangeError(`int(): ${name} must be an integer of at most 32 bits, not ${value}`);
  }
  if (min > max) throw new RangeError(`int(${min}, ${max}): the lower bound is above the upper bound`);
  if (init < min || init > max) throw new RangeError(`int(${min}, ${max}, ${init}): the initial value is outside the range`);
  return { kind: "int", min, max, init, wraps: false };
}

/** Integers `0..size-1` that wrap on overflow, as a machine word of that many values does. */
export function wrapping(size: number, init: number = 0): Domain<number, Cell<number>> {
  if (!Number.isSafeInteger(size) || size < 2 || size > 0x8000_0000) throw new RangeError(`wrapping(${size}): the size must be 2..2^31`);
  if (!Number.isSafeInteger(init) || init < 0 || init >= size) throw new RangeError(`wrapping(${size}, ${init}): the initial value is outside the range`);
  return { kind: "int", min: 0, max: size - 1, init, wraps: true };
}

/** An unsigned byte; wraps. */
export const u8: Domain<number, Cell<number>> = wrapping(0x100);
/** An unsigned 16-bit word; wraps. */
export const u16: Domain<number, Cell<number>> = wrapping(0x1_0000);

/** A boolean. */
export function bool(init: boolean = false): Domain<boolean, Cell<boolean>> {
  return { kind: "boolean", init };
}
/** A boolean that starts as false. */
export const flag: Domain<boolean, Cell<boolean>> = bool();

/** One of the given names; the first is the initial value. */
export function oneOf<const V extends string>(...values: readonly [V, ...V[]]): Domain<V, Cell<V>> {
  if (new Set(values).size !== values.length) throw new RangeError(`oneOf(${values.join(", ")}): a name is given twice`);
  return { kind: "enum", values, init: values[0] };
}

/** A flag {zero, infinite} per phase, or "finite": a timer that may or may not fire at every point where it could. */
export type Timeout = "zero" | "infinite" | "finite";
export const timeout: Domain<Timeout, Cell<Timeout>> = { kind: "enum", values: ["infinite", "zero", "finite"], init: "infinite", role: "timeout" };

/** A thread of the protocol, or `nobody` (the initial value). */
export const threadId: Domain<ThreadId, Cell<ThreadId>> = { kind: "thread" };

/** A fixed record. In memory each field is a cell of its own. */
export function record<const F extends Readonly<Record<string, Domain>>>(
  fields: F,
): Domain<{ readonly [K in keyof F]: ValueOf<F[K]> }, { readonly [K in keyof F]: AccessOf<F[K]> }> {
  return { kind: "record", fields };
}

/** A fixed array of `length` elements. `init` gives each number, flag or name the value that it starts with. */
export function array<V, A>(length: number, of: Domain<V, A>, init?: readonly (V & (number | boolean | string))[]): Domain<readonly V[], CellArray<A>> {
  if (!Number.isSafeInteger(length) || length < 1 || length > 4096) throw new RangeError(`array(${length}): the length must be 1..4096`);
  if (init === undefined) return { kind: "array", length, of };
  if (of.kind !== "int" && of.kind !== "boolean" && of.kind !== "enum") throw new TypeError(`array(${length}): only numbers, flags and names are given values`);
  const isIn = (value: number | boolean | string): boolean =>
    of.kind === "int"
      ? Number.isInteger(value) && Number(value) >= of.min && Number(value) <= of.max
      : of.kind === "boolean" || of.values.includes(String(value));
  if (init.length !== length || !init.every(isIn)) throw new RangeError(`array(${length}): init needs ${length} values of the domain`);
  return { kind: "array", length, of, init };
}

/** The domain of one element of an array, with the value that this element starts with. */
export function elementOf(domain: DomainShape & { readonly kind: "array" }, index: number): DomainShape {
  const init = domain.init?.[index];
  return init === undefined ? domain.of : ({ ...domain.of, init } as DomainShape);
}

/** A first-in-first-out queue; in kernel state its default capacity is the number of threads. Usable inside one step only. */
export function queue<V>(of: Domain<V>, capacity: number | "threads" = "threads"): Domain<readonly V[], QueueAccess<V>> {
  return { kind: "queue", of, capacity };
}

/** State that exists for the proof only: written between two `yield*`, invisible to the memory model and to race detection. */
export function ghost<V, A>(of: Domain<V, A>): Domain<V, GhostOf<A>> {
  return { kind: "ghost", of };
}

/** The address of a shared-memory cell, or -1 for none (the initial value). For kernel state. */
export const address: Domain<number, Cell<number>> = { kind: "address" };
/** An operation argument that names a shared-memory cell (futex addresses). */
export const cellRef: Domain<Cell<number>> = { kind: "cell" };
/** An operation argument that names a kernel object. */
export const objectRef: Domain<import("./kernel.ts").ObjectRef> = { kind: "object" };
/** An operation argument that names a kernel object, or none. */
export const objectRefOrNull: Domain<import("./kernel.ts").ObjectRef | null> = { kind: "object", optional: true };

/** The value that a domain starts with; kernels put it into fields that are not in use. */
export function initialOf<V>(domain: Domain<V>): V {
  switch (domain.kind) {
    case "int":
    case "boolean":
    case "enum":
      return domain.init as V;
    case "record":
      return Object.fromEntries(Object.entries(domain.fields).map(([name, of]) => [name, initialOf(of as Domain)])) as V;
    case "thread":
      return nobody as V;
    default:
      throw new TypeError(`a message cannot carry ${domain.kind === "array" || domain.kind === "object" ? "an" : "a"} ${domain.kind}`);
  }
}
