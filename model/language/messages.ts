/** Every value that a message can have, for the most general client. */
import { type Domain, nobody, type ThreadId } from "./domain.ts";

/** The values of a scalar or record domain; threads are those that are held, and nobody. */
export function messagesOf<M>(domain: Domain<M>, threads: readonly ThreadId[]): readonly M[] {
  const values = (of: Domain): readonly unknown[] => {
    switch (of.kind) {
      case "int":
        return Array.from({ length: of.max - of.min + 1 }, (_, i) => of.min + i);
      case "boolean":
        return [false, true];
      case "enum":
        return of.values;
      case "thread":
        return [nobody, ...threads];
      case "record":
        return Object.entries(of.fields).reduce<readonly object[]>(
          (rows, [name, field]) => rows.flatMap((row) => values(field).map((value) => ({ ...row, [name]: value }))),
          [{}],
        );
      default:
        throw new TypeError(`a message cannot carry ${of.kind === "array" || of.kind === "object" ? "an" : "a"} ${of.kind}`);
    }
  };
  return values(domain) as readonly M[];
}
