/** What is wrong with one state, in words: an invariant that is false, two accesses that race, threads that nobody will wake. */
import type { Site } from "../../model/language/operation.ts";
import type { ViolationKind } from "../../model/language/protocol.ts";
import { evaluate, locationOf } from "../../model/system/interpret.ts";
import type { Location, State, System } from "../../model/system/system.ts";
import { blockedAnalysis, type BlockedSet, type Waiting } from "./blocked.ts";
import { type Race, races } from "./races.ts";

export interface Problem {
  readonly kind: ViolationKind;
  readonly property: string;
  readonly message: string;
  readonly site: Site | null;
  readonly threads: readonly number[];
}

const nameOf = (system: System, thread: number): string => system.processes[thread]?.name ?? "";

export function invariantProblem(system: System, invariant: number): Problem {
  const { name, site } = system.invariants[invariant] ?? { name: "", site: null };
  return { kind: "invariant", property: name, message: `${name} does not hold`, site, threads: [] };
}

/** Where a thread stands; null if it has ended. */
export function standing(system: System, state: State, thread: number): Location | null {
  const process = system.processes[thread];
  return process?.locations[locationOf(state, process)] ?? null;
}

/** A race is named by its variable, as the specification writes it. */
export function raceProperty({ variables }: System, variable: number): string {
  return (variables[variable]?.name ?? "").replace(/^memory\./u, "");
}

/** `earlier` is where the second access was made, if it has been and the place is known. */
export function raceProblem(system: System, state: State, { variable, threads: [a, b], before }: Race, earlier: Location | null = null): Problem {
  const next = standing(system, state, a);
  const access = (location: Location | null, thread: number): string => {
    if (location === null) return `an access of ${nameOf(system, thread)}`;
    const { file, line, column } = location.site;
    return `${location.label} of ${nameOf(system, thread)} (${file.split("/").at(-1)}:${line}:${column})`;
  };
  const message =
    before === null
      ? `${access(next, a)} and ${access(standing(system, state, b), b)} are not ordered: either may come first`
      : `${access(next, a)} is not ordered with ${access(earlier, b)}, which has been: nothing that synchronises lies between them`;
  return {
    kind: "data-race",
    property: raceProperty(system, variable),
    message,
    site: next?.site ?? null,
    threads: [a, b],
  };
}

export function blockedProblem(system: System, waiting: readonly Waiting[], { kind, threads, harmed }: BlockedSet): Problem {
  const sentences = waiting
    .filter(({ thread }) => harmed.includes(thread))
    .map(({ thread, says }) => `${nameOf(system, thread)} is ${says} and nobody will wake it`);
  return { kind, property: kind, message: sentences.join("; "), site: null, threads };
}

/** All of it, blocked threads first. A state from which threads can still go on, but never wake a sleeper, shows no problem by itself. */
export function problemsOf(system: System, state: State): readonly Problem[] {
  const { waiting, violation } = blockedAnalysis(system, state);
  return [
    ...(violation === null ? [] : [blockedProblem(system, waiting, violation)]),
    ...races(system, state).map((race) => raceProblem(system, state, race)),
    ...system.invariants.flatMap(({ holds }, index) => (evaluate(state, holds) === 0 ? [invariantProblem(system, index)] : [])),
  ];
}
