/**
 * `repair --timeouts`: every minimal assignment of timeouts to the operations of the trusted threads with which all
 * properties hold and, with correct partners, whoever waits for an answer gets one; what it costs, and how the text then reads.
 */
import type { SearchOptions } from "../../checker/result.ts";
import type { Timeout } from "../../model/language/domain.ts";
import type { Instance } from "../../model/language/protocol.ts";
import type { Phase } from "../../model/language/timed.ts";
import type { LoadedSpec } from "../../model/loader/load.ts";
import { shownPath } from "../../model/loader/registry.ts";
import { unifiedDiff } from "./edits.ts";
import type { ReadText } from "./fences.ts";
import { type TimeoutChange, waysOf } from "./timeout-changes.ts";
import { failuresOf, type PossibleFailure } from "./timeout-costs.ts";
import { Inconclusive, TimeoutSearch } from "./timeout-search.ts";
import type { Partners } from "./timeout-systems.ts";

export { NothingToRepair } from "./timeout-systems.ts";

export interface TimeoutRepairJob {
  readonly spec: LoadedSpec;
  readonly exportName: string;
  /** The protocol as it is, with its parameters and on its memory. */
  readonly instance: Instance;
  readonly read: ReadText;
  readonly search: SearchOptions;
  /** Try timeouts that may fire at any moment as well. */
  readonly finite: boolean;
  /** After so many sets the search stops. */
  readonly most: number;
  readonly onSearch?: (searches: number) => void;
}

/** A phase of one operation with another timeout, where the author's text has it. */
export interface FoundTimeout {
  readonly label: string;
  readonly phase: Phase;
  readonly timeout: Timeout;
  readonly file: string;
  readonly line: number;
}
export interface TimeoutSet {
  readonly changes: readonly FoundTimeout[];
  /** Unified diff of the specification; empty if nothing changes. */
  readonly diff: string;
  /** Operations of trusted threads that can fail then. */
  readonly failures: readonly PossibleFailure[];
}
/** Why assignments are ruled out: all that have these timeouts. */
export interface RuledOut {
  readonly timeouts: readonly FoundTimeout[];
  readonly kind: string;
  readonly message: string;
  readonly line: number | null;
  /** Found with correct partners, or with those that the protocol declares. */
  readonly partners: Partners;
}
interface Figures {
  readonly searches: number;
  readonly places: number;
  readonly opaque: readonly { readonly label: string; readonly line: number; readonly why: string }[];
}
export type TimeoutRepair = Figures &
  (
    | { readonly kind: "found"; readonly sets: readonly TimeoutSet[]; readonly complete: boolean }
    /** No assignment will do, and why: the fewest reasons that together rule all out. */
    | { readonly kind: "none"; readonly reasons: readonly RuledOut[] }
    | { readonly kind: "inconclusive"; readonly bound: string }
  );

/** Searches. Throws {@link NothingToRepair}, and what loading and compiling a specification throw. */
export async function repairTimeouts(job: TimeoutRepairJob): Promise<TimeoutRepair> {
  const repair = new TimeoutSearch(job);
  try {
    const { sets, complete, reasons } = await repair.minimal(job.most);
    if (sets.length === 0) return { kind: "none", reasons, ...figuresOf(repair) };
    const described: TimeoutSet[] = [];
    for (const set of sets) described.push(await describe(repair, set));
    return { kind: "found", sets: described, complete, ...figuresOf(repair) };
  } catch (error) {
    if (error instanceof Inconclusive) return { kind: "inconclusive", bound: error.message, ...figuresOf(repair) };
    throw error;
  }
}

/** What becomes of a protocol if one timeout is changed. */
export interface OneChange {
  readonly change: FoundTimeout;
  /** Null: it still holds, and calls are answered. */
  readonly broken: RuledOut | null;
}

/** Each timeout by itself. Throws as {@link repairTimeouts} does, and where a bound is reached. */
export async function changeEach(job: TimeoutRepairJob): Promise<readonly OneChange[]> {
  const repair = new TimeoutSearch(job);
  const each: OneChange[] = [];
  for (const change of repair.changes) each.push({ change: repair.found(change), broken: (await repair.judge([change]))?.why ?? null });
  return each;
}

function figuresOf({ searches, systems }: TimeoutSearch): Figures {
  return {
    searches,
    places: systems.places.length,
    opaque: systems.opaque.map(({ file, offset, label, why }) => ({ label, why, line: systems.lineOf(file, offset) })),
  };
}

async function describe(repair: TimeoutSearch, set: readonly TimeoutChange[]): Promise<TimeoutSet> {
  const { systems } = repair;
  const ways = waysOf(set);
  if (!(ways instanceof Map)) throw new Error("a set that holds has no way of writing");
  const [declared, correct] = [await systems.compiled(ways, "declared"), await systems.compiled(ways, "correct")];
  if (declared === null || correct === null) throw new Error("a set that holds is no specification");
  // What was put together is trusted no further than what the edited text comes to.
  if ((await repair.firstFinding(declared)) !== null || (await repair.firstFinding(correct)) !== null)
    throw new Error("a set of timeouts that holds does not hold in the edited specification");
  const { instance, system, edited } = declared;
  const failures = await failuresOf(instance, system, (instrumented) => repair.search(instrumented, { census: "counts" }));
  return {
    changes: set.map((change) => repair.found(change)),
    diff: systems.files.map(({ file, original }) => unifiedDiff(shownPath(file), original, edited.get(file)?.text ?? original)).join(""),
    failures: failures.map(({ process, location }) => {
      const place = systems.placeOf({ edited }, location);
      const [file, line] = [location.site.file, systems.lineOfLocation(edited, location)];
      return { thread: process.group, label: location.label, file, line, unhandled: place?.ignored ?? false };
    }),
  };
}
