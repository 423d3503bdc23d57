/**
 * Declaring a protocol: its kernel, parameters, objects, shared memory, threads and what must hold.
 *
 * Inference flows from the declarations into every `run`: a misspelt cell, object, thread, message field or operation
 * is an editor error.
 */
import { ThreadHandle, type AccessOf, type Domain, type ThreadId, type ValueOf } from "./domain.ts";
import type { DeclaredObject, Kernel, ObjectType } from "./kernel.ts";
import { checkLiveness } from "./liveness-declaration.ts";
import {
  type FairnessDeclaration,
  type FairnessOptions,
  type LivenessBuilders,
  livenessBuilders,
  type LivenessProperty,
  type ProgressDeclaration,
  type ThreadViews,
} from "./liveness.ts";
import { layoutMemory, type MemoryLayout } from "./memory.ts";
import { type MemoryModelDeclaration, memoryModelOf, type MemoryModelOptions, memoryModels, mostBuffered, mostMessages } from "./memory-model.ts";
import { unknownKey } from "./names.ts";
import type { Step } from "./operation.ts";

/** All threads of one name: itself the id when there is one, indexable (`threads.client[1]`) when there are several. */
export type ThreadGroup = ThreadId & { readonly [index: number]: ThreadId; readonly length: number };

export type ViolationKind =
  | "deadlock"
  | "unreplied-call"
  | "lost-wakeup"
  | "data-race"
  | "assertion"
  | "invariant"
  | "out-of-range"
  | "unhandled-error"
  | "liveness"
  | "starvation"
  | "livelock";
export type Expectation = "holds" | { readonly violated: ViolationKind };
export type Scheduling = "free" | "priority" | "round-robin";

type Placement = number | ((index: number) => number);
interface ThreadBase<Names extends string, P> {
  /** The CPU it runs on; without it, one of its own. */
  readonly cpu?: Placement;
  /** Number of replicas, or the parameter that gives it. */
  readonly count?: number | (keyof P & string);
  /** Higher runs first under `scheduling: "priority"`. Default 0. */
  readonly priority?: Placement;
  /** Objects, memory and threads that it may name. Default: all that its program uses. */
  readonly holds?: readonly Names[];
}
/** A thread with a program; `untrusted: true` may stop for ever at any step. */
interface ProgramThread<Context, Names extends string, P> extends ThreadBase<Names, P> {
  readonly untrusted?: boolean;
  run(this: void, context: Context): Generator<Step, void, unknown>;
  /** Of an untrusted thread: its program when it is correct, for `repair --timeouts`. Default: `run`, without stopping. */
  correct?(this: void, context: Context): Generator<Step, void, unknown>;
}
/** The most general client: any operation on anything it holds, with any value, stopping at any time. */
interface ArbitraryThread<Context, Names extends string, P> extends ThreadBase<Names, P> {
  readonly untrusted: "arbitrary";
  readonly holds: readonly Names[];
  readonly run?: never;
  /** Its program when it is correct, for `repair --timeouts`. Without one it then does nothing. */
  correct?(this: void, context: Context): Generator<Step, void, unknown>;
}
export type ThreadDeclaration<Context, Names extends string, P> = ProgramThread<Context, Names, P> | ArbitraryThread<Context, Names, P>;

type Apis<O> = { readonly [K in keyof O]: O[K] extends ObjectType<infer A> ? A : never };
type Cells<M> = { readonly [K in keyof M]: AccessOf<M[K]> };
type MemoryValues<M> = { readonly [K in keyof M]: ValueOf<M[K]> };
/** Parameters widen to numbers: a spec must be right for every value, not for its default. */
type Parameters<P> = { readonly [K in keyof P]: number };

/** What predicates of runs look at. */
export type LongRunState<M, P, T extends string> = MemoryValues<M> & Parameters<P> & { readonly threads: { readonly [N in T]: ThreadViews } };

export type ThreadContext<O, M, P, T extends string, Api> = Apis<O> &
  Cells<M> &
  Parameters<P> &
  Api & {
    readonly self: ThreadId;
    /** Which replica this is, from 0. */
    readonly index: number;
    readonly threads: { readonly [N in T]: ThreadGroup };
  };

/** A declared protocol, before it is instantiated with parameters. */
export interface Protocol {
  readonly kind: "protocol";
  readonly name: string;
  readonly kernel: Kernel;
  readonly parameters: Readonly<Record<string, number>>;
  readonly objects: Readonly<Record<string, ObjectType>>;
  readonly memory: Readonly<Record<string, Domain>>;
  readonly threads: Readonly<Record<string, ThreadDeclaration<never, string, Record<string, number>>>>;
  readonly invariants: Readonly<Record<string, (state: never) => boolean>>;
  readonly scheduling: Scheduling;
  readonly memoryModel: MemoryModelOptions;
  readonly liveness: Readonly<Record<string, LivenessProperty>>;
  readonly fairness: FairnessOptions;
  /** Null: progress is not asked for. */
  readonly progress: { readonly goals: Readonly<Record<string, (state: never) => boolean>> } | null;
  readonly expect: Expectation | null;
  /** A scenario of the reference that this protocol is. */
  readonly scenario: string | null;
}

export function protocol<
  const O extends Readonly<Record<string, ObjectType>> = {},
  const M extends Readonly<Record<string, Domain>> = {},
  const P extends Readonly<Record<string, number>> = {},
  T extends string = string,
  Api = unknown,
>(
  name: string,
  declaration: {
    readonly kernel: Kernel<Api>;
    readonly parameters?: P;
    readonly objects?: O;
    readonly memory?: M;
    readonly threads: {
      readonly [N in T]: ThreadDeclaration<ThreadContext<O, M, P, T, Api>, NoInfer<keyof O & string> | NoInfer<keyof M & string> | NoInfer<T>, P>;
    };
    readonly invariants?: { readonly [name: string]: (state: MemoryValues<M> & Parameters<P>) => boolean };
    /** What must happen in the long run. */
    readonly liveness?: (build: LivenessBuilders<LongRunState<M, P, T>>) => { readonly [name: string]: LivenessProperty };
    /** Of what runs are meant by `liveness` and `progress`; default: weak fairness of the trusted threads. */
    readonly fairness?: FairnessDeclaration;
    /** Every trusted thread's pending operation ends, in the long run; goals are reached again and again. */
    readonly progress?: ProgressDeclaration<LongRunState<M, P, T>>;
    readonly scheduling?: Scheduling;
    /** The memory that it runs on: "sc" unless given. */
    readonly memoryModel?: MemoryModelDeclaration;
    readonly expect?: Expectation;
    readonly scenario?: string;
  },
): Protocol {
  checkDeclaration(name, declaration);
  return {
    kind: "protocol",
    name,
    kernel: declaration.kernel,
    parameters: declaration.parameters ?? {},
    objects: declaration.objects ?? {},
    memory: declaration.memory ?? {},
    threads: declaration.threads as unknown as Protocol["threads"],
    invariants: (declaration.invariants ?? {}) as Protocol["invariants"],
    scheduling: declaration.scheduling ?? "free",
    memoryModel: memoryModelOf(declaration.memoryModel),
    liveness: declaration.liveness?.(livenessBuilders as unknown as LivenessBuilders<LongRunState<M, P, T>>) ?? {},
    fairness: typeof declaration.fairness === "string" ? { default: declaration.fairness } : (declaration.fairness ?? {}),
    progress: progressOf(declaration.progress),
    expect: declaration.expect ?? null,
    scenario: declaration.scenario ?? null,
  };
}

function progressOf<S>(declared: ProgressDeclaration<S> | undefined): Protocol["progress"] {
  if (declared === undefined || declared === false) return null;
  return { goals: declared === true ? {} : ((declared.goals ?? {}) as Readonly<Record<string, (state: never) => boolean>>) };
}

export const violationKinds: readonly ViolationKind[] = [
  "deadlock",
  "unreplied-call",
  "lost-wakeup",
  "data-race",
  "assertion",
  "invariant",
  "out-of-range",
  "unhandled-error",
  "liveness",
  "starvation",
  "livelock",
] satisfies ViolationKind[];
const protocolOptions: readonly string[] = [
  "kernel",
  "parameters",
  "objects",
  "memory",
  "threads",
  "invariants",
  "scheduling",
  "memoryModel",
  "liveness",
  "fairness",
  "progress",
  "expect",
  "scenario",
];
const threadOptions: readonly string[] = ["cpu", "count", "priority", "holds", "untrusted", "run", "correct"];

/** What the type checker would have said, for those who did not ask it. Throws {@link DeclarationError}. */
function checkDeclaration(name: unknown, declaration: unknown): void {
  const known = (where: string, value: unknown, options: readonly string[]): void => {
    if (typeof value !== "object" || value === null) throw new DeclarationError(where, `must be an object, not ${String(value)}`);
    const unknown = unknownKey(value, options);
    if (unknown !== null) throw new DeclarationError(where === "" ? unknown.key : `${where}.${unknown.key}`, unknown.message);
  };
  if (typeof name !== "string" || name === "") throw new DeclarationError("", "a protocol's first argument is its name");
  known("", declaration, protocolOptions);
  const { kernel, parameters = {}, threads, invariants = {}, scheduling, memoryModel, expect } = declaration as Readonly<Record<string, unknown>>;
  if (typeof kernel !== "object" || kernel === null || (kernel as { readonly kind?: unknown }).kind !== "kernel")
    throw new DeclarationError("kernel", "must be a kernel, such as l4.kernel({ message: int(0, 3) })");
  for (const [parameter, value] of Object.entries(parameters as object))
    if (!Number.isSafeInteger(value)) throw new DeclarationError(`parameters.${parameter}`, `must be an integer, not ${String(value)}`);
  if (typeof threads !== "object" || threads === null) throw new DeclarationError("threads", "must be an object with one entry for each thread");
  for (const [thread, options] of Object.entries(threads)) {
    const where = `threads.${thread}`;
    known(where, options, threadOptions);
    const { run, untrusted, correct } = options as Readonly<Record<string, unknown>>;
    if (![undefined, true, false, "arbitrary"].includes(untrusted as undefined))
      throw new DeclarationError(`${where}.untrusted`, 'must be true, false or "arbitrary"');
    if (correct !== undefined && (untrusted === undefined || untrusted === false))
      throw new DeclarationError(`${where}.correct`, "a thread that is trusted is taken to be correct; its program is run");
    if (correct !== undefined && !isProgram(correct)) throw new DeclarationError(`${where}.correct`, "must be a program: *correct({ … }) { … }");
    if (untrusted === "arbitrary") continue;
    if (!isProgram(run)) throw new DeclarationError(`${where}${run === undefined ? "" : ".run"}`, "a thread needs a program: *run({ … }) { … }");
  }
  for (const [invariant, holds] of Object.entries(invariants as object))
    if (typeof holds !== "function") throw new DeclarationError(`invariants.${invariant}`, "must be a function of the state");
  if (![undefined, "free", "priority", "round-robin"].includes(scheduling as undefined))
    throw new DeclarationError("scheduling", 'must be "free", "priority" or "round-robin"');
  if (memoryModel !== undefined) checkMemoryModel(memoryModel);
  const wrong = checkLiveness(declaration as Readonly<Record<string, unknown>>, Object.keys(threads));
  if (wrong !== null) throw new DeclarationError(wrong.where, wrong.message);
  if (expect === undefined || expect === "holds") return;
  known("expect", expect, ["violated"]);
  const { violated } = expect as { readonly violated?: unknown };
  if (!violationKinds.some((kind) => kind === violated))
    throw new DeclarationError("expect.violated", `"${String(violated)}" is no kind of violation; there are ${violationKinds.join(", ")}`);
}

function isProgram(value: unknown): boolean {
  return typeof value === "function" && Object.prototype.toString.call(value) === "[object GeneratorFunction]";
}

function checkMemoryModel(declared: unknown): void {
  const options = typeof declared === "string" ? { model: declared } : declared;
  if (typeof options !== "object" || options === null)
    throw new DeclarationError("memoryModel", `must be one of ${memoryModels.join(", ")}, or an object with model`);
  const unknown = unknownKey(options, ["model", "buffer", "messages"]);
  if (unknown !== null) throw new DeclarationError(`memoryModel.${unknown.key}`, unknown.message);
  const { model, buffer = 1, messages = 2 } = options as Readonly<Record<string, unknown>>;
  if (!memoryModels.some((name) => name === model))
    throw new DeclarationError("memoryModel", `"${String(model)}" is no memory model; there are ${memoryModels.join(", ")}`);
  const within = (value: unknown, least: number, most: number): boolean => Number.isInteger(value) && (value as number) >= least && (value as number) <= most;
  if (!within(buffer, 1, mostBuffered)) throw new DeclarationError("memoryModel.buffer", `must be an integer from 1 to ${mostBuffered}`);
  if (!within(messages, 2, mostMessages)) throw new DeclarationError("memoryModel.messages", `must be an integer from 2 to ${mostMessages}`);
}

/** One thread of an instantiated protocol. */
export interface ThreadInstance {
  readonly handle: ThreadHandle;
  /** `server`, or `client[1]` where the declaration has a `count`. */
  readonly name: string;
  /** Name in the declaration, and which replica. */
  readonly group: string;
  readonly index: number;
  readonly cpu: number;
  readonly priority: number;
  readonly untrusted: boolean | "arbitrary";
  readonly holds: readonly string[] | null;
  readonly run: ((context: never) => Generator<Step, void, unknown>) | null;
  readonly context: Readonly<Record<string, unknown>>;
}

/** A protocol with its parameters filled in: what the compiler, the naive checker and the machine all start from. */
export interface Instance {
  readonly protocol: Protocol;
  readonly parameters: Readonly<Record<string, number>>;
  readonly memory: MemoryLayout;
  readonly objects: readonly DeclaredObject[];
  readonly threads: readonly ThreadInstance[];
  readonly cpus: number;
  readonly memoryModel: MemoryModelOptions;
}

/** A declaration that cannot be instantiated; `where` is the path inside the declaration. */
export class DeclarationError extends Error {
  readonly where: string;
  constructor(where: string, message: string) {
    super(message);
    this.where = where;
  }
}

/**
 * Fills in parameters, numbers threads (in order of declaration, replicas together), cells and objects, places threads
 * on CPUs and builds each thread's context. `memoryModel` overrides what the protocol declares. Throws
 * {@link DeclarationError}.
 */
export function instantiate(protocol: Protocol, overrides: Readonly<Record<string, number>> = {}, memoryModel: Partial<MemoryModelOptions> = {}): Instance {
  for (const name of Object.keys(overrides)) {
    if (!(name in protocol.parameters))
      throw new DeclarationError("parameters", `there is no parameter "${name}"; the protocol has ${Object.keys(protocol.parameters).join(", ") || "none"}`);
  }
  const parameters: Readonly<Record<string, number>> = { ...protocol.parameters, ...overrides };
  const memory = layoutMemory(protocol.memory);
  const objects = Object.entries(protocol.objects).map(([name, type], index) => ({ ref: Object.freeze({ kind: "object" as const, name, index }), type }));
  for (const { ref, type } of objects) {
    try {
      for (const group of type.state) if (group.scope === "object") group.fields(type.options as never, objects, ref.index);
    } catch (error) {
      throw new DeclarationError(`objects.${ref.name}`, error instanceof Error ? error.message : String(error));
    }
  }

  const handles: Record<string, ThreadHandle[]> = {};
  let total = 0;
  for (const [group, declaration] of Object.entries(protocol.threads)) {
    const where = `threads.${group}`;
    const count = typeof declaration.count === "string" ? parameters[declaration.count] : (declaration.count ?? 1);
    if (count === undefined) throw new DeclarationError(where, `count names the parameter "${declaration.count}", which is not declared`);
    if (!Number.isInteger(count) || count < 0 || count > 64) throw new DeclarationError(where, `count must be an integer from 0 to 64, not ${count}`);
    handles[group] = Array.from(
      { length: count },
      (_, index) => new ThreadHandle(total + index, declaration.count === undefined ? group : `${group}[${index}]`),
    );
    total += count;
  }
  if (total === 0) throw new DeclarationError("threads", "a protocol needs at least one thread");
  const threads = Object.fromEntries(
    Object.entries(handles).map(([group, members]) => [group, protocol.threads[group]?.count === undefined ? members[0] : Object.freeze([...members])]),
  );

  const shared: Record<string, unknown> = {};
  const provide = (names: Readonly<Record<string, unknown>>, where: string): void => {
    for (const [name, value] of Object.entries(names)) {
      if (name in shared || name === "self" || name === "index" || name === "threads")
        throw new DeclarationError(`${where}.${name}`, `the name "${name}" is already taken by something else that threads find in their context`);
      shared[name] = value;
    }
  };
  provide(protocol.kernel.api as Record<string, unknown>, "kernel");
  provide(Object.fromEntries(objects.map(({ ref, type }) => [ref.name, type.api(ref)])), "objects");
  provide(memory.access, "memory");
  provide(parameters, "parameters");

  const at = (placement: Placement | undefined, index: number, otherwise: number): number =>
    typeof placement === "function" ? placement(index) : (placement ?? otherwise);
  const instances: ThreadInstance[] = [];
  let ownCpu = protocol.kernel.cpus;
  for (const [group, declaration] of Object.entries(protocol.threads)) {
    for (const [index, handle] of (handles[group] ?? []).entries()) {
      const cpu = at(declaration.cpu, index, declaration.cpu === undefined ? ownCpu++ : 0);
      if (!Number.isInteger(cpu) || cpu < 0 || (declaration.cpu !== undefined && protocol.kernel.cpus > 0 && cpu >= protocol.kernel.cpus))
        throw new DeclarationError(`threads.${group}.cpu`, `CPU ${cpu} does not exist; the kernel has ${protocol.kernel.cpus} (numbered from 0)`);
      const priority = at(declaration.priority, index, 0);
      instances.push({
        handle,
        name: handle.name,
        group,
        index,
        cpu,
        priority,
        untrusted: declaration.untrusted ?? false,
        holds: declaration.holds ?? null,
        run: declaration.run ?? null,
        context: Object.freeze({ ...shared, self: handle, index, threads }),
      });
    }
  }
  const cpus = Math.max(protocol.kernel.cpus, ...instances.map((thread) => thread.cpu + 1));
  return { protocol, parameters, memory, objects, threads: instances, cpus, memoryModel: memoryModelOf(protocol.memoryModel, memoryModel) };
}
