/**
 * Chrome trace events, which Perfetto and chrome://tracing open: a process for each CPU, a track for each thread, a slice
 * for each step (a step lasts a microsecond), arrows from the step to the threads that it let go on, a span while a
 * thread is blocked, counters of queues and of shared memory, and a mark at the violation.
 */
import type { Trace } from "../trace.ts";
import { sequence } from "./sequence.ts";
import { violationTitle } from "../words.ts";
import { type StateValue, traceStates } from "./states.ts";

type Event = Readonly<Record<string, unknown>>;

/** Length of a step and of the slice inside it, in microseconds. */
const step = 1000;
const slice = 800;

function counted(value: StateValue): number | null {
  if (Array.isArray(value)) return value.length;
  return typeof value === "number" ? value : null;
}

/** The trace as JSON of Chrome trace events. */
export function exportPerfetto(trace: Trace): string {
  const { lanes, rows, spans } = sequence(trace);
  const states = traceStates(trace);
  const track = (lane: number): { readonly pid: number; readonly tid: number } => ({ pid: (lanes[lane]?.cpu ?? 0) + 1, tid: lane + 1 });
  const kernel = { pid: 0, tid: 0 };
  const events: Event[] = [];
  for (const cpu of new Set(lanes.map((lane) => lane.cpu))) {
    events.push({ name: "process_name", ph: "M", pid: cpu + 1, tid: 0, args: { name: `CPU ${cpu}` } });
    events.push({ name: "process_sort_index", ph: "M", pid: cpu + 1, tid: 0, args: { sort_index: cpu + 1 } });
  }
  lanes.forEach(({ name, untrusted }, lane) => {
    events.push({ name: "thread_name", ph: "M", ...track(lane), args: { name: untrusted ? `${name} (untrusted)` : name } });
    events.push({ name: "thread_sort_index", ph: "M", ...track(lane), args: { sort_index: lane + 1 } });
  });
  events.push({ name: "process_name", ph: "M", ...kernel, args: { name: "kernel and memory" } });
  let arrows = 0;
  rows.forEach((row, index) => {
    const place = row.lane === null ? kernel : track(row.lane);
    const site = trace.steps[index]?.site ?? null;
    events.push({
      name: row.text,
      cat: row.kind,
      ph: "X",
      ts: index * step,
      dur: slice,
      ...place,
      args: {
        step: row.number,
        rule: trace.decisions[index]?.rule ?? "",
        ...(site === null ? {} : { source: `${site.file}:${site.line}:${site.column}` }),
        ...Object.fromEntries(
          (trace.steps[index]?.changes ?? []).map(({ name, before, after }) => [name, `${JSON.stringify(before)} -> ${JSON.stringify(after)}`]),
        ),
      },
    });
    for (const { to, text } of row.arrows) {
      const arrow = { name: "lets go on", cat: "ipc", id: ++arrows };
      events.push({ ...arrow, ph: "s", ts: index * step + slice / 2, ...place });
      // The flow ends inside a slice of its own, so that the arrow has something to point at.
      events.push({
        name: text === "" ? "goes on" : text,
        cat: "result",
        ph: "X",
        ts: index * step + slice / 2,
        dur: slice / 2,
        ...track(to),
        args: { step: row.number },
      });
      events.push({ ...arrow, ph: "f", bp: "e", ts: index * step + slice / 2 + 1, ...track(to) });
    }
    for (const [position, name] of states.names.entries()) {
      const value = counted(states.rows[index + 1]?.[position] ?? null);
      if (value !== null && (index === 0 || value !== counted(states.rows[index]?.[position] ?? null)))
        events.push({ name, cat: "state", ph: "C", ts: index * step + slice, ...kernel, args: { value } });
    }
  });
  for (const [number, { lane, from, to, operation, open }] of spans.entries()) {
    const span = { name: `${operation}${open ? " (never ends)" : ""}`, cat: "blocked", id: number + 1, ...track(lane) };
    events.push({ ...span, ph: "b", ts: from * step + slice });
    events.push({ ...span, ph: "e", ts: open ? rows.length * step + slice : to * step + slice / 2 });
  }
  if (trace.loop !== undefined && trace.loop < rows.length) {
    const again = { name: "again and again, for ever", cat: "loop", id: spans.length + 1, ...kernel };
    events.push({ ...again, ph: "b", ts: trace.loop * step }, { ...again, ph: "e", ts: (rows.length - 1) * step + slice });
  }
  events.push({
    name: violationTitle(trace),
    cat: "violation",
    ph: "i",
    s: "g",
    ts: rows.length * step,
    ...kernel,
    args: { message: trace.violation.message },
  });
  const meta = { tool: `${trace.tool.name} ${trace.tool.version}`, protocol: trace.protocol, specification: trace.spec.path };
  return `${JSON.stringify({ displayTimeUnit: "ns", otherData: meta, traceEvents: events }, null, 1)}\n`;
}
