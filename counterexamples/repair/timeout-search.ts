/**
 * The search for assignments of timeouts. Implicit hitting sets as for fences (minimal-sets.ts): a counterexample rules out all
 * assignments that agree with the one it was found with wherever it rests on a timeout. Changing more can break what less has
 * made, so that a set of changes is minimal if it holds and none of its parts does.
 */
import { search } from "../../checker/engine/index.ts";
import type { Finding, SearchOptions } from "../../checker/result.ts";
import { shownPath } from "../../model/loader/registry.ts";
import type { System } from "../../model/system/system.ts";
import { minimalSets } from "./minimal-sets.ts";
import { evidenceOf, remains } from "./timeout-blame.ts";
import { choicesFor, type Flag, flagsOf, isOfFlag, type TimeoutChange, waysOf } from "./timeout-changes.ts";
import { withoutProperties } from "./timeout-goal.ts";
import { answerable } from "./timeout-hopeless.ts";
import type { TimedPlace } from "./timeout-places.ts";
import { type Reason, shortestReasons } from "./timeout-reasons.ts";
import { type Judged, TimedSystems } from "./timeout-systems.ts";
import type { FoundTimeout, RuledOut, TimeoutRepairJob } from "./timeouts.ts";

/** A bound was reached: nothing is known. */
export class Inconclusive extends Error {}

type TimeoutReason = Reason<TimeoutChange, RuledOut>;
export interface Minimal {
  readonly sets: readonly (readonly TimeoutChange[])[];
  readonly complete: boolean;
  /** If there are no sets: the fewest reasons that together rule all out. */
  readonly reasons: readonly RuledOut[];
}

export class TimeoutSearch {
  readonly systems: TimedSystems;
  /** All timeouts that can be chosen, by place, with what they can be besides what they are. */
  readonly flags: readonly Flag[];
  readonly #job: TimeoutRepairJob;
  #searches = 0;
  #service: ReadonlySet<string> | null = null;

  constructor(job: TimeoutRepairJob) {
    this.#job = job;
    this.systems = new TimedSystems(job, job.instance);
    this.flags = this.systems.places.flatMap((place) => flagsOf(place, job.finite));
  }

  get searches(): number {
    return this.#searches;
  }
  get changes(): readonly TimeoutChange[] {
    return this.flags.flat();
  }

  /** All minimal sets, or the first `most` of them. */
  async minimal(most: number): Promise<Minimal> {
    const reasons: TimeoutReason[] = [];
    const hopeless: TimeoutChange[] = [];
    for (const change of this.changes) {
      if (!(await this.#isHopeless(change))) continue;
      hopeless.push(change);
      reasons.push(
        this.#reason([change], [], {
          kind: "unanswered",
          message: `${change.place.label} is never answered, whatever the other timeouts`,
          line: this.#lineOf(change),
          partners: "correct",
        }),
      );
    }
    const { sets, complete } = await minimalSets<TimeoutChange>({
      choices: this.changes.filter((change) => !hopeless.includes(change)).map((value) => ({ value, weight: 1 })),
      covers: (a, b) => a === b,
      excludes: isOfFlag,
      goesOn: (count) => count < most,
      check: async (set) => {
        const reason = await this.judge(set);
        if (reason === null) return { kind: "holds" };
        reasons.push(reason);
        return { kind: "fails", given: reason.given, needs: reason.needs.filter((change) => !hopeless.includes(change)) };
      },
    });
    return { sets, complete, reasons: sets.length > 0 ? [] : shortestReasons(reasons, this.flags) };
  }

  /** Null: with these changes all is well. Else why not, and what else that rules out. */
  async judge(set: readonly TimeoutChange[]): Promise<TimeoutReason | null> {
    const ways = waysOf(set);
    if (!(ways instanceof Map)) {
      // The kernel knows no such combination of one operation's phases.
      const place = ways as TimedPlace;
      const own = set.filter((change) => change.place === place);
      const needs = this.changes.filter((change) => change.place === place && !own.some((each) => isOfFlag(each, change)));
      const line = this.systems.lineOf(place.file, place.offset);
      return this.#reason(own, needs, { kind: "impossible", message: `${place.label} has no such combination of timeouts`, line, partners: "declared" });
    }
    const declared = await this.systems.judged(ways, "declared");
    const correct = await this.systems.judged(ways, "correct");
    if (declared === null || correct === null) return this.#impossible(set);
    const service = await this.#serviceCode();
    const finding = await this.firstFinding(declared);
    if (finding !== null) return this.#blame(set, declared, finding);
    const { verdict, findings, census, bound } = await this.search(correct.system, { census: "counts" });
    if (verdict === "inconclusive") throw new Inconclusive(bound ?? "a bound");
    const [first] = findings;
    if (first !== undefined) return this.#blame(set, correct, first);
    const reached = census === undefined ? new Set<string>() : this.#reachedSites(correct, census.at);
    const missing = [...service].find((site) => !reached.has(site));
    if (missing !== undefined) return this.#unreached(set, reached, missing);
    // What has been taken together from specifications need not be one.
    return (await this.systems.refusal(ways)) === null ? null : this.#impossible(set);
  }

  async search(system: System, options: SearchOptions): Promise<Awaited<ReturnType<typeof search>>> {
    this.#searches++;
    this.#job.onSearch?.(this.#searches);
    return search(system, { ...this.#job.search, ...options });
  }

  /** What is wrong first. Throws {@link Inconclusive}. */
  async firstFinding({ system, partners }: Judged): Promise<Finding | null> {
    const { verdict, findings, bound } = await this.search(system, partners === "declared" ? { symmetry: true, partialOrder: "large" } : {});
    if (verdict === "inconclusive") throw new Inconclusive(bound ?? "a bound");
    return findings[0] ?? null;
  }

  /** A change, where the author's text has it. */
  found({ place, phase, timeout }: TimeoutChange): FoundTimeout {
    return { label: place.label, phase, timeout, file: shownPath(place.file), line: this.systems.lineOf(place.file, place.offset) };
  }

  /** Places of the source that correct partners bring trusted threads to if nobody ever gives up. */
  async #serviceCode(): Promise<ReadonlySet<string>> {
    if (this.#service !== null) return this.#service;
    const ways = waysOf(this.changes.filter(({ timeout }) => timeout === "infinite"));
    const correct = ways instanceof Map ? await this.systems.judged(ways, "correct") : null;
    this.#service = new Set();
    if (correct === null) return this.#service;
    const { verdict, census, bound } = await this.search(withoutProperties(correct.system), { census: "counts" });
    if (verdict === "inconclusive") throw new Inconclusive(bound ?? "a bound");
    if (census !== undefined) this.#service = this.#reachedSites(correct, census.at);
    return this.#service;
  }

  async #isHopeless(change: TimeoutChange): Promise<boolean> {
    if (change.place.call.answers === null) return false;
    const system = await answerable(this.systems, change, this.#job.finite, await this.#serviceCode());
    return system !== null && (await this.search(system, {})).verdict === "holds";
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
          .map((location) => {
            const place = this.systems.placeOf({ edited }, location);
            return place === null ? `${location.site.file} ${this.systems.originalOffset(edited, location)}` : `${shownPath(place.file)} ${place.offset}`;
          }),
      ),
    );
  }

  /** What a counterexample rules out: all that differs only in timeouts which it does not rest on. */
  async #blame(set: readonly TimeoutChange[], judged: Judged, finding: Finding): Promise<TimeoutReason> {
    const evidence = evidenceOf(judged.system, finding);
    const free: Flag[] = [];
    const together = new Set(
      (evidence?.spinning ?? []).flatMap((thread) => judged.system.processes[thread]?.locations.map((each) => this.systems.placeOf(judged, each)) ?? []),
    );
    for (const place of evidence === null ? [] : this.systems.places) {
      if (together.has(place)) continue;
      const own = this.flags.filter(([first]) => first?.place === place);
      for (const flags of [own, ...own.map((flag) => [flag])]) {
        const others = await this.#othersOf(set, flags, judged);
        if (evidence === null || others === null || !others.every((other) => remains(evidence, other))) continue;
        free.push(...flags);
        break;
      }
    }
    const kept = this.flags.filter((flag) => !free.includes(flag)).flat();
    const line = this.systems.lineOfSite(judged, finding);
    // With correct partners the only properties of runs are that answers come.
    const isUnanswered = judged.partners === "correct" && finding.loop !== undefined;
    const message = isUnanswered ? `${finding.property} never comes on some fair run` : finding.message;
    return this.#ruledOut(set, kept, { kind: finding.kind, message, line, partners: judged.partners });
  }

  /** Systems in which some timeouts of one operation have all their other values; null: one of these is no specification. */
  async #othersOf(set: readonly TimeoutChange[], flags: readonly Flag[], { partners }: Judged): Promise<readonly System[] | null> {
    const rest = set.filter((change) => !flags.some((flag) => flag.some((each) => isOfFlag(each, change))));
    const systems: System[] = [];
    for (const choice of choicesFor(flags)) {
      const ways = waysOf([...rest, ...choice]);
      // What cannot be written is no assignment.
      if (!(ways instanceof Map)) continue;
      const other = await this.systems.judged(ways, partners);
      if (other === null) return null;
      systems.push(other.system);
    }
    return systems;
  }

  /**
   * A set that is no specification rules out itself and no other: a change that is none by itself may be one together with others
   * (two operations whose results go to one local, and have to be alike).
   */
  async #impossible(set: readonly TimeoutChange[]): Promise<TimeoutReason> {
    const ways = waysOf(set);
    const [diagnostic] = (ways instanceof Map ? await this.systems.refusal(ways) : null)?.diagnostics ?? [];
    return this.#reason(
      set,
      this.changes.filter((change) => !set.some((each) => isOfFlag(each, change))),
      { kind: "impossible", message: `it is no specification: ${diagnostic?.message ?? ""}`, line: diagnostic?.site?.line ?? null, partners: "declared" },
    );
  }

  /** A set with which part of the service is never reached. What is reached depends on what is performed on the way there. */
  #unreached(set: readonly TimeoutChange[], reached: ReadonlySet<string>, missing: string): TimeoutReason {
    const [file, offset] = missing.split(" ");
    const source = this.systems.files.find((each) => shownPath(each.file) === file);
    const performed = this.changes.filter(({ place }) => reached.has(`${shownPath(place.file)} ${place.offset}`));
    const line = source === undefined ? null : this.systems.lineOf(source.file, Number(offset));
    return this.#ruledOut(set, performed, { kind: "vacuous", message: `nothing ever comes to line ${line ?? "?"}`, line, partners: "correct" });
  }

  /** Rules out what has the timeouts of `set` wherever one of `kept` would change them. */
  #ruledOut(set: readonly TimeoutChange[], kept: readonly TimeoutChange[], why: Omit<RuledOut, "timeouts">): TimeoutReason {
    const given = set.filter((change) => kept.some((each) => isOfFlag(change, each)));
    const needs = kept.filter((change) => !set.some((each) => isOfFlag(change, each)));
    return this.#reason(given, needs, why);
  }

  /** A reason speaks of the timeouts that it rests on, those that stay as they are among them. */
  #reason(given: readonly TimeoutChange[], needs: readonly TimeoutChange[], why: Omit<RuledOut, "timeouts">): TimeoutReason {
    const timeouts = this.flags.flatMap((flag): readonly FoundTimeout[] => {
      const chosen = flag.find((each) => given.includes(each));
      const [first] = flag;
      if (chosen !== undefined) return [this.found(chosen)];
      return first === undefined || !flag.some((each) => needs.includes(each))
        ? []
        : [this.found({ ...first, timeout: first.place.given[first.phase] ?? "infinite" })];
    });
    return { given, needs, why: { timeouts, ...why } };
  }

  #lineOf({ place }: TimeoutChange): number {
    return this.systems.lineOf(place.file, place.offset);
  }
}
