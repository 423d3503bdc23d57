/**
 * A trace for people: one line a step with CPU, thread, place, operation and what changed; then where the threads stand,
 * who waits for whom, why that is a violation, and a last line that reproduces it. Nothing but the trace is needed.
 */
import { reasons } from "./explain.ts";
import { changeText, isNoted, shellWord, stepText, violationTitle } from "./words.ts";
import type { Change, Trace, TraceEnd, TraceSite, TraceStep } from "./trace.ts";

export interface PrintOptions {
  readonly color: boolean;
  /** Columns of the terminal. */
  readonly width: number;
  /** Where the trace was written; the last line names it. */
  readonly file?: string;
  /** All kernel state and locals, not only memory and queues. */
  readonly verbose?: boolean;
  /** Of a longer schedule only the beginning and the end are shown. */
  readonly most?: number;
  /** What happened before steps besides, by their position. */
  readonly notes?: ReadonlyMap<number, readonly string[]>;
}

type Style = "bold" | "dim" | "red" | "cyan" | "yellow";
const codes: Readonly<Record<Style, string>> = { bold: "1", dim: "2", red: "31", cyan: "36", yellow: "33" };
type Paint = (style: Style, text: string) => string;

/** Text from a trace file must not drive the terminal. */
export function clean(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu, (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, "0")}`);
}

function place(site: TraceSite | null): string {
  return site === null ? "" : `${site.file.split("/").at(-1)}:${site.line}:${site.column}`;
}
function fullPlace(site: TraceSite): string {
  return `${site.file}:${site.line}:${site.column}`;
}
/** What a step did, as short notes; the first ones matter most. */
function notes({ changes, completed, thread }: TraceStep, verbose: boolean): readonly string[] {
  const isShown = (each: Change): boolean => verbose || isNoted(each);
  const results = completed.map((each) =>
    each.thread === thread ? (each.result === "" ? "" : `gets ${each.result}`) : `${each.thread} goes on${each.result === "" ? "" : `: ${each.result}`}`,
  );
  return [...changes.filter(isShown).map(changeText), ...results].filter((note) => note !== "");
}

/** Breaks notes into lines of at most `width` columns. */
function lines(all: readonly string[], width: number): readonly string[] {
  const out: string[] = [];
  for (const note of all) {
    const last = out.at(-1);
    if (last !== undefined && last.length + note.length + 2 <= width) out[out.length - 1] = `${last}; ${note}`;
    else out.push(note);
  }
  return out;
}

function header(trace: Trace, paint: Paint): readonly string[] {
  const options = Object.entries(trace.kernel.options).map(([name, setting]) => `${name}: ${setting}`);
  const parameters = Object.entries(trace.parameters).map(([name, setting]) => `${name} = ${setting}`);
  return [
    `${paint("bold", trace.protocol)}: ${paint("red", violationTitle(trace))}`,
    paint(
      "dim",
      [
        `${trace.spec.path} (${trace.spec.export})`,
        `kernel ${trace.kernel.name}${options.length === 0 ? "" : ` (${options.join(", ")})`}`,
        ...(trace.memoryModel.model === "sc" ? [] : [`memory model ${trace.memoryModel.model}`]),
        ...(trace.scheduling === "free" ? [] : [`scheduling ${trace.scheduling}`]),
        ...(parameters.length === 0 ? [] : [parameters.join(", ")]),
      ].join(", "),
    ),
  ];
}

function schedule(trace: Pick<Trace, "steps" | "loop">, paint: Paint, options: PrintOptions): readonly string[] {
  const { width, verbose = false, most = Number.POSITIVE_INFINITY, notes: besides } = options;
  if (trace.steps.length === 0) return ["It stands in the initial state: no step is needed."];
  const before = (index: number): readonly string[] => [
    ...(index === trace.loop ? [paint("yellow", "   from here on again and again, for ever:")] : []),
    ...(besides?.get(index) ?? []).map((note) => paint("dim", `   ${clean(note)}`)),
  ];
  const folded = Math.max(0, trace.steps.length - most);
  const from = Math.floor(most / 3);
  const rows = trace.steps.map((step, index) => ({
    step,
    cells: [
      `${index + 1}`,
      step.cpu === null ? "" : `CPU ${step.cpu}`,
      step.thread ?? (step.cpu === null ? "(kernel)" : "(memory)"),
      place(step.site),
      stepText(step),
    ],
  }));
  const columns = [0, 1, 2, 3].map((column) => Math.max(...rows.map(({ cells }) => cells[column]?.length ?? 0)));
  // Operations line up as well unless a few long ones would push everything to the right.
  const longest = Math.min(Math.max(...rows.map(({ cells }) => cells[4]?.length ?? 0)), Math.floor(width / 3));
  const stays = trace.loop === trace.steps.length ? [paint("yellow", "   there it stays for ever")] : [];
  const shown = rows.flatMap(({ step, cells }, index) => {
    if (folded > 0 && index >= from && index < from + folded) return index === from ? [paint("dim", ` … ${folded} steps …`)] : [];
    const [number = "", cpu = "", thread = "", where = "", operation = ""] = cells.map((cell, column) =>
      column === 0 ? cell.padStart(columns[0] ?? 0) : cell.padEnd(columns[column] ?? 0),
    );
    const isNewThread = index === 0 || trace.steps[index - 1]?.thread !== step.thread;
    const front = ` ${number}  ${cpu}  ${thread}  ${where}  ${operation.padEnd(longest)}`;
    const painted = ` ${number}  ${paint("dim", cpu)}  ${isNewThread ? paint("bold", thread) : thread}  ${paint("dim", where)}  ${operation.padEnd(longest)}`;
    const changes = notes(step, verbose);
    const [oneLine = "", ...more] = lines(changes, Number.MAX_SAFE_INTEGER);
    if (changes.length === 0) return [...before(index), painted.trimEnd()];
    if (more.length === 0 && front.length + 2 + oneLine.length <= width) return [...before(index), `${painted}  ${paint("cyan", oneLine)}`];
    const indent = " ".repeat(number.length + 5);
    return [...before(index), painted.trimEnd(), ...lines(changes, width - indent.length).map((line) => `${indent}${paint("cyan", line)}`)];
  });
  return [...shown, ...stays];
}

function standing(trace: Pick<Trace, "threads" | "end"> & Partial<Pick<Trace, "steps" | "violation">>, paint: Paint): readonly string[] {
  const untrusted = new Set(trace.threads.filter((thread) => thread.untrusted).map(({ name }) => name));
  const { shown, folded } = bystanders(trace);
  const width = Math.max(...shown.map(({ thread }) => thread.length), 0);
  const others =
    folded.length === 0 ? [] : [paint("dim", `  ${folded.length} others that have taken no step are ready where they began: ${folded.join(", ")}`)];
  const rows = shown.map((end) => {
    const at = end.operation === null ? "" : ` in ${end.operation}${end.site === null ? "" : ` at ${place(end.site)}`}`;
    const how = end.says === null ? "" : `: ${end.says}${end.idle ? ", at rest" : ""}`;
    const state = end.state === "blocked" ? paint("yellow", end.state) : end.state;
    const stop = end.state === "ready" && untrusted.has(end.thread) ? ", where it may stop for ever" : "";
    return `  ${end.thread.padEnd(width)}  ${state}${end.state === "finished" ? "" : at}${how}${stop}`;
  });
  return [...rows, ...others];
}

/** Threads with no part in a violation are told in one line where they are many. */
function bystanders({ end, steps, violation }: Pick<Trace, "end"> & Partial<Pick<Trace, "steps" | "violation">>): {
  readonly shown: readonly TraceEnd[];
  readonly folded: readonly string[];
} {
  const involved = new Set([
    ...(violation?.threads ?? []),
    ...end.edges.flatMap(({ from, to }) => [from, to]),
    ...(steps ?? []).flatMap(({ thread, completed }) => [thread, ...completed.map((each) => each.thread)]),
  ]);
  const folded = steps === undefined || violation === undefined ? [] : end.threads.filter(({ thread, state }) => state === "ready" && !involved.has(thread));
  return folded.length < 3
    ? { shown: end.threads, folded: [] }
    : { shown: end.threads.filter((each) => !folded.includes(each)), folded: folded.map(({ thread }) => thread) };
}

const painter = (color: boolean): Paint => (color ? (style, text) => `\u001b[${codes[style]}m${text}\u001b[0m` : (_, text) => text);

/** What a path does, and where everybody stands at the end. */
export function printPath(path: Pick<Trace, "steps" | "threads" | "end" | "loop">, options: PrintOptions): string {
  const paint = painter(options.color);
  const shown = cleaned(path);
  return [...schedule(shown, paint, options), "", paint("bold", "At the end"), ...standing(shown, paint), ""].join("\n");
}

/** Prints a trace; ends with a newline. */
export function printTrace(trace: Trace, options: PrintOptions): string {
  const paint = painter(options.color);
  const shown = cleaned(trace);
  const { graph, why, turn, passing, remedies } = reasons(shown);
  const section = (title: string, body: readonly string[]): readonly string[] => (body.length === 0 ? [] : ["", paint("bold", title), ...body]);
  const { location } = shown.violation;
  return [
    ...header(shown, paint),
    ...section("Schedule", schedule(shown, paint, options)),
    ...section("At the end", standing(shown, paint)),
    ...section(
      "Who waits for whom",
      graph.map((line) => `  ${line}`),
    ),
    ...section(
      "Why this is a violation",
      [...why, ...(location === null ? [] : [`at ${fullPlace(location)}`])].map((line) => `  ${line}`),
    ),
    ...section(
      "Point of no return",
      turn.map((line) => `  ${line}`),
    ),
    ...section(
      "Nearest schedule that passes",
      passing.map((line) => `  ${line.startsWith("-") ? paint("red", line) : line.startsWith("+") ? paint("cyan", line) : line}`),
    ),
    ...section(
      "What helps",
      remedies.map((line) => `  ${line}`),
    ),
    "",
    `Reproduce: ${reproduce(shown, options.file)}`,
    "",
  ].join("\n");
}

/** The command that brings the counterexample back. */
function reproduce(trace: Trace, file: string | undefined): string {
  if (file !== undefined) return `ipc-check replay ${shellWord(clean(file))}`;
  const parameters = Object.entries(trace.parameters).flatMap(([name, setting]) => ["--param", shellWord(`${name}=${setting}`)]);
  const { model, buffer, messages } = trace.memoryModel;
  const memory = model === "sc" ? [] : ["--memory-model", model, ...(model === "ra" ? ["--messages", `${messages}`] : ["--buffer", `${buffer}`])];
  return ["ipc-check", "verify", shellWord(trace.spec.path), ...parameters, ...memory].join(" ");
}

/** The same trace with harmless strings only. */
function cleaned<T>(trace: T): T {
  const walk = (part: unknown): unknown => {
    if (typeof part === "string") return clean(part);
    if (Array.isArray(part)) return part.map(walk);
    if (typeof part === "object" && part !== null) return Object.fromEntries(Object.entries(part).map(([name, each]) => [clean(name), walk(each)]));
    return part;
  };
  return walk(trace) as T;
}
