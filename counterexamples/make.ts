/** From a finding to a trace: the path run once more on the interpreter, with everything that a reader needs written down. */
import type { Finding } from "../checker/result.ts";
import type { Instance } from "../model/language/protocol.ts";
import { evaluate, fire, initialState, locationOf, possibleMoves } from "../model/system/interpret.ts";
import type { Location, Process, State, System, WaitInfo } from "../model/system/system.ts";
import { changes, namedValues, operationText, resultText, shownSite, shownVariables, standsAt } from "./show.ts";
import { type Decision, type ShownValue, type Trace, type TraceEnd, traceFormat, type TraceMeta, type TraceStep, traceVersion, type WaitEdge } from "./trace.ts";

/** Writes down the counterexample `finding` of `system`, which is `instance` compiled. */
export function makeTrace(instance: Instance, system: System, finding: Finding, meta: TraceMeta): Trace {
  const start = initialState(system);
  const steps: TraceStep[] = [];
  const decisions: Decision[] = [];
  let state: State | null = start.kind === "state" ? start.state : null;
  const first = state;
  for (const [index, move] of finding.path.entries()) {
    if (state === null) throw new Error(`the path goes on after step ${index}, where it has ended`);
    const transition = system.transitions[move.transition];
    if (transition === undefined) throw new Error(`the path names transition ${move.transition}, which does not exist`);
    const process = transition.thread === null ? null : (system.processes[transition.thread] ?? null);
    const location = process === null ? null : standsAt(process, state);
    const outcome = fire(system, state, move);
    if (outcome.kind === "pruned") throw new Error(`step ${index + 1} of the path is ruled out by an assumption`);
    decisions.push({ kind: transition.kind, thread: transition.thread, rule: transition.rule, pick: move.pick, transition: transition.id });
    steps.push({
      cpu: process === null ? null : process.cpu,
      thread: process?.name ?? null,
      site: shownSite(location?.site),
      operation: transition.kind === "stop" ? "stops for ever" : location === null ? transition.rule : operationText(system, state, location),
      rule: transition.rule,
      changes: outcome.kind === "state" ? changes(instance, system, state, outcome.state) : [],
      completed: outcome.kind === "state" ? outcome.completed.map((thread, each) => completion(instance, system, state as State, thread, outcome.results[each] ?? [])) : [],
    });
    // The state before a failing step is where everybody stands when it happens.
    if (outcome.kind === "state") state = outcome.state;
    else if (index !== finding.path.length - 1) throw new Error(`the path goes on after step ${index + 1}, where it has ended`);
  }
  const { protocol } = instance;
  return {
    format: traceFormat,
    version: traceVersion,
    tool: meta.tool,
    spec: meta.spec,
    protocol: protocol.name,
    parameters: instance.parameters,
    kernel: { name: protocol.kernel.name, options: protocol.kernel.options },
    scheduling: protocol.scheduling,
    threads: instance.threads.map(({ name, cpu, untrusted }) => ({ name, cpu, untrusted: untrusted !== false })),
    violation: {
      kind: finding.kind,
      property: finding.property,
      message: finding.message,
      location: shownSite(finding.site),
      threads: finding.threads.map((thread) => system.processes[thread]?.name ?? ""),
      failing: finding.failing,
    },
    decisions,
    initial: first === null ? {} : initialValues(instance, system, first),
    steps,
    end: state === null ? { threads: [], edges: [] } : endOf(system, state, finding),
  };
}

function completion(instance: Instance, system: System, before: State, thread: number, results: readonly number[]): TraceStep["completed"][number] {
  const process = system.processes[thread];
  const location = process === undefined ? null : standsAt(process, before);
  const operation = location === null ? undefined : system.operations[location.operation];
  return { thread: process?.name ?? "", result: operation === undefined ? "" : resultText(instance, system, operation, results) };
}

function initialValues(instance: Instance, system: System, state: State): Readonly<Record<string, ShownValue | readonly ShownValue[]>> {
  const variables = shownVariables(system).filter(({ role }) => role !== "local");
  return Object.fromEntries(variables.flatMap((variable) => namedValues(instance, system, variable, state)).map(({ name, value }) => [name, value]));
}

/** How every thread stands in a state, and who could end the waits of those that are blocked. */
function endOf(system: System, state: State, finding: Finding): Trace["end"] {
  const able = new Set(possibleMoves(system, state).map((move) => system.transitions[move.transition]).flatMap((transition) => (transition?.kind === "step" && transition.thread !== null ? [transition.thread] : [])));
  const isWaiting = !finding.failing && ["deadlock", "unreplied-call", "lost-wakeup"].includes(finding.kind);
  const threads: TraceEnd[] = [];
  const edges: WaitEdge[] = [];
  for (const process of system.processes) {
    const location = standsAt(process, state);
    const stands = { thread: process.name, site: shownSite(location?.site), operation: location === null ? null : operationText(system, state, location) };
    if (location === null) threads.push({ ...stands, state: "finished", says: null, idle: false });
    else if (locationOf(state, process) === process.stopped) threads.push({ ...stands, state: "stopped", says: null, idle: false });
    else if (!able.has(process.index)) {
      const wait = location.waits.find(({ when }) => evaluate(state, when) !== 0);
      threads.push({ ...stands, state: "blocked", says: wait?.says ?? null, idle: wait !== undefined && evaluate(state, wait.idle) !== 0 });
      if (wait !== undefined) for (const other of wakers(system, state, process, wait)) edges.push({ from: process.name, to: other.name, kind: wait.kind, says: wait.says });
    } else if (isWaiting && finding.threads.includes(process.index)) {
      const says = "spinning: every round leaves all as it was";
      threads.push({ ...stands, state: "spinning", says, idle: false });
      for (const other of system.processes) if (other !== process && standsAt(other, state) !== null) edges.push({ from: process.name, to: other.name, kind: "condition", says });
    } else threads.push({ ...stands, state: "ready", says: null, idle: false });
  }
  return { threads, edges };
}

/** The threads that could end a wait, as the kernel declares them. */
function wakers(system: System, state: State, process: Process, wait: WaitInfo): readonly Process[] {
  const at = (other: Process): Location | null => standsAt(other, state);
  return system.processes.filter((other) => other !== process && at(other) !== null && wait.wakers.some(({ able, when }) => able[other.index]?.[locationOf(state, other)] === true && evaluate(state, when, [other.index]) !== 0));
}
