/**
 * The naive checker: read this first. A breadth-first search over a Map of states, straight from the protocol's source.
 *
 * It knows no transition system, no packed states and no tricks, and shares only the parser with the engine; the two
 * must agree on verdict, findings, numbers of states and transitions, depth and lengths of counterexamples. What the
 * words mean is in docs/architecture.md.
 */
import type { Site } from "../../model/language/operation.ts";
import type { Instance, ViolationKind } from "../../model/language/protocol.ts";
import type { Bound, SearchStats } from "../result.ts";
import { asksRuns, type NaiveRunOptions, type RunNode, stayWhereAllowed, violatedRuns } from "./liveness.ts";
import { lostWakeups, type Node } from "./lost-wakeups.ts";
import { Model, type Move, type Outcome, type State, type Violation } from "./model.ts";
import { type Possibilities, type Problem, Properties } from "./properties.ts";
import { permitted, schedule } from "./scheduling.ts";
import { siteOf } from "./expressions.ts";

export interface NaiveOptions {
  readonly maxStates?: number;
  readonly maxDepth?: number;
  /** What is asked of runs, in place of what the protocol says. */
  readonly runs?: NaiveRunOptions;
}
/** One step of a path: who (-1: no thread), by which rule, and which of its choices. */
export interface NaiveStep {
  readonly thread: number;
  readonly rule: string;
  readonly pick: number;
}
export interface NaiveFinding extends Problem {
  readonly site: Site | null;
  readonly path: readonly NaiveStep[];
  /** The last step is the violation itself; else the violation is the last state. */
  readonly failing: boolean;
}
export interface NaiveResult {
  readonly verdict: "holds" | "violated" | "inconclusive";
  readonly bound: Bound | null;
  readonly findings: readonly NaiveFinding[];
  readonly stats: SearchStats;
  /** Properties of runs that are violated; the naive checker shows no run. */
  readonly runs: readonly { readonly kind: ViolationKind | "progress"; readonly property: string }[];
}

/** Visits every reachable state of a protocol, or all up to the level of the first violation. */
export function naive(instance: Instance, options: NaiveOptions = {}): NaiveResult {
  const began = performance.now();
  const model = new Model(instance);
  const properties = new Properties(model);
  const nodes = new Map<string, Node>();
  const findings: NaiveFinding[] = [];
  let level: Node[] = [];
  let depth = 0;
  let transitions = 0;
  let bound: Bound | null = null;
  /** Some state met a bound of the memory model: all are visited, but the search is not complete. */
  let full = false;
  const wantsRuns = asksRuns(instance, options.runs ?? {});
  const graph = new Map<Node, RunNode>();
  const runNode = (node: Node): RunNode => {
    const found = graph.get(node) ?? { state: node.state, edges: [], harmed: [] };
    graph.set(node, found);
    return found;
  };

  const discover = (state: State, parent: Node | null, move: Move | null): Node => {
    const key = model.key(state);
    let node = nodes.get(key);
    if (node === undefined) {
      node = { state, parent, move, waits: [], trustedSteps: [] };
      nodes.set(key, node);
    }
    return node;
  };
  const find = (problem: Problem, site: Site | null, node: Node | null, move: Move | null): void => {
    if (findings.some(({ kind, property }) => kind === problem.kind && property === problem.property)) return;
    findings.push({ ...problem, site, path: pathTo(node, move), failing: move !== null });
  };

  const initial = model.initial();
  if (initial.kind === "state") level = [discover(initial.state, null, null)];
  if (initial.kind === "violation") find(problemOf(initial.violation, []), siteOf(initial.violation.error), null, null);

  while (level.length > 0 && findings.length === 0 && bound === null) {
    if (depth === options.maxDepth) bound = "depth";
    if (bound !== null) break;
    const next: Node[] = [];
    const failures: (() => void)[] = [];
    for (const node of level) {
      const { state } = node;
      const possible: Possibilities = instance.threads.map((_, thread) => model.moves(state, thread).map((move) => ({ move, outcome: move.outcome() })));
      full ||= state.threads.some((at, thread) => model.memory.full(state.hidden, thread, at));
      const scheduled = schedule(model, state, possible);
      const allowed = permitted(possible, scheduled);
      for (const problem of properties.problems(state, possible, scheduled)) find(problem, null, node, null);
      for (const thread of possible.keys()) node.waits.push(properties.waiting(state, possible, thread));

      const here = runNode(node);
      if (wantsRuns) {
        for (const [thread, { untrusted }] of instance.threads.entries()) {
          const goes = allowed[thread]?.length !== 0;
          const rests = possible[thread]?.length === 0 && node.waits[thread]?.idle === true;
          if (untrusted === false && state.threads[thread]?.status === "running" && !goes && !rests) here.harmed.push(thread);
        }
      }
      for (const { move, outcome } of [...allowed.flat(), ...elsewhere(model, state)]) {
        if (outcome.kind === "pruned") continue;
        transitions++;
        if (outcome.kind === "violation") {
          const { violation } = outcome;
          failures.push(() => find(problemOf(violation, [move.thread]), siteOf(violation.error), node, move));
          continue;
        }
        const known = nodes.size;
        const successor = discover(afterwards(instance, outcome.state, move), node, move);
        if (nodes.size > known) next.push(successor);
        if (wantsRuns) here.edges.push({ to: runNode(successor), move, label: state.threads[move.thread]?.label ?? "", ended: outcome.ended });
        if (move.kind !== "stop" && (move.thread < 0 || instance.threads[move.thread]?.untrusted === false)) node.trustedSteps.push(successor);
      }
      if (wantsRuns) stayWhereAllowed(model, here);
      if (options.maxStates !== undefined && nodes.size > options.maxStates) {
        bound = "states";
        break;
      }
    }
    for (const failure of failures) failure();
    level = next;
    if (next.length > 0) depth++;
  }
  const exploring = (performance.now() - began) / 1000;
  if (bound === null && findings.length === 0) {
    for (const { problem, node } of lostWakeups(instance, [...nodes.values()])) find(problem, null, node, null);
  }
  if (full && findings.length === 0) bound ??= instance.memoryModel.model === "ra" ? "messages" : "buffer";
  findings.sort((a, b) => a.path.length - b.path.length || compare(a.kind, b.kind) || compare(a.property, b.property));
  const runs =
    wantsRuns && bound === null && findings.length === 0
      ? violatedRuns(model, [...graph.values()], (state) => properties.memoryValues(state), options.runs ?? {})
      : [];
  const seconds = (performance.now() - began) / 1000;
  const stats = {
    states: nodes.size,
    transitions,
    depth,
    seconds,
    generating: 0,
    exploring,
    estimate: null,
    bytesPerState: 0,
    onDisk: 0,
    stateBits: 0,
    frontier: level.length,
    workers: 1,
    store: "exact" as const,
    omission: 0,
    unchecked: [],
    partialOrder: { used: false, reason: "the naive checker visits all states", confirmed: false },
    sample: null,
    symmetry: null,
  };
  const isViolated = findings.length > 0 || runs.length > 0;
  return { verdict: isViolated ? "violated" : bound !== null ? "inconclusive" : "holds", bound: isViolated ? null : bound, findings, stats, runs };
}

/** Steps that are not those of a pending operation: of no thread, and of untrusted threads that stop. */
function elsewhere(model: Model, state: State): { readonly move: Move; readonly outcome: Outcome }[] {
  const { threads, protocol } = model.instance;
  const stops = threads.flatMap(({ untrusted }, thread) =>
    protocol.scheduling !== "free" && untrusted !== false && state.threads[thread]?.status === "running" ? [model.stop(state, thread)] : [],
  );
  return [...model.background(state), ...stops].map((move) => ({ move, outcome: move.outcome() }));
}

/** Under `round-robin` a state remembers who ran last on each CPU; that a timer fires is nobody's turn. */
function afterwards(instance: Instance, state: State, move: Move): State {
  const cpu = instance.threads[move.thread]?.cpu;
  if (instance.protocol.scheduling !== "round-robin" || cpu === undefined || move.kind === "stop" || move.timer) return state;
  return { ...state, current: state.current.with(cpu, move.thread) };
}

function problemOf({ kind, property, error }: Violation, threads: readonly number[]): Problem {
  return { kind, property, message: error.message, threads };
}

function pathTo(node: Node | null, last: Move | null): readonly NaiveStep[] {
  const path = last === null ? [] : [last];
  for (let here = node; here !== null && here.move !== null; here = here.parent) path.unshift(here.move);
  return path.map(({ thread, rule, pick }) => ({ thread, rule, pick }));
}

function compare(a: ViolationKind | string, b: ViolationKind | string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
