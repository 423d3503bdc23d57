/** `run`: a protocol on the executable kernel without a trace: its threads run by themselves, and what happens is printed. */
import { makeTrace, recordPath } from "../counterexamples/make.ts";
import { printPath, printTrace } from "../counterexamples/print.ts";
import { inspect } from "../counterexamples/inspect.ts";
import type { Part } from "../counterexamples/parts.ts";
import { type Run, type RunEnd, runFreely } from "../counterexamples/run.ts";
import type { Trace, TraceMeta } from "../counterexamples/trace.ts";
import { compile } from "../model/compiler/index.ts";
import type { Instance } from "../model/language/protocol.ts";
import { SpecError } from "../model/loader/diagnostic.ts";
import { loadSpec } from "../model/loader/load.ts";
import { shownPath } from "../model/loader/registry.ts";
import { toolManifest } from "../model/loader/tool.ts";
import type { System } from "../model/system/system.ts";
import { instantiateOrExplain, type Job } from "./check.ts";
import { renderDiagnostics } from "./diagnostics.ts";
import { type ExitCode, exitCodes } from "./exit.ts";
import { faultFor, type GivenFault } from "./fault-options.ts";
import { memoryGiven, type MemoryOptions } from "./memory-options.ts";
import { oneProtocol } from "./one-protocol.ts";
import type { Sweep } from "./options.ts";
import { specificationError } from "./specification-error.ts";
import { table } from "./table.ts";
import type { Stream, Terminal } from "./terminal.ts";
import { traceName, writeTrace } from "./trace-files.ts";
import { exact, plural } from "./units.ts";

export interface RunCommand extends MemoryOptions {
  readonly export?: string;
  readonly param?: Sweep;
  readonly seed: number;
  readonly steps: number;
  readonly quantum: number;
  readonly fault?: readonly GivenFault[];
  readonly show?: readonly Part[];
  readonly traceDir: string;
  readonly traceFile: boolean;
  readonly json?: true;
  readonly quiet?: true;
  readonly verbose?: true;
}

/** Steps of a run that are printed without --verbose. */
const mostPrinted = 60;

export async function run(file: string, options: RunCommand, { out, err }: Terminal): Promise<ExitCode> {
  const interrupt = new AbortController();
  const onSignal = (): void => interrupt.abort();
  process.once("SIGINT", onSignal);
  let job: Job | null = null;
  try {
    job = { ...oneProtocol(await loadSpec(file, { patience: 10 }), file, options.export, options.param ?? {}), memoryModel: memoryGiven(options) };
    const instance = instantiateOrExplain(job);
    const system = compile(instance);
    const { seed, steps, quantum } = options;
    const faults = (options.fault ?? []).map((fault, index) => faultFor(fault, instance, seed, index));
    const done = await runFreely(instance, system, { seed, steps, quantum, faults, signal: interrupt.signal });
    return report(job, instance, system, done, options, { out, err });
  } catch (error) {
    const explained = error instanceof SpecError ? error.diagnostics : job === null ? null : specificationError(error, job.declared.protocol);
    if (explained === null) throw error;
    err.write(renderDiagnostics(explained, err));
    return exitCodes.usage;
  } finally {
    process.removeListener("SIGINT", onSignal);
  }
}

const codes = {
  finished: exitCodes.holds,
  "at rest": exitCodes.holds,
  violated: exitCodes.violated,
  "ruled out": exitCodes.inconclusive,
  "steps used up": exitCodes.inconclusive,
  "not executable": exitCodes.inconclusive,
  interrupted: exitCodes.interrupted,
  left: exitCodes.inconclusive,
  diverged: exitCodes.internal,
} as const satisfies Record<RunEnd["kind"], ExitCode>;

/** How the run ended, in a sentence. */
function sentence(end: RunEnd, steps: number): string {
  switch (end.kind) {
    case "finished":
      return `all threads have finished after ${plural(steps, "step")}`;
    case "at rest":
      return `at rest after ${plural(steps, "step")}: no thread can go on, and none is harmed`;
    case "violated":
      return `violated after ${plural(steps, "step")}: ${end.finding.kind}: ${end.finding.message}`;
    case "ruled out":
      return `ruled out after ${plural(steps, "step")}: an assumption of the protocol is false in this schedule; try another --seed`;
    case "steps used up":
      return `no violation in ${plural(steps, "step")}; the protocol goes on (--steps allows more; verify looks at every schedule)`;
    case "interrupted":
      return `interrupted after ${plural(steps, "step")}`;
    case "not executable":
      return `cannot be run: ${end.reason}`;
    case "left":
      return `the run has left the model after ${plural(steps, "step")}: ${end.reason}`;
    case "diverged":
      return `the executable kernel and the model disagree after ${plural(steps, "step")}: ${end.difference}\nThis is a fault of ipc-check. Please report it with the specification and the seed.`;
  }
}

function report(job: Job, instance: Instance, system: System, done: Run, options: RunCommand, { out, err }: Terminal): ExitCode {
  const { end, path, notes, figures, steps, comparison } = done;
  const spec = shownPath(job.spec.file);
  const meta: TraceMeta = {
    tool: { name: "ipc-check", version: toolManifest().version },
    spec: { path: spec, hash: job.spec.hash, export: job.declared.exportName },
  };
  const trace = end.kind === "violated" ? makeTrace(instance, system, end.finding, meta) : null;
  const traceFile = trace === null || !options.traceFile ? null : writeTrace(trace, options.traceDir, nameOf(job, spec, instance, trace, options.seed));
  const shown = comparison === null ? [] : (options.show ?? []).map((part) => ({ part, rows: inspect(comparison.machine, part) }));
  const color = { 0: "green", 1: "red", 3: "yellow", 70: "red", 130: "yellow" } as const;
  const last = `${out.style(color[codes[end.kind]], sentence(end, steps))}\n`;
  const threads = instance.threads.map(({ name, cpu, untrusted }) => ({ name, cpu, untrusted: untrusted !== false }));
  // A path that is ruled out, or on which the two levels part, cannot be taken again.
  const recorded = trace ?? recordPath(instance, system, end.kind === "ruled out" || end.kind === "diverged" ? path.slice(0, -1) : path);
  if (options.json === true) {
    out.write(
      `${JSON.stringify(
        {
          schemaVersion: 1,
          tool: meta.tool,
          spec: meta.spec,
          protocol: instance.protocol.name,
          parameters: instance.parameters,
          seed: options.seed,
          quantum: options.quantum,
          end: { kind: end.kind, message: sentence(end, steps), ...(end.kind === "violated" ? { violation: end.finding.kind, trace: traceFile } : {}) },
          steps: recorded.steps,
          notes: [...notes].map(([step, texts]) => ({ before: step, texts })),
          threads: recorded.end.threads,
          figures,
          ...(shown.length === 0 ? {} : { machine: Object.fromEntries(shown.map(({ part, rows }) => [part, rows])) }),
        },
        null,
        2,
      )}\n`,
    );
    return codes[end.kind];
  }
  if (options.quiet === true || end.kind === "not executable") {
    (end.kind === "not executable" ? err : out).write(last);
    return codes[end.kind];
  }
  const verbose = options.verbose === true;
  const print = { color: out.color, width: out.width, verbose, most: verbose ? Number.POSITIVE_INFINITY : mostPrinted, notes };
  out.write(`${out.style("bold", instance.protocol.name)}  ${spec} (${job.declared.exportName}), seed ${options.seed}\n\n`);
  out.write(
    trace === null
      ? `${printPath({ ...recorded, threads }, print)}\n`
      : `${printTrace(trace, { ...print, ...(traceFile === null ? {} : { file: traceFile }) })}\n`,
  );
  for (const { part, rows } of shown) out.write(`${out.style("bold", part)}\n${rows.map(({ name, text }) => `  ${name}: ${text}\n`).join("")}\n`);
  out.write(`${figureTable(figures, out)}\n${last}`);
  return codes[end.kind];
}

function nameOf(job: Job, spec: string, instance: Instance, { violation }: Trace, seed: number): string {
  const varied = Object.entries(job.parameters).some(([name, value]) => job.declared.protocol.parameters[name] !== value);
  return traceName({ spec, exportName: job.declared.exportName, parameters: instance.parameters, varied }, `run-${seed}-${violation.kind}`);
}

function figureTable(figures: Readonly<Record<string, number>>, out: Stream): string {
  return table(
    ["on all CPUs", "events"],
    Object.entries(figures).map(([name, value]) => [name, exact(value)]),
    out,
    [1],
  );
}
