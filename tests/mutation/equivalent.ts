/**
 * Mutants that change nothing a protocol can see: equivalent.json lists them by hand, each with a reason that a reader can check, since
 * whether a mutant is equivalent is not decidable. They are named by rule and text, which outlast changes of other rules.
 */
import { readFileSync } from "node:fs";
import type { Mutant } from "./mutants.ts";

export interface Equivalent {
  readonly kernel: string;
  readonly operator: string;
  readonly file: string;
  readonly where: string;
  /** Where rules of several operations are called so. */
  readonly operation?: string;
  readonly text: string;
  readonly reason: string;
}

export const equivalents: readonly Equivalent[] = JSON.parse(readFileSync("tests/mutation/equivalent.json", "utf8"));

const means = (each: Equivalent, { operator, place, where, text, operations }: Mutant): boolean =>
  each.operator === operator &&
  place.startsWith(`ipc-check/kernel/${each.kernel}/${each.file}.js:`) &&
  each.where === where &&
  (each.operation === undefined || operations.has(each.operation)) &&
  each.text === text;

/** Those of all mutants of a kernel that change nothing. An entry that does not mean exactly one of them is wrong. */
export function withoutEffect(kernel: string, all: readonly Mutant[]): ReadonlySet<Mutant> {
  const found = equivalents
    .filter((each) => each.kernel === kernel)
    .map((each) => {
      const meant = all.filter((mutant) => means(each, mutant));
      if (meant.length !== 1) throw new Error(`equivalent.json means ${meant.length} mutants of ${kernel} by ${each.operator} in ${each.where}: ${each.text}`);
      return meant;
    });
  return new Set(found.flat());
}
