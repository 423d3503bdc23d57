/**
 * `repair --timeouts`: every minimal assignment of timeouts to the operations of the trusted threads with which all
 * properties hold and, with correct partners, whoever waits for an answer gets one. Implicit hitting sets as for fences
 * (minimal-sets.ts): a counterexample rules out all assignments that agree with the one it was found with wherever it rests on a
 * timeout. Changing more can break what less has made, so that a set of changes is minimal if it holds and none of its parts does.
 */
import { search } from "../../checker/engine/index.ts";
import type { Finding, SearchOptions } from "../../checker/result.ts";
import type { Timeout } from "../../model/language/domain.ts";
import type { Instance } from "../../model/language/protocol.ts";
import type { Phase, TimedWay } from "../../model/language/timed.ts";
import type { LoadedSpec } from "../../model/loader/load.ts";
import { shownPath } from "../../model/loader/registry.ts";
import type { System } from "../../model/system/system.ts";
import { unifiedDiff } from "./edits.ts";
import type { ReadText } from "./fences.ts";
import { minimalSets, type Trial } from "./minimal-sets.ts";
import { survives } from "./timeout-blame.ts";
import { failuresOf, type PossibleFailure } from "./timeout-costs.ts";
import { requestsOf, untilAnswered, withoutProperties } from "./timeout-goal.ts";
import { type TimedPlace, wayOf } from "./timeout-places.ts";
import { type Reason, shortestReasons } from "./timeout-reasons.ts";
import { type Other, sameShape, splice } from "./timeout-splice.ts";
import { type Judged, type Partners, TimedSystems, type Ways } from "./timeout-systems.ts";

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

/** A phase of one operation is given another timeout. */
export interface TimeoutChange {
  readonly place: TimedPlace;
  readonly phase: Phase;
  readonly timeout: Timeout;
}
/** The same, where the author's text has it. */
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

class Inconclusive extends Error {}

/** Searches. Throws {@link NothingToRepair}, and what loading and compiling a specification throw. */
export async function repairTimeouts(job: TimeoutRepairJob): Promise<TimeoutRepair> {
  const repair = new TimeoutSearch(job);
  try {
    return await repair.run();
  } catch (error) {
    if (error instanceof Inconclusive) return { kind: "inconclusive", bound: error.message, ...repair.figures() };
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
  return new TimeoutSearch(job).each();
}

class TimeoutSearch {
  readonly #job: TimeoutRepairJob;
  readonly #systems: TimedSystems;
  #changes: readonly TimeoutChange[] = [];
  #searches = 0;
  readonly #reasons: Reason<TimeoutChange, RuledOut>[] = [];
  /** Places of the source that correct partners bring trusted threads to if nobody ever gives up. */
  #service: ReadonlySet<string> = new Set();

  constructor(job: TimeoutRepairJob) {
    this.#job = job;
    this.#systems = new TimedSystems(job, job.instance);
  }

  figures(): Figures {
    return {
      searches: this.#searches,
      places: this.#systems.places.length,
      opaque: this.#systems.opaque.map(({ file, offset, label, why }) => ({ label, why, line: this.#systems.lineOf(file, offset) })),
    };
  }

  async run(): Promise<TimeoutRepair> {
    const { most } = this.#job;
    await this.#prepare();
    const hopeless: TimeoutChange[] = [];
    for (const change of this.#changes) if (await this.#isHopeless(change)) hopeless.push(change);
    const { sets, complete } = await minimalSets<TimeoutChange>({
      choices: this.#changes.filter((change) => !hopeless.includes(change)).map((value) => ({ value, weight: 1 })),
      covers: (a, b) => a === b,
      excludes: (a, b) => a.place === b.place && a.phase === b.phase,
      goesOn: (count) => count < most,
      check: async (set) => {
        const trial = await this.#try(set);
        return trial.kind === "holds" ? trial : { ...trial, needs: trial.needs.filter((change) => !hopeless.includes(change)) };
      },
    });
    if (sets.length === 0) return { kind: "none", reasons: shortestReasons(this.#reasons, this.#flags()), ...this.figures() };
    const described: TimeoutSet[] = [];
    for (const set of sets) described.push(await this.#describe(set));
    return { kind: "found", sets: described, complete, ...this.figures() };
  }

  async each(): Promise<readonly OneChange[]> {
    await this.#prepare();
    const each: OneChange[] = [];
    for (const change of this.#changes) {
      const { kind } = await this.#try([change]);
      each.push({ change: this.#found(change), broken: kind === "holds" ? null : (this.#reasons.at(-1)?.why ?? null) });
    }
    return each;
  }

  /** What can be changed, and where service comes to. */
  async #prepare(): Promise<void> {
    this.#changes = this.#systems.places.flatMap((place) => this.#alternatives(place));
    this.#service = await this.#serviceCode();
  }

  #alternatives(place: TimedPlace): readonly TimeoutChange[] {
    const all = new Map<string, TimeoutChange>();
    for (const { timeouts } of place.call.ways)
      for (const [phase, timeout] of Object.entries(timeouts) as readonly (readonly [Phase, Timeout])[])
        if (timeout !== place.given[phase] && (timeout !== "finite" || this.#job.finite)) all.set(`${phase} ${timeout}`, { place, phase, timeout });
    return [...all.values()];
  }

  /** All timeouts that can be chosen, with what they can be besides what they are. */
  #flags(): readonly (readonly TimeoutChange[])[] {
    const groups = new Map<string, TimeoutChange[]>();
    for (const change of this.#changes) {
      const key = `${this.#systems.places.indexOf(change.place)} ${change.phase}`;
      groups.set(key, [...(groups.get(key) ?? []), change]);
    }
    return [...groups.values()];
  }

  /** The ways of writing that a set of changes comes to; the changes of one place for which there is none. */
  #ways(set: readonly TimeoutChange[]): Ways | TimedPlace {
    const ways = new Map<TimedPlace, TimedWay>();
    for (const place of new Set(set.map((change) => change.place))) {
      const own = set.filter((change) => change.place === place);
      const way = wayOf(place, Object.fromEntries(own.map(({ phase, timeout }) => [phase, timeout])));
      if (way === null) return place;
      ways.set(place, way);
    }
    return ways;
  }

  async #try(set: readonly TimeoutChange[]): Promise<Trial<TimeoutChange>> {
    const ways = this.#ways(set);
    if (!(ways instanceof Map)) {
      // The kernel knows no such combination of one operation's phases.
      const own = set.filter(({ place }) => place === ways);
      return { kind: "fails", given: own, needs: this.#changes.filter((change) => change.place === ways && !own.some(({ phase }) => phase === change.phase)) };
    }
    const declared = await this.#systems.judged(ways, "declared");
    const correct = await this.#systems.judged(ways, "correct");
    if (declared === null || correct === null) return { kind: "fails", ...(await this.#impossible(set)) };
    const finding = await this.#finding(declared, { symmetry: true, partialOrder: "large" });
    if (finding !== null) return this.#blame(set, declared, finding);
    const { verdict, findings, census, bound } = await this.#search(correct.system, { census: "counts" });
    if (verdict === "inconclusive") throw new Inconclusive(bound ?? "a bound");
    const [first] = findings;
    if (first !== undefined) return this.#blame(set, correct, first);
    const reached = census === undefined ? new Set<string>() : this.#reachedSites(correct, census.at);
    const missing = [...this.#service].find((site) => !reached.has(site));
    if (missing === undefined) return { kind: "holds" };
    return this.#unreached(set, reached, missing);
  }

  async #search(system: System, options: SearchOptions): Promise<Awaited<ReturnType<typeof search>>> {
    this.#searches++;
    this.#job.onSearch?.(this.#searches);
    return search(system, { ...this.#job.search, ...options });
  }

  async #finding({ system }: Judged, options: SearchOptions): Promise<Finding | null> {
    const { verdict, findings, bound } = await this.#search(system, options);
    if (verdict === "inconclusive") throw new Inconclusive(bound ?? "a bound");
    return findings[0] ?? null;
  }

  /** Where trusted threads come if all timeouts are infinite. */
  async #serviceCode(): Promise<ReadonlySet<string>> {
    const patient = this.#changes.filter(({ timeout }) => timeout === "infinite");
    const ways = this.#ways(patient);
    const correct = ways instanceof Map ? await this.#systems.judged(ways, "correct") : null;
    if (correct === null) return new Set();
    const { verdict, census, bound } = await this.#search(withoutProperties(correct.system), { census: "counts" });
    if (verdict === "inconclusive") throw new Inconclusive(bound ?? "a bound");
    return census === undefined ? new Set() : this.#reachedSites(correct, census.at);
  }

  /**
   * Whether an operation that waits for an answer can get none once this has been changed, even if all other timeouts could be
   * chosen anew at each use: an over-approximation of all assignments. Then no assignment with it is good.
   */
  async #isHopeless(change: TimeoutChange): Promise<boolean> {
    const { place, phase, timeout } = change;
    if (place.call.answers === null || !this.#service.has(`${shownPath(place.file)} ${place.offset}`)) return false;
    const base = await this.#systems.base("correct");
    const others: Other[] = [];
    for (const process of base.system.processes) {
      for (const location of process.locations) {
        const here = this.#systems.placeOf(base, location);
        if (here === null) continue;
        const allowed = here.call.ways.filter(
          ({ timeouts }) =>
            (here !== place || timeouts[phase] === timeout) &&
            Object.entries(timeouts).every(([each, value]) => value !== "finite" || this.#job.finite || here.given[each as Phase] === "finite"),
        );
        const systems: System[] = [];
        for (const way of allowed) {
          const system = way === wayOf(here, {}) ? base.plain : await this.#systems.variant(here, way, "correct");
          const operation = system?.operations[system.processes[process.index]?.locations[location.index]?.operation ?? -1]?.name;
          if (system === null || !sameShape(base.plain, system) || operation !== base.plain.operations[location.operation]?.name) return false;
          systems.push(system);
        }
        others.push({ thread: process.index, location: location.index, systems });
      }
    }
    const requests = requestsOf(base.instance, base.plain).filter(({ thread, locations }) =>
      locations.some((index) => {
        const location = base.plain.processes[thread]?.locations[index];
        return location !== undefined && this.#systems.placeOf(base, location) === place;
      }),
    );
    if (requests.length === 0) return false;
    const { verdict } = await this.#search(untilAnswered(base.instance, splice(base.plain, others), requests), {});
    if (verdict !== "holds") return false;
    const line = this.#systems.lineOf(place.file, place.offset);
    const why = { timeouts: [this.#found(change)], kind: "unanswered", message: `${place.label} is never answered, whatever the other timeouts`, line };
    this.#reasons.push({ given: [change], needs: [], why: { ...why, partners: "correct" } });
    return true;
  }

  /** Where the author's text has what trusted threads come to. */
  #reachedSites({ instance, system, edited }: Judged, at: readonly (readonly number[])[]): ReadonlySet<string> {
    const trusted = system.processes.filter(({ index }) => {
      const { untrusted } = this.#job.instance.threads[index] ?? { untrusted: false };
      return untrusted === false && instance.threads[index] !== undefined;
    });
    return new Set(
      trusted.flatMap((process) =>
        process.locations
          .filter(({ index }) => (at[process.index]?.[index] ?? 0) > 0)
          .map((location) => `${location.site.file} ${this.#systems.originalOffset(edited, location)}`),
      ),
    );
  }

  /** What a counterexample rules out: it is taken again with ever more timeouts changed, as long as it remains one. */
  async #blame(set: readonly TimeoutChange[], judged: Judged, finding: Finding): Promise<Trial<TimeoutChange>> {
    const kept: TimeoutChange[][] = [];
    let changed: readonly TimeoutChange[] = set;
    const isReplayed = survives(judged.system, finding, judged.system);
    // What has been changed rules out most if it is not to blame; of the two that meet, better the sender than the receiver.
    const order = (flag: readonly TimeoutChange[]): number => (flag.some((each) => set.includes(each)) ? 0 : flag[0]?.phase === "send" ? 2 : 1);
    for (const flag of [...this.#flags()].sort((a, b) => order(a) - order(b))) {
      const wanted = isReplayed ? await this.#alternativesTo(changed, flag, judged.partners) : null;
      if (wanted?.systems.every((other) => survives(judged.system, finding, other))) changed = wanted.changes;
      else kept.push([...flag]);
    }
    return this.#ruledOut(set, kept.flat(), {
      kind: finding.kind,
      message: finding.message,
      line: this.#systems.lineOfSite(judged, finding),
      partners: judged.partners,
    });
  }

  /** Systems in which one timeout has each of its other values, on top of other changes; null: there are no such systems. */
  async #alternativesTo(
    changes: readonly TimeoutChange[],
    flag: readonly TimeoutChange[],
    partners: Partners,
  ): Promise<{ readonly changes: readonly TimeoutChange[]; readonly systems: readonly System[] } | null> {
    const others = changes.filter((each) => !flag.includes(each));
    const systems: System[] = [];
    let last: readonly TimeoutChange[] = changes;
    for (const value of [...flag.map((each) => [each]), []]) {
      const wanted = [...others, ...value];
      if (wanted.length === changes.length && wanted.every((each) => changes.includes(each))) continue;
      const ways = this.#ways(wanted);
      const other = ways instanceof Map ? await this.#systems.judged(ways, partners) : null;
      if (other === null) return null;
      systems.push(other.system);
      last = wanted;
    }
    return { changes: last, systems };
  }

  /** What a set that is no specification rules out: any of its changes that is none by itself, with whatever else. */
  async #impossible(set: readonly TimeoutChange[]): Promise<{ readonly needs: readonly TimeoutChange[]; readonly given: readonly TimeoutChange[] }> {
    for (const change of set) {
      const ways = this.#ways([change]);
      if (ways instanceof Map && (await this.#systems.judged(ways, "declared")) === null) return { given: [change], needs: [] };
    }
    return { given: set, needs: this.#changes.filter((change) => !set.some(({ place, phase }) => change.place === place && change.phase === phase)) };
  }

  /** A set with which part of the service is never reached. What is reached depends on what is performed on the way there. */
  #unreached(set: readonly TimeoutChange[], reached: ReadonlySet<string>, missing: string): Trial<TimeoutChange> {
    const [file, offset] = missing.split(" ");
    const source = this.#systems.files.find((each) => shownPath(each.file) === file);
    const performed = this.#changes.filter(({ place }) => reached.has(`${shownPath(place.file)} ${place.offset}`));
    const line = source === undefined ? null : this.#systems.lineOf(source.file, Number(offset));
    return this.#ruledOut(set, performed, { kind: "vacuous", message: `nothing ever comes to line ${line ?? "?"}`, line, partners: "correct" });
  }

  /** Rules out what has the timeouts of `set` wherever one of `kept` would change them. */
  #ruledOut(set: readonly TimeoutChange[], kept: readonly TimeoutChange[], why: Omit<RuledOut, "timeouts">): Trial<TimeoutChange> {
    const sameFlag = (a: TimeoutChange, b: TimeoutChange): boolean => a.place === b.place && a.phase === b.phase;
    const given = set.filter((change) => kept.some((each) => sameFlag(change, each)));
    const needs = kept.filter((change) => !set.some((each) => sameFlag(change, each)));
    const flags = this.#flags().filter((flag) => flag.some((each) => kept.includes(each)));
    const timeouts = flags.flatMap((flag): readonly FoundTimeout[] => {
      const [first] = flag;
      if (first === undefined) return [];
      const chosen = set.find((each) => sameFlag(each, first));
      return [this.#found(chosen ?? { ...first, timeout: first.place.given[first.phase] ?? "infinite" })];
    });
    this.#reasons.push({ given, needs, why: { timeouts, ...why } });
    return { kind: "fails", needs, given };
  }

  async #describe(set: readonly TimeoutChange[]): Promise<TimeoutSet> {
    const ways = this.#ways(set);
    if (!(ways instanceof Map)) throw new Error("a set that holds has no way of writing");
    const [declared, correct] = [await this.#systems.compiled(ways, "declared"), await this.#systems.compiled(ways, "correct")];
    if (declared === null || correct === null) throw new Error("a set that holds is no specification");
    // What was put together is trusted no further than what the edited text comes to.
    if (((await this.#finding(declared, { symmetry: true, partialOrder: "large" })) ?? (await this.#finding(correct, {}))) !== null)
      throw new Error("a set of timeouts that holds does not hold in the edited specification");
    const { instance, system, edited } = declared;
    const failures = await failuresOf(instance, system, (instrumented) => this.#search(instrumented, { census: "counts" }));
    return {
      changes: set.map((change) => this.#found(change)),
      diff: this.#systems.files.map(({ file, original }) => unifiedDiff(shownPath(file), original, edited.get(file)?.text ?? original)).join(""),
      failures: failures.map(({ process, location }) => {
        const place = this.#systems.placeOf({ edited }, location);
        const [file, line] = [location.site.file, this.#systems.lineOfLocation(edited, location)];
        return { thread: process.group, label: location.label, file, line, unhandled: place?.ignored ?? false };
      }),
    };
  }

  #found({ place, phase, timeout }: TimeoutChange): FoundTimeout {
    return { label: place.label, phase, timeout, file: shownPath(place.file), line: this.#systems.lineOf(place.file, place.offset) };
  }
}
