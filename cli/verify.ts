/** `verify`: every protocol of every specification, with every combination of the parameters that are swept. */
import type { StoreKind, Swarm, Walks } from "../checker/result.ts";
import type { LoadedSpec } from "../model/loader/load.ts";
import { type Baseline, compare, readBaseline, type Remark, updateBaseline } from "./baseline.ts";
import { overBudget } from "./budget.ts";
import { check, type CheckOptions, type CheckResult, isAsExpected } from "./check.ts";
import { type Config, loadConfig, optionsOf } from "./config.ts";
import { changedSince } from "./changed.ts";
import { coverageReport } from "./coverage.ts";
import { gather } from "./gather.ts";
import { type LongRunOptions, runsGiven } from "./long-run-options.ts";
import type { MemoryOptions } from "./memory-options.ts";
import { renderDiagnostics } from "./diagnostics.ts";
import { type ExitCode, exitCodes, UsageError, worst } from "./exit.ts";
import type { OutputChoice, ReporterChoice, Sweep } from "./options.ts";
import { progressLine } from "./progress.ts";
import { Reporting } from "./reporting.ts";
import { isOfShard, type Shard, shardCheck, type ShardResult, shardResult, writeShard } from "./shard.ts";
import { shownPath } from "../model/loader/registry.ts";
import type { Terminal } from "./terminal.ts";
import { writeOutputs, writeTraces } from "./trace-files.ts";

export interface VerifyOptions extends MemoryOptions, LongRunOptions {
  readonly param?: Sweep;
  readonly export?: string;
  readonly expect?: true;
  readonly json?: true;
  readonly reporter?: readonly ReporterChoice[];
  readonly out?: readonly OutputChoice[];
  readonly maxStates?: number;
  readonly maxDepth?: number;
  readonly maxMemory?: number;
  readonly disk?: string;
  readonly timeout?: number;
  readonly workers?: number;
  readonly store?: StoreKind;
  readonly symmetry?: boolean;
  /** False: partial order leaves nothing out. */
  readonly partialOrder?: boolean;
  readonly shadow?: true;
  readonly checkpoint?: string;
  readonly checkpointInterval: number;
  readonly resume?: string;
  readonly swarm?: number;
  readonly swarmWidth: number;
  readonly seed: number;
  readonly shard?: Shard;
  readonly result?: string;
  readonly traceDir: string;
  readonly traceFile: boolean;
  /** False: nothing of what an earlier run has compiled is used, and nothing is kept. */
  readonly cache?: boolean;
  readonly engine: "wasm" | "naive";
  /** A commit. */
  readonly changed?: string;
  readonly watch?: true;
  readonly baseline?: string;
  readonly updateBaseline?: true;
  /** False: no configuration. */
  readonly config?: string | false;
  readonly coverage?: true;
  readonly profile?: true;
  readonly strict?: true;
  readonly quiet?: true;
  readonly verbose?: true;
}

/** The options of `simulate`. */
export interface SimulateCommand
  extends Pick<VerifyOptions, "param" | "export" | "json" | "maxMemory" | "timeout" | "traceDir" | "traceFile" | "memoryModel" | "quiet" | "verbose" | "seed"> {
  readonly walks: number;
  readonly depth: number;
}

/** `simulate`: the same with random walks in place of the search. */
export function simulate(names: readonly string[], options: SimulateCommand, terminal: Terminal): Promise<ExitCode> {
  const { walks, depth, seed } = options;
  return verify(names, { ...options, engine: "wasm", checkpointInterval: 60, swarmWidth: 1 }, terminal, { kind: "walks", walks, depth, seed });
}

/** One result with the files that its counterexamples were written to, by position. */
export interface Reported {
  readonly result: CheckResult;
  readonly files: readonly (string | null)[];
  /** Which of its violations the baseline accepts, by position. */
  readonly accepted: readonly boolean[];
  readonly remarks: readonly Remark[];
}

/** One pass over the checks. */
export interface Round {
  readonly results: readonly Reported[];
  /** All specifications that could be loaded, also those that were passed over. */
  readonly specs: readonly LoadedSpec[];
  readonly code: ExitCode;
}

/** `given`: the names of the options that the command line gives itself. */
export async function verify(
  names: readonly string[],
  options: VerifyOptions,
  terminal: Terminal,
  walks: Walks | null = null,
  given: ReadonlySet<string> = new Set(),
): Promise<ExitCode> {
  const { config, file } = options.config === false || walks !== null ? { config: {}, file: null } : await loadConfig(options.config);
  const added = Object.entries(optionsOf({ config, file })).filter(([name]) => !given.has(name));
  const all: VerifyOptions = { ...options, ...Object.fromEntries(added) };
  const targets = names.length > 0 ? names : (config.specs ?? []);
  if (targets.length === 0) throw new UsageError("name what is to be checked: files, folders or patterns; or give `specs` in ipc-check.config.ts");
  if (all.updateBaseline === true && all.baseline === undefined) throw new UsageError("--update-baseline needs the file: --baseline FILE");
  const interrupt = interruption();
  try {
    const { signal } = interrupt;
    if (all.watch !== true) return (await round(targets, all, config, terminal, { walks, signal, isWanted: wanted(all) })).code;
    const { watchSpecs } = await import("./watch.ts");
    await watchSpecs(targets, (isWanted) => round(targets, all, config, terminal, { walks, signal, isWanted }), terminal, signal);
    return exitCodes.interrupted;
  } finally {
    interrupt.remove();
  }
}

function wanted({ changed }: VerifyOptions): (spec: LoadedSpec) => boolean {
  return changed === undefined ? () => true : changedSince(changed);
}

interface Pass {
  readonly walks: Walks | null;
  readonly signal: AbortSignal;
  readonly isWanted: (spec: LoadedSpec) => boolean;
}

async function round(names: readonly string[], options: VerifyOptions, config: Config, terminal: Terminal, { walks, signal, isWanted }: Pass): Promise<Round> {
  const { err } = terminal;
  const { specs, jobs, failed } = await gather(names, options, signal, isWanted);
  const baseline: Baseline | null = options.baseline === undefined ? null : readBaseline(options.baseline, options.updateBaseline === true);
  const results: Reported[] = [];
  if (jobs.length === 0 && failed.length === 0) err.write(`no specification has changed since ${options.changed}\n`);
  const reporting = await Reporting.open(
    options.reporter ?? [{ name: options.json === true ? "json" : "pretty", file: null }],
    { expect: options.expect === true, quiet: options.quiet === true, verbose: options.verbose === true, full: jobs.length + failed.length <= fullReports },
    terminal,
  );
  const show = async (result: CheckResult): Promise<void> => {
    const files = options.traceFile ? writeTraces(result, options.traceDir) : result.violations.map(() => null);
    const { accepted, remarks } = baseline === null ? { accepted: files.map(() => false), remarks: [] } : compare(baseline, result, config.growth ?? 1.5);
    const reported = { result, files, accepted, remarks: [...remarks, ...overBudget(result, config.budgets ?? {})] };
    results.push(reported);
    if (options.out !== undefined) await writeOutputs(results, options.out);
    if (result.diagnostics.length > 0) err.write(renderDiagnostics(result.diagnostics, err));
    await reporting.result(reported);
  };
  if ((options.checkpoint ?? options.resume) !== undefined) oneCheckpoint(options, jobs.length);
  for (const result of failed) await show(result);
  const shard = options.shard ?? { index: 1, of: 1 };
  const swarm: Swarm | null =
    options.swarm === undefined
      ? null
      : { kind: "swarm", searches: options.swarm, width: options.swarmWidth, seed: options.seed + (shard.index - 1) * options.swarm };
  const sample = walks ?? swarm;
  const ofShard: ShardResult[] = [];
  for (const [index, job] of jobs.entries()) {
    if (signal.aborted) break;
    if (swarm === null && !isOfShard(shard, options.seed, index)) continue;
    const progress = progressLine(err, job.declared.protocol.name);
    const quiet = options.quiet === true;
    if (options.verbose === true) err.write(`checking ${job.declared.protocol.name} (${job.declared.exportName})\n`);
    const result = await check(job, {
      ...bounds(options),
      ...(options.partialOrder === false || sample !== null ? {} : { partialOrder: "large" as const }),
      ...censusOf(options, sample !== null),
      ...(sample === null ? {} : { sample }),
      runs: runsGiven(options),
      cache: options.cache !== false,
      engine: options.engine,
      signal,
      onProgress: (state) => (quiet ? undefined : progress.show(state)),
    });
    progress.clear();
    await show(result);
    ofShard.push(shardResult(index, result));
  }
  if (options.result !== undefined && !signal.aborted) {
    const { seed } = options;
    const checks = jobs.map((job) => shardCheck(job, shownPath(job.spec.file)));
    const given = { ...covering(options), ...(swarm === null ? {} : { width: swarm.width }) };
    writeShard(options.result, {
      shard,
      seed,
      swarm: options.swarm ?? null,
      options: given,
      checks,
      failed: failed.map(({ spec }) => spec),
      results: ofShard,
    });
  }
  reporting.end(results, signal.aborted);
  if (options.coverage === true && options.json !== true)
    terminal.out.write(
      coverageReport(
        results.map(({ result }) => result),
        terminal.out,
      ),
    );
  if (options.updateBaseline === true && baseline !== null && options.baseline !== undefined && !signal.aborted) {
    updateBaseline(
      options.baseline,
      baseline,
      results.map(({ result }) => result),
    );
    if (options.quiet !== true) err.write(`baseline written to ${options.baseline}\n`);
  }
  if (signal.aborted) err.write("interrupted\n");
  return { results, specs, code: exitCode(results, options, signal.aborted) };
}

/** With more checks than this, counterexamples that were expected are not printed in full. */
const fullReports = 4;

function bounds({
  maxStates,
  maxDepth,
  maxMemory,
  disk,
  timeout,
  workers,
  store,
  symmetry,
  shadow,
  checkpoint,
  checkpointInterval,
  resume,
}: VerifyOptions): Pick<VerifyOptions, "maxStates" | "maxDepth" | "maxMemory" | "disk" | "timeout" | "workers" | "store" | "symmetry" | "shadow"> &
  Pick<CheckOptions, "checkpoint"> {
  const file = resume ?? checkpoint;
  return {
    ...(maxStates === undefined ? {} : { maxStates }),
    ...(maxDepth === undefined ? {} : { maxDepth }),
    ...(maxMemory === undefined ? {} : { maxMemory }),
    ...(disk === undefined ? {} : { disk }),
    ...(timeout === undefined ? {} : { timeout }),
    ...(workers === undefined ? {} : { workers }),
    ...(store === undefined ? {} : { store }),
    symmetry: symmetry ?? true,
    ...(shadow === undefined ? {} : { shadow }),
    ...(file === undefined ? {} : { checkpoint: { file, interval: checkpointInterval, resume: resume !== undefined } }),
  };
}

/** Without being asked, checks of up to so many states look for what their verdict does not rest on. */
const smallCensus = 20_000;

function censusOf({ coverage, profile, strict, engine, store }: VerifyOptions, isSample: boolean): Pick<CheckOptions, "census" | "censusLimit"> {
  const asked = [coverage && "--coverage", profile && "--profile", strict && "--strict"].filter((each) => typeof each === "string");
  const [first] = asked;
  const cannot = engine === "naive" ? "the naive checker" : isSample ? "a sample" : store === "compact" || store === "bitstate" ? `--store ${store}` : null;
  if (cannot !== null) {
    if (first !== undefined) throw new UsageError(`${first} needs all states, and ${cannot} does not keep them; use --store exact or compressed`);
    return {};
  }
  if (profile === true) return { census: "profile" };
  return first === undefined ? { census: "counts", censusLimit: smallCensus } : { census: "counts" };
}

/** Options that change what a check covers. */
function covering({
  maxStates,
  maxDepth,
  maxMemory,
  timeout,
  store,
  symmetry,
  partialOrder,
  memoryModel,
  buffer,
  messages,
  fairness,
  liveness,
}: VerifyOptions): Readonly<Record<string, string | number>> {
  const off = (on: boolean | undefined): "off" | undefined => (on === false ? "off" : undefined);
  const marks = { symmetry: off(symmetry), partialOrder: off(partialOrder), liveness: liveness === true ? "on" : undefined };
  const all = { maxStates, maxDepth, maxMemory, timeout, store, ...marks, memoryModel, buffer, messages, fairness };
  return Object.fromEntries(Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}

/** A checkpoint is of one search. */
function oneCheckpoint({ checkpoint, resume, engine }: VerifyOptions, checks: number): void {
  if (checks > 1) throw new UsageError(`a checkpoint is of one check, and these are ${checks}; choose one with --export and --param`);
  if (engine === "naive") throw new UsageError("the naive checker has no checkpoints");
  if (checkpoint !== undefined && resume !== undefined && checkpoint !== resume)
    throw new UsageError("--resume goes on writing to the file that it reads; leave --checkpoint out");
}

/** The first Ctrl-C, or SIGTERM, ends the search with the figures so far, a second one ends the process. */
function interruption(): { readonly signal: AbortSignal; remove(): void } {
  const controller = new AbortController();
  const onSignal = (): void => {
    if (controller.signal.aborted) process.exit(exitCodes.interrupted);
    controller.abort();
  };
  const signals = ["SIGINT", "SIGTERM"] as const;
  for (const signal of signals) process.on(signal, onSignal);
  return {
    signal: controller.signal,
    remove() {
      for (const signal of signals) process.removeListener(signal, onSignal);
    },
  };
}

function exitCode(results: readonly Reported[], { expect, strict }: VerifyOptions, interrupted: boolean): ExitCode {
  const codes: ExitCode[] = interrupted ? [exitCodes.interrupted] : [];
  for (const { result, accepted, remarks } of results) {
    if (remarks.some(({ failing }) => failing)) codes.push(exitCodes.violated);
    if (strict === true && result.warnings.length > 0) codes.push(exitCodes.violated);
    // The two levels disagree: one of them is wrong, and it is not the specification.
    if (result.violations.some(({ replay }) => replay.verdict === "diverged")) codes.push(exitCodes.internal);
    else if (result.verdict === "violated" && accepted.every((each) => each)) codes.push(exitCodes.holds);
    else if (expect === true && isAsExpected(result)) codes.push(exitCodes.holds);
    else if (result.verdict === "error") codes.push(exitCodes.usage);
    else if (result.verdict === "inconclusive") codes.push(exitCodes.inconclusive);
    // Under --expect a protocol that holds where a violation was expected is as wrong as the reverse.
    else codes.push(result.verdict === "violated" || expect === true ? exitCodes.violated : exitCodes.holds);
  }
  return worst(codes);
}
