/**
 * All minimal sets of changes that make a property hold, found with implicit hitting sets (Moreno-Centeno and Karp 2013;
 * for fences: Kuperstein, Vechev and Yahav, "Automatic Inference of Memory Fences", 2010). A set that fails yields a
 * counterexample, and that a list of changes of which at least one is needed; the next set is a lightest one that
 * hits all lists. Every set is tried before those that it is part of, so that a larger one may achieve less.
 */

export interface Choice<T> {
  readonly value: T;
  /** More for a change that costs more; positive. */
  readonly weight: number;
}

/** What checking a set showed. */
export type Trial<T> =
  | { readonly kind: "holds" }
  /**
   * None of these is in the set, and without any of them the counterexample stays. Empty: no set helps. `given`: as long as
   * these, which are in the set, are there; without it the counterexample stays with any others.
   */
  | { readonly kind: "fails"; readonly needs: readonly T[]; readonly given?: readonly T[] };

export interface Search<T> {
  readonly choices: readonly Choice<T>[];
  /** Whether having `a` gives all that having `b` gives; reflexive. */
  covers(a: T, b: T): boolean;
  /** Whether two changes are of one place, so that a set has one of them at most. */
  excludes(a: T, b: T): boolean;
  /** Tries a set. */
  check(set: readonly T[]): Promise<Trial<T>>;
  /** Asked before each check. */
  goesOn(found: number, checks: number): boolean;
}

export interface MinimalSets<T> {
  /** Lightest first. */
  readonly sets: readonly (readonly T[])[];
  readonly checks: number;
  /** Every minimal set is there. */
  readonly complete: boolean;
}

/** Finds them. */
export async function minimalSets<T>({ choices, covers, excludes, check, goesOn }: Search<T>): Promise<MinimalSets<T>> {
  const weights = new Map(choices.map(({ value, weight }) => [value, weight]));
  const place = new Map(choices.map(({ value }, index) => [value, index]));
  const lists: { readonly needs: readonly T[]; readonly given: readonly T[] }[] = [];
  const sets: (readonly T[])[] = [];
  const open: { readonly set: readonly T[]; readonly weight: number }[] = [{ set: [], weight: 0 }];
  const seen = new Set([""]);
  let checks = 0;
  const has = (set: readonly T[], wanted: T): boolean => set.some((each) => covers(each, wanted));
  while (open.length > 0) {
    let best = 0;
    for (const [index, { weight }] of open.entries()) if (weight < (open[best]?.weight ?? 0)) best = index;
    const set = open[best]?.set ?? [];
    open.splice(best, 1);
    if (sets.some((known) => known.every((each) => has(set, each)))) continue;
    let missed = lists.find(({ needs, given }) => given.every((each) => set.includes(each)) && !needs.some((each) => has(set, each)))?.needs;
    if (missed === undefined) {
      if (!goesOn(sets.length, checks)) return { sets, checks, complete: false };
      checks++;
      const trial = await check(set);
      if (trial.kind === "holds") {
        sets.push(set);
        continue;
      }
      if (trial.needs.some((each) => has(set, each))) throw new Error("a counterexample asks for a change that has been made");
      lists.push({ needs: trial.needs, given: trial.given ?? [] });
      missed = trial.needs;
    }
    for (const each of missed) {
      const others = set.filter((other) => !excludes(each, other));
      // Only a stronger change of the same place can take another's part; there is one that does.
      if (!set.every((other) => others.includes(other) || covers(each, other))) continue;
      const next = [...others, each].sort((a, b) => (place.get(a) ?? 0) - (place.get(b) ?? 0));
      const key = next.map((other) => place.get(other)).join();
      if (seen.has(key)) continue;
      seen.add(key);
      open.push({ set: next, weight: next.reduce((sum, other) => sum + (weights.get(other) ?? 1), 0) });
    }
  }
  return { sets, checks, complete: true };
}
