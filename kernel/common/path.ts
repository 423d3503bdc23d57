/**
 * The interface between a kernel's executable path and the machine that runs it.
 *
 * A path handles each system call of a thread as a coroutine in that thread's context, as a process-oriented kernel
 * does with one kernel stack a thread. The coroutine yields
 *
 * - `commit`: the effects of the abstract rule of this name have just been made. Between commits nothing that the
 *   projection shows may change;
 * - `pause`: from here on others may run first (the call left its CPU, or opened its interrupts);
 * - `block`: the thread sleeps until somebody wakes it, or, with an armed timer, until that fires.
 *
 * A step of the machine runs one thread from where it paused or was entered, through exactly one commit, to its next
 * pause, block or return; then whoever it woke, likewise, but without a commit. Kernel code between two of these points
 * runs with interrupts off on its CPU.
 */
import type { CellHandle } from "../../model/language/memory.ts";
import type { ThreadHandle } from "../../model/language/domain.ts";
import type { OperationDeclaration } from "../../model/language/kernel.ts";
import type { Instance } from "../../model/language/protocol.ts";

/** What a system call's coroutine tells the machine. */
export type KernelPoint = { readonly kind: "commit"; readonly rule: string } | { readonly kind: "pause" } | { readonly kind: "block"; readonly timer: boolean };

/** Why a blocked or paused coroutine goes on. */
export type Resumption = "run" | "timer";

/** Results by the names that the operation declares. */
export type Results = Readonly<Record<string, unknown>>;

/** A system call under way. */
export type KernelRoutine<T = Results> = Generator<KernelPoint, T, Resumption>;

/** The effects of `rule` have just been made. */
export function commit(rule: string): KernelPoint {
  return { kind: "commit", rule };
}
/** Others may run first. */
export const pause: KernelPoint = { kind: "pause" };
/** Sleep until woken. */
export function block(timer: boolean): KernelPoint {
  return { kind: "block", timer };
}

/** What the machine offers to a path. */
export interface KernelHost {
  readonly instance: Instance;
  /** All threads, by number. */
  readonly threads: readonly ThreadHandle[];
  cpuOf(thread: number): number;
  /** Reads a cell of the protocol on the CPU of `thread`. */
  read(thread: number, cell: CellHandle): unknown;
  /** Writes a cell of the protocol on the CPU of `thread`. */
  write(thread: number, cell: CellHandle, value: unknown): void;
  /** Makes a blocked thread go on, in this step. */
  wake(thread: number): void;
  /** Ends a thread wherever it stands; its system call is forgotten. */
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
  /** Handlers of system calls, by the name of the operation. */
  readonly calls: Readonly<Record<string, (call: SystemCall) => KernelRoutine>>;
  /** Handlers of what no thread does (interrupts), by the name of the background rule. */
  readonly interrupts: Readonly<Record<string, (cpu: number) => KernelRoutine<void>>>;
  project(): Projection;
  /** Another path has ended `thread`: takes it out of whatever queue it is in here. */
  forget(thread: number): void;
  /** Where `thread` is queued or sleeps; null if this path does not hold it. */
  blocking(thread: number): Blocking | null;
  /** Inconsistencies of the path's own data: broken queues, leaked entries, a sleeper that nobody can find. `asleep` says which threads the machine has blocked in the kernel. */
  audit(asleep: (thread: number) => boolean): readonly string[];
}

/** The default export of a `path.ts`. */
export type PathFactory = (host: KernelHost) => MachinePath;
