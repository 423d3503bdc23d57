/** Commands that work on one protocol: which of a specification's, and with which parameters. */
import { nearestName } from "../model/language/names.ts";
import type { LoadedSpec } from "../model/loader/load.ts";
import type { Job } from "./check.ts";
import { UsageError } from "./exit.ts";
import type { Sweep } from "./options.ts";

/** The protocol that `wanted` names by its export or its own name; without a name the only one, or the default export. */
export function oneProtocol(spec: LoadedSpec, file: string, wanted: string | undefined, sweep: Sweep): Job {
  const { protocols } = spec;
  const declared =
    protocols.find(({ exportName }) => exportName === (wanted ?? (protocols.length === 1 ? exportName : "default"))) ??
    protocols.find(({ protocol }) => protocol.name === wanted);
  if (declared === undefined) throw new UsageError(`${file} exports ${protocols.map(({ exportName }) => exportName).join(", ")}; choose one with --export`);
  return { spec, declared, parameters: single(sweep, Object.keys(declared.protocol.parameters)) };
}

/** One value for each parameter. */
function single(sweep: Sweep, known: readonly string[]): Readonly<Record<string, number>> {
  return Object.fromEntries(
    Object.entries(sweep).map(([name, values]) => {
      if (!known.includes(name)) {
        const near = nearestName(name, known);
        const hint = near !== null ? `; did you mean "${near}"?` : known.length === 0 ? "" : `; it has ${known.join(", ")}`;
        throw new UsageError(`the protocol has no parameter "${name}"${hint}`);
      }
      if (values.length !== 1) throw new UsageError(`--param ${name} must have one value here`);
      return [name, values[0] as number];
    }),
  );
}
