/** One check: a protocol with its parameters, compiled, searched, and each counterexample written down and replayed. */
import {
  type Bound,
  type Census,
  CheckpointError,
  type CheckpointOptions,
  DiskError,
  type Profile,
  type Progress,
  type SearchResult,
  type SearchStats,
  type StoreKind,
  type Swarm,
  type Walks,
} from "../checker/result.ts";
import type { RunOptions } from "../model/compiler/runs.ts";
import { memoryModelOf, type MemoryModelOptions } from "../model/language/memory-model.ts";
import { DeclarationError, type Expectation, type Instance, instantiate, type ViolationKind } from "../model/language/protocol.ts";
import type { Site } from "../model/language/operation.ts";
import { declarationError } from "../model/loader/declaration.ts";
import type { Diagnostic, SpecError } from "../model/loader/diagnostic.ts";
import { KeptFile } from "../model/loader/kept.ts";
import type { LoadedProtocol, LoadedSpec } from "../model/loader/load.ts";
import { shownPath } from "../model/loader/registry.ts";
import { UsageError } from "./exit.ts";
import { specificationError } from "./specification-error.ts";
import { toolManifest } from "../model/loader/tool.ts";
import type { RuleCount } from "../checker/properties/coverage.ts";
import type { Vacuity } from "../checker/properties/vacuity.ts";
import { anew } from "../model/system/keep.ts";
import type { System } from "../model/system/system.ts";
import type { ReplayResult, Trace } from "../counterexamples/trace.ts";

export interface CheckOptions {
  readonly maxStates?: number;
  readonly maxDepth?: number;
  readonly maxMemory?: number;
  readonly disk?: string;
  readonly timeout?: number;
  readonly workers?: number;
  readonly store?: StoreKind;
  readonly checkpoint?: CheckpointOptions;
  readonly sample?: Walks | Swarm;
  readonly symmetry?: boolean;
  readonly partialOrder?: "always" | "large";
  readonly shadow?: boolean;
  readonly census?: "counts" | "profile";
  readonly censusLimit?: number;
  /** What is asked of runs, in place of what protocols say. */
  readonly runs?: RunOptions;
  /** Whether what an earlier run has compiled may be used, and what this one compiles be kept. */
  readonly cache?: boolean;
  readonly engine: "wasm" | "naive";
  readonly signal: AbortSignal;
  readonly onProgress: (progress: Progress) => void;
}

/** What is to be checked. */
export interface Job {
  readonly spec: LoadedSpec;
  readonly declared: LoadedProtocol;
  /** Those given on the command line. */
  readonly parameters: Readonly<Record<string, number>>;
  /** In place of what the protocol declares. */
  readonly memoryModel?: Partial<MemoryModelOptions>;
}

export interface Violation {
  readonly kind: ViolationKind;
  readonly property: string;
  readonly message: string;
  readonly site: Site | null;
  readonly trace: Trace | null;
  readonly replay: ReplayResult;
}

export interface CheckResult {
  /** Path of the specification, as shown. */
  readonly spec: string;
  /** Null if the specification could not be loaded. */
  readonly exportName: string | null;
  readonly protocol: string | null;
  readonly parameters: Readonly<Record<string, number>>;
  /** Whether the parameters are others than the protocol's defaults. */
  readonly varied: boolean;
  readonly kernel: { readonly name: string; readonly options: Readonly<Record<string, string | number | boolean>> } | null;
  readonly memoryModel: MemoryModelOptions;
  readonly verdict: "holds" | "violated" | "inconclusive" | "error";
  readonly bound: Bound | null;
  readonly violations: readonly Violation[];
  readonly diagnostics: readonly Diagnostic[];
  readonly stats: SearchStats | null;
  /** What the verdict `holds` rests on less than it seems to. */
  readonly warnings: readonly Vacuity[];
  /** How often each rule of the kernel fired; empty if no census was taken. */
  readonly rules: readonly RuleCount[];
  readonly profile: NamedProfile | null;
  readonly expected: Expectation;
}

/** Where the states come from, with names. */
export interface NamedProfile {
  readonly states: number;
  readonly variables: readonly { readonly name: string; readonly bits: number; readonly values: number; readonly without: number }[];
  readonly steps: readonly {
    readonly thread: string | null;
    readonly label: string;
    readonly rule: string;
    readonly site: Site | null;
    readonly fired: number;
  }[];
  readonly pairs: readonly { readonly threads: readonly [string, string]; readonly states: readonly [number, number]; readonly together: number }[];
}

/** Nothing was asked about the states. */
const unasked = { warnings: [], rules: [], profile: null } as const;

/** The result of a specification that could not be loaded. */
export function failedToLoad(path: string, error: SpecError): CheckResult {
  return {
    spec: shownPath(path),
    exportName: null,
    protocol: null,
    parameters: {},
    varied: false,
    kernel: null,
    memoryModel: memoryModelOf("sc"),
    verdict: "error",
    bound: null,
    violations: [],
    diagnostics: error.diagnostics,
    stats: null,
    ...unasked,
    expected: "holds",
  };
}

/** Checks one protocol. Errors of the specification are a result, not an exception. */
export async function check(job: Job, options: CheckOptions): Promise<CheckResult> {
  const { protocol, exportName } = job.declared;
  const about = {
    spec: shownPath(job.spec.file),
    exportName,
    protocol: protocol.name,
    kernel: { name: protocol.kernel.name, options: protocol.kernel.options },
    memoryModel: memoryModelOf(protocol.memoryModel, job.memoryModel),
    varied: Object.entries(job.parameters).some(([name, value]) => protocol.parameters[name] !== value),
    expected: protocol.expect ?? "holds",
  } as const;
  try {
    const instance = instantiateOrExplain(job);
    const { result, violations, ...insight } = options.engine === "naive" ? await withNaive(instance, options) : await withEngine(job, instance, options);
    return {
      ...about,
      parameters: instance.parameters,
      verdict: result.verdict,
      bound: result.bound,
      violations,
      diagnostics: [],
      stats: result.stats,
      ...insight,
    };
  } catch (error) {
    if (error instanceof CheckpointError || error instanceof DiskError) throw new UsageError(error.message);
    const explained = specificationError(error, protocol);
    if (explained === null) throw error;
    return {
      ...about,
      parameters: { ...protocol.parameters, ...job.parameters },
      verdict: "error",
      bound: null,
      violations: [],
      diagnostics: explained,
      stats: null,
      ...unasked,
    };
  }
}

export function instantiateOrExplain(job: Job): Instance {
  try {
    return instantiate(job.declared.protocol, job.parameters, job.memoryModel);
  } catch (error) {
    // Functions of the declaration (cpu, priority) run here, and may throw what they like.
    const wrong = error instanceof DeclarationError ? error : new DeclarationError("", error instanceof Error ? error.message : String(error));
    throw declarationError(job.declared.protocol, wrong);
  }
}

interface Searched extends Pick<CheckResult, "violations" | "warnings" | "rules" | "profile"> {
  readonly result: Pick<SearchResult, "verdict" | "bound" | "stats">;
}

async function withEngine(job: Job, instance: Instance, options: CheckOptions): Promise<Searched> {
  const { search } = await import("../checker/engine/index.ts");
  const { cache } = job.spec;
  const kept = options.cache === true && cache !== null ? keptFile(cache, job, instance, options) : null;
  const keep = kept?.keep ?? anew;
  const system = await keep("system", async () =>
    (await import("../model/compiler/index.ts")).compile(instance, options.runs === undefined ? {} : { runs: options.runs }),
  );
  // Of samples there are many, each with code of its own.
  const result = await search(system, options.sample === undefined ? { ...options, keep } : options);
  kept?.save();
  const violations: Violation[] = [];
  for (const found of result.findings) {
    // What a walk found is not a shortest way into it.
    const finding = options.sample === undefined ? found : (await import("../counterexamples/minimise.ts")).minimise(system, found);
    const [{ makeTrace }, { replayTrace }] = await Promise.all([import("../counterexamples/make.ts"), import("../counterexamples/replay.ts")]);
    const trace = makeTrace(instance, system, finding, {
      tool: { name: "ipc-check", version: toolManifest().version },
      spec: { path: shownPath(job.spec.file), hash: job.spec.hash, export: job.declared.exportName },
      repaired: repairedBeside(job),
    });
    violations.push({ ...finding, trace, replay: await replayTrace(trace, instance, system) });
  }
  return { result, violations, ...(result.census === undefined ? unasked : await insightOf(instance, system, result.verdict, result.census)) };
}

/** What was derived from this protocol with these parameters, this memory and these demands on runs. */
function keptFile(
  { folder, identity }: NonNullable<LoadedSpec["cache"]>,
  job: Job,
  { parameters, memoryModel }: Instance,
  { runs = {} }: CheckOptions,
): KeptFile {
  return new KeptFile(folder, [identity, job.declared.exportName, JSON.stringify([parameters, memoryModel, runs])]);
}

async function insightOf(
  instance: Instance,
  system: System,
  verdict: SearchResult["verdict"],
  census: Census,
): Promise<typeof unasked | Pick<CheckResult, "warnings" | "rules" | "profile">> {
  const [{ ruleCounts }, { vacuities }] = await Promise.all([import("../checker/properties/coverage.ts"), import("../checker/properties/vacuity.ts")]);
  return {
    warnings: verdict === "holds" ? vacuities(system, census) : [],
    rules: ruleCounts(instance, system, census),
    profile: census.profile === null ? null : named(system, census, census.profile),
  };
}

function named({ variables, processes, transitions }: System, { fired }: Census, { states, variables: measured, pairs }: Profile): NamedProfile {
  const name = (thread: number): string => processes[thread]?.name ?? "";
  return {
    states,
    variables: measured.map(({ variable, ...figures }) => ({ name: variables[variable]?.name ?? "", ...figures })),
    steps: transitions.map(({ id, rule, thread, location }) => {
      const at = thread === null || location === null ? undefined : processes[thread]?.locations[location];
      return { thread: thread === null ? null : name(thread), label: at?.label ?? "", rule, site: at?.site ?? null, fired: fired[id] ?? 0 };
    }),
    pairs: pairs.map(({ threads: [a, b], ...figures }) => ({ threads: [name(a), name(b)], ...figures })),
  };
}

/** Protocols of the same specification that are expected to hold, of the same scenario if this one names one. */
function repairedBeside({ spec, declared }: Job): readonly string[] {
  const { scenario } = declared.protocol;
  return spec.protocols
    .filter(({ protocol }) => protocol !== declared.protocol && protocol.expect === "holds" && (scenario === null || protocol.scenario === scenario))
    .map(({ exportName }) => exportName);
}

/** The readable checker: a verdict and figures, no traces. */
async function withNaive(instance: Instance, options: CheckOptions): Promise<Searched> {
  const { naive } = await import("../checker/naive/index.ts");
  const result = naive(instance, options);
  const replay: ReplayResult = { verdict: "not-run", message: "the naive checker writes no traces", step: 0 };
  const runs = result.runs.map(({ kind, property }): Violation => {
    const message = `${property} is false on some fair run`;
    return { kind: kind === "progress" ? "starvation" : kind, property, message, site: null, trace: null, replay };
  });
  return { result, violations: [...result.findings.map((finding) => ({ ...finding, trace: null, replay })), ...runs], ...unasked };
}

/** Whether the result is what the specification expects, and its counterexample was reproduced. */
export function isAsExpected(result: CheckResult): boolean {
  if (result.violations.some(({ replay }) => replay.verdict === "diverged")) return false;
  const { expected } = result;
  if (expected === "holds") return result.verdict === "holds";
  return result.verdict === "violated" && result.violations.some(({ kind }) => kind === expected.violated);
}
