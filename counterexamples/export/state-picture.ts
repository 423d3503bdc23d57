/**
 * The state graph of a protocol as a picture: every reachable state with what it holds, every transition, the path of a
 * counterexample marked if there is one. Where the graph is too large to be read, its quotient by control state: states
 * in which every thread stands at the same place are one node.
 */
import { MultiDirectedGraph } from "graphology";
import type { Instance } from "../../model/language/protocol.ts";
import { enabledMoves, fire, initialState, locationOf } from "../../model/system/interpret.ts";
import type { State, System } from "../../model/system/system.ts";
import { namedValues, operationText, shownVariables, standsAt } from "../show.ts";
import { type EdgeAttributes, mostNodes, type NodeAttributes, type PictureGraph } from "./graph.ts";
import { valueText } from "../words.ts";

export interface StatePicture {
  readonly graph: PictureGraph;
  /** States seen; as many as the nodes, unless it is the quotient. */
  readonly states: number;
  readonly quotient: boolean;
}

/** The graph is too large even for its quotient; the message says how large it grew. */
export class TooLarge extends Error {}

/** States that are explored for a quotient at most. */
const mostStates = 200_000;

/** Explores the protocol; the quotient is taken where there are more than {@link mostNodes} states, or on demand. Throws {@link TooLarge}. */
export function statePicture(instance: Instance, system: System, options: { readonly quotient?: boolean } = {}): StatePicture {
  const full = options.quotient === true ? null : explore(instance, system, false);
  const found = full ?? explore(instance, system, true);
  if (found === null) throw new TooLarge(`it has more than ${mostStates} states, or more than ${mostNodes} control states; make it smaller with --param`);
  return found;
}

function explore(instance: Instance, system: System, quotient: boolean): StatePicture | null {
  const start = initialState(system);
  const graph: PictureGraph = new MultiDirectedGraph<NodeAttributes, EdgeAttributes>();
  if (start.kind !== "state") return { graph, states: 0, quotient };
  const nameOf = (state: State): string => (quotient ? system.processes.map((process) => locationOf(state, process)).join(",") : JSON.stringify(state));
  const keys = new Map<string, string>();
  const seen = new Set<string>([JSON.stringify(start.state)]);
  const open: State[] = [start.state];
  const nodeOf = (state: State): string | null => {
    const name = nameOf(state);
    const known = keys.get(name);
    if (known !== undefined) return known;
    if (keys.size >= mostNodes) return null;
    const key = `s${keys.size}`;
    keys.set(name, key);
    graph.addNode(key, { label: label(instance, system, state, quotient), role: keys.size === 1 ? "initial" : "state" });
    return key;
  };
  if (nodeOf(start.state) === null) return null;
  let failures = 0;
  for (let next = 0; next < open.length; next++) {
    const state = open[next] as State;
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
        graph.addNode(key, { label: system.failures[outcome.failure]?.message ?? "violation", role: "violation" });
        graph.addDirectedEdgeWithKey(`${key}!`, source, key, { label: action, marked: true });
        continue;
      }
      const text = JSON.stringify(outcome.state);
      if (!seen.has(text)) {
        if (seen.size >= (quotient ? mostStates : mostNodes)) return null;
        seen.add(text);
        open.push(outcome.state);
      }
      const target = nodeOf(outcome.state);
      if (target === null) return null;
      const edge = `${source} ${action} ${move.pick} ${target}`;
      if (!graph.hasEdge(edge)) graph.addDirectedEdgeWithKey(edge, source, target, { label: action, marked: false });
    }
  }
  return { graph, states: seen.size, quotient };
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
