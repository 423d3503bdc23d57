/**
 * A trace as the page shows it, without its specification: values from the start and from each step's changes, and where
 * each thread stands as far as later steps and the end of the trace tell.
 */
import { reasons } from "../explain.ts";
import { sequence, type Span } from "../export/sequence.ts";
import type { Change, Trace, TraceEnd } from "../trace.ts";
import { waitCycle, waitGraph } from "../wait-graph.ts";
import { violationTitle } from "../words.ts";
import { placeOf } from "./names.ts";
import type { Moment, NamedValue, PageData, ShownProblem } from "./view.ts";

/** Phrases on where a trace or a protocol comes from. */
export function aboutTrace(trace: Pick<Trace, "spec" | "kernel" | "parameters" | "scheduling" | "memoryModel">): readonly string[] {
  const options = Object.entries(trace.kernel.options).map(([name, setting]) => `${name}: ${setting}`);
  return [
    `${trace.spec.path} (${trace.spec.export})`,
    `kernel ${trace.kernel.name}${options.length === 0 ? "" : ` (${options.join(", ")})`}`,
    `memory model ${trace.memoryModel.model}`,
    ...(trace.scheduling === "free" ? [] : [`scheduling ${trace.scheduling}`]),
    ...Object.entries(trace.parameters).map(([name, setting]) => `${name} = ${setting}`),
  ];
}

/** Everything that the page needs. */
export function traceData(trace: Trace): PageData {
  const { kind, property, message } = trace.violation;
  const problem: ShownProblem = { kind, property, message };
  const last = trace.steps.length - 1;
  const { why, turn } = reasons(trace);
  return {
    kind: "trace",
    scene: {
      protocol: trace.protocol,
      about: aboutTrace(trace),
      threads: trace.threads,
      initial: initialValues(trace),
      properties: [{ kind, property }],
    },
    story: { title: violationTitle(trace), why, turn, turning: trace.turning },
    steps: trace.steps.map((step, index) => ({
      ...step,
      kind: trace.decisions[index]?.kind ?? "step",
      fails: trace.violation.failing && index === last ? problem : null,
    })),
    moments: moments(trace, problem),
  };
}

function initialValues(trace: Trace): readonly NamedValue[] {
  const threads = trace.threads.map(({ name }) => name);
  const roles = new Map<string, Change["role"]>();
  const first = new Map(Object.entries(trace.initial));
  for (const { changes } of trace.steps) {
    for (const { name, role, before } of changes) {
      roles.set(name, role);
      // Locals are not part of the start; each had its old value until a step changed it.
      if (!first.has(name)) first.set(name, before);
    }
  }
  return [...first].map(([name, value]) => ({ name, role: roles.get(name) ?? placeOf(name, threads).role, value }));
}

function moments(trace: Trace, problem: ShownProblem): readonly Moment[] {
  const { spans } = sequence(trace);
  const length = trace.steps.length;
  const circle = waitCycle(waitGraph(trace), trace.violation.threads) ?? [];
  return Array.from({ length: length + 1 }, (_, position): Moment => {
    const isEnd = position === length;
    return {
      threads: isEnd ? trace.end.threads : trace.end.threads.map((end) => standingAt(trace, spans, position, end)),
      edges: isEnd ? trace.end.edges : null,
      circle: isEnd ? circle : [],
      problems: isEnd ? [problem] : null,
      moves: null,
    };
  });
}

/** Where a thread stands after so many steps: at the operation of its next step, blocked if that has begun already. */
function standingAt(trace: Trace, spans: readonly Span[], position: number, end: TraceEnd): TraceEnd {
  const { thread } = end;
  const lane = [...trace.threads].sort((a, b) => a.cpu - b.cpu).findIndex(({ name }) => name === thread);
  const stopped = trace.steps.slice(0, position).some((step, index) => step.thread === thread && trace.decisions[index]?.kind === "stop");
  const isBlocked = spans.some(({ lane: of, from, to, open }) => of === lane && from < position && (open || to >= position));
  const next = trace.steps.find((step, index) => index >= position && step.thread === thread && trace.decisions[index]?.kind !== "stop");
  const state = stopped ? "stopped" : isBlocked ? "blocked" : "ready";
  if (next !== undefined) return { thread, state, site: next.site, operation: next.operation, says: null, idle: false };
  // No further step of its own: it ends where it stands at the end, unless another thread's step has taken it there.
  const isServed = trace.steps.some((step, index) => index >= position && step.thread !== thread && step.completed.some((each) => each.thread === thread));
  if (isServed)
    return {
      thread,
      state,
      site: null,
      operation: spans.find(({ lane: of, from, to }) => of === lane && from < position && to >= position)?.operation ?? null,
      says: null,
      idle: false,
    };
  return { ...end, state: end.state === "blocked" || end.state === "spinning" ? state : end.state, says: null, idle: false };
}
