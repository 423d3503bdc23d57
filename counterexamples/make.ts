/** From a finding to a trace: the path run once more on the interpreter, with everything that a reader needs written down. */
import { blockedAnalysis } from "../checker/properties/blocked.ts";
import { turningPoint } from "../checker/properties/turning-point.ts";
import type { Finding, PathStep } from "../checker/result.ts";
import type { Instance } from "../model/language/protocol.ts";
import { fire, initialState, locationOf, type Outcome } from "../model/system/interpret.ts";
import type { State, System } from "../model/system/system.ts";
import { changes, drainedText, memoryValues, namedValues, operationText, resultText, shownSite, shownVariables, standsAt } from "./show.ts";
import {
  type Decision,
  type ShownValue,
  type Told,
  type Trace,
  type TraceEnd,
  traceFormat,
  type TraceMeta,
  type TraceStep,
  traceVersion,
  type WaitEdge,
} from "./trace.ts";

/** What a path does, step by step, and where it leads. */
export type Recorded = Pick<Trace, "decisions" | "initial" | "steps" | "end">;

/** Writes down the counterexample `finding` of `system`, which is `instance` compiled. */
export function makeTrace(instance: Instance, system: System, finding: Finding, meta: TraceMeta): Trace {
  const { decisions, initial, steps, end } = recordPath(instance, system, finding.path);
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
    memoryModel: instance.memoryModel,
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
    initial,
    steps,
    end,
    turning: finding.loop === undefined ? turningOf(instance, system, finding) : null,
    ...(finding.loop === undefined ? {} : { loop: finding.loop }),
    ...(meta.repaired === undefined || meta.repaired.length === 0 ? {} : { repaired: meta.repaired }),
  };
}

/** Runs a path on the interpreter and writes down what it does. */
export function recordPath(instance: Instance, system: System, path: readonly PathStep[]): Recorded {
  const start = initialState(system);
  const steps: TraceStep[] = [];
  const decisions: Decision[] = [];
  let state: State | null = start.kind === "state" ? start.state : null;
  const first = state;
  for (const [index, move] of path.entries()) {
    if (state === null) throw new Error(`the path goes on after step ${index}, where it has ended`);
    const { decision, step, outcome } = recordStep(instance, system, state, move);
    if (outcome.kind === "pruned") throw new Error(`step ${index + 1} of the path is ruled out by an assumption`);
    decisions.push(decision);
    steps.push(step);
    // The state before a failing step is where everybody stands when it happens.
    if (outcome.kind === "state") state = outcome.state;
    else if (index !== path.length - 1) throw new Error(`the path goes on after step ${index + 1}, where it has ended`);
  }
  return {
    decisions,
    initial: first === null ? {} : initialValues(instance, system, first),
    steps,
    end: state === null ? { threads: [], edges: [] } : standings(instance, system, state),
  };
}

/** Takes one step and writes down what it does. */
export function recordStep(
  instance: Instance,
  system: System,
  state: State,
  move: PathStep,
): { readonly decision: Decision; readonly step: TraceStep; readonly outcome: Outcome } {
  const transition = system.transitions[move.transition];
  if (transition === undefined) throw new Error(`the path names transition ${move.transition}, which does not exist`);
  const process = transition.thread === null ? null : (system.processes[transition.thread] ?? null);
  const location = process === null ? null : standsAt(process, state);
  const outcome = fire(system, state, move);
  const step: TraceStep = {
    cpu: process === null ? (transition.drains ?? transition.cpu ?? null) : process.cpu,
    thread: process?.name ?? null,
    site: shownSite(location?.site),
    operation:
      transition.kind === "stop"
        ? "stops for ever"
        : location === null
          ? `${transition.rule}${transition.drains === undefined ? "" : ` ${drainedText(system, state, transition.drains, move.pick)}`}`
          : operationText(instance, system, state, location),
    rule: transition.rule,
    changes: outcome.kind === "state" ? changes(instance, system, state, outcome.state) : [],
    completed:
      outcome.kind === "state" ? outcome.completed.map((thread, each) => completion(instance, system, state, thread, outcome.results[each] ?? [])) : [],
  };
  const decision: Decision = { kind: transition.kind, thread: transition.thread, rule: transition.rule, pick: move.pick, transition: transition.id };
  return { decision, step, outcome };
}

/** Longer passing schedules are left out: nobody would read them. */
const mostPassing = 60;

/** Where the mistake was made, and what would have avoided it. */
function turningOf(instance: Instance, system: System, { path }: Finding): Trace["turning"] {
  const turning = turningPoint(system, path);
  if (turning === null) return null;
  const passing: Told[] = [];
  let state = turning.before;
  for (const move of turning.passing.length > mostPassing ? turning.passing.slice(0, 1) : turning.passing) {
    const { step, outcome } = recordStep(instance, system, state, move);
    passing.push({ thread: step.thread, operation: step.operation, rule: step.rule });
    if (outcome.kind === "state") state = outcome.state;
  }
  const [instead = null] = passing;
  return { step: turning.step, instead, ...(turning.passing.length > 0 && turning.passing.length <= mostPassing ? { passing } : {}) };
}

function completion(instance: Instance, system: System, before: State, thread: number, results: readonly number[]): TraceStep["completed"][number] {
  const process = system.processes[thread];
  const location = process === undefined ? null : standsAt(process, before);
  const operation = location === null ? undefined : system.operations[location.operation];
  return { thread: process?.name ?? "", result: operation === undefined ? "" : resultText(instance, system, operation, results) };
}

function initialValues(instance: Instance, system: System, state: State): Readonly<Record<string, ShownValue | readonly ShownValue[]>> {
  const variables = shownVariables(system).filter(({ role }) => role !== "local");
  const values = [...variables.flatMap((variable) => namedValues(instance, system, variable, state)), ...memoryValues(system, state)];
  return Object.fromEntries(values.map(({ name, value }) => [name, value]));
}

/** How every thread stands in a state, and who could end the waits of those that are blocked. */
export function standings(instance: Instance, system: System, state: State): Trace["end"] {
  const { waiting } = blockedAnalysis(system, state);
  const name = (thread: number): string => system.processes[thread]?.name ?? "";
  const threads = system.processes.map((process): TraceEnd => {
    const location = standsAt(process, state);
    const wait = waiting.find(({ thread }) => thread === process.index);
    const stands = {
      thread: process.name,
      site: shownSite(location?.site),
      operation: location === null ? null : operationText(instance, system, state, location),
      says: wait?.says ?? null,
      idle: wait?.idle ?? false,
    };
    if (locationOf(state, process) === process.stopped) return { ...stands, state: "stopped" };
    if (location === null) return { ...stands, state: "finished" };
    return { ...stands, state: wait === undefined ? "ready" : wait.how === "spinning" ? "spinning" : "blocked" };
  });
  const edges = waiting.flatMap(({ thread, wakers, says, info, how }) =>
    wakers.map((waker): WaitEdge => ({ from: name(thread), to: name(waker), kind: info?.kind ?? (how === "wait" ? "condition" : how), says })),
  );
  return { threads, edges };
}
