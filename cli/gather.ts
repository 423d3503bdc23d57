/** From the names on the command line to the list of checks: specifications, their protocols, the parameters that are swept. */
import { nearestName } from "../model/language/names.ts";
import { SpecError } from "../model/loader/diagnostic.ts";
import { type LoadedSpec, loadSpec } from "../model/loader/load.ts";
import { type CheckResult, failedToLoad, type Job } from "./check.ts";
import { UsageError } from "./exit.ts";
import { memoryGiven, type MemoryOptions } from "./memory-options.ts";
import { combinations, type Sweep } from "./options.ts";
import { findTargets } from "./targets.ts";

export interface Wanted extends MemoryOptions {
  readonly param?: Sweep;
  readonly export?: string;
}
export interface Gathered {
  /** All that could be loaded. */
  readonly specs: readonly LoadedSpec[];
  readonly jobs: readonly Job[];
  /** Specifications that could not be loaded. */
  readonly failed: readonly CheckResult[];
}

/** Loads all specifications and makes the list of checks. */
export async function gather(
  names: readonly string[],
  options: Wanted,
  signal: AbortSignal,
  isWanted: (spec: LoadedSpec) => boolean = () => true,
): Promise<Gathered> {
  const failed: CheckResult[] = [];
  const specs: LoadedSpec[] = [];
  const targets = findTargets(names);
  for (const target of targets) {
    if (signal.aborted) break;
    try {
      specs.push(await loadSpec(target.path, { patience: 10 }));
    } catch (error) {
      if (!(error instanceof SpecError)) throw error;
      // Helper modules lie beside specifications; only one that was named itself must be a specification.
      if (!target.explicit && error.diagnostics.every((problem) => problem.code === "IPC005")) continue;
      failed.push(failedToLoad(target.path, error));
    }
  }
  if (specs.length === 0 && failed.length === 0 && !signal.aborted) throw new UsageError(`no module in ${names.join(", ")} exports a protocol`);

  const wanted = specs
    .filter(isWanted)
    .flatMap((spec) =>
      spec.protocols.filter(({ exportName }) => options.export === undefined || exportName === options.export).map((declared) => ({ spec, declared })),
    );
  if (wanted.length === 0 && specs.some(isWanted)) {
    const known = [...new Set(specs.flatMap((spec) => spec.protocols.map(({ exportName }) => exportName)))];
    throw new UsageError(`no protocol is exported as "${options.export}"; there are ${known.join(", ")}`);
  }
  const sweep = options.param ?? {};
  const declared = [...new Set(wanted.flatMap((job) => Object.keys(job.declared.protocol.parameters)))];
  for (const name of Object.keys(sweep)) {
    if (declared.includes(name) || wanted.length === 0) continue;
    const near = nearestName(name, declared);
    throw new UsageError(
      `no protocol has a parameter "${name}"${near !== null ? `; did you mean "${near}"?` : declared.length > 0 ? `; there are ${declared.join(", ")}` : ""}`,
    );
  }
  const jobs = wanted.flatMap(({ spec, declared }): Job[] => {
    const own = Object.fromEntries(Object.entries(sweep).filter(([name]) => name in declared.protocol.parameters));
    return combinations(own).map((parameters) => ({ spec, declared, parameters, memoryModel: memoryGiven(options) }));
  });
  return { specs, jobs, failed };
}
