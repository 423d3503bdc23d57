/**
 * Why no assignment of timeouts will do: of all reasons that were met, few that together rule every assignment out. An
 * unsatisfiable subset of least size, found by trying all of one size before those of the next; if there are too many, a subset of
 * which no part would do.
 */

/** A reason rules out every set that has all of `given` and none of `needs`. */
export interface Reason<T, Why> {
  readonly given: readonly T[];
  readonly needs: readonly T[];
  readonly why: Why;
}

/** More subsets than this are not tried. */
const mostSubsets = 20_000;

/** `flags`: the changes of each timeout, of which a set has one at most. The reasons rule everything out. */
export function shortestReasons<T, Why>(reasons: readonly Reason<T, Why>[], flags: readonly (readonly T[])[]): readonly Why[] {
  let tried = 0;
  for (let size = 1; size <= reasons.length; size++) {
    for (const subset of subsets(reasons, size)) {
      if (++tried > mostSubsets) return irreducible(reasons, flags).map(({ why }) => why);
      if (isEverything(subset, flags)) return subset.map(({ why }) => why);
    }
  }
  return reasons.map(({ why }) => why);
}

function irreducible<T, Why>(reasons: readonly Reason<T, Why>[], flags: readonly (readonly T[])[]): readonly Reason<T, Why>[] {
  let left = reasons;
  for (const reason of reasons) {
    const without = left.filter((each) => each !== reason);
    if (isEverything(without, flags)) left = without;
  }
  return left;
}

function* subsets<T>(items: readonly T[], size: number, from: number = 0): Generator<readonly T[]> {
  if (size === 0) {
    yield [];
    return;
  }
  for (let i = from; i <= items.length - size; i++) for (const rest of subsets(items, size - 1, i + 1)) yield [items[i] as T, ...rest];
}

/** Whether every set is ruled out: timeouts are chosen one by one, and only those that a reason speaks of. */
function isEverything<T, Why>(reasons: readonly Reason<T, Why>[], flags: readonly (readonly T[])[]): boolean {
  if (reasons.some(({ given, needs }) => given.length + needs.length === 0)) return true;
  const flag = flags.find((changes) => reasons.some(({ given, needs }) => changes.some((each) => given.includes(each) || needs.includes(each))));
  if (flag === undefined) return false;
  const rest = flags.filter((each) => each !== flag);
  return [null, ...flag].every((choice) => {
    const left = reasons.flatMap(({ given, needs, why }): readonly Reason<T, Why>[] => {
      const isMissed = flag.some((each) => given.includes(each) && each !== choice) || (choice !== null && needs.includes(choice));
      return isMissed ? [] : [{ given: given.filter((each) => !flag.includes(each)), needs: needs.filter((each) => !flag.includes(each)), why }];
    });
    return isEverything(left, rest);
  });
}
