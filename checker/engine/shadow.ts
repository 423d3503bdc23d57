/**
 * The unreduced search beside the reduced one. A reduction that leaves out what matters gives wrong verdicts and says
 * nothing; so whoever doubts one can have both, and a difference is an error of the tool.
 */
import { type SearchOptions, type SearchResult, ShadowDifference } from "../result.ts";

/** The reduced search's result, once an unreduced one has come to the same. Throws {@link ShadowDifference}. */
export async function shadowed(options: SearchOptions, search: (options: SearchOptions) => Promise<SearchResult>): Promise<SearchResult> {
  const { shadow: _, ...given } = options;
  const { symmetry: _symmetry, partialOrder: _partialOrder, checkpoint: _checkpoint, census: _census, ...rest } = given;
  const reduced = await search({ ...given, patient: true });
  const whole = await search({ ...rest, patient: true });
  const difference = reduced.bound === null && whole.bound === null ? differenceOf(reduced, whole) : null;
  if (difference !== null) throw new ShadowDifference(difference);
  const { states, transitions, seconds } = whole.stats;
  return { ...reduced, stats: { ...reduced.stats, shadow: { states, transitions, seconds, compared: reduced.bound === null && whole.bound === null } } };
}

/** What the two disagree about; counterexamples may be others, but must be as long. Of runs that repeat the same properties must be violated. */
function differenceOf(reduced: SearchResult, whole: SearchResult): string | null {
  const says = ({ verdict, findings }: SearchResult): string => {
    const runs = new Set(findings.flatMap(({ loop, property }) => (loop === undefined ? [] : [property])));
    if (runs.size > 0) return `${verdict}, ${[...runs].sort().join(", ")} by a run`;
    const length = Math.min(...findings.map(({ path }) => path.length));
    const shortest = findings.filter(({ path }) => path.length === length).map(({ kind, property }) => `${kind} (${property})`);
    return findings.length === 0 ? verdict : `${verdict}, ${[...new Set(shortest)].sort().join(", ")} after ${length} steps`;
  };
  const [with_, without] = [says(reduced), says(whole)];
  return with_ === without ? null : `the reduced search says "${with_}", the unreduced one "${without}"`;
}
