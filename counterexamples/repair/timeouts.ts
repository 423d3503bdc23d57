/**
 * `repair --timeouts`: every minimal assignment of timeouts to the operations of the trusted threads with which all
 * properties hold and, with correct partners, whoever waits for an answer gets one. Implicit hitting sets as for fences
 * (minimal-sets.ts): a counterexample rules out all assignments that agree with the one it was found with wherever it rests on a
 * timeout. Changing more can break what less has made, so that a set of changes is minimal if it holds and none of its parts does.
 */
import { search } from "../../checker/engine/index.ts";
import type { Finding, SearchOptions } from "../../checker/result.ts";
import { compile } from "../../model/compiler/index.ts";
import type { Timeout } from "../../model/language/domain.ts";
import { type Instance, instantiate, type Protocol } from "../../model/language/protocol.ts";
import type { Phase, TimedWay } from "../../model/language/timed.ts";
import { SpecError } from "../../model/loader/diagnostic.ts";
import { type LoadedSpec, loadSpec } from "../../model/loader/load.ts";
import { shownPath } from "../../model/loader/registry.ts";
import type { Location, System } from "../../model/system/system.ts";
import { applyEdits, type Edited, unifiedDiff } from "./edits.ts";
import type { ReadText } from "./fences.ts";
import { minimalSets, type Trial } from "./minimal-sets.ts";
import { survives } from "./timeout-blame.ts";
import { failuresOf, type PossibleFailure } from "./timeout-costs.ts";
import { correctPartners, requestsOf, withoutProperties, withRequests } from "./timeout-goal.ts";
import { type OpaquePlace, type TimedPlace, timedPlacesOf, wayEdits, wayOf } from "./timeout-places.ts";
import { type Reason, shortestReasons } from "./timeout-reasons.ts";
import { type Other, sameShape, splice } from "./timeout-splice.ts";

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
  readonly partners: "declared" | "correct";
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

/** There is nothing to repair, or no goal that could be missed: a mistake of the caller. */
export class NothingToRepair extends Error {}
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

interface SourceFile {
  readonly file: string;
  readonly original: string;
}
/** A specification with some timeouts changed. */
interface Changed {
  readonly protocol: Protocol;
  readonly edited: ReadonlyMap<string, Edited>;
}
/** One of the two systems that an assignment is judged by. */
interface Judged {
  readonly instance: Instance;
  readonly system: System;
  /** Without what the goal adds. */
  readonly plain: System;
  readonly edited: ReadonlyMap<string, Edited>;
  readonly partners: RuledOut["partners"];
}
type Ways = ReadonlyMap<TimedPlace, TimedWay>;

class TimeoutSearch {
  readonly #job: TimeoutRepairJob;
  readonly #files: readonly SourceFile[];
  #places: readonly TimedPlace[] = [];
  #opaque: readonly OpaquePlace[] = [];
  #changes: readonly TimeoutChange[] = [];
  #searches = 0;
  readonly #reasons: Reason<TimeoutChange, RuledOut>[] = [];
  /** Places of the source that correct partners bring trusted threads to if nobody ever gives up. */
  #service: ReadonlySet<string> = new Set();
  readonly #bases = new Map<Judged["partners"], Judged>();
  /** By the number of their ways: systems that operations are taken from. */
  readonly #variants = new Map<string, System | null>();

  constructor(job: TimeoutRepairJob) {
    this.#job = job;
    this.#files = job.spec.closure.map((file) => ({ file, original: job.read(file) }));
  }

  figures(): Figures {
    return {
      searches: this.#searches,
      places: this.#places.length,
      opaque: this.#opaque.map(({ file, offset, label, why }) => ({ label, why, line: this.#lineOf(file, offset) })),
    };
  }

  async run(): Promise<TimeoutRepair> {
    const { instance, most } = this.#job;
    const { kernel } = instance.protocol;
    const declared = compile(instance);
    const found = this.#files.map(({ file, original }) => timedPlacesOf(file, original, kernel.timed, declared));
    this.#places = found.flatMap(({ places }) => places);
    this.#opaque = found.flatMap(({ opaque }) => opaque);
    if (!kernel.timed.some(({ ways }) => ways.length > 1))
      throw new NothingToRepair(`operations of the kernel ${kernel.name} have no timeouts that could be chosen`);
    if (this.#places.length === 0) throw new NothingToRepair("no trusted thread performs an operation whose timeouts could be chosen");
    this.#changes = this.#places.flatMap((place) => this.#alternatives(place));
    this.#service = await this.#serviceCode();
    const { sets, complete } = await minimalSets<TimeoutChange>({
      choices: this.#changes.map((value) => ({ value, weight: 1 })),
      covers: (a, b) => a === b,
      excludes: (a, b) => a.place === b.place && a.phase === b.phase,
      goesOn: (count) => count < most,
      check: (set) => this.#try(set),
    });
    if (sets.length === 0) return { kind: "none", reasons: shortestReasons(this.#reasons, this.#flags()), ...this.figures() };
    const described: TimeoutSet[] = [];
    for (const set of sets) described.push(await this.#describe(set));
    return { kind: "found", sets: described, complete, ...this.figures() };
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
      const key = `${this.#places.indexOf(change.place)} ${change.phase}`;
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
    const declared = await this.#judged(ways, "declared");
    const correct = await this.#judged(ways, "correct");
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

  /** The specification with these ways of writing; null: it is no specification any more. */
  async #changed(ways: Ways): Promise<Changed | null> {
    const { spec, exportName, instance } = this.#job;
    const edited = this.#edited(ways);
    try {
      const trial = ways.size === 0 ? spec : await loadSpec(spec.file, { overlay: new Map([...edited].map(([file, { text }]) => [file, text])) });
      const declared = trial.protocols.find((each) => each.exportName === exportName);
      if (declared === undefined) return null;
      compile(instantiate(declared.protocol, instance.parameters, instance.memoryModel));
      return { protocol: declared.protocol, edited };
    } catch (error) {
      if (error instanceof SpecError && ways.size > 0) return null;
      throw error;
    }
  }

  #edited(ways: Ways): ReadonlyMap<string, Edited> {
    return new Map(
      this.#files.map(({ file, original }) => [
        file,
        applyEdits(
          original,
          [...ways].flatMap(([place, way]) => (place.file === file ? wayEdits(place, way) : [])),
        ),
      ]),
    );
  }

  /** A system to judge these ways of writing by, taken together from few that are compiled; null: they are no specification. */
  async #judged(ways: Ways, partners: Judged["partners"]): Promise<Judged | null> {
    const base = await this.#base(partners);
    const others: Other[] = [];
    for (const process of base.system.processes) {
      for (const location of process.locations) {
        const place = this.#placeOf(base, location);
        const way = place === null ? undefined : ways.get(place);
        if (place === null || way === undefined || way === wayOf(place, {})) continue;
        const system = await this.#variant(place, way, partners);
        if (system === null) return null;
        if (!sameShape(base.plain, system)) return this.#compiled(ways, partners);
        others.push({ thread: process.index, location: location.index, system });
      }
    }
    return { ...base, system: splice(base.system, others) };
  }

  /** The author's own. */
  async #base(partners: Judged["partners"]): Promise<Judged> {
    const known = this.#bases.get(partners) ?? (await this.#compiled(new Map(), partners));
    if (known === null) throw new Error("the specification has been compiled before");
    this.#bases.set(partners, known);
    return known;
  }

  /** A system in which a place has this way of writing. All places get their way of the same number, so that few systems do for all. */
  async #variant(place: TimedPlace, way: TimedWay, partners: Judged["partners"]): Promise<System | null> {
    const number = place.call.ways.indexOf(way);
    const together = new Map(this.#places.flatMap((each) => (each.call.ways[number] === undefined ? [] : [[each, each.call.ways[number]] as const])));
    const alone = `${partners} ${number} ${this.#places.indexOf(place)}`;
    return (await this.#cached(`${partners} ${number}`, together, partners)) ?? this.#cached(alone, new Map([[place, way]]), partners);
  }

  async #cached(key: string, ways: Ways, partners: Judged["partners"]): Promise<System | null> {
    const known = this.#variants.get(key);
    if (known !== undefined) return known;
    const system = (await this.#compiled(ways, partners))?.plain ?? null;
    this.#variants.set(key, system);
    return system;
  }

  async #compiled(ways: Ways, partners: Judged["partners"]): Promise<Judged | null> {
    const changed = await this.#changed(ways);
    if (changed === null) return null;
    const { protocol, edited } = changed;
    const { parameters, memoryModel } = this.#job.instance;
    const instance = instantiate(partners === "declared" ? protocol : correctPartners(protocol), parameters, memoryModel);
    const plain = compile(instance);
    if (partners === "declared") return { instance, system: plain, plain, edited, partners };
    const requests = requestsOf(instance, plain);
    if (requests.length === 0)
      throw new NothingToRepair(
        "with correct partners no thread waits for an answer, so that there is no goal to reach; give each untrusted thread a program `correct` that makes its calls",
      );
    return { instance, system: withRequests(instance, plain, requests), plain, edited, partners };
  }

  /** Where trusted threads come if all timeouts are infinite. */
  async #serviceCode(): Promise<ReadonlySet<string>> {
    const patient = this.#changes.filter(({ timeout }) => timeout === "infinite");
    const ways = this.#ways(patient);
    const correct = ways instanceof Map ? await this.#judged(ways, "correct") : null;
    if (correct === null) return new Set();
    const { verdict, census, bound } = await this.#search(withoutProperties(correct.system), { census: "counts" });
    if (verdict === "inconclusive") throw new Inconclusive(bound ?? "a bound");
    return census === undefined ? new Set() : this.#reachedSites(correct, census.at);
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
          .map((location) => `${location.site.file} ${this.#originalOffset(edited, location)}`),
      ),
    );
  }

  #originalOffset(edited: ReadonlyMap<string, Edited>, { site }: Location): number {
    for (const [file, text] of edited) if (shownPath(file) === site.file) return text.original(site.start);
    return -1;
  }

  /** The place that a location is of. */
  #placeOf({ edited }: Pick<Judged, "edited">, location: Location): TimedPlace | null {
    const offset = this.#originalOffset(edited, location);
    return this.#places.find((place) => shownPath(place.file) === location.site.file && place.offset === offset) ?? null;
  }

  /** What a counterexample rules out: it is taken again with ever more timeouts changed, as long as it remains one. */
  async #blame(set: readonly TimeoutChange[], judged: Judged, finding: Finding): Promise<Trial<TimeoutChange>> {
    const kept: TimeoutChange[][] = [];
    let changed: readonly TimeoutChange[] = set;
    const isReplayed = survives(judged.system, finding, judged.system);
    for (const flag of this.#flags()) {
      const survived = isReplayed ? await this.#survivesAll(judged, finding, changed, flag) : null;
      if (survived === null) kept.push([...flag]);
      else changed = survived;
    }
    return this.#ruledOut(set, kept.flat(), {
      kind: finding.kind,
      message: finding.message,
      line: this.#lineOfSite(judged, finding),
      partners: judged.partners,
    });
  }

  /** Whether a counterexample survives every change of one timeout, on top of others; then the changes with one of them. */
  async #survivesAll(
    judged: Judged,
    finding: Finding,
    changes: readonly TimeoutChange[],
    flag: readonly TimeoutChange[],
  ): Promise<readonly TimeoutChange[] | null> {
    const others = changes.filter((each) => !flag.includes(each));
    let last: readonly TimeoutChange[] = changes;
    for (const value of [...flag.map((each) => [each]), []]) {
      const wanted = [...others, ...value];
      if (wanted.length === changes.length && wanted.every((each) => changes.includes(each))) continue;
      const ways = this.#ways(wanted);
      const other = ways instanceof Map ? await this.#judged(ways, judged.partners) : null;
      if (other === null || !survives(judged.system, finding, other.system)) return null;
      last = wanted;
    }
    return last;
  }

  /** What a set that is no specification rules out: any of its changes that is none by itself, with whatever else. */
  async #impossible(set: readonly TimeoutChange[]): Promise<{ readonly needs: readonly TimeoutChange[]; readonly given: readonly TimeoutChange[] }> {
    for (const change of set) {
      const ways = this.#ways([change]);
      if (ways instanceof Map && (await this.#judged(ways, "declared")) === null) return { given: [change], needs: [] };
    }
    return { given: set, needs: this.#changes.filter((change) => !set.some(({ place, phase }) => change.place === place && change.phase === phase)) };
  }

  /** A set with which part of the service is never reached. What is reached depends on what is performed on the way there. */
  #unreached(set: readonly TimeoutChange[], reached: ReadonlySet<string>, missing: string): Trial<TimeoutChange> {
    const [file, offset] = missing.split(" ");
    const source = this.#files.find((each) => shownPath(each.file) === file);
    const performed = this.#changes.filter(({ place }) => reached.has(`${shownPath(place.file)} ${place.offset}`));
    const line = source === undefined ? null : this.#lineOf(source.file, Number(offset));
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
    const [declared, correct] = [await this.#compiled(ways, "declared"), await this.#compiled(ways, "correct")];
    if (declared === null || correct === null) throw new Error("a set that holds is no specification");
    // What was put together is trusted no further than what the edited text comes to.
    if (((await this.#finding(declared, { symmetry: true, partialOrder: "large" })) ?? (await this.#finding(correct, {}))) !== null)
      throw new Error("a set of timeouts that holds does not hold in the edited specification");
    const { instance, system, edited } = declared;
    const failures = await failuresOf(instance, system, (instrumented) => this.#search(instrumented, { census: "counts" }));
    return {
      changes: set.map((change) => this.#found(change)),
      diff: this.#files.map(({ file, original }) => unifiedDiff(shownPath(file), original, edited.get(file)?.text ?? original)).join(""),
      failures: failures.map(({ process, location }) => {
        const place = this.#placeOf({ edited }, location);
        const [file, line] = [location.site.file, this.#lineOfLocation(edited, location)];
        return { thread: process.group, label: location.label, file, line, unhandled: place?.ignored ?? false };
      }),
    };
  }

  #found({ place, phase, timeout }: TimeoutChange): FoundTimeout {
    return { label: place.label, phase, timeout, file: shownPath(place.file), line: this.#lineOf(place.file, place.offset) };
  }

  #lineOf(file: string, offset: number): number {
    const source = this.#files.find((each) => each.file === file);
    return (source?.original.slice(0, offset) ?? "").split("\n").length;
  }

  #lineOfLocation(edited: ReadonlyMap<string, Edited>, location: Location): number {
    const source = this.#files.find(({ file }) => shownPath(file) === location.site.file);
    return source === undefined ? location.site.line : this.#lineOf(source.file, this.#originalOffset(edited, location));
  }

  #lineOfSite({ edited }: Judged, { site }: Finding): number | null {
    const source = site === null ? undefined : this.#files.find(({ file }) => shownPath(file) === site.file);
    return site === null || source === undefined ? null : this.#lineOf(source.file, edited.get(source.file)?.original(site.start) ?? site.start);
  }
}
