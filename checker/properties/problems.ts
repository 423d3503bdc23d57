/** What is wrong with one state, in words: an invariant that is false, two accesses that race, threads that nobody will wake. */
import type { Site } from "../../model/language/operation.ts";
import type { ViolationKind } from "../../model/language/protocol.ts";
import { evaluate } from "../../model/system/interpret.ts";
import type { State, System } from "../../model/system/system.ts";
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

export function raceProblem(system: System, state: State, { variable, threads: [a, b] }: Race): Problem {
  const access = (thread: number): string => {
    const process = system.processes[thread];
    return `${process?.locations[state[process.pc]?.[0] ?? 0]?.label ?? ""} of ${nameOf(system, thread)}`;
  };
  return {
    kind: "data-race",
    property: system.variables[variable]?.name ?? "",
    message: `${access(a)} and ${access(b)} are not ordered`,
    site: null,
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
