/** Values that the most general client may put where a domain is asked for. Caller holds: nothing. */
import { type Domain, type DomainShape, initialOf } from "../../model/language/domain.ts";

/** All values of a small domain, and the first of a large one. */
export function valuesOf(domain: DomainShape): readonly unknown[] {
  switch (domain.kind) {
    case "boolean":
      return [false, true];
    case "int":
      return Array.from({ length: Math.min(domain.max - domain.min + 1, 256) }, (_, step) => domain.min + step);
    case "enum":
      return domain.values;
    case "record":
      return Object.entries(domain.fields).reduce<readonly Readonly<Record<string, unknown>>[]>(
        (rows, [name, of]) => rows.flatMap((row) => valuesOf(of).map((value) => ({ ...row, [name]: value }))),
        [{}],
      );
    default:
      return [initialOf(domain as Domain)];
  }
}
