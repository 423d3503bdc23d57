/** What of a run's results somebody should look at, told the same way in every report. */
import { type CheckResult, isAsExpected, type Violation } from "../check.ts";
import type { Reported } from "../verify.ts";

/** One thing to look at. */
export interface Failure {
  /** The violation's kind, the code of a diagnostic, or what else is wrong. */
  readonly rule: string;
  readonly title: string;
  readonly message: string;
  readonly location: { readonly file: string; readonly line: number; readonly column: number };
  readonly violation: Violation | null;
  /** Where its trace was written. */
  readonly file: string | null;
  /** Nothing is known to be wrong, but not everything was searched. */
  readonly inconclusive: boolean;
}

/** `rpc.ts (default) clients=3`: what a check is called. */
export function checkName({ spec, exportName, parameters, varied }: CheckResult): string {
  const settings = varied
    ? Object.entries(parameters)
        .map(([name, value]) => ` ${name}=${value}`)
        .join("")
    : "";
  return `${spec}${exportName === null ? "" : ` (${exportName})`}${settings}`;
}

/** Everything of a result that counts against the run; empty if it holds, or is as expected where that is asked. */
export function failures({ result, files, accepted, remarks }: Reported, expect: boolean): readonly Failure[] {
  const start = { file: result.spec, line: 1, column: 1 };
  const plain = { violation: null, file: null, inconclusive: false } as const;
  const spent = remarks
    .filter(({ failing }) => failing)
    .map(({ rule, message }): Failure => ({ ...plain, rule, title: rule, message: `${result.protocol ?? result.spec}: ${message}`, location: start }));
  if (expect && isAsExpected(result)) return spent;
  const found = result.violations.flatMap((violation, index): readonly Failure[] => {
    if (accepted[index] === true) return [];
    const { kind, property, message, site, trace, replay } = violation;
    // A violation of a state has no place of its own: the last thing that was done is the nearest.
    const last = trace?.steps.findLast((step) => step.site !== null)?.site ?? null;
    const { file, line, column } = site ?? last ?? start;
    const diverged = replay.verdict === "diverged" ? ` The executable kernel disagrees at step ${replay.step}: ${replay.message}` : "";
    return [
      {
        rule: kind,
        title: property === kind ? kind : `${kind}: ${property}`,
        message: `${result.protocol ?? result.spec}: ${message}${diverged}`,
        location: { file, line, column },
        violation,
        file: files[index] ?? null,
        inconclusive: false,
      },
    ];
  });
  const problems = result.diagnostics.map(
    ({ code, message, site, hint }): Failure => ({
      ...plain,
      rule: code,
      title: code,
      message: hint === null ? message : `${message} (${hint})`,
      location: site === null ? start : { file: site.file, line: site.line, column: site.column },
    }),
  );
  const open: readonly Failure[] =
    result.verdict === "inconclusive"
      ? [
          {
            ...plain,
            rule: "inconclusive",
            title: "inconclusive",
            message: `${result.protocol ?? result.spec}: not all states were visited (${result.bound ?? "a bound"} was reached)`,
            location: start,
            inconclusive: true,
          },
        ]
      : [];
  const missed: readonly Failure[] =
    expect &&
    result.expected !== "holds" &&
    !result.violations.some(({ kind }) => result.expected !== "holds" && kind === result.expected.violated) &&
    result.verdict !== "error"
      ? [
          {
            ...plain,
            rule: "expectation",
            title: "expectation",
            message: `${result.protocol ?? result.spec}: expected ${result.expected.violated}, found ${result.verdict}`,
            location: start,
          },
        ]
      : [];
  return [...found, ...problems, ...open, ...missed, ...spent];
}
