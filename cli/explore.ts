/** `explore`: serves a page on this machine on which one walks through a protocol by hand, or through a counterexample. */
import type { Trace } from "../counterexamples/trace.ts";
import type { Protocol } from "../model/language/protocol.ts";
import type { Job } from "./check.ts";
import { type ExitCode, exitCodes, UsageError } from "./exit.ts";
import { memoryGiven, type MemoryOptions } from "./memory-options.ts";
import { oneProtocol } from "./one-protocol.ts";
import type { Sweep } from "./options.ts";
import type { Terminal } from "./terminal.ts";

export interface ExploreCommand extends MemoryOptions {
  readonly export?: string;
  readonly param?: Sweep;
  readonly port: number;
}

/** A trace is a JSON file; everything else is a specification. Ends when it is interrupted. */
export async function explore(file: string, options: ExploreCommand, { out, err }: Terminal): Promise<ExitCode> {
  let protocol: Protocol | null = null;
  try {
    const { job, trace } = file.endsWith(".json") ? await ofTrace(file, options) : { job: await ofSpec(file, options), trace: null };
    protocol = job.declared.protocol;
    const [{ instantiateOrExplain }, { compile }, { Session }, { Answers, Refusal }, { serve, PortError }, { aboutTrace }, { shownPath }] = await Promise.all([
      import("./check.ts"),
      import("../model/compiler/index.ts"),
      import("../counterexamples/explorer/session.ts"),
      import("../counterexamples/explorer/answers.ts"),
      import("../counterexamples/explorer/server.ts"),
      import("../counterexamples/explorer/trace-view.ts"),
      import("../model/loader/registry.ts"),
    ]);
    const instance = instantiateOrExplain(job);
    const origin = { path: shownPath(job.spec.file), hash: job.spec.hash, export: job.declared.exportName };
    const { kernel, scheduling } = protocol;
    const session = new Session(
      instance,
      compile(instance),
      aboutTrace({ spec: origin, kernel, scheduling, parameters: instance.parameters, memoryModel: instance.memoryModel }),
    );
    const answers = new Answers(session, origin);
    try {
      const path = trace === null ? "" : `#path=${answers.pathOf(trace)}&at=0`;
      const explorer = await serve(answers, options.port);
      const end = interrupted();
      out.write(`${explorer.url}${path}\n`);
      err.write("open this address in a browser on this machine; Ctrl-C ends the explorer\n");
      await end;
      await explorer.close();
      return exitCodes.holds;
    } catch (error) {
      if (error instanceof PortError || error instanceof Refusal) throw new UsageError(error.message);
      throw error;
    }
  } catch (error) {
    const [{ SpecError }, { specificationError }, { renderDiagnostics }] = await Promise.all([
      import("../model/loader/diagnostic.ts"),
      import("./specification-error.ts"),
      import("./diagnostics.ts"),
    ]);
    const explained = error instanceof SpecError ? error.diagnostics : protocol === null ? null : specificationError(error, protocol);
    if (explained === null) throw error;
    err.write(renderDiagnostics(explained, err));
    return exitCodes.usage;
  }
}

async function ofSpec(file: string, options: ExploreCommand): Promise<Job> {
  const { loadSpec } = await import("../model/loader/load.ts");
  const spec = await loadSpec(file, { patience: 10 });
  return { ...oneProtocol(spec, file, options.export, options.param ?? {}), memoryModel: memoryGiven(options) };
}

async function ofTrace(file: string, options: ExploreCommand): Promise<{ readonly job: Job; readonly trace: Trace }> {
  const given = { export: "--export", param: "--param", memoryModel: "--memory-model", buffer: "--buffer", messages: "--messages" } as const;
  const misplaced = Object.entries(given).find(([name]) => name in options);
  if (misplaced !== undefined) throw new UsageError(`${misplaced[1]} is for specifications; ${file} is a trace, which says itself what it belongs to`);
  const [{ readTrace, TraceError }, { jobOf, specOf }] = await Promise.all([import("../counterexamples/read.ts"), import("./replay.ts")]);
  try {
    const trace = readTrace(file);
    return { trace, job: jobOf(trace, await specOf(trace, file)) };
  } catch (error) {
    if (error instanceof TraceError) throw new UsageError(error.message);
    throw error;
  }
}

/** Until Ctrl-C, or the end that a service manager sends. */
function interrupted(): Promise<void> {
  return new Promise((done) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => done());
  });
}
