/** Arguments of system calls against the domains that their operations declare. */
import type { DomainShape, ThreadHandle } from "../../model/language/domain.ts";
import type { OperationDeclaration } from "../../model/language/kernel.ts";
import { OutOfRange } from "../../model/language/operation.ts";
import type { Instance } from "../../model/language/protocol.ts";
import { CellHandle } from "../../model/language/memory.ts";
import { wordFormat } from "./words.ts";

/** Throws {@link OutOfRange} for an argument outside its domain. */
export function checkArguments(operation: OperationDeclaration, args: Readonly<Record<string, unknown>>, instance: Instance): void {
  for (const [name, domain] of Object.entries(operation.args))
    argumentWords(
      domain,
      args[name],
      `${operation.name}: ${name}`,
      instance.threads.map(({ handle }) => handle),
    );
}

/** An argument as numbers, as the transition system has it: cells by address, objects by number. */
export function argumentWords(domain: DomainShape, value: unknown, name: string, threads: readonly ThreadHandle[]): readonly number[] {
  switch (domain.kind) {
    case "cell":
      if (!(value instanceof CellHandle)) throw new OutOfRange(`${name} is not a cell`);
      return [value.address];
    case "object":
      if (typeof value !== "object" || value === null || !("index" in value)) throw new OutOfRange(`${name} is not an object`);
      return [Number(value.index)];
    case "int":
      // Arguments do not wrap: a word is what the caller put there.
      return wordFormat({ ...domain, wraps: false }, threads).encode(value, name);
    default:
      return wordFormat(domain, threads).encode(value, name);
  }
}
