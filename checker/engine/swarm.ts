/**
 * Many short searches instead of one that does not fit (Holzmann, Joshi, Groce: "Swarm Verification Techniques", 2011).
 * Each keeps bits only, with a hash function of its own, and of levels that are wider than its share goes on from a part
 * that its own seed chooses: so each covers another part of the states, down to their full depth. Number i of a swarm with
 * seed s is the search with seed s + i.
 */
import type { SearchResult, Swarm } from "../result.ts";

/** One search of a swarm. */
export interface Member {
  readonly seed: number;
  readonly width: number;
}

/** Searches until a violation is found, or one search has left nothing out, or all are done. */
export async function swarm({ searches, width, seed }: Swarm, search: (member: Member) => Promise<SearchResult>): Promise<SearchResult> {
  let best: SearchResult | null = null;
  let [seconds, generating, transitions, done] = [0, 0, 0, 0];
  const result = (of: SearchResult): SearchResult => ({
    ...of,
    stats: {
      ...of.stats,
      seconds,
      generating,
      exploring: seconds - generating,
      transitions,
      sample: { kind: "swarm", seed, done, rules: null, fired: null, estimate: null },
    },
  });
  while (done < searches) {
    const found = await search({ seed: seed + done, width });
    done++;
    seconds += found.stats.seconds;
    generating += found.stats.generating;
    transitions += found.stats.transitions;
    if (found.verdict !== "inconclusive" || (found.bound !== "sampled" && found.bound !== "memory")) return result(found);
    // The figures are those of the search that came furthest.
    if (best === null || found.stats.states > best.stats.states) best = found;
  }
  if (best === null) throw new RangeError("a swarm has at least one search");
  return result(best);
}
