/** Loads the executable paths of a protocol's kernel and of its types of objects. Caller holds: nothing. */
import type { Instance } from "../../model/language/protocol.ts";
import type { PathFactory } from "./path.ts";

/** The protocol has no executable form; the message says why. */
export class NotExecutable extends Error {}

/** Loads the executable paths of a protocol's kernel and objects. Throws {@link NotExecutable}. */
export async function loadPaths(instance: Instance): Promise<readonly PathFactory[]> {
  const { kernel } = instance.protocol;
  const types = new Map(instance.objects.map(({ type }) => [type.name, type]));
  const sources = [
    { what: `the kernel "${kernel.name}"`, operations: kernel.operations, machine: kernel.machine },
    ...[...types.values()].map((type) => ({ what: `objects of type "${type.name}"`, operations: type.operations, machine: type.machine })),
  ];
  const factories: PathFactory[] = [];
  for (const { what, operations, machine } of sources) {
    if (machine === null) {
      if (operations.length > 0) throw new NotExecutable(`${what} have no executable path`.replace(/^(the kernel .*) have/, "$1 has"));
      continue;
    }
    const module = (await machine()) as { readonly default?: unknown };
    if (typeof module.default !== "function") throw new NotExecutable(`the executable path of ${what} has no default export`);
    // A kernel and its objects may share one path.
    if (!factories.includes(module.default as PathFactory)) factories.push(module.default as PathFactory);
  }
  return factories;
}
