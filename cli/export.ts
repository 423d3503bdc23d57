/** `export`: a counterexample as a picture or for another tool, or a protocol in the language of another model checker. */
import { writeFileSync } from "node:fs";
import { type TraceFormat, traceFormatNames } from "../counterexamples/export/formats.ts";
import { traceFormats } from "../counterexamples/export/index.ts";
import type { GraphFormat } from "../counterexamples/export/graph.ts";
import { readTrace, TraceError } from "../counterexamples/read.ts";
import type { Trace } from "../counterexamples/trace.ts";
import type { MemoryModelName } from "../model/language/memory-model.ts";
import type { Instance, Protocol } from "../model/language/protocol.ts";
import type { System } from "../model/system/system.ts";
import { type ExitCode, exitCodes, UsageError } from "./exit.ts";
import { checkOptions, isLanguage, type LanguageOptions, modelText } from "./export-model.ts";
import { memoryGiven } from "./memory-options.ts";
import { oneProtocol } from "./one-protocol.ts";
import type { Sweep } from "./options.ts";
import type { Terminal } from "./terminal.ts";

/** What a specification can be written as. */
export const modelFormats = ["promela", "murphi", "tla", "dot", "gexf", "graphml"] as const;
type ModelFormat = (typeof modelFormats)[number];
/** A format of counterexamples that needs the specification too: the trail of the exported Promela model. */
export const trailFormat = "trail";

export interface ExportCommand extends LanguageOptions {
  readonly to?: TraceFormat | ModelFormat | typeof trailFormat;
  readonly export?: string;
  readonly param?: Sweep;
  readonly quotient?: true;
  readonly memoryModel?: MemoryModelName;
}

/** A trace is a JSON file; everything else is a specification. */
export async function exportFile(file: string, options: ExportCommand, terminal: Terminal): Promise<ExitCode> {
  const isTrace = file.endsWith(".json");
  if (!isTrace) checkOptions(options.to ?? "promela", options);
  const allowed: readonly string[] = isTrace ? [...traceFormatNames, trailFormat] : modelFormats;
  const to = options.to ?? (isTrace ? undefined : "promela");
  if (to === undefined) throw new UsageError(`say with --to what ${file} is to be written as: ${allowed.join(", ")}`);
  if (!allowed.includes(to)) {
    const what = isTrace ? "a trace" : "a specification";
    throw new UsageError(`${what} cannot be written as ${to}; ${file} can be written as ${allowed.join(", ")}`);
  }
  if (isTrace) return exportTrace(file, to as TraceFormat | typeof trailFormat, options, terminal);
  return exportModel(file, to as ModelFormat, options, terminal);
}

function deliver(text: string, output: string | undefined, { out }: Terminal): ExitCode {
  if (output === undefined) out.write(text);
  else {
    try {
      writeFileSync(output, text);
    } catch (error) {
      throw new UsageError(`${output} cannot be written: ${(error as Error).message}`);
    }
  }
  return exitCodes.holds;
}

async function exportTrace(file: string, to: TraceFormat | typeof trailFormat, options: ExportCommand, terminal: Terminal): Promise<ExitCode> {
  const misplaced = ["export", "param", "memoryModel", "quotient", "ltl", "style", "symmetry"].find((name) => name in options);
  if (misplaced !== undefined) throw new UsageError(`--${misplaced === "memoryModel" ? "memory-model" : misplaced} is for specifications; ${file} is a trace`);
  try {
    const trace = readTrace(file);
    return deliver(to === trailFormat ? await trail(trace, file) : traceFormats[to](trace), options.output, terminal);
  } catch (error) {
    if (error instanceof TraceError) throw new UsageError(error.message);
    throw error;
  }
}

async function exportModel(file: string, to: ModelFormat, options: ExportCommand, terminal: Terminal): Promise<ExitCode> {
  const { loadSpec } = await import("../model/loader/load.ts");
  let protocol: Protocol | null = null;
  try {
    const spec = await loadSpec(file, { patience: 10 });
    const job = oneProtocol(spec, file, options.export, options.param ?? {});
    protocol = job.declared.protocol;
    const [{ instantiateOrExplain }, { compile }] = await Promise.all([import("./check.ts"), import("../model/compiler/index.ts")]);
    const instance = instantiateOrExplain({ ...job, memoryModel: memoryGiven(options) });
    const system = compile(instance);
    if (!isLanguage(to)) return deliver(await picture(instance, system, to, options, terminal), options.output, terminal);
    const { text, configuration } = await modelText(system, to, options);
    if (configuration === null) return deliver(text, options.output, terminal);
    // What follows the end of a module is not part of it.
    if (options.output === undefined) return deliver(`${text}\n${configuration}`, undefined, terminal);
    deliver(configuration, `${options.output.replace(/\.tla$/u, "")}.cfg`, terminal);
    return deliver(text, options.output, terminal);
  } catch (error) {
    const [{ SpecError }, { specificationError }, { renderDiagnostics }] = await Promise.all([
      import("../model/loader/diagnostic.ts"),
      import("./specification-error.ts"),
      import("./diagnostics.ts"),
    ]);
    const explained = error instanceof SpecError ? error.diagnostics : protocol === null ? null : specificationError(error, protocol);
    if (explained === null) throw error;
    terminal.err.write(renderDiagnostics(explained, terminal.err));
    return exitCodes.usage;
  }
}

/** For `spin -t`, beside the model that `export SPEC --to promela` writes. */
async function trail(trace: Trace, file: string): Promise<string> {
  const [{ specOf, jobOf }, { instantiateOrExplain }, { compile }, { exportTrail, NotExportable }, { initialState }] = await Promise.all([
    import("./replay.ts"),
    import("./check.ts"),
    import("../model/compiler/index.ts"),
    import("../counterexamples/export/promela.ts"),
    import("../model/system/interpret.ts"),
  ]);
  if (trace.loop !== undefined) throw new UsageError("a run that repeats has no trail here; SPIN finds one itself with --ltl");
  const system = compile(instantiateOrExplain(jobOf(trace, await specOf(trace, file))));
  const start = initialState(system);
  if (start.kind !== "state") throw new UsageError("the protocol is violated before its first step; there is no trail");
  try {
    return exportTrail(system, start.state, trace.decisions);
  } catch (error) {
    if (error instanceof NotExportable) throw new UsageError(`this protocol cannot be exported: ${error.message}`);
    throw error;
  }
}

async function picture(instance: Instance, system: System, to: GraphFormat, options: ExportCommand, { err }: Terminal): Promise<string> {
  const [{ statePicture, TooLarge }, { writeGraph }] = await Promise.all([
    import("../counterexamples/export/state-picture.ts"),
    import("../counterexamples/export/graph.ts"),
  ]);
  try {
    const { graph, states, quotient } = statePicture(instance, system, { quotient: options.quotient === true });
    if (quotient) err.write(`${states} states; the graph shows them by where the threads stand: ${graph.order} nodes\n`);
    return writeGraph(graph, instance.protocol.name, to);
  } catch (error) {
    if (error instanceof TooLarge) throw new UsageError(`the state graph cannot be drawn: ${error.message}`);
    throw error;
  }
}
