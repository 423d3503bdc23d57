/**
 * A search that leaves out what partial order can, where that is sound for all that is looked for, and the unreduced ones
 * before and after it: few states are all visited, and a counterexample is called the shortest only once an unreduced search
 * to its depth has found none that is shorter.
 */
import { type Interval, reachableRanges } from "../../../model/system/narrow.ts";
import { anew } from "../../../model/system/keep.ts";
import type { System } from "../../../model/system/system.ts";
import type { SearchOptions, SearchResult } from "../../result.ts";
import { Footprints } from "./footprints.ts";
import { type PartialOrder, partialOrder, unfit } from "./reduction.ts";
import { watchFootprints } from "./watch.ts";

/** States whose steps are compared with their footprints, if IPC_CHECK_SETS=1 asks for that. */
const watched = 2_000;
/** With fewer states than this there is nothing to be gained. */
const few = 20_000;

/** One search, with the ranges of the system's variables. */
export type SearchOnce = (options: SearchOptions, order: PartialOrder, ranges: readonly (readonly Interval[])[]) => Promise<SearchResult>;

const off = (reason: string): PartialOrder => ({ reduction: null, reason });

export async function searchReduced(original: System, options: SearchOptions, once: SearchOnce): Promise<SearchResult> {
  const { keep = anew } = options;
  const ranges = await keep("ranges", () => reachableRanges(original));
  const why = reasonAgainst(options) ?? unfit(original);
  if (why !== null) return once(options, off(why), ranges);
  const began = performance.now();
  if (options.partialOrder === "large" && options.checkpoint === undefined) {
    const { maxStates = Number.POSITIVE_INFINITY } = options;
    const all = await once({ ...options, maxStates: Math.min(few, maxStates) }, off(`there are no more than ${few} states`), ranges);
    if (all.bound !== "states" || maxStates <= few) return all;
  }
  if (process.env["IPC_CHECK_SETS"] === "1") {
    const [wrong] = watchFootprints(original, new Footprints(original, ranges), watched);
    if (wrong !== undefined) throw new Error(`a footprint is wrong: ${wrong}`);
  }
  const order = await keep("partial order", () => partialOrder(original, ranges));
  const left = timeLeft(options, began);
  if (order.reduction === null) return lasting(await once({ ...options, ...left }, order, ranges), began);
  // A census is taken of few states only, or of all.
  const { census: _, censusLimit: __, ...plain } = options;
  const reduced = await once({ ...plain, ...left }, order, ranges);
  if (reduced.verdict !== "violated") return lasting(reduced, began);
  const { checkpoint: ___, ...again } = plain;
  const full = await once({ ...again, ...timeLeft(options, began) }, off("confirms what the reduced search has found"), ranges);
  if (full.verdict === "holds") throw new Error("the reduced search found a violation that the unreduced one does not find");
  // A bound kept the unreduced search from its end: what was found is a violation, if not the shortest.
  if (full.verdict === "inconclusive") return lasting(reduced, began);
  return lasting({ ...full, stats: { ...full.stats, partialOrder: { used: true, reason: null, confirmed: true } } }, began);
}

const lasting = (result: SearchResult, began: number): SearchResult => ({ ...result, stats: { ...result.stats, seconds: (performance.now() - began) / 1000 } });

function timeLeft({ timeout }: SearchOptions, began: number): Pick<SearchOptions, "timeout"> {
  return timeout === undefined ? {} : { timeout: Math.max(0, timeout - (performance.now() - began) / 1000) };
}

/** Why the search, as it is asked for, leaves nothing out. */
function reasonAgainst({ partialOrder: asked, sample, maxDepth, census, censusLimit }: SearchOptions): string | null {
  if (asked === undefined) return "not asked for";
  if (sample !== undefined) return "a sample is taken";
  if (maxDepth !== undefined) return "a bound on depth is meant in steps of the unreduced search";
  if (census !== undefined && censusLimit === undefined) return "all states are counted";
  return null;
}
