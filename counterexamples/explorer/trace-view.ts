/** A trace as the page shows it, without its specification: values at the start, steps with what they change, and the end. */
import { reasons } from "../explain.ts";
import type { Change, Trace } from "../trace.ts";
import { waitCycle, waitGraph } from "../wait-graph.ts";
import { violationTitle } from "../words.ts";
import { placeOf } from "./names.ts";
import type { NamedValue, PageData, ShownProblem } from "./view.ts";

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
      command: null,
      threads: trace.threads,
      initial: initialValues(trace),
      properties: [{ kind, property }],
    },
    story: { title: violationTitle(trace), why, turn, turning: trace.turning },
    recording: {
      steps: trace.steps.map((step, index) => ({
        ...step,
        kind: trace.decisions[index]?.kind ?? "step",
        fails: trace.violation.failing && index === last ? problem : null,
      })),
      end: trace.end,
      circle: waitCycle(waitGraph(trace), trace.violation.threads) ?? [],
      problem,
      loop: trace.loop ?? null,
    },
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
  // What never changes is of the kind of what has the same first word and does.
  const kinds = new Map([...roles].map(([name, role]) => [firstWord(name), role]));
  return [...first].map(([name, value]) => {
    const { role, owner } = placeOf(name, threads);
    return { name, role: roles.get(name) ?? (owner === null ? kinds.get(firstWord(name)) : undefined) ?? role, value };
  });
}

function firstWord(name: string): string {
  return /^[^.[]*/u.exec(name)?.[0] ?? "";
}
