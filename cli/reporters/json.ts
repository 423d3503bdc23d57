/** The document of `verify --json`; its schema is `counterexamples/schemas/results.schema.json`. */
import { toolManifest } from "../../model/loader/tool.ts";
import type { Site } from "../../model/language/operation.ts";
import { isAsExpected } from "../check.ts";
import type { Reported } from "../verify.ts";

interface Location {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}
const location = (site: Site | null): Location | null => (site === null ? null : { file: site.file, line: site.line, column: site.column });

/** One result. */
export function resultDocument({ result, files, accepted, remarks }: Reported, expect: boolean): object {
  return {
    spec: result.spec,
    export: result.exportName,
    protocol: result.protocol,
    parameters: result.parameters,
    kernel: result.kernel,
    memoryModel: result.memoryModel.model,
    verdict: result.verdict,
    bound: result.bound,
    ...(expect ? { asExpected: isAsExpected(result) } : {}),
    violations: result.violations.map(({ property, kind, message, site, trace, replay }, i) => ({
      property,
      kind,
      message,
      location: location(site),
      steps: trace === null ? null : trace.steps.length,
      trace: files[i] ?? null,
      accepted: accepted[i] ?? false,
      replay: { verdict: replay.verdict, step: replay.verdict === "diverged" ? replay.step : null },
    })),
    diagnostics: result.diagnostics.map(({ code, message, site, hint }) => ({ code, message, location: location(site), hint })),
    warnings: result.warnings.map(({ kind, message, site }) => ({ kind, message, location: location(site) })),
    remarks,
    rules: result.rules,
    profile:
      result.profile === null ? null : { ...result.profile, steps: result.profile.steps.map(({ site, ...step }) => ({ ...step, location: location(site) })) },
    stats:
      result.stats === null
        ? null
        : {
            states: result.stats.states,
            transitions: result.stats.transitions,
            depth: result.stats.depth,
            frontier: result.stats.frontier,
            estimate: result.stats.estimate,
            seconds: result.stats.seconds,
            generating: result.stats.generating,
            exploring: result.stats.exploring,
            bytesPerState: result.stats.bytesPerState,
            onDisk: result.stats.onDisk,
            workers: result.stats.workers,
            store: result.stats.store,
            omission: result.stats.omission,
            unchecked: result.stats.unchecked,
            sample: result.stats.sample,
            reductions: [
              ...((result.stats.symmetry?.groups.length ?? 0) > 0 ? ["symmetry"] : []),
              ...(result.stats.partialOrder.used ? ["partial-order"] : []),
            ],
            ...(result.stats.shadow === undefined ? {} : { shadow: result.stats.shadow }),
            symmetry:
              result.stats.symmetry === null
                ? null
                : {
                    groups: result.stats.symmetry.groups,
                    apart: result.stats.symmetry.apart.map(({ name, reason, site }) => ({ name, reason, location: location(site) })),
                    exact: result.stats.symmetry.exact,
                  },
            partialOrder: result.stats.partialOrder,
          },
  };
}

/** The whole document. */
export function document(results: readonly Reported[], expect: boolean): object {
  return {
    schemaVersion: 1,
    tool: { name: "ipc-check", version: toolManifest().version },
    results: results.map((each) => resultDocument(each, expect)),
  };
}
