/** docs/mutation.md: one row for each kernel, the last one that was measured. */
import { readFileSync, writeFileSync } from "node:fs";

export interface Row {
  readonly kernel: string;
  /** All mutants there are, without those that change nothing. */
  readonly of: number;
  readonly equivalent: number;
  /** Those that were judged. */
  readonly mutants: number;
  readonly rejected: number;
  readonly library: number;
  readonly conformance: number;
  readonly seed: number;
}

/** Share of the mutants that can be written and are noticed. */
export function shareOf({ mutants, rejected, library, conformance }: Row): number {
  return mutants === rejected ? 0 : (library + conformance) / (mutants - rejected);
}

const file = "docs/mutation.md";
const head = "| kernel |";

/** Replaces the kernels' rows of the table, and leaves the others as they are. */
export function writeRows(rows: readonly Row[]): void {
  const lines = readFileSync(file, "utf8").trimEnd().split("\n");
  const start = lines.findIndex((line) => line.startsWith(head)) + 2;
  const end = lines.findIndex((line, index) => index >= start && !line.startsWith("|"));
  const stop = end === -1 ? lines.length : end;
  const kept = lines.slice(start, stop).filter((line) => !rows.some(({ kernel }) => line.startsWith(`| ${kernel} |`)));
  const cells = rows.map((row) => {
    const judged = row.mutants === row.of ? `all ${row.of}` : `${row.mutants} of ${row.of}, seed ${row.seed}`;
    const share = `${(100 * shareOf(row)).toFixed(1)} %`;
    return `| ${[row.kernel, judged, row.equivalent, row.rejected, row.library, row.conformance, row.mutants - row.rejected - row.library - row.conformance, share].join(" | ")} |`;
  });
  writeFileSync(file, `${[...lines.slice(0, start), ...[...kept, ...cells].sort(), ...lines.slice(stop)].join("\n")}\n`);
}
