/** Why a trace is a violation, in sentences: the wait-for graph in words, and what the kind of violation means here. */
import type { Trace, TraceEnd } from "./trace.ts";
import { remedies } from "./remedies.ts";
import { type WaitGraph, waitCycle, waitGraph } from "./wait-graph.ts";

function join(names: readonly string[], word: "and" | "or"): string {
  return names.length < 2 ? (names[0] ?? "") : `${names.slice(0, -1).join(", ")} ${word} ${names.at(-1)}`;
}

/** One sentence for each blocked thread. */
function waits(trace: Trace, graph: WaitGraph): readonly string[] {
  const untrusted = new Set(trace.threads.filter((thread) => thread.untrusted).map(({ name }) => name));
  const standing = (name: string): string => {
    const state = trace.end.threads.find(({ thread }) => thread === name)?.state;
    if (state === "finished") return `${name} (finished)`;
    if (state === "stopped") return `${name} (stopped for ever)`;
    return untrusted.has(name) ? `${name} (untrusted: may never act)` : name;
  };
  return trace.end.threads
    .filter(({ state }) => state === "blocked" || state === "spinning")
    .map(({ thread, says, idle }) => {
      const others = graph.hasNode(thread) ? graph.outNeighbors(thread) : [];
      const how = says === null ? "" : ` [${says}]`;
      const rest = idle ? "; waiting there is rest, not harm" : "";
      if (others.length === 0) return `${thread} waits${how}, and no thread could end that${rest}`;
      return `${thread} waits for ${join(others.map(standing), "or")}${how}${rest}`;
    });
}

function circle(trace: Trace, graph: WaitGraph): readonly string[] {
  const isIdle = (name: string): boolean => trace.end.threads.some(({ thread, idle }) => thread === name && idle);
  // The reader looks for those that are harmed first.
  const { threads } = trace.violation;
  const cycle = waitCycle(graph, [...threads.filter((name) => !isIdle(name)), ...threads.filter(isIdle)]);
  if (cycle === null) return [];
  const [first = "", ...others] = cycle;
  if (others.length === 0) return [`Circle: ${first} waits for itself.`];
  return [`Circle: ${[first, ...others, first].join(" → ")}.`];
}

function why(trace: Trace, graph: WaitGraph): readonly string[] {
  const { violation } = trace;
  const harmed = trace.end.threads.filter(({ thread, idle }) => violation.threads.includes(thread) && !idle);
  const names = join(
    harmed.map(({ thread }) => thread),
    "and",
  );
  const message = violation.message === violation.kind || violation.message === "" ? [] : [violation.message];
  switch (violation.kind) {
    case "deadlock":
      return [...message, `${names || "They"} can never go on: every thread that could end the wait is blocked itself, or has ended.`, ...circle(trace, graph)];
    case "unreplied-call":
      return [...message, ...hostages(trace, graph, harmed)];
    case "lost-wakeup":
      return [
        ...message,
        harmed.length > 1
          ? `${names} sleep although what they sleep for holds already, and no wake-up is still to come.`
          : `${names || "It"} sleeps although what it sleeps for holds already, and no wake-up is still to come.`,
      ];
    case "liveness":
    case "starvation":
    case "livelock":
      return [...message, ...again(trace)];
    case "invariant":
      return [`the invariant "${violation.property}" is false in the last state`, ...message.filter((line) => line !== violation.property)];
    case "data-race":
    case "assertion":
    case "out-of-range":
    case "unhandled-error":
      return message.length > 0 ? message : [violation.property];
  }
}

/** What repeats. */
function again({ loop, steps, violation }: Trace): readonly string[] {
  if (loop === undefined) return [];
  if (loop === steps.length) return ["The run stays in the last state for ever: no step is left that has to be taken."];
  const which = loop + 1 === steps.length ? `Step ${steps.length} repeats` : `Steps ${loop + 1} to ${steps.length} repeat`;
  return [
    `${which} for ever${violation.kind === "liveness" ? ", and that is fair" : ""}: every thread that is treated fairly steps again and again, or cannot always step.`,
  ];
}

function hostages(trace: Trace, graph: WaitGraph, harmed: readonly TraceEnd[]): readonly string[] {
  const untrusted = trace.threads.filter((thread) => thread.untrusted).map(({ name }) => name);
  return harmed.flatMap(({ thread }) => {
    const { chain, holder } = chainTo(graph, thread, untrusted);
    if (holder === null) return [`${thread} waits for a thread that may never act.`];
    const last = trace.end.edges.find(({ from, to }) => from === chain.at(-1) && to === holder);
    return [
      `${thread} depends on ${holder}, which is untrusted and need never act: ${[...chain, holder].join(" waits for ")}.`,
      ...(last === undefined ? [] : [`The wait to make finite, or not to enter, is that of ${last.from}: ${last.says}.`]),
    ];
  });
}

/** A shortest way from `start` along waits to one of `targets`. */
function chainTo(graph: WaitGraph, start: string, targets: readonly string[]): { readonly chain: readonly string[]; readonly holder: string | null } {
  const open: (readonly string[])[] = graph.hasNode(start) ? [[start]] : [];
  const seen = new Set([start]);
  for (let chain = open.shift(); chain !== undefined; chain = open.shift()) {
    for (const next of graph.outNeighbors(chain.at(-1) ?? start)) {
      if (targets.includes(next)) return { chain, holder: next };
      if (seen.has(next)) continue;
      seen.add(next);
      open.push([...chain, next]);
    }
  }
  return { chain: [start], holder: null };
}

/** The last step that could have been another one, and what it could have been. */
function turn({ turning, steps }: Trace): readonly string[] {
  if (turning === null || steps.length === 0) return [];
  if (turning.step === 0) return ["From the start no schedule avoids it."];
  const told = (thread: string | null, operation: string, rule: string): string =>
    `${thread ?? "the kernel"}: ${operation}${rule === "" || operation.includes(rule) ? "" : ` (${rule})`}`;
  const step = steps[turning.step - 1];
  if (step === undefined) return [];
  const after = turning.step === steps.length ? "With it the violation stands" : "From here on no schedule avoids the violation";
  return [
    `Step ${turning.step}, ${told(step.thread, step.operation, step.rule)}. ${after}; until then it could be avoided.`,
    ...(turning.instead === null ? [] : [`Instead, for example, ${told(turning.instead.thread, turning.instead.operation, turning.instead.rule)}.`]),
  ];
}

/** The nearest schedule that passes, beside this one: what both do, what this one does then, what the other one does. */
function passing({ turning, steps }: Trace): readonly string[] {
  if (turning?.passing === undefined || turning.step === 0) return [];
  const line = (sign: string, thread: string | null, operation: string, rule: string): string =>
    `${sign} ${thread ?? "(kernel)"}: ${operation}${rule === "" || operation.includes(rule) ? "" : ` (${rule})`}`;
  const common = turning.step - 1;
  return [
    ...(common === 0 ? [] : [`  ${common === 1 ? "step 1" : `steps 1 to ${common}`} as above`]),
    ...steps.slice(common).map(({ thread, operation, rule }) => line("-", thread, operation, rule)),
    ...turning.passing.map(({ thread, operation, rule }) => line("+", thread, operation, rule)),
    "  and from there it ends, or goes on for ever, without harm",
  ];
}

/** The sentences that `printTrace` shows: who waits for whom, why that is a violation, the point of no return, what passes, and what helps. */
export function reasons(trace: Trace): {
  readonly graph: readonly string[];
  readonly why: readonly string[];
  readonly turn: readonly string[];
  readonly passing: readonly string[];
  readonly remedies: readonly string[];
} {
  const graph = waitGraph(trace);
  return { graph: waits(trace, graph), why: why(trace, graph), turn: turn(trace), passing: passing(trace), remedies: remedies(trace) };
}
