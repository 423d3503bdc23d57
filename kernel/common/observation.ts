/** How threads stand and what the kernel's data says, as seen from outside; the same whichever driver runs the machine. Caller holds: no section. */
import type { Multiprocessor } from "../../hardware/multiprocessor.ts";
import type { Step } from "../../model/language/operation.ts";
import type { Instance } from "../../model/language/protocol.ts";
import type { Described } from "./allocation.ts";
import type { Microkernel } from "./microkernel.ts";
import type { Blocking, Projection } from "./path.ts";
import type { NativeViolation, Programs } from "./programs.ts";
import type { UserMemory } from "./user-memory.ts";

/** Where a thread stands. */
export type ThreadStatus =
  | { readonly kind: "ready" }
  /** In the kernel with an armed timer: the only thing it can do by itself is to time out. */
  | { readonly kind: "timed"; readonly blocking: Blocking | null }
  | { readonly kind: "blocked"; readonly blocking: Blocking | null }
  /** A guarded step or a `waitUntil` whose condition is false. */
  | { readonly kind: "condition" }
  /** Woken, but the interrupt that tells its CPU has not come. */
  | { readonly kind: "arriving" }
  | { readonly kind: "stopped" }
  | { readonly kind: "finished" };

/** A protocol on a machine, whichever driver runs it. */
export interface Observed {
  readonly instance: Instance;
  readonly machine: Multiprocessor;
  readonly memory: UserMemory;
  /** Set once a violation has happened; nothing runs after it. */
  readonly violation: NativeViolation | null;
  /** An assumption of the protocol is false: nothing runs after it. */
  readonly pruned: boolean;
  /** Whether programs go on some time after their operations have ended, and not within the same step. */
  readonly lags: boolean;
  /** The operation that a thread stands at; null if it has finished. */
  pending(thread: number): Step | null;
  status(thread: number): ThreadStatus;
  /** Whether a thread stands where the kernel's data says: it is in no system call, or sleeps in one. */
  isSettled(thread: number): boolean;
  project(): Projection;
  audit(): readonly string[];
  /** All records of kernel memory. */
  records(): readonly Described[];
  /** What the run has not given back: for the end of a run. */
  leaks(): readonly string[];
}

export function statusOf(kernel: Microkernel, programs: Programs, id: number): ThreadStatus {
  const kind = standingOf(kernel, programs, id);
  return kind === "blocked" || kind === "timed" ? { kind, blocking: haltedOf(kernel, id) ?? blockingOf(kernel, id) } : { kind };
}

/** How a thread stands, without where. */
export function standingOf(kernel: Microkernel, programs: Programs, id: number): ThreadStatus["kind"] {
  const thread = kernel.thread(id);
  const { pending, asleep, end, arriving } = thread;
  if (end !== null) return end;
  if (haltedOf(kernel, id) !== null) return "blocked";
  if (arriving) return "arriving";
  if (asleep !== null) return asleep.timer ? "timed" : "blocked";
  if (pending?.kind === "step" || pending?.kind === "waitUntil") return programs.condition(thread, pending) ? "ready" : "condition";
  return "ready";
}

/** Where a thread hangs, in the words of the path that holds it. */
export function blockingOf({ paths }: Microkernel, thread: number): Blocking | null {
  for (const path of paths) {
    const blocking = path.blocking(thread);
    if (blocking !== null) return blocking;
  }
  return null;
}

/** How a path has halted a thread, which takes no step meanwhile; null if none has. */
export function haltedOf({ paths }: Microkernel, thread: number): Blocking | null {
  for (const path of paths) {
    const halted = path.halted?.(thread) ?? null;
    if (halted !== null) return halted;
  }
  return null;
}

/** Projected state of all paths. */
export function projectionOf({ paths }: Microkernel): Projection {
  return Object.assign({}, ...paths.map((path) => path.project())) as Projection;
}

/** Inconsistencies between the machine's threads and the kernel's data; empty if all is well. */
export function auditOf(kernel: Microkernel): readonly string[] {
  const { threads, scheduler, paths } = kernel;
  const audit = (isArrivingAsleep: boolean): readonly string[] =>
    paths.flatMap((path) =>
      path.audit((id) => {
        const thread = threads[id];
        return thread !== undefined && thread.end !== "finished" && (thread.asleep !== null || ((thread.arriving || thread.isAtLock) && isArrivingAsleep));
      }),
    );
  // A thread that was woken and has not run yet may stand as the end of its call leaves it, or in the wait that comes next;
  // one that its timer has woken may still hang where it slept. Only what is wrong either way is wrong.
  const awake = audit(false);
  const either = threads.some(({ arriving, isAtLock }) => arriving || isAtLock) ? audit(true) : awake;
  const lost = threads.flatMap((thread) =>
    thread.asleep !== null && thread.end === null && blockingOf(kernel, thread.id) === null
      ? [`${thread.name} is blocked in the kernel, but in no queue and in no wait`]
      : [],
  );
  return [...awake.filter((fault) => either.includes(fault)), ...lost, ...scheduler.audit()];
}
