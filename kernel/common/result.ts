/** Results of system calls as programs get them: fields that an error leaves without meaning throw when they are read. Caller holds: nothing. */
import type { OperationDeclaration } from "../../model/language/kernel.ts";
import { UnhandledError } from "../../model/language/operation.ts";
import type { Results } from "./path.ts";

/** Guards `results`, which nobody else has, as `operation` declares. */
export function guardedResult(operation: OperationDeclaration, results: Results): Results {
  const { guarded } = operation;
  if (guarded === null || results[guarded.by] === guarded.ok) return results;
  const properties = Object.entries(results).map(([name, value]): [string, PropertyDescriptor] => {
    if (!guarded.fields.includes(name)) return [name, { value, enumerable: true }];
    const get = (): never => {
      throw new UnhandledError(`.${name} is read although ${operation.name} ended with ${guarded.by} "${String(results[guarded.by])}"`);
    };
    return [name, { get, enumerable: true }];
  });
  return Object.freeze(Object.defineProperties({}, Object.fromEntries(properties)) as Results);
}
