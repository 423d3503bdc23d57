/** `explore`: serves a page on this machine on which one walks through a protocol by hand, or through a counterexample. */
import { Answers, Refusal } from "../counterexamples/explorer/answers.ts";
import { PortError, serve } from "../counterexamples/explorer/server.ts";
import { PathError, Session } from "../counterexamples/explorer/session.ts";
import { aboutTrace } from "../counterexamples/explorer/trace-view.ts";
import { readTrace, TraceError } from "../counterexamples/read.ts";
import type { Trace } from "../counterexamples/trace.ts";
import { shellWord } from "../counterexamples/words.ts";
import { compile } from "../model/compiler/index.ts";
import type { Instance, Protocol } from "../model/language/protocol.ts";
import { loadSpec } from "../model/loader/load.ts";
import { SpecError } from "../model/loader/diagnostic.ts";
import { shownPath } from "../model/loader/registry.ts";
import { instantiateOrExplain, type Job } from "./check.ts";
import { renderDiagnostics } from "./diagnostics.ts";
import { type ExitCode, exitCodes, UsageError } from "./exit.ts";
import { type LongRunOptions, runsGiven } from "./long-run-options.ts";
import { memoryGiven, type MemoryOptions } from "./memory-options.ts";
import { oneProtocol } from "./one-protocol.ts";
import type { Sweep } from "./options.ts";
import { jobOf, specOf } from "./replay.ts";
import { specificationError } from "./specification-error.ts";
import type { Terminal } from "./terminal.ts";

export interface ExploreCommand extends MemoryOptions, LongRunOptions {
  readonly export?: string;
  readonly param?: Sweep;
  readonly port: number;
  readonly path?: string;
}

/** A trace is a JSON file; everything else is a specification. Ends when it is interrupted. */
export async function explore(file: string, options: ExploreCommand, { out, err }: Terminal): Promise<ExitCode> {
  let protocol: Protocol | null = null;
  try {
    const { job, trace } = file.endsWith(".json") ? await ofTrace(file, options) : { job: await ofSpec(file, options), trace: null };
    protocol = job.declared.protocol;
    const answers = answersOf(job, instantiateOrExplain(job), options);
    const path = trace === null ? await answers.fitting(options.path ?? "") : await answers.pathOf(trace);
    const explorer = await serve(answers, options.port);
    const end = interrupted();
    const loop = trace?.loop === undefined ? "" : `&loop=${trace.loop}`;
    out.write(`${explorer.url}${path === "" ? "" : `#path=${path}${trace === null ? "" : `&at=0${loop}`}`}\n`);
    err.write("open this address in a browser on this machine; Ctrl-C ends the explorer\n");
    await end;
    await explorer.close();
    return exitCodes.holds;
  } catch (error) {
    if (error instanceof PortError || error instanceof Refusal || error instanceof TraceError || error instanceof PathError)
      throw new UsageError(error.message);
    const explained = error instanceof SpecError ? error.diagnostics : protocol === null ? null : specificationError(error, protocol);
    if (explained === null) throw error;
    err.write(renderDiagnostics(explained, err));
    return exitCodes.usage;
  }
}

function answersOf({ spec, declared }: Job, instance: Instance, options: LongRunOptions): Answers {
  const origin = { path: shownPath(spec.file), hash: spec.hash, export: declared.exportName };
  const { protocol, parameters, memoryModel } = instance;
  const about = aboutTrace({ spec: origin, kernel: protocol.kernel, scheduling: protocol.scheduling, parameters, memoryModel });
  const { model, buffer, messages } = memoryModel;
  const words = [
    ...["ipc-check", "explore", origin.path, "--export", origin.export],
    ...Object.entries(parameters).flatMap(([name, value]) => ["--param", `${name}=${value}`]),
    ...(model === "sc" ? [] : ["--memory-model", model, ...(model === "ra" ? ["--messages", `${messages}`] : ["--buffer", `${buffer}`])]),
    ...(options.liveness === true ? ["--liveness"] : []),
    ...(options.fairness === undefined ? [] : ["--fairness", options.fairness]),
  ];
  const system = compile(instance, { runs: runsGiven(options) });
  return new Answers(new Session(instance, system, { about, command: words.map(shellWord).join(" ") }), origin);
}

async function ofSpec(file: string, options: ExploreCommand): Promise<Job> {
  const spec = await loadSpec(file, { patience: 10 });
  return { ...oneProtocol(spec, file, options.export, options.param ?? {}), memoryModel: memoryGiven(options) };
}

async function ofTrace(file: string, options: ExploreCommand): Promise<{ readonly job: Job; readonly trace: Trace }> {
  const given = { export: "--export", param: "--param", memoryModel: "--memory-model", buffer: "--buffer", messages: "--messages", path: "--path" } as const;
  const misplaced = Object.entries(given).find(([name]) => name in options);
  if (misplaced !== undefined) throw new UsageError(`${misplaced[1]} is for specifications; ${file} is a trace, which says itself what it belongs to`);
  const trace = readTrace(file);
  return { trace, job: jobOf(trace, await specOf(trace, file)) };
}

/** Until Ctrl-C, or the end that a service manager sends. */
function interrupted(): Promise<void> {
  return new Promise((done) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => done());
  });
}
