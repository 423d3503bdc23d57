/**
 * Declaring a kernel: state per thread, CPU and object, operations with argument domains, rules and waits.
 *
 * A kernel is data plus small pure functions over its declared state. The functions are written in the same subset of
 * TypeScript as protocols: the compiler turns them into transitions, the naive checker runs them as they stand. Whatever
 * a tool needs to look inside a kernel (possible wakers, wait-for edges, rule coverage, the most general client, the
 * flags that a repair may change, the projection of a machine) is read from these declarations; the checker itself
 * knows nothing of IPC.
 *
 * Shape follows guarded-command rules (Dijkstra; Murphi): a rule fires when the thread's pending operation is the one
 * it belongs to and `when` holds; `do` changes kernel state and may complete operations.
 */
import type { Cell } from "./memory.ts";
import type { Domain, DomainShape, ThreadId, ValueOf } from "./domain.ts";
import { type Op, perform } from "./operation.ts";
import type { TimedCall } from "./timed.ts";

type Fields = Readonly<Record<string, Domain>>;
export type Values<F extends Fields> = { readonly [K in keyof F]: ValueOf<F[K]> };

/** A queue in kernel state. */
export interface StateQueue<T> extends Iterable<T> {
  readonly length: number;
  /** Appends at the tail; a full queue is the violation `out-of-range`. */
  push(value: T): void;
  /** Removes and returns the head; the queue must not be empty. */
  shift(): T;
  at(index: number): T;
  insert(index: number, value: T): void;
  includes(value: T): boolean;
  indexOf(value: T): number;
  /** Removes the first occurrence; nothing happens if there is none. */
  remove(value: T): void;
}
/** An array in kernel state. */
export interface StateArray<T> {
  readonly length: number;
  at(index: number): T;
  set(index: number, value: T): void;
}
export type MutableField<D> =
  D extends Domain<infer V, infer A>
    ? A extends { shift(): infer T }
      ? StateQueue<T>
      : A extends { at(index: number): unknown }
        ? V extends readonly (infer E)[]
          ? StateArray<E>
          : never
        : V
    : never;
export type Mutable<F extends Fields> = { -readonly [K in keyof F]: MutableField<F[K]> };

declare const stateFields: unique symbol;
/** A group of declared state variables. `projected: false` leaves it out of the comparison with the machine. */
export interface StateGroup<Scope extends "thread" | "cpu" | "object" | "global" = "thread" | "cpu" | "object" | "global", F extends Fields = Fields> {
  readonly [stateFields]?: F;
  readonly scope: Scope;
  readonly name: string;
  /** The fields; for objects, given the options of one object, all objects of the protocol and its place among them. */
  readonly fields: (options: never, objects: readonly DeclaredObject[], self: number) => Readonly<Record<string, DomainShape>>;
  readonly projected: boolean;
}
interface GroupOptions {
  readonly projected?: boolean;
}
/** State that every thread has. `name` prefixes the variables in traces. */
export function perThread<const F extends Fields>(name: string, fields: F, options: GroupOptions = {}): StateGroup<"thread", F> {
  return { scope: "thread", name, fields: () => fields, projected: options.projected ?? true };
}
/** State that every CPU has. */
export function perCpu<const F extends Fields>(name: string, fields: F, options: GroupOptions = {}): StateGroup<"cpu", F> {
  return { scope: "cpu", name, fields: () => fields, projected: options.projected ?? true };
}
/** State that every object of a type has; ranges and initial values may depend on the object's own options, and name other objects. */
export function perObject<O, const F extends Fields>(
  name: string,
  fields: (options: O, objects: readonly DeclaredObject[], self: number) => F,
  options: GroupOptions = {},
): StateGroup<"object", F> {
  return { scope: "object", name, fields: fields as StateGroup["fields"], projected: options.projected ?? true };
}
/** State of which there is one. */
export function globalState<const F extends Fields>(name: string, fields: F, options: GroupOptions = {}): StateGroup<"global", F> {
  return { scope: "global", name, fields: () => fields, projected: options.projected ?? true };
}

/** Names a kernel object; `index` is its position among the protocol's objects. */
export interface ObjectRef {
  readonly kind: "object";
  readonly name: string;
  readonly index: number;
}

/** An object as the protocol declares it. */
export interface DeclaredObject {
  readonly ref: ObjectRef;
  readonly type: ObjectType;
}

/** What rule and wait functions may look at. */
export interface StateContext<A extends Fields = Fields> {
  /** The thread whose operation is pending. In a background rule: `nobody`. */
  readonly self: ThreadId;
  /** The arguments of its operation. */
  readonly args: Values<A>;
  /** All threads, in order of declaration. */
  readonly threads: readonly ThreadId[];
  /** All objects that have this state, in order of declaration. */
  objects<F extends Fields>(group: StateGroup<"object", F>): readonly ObjectRef[];
  /** The options of an object's type, as the type declares them: what a rule that meets objects of different types must know of each. */
  optionsOf(object: ObjectRef): Readonly<Record<string, unknown>>;
  of<F extends Fields>(group: StateGroup<"thread", F>, thread: ThreadId): Mutable<F>;
  of<F extends Fields>(group: StateGroup<"cpu", F>, cpu: number): Mutable<F>;
  /** An object by its number is one that need not be known beforehand; all objects that have the group must then agree on its ranges. */
  of<F extends Fields>(group: StateGroup<"object", F>, object: ObjectRef | number): Mutable<F>;
  of<F extends Fields>(group: StateGroup<"global", F>): Mutable<F>;
  cpuOf(thread: ThreadId): number;
  sameCpu(a: ThreadId, b: ThreadId): boolean;
  priorityOf(thread: ThreadId): number;
  /** The thread has ended, by itself or by `terminate`. */
  isFinished(thread: ThreadId): boolean;
  /** The value of the cell that an argument names. */
  read<T>(cell: Cell<T>): T;
  addressOf(cell: Cell<unknown> | Cell<number>): number;
}

/** What `do` may use besides. */
export interface RuleContext<A extends Fields = Fields, R extends Fields = Fields> extends StateContext<A> {
  /** Completes this operation for `thread` (self, or a thread blocked in the same operation) with the result. */
  complete(thread: ThreadId, result: Values<R>): void;
  /** Completes another operation that `thread` is blocked in. */
  completeOf<B extends Fields, S extends Fields>(operation: Operation<B, S>, thread: ThreadId, result: Values<S>): void;
  /** Ends a thread wherever it stands and takes it out of every queue of threads in kernel state. */
  terminate(thread: ThreadId): void;
  /** The kernel itself fails: the violation `assertion` with this message. */
  panic(message: string): void;
  write<T>(cell: Cell<T>, value: T): void;
}

/** `when` is pure; all of `do` is one atomic step. */
export interface Rule<A extends Fields = Fields, R extends Fields = Fields> {
  readonly when?: (k: StateContext<A>) => boolean;
  readonly do: (k: RuleContext<A, R>) => void;
  /**
   * A timer fires, or a signal comes from outside of the protocol: an interrupt while the thread sleeps, not something that it does.
   * Where the scheduler chooses among threads, the rule makes none of them ready, and needs no turn. Default false.
   */
  readonly timer?: boolean;
  /**
   * Whether the rule waits until all that its CPU has stored is in memory: what locks and the entry to the kernel come to
   * under store buffers. Default true; false for a path through the kernel that orders nothing and touches no user memory.
   */
  readonly drains?: boolean;
  /**
   * Whether what the threads know of memory passes through the rule, under release/acquire: from and to every thread and
   * object whose state `do` uses, and to every thread whose operation it completes. Default true.
   */
  readonly synchronises?: boolean;
}

/**
 * Who could end a wait: any thread that can still perform one of the operations `by` and satisfies `when`. Where both
 * operations name a cell, or both an object, it must be the same one, unless `anywhere`. By "anything": whatever the thread
 * still does, and be it that it ends.
 */
export interface Waker<A extends Fields = Fields> {
  readonly by: readonly string[] | "anything";
  readonly anywhere?: boolean;
  readonly when?: (k: StateContext<A>, other: ThreadId) => boolean;
}

/**
 * A way in which a thread can be blocked in an operation: the first wait whose `when` holds names the phase.
 * `wakers` over-approximates who could end the wait.
 */
export interface Wait<A extends Fields = Fields> {
  readonly when?: (k: StateContext<A>) => boolean;
  /** The kernel's own word for the state, as reports print it: "polling (send phase)", "REPLY-blocked". */
  readonly says: string;
  readonly kind: "send" | "reply" | "receive" | "closed-receive" | "pager" | "lock" | "sleep" | "notification" | "scheduler";
  readonly wakers: readonly Waker<A>[];
  /** Waiting so is rest, not harm: a server that waits for its next request. A spec's `idle` option overrides it. */
  readonly idle?: (k: StateContext<A>) => boolean;
  /** What the kernel does by itself (a background rule that is enabled) may still end it: the thread does not count as blocked. */
  readonly passing?: (k: StateContext<A>) => boolean;
  /** The condition slept for: asleep while it holds, with no wake-up to come, is a lost wakeup. */
  readonly until?: (k: StateContext<A>) => boolean;
}

export interface OperationDeclaration<A extends Fields = Fields, R extends Fields = Fields> {
  readonly name: string;
  readonly args: A;
  readonly result: R;
  /** Reading one of `fields` of a result whose `by` is not `ok` is the violation `unhandled-error`. */
  readonly guarded: { readonly by: string; readonly ok: string; readonly fields: readonly string[] } | null;
  readonly rules: Readonly<Record<string, Rule<A, R>>>;
  readonly waits: Readonly<Record<string, Wait<A>>>;
  /** Whether the most general client may perform it, or with which arguments. */
  readonly general: boolean | ((held: Held) => readonly Values<A>[]);
}

/** What a thread declares that it holds. */
export interface Held {
  readonly objects: readonly DeclaredObject[];
  readonly threads: readonly ThreadId[];
  readonly cells: readonly Cell<unknown>[];
}

/** An operation, ready to be performed: `yield* ipc({ to, message })`. */
export interface Operation<A extends Fields = Fields, R extends Fields = Fields> {
  (args: Values<A>): Op<Values<R>>;
  readonly declaration: OperationDeclaration<A, R>;
}

/** Declares an operation of a kernel or of an object type. Rule names become the names of transitions. */
export function operation<const A extends Fields, const R extends Fields>(declaration: {
  readonly name: string;
  readonly args: A;
  readonly result: R;
  readonly guarded?: { readonly by: keyof R & string; readonly ok: string; readonly fields: readonly (keyof R & string)[] };
  readonly rules: Readonly<Record<string, Rule<A, R>>>;
  readonly waits?: Readonly<Record<string, Wait<A>>>;
  readonly general?: boolean | ((held: Held) => readonly Values<A>[]);
}): Operation<A, R> {
  const complete: OperationDeclaration<A, R> = {
    ...declaration,
    guarded: declaration.guarded ?? null,
    waits: declaration.waits ?? {},
    general: declaration.general ?? true,
  };
  const invoke = (args: Values<A>): Op<Values<R>> => perform({ kind: "kernel", operation: complete as unknown as OperationDeclaration, args });
  return Object.assign(invoke, { declaration: complete });
}

/** A step that no thread takes: a timer tick, an interrupt, a mailbox being emptied. Enabled whenever `when` holds. */
export interface BackgroundRule {
  /** `cpu`: one instance for each CPU, given as `k.cpu`; `none`: one instance. */
  readonly each: "cpu" | "none";
  readonly when: (k: StateContext & { readonly cpu: number }) => boolean;
  readonly do: (k: RuleContext & { readonly cpu: number }) => void;
}

/**
 * A way in which the kernel keeps a thread from running, wherever it stands: suspended, or without time to run on. While
 * `when` holds, the thread takes no step, whatever it would do next.
 */
export interface Halt extends Wait {
  readonly when: (k: StateContext) => boolean;
}

/** A field of thread state that holds, where it is not negative, the priority that the thread runs at instead of its own. */
export interface InheritedPriority {
  readonly state: StateGroup<"thread">;
  readonly field: string;
}

declare const apiType: unique symbol;
export interface Kernel<Api = unknown> {
  readonly [apiType]?: Api;
  readonly kind: "kernel";
  readonly name: string;
  /** Printed with every verdict: the variant that was checked. */
  readonly options: Readonly<Record<string, string | number | boolean>>;
  readonly cpus: number;
  readonly state: readonly StateGroup[];
  readonly operations: readonly Operation<never, never>[];
  readonly background: Readonly<Record<string, BackgroundRule>>;
  readonly halts: Readonly<Record<string, Halt>>;
  /** Where the kernel keeps inherited priorities, for `scheduling: "priority"`; null: it knows none. */
  readonly inherited: InheritedPriority | null;
  /** How long its operations and those of its objects wait, as a specification says it. */
  readonly timed: readonly TimedCall[];
  /** What threads find in their context: plain functions that return operations. */
  readonly api: Api;
  /** Loads the executable path, whose default export is a `MachinePath` factory (kernel/common). */
  readonly machine: (() => Promise<unknown>) | null;
}

/** Declares a kernel. */
export function kernel<Api extends object>(declaration: {
  readonly name: string;
  readonly options?: Readonly<Record<string, string | number | boolean>>;
  /** Number of CPUs; threads name theirs with `cpu`. Default: one for each thread. */
  readonly cpus?: number;
  readonly state?: readonly StateGroup[];
  readonly operations: readonly { readonly declaration: { readonly name: string } }[];
  readonly background?: Readonly<Record<string, BackgroundRule>>;
  readonly halts?: Readonly<Record<string, Halt>>;
  readonly inherited?: InheritedPriority;
  readonly timed?: readonly TimedCall[];
  readonly api: Api;
  readonly machine?: () => Promise<unknown>;
}): Kernel<Api> {
  return {
    kind: "kernel",
    name: declaration.name,
    options: declaration.options ?? {},
    cpus: declaration.cpus ?? 0,
    state: declaration.state ?? [],
    operations: declaration.operations as unknown as readonly Operation<never, never>[],
    background: declaration.background ?? {},
    halts: declaration.halts ?? {},
    inherited: declaration.inherited ?? null,
    timed: declaration.timed ?? [],
    api: declaration.api,
    machine: declaration.machine ?? null,
  };
}

export interface ObjectType<Api = unknown> {
  readonly kind: "object-type";
  readonly name: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly state: readonly StateGroup[];
  readonly operations: readonly Operation<never, never>[];
  readonly api: (self: ObjectRef) => Api;
  /** Loads the executable path, as for kernels. */
  readonly machine: (() => Promise<unknown>) | null;
}

/** Declares one kernel object of a type; it arrives in the threads' context under its name in `objects`. */
export function objectType<Api extends object>(declaration: {
  readonly name: string;
  readonly options?: Readonly<Record<string, unknown>>;
  readonly state?: readonly StateGroup[];
  readonly operations: readonly { readonly declaration: { readonly name: string } }[];
  readonly api: (self: ObjectRef) => Api;
  readonly machine?: () => Promise<unknown>;
}): ObjectType<Api> {
  return {
    kind: "object-type",
    name: declaration.name,
    options: declaration.options ?? {},
    state: declaration.state ?? [],
    operations: declaration.operations as unknown as readonly Operation<never, never>[],
    api: declaration.api,
    machine: declaration.machine ?? null,
  };
}
