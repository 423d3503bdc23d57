/**
 * A baseline: violations that are known and accepted, and how many states each check had. A run against it fails for what is
 * new only; `--update-baseline` writes down what a run has found.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { integer, list, literal, object, type Shape, ShapeError, table, text } from "../counterexamples/shape.ts";
import { memoryModels } from "../model/language/memory-model.ts";
import type { CheckResult } from "./check.ts";
import { UsageError } from "./exit.ts";
import { exact } from "./units.ts";

interface Accepted {
  readonly kind: string;
  readonly property: string;
}
/** One check as it was. */
export interface BaselineCheck {
  readonly spec: string;
  readonly export: string;
  readonly parameters: Readonly<Record<string, number>>;
  readonly memoryModel: string;
  readonly states: number;
  readonly violations: readonly Accepted[];
}
export interface Baseline {
  readonly format: "ipc-check baseline";
  readonly schemaVersion: 1;
  readonly checks: readonly BaselineCheck[];
}

/** Something about a result besides its verdict. */
export interface Remark {
  readonly rule: "baseline" | "budget";
  /** Makes the run fail. */
  readonly failing: boolean;
  readonly message: string;
}

/** More than a baseline of any project has. */
const mostBytes = 64 * 2 ** 20;
const whole = integer(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
const shape: Shape<Baseline> = object<Baseline>({
  format: literal("ipc-check baseline"),
  schemaVersion: literal(1),
  checks: list(
    object<BaselineCheck>({
      spec: text,
      export: text,
      parameters: table(whole),
      memoryModel: literal(...memoryModels),
      states: integer(0, Number.MAX_SAFE_INTEGER),
      violations: list(object<Accepted>({ kind: text, property: text }), 1_000),
    }),
    100_000,
  ),
});

/** Reads a baseline; one that is not there is an error unless it is about to be written. */
export function readBaseline(file: string, mayBeAbsent: boolean): Baseline {
  if (!existsSync(file)) {
    if (mayBeAbsent) return { format: "ipc-check baseline", schemaVersion: 1, checks: [] };
    throw new UsageError(`there is no baseline ${file}; --update-baseline writes one`);
  }
  try {
    const content = readFileSync(file);
    if (content.length > mostBytes) throw new ShapeError("", `is larger than ${mostBytes} bytes`);
    return shape(JSON.parse(content.toString("utf8")), "");
  } catch (error) {
    throw new UsageError(`${file} is no baseline that can be used: ${(error as Error).message}; --update-baseline writes it anew`);
  }
}

/** Parameters in one order, so that equal checks have equal keys. */
function sorted(parameters: Readonly<Record<string, number>>): Readonly<Record<string, number>> {
  return Object.fromEntries(Object.entries(parameters).sort(([a], [b]) => (a < b ? -1 : 1)));
}
function keyOf({ spec, export: name, parameters, memoryModel }: Pick<BaselineCheck, "spec" | "export" | "parameters" | "memoryModel">): string {
  return JSON.stringify([spec, name, sorted(parameters), memoryModel]);
}
function checkOf({ spec, exportName, parameters, memoryModel, stats, violations }: CheckResult): BaselineCheck {
  const found = new Map(violations.map(({ kind, property }) => [`${kind} ${property}`, { kind, property }]));
  return {
    spec,
    export: exportName ?? "",
    parameters: sorted(parameters),
    memoryModel: memoryModel.model,
    states: stats?.states ?? 0,
    violations: [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, each]) => each),
  };
}

/** What the baseline says of a result: which of its violations are accepted, and what has changed. */
export function compare(
  baseline: Baseline,
  result: CheckResult,
  growth: number,
): { readonly accepted: readonly boolean[]; readonly remarks: readonly Remark[] } {
  const now = checkOf(result);
  const before = baseline.checks.find((each) => keyOf(each) === keyOf(now));
  if (before === undefined) return { accepted: result.violations.map(() => false), remarks: [] };
  const isKnown = ({ kind, property }: Accepted): boolean => before.violations.some((each) => each.kind === kind && each.property === property);
  // A search that ended early says nothing about what it did not come to.
  const gone = result.verdict === "holds" ? before.violations : [];
  const remarks: Remark[] = gone.map(({ kind, property }) => ({
    rule: "baseline",
    failing: false,
    message: `${kind === property ? kind : `${kind} (${property})`} of the baseline is no longer found; --update-baseline takes it out`,
  }));
  if (result.verdict === "holds" && before.violations.length === 0 && before.states > 0 && now.states > growth * before.states)
    remarks.push({
      rule: "baseline",
      failing: false,
      message: `${exact(now.states)} states, ${(now.states / before.states).toFixed(1)} times those of the baseline (${exact(before.states)})`,
    });
  return { accepted: result.violations.map(isKnown), remarks };
}

/** Writes the results into the baseline; checks that were not made stay as they were, inconclusive ones too. */
export function updateBaseline(file: string, baseline: Baseline, results: readonly CheckResult[]): void {
  const checks = new Map(baseline.checks.map((each) => [keyOf(each), each]));
  for (const result of results) {
    if (result.verdict !== "holds" && result.verdict !== "violated") continue;
    const check = checkOf(result);
    checks.set(keyOf(check), check);
  }
  const document: Baseline = {
    format: "ipc-check baseline",
    schemaVersion: 1,
    checks: [...checks].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, each]) => each),
  };
  try {
    writeFileSync(file, `${JSON.stringify(document, null, 2)}\n`);
  } catch (error) {
    throw new UsageError(`the baseline cannot be written to ${file}: ${(error as Error).message}`);
  }
}
