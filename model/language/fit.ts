/** What a declared local does to the values that it is given when the program really runs: wrap, or fail. */
import type { DomainShape } from "./domain.ts";
import { OutOfRange } from "./operation.ts";

/** The value as `domain` takes it. Throws {@link OutOfRange} for one outside. */
export function fitLocal(domain: DomainShape, name: string, value: unknown): unknown {
  switch (domain.kind) {
    case "int":
      if (typeof value !== "number" || !Number.isInteger(value)) throw new OutOfRange(`${name} = ${String(value)} is not an integer`);
      if (domain.wraps) return ((value % (domain.max + 1)) + (domain.max + 1)) % (domain.max + 1);
      if (value < domain.min || value > domain.max) throw new OutOfRange(`${name} = ${value} is outside ${domain.min}..${domain.max}`);
      return value;
    case "record":
      if (typeof value !== "object" || value === null) return value;
      return Object.fromEntries(
        Object.entries(domain.fields).map(([field, of]) => [field, fitLocal(of, `${name}.${field}`, (value as Record<string, unknown>)[field])]),
      );
    default:
      return value;
  }
}
