/** `replay`: runs the schedule of a counterexample on the executable kernel and says whether it does what it claims; or walks through it. */
import { existsSync } from "node:fs";
import { dirname, isAbsolute, join } from "node:path";
import { readTrace, TraceError } from "../counterexamples/read.ts";
import { printTrace } from "../counterexamples/print.ts";
import { evidence } from "../counterexamples/evidence.ts";
import { inspect } from "../counterexamples/inspect.ts";
import type { Part } from "../counterexamples/parts.ts";
import type { Replay } from "../counterexamples/replay.ts";
import type { ReplayResult, Trace } from "../counterexamples/trace.ts";
import { SpecError } from "../model/loader/diagnostic.ts";
import { type LoadedSpec, loadSpec } from "../model/loader/load.ts";
import { shownPath } from "../model/loader/registry.ts";
import { toolManifest } from "../model/loader/tool.ts";
import { instantiateOrExplain, type Job } from "./check.ts";
import { renderDiagnostics } from "./diagnostics.ts";
import { type ExitCode, exitCodes, UsageError } from "./exit.ts";
import type { Terminal } from "./terminal.ts";

export interface ReplayCommand {
  readonly json?: true;
  readonly quiet?: true;
  readonly verbose?: true;
  readonly step?: true;
  readonly show?: readonly Part[];
}

const exitOf = { reproduced: exitCodes.holds, diverged: exitCodes.violated, "not-run": exitCodes.inconclusive } as const;

export async function replay(file: string, options: ReplayCommand, terminal: Terminal): Promise<ExitCode> {
  const { out, err } = terminal;
  if (options.step === true && options.json === true)
    throw new UsageError("--step shows the replay to people, --json prints it for programs: give one of the two");
  let trace: Trace;
  try {
    trace = readTrace(file);
  } catch (error) {
    if (error instanceof TraceError) throw new UsageError(error.message);
    throw error;
  }
  let replay: Replay | null;
  let result: ReplayResult;
  try {
    ({ replay, result } = await replayAgain(trace, file));
  } catch (error) {
    if (!(error instanceof SpecError)) throw error;
    err.write(renderDiagnostics(error.diagnostics, err));
    return exitCodes.usage;
  }
  const shown = replay === null ? [] : (options.show ?? []);
  const seen = replay === null || result.verdict !== "reproduced" ? [] : evidence(replay.lockstep.executor);
  if (options.step === true && replay !== null) {
    const { walk } = await import("./walk.ts");
    await walk(replay, shown, terminal, process.stdin);
    return exitOf[result.verdict];
  }
  if (options.json === true) {
    const { kind, property } = trace.violation;
    const machine =
      replay === null || shown.length === 0 ? {} : { machine: Object.fromEntries(shown.map((part) => [part, inspect(replay.lockstep.executor, part)])) };
    out.write(
      `${JSON.stringify({ schemaVersion: 1, tool: { name: "ipc-check", version: toolManifest().version }, trace: shownPath(file), spec: trace.spec, protocol: trace.protocol, kind, property, replay: result, evidence: seen, ...machine }, null, 2)}\n`,
    );
    return exitOf[result.verdict];
  }
  if (options.quiet !== true)
    out.write(`${printTrace(trace, { color: out.color, width: out.width, verbose: options.verbose === true, file: shownPath(file) }).trimEnd()}\n\n`);
  const color = { reproduced: "green", diverged: "red", "not-run": "yellow" } as const;
  const where = result.verdict === "diverged" ? ` at step ${result.step}` : "";
  out.write(`${out.style(color[result.verdict], result.verdict)}${where}: ${result.message}\n`);
  for (const line of seen) out.write(`  ${line}\n`);
  for (const part of shown) {
    out.write(`\n${out.style("bold", part)}\n`);
    for (const { name, text } of replay === null ? [] : inspect(replay.lockstep.executor, part)) out.write(`  ${name}: ${text}\n`);
  }
  return exitOf[result.verdict];
}

/** The specification that the trace was made from: where it lay then, seen from here or from the trace. Throws if it has changed since. */
export async function specOf(trace: Trace, file: string): Promise<LoadedSpec> {
  const { path } = trace.spec;
  const places = isAbsolute(path) ? [path] : [path, join(dirname(file), path), join(dirname(file), "..", path)];
  const found = places.find((place) => existsSync(place));
  if (found === undefined) throw new UsageError(`the trace belongs to ${path}, which is not there; run ipc-check where verify was run`);
  const spec = await loadSpec(found, { patience: 10 });
  const { specProblem } = await import("../counterexamples/replay.ts");
  const problem = specProblem(trace, { path: shownPath(spec.file), hash: spec.hash });
  if (problem !== null) throw new UsageError(problem);
  return spec;
}

/** Replays a trace to its end on the specification that it belongs to; `file`: where the trace lies. Without an executable kernel there is nothing to look at. */
export async function replayAgain(trace: Trace, file: string): Promise<{ readonly replay: Replay | null; readonly result: ReplayResult }> {
  const job = jobOf(trace, await specOf(trace, file));
  const instance = instantiateOrExplain(job);
  const [{ compile }, { beginReplay, Replay }] = await Promise.all([import("../model/compiler/index.ts"), import("../counterexamples/replay.ts")]);
  const begun = await beginReplay(trace, instance, compile(instance));
  return begun instanceof Replay ? { replay: begun, result: begun.run() } : { replay: null, result: begun };
}

/** The protocol of a trace, with its parameters and its memory. */
export function jobOf(trace: Trace, spec: LoadedSpec): Job {
  const declared = spec.protocols.find(({ exportName }) => exportName === trace.spec.export);
  if (declared === undefined) throw new UsageError(`${shownPath(spec.file)} exports no protocol "${trace.spec.export}"`);
  const unknown = Object.keys(trace.parameters).find((name) => !(name in declared.protocol.parameters));
  if (unknown !== undefined) throw new UsageError(`the trace sets a parameter "${unknown}" that the protocol does not have`);
  return { spec, declared, parameters: trace.parameters, memoryModel: trace.memoryModel };
}
