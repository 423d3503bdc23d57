/** `cost`: what the operations of a protocol cost on named machines, by cause, as tables and as a chart. */
import { existsSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import {
  type Bar,
  type BarGroup,
  chart,
  findProfile,
  type Measurement,
  measureCosts,
  NotMeasurable,
  type OperationCost,
  type Profile,
  profiles,
  sameOperation,
  waiting,
} from "../cost/index.ts";
import type { Site } from "../model/language/operation.ts";
import type { Protocol } from "../model/language/protocol.ts";
import { SpecError } from "../model/loader/diagnostic.ts";
import { loadSpec } from "../model/loader/load.ts";
import { shownPath, sourceOf } from "../model/loader/registry.ts";
import { instantiateOrExplain, type Job } from "./check.ts";
import { costJson, costText, machineList, operationName } from "./cost-report.ts";
import { renderDiagnostics } from "./diagnostics.ts";
import { type ExitCode, exitCodes, UsageError, worst } from "./exit.ts";
import { combinations, type Sweep } from "./options.ts";
import { specificationError } from "./specification-error.ts";
import type { Terminal } from "./terminal.ts";

export interface CostCommand {
  readonly machine: readonly string[];
  readonly machines?: true;
  readonly kernels?: readonly string[];
  readonly bytes: readonly number[];
  readonly runs: number;
  readonly steps: number;
  readonly seed: number;
  readonly param?: Sweep;
  readonly export?: string;
  readonly json?: true;
  readonly svg?: string;
  readonly quiet?: true;
  readonly verbose?: true;
}

/** The measurements of one protocol, one for each machine. */
export interface Measured {
  readonly spec: string;
  readonly exportName: string;
  readonly protocol: string;
  readonly kernel: string;
  readonly parameters: Readonly<Record<string, number>>;
  readonly machines: readonly Measurement[];
}

export async function cost(file: string | undefined, options: CostCommand, { out, err }: Terminal): Promise<ExitCode> {
  if (options.machines === true) {
    out.write(machineList(profiles, out, options));
    return exitCodes.holds;
  }
  const machines = options.machine.map(profileNamed);
  // Said before the measurement, not after it.
  if (options.svg !== undefined && !existsSync(dirname(resolve(options.svg))))
    throw new UsageError(`${options.svg} cannot be written: there is no such folder`);
  if (options.kernels !== undefined) {
    if (file !== undefined) throw new UsageError(`--kernels compares calls of its own; ${file} is measured without it`);
    const { callingsNamed, compare, compareBars, compareJson, compareText } = await import("./cost-kernels.ts");
    const costs = await compare(callingsNamed(options.kernels), machines, options);
    if (options.svg !== undefined) write(options.svg, chart("A call and its reply", compareBars(costs)));
    out.write(options.json === true ? compareJson(costs, options) : compareText(costs, options, out));
    return exitCodes.holds;
  }
  if (file === undefined) throw new UsageError("cost needs a specification, or --kernels to compare; --machines lists the machines");
  const results: Measured[] = [];
  const codes: ExitCode[] = [];
  try {
    for (const job of await jobsOf(file, options)) {
      try {
        results.push(await measured(job, machines, options));
      } catch (error) {
        if (!(error instanceof NotMeasurable)) throw error;
        err.write(`error: ${job.declared.protocol.name} (${shownPath(job.spec.file)}) cannot be measured: ${error.message}\n`);
        codes.push(exitCodes.inconclusive);
      }
    }
  } catch (error) {
    if (!(error instanceof SpecError)) throw error;
    err.write(renderDiagnostics(error.diagnostics, err));
    return exitCodes.usage;
  }
  const ends = results.flatMap((result) => result.machines.flatMap((each) => each.ends));
  codes.push(...ends.map(({ kind }) => (kind === "violation" ? exitCodes.violated : exitCodes.holds)));
  if (results.length === 0 && options.json !== true) return worst(codes);
  if (options.svg !== undefined) write(options.svg, chart(`Round trips: ${shownPath(file)}`, results.flatMap(barGroups)));
  out.write(options.json === true ? costJson(results, options) : results.map((result) => costText(result, out, options)).join("\n"));
  return worst(codes);
}

function profileNamed(name: string): Profile {
  const found = findProfile(name);
  if (found === null) throw new UsageError(`there is no machine "${name}"; --machines lists them: ${profiles.map((each) => each.name).join(", ")}`);
  return found;
}

async function jobsOf(file: string, options: CostCommand): Promise<readonly Job[]> {
  const spec = await loadSpec(file, { patience: 10 });
  const names = spec.protocols.map(({ exportName }) => exportName);
  const wanted = spec.protocols.filter(({ exportName }) => options.export === undefined || exportName === options.export);
  if (wanted.length === 0) throw new UsageError(`${file} exports ${names.join(", ")}, not ${options.export ?? "a protocol"}`);
  return wanted.flatMap((declared) => {
    const unknown = Object.keys(options.param ?? {}).find((name) => !(name in declared.protocol.parameters));
    if (unknown !== undefined) throw new UsageError(`${declared.protocol.name} has no parameter "${unknown}"`);
    return combinations(options.param ?? {}).map((parameters) => ({ spec, declared, parameters }));
  });
}

async function measured(job: Job, machines: readonly Profile[], { runs, steps, seed }: CostCommand): Promise<Measured> {
  const { protocol, exportName } = job.declared;
  try {
    const instance = instantiateOrExplain(job);
    const expression = expressionIn(protocol);
    const measurements: Measurement[] = [];
    for (const profile of machines) measurements.push(await measureCosts(instance, { profile, runs, steps, seed, expression }));
    return {
      spec: shownPath(job.spec.file),
      exportName,
      protocol: protocol.name,
      kernel: protocol.kernel.name,
      parameters: instance.parameters,
      machines: measurements,
    };
  } catch (error) {
    const explained = specificationError(error, protocol);
    if (explained === null) throw error;
    throw new SpecError(explained);
  }
}

/** The text of the expressions in the modules in which the threads are written. */
function expressionIn(protocol: Protocol): (site: Site) => string | null {
  const modules = Object.values(protocol.threads).flatMap((thread) => sourceOf(thread.run)?.module ?? []);
  return ({ file, start, end }) => modules.find((module) => module.file === file)?.text.slice(start, end) ?? null;
}

/** One group of bars for each protocol and machine, warm above cold; for a protocol in which nobody waits, all operations. */
function barGroups({ protocol, machines }: Measured): readonly BarGroup[] {
  return machines.map(({ profile, warm, cold }) => {
    const hasRoundTrips = warm.operations.some(({ waits }) => waits);
    const bar = (each: OperationCost, temperature: "warm" | "cold"): Bar => ({
      label: `${operationName(each)}, ${temperature}`,
      cycles: hasRoundTrips ? each.meanwhile : each.cycles,
      waiting: hasRoundTrips ? waiting(each) : 0,
    });
    const shown = warm.operations.filter(({ waits }) => waits || !hasRoundTrips);
    return {
      title: `${protocol} on ${profile.title}, cycles`,
      bars: shown.flatMap((each) => {
        const first = cold.operations.find((other) => sameOperation(each, other));
        return [bar(each, "warm"), ...(first === undefined ? [] : [bar(first, "cold")])];
      }),
    };
  });
}

function write(path: string, text: string): void {
  try {
    writeFileSync(path, text);
  } catch (error) {
    throw new UsageError(`${path} cannot be written: ${error instanceof Error ? error.message : String(error)}`);
  }
}
