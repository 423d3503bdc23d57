/** Reading a trace that somebody else wrote: every field is checked before anything uses it, and no code comes from it. */
import { readFileSync, statSync } from "node:fs";
import { memoryModels, mostBuffered, mostMessages } from "../model/language/memory-model.ts";
import { either, integer, list, literal, nullable, object, type Shape, ShapeError, table, text, truth } from "./shape.ts";
import {
  type Change,
  type Decision,
  type ShownValue,
  type Trace,
  type TraceEnd,
  traceFormat,
  type TraceSite,
  type TraceStep,
  type TraceThread,
  traceVersion,
  type Told,
  type Turning,
  type WaitEdge,
} from "./trace.ts";

/** Larger files are refused unread: 64 MB. */
export const maxTraceBytes: number = 64 * 1024 * 1024;

/** A file that is no usable trace; the message says what is wrong with it and names the file. */
export class TraceError extends Error {
  readonly file: string;
  constructor(file: string, problem: string) {
    super(`${file}: ${problem}`);
    this.file = file;
  }
}

const most = 1_000_000;
const count = integer(0, 0x7fff_ffff);
const scalar: Shape<ShownValue> = (value, where) => {
  if (value === null || typeof value === "string" || typeof value === "boolean" || (typeof value === "number" && Number.isFinite(value))) return value;
  throw new ShapeError(where, "must be a number, a string, true, false or null");
};
const shown = either(Array.isArray, list(scalar, most), scalar);
const site: Shape<TraceSite> = object<TraceSite>({ file: text, line: integer(1, 0x7fff_ffff), column: integer(1, 0x7fff_ffff) });
const option: Shape<string | number | boolean> = (value, where) => {
  const checked = scalar(value, where);
  if (checked === null) throw new ShapeError(where, "must not be null");
  return checked;
};

const told = object<Told>({ thread: nullable(text), operation: text, rule: text });
const shape: Shape<Trace> = object<Trace>(
  {
    format: literal(traceFormat),
    version: literal(traceVersion),
    tool: object<Trace["tool"]>({ name: text, version: text }),
    spec: object<Trace["spec"]>({ path: text, hash: text, export: text }),
    protocol: text,
    parameters: table(integer(-0x7fff_ffff, 0x7fff_ffff)),
    kernel: object<Trace["kernel"]>({ name: text, options: table(option) }),
    scheduling: literal("free", "priority", "round-robin"),
    memoryModel: object<Trace["memoryModel"]>({ model: literal(...memoryModels), buffer: integer(1, mostBuffered), messages: integer(2, mostMessages) }),
    threads: list(object<TraceThread>({ name: text, cpu: integer(0, 0xffff), untrusted: truth }), 4096),
    violation: object<Trace["violation"]>({
      kind: literal(
        "deadlock",
        "unreplied-call",
        "lost-wakeup",
        "data-race",
        "assertion",
        "invariant",
        "out-of-range",
        "unhandled-error",
        "liveness",
        "starvation",
        "livelock",
      ),
      property: text,
      message: text,
      location: nullable(site),
      threads: list(text, 4096),
      failing: truth,
    }),
    decisions: list(
      object<Decision>({ kind: literal("step", "stop", "background"), thread: nullable(count), rule: text, pick: count, transition: count }),
      most,
    ),
    initial: table(shown),
    steps: list(
      object<TraceStep>({
        cpu: nullable(count),
        thread: nullable(text),
        site: nullable(site),
        operation: text,
        rule: text,
        changes: list(object<Change>({ name: text, role: literal("memory", "ghost", "object", "kernel", "local"), before: shown, after: shown }), most),
        completed: list(object<TraceStep["completed"][number]>({ thread: text, result: text }), 4096),
      }),
      most,
    ),
    end: object<Trace["end"]>({
      threads: list(
        object<TraceEnd>({
          thread: text,
          state: literal("ready", "blocked", "finished", "stopped", "spinning"),
          site: nullable(site),
          operation: nullable(text),
          says: nullable(text),
          idle: truth,
        }),
        4096,
      ),
      edges: list(object<WaitEdge>({ from: text, to: text, kind: text, says: text }), most),
    }),
    turning: nullable(object<Turning>({ step: integer(0, most), instead: nullable(told) }, { passing: list(told, most) })),
  },
  { loop: integer(0, most), repaired: list(text, most) },
);

/** What one field says must agree with what the others say. */
function checkReferences(trace: Trace): void {
  const names = new Set(trace.threads.map(({ name }) => name));
  if (names.size === 0) throw new ShapeError("threads", "is empty");
  if (names.size !== trace.threads.length) throw new ShapeError("threads", "names a thread twice");
  const known = (name: string, where: string): void => {
    if (!names.has(name)) throw new ShapeError(where, `names a thread that is not in the list of threads: ${JSON.stringify(name)}`);
  };
  if (trace.decisions.length !== trace.steps.length)
    throw new ShapeError("steps", `has ${trace.steps.length} entries, but there are ${trace.decisions.length} decisions`);
  trace.decisions.forEach(({ thread, kind, rule }, index) => {
    const where = `decisions[${index}]`;
    if (kind !== "background" && thread === null) throw new ShapeError(`${where}.thread`, "must not be null");
    if (thread !== null && thread >= trace.threads.length)
      throw new ShapeError(`${where}.thread`, `must be below ${trace.threads.length}, the number of threads, not ${thread}`);
    const step = trace.steps[index];
    const name = thread === null ? null : trace.threads[thread]?.name;
    if (step?.rule !== rule) throw new ShapeError(`steps[${index}].rule`, `must be ${JSON.stringify(rule)}, as in decisions[${index}]`);
    if (step.thread !== name) throw new ShapeError(`steps[${index}].thread`, `must be ${JSON.stringify(name)}, as in decisions[${index}]`);
  });
  trace.steps.forEach(({ completed }, index) => {
    for (const { thread } of completed) known(thread, `steps[${index}].completed`);
  });
  if (trace.loop !== undefined && trace.loop > trace.steps.length)
    throw new ShapeError("loop", `must be at most ${trace.steps.length}, the number of steps, not ${trace.loop}`);
  if (trace.turning !== null && trace.turning.step > trace.steps.length)
    throw new ShapeError("turning.step", `must be at most ${trace.steps.length}, the number of steps, not ${trace.turning.step}`);
  for (const { thread } of [trace.turning?.instead ?? [], trace.turning?.passing ?? []].flat()) if (thread !== null) known(thread, "turning");
  for (const thread of trace.violation.threads) known(thread, "violation.threads");
  for (const { thread } of trace.end.threads) known(thread, "end.threads");
  for (const { from, to } of trace.end.edges) {
    known(from, "end.edges");
    known(to, "end.edges");
  }
}

/** Checks the text of a trace; `file` names it in messages. Throws {@link TraceError}. */
export function parseTrace(json: string, file: string): Trace {
  if (json.trim() === "") throw new TraceError(file, "the file is empty");
  let document: unknown;
  try {
    document = JSON.parse(json);
  } catch (error) {
    const isCutOff = json.trimStart().startsWith("{") && !json.trimEnd().endsWith("}");
    throw new TraceError(
      file,
      isCutOff
        ? "the file ends in the middle; it was not written completely, or was cut off"
        : `this is not JSON (${error instanceof Error ? error.message : String(error)})`,
    );
  }
  if (typeof document !== "object" || document === null || Array.isArray(document))
    throw new TraceError(file, "this is JSON, but not a trace: a trace is an object");
  const { format, version } = document as { readonly format?: unknown; readonly version?: unknown };
  if (format !== traceFormat) throw new TraceError(file, `this is JSON, but not a trace of ipc-check: "format" is not ${JSON.stringify(traceFormat)}`);
  if (typeof version === "number" && version > traceVersion)
    throw new TraceError(
      file,
      `it has format version ${version}, and this ipc-check reads version ${traceVersion}; use the ipc-check that wrote it, or a newer one`,
    );
  try {
    const trace = shape(document, "");
    checkReferences(trace);
    return trace;
  } catch (error) {
    if (error instanceof ShapeError) throw new TraceError(file, `not a valid trace: ${error.message}`);
    throw error;
  }
}

/** Reads and checks a trace file. Throws {@link TraceError}. */
export function readTrace(path: string): Trace {
  const status = statSync(path, { throwIfNoEntry: false });
  if (status === undefined) throw new TraceError(path, "there is no such file");
  if (!status.isFile()) throw new TraceError(path, status.isDirectory() ? "this is a folder, not a trace" : "this is not an ordinary file");
  if (status.size > maxTraceBytes) throw new TraceError(path, `the file has ${status.size} bytes; a trace has at most ${maxTraceBytes}`);
  let json: string;
  try {
    json = new TextDecoder("utf-8", { fatal: true }).decode(readFileSync(path));
  } catch (error) {
    throw new TraceError(
      path,
      error instanceof TypeError ? "this is not text in UTF-8" : `it cannot be read (${error instanceof Error ? error.message : String(error)})`,
    );
  }
  return parseTrace(json, path);
}
