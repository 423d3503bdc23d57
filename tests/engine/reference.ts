/** The same search over the interpreter, with maps and strings: what the engine is compared with. */
import { blockedAnalysis, waitIndex } from "../../dist/checker/properties/blocked.js";
import { races } from "../../dist/checker/properties/races.js";
import { enabledMoves, evaluate, fire, initialState, type Move } from "../../dist/model/system/interpret.js";
import type { State, System } from "../../dist/model/system/system.js";

export interface ReferenceFinding {
  readonly kind: string;
  readonly property: string;
  readonly path: readonly Move[];
  readonly failing: boolean;
}
export interface ReferenceResult {
  readonly verdict: "holds" | "violated";
  readonly states: number;
  readonly transitions: number;
  readonly depth: number;
  readonly findings: readonly ReferenceFinding[];
  readonly keys: ReadonlySet<string>;
}
/** The best path to a state that ends with a step of a given actor: fewest switches, then least. */
interface Best {
  readonly switches: number;
  readonly path: readonly Move[];
}

const keyOf = (state: State): string => JSON.stringify(state);
const less = (a: Best, b: Best): boolean => {
  if (a.path.length !== b.path.length) return a.path.length < b.path.length;
  if (a.switches !== b.switches) return a.switches < b.switches;
  for (const [i, move] of a.path.entries()) {
    const other = b.path[i];
    if (other !== undefined && move.transition !== other.transition) return move.transition < other.transition;
    if (other !== undefined && move.pick !== other.pick) return move.pick < other.pick;
  }
  return false;
};

/** `onward`: violations do not end the search. */
export function reference(system: System, onward = false): ReferenceResult {
  const start = initialState(system);
  if (start.kind !== "state") throw new Error("no initial state");
  const actorOf = (move: Move): number => system.transitions[move.transition]?.thread ?? -1;
  const states = new Map<string, State>([[keyOf(start.state), start.state]]);
  const best = new Map<string, Map<number | null, Best>>([[keyOf(start.state), new Map([[null, { switches: 0, path: [] }]])]]);
  const trusted = new Map<string, string[]>();
  const found = new Map<string, { kind: string; property: string; best: Best; failing: boolean }>();
  let level = [start.state];
  let depth = 0;
  let transitions = 0;
  const find = (kind: string, property: string, candidates: readonly Best[], failing: boolean): void => {
    for (const candidate of candidates) {
      const before = found.get(`${kind} ${property}`);
      if (before === undefined || less(candidate, before.best)) found.set(`${kind} ${property}`, { kind, property, best: candidate, failing });
    }
  };
  const bestOf = (key: string): readonly Best[] => [...(best.get(key)?.values() ?? [])];

  while (level.length > 0 && (onward || found.size === 0)) {
    const next = new Map<string, State>();
    for (const state of level) {
      const key = keyOf(state);
      const { violation } = blockedAnalysis(system, state);
      if (violation !== null) find(violation.kind, violation.kind, bestOf(key), false);
      for (const race of races(system, state)) find("data-race", system.variables[race.variable]?.name ?? "", bestOf(key), false);
      for (const { name, holds } of system.invariants) if (evaluate(state, holds) === 0) find("invariant", name, bestOf(key), false);
      for (const move of enabledMoves(system, state)) {
        const outcome = fire(system, state, move);
        if (outcome.kind === "pruned") continue;
        transitions++;
        const actor = actorOf(move);
        const onwards = [...(best.get(key)?.entries() ?? [])].map(
          ([last, { switches, path }]): Best => ({ switches: switches + Number(last !== null && last !== actor), path: [...path, move] }),
        );
        if (outcome.kind === "failure") {
          const failure = system.failures[outcome.failure];
          find(failure?.kind ?? "", failure?.message ?? "", onwards, true);
          continue;
        }
        const reached = keyOf(outcome.state);
        const thread = system.transitions[move.transition]?.thread ?? null;
        if (thread === null || system.processes[thread]?.stoppable === false) trusted.set(key, [...(trusted.get(key) ?? []), reached]);
        if (!states.has(reached)) {
          states.set(reached, outcome.state);
          next.set(reached, outcome.state);
          best.set(reached, new Map());
        }
        if (!next.has(reached)) continue;
        const here = best.get(reached);
        for (const each of onwards) {
          const before = here?.get(actor);
          if (before === undefined || less(each, before)) here?.set(actor, each);
        }
      }
    }
    level = [...next.values()];
    if (level.length > 0) depth++;
  }
  if (found.size === 0) for (const key of lost(system, states, trusted)) find("lost-wakeup", "lost-wakeup", bestOf(key), false);
  const findings = [...found.values()].map(({ kind, property, best: { path }, failing }) => ({ kind, property, path, failing }));
  findings.sort((a, b) => a.path.length - b.path.length || compare(a.kind, b.kind) || compare(a.property, b.property));
  return { verdict: findings.length > 0 ? "violated" : "holds", states: states.size, transitions, depth, findings, keys: new Set(states.keys()) };
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** States in which a trusted thread sleeps, not idle, with its condition true, and nothing trusted leads to its waking. */
function lost(system: System, states: ReadonlyMap<string, State>, trusted: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const before = new Map<string, string[]>();
  for (const [from, all] of trusted) for (const to of all) before.set(to, [...(before.get(to) ?? []), from]);
  const result: string[] = [];
  for (const process of system.processes) {
    if (process.stoppable) continue;
    const waits = new Map<string, { name: string; lost: boolean }>();
    for (const [key, state] of states) {
      const waiting = blockedAnalysis(system, state).waiting.find(({ thread, how }) => thread === process.index && how === "wait");
      if (waiting === undefined || waitIndex(system, state, process.index) < 0) continue;
      const location = process.locations[state[process.pc]?.[0] ?? 0];
      if (waiting.info?.until === null) continue;
      waits.set(key, { name: `${system.operations[location?.operation ?? 0]?.name}: ${waiting.says}`, lost: waiting.until && !waiting.idle });
    }
    for (const name of new Set([...waits.values()].filter((wait) => wait.lost).map((wait) => wait.name))) {
      const saved = new Set([...states.keys()].filter((key) => waits.get(key)?.name !== name));
      for (const key of saved) for (const earlier of before.get(key) ?? []) saved.add(earlier);
      for (const [key, wait] of waits) if (wait.name === name && wait.lost && !saved.has(key)) result.push(key);
    }
  }
  return result;
}
