/** Misspelt names: declarations are checked when they are made, for specifications that no editor has type-checked. */

/** The known name that is nearest to a misspelt one, if one is near. */
export function nearestName(name: string, known: readonly string[]): string | null {
  let best: string | null = null;
  let least = Math.max(1, Math.floor(name.length / 3)) + 1;
  for (const candidate of known) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance < least) {
      best = candidate;
      least = distance;
    }
  }
  return best;
}

/** Insertions, deletions, substitutions and exchanges of neighbours (optimal string alignment, after Damerau 1964). */
function editDistance(a: string, b: string): number {
  let before: readonly number[] = [];
  let row: readonly number[] = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      const exchanged = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      next.push(
        Math.min(
          (row[j] ?? 0) + 1,
          (next[j - 1] ?? 0) + 1,
          (row[j - 1] ?? 0) + (same ? 0 : 1),
          exchanged ? (before[j - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY,
        ),
      );
    }
    before = row;
    row = next;
  }
  return row[b.length] ?? 0;
}

/** Says which of an object's keys is not among `known`, and which was perhaps meant; null if all are. */
export function unknownKey(object: object, known: readonly string[]): { readonly key: string; readonly message: string } | null {
  const key = Object.keys(object).find((each) => !known.includes(each));
  if (key === undefined) return null;
  const near = nearestName(key, known);
  return { key, message: `there is no option "${key}"${near === null ? `; there are ${known.join(", ")}` : `; did you mean "${near}"?`}` };
}

/** Throws if `options` of the function `call` has a key that is not known. */
export function onlyOptions(call: string, options: object, known: readonly string[]): void {
  const unknown = unknownKey(options, known);
  if (unknown !== null) throw new TypeError(`${call}(): ${unknown.message}`);
}
