/** `repair`: what the smallest changes are with which a protocol holds, as diffs of the specification. */
import { readFileSync } from "node:fs";
import type { FenceRepair, FoundChange } from "../counterexamples/repair/fences.ts";
import type { MemoryModelName } from "../model/language/memory-model.ts";
import type { Protocol } from "../model/language/protocol.ts";
import { SpecError } from "../model/loader/diagnostic.ts";
import { loadSpec } from "../model/loader/load.ts";
import { toolManifest } from "../model/loader/tool.ts";
import { instantiateOrExplain } from "./check.ts";
import { renderDiagnostics } from "./diagnostics.ts";
import { type ExitCode, exitCodes, UsageError } from "./exit.ts";
import { memoryGiven, type MemoryOptions } from "./memory-options.ts";
import { oneProtocol } from "./one-protocol.ts";
import type { Sweep } from "./options.ts";
import { specificationError } from "./specification-error.ts";
import type { Stream, Terminal } from "./terminal.ts";
import { plural } from "./units.ts";

export interface RepairCommand extends MemoryOptions {
  readonly fences?: true;
  readonly export?: string;
  readonly param?: Sweep;
  readonly most: number;
  readonly maxStates?: number;
  readonly timeout?: number;
  readonly json?: true;
  readonly quiet?: true;
}

export async function repair(path: string, options: RepairCommand, { out, err }: Terminal): Promise<ExitCode> {
  if (options.fences !== true) throw new UsageError("say what to repair: --fences");
  let protocol: Protocol | null = null;
  try {
    const spec = await loadSpec(path, { patience: 10 });
    const job = { ...oneProtocol(spec, path, options.export, options.param ?? {}), memoryModel: memoryGiven(options) };
    ({ protocol } = job.declared);
    const instance = instantiateOrExplain(job);
    const { model } = instance.memoryModel;
    if (model === "sc")
      throw new UsageError("under sequential consistency fences and orders change nothing; choose another model with --memory-model tso, pso or ra");
    const { repairFences } = await import("../counterexamples/repair/fences.ts");
    const result = await repairFences({
      spec,
      exportName: job.declared.exportName,
      instance,
      read: (file) => readFileSync(file, "utf8"),
      search: {
        ...(options.maxStates === undefined ? {} : { maxStates: options.maxStates }),
        ...(options.timeout === undefined ? {} : { timeout: options.timeout }),
      },
      most: options.most,
      onCheck: (checks) => {
        if (err.isTTY && options.quiet !== true) err.write(`\r${plural(checks, "trial")}\u001b[K`);
      },
    });
    if (err.isTTY && options.quiet !== true) err.write("\r\u001b[K");
    out.write(options.json === true ? `${JSON.stringify(document(path, protocol, model, result), null, 2)}\n` : report(protocol, model, result, out));
    return result.kind === "found" ? exitCodes.holds : result.kind === "none" ? exitCodes.violated : exitCodes.inconclusive;
  } catch (error) {
    const explained = error instanceof SpecError ? error.diagnostics : protocol === null ? null : specificationError(error, protocol);
    if (explained === null) throw error;
    err.write(renderDiagnostics(explained, err));
    return exitCodes.usage;
  }
}

function told({ what, order, file, line }: FoundChange): string {
  if (what === "fence") return `${order === "seq_cst" ? "a fence" : `${order.startsWith("a") ? "an" : "a"} ${order} fence`} before ${file}:${line}`;
  return `${order} for the ${what} at ${file}:${line}`;
}

function report(protocol: Protocol, model: MemoryModelName, result: FenceRepair, out: Stream): string {
  const title = `${out.style("bold", protocol.name)} under ${model}`;
  const trials = plural(result.checks, "trial");
  switch (result.kind) {
    case "inconclusive":
      return `${title}: ${out.style("yellow", "inconclusive")}: ${result.bound} was reached in one of ${trials}; raise the bound (--buffer, --messages, --max-states, --timeout)\n`;
    case "none":
      return `${title}: ${out.style("red", "no set of fences and orders makes it hold")} (${trials}).\nWith all of them there is still ${result.finding.kind}: ${result.finding.message}. ipc-check verify shows how.\n`;
    case "found": {
      const { sets, complete } = result;
      if (sets.length === 1 && sets[0]?.changes.length === 0)
        return `${title}: ${out.style("green", "it holds without any fence")} (${trials}).\n${diffOf(sets[0].diff, out)}`;
      const head = `${title}: ${out.style("green", plural(sets.length, "minimal set"))}${complete ? "" : " (there may be more: --most)"}, ${trials}.\n`;
      return `${head}${sets
        .map(({ changes, diff }, index) => {
          const fences = changes.filter(({ what }) => what === "fence").length;
          const counts = [...(fences > 0 ? [plural(fences, "fence")] : []), ...(changes.length > fences ? [plural(changes.length - fences, "order")] : [])];
          return `\n${out.style("bold", `${index + 1}. ${counts.join(", ")}`)}${changes.length === 0 ? "" : `: ${changes.map(told).join(", ")}`}\n${diff === "" ? "The specification has them already, and nothing more.\n" : ""}${diffOf(diff, out)}`;
        })
        .join("")}`;
    }
  }
}

function diffOf(diff: string, out: Stream): string {
  return diff
    .split("\n")
    .map((line) =>
      line.startsWith("+") ? out.style("green", line) : line.startsWith("-") ? out.style("red", line) : line.startsWith("@@") ? out.style("cyan", line) : line,
    )
    .join("\n");
}

function document(spec: string, protocol: Protocol, memoryModel: MemoryModelName, result: FenceRepair): object {
  return {
    schemaVersion: 1,
    tool: { name: "ipc-check", version: toolManifest().version },
    spec,
    protocol: protocol.name,
    memoryModel,
    result: result.kind,
    trials: result.checks,
    ...(result.kind === "found"
      ? { complete: result.complete, sets: result.sets.map(({ changes, diff }) => ({ changes: changes, diff })) }
      : result.kind === "none"
        ? { violation: { kind: result.finding.kind, message: result.finding.message } }
        : { bound: result.bound }),
  };
}
