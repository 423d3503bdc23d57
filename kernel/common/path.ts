/**
 * The interface between a kernel's executable path and the machine that runs it.
 *
 * A path handles each system call of a thread as a coroutine in that thread's context, as a process-oriented kernel
 * does with one kernel stack a thread. The coroutine yields
 *
 * - `commit`: the effects of the abstract rule of this name have just been made. Between commits nothing that the
 *   projection shows may change;
 * - `pause`: from here on others may run first (the call opened its interrupts); `visit` is a pause after which the call
 *   goes on, for its thread, on another CPU, to which an interprocessor interrupt takes it;
 * - `block`: the thread sleeps until somebody wakes it, or, with an armed timer, until that fires;
 * - `lock`: it is about to take a lock, or has found it taken, or has just taken it. Only `host.lock` yields it.
 *
 * A step of the machine runs one thread from where it paused or was entered, through exactly one commit, to its next
 * pause, block or return; then whoever it woke, likewise, but without a commit. Kernel code between two of these points
 * runs with interrupts off on its CPU; at a lock, code of other CPUs may come in between (interleaving.ts).
 *
 * What a path knows lies in kernel memory: it declares layouts (records.ts) and gets records from the host. No lock may
 * be held at a pause, a block or a return. docs/machine.md is the introduction.
 */
import type { CellHandle } from "../../model/language/memory.ts";
import type { ThreadHandle } from "../../model/language/domain.ts";
import type { OperationDeclaration } from "../../model/language/kernel.ts";
import type { Instance } from "../../model/language/protocol.ts";
import type { Lock } from "./locks.ts";
import type { Pool } from "./pool.ts";
import type { KernelRecord, Layout } from "./records.ts";

/** What a system call's coroutine tells the machine. */
export type KernelPoint =
  | { readonly kind: "commit"; readonly rule: string }
  | { readonly kind: "pause"; readonly cpu: number | null }
  | { readonly kind: "block"; readonly timer: boolean }
  | LockPoint;

/** Where kernel code stands at a lock: before it takes it or, `taken`, just after. */
export interface LockPoint {
  readonly kind: "lock";
  readonly lock: Lock;
  readonly taken: boolean;
}

/** Kernel code that can be left at locks and gone on with. */
export type KernelCode<T> = Generator<LockPoint, T, unknown>;

/** Why a blocked or paused coroutine goes on. */
export type Resumption = "run" | "timer";

/** Results by the names that the operation declares. */
export type Results = Readonly<Record<string, unknown>>;

/** A system call under way. */
export type KernelRoutine<T = Results> = Generator<KernelPoint, T, Resumption>;

/** The effects of `rule` have just been made. Caller holds: nothing. */
export function commit(rule: string): KernelPoint {
  return { kind: "commit", rule };
}
/** Others may run first; then the call goes on on the CPU of its thread. */
export const pause: KernelPoint = { kind: "pause", cpu: null };
/** Others may run first; then the call goes on on `cpu`. Caller holds: nothing. */
export function visit(cpu: number): KernelPoint {
  return { kind: "pause", cpu };
}
/** Sleep until woken. Caller holds: nothing. */
export function block(timer: boolean): KernelPoint {
  return { kind: "block", timer };
}

/**
 * Which lock protects a record: the kernel's one big lock; one of its own, where the machine has fine-grained locks; or
 * none, where something else orders those who write it (the lock of the queue that it is in, its thread itself).
 */
export type Protection = "kernel" | "own" | "none";

/** What the machine offers to a path. */
export interface KernelHost {
  readonly instance: Instance;
  /** All threads, by number. */
  readonly threads: readonly ThreadHandle[];
  /** Caller holds: nothing. */
  cpuOf(thread: number): number;
  /** Lays one record out in kernel memory. Records are made when the path is, and stay. `lock`: "kernel" unless given. Caller holds: no section. */
  record<T extends object>(layout: Layout<T>, name: string, lock?: Protection): T & KernelRecord;
  /** One record for each thread, in the order of their numbers, named like the thread. Caller holds: no section. */
  perThread<T extends object>(layout: Layout<T>, lock?: Protection): readonly (T & KernelRecord)[];
  /** One record for each CPU. Caller holds: no section. */
  perCpu<T extends object>(layout: Layout<T>, lock?: Protection): readonly (T & KernelRecord)[];
  /** One record for each object of a type, by the object's index, named like the object. Caller holds: no section. */
  perObject<T extends object>(type: string, layout: Layout<T>, lock?: Protection): ReadonlyMap<number, T & KernelRecord>;
  /** Records that are taken and given back: buffers of queued messages, timers. One in use that nothing leads to is a leak. Caller holds: no section. */
  pool<T extends object>(layout: Layout<T>, count: number, name: string): Pool<T & KernelRecord>;
  /**
   * Takes the locks of these records, in an order that cannot deadlock: `yield* host.lock(me, partner)`. Where the kernel
   * has one big lock, entry has taken it, and this does nothing.
   * Caller holds: a section.
   */
  lock(...records: readonly KernelRecord[]): KernelCode<void>;
  /** Gives back what {@link lock} took for these records. Caller holds: the locks of these records. */
  unlock(...records: readonly KernelRecord[]): void;
  /** Runs `body` with the locks of these records, for code that is no coroutine. Locks that are held already stay so. Caller holds: nothing. */
  locked<T>(body: () => T, ...records: readonly KernelRecord[]): T;
  /** Reads a cell of the protocol on the CPU of `thread`. Caller holds: nothing. */
  read(thread: number, cell: CellHandle): unknown;
  /** Writes a cell of the protocol on the CPU of `thread`. Caller holds: a section. */
  write(thread: number, cell: CellHandle, value: unknown): void;
  /** The thread has ended, by itself or killed. Caller holds: nothing. */
  hasEnded(thread: number): boolean;
  /** Makes a blocked thread go on, in this step. Caller holds: a section. */
  wake(thread: number): void;
  /** Ends a thread wherever it stands; its system call is forgotten. Caller holds: a section. */
  kill(thread: number): void;
}

/** A system call, as the thread made it. */
export interface SystemCall {
  readonly thread: number;
  readonly operation: OperationDeclaration;
  readonly args: Readonly<Record<string, unknown>>;
}

/** How a thread is blocked in the kernel, in the kernel's own words. */
export interface Blocking {
  /** `send queue of server, position 1 of 2`. */
  readonly queue: string;
  /** Threads that the kernel itself knows it is waiting for; empty if anyone may come. */
  readonly on: readonly number[];
  /** For a sleep with a condition: whether that holds now, so that nobody should be asleep. */
  readonly until: boolean | null;
}

/**
 * Values of projected kernel state under the names of the abstract kernel's variables (`ipc.state`): one value for each
 * thread, CPU or object, in order of their numbers. Queues are arrays, threads handles, records objects.
 */
export type Projection = Readonly<Record<string, readonly unknown[]>>;

/** The executable path of a kernel or of a type of kernel objects. */
export interface MachinePath {
  /** "own": the path takes the locks of its records itself, and can do without the big lock. Default: "kernel". */
  readonly locking?: "kernel" | "own";
  /** Handlers of system calls, by the name of the operation. */
  readonly calls: Readonly<Record<string, (call: SystemCall) => KernelRoutine>>;
  /** Handlers of what no thread does (interrupts), by the name of the background rule. */
  readonly interrupts: Readonly<Record<string, (cpu: number) => KernelRoutine<void>>>;
  /** Caller holds: no section. */
  project(): Projection;
  /** Another path has ended `thread`: takes it out of whatever queue it is in here. Caller holds: a section. */
  forget(thread: number): void;
  /**
   * What the kernel's operation of deletion does to its data, before `thread` is taken out of all queues; for a thread that
   * is killed from outside. Absent: the kernel has no such operation.
   * Caller holds: a section.
   */
  destroy?(thread: number): void;
  /** Where `thread` is queued or sleeps; null if this path does not hold it. Caller holds: no section. */
  blocking(thread: number): Blocking | null;
  /** What keeps `thread` from running, wherever it stands (suspended, no time to run on); null or absent: nothing. Caller holds: no section. */
  halted?(thread: number): Blocking | null;
  /**
   * Inconsistencies of the path's own data: broken queues, leaked entries, a sleeper that nobody can find. `asleep` says which threads the machine has blocked in the kernel.
   * Caller holds: no section.
   */
  audit(asleep: (thread: number) => boolean): readonly string[];
}

/** The default export of a `path.ts`. */
export type PathFactory = (host: KernelHost) => MachinePath;
