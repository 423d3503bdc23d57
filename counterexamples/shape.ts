/**
 * Checks for data that comes from outside: each takes a value and where it was found, and returns it typed, or says what
 * is wrong there. Small on purpose; nothing of the data is ever run.
 */

/** Characters of a message at most. */
const longest = 300;

/** The first thing that is wrong, and where: `steps[3].operation`. */
export class ShapeError extends Error {
  readonly where: string;
  constructor(where: string, problem: string) {
    const text = `${where === "" ? "the document" : where} ${problem}`;
    // A name from the document may be of any length.
    super(text.length <= longest ? text : `${text.slice(0, longest)}…`);
    this.where = where;
  }
}

export type Shape<T> = (value: unknown, where: string) => T;

function describe(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "an object";
  if (typeof value === "string") return value.length <= 40 ? JSON.stringify(value) : "a long string";
  return typeof value === "number" || typeof value === "boolean" ? String(value) : `a ${typeof value}`;
}

export const text: Shape<string> = (value, where) => {
  if (typeof value !== "string") throw new ShapeError(where, `must be a string, not ${describe(value)}`);
  return value;
};
export const truth: Shape<boolean> = (value, where) => {
  if (typeof value !== "boolean") throw new ShapeError(where, `must be true or false, not ${describe(value)}`);
  return value;
};
export function integer(min: number, max: number): Shape<number> {
  return (value, where) => {
    if (typeof value !== "number" || !Number.isInteger(value)) throw new ShapeError(where, `must be an integer, not ${describe(value)}`);
    if (value < min || value > max) throw new ShapeError(where, `must be in ${min}..${max}, not ${value}`);
    return value;
  };
}
export function literal<const V extends string | number>(...values: readonly V[]): Shape<V> {
  return (value, where) => {
    const found = values.find((each) => each === value);
    if (found === undefined) throw new ShapeError(where, `must be ${values.map((each) => JSON.stringify(each)).join(" or ")}, not ${describe(value)}`);
    return found;
  };
}
export function nullable<T>(shape: Shape<T>): Shape<T | null> {
  return (value, where) => (value === null ? null : shape(value, where));
}
/** The first of two shapes if the value passes `isFirst`, else the second. */
export function either<A, B>(isFirst: (value: unknown) => boolean, first: Shape<A>, second: Shape<B>): Shape<A | B> {
  return (value, where) => (isFirst(value) ? first(value, where) : second(value, where));
}
export function list<T>(of: Shape<T>, most: number): Shape<readonly T[]> {
  return (value, where) => {
    if (!Array.isArray(value)) throw new ShapeError(where, `must be a list, not ${describe(value)}`);
    if (value.length > most) throw new ShapeError(where, `has ${value.length} entries; the most is ${most}`);
    return value.map((each, index) => of(each, `${where}[${index}]`));
  };
}
function fields(value: unknown, where: string): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new ShapeError(where, `must be an object, not ${describe(value)}`);
  return value as Record<string, unknown>;
}
/** An object whose keys are data. */
export function table<T>(of: Shape<T>): Shape<Readonly<Record<string, T>>> {
  return (value, where) => Object.fromEntries(Object.entries(fields(value, where)).map(([key, each]) => [key, of(each, `${where}[${JSON.stringify(key)}]`)]));
}
/** An object with these fields, and perhaps those of `optional`; others are left out. */
export function object<T extends object>(shapes: { readonly [K in keyof T]: Shape<T[K]> }, optional: Readonly<Record<string, Shape<unknown>>> = {}): Shape<T> {
  return (value, where) => {
    const given = fields(value, where);
    const checked = Object.entries<Shape<unknown>>(shapes as Record<string, Shape<unknown>>).map(([name, shape]) => {
      const path = where === "" ? name : `${where}.${name}`;
      if (!Object.hasOwn(given, name)) throw new ShapeError(path, "is missing");
      return [name, shape(given[name], path)];
    });
    for (const [name, shape] of Object.entries(optional))
      if (Object.hasOwn(given, name)) checked.push([name, shape(given[name], where === "" ? name : `${where}.${name}`)]);
    return Object.fromEntries(checked) as T;
  };
}
