/**
 * What a verdict rests on less than its reader thinks: code that no run reaches, guards that never keep anybody waiting,
 * invariants and formulas that hold for trivial reasons, untrusted threads that do nothing, assumptions that leave no run. None of
 * this is an error; all of it has hidden errors (Beer, Ben-David, Eisner and Rodeh 2001; Kupferman and Vardi 2003).
 */
import type { Site } from "../../model/language/operation.ts";
import { atomsOf, falsity, type Formula, normalForm, truth } from "../../model/ltl/formula.ts";
import type { Code, LivenessFormula, Location, Process, System } from "../../model/system/system.ts";
import type { Census } from "../result.ts";

export type VacuityKind = "unreached" | "always-enabled" | "trivial-invariant" | "trivial-formula" | "idle-adversary" | "empty-assumption";

export interface Vacuity {
  readonly kind: VacuityKind;
  readonly message: string;
  readonly site: Site | null;
}

/** Operations of the language whose guard the author writes. */
const guarded: readonly string[] = ["waitUntil", "step"];

/** Everything of this sort. `census` must be of a search that visited every state. */
export function vacuities(system: System, census: Census): readonly Vacuity[] {
  const places = placesOf(system, census);
  const blocked = places.filter(
    ({ isReached, locations }) => isReached && locations.some(({ process, location }) => isExcluded(system, census, process, location)),
  );
  return [
    ...blocked.map(
      ({ site, label }): Vacuity => ({
        kind: "empty-assumption",
        message: `no run goes on from ${label}: it is never possible there, or what is assumed after it is never true`,
        site,
      }),
    ),
    ...[...outermost(places.filter(({ isReached }) => !isReached)), ...(system.excluded ?? [])].map(
      ({ site, label, thread }): Vacuity => ({
        kind: "unreached",
        message: `no run reaches ${label} of ${thread}`,
        site,
      }),
    ),
    ...places.flatMap(({ site, label, locations }): readonly Vacuity[] =>
      guarded.includes(nameOf(system, locations[0]?.location)) && isNeverFalse(system, census, locations)
        ? [{ kind: "always-enabled", message: `the condition of ${label} is true whenever a thread comes there: nobody ever waits`, site }]
        : [],
    ),
    ...census.trivial.map(({ invariant, why }): Vacuity => {
      const { name, site } = system.invariants[invariant] ?? { name: "", site: null };
      switch (why) {
        case "constant":
          return { kind: "trivial-invariant", message: `the invariant ${name} holds trivially: nothing that it reads ever changes`, site };
        case "premise":
          return { kind: "trivial-invariant", message: `the invariant ${name} holds trivially: what comes before its "||" (or "if not") is always true`, site };
      }
    }),
    ...(system.liveness?.formulas ?? []).flatMap((formula) => trivialFormula(system, census, formula)),
    ...system.processes
      .filter((process) => process.stoppable && isIdle(system, census, process))
      .map(
        (process): Vacuity => ({
          kind: "idle-adversary",
          message: `the untrusted thread ${process.name} never takes a step: nothing was checked against it`,
          site: process.locations[0]?.site ?? null,
        }),
      ),
  ];
}

/** A formula that is true as soon as the predicates with one value in all states have it: `[](p -> <>q)` where p is never true. */
function trivialFormula({ liveness }: System, { decided }: Census, { name, formula, site }: LivenessFormula): readonly Vacuity[] {
  const known = atomsOf(formula).filter((atom) => decided[atom] != null);
  const isTrue = (atoms: readonly number[]): boolean => {
    const settled = (part: Formula): Formula => {
      if (part.op === "atom") return !atoms.includes(part.atom) ? part : decided[part.atom] === true ? truth : falsity;
      if ("left" in part) return { ...part, left: settled(part.left), right: settled(part.right) };
      return "of" in part ? { ...part, of: settled(part.of) } : part;
    };
    return normalForm(settled(formula)).op === "true";
  };
  if (!isTrue(known)) return [];
  const enough = known.filter((atom) => isTrue([atom]));
  const reasons = (enough.length > 0 ? enough : known).map(
    (atom) => `${liveness?.atoms[atom]?.text ?? ""} is ${decided[atom] === true ? "always" : "never"} true`,
  );
  return [{ kind: "trivial-formula", message: `the property ${name} holds trivially: ${reasons.join(", ")}`, site }];
}

interface Placed {
  readonly process: Process;
  readonly location: Location;
}
/** A place in the source, with the locations of all threads that stand there. */
interface SourcePlace {
  readonly site: Site;
  readonly label: string;
  /** The group of the threads that have it. */
  readonly thread: string;
  readonly locations: readonly Placed[];
  readonly isReached: boolean;
}

function placesOf({ processes }: System, { at }: Census): readonly SourcePlace[] {
  const found = new Map<string, Placed[]>();
  for (const process of processes)
    for (const location of process.locations) {
      // A helper that is used at several places is asked about at each of them.
      const key = [location.site, ...location.callers].map(({ file, start, end }) => `${file}:${start}:${end}`).join(" ");
      const row = found.get(key);
      if (row === undefined) found.set(key, [{ process, location }]);
      else row.push({ process, location });
    }
  return [...found.values()].flatMap((locations): readonly SourcePlace[] => {
    const [first] = locations;
    if (first === undefined) return [];
    const { site, label } = first.location;
    const isReached = locations.some(({ process, location }) => (at[process.index]?.[location.index] ?? 0) > 0);
    return [{ site, label, thread: first.process.group, locations, isReached }];
  });
}

/** What follows a place that is not reached need not be told: of a run of such places in one file only the first. */
function outermost(places: readonly SourcePlace[]): readonly SourcePlace[] {
  const sorted = [...places].sort((a, b) => (a.site.file === b.site.file ? a.site.start - b.site.start : a.site.file < b.site.file ? -1 : 1));
  return sorted.filter(({ site, thread, locations }, i) => {
    const before = sorted[i - 1];
    if (before === undefined || before.site.file !== site.file || before.thread !== thread) return true;
    // The same place by another way, or the next one of the same thread.
    return (
      before.site.start !== site.start &&
      !locations.some(({ process, location }) => before.locations.some((other) => other.process === process && location.index === other.location.index + 1))
    );
  });
}

function nameOf({ operations }: System, location: Location | undefined): string {
  return location === undefined ? "" : (operations[location.operation]?.name ?? "");
}

/** Whether the step there was possible in every state in which a thread stands there. */
function isNeverFalse({ transitions }: System, { at, enabled }: Census, locations: readonly Placed[]): boolean {
  const steps = locations.map(({ process, location }) => ({
    there: at[process.index]?.[location.index] ?? 0,
    possible: location.transitions.filter((id) => transitions[id]?.kind === "step" && isConditional(transitions[id]?.guard)).map((id) => enabled[id] ?? 0),
  }));
  return steps.some(({ there }) => there > 0) && steps.every(({ there, possible }) => possible.length === 1 && possible[0] === there);
}

function isIdle({ transitions }: System, { fired }: Census, { index }: Process): boolean {
  return transitions.every(({ id, kind, thread }) => thread !== index || kind !== "step" || fired[id] === 0);
}

/** A thread stands there, and none of its steps is ever taken because an assumption behind each of them is false. */
function isExcluded({ transitions }: System, { at, fired, enabled }: Census, process: Process, location: Location): boolean {
  if ((at[process.index]?.[location.index] ?? 0) === 0) return false;
  const steps = location.transitions.filter((id) => transitions[id]?.kind === "step");
  const assumes = prunes(location.continuation) || steps.some((id) => prunes(transitions[id]?.body));
  return assumes && steps.length > 0 && steps.every((id) => (fired[id] ?? 0) + (enabled[id] ?? 0) === 0);
}

/** Whether there is a condition at all. */
function isConditional(guard: Code | undefined): boolean {
  return guard?.blocks[0]?.end.op !== "allow";
}

function prunes(code: Code | undefined): boolean {
  return code?.blocks.some(({ end }) => end.op === "prune") ?? false;
}
