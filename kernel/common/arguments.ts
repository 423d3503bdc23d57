/** Arguments of system calls as the domains that their operations declare take them. */
import type { DomainShape, ThreadHandle } from "../../model/language/domain.ts";
import type { OperationDeclaration } from "../../model/language/kernel.ts";
import { CellHandle } from "../../model/language/memory.ts";
import { OutOfRange } from "../../model/language/operation.ts";
import { wordFormat } from "./words.ts";

/** The arguments, wrapped where their domains wrap. Throws {@link OutOfRange} for one outside its domain. */
export function fitArguments(
  operation: OperationDeclaration,
  args: Readonly<Record<string, unknown>>,
  threads: readonly ThreadHandle[],
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(operation.args).map(([name, domain]) => [name, fit(domain, args[name], `${operation.name}: ${name}`, threads)]));
}

function fit(domain: DomainShape, value: unknown, name: string, threads: readonly ThreadHandle[]): unknown {
  switch (domain.kind) {
    case "cell":
      if (!(value instanceof CellHandle)) throw new OutOfRange(`${name} is not a cell`);
      return value;
    case "object":
      if (value === null && domain.optional === true) return value;
      if (typeof value !== "object" || value === null || !("index" in value)) throw new OutOfRange(`${name} is not an object`);
      return value;
    default: {
      const format = wordFormat(domain, threads);
      const words = format.encode(value, name);
      return format.decode((offset) => words[offset] ?? 0);
    }
  }
}
