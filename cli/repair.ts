/** `repair`: what the smallest changes are with which a protocol holds, as diffs of the specification. */
import { readFileSync } from "node:fs";
import type { FenceRepair, FenceRepairJob, FoundChange } from "../counterexamples/repair/fences.ts";
import type { FoundTimeout, TimeoutRepair } from "../counterexamples/repair/timeouts.ts";
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
  readonly timeouts?: true;
  readonly finite?: true;
  readonly export?: string;
  readonly param?: Sweep;
  readonly most: number;
  readonly maxStates?: number;
  readonly timeout?: number;
  readonly json?: true;
  readonly quiet?: true;
}

/** What there is to report, as text and as a document, and the exit code that it comes to. */
interface Outcome {
  readonly kind: "found" | "none" | "inconclusive";
  readonly text: string;
  readonly document: object;
}

export async function repair(path: string, options: RepairCommand, { out, err }: Terminal): Promise<ExitCode> {
  if ((options.fences ?? false) === (options.timeouts ?? false)) throw new UsageError("say what to repair: either --fences or --timeouts");
  if (options.finite === true && options.timeouts !== true) throw new UsageError("--finite is about timeouts: add --timeouts");
  let protocol: Protocol | null = null;
  try {
    const spec = await loadSpec(path, { patience: 10 });
    const job = { ...oneProtocol(spec, path, options.export, options.param ?? {}), memoryModel: memoryGiven(options) };
    ({ protocol } = job.declared);
    const progress = (text: string): void => {
      if (err.isTTY && options.quiet !== true) err.write(`\r${text}\u001b[K`);
    };
    const common = {
      spec,
      exportName: job.declared.exportName,
      instance: instantiateOrExplain(job),
      read: (file: string): string => readFileSync(file, "utf8"),
      search: {
        ...(options.maxStates === undefined ? {} : { maxStates: options.maxStates }),
        ...(options.timeout === undefined ? {} : { timeout: options.timeout }),
      },
      most: options.most,
    };
    const outcome =
      options.timeouts === true ? await timeouts(path, protocol, common, options, out, progress) : await fences(path, protocol, common, out, progress);
    progress("");
    out.write(options.json === true ? `${JSON.stringify(outcome.document, null, 2)}\n` : outcome.text);
    return outcome.kind === "found" ? exitCodes.holds : outcome.kind === "none" ? exitCodes.violated : exitCodes.inconclusive;
  } catch (error) {
    const explained = error instanceof SpecError ? error.diagnostics : protocol === null ? null : specificationError(error, protocol);
    if (explained === null) throw error;
    err.write(renderDiagnostics(explained, err));
    return exitCodes.usage;
  }
}

type Common = Omit<FenceRepairJob, "onCheck">;

async function fences(path: string, protocol: Protocol, common: Common, out: Stream, progress: (text: string) => void): Promise<Outcome> {
  const { model } = common.instance.memoryModel;
  if (model === "sc")
    throw new UsageError("under sequential consistency fences and orders change nothing; choose another model with --memory-model tso, pso or ra");
  const { repairFences } = await import("../counterexamples/repair/fences.ts");
  const result = await repairFences({ ...common, onCheck: (checks) => progress(plural(checks, "trial")) });
  return { kind: result.kind, text: report(protocol, model, result, out), document: document(path, protocol, model, result) };
}

async function timeouts(
  path: string,
  protocol: Protocol,
  common: Common,
  options: RepairCommand,
  out: Stream,
  progress: (text: string) => void,
): Promise<Outcome> {
  const { NothingToRepair, repairTimeouts } = await import("../counterexamples/repair/timeouts.ts");
  try {
    const result = await repairTimeouts({
      ...common,
      finite: options.finite ?? false,
      onSearch: (searches) => progress(plural(searches, "search", "searches")),
    });
    return { kind: result.kind, text: timeoutReport(protocol, result, out), document: timeoutDocument(path, protocol, result) };
  } catch (error) {
    if (error instanceof NothingToRepair) throw new UsageError(`${protocol.name}: ${error.message}`);
    throw error;
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

const saidOf = ({ label, phase, timeout, line }: FoundTimeout): string => `${timeout} ${phase} timeout of ${label} at line ${line}`;

/** Untrusted threads of which nobody has said what they do when they mean well. */
function taken({ threads }: Protocol): string {
  const without = Object.entries(threads).flatMap(([name, { untrusted, correct }]) => (untrusted === true && correct === undefined ? [name] : []));
  if (without.length === 0) return "";
  const [has, its] = without.length === 1 ? ["has no program `correct`", "its"] : ["have no program `correct`", "their"];
  return `${without.join(" and ")} ${has}: with correct partners ${its} \`run\` is taken for what is meant well. If that is not so, write \`correct\` beside it.\n`;
}

function timeoutReport(protocol: Protocol, result: TimeoutRepair, out: Stream): string {
  const title = out.style("bold", protocol.name);
  const effort = `${plural(result.places, "operation")}, ${plural(result.searches, "search", "searches")}`;
  const left = result.opaque.map(({ label, line, why }) => `${label} at line ${line} ${why}: its timeouts are left as they are.\n`).join("");
  switch (result.kind) {
    case "inconclusive":
      return `${title}: ${out.style("yellow", "inconclusive")}: ${result.bound} was reached in one of ${plural(result.searches, "search", "searches")}; raise the bound (--max-states, --timeout)\n${left}`;
    case "none":
      return `${title}: ${out.style("red", "no timeouts make it hold and have its calls answered, with correct partners")} (${effort}).\n${result.reasons
        .map(({ timeouts, kind, message, line, partners }) => {
          const given = timeouts.length === 0 ? "Whatever the timeouts" : `With the ${timeouts.map(saidOf).join(" and the ")}`;
          return `${given}${partners === "correct" ? ", even with correct partners" : ""}: ${kind}${line === null ? "" : ` (line ${line})`}: ${message}.\n`;
        })
        .join("")}${result.reasons.some(({ partners }) => partners === "correct") ? taken(protocol) : ""}${left}`;
    case "found": {
      const { sets, complete } = result;
      const head = `${title}: ${out.style("green", plural(sets.length, "minimal assignment"))}${complete ? "" : " (there may be more: --most)"}, ${effort}.\n`;
      return `${head}${sets
        .map(({ changes, diff, failures }, index) => {
          const what = changes.length === 0 ? "the timeouts that it has" : changes.map(saidOf).join(", ");
          const costs = failures.map(
            ({ thread, label, line, unhandled }) => `  ${label} of ${thread} at line ${line} can fail${unhandled ? ", and nothing looks at it" : ""}\n`,
          );
          return `\n${out.style("bold", `${index + 1}. ${what}`)}\n${costs.length === 0 ? "  with these no operation of a trusted thread can fail\n" : costs.join("")}${diffOf(diff, out)}`;
        })
        .join("")}${left}`;
    }
  }
}

function timeoutDocument(spec: string, protocol: Protocol, result: TimeoutRepair): object {
  const { kind, searches, places, opaque, ...rest } = result;
  return {
    schemaVersion: 1,
    tool: { name: "ipc-check", version: toolManifest().version },
    spec,
    protocol: protocol.name,
    kernel: protocol.kernel.name,
    result: kind,
    searches,
    operations: places,
    leftAlone: opaque,
    ...rest,
  };
}
