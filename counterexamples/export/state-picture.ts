/**
 * The state graph of a protocol as a picture: every reachable state with what it holds, every transition, the path of a
 * counterexample marked if there is one. Where the graph is too large to be read, its quotient by control state: states
 * in which every thread stands at the same place are one node.
 */
import { MultiDirectedGraph } from "graphology";
import { problemsOf } from "../../checker/properties/problems.ts";
import type { Instance } from "../../model/language/protocol.ts";
import { enabledMoves, fire, initialState, locationOf, type Move } from "../../model/system/interpret.ts";
import type { State, System } from "../../model/system/system.ts";
import { namedValues, operationText, shownVariables, standsAt } from "../show.ts";
import { type EdgeAttributes, mostNodes, type NodeAttributes, type PictureGraph } from "./graph.ts";
import { valueText } from "../words.ts";

export interface StatePicture {
  readonly graph: PictureGraph;
  /** States seen; as many as the nodes, unless it is the quotient. */
  readonly states: number;
  readonly quotient: boolean;
  /** The key of the node that a state belongs to; null if it was not seen. */
  nodeOf(state: State): string | null;
  /** A shortest path to the node of that key. */
  pathTo(key: string): readonly Move[];
}

/** The graph is too large even for its quotient; the message says how large it grew. */
export class TooLarge extends Error {}

/** States that are explored for a quotient at most. */
const mostStates = 200_000;

export interface PictureOptions {
  readonly quotient?: boolean;
  /** In place of {@link mostStates}. */
  readonly mostStates?: number;
}

/** Explores the protocol; the quotient is taken where there are more than {@link mostNodes} states, or on demand. Throws {@link TooLarge}. */
export function statePicture(instance: Instance, system: System, options: PictureOptions = {}): StatePicture {
  const steps = pictureSteps(instance, system, options);
  for (let step = steps.next(); ; step = steps.next()) if (step.done === true) return step.value;
}

/** The same, one state at a time, for those who have other things to do meanwhile. */
export function* pictureSteps(instance: Instance, system: System, options: PictureOptions = {}): Generator<void, StatePicture> {
  const most = options.mostStates ?? mostStates;
  const full = options.quotient === true ? null : yield* explore(instance, system, false, Math.min(mostNodes, most));
  const found = full ?? (yield* explore(instance, system, true, most));
  if (found === null) throw new TooLarge(`it has more than ${most} states, or more than ${mostNodes} control states; make it smaller with --param`);
  return found;
}

function* explore(instance: Instance, system: System, quotient: boolean, most: number): Generator<void, StatePicture | null> {
  const start = initialState(system);
  const graph: PictureGraph = new MultiDirectedGraph<NodeAttributes, EdgeAttributes>();
  if (start.kind !== "state") return { graph, states: 0, quotient, nodeOf: () => null, pathTo: () => [] };
  const nameOf = (state: State): string => (quotient ? system.processes.map((process) => locationOf(state, process)).join(",") : JSON.stringify(state));
  const keys = new Map<string, string>();
  const seen = new Set<string>([JSON.stringify(start.state)]);
  const open: (State | null)[] = [start.state];
  /** How each state was reached first, and each node. */
  const from: { readonly parent: number; readonly move: Move }[] = [{ parent: -1, move: { transition: 0, pick: 0 } }];
  const first = new Map<string, { readonly state: number; readonly last: Move | null }>();
  const nodeOf = (state: State): string | null => {
    const name = nameOf(state);
    const known = keys.get(name);
    if (known !== undefined) return known;
    if (keys.size >= mostNodes) return null;
    const key = `s${keys.size}`;
    keys.set(name, key);
    first.set(key, { state: seen.size - 1, last: null });
    // A node of the quotient stands for many states; only single ones are looked at.
    const problems = quotient ? [] : [...new Set(problemsOf(system, state).map(({ kind, property }) => (kind === property ? kind : `${kind} "${property}"`)))];
    const role = problems.length > 0 ? "violation" : keys.size === 1 ? "initial" : "state";
    graph.addNode(key, { label: [label(instance, system, state, quotient), ...problems.map((each) => `violated: ${each}`)].join("\n"), role });
    return key;
  };
  if (nodeOf(start.state) === null) return null;
  let failures = 0;
  for (let next = 0; next < open.length; next++) {
    yield;
    const state = open[next] as State;
    open[next] = null;
    const source = nodeOf(state) as string;
    for (const move of enabledMoves(system, state)) {
      const transition = system.transitions[move.transition];
      if (transition === undefined) continue;
      const outcome = fire(system, state, move);
      if (outcome.kind === "pruned") continue;
      const action = `${transition.thread === null ? "kernel" : (system.processes[transition.thread]?.name ?? "")}: ${transition.rule}`;
      if (outcome.kind === "failure") {
        const key = `${source} ${action} ${outcome.failure}`;
        if (graph.hasNode(key)) continue;
        if (++failures > mostNodes) return null;
        graph.addNode(key, { label: `violated: ${system.failures[outcome.failure]?.message ?? "a property"}`, role: "violation" });
        graph.addDirectedEdgeWithKey(`${key}!`, source, key, { label: action, marked: true });
        first.set(key, { state: next, last: move });
        continue;
      }
      const text = JSON.stringify(outcome.state);
      if (!seen.has(text)) {
        if (seen.size >= most) return null;
        seen.add(text);
        open.push(outcome.state);
        from.push({ parent: next, move });
      }
      const target = nodeOf(outcome.state);
      if (target === null) return null;
      const edge = `${source} ${action} ${move.pick} ${target}`;
      if (!graph.hasEdge(edge)) graph.addDirectedEdgeWithKey(edge, source, target, { label: action, marked: false });
    }
  }
  const pathTo = (key: string): readonly Move[] => {
    const reached = first.get(key);
    if (reached === undefined) return [];
    const path = reached.last === null ? [] : [reached.last];
    for (let at = reached.state; at > 0; at = from[at]?.parent ?? 0) path.push(from[at]?.move as Move);
    return path.reverse();
  };
  return { graph, states: seen.size, quotient, nodeOf: (state) => keys.get(nameOf(state)) ?? null, pathTo };
}

/** Where every thread stands, and, for a state of its own, what memory and queues hold. */
function label(instance: Instance, system: System, state: State, quotient: boolean): string {
  const threads = system.processes.map((process) => {
    const location = standsAt(process, state);
    if (locationOf(state, process) === process.stopped) return `${process.name} stopped`;
    return `${process.name} ${location === null ? "finished" : quotient ? location.label : operationText(instance, system, state, location)}`;
  });
  if (quotient) return threads.join("\n");
  const values = shownVariables(system)
    .filter(({ role, queue }) => role === "memory" || queue !== null)
    .flatMap((variable) => namedValues(instance, system, variable, state))
    .filter(({ value }) => !Array.isArray(value) || value.length > 0)
    .map(({ name, value }) => `${name} = ${valueText(value)}`);
  return [...threads, ...values].join("\n");
}
