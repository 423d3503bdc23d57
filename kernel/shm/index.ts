/**
 * Plain shared memory: no IPC, only cells and the futex of Linux (kernel/futex) to sleep on them.
 * `import * as shm from "ipc-check/kernels/shm"`.
 */
import { type Cell, type Kernel, kernel as declareKernel, type Op, timedByOptions, type Timeout } from "../../model/language/index.ts";
import { onlyOptions } from "../../model/language/names.ts";
import { operationsOf } from "./rules.ts";

/** A robust futex has the number of its owner (1 to 7; 0: free) and two flags. */
export const ownerMask = 7;
/** Somebody waits. */
export const waitersFlag = 8;
/** Its owner has died with it. */
export const ownerDiedFlag = 16;

export interface Futex {
  /**
   * Sleeps while `*cell` is `expected`; comparing and falling asleep are one step with respect to `wake`. Yields
   * "differs" at once if the value is another, "timeout" if a finite timer fires.
   */
  wait(
    cell: Cell<number>,
    expected: number,
    options?: { readonly timeout?: Exclude<Timeout, "zero">; readonly idle?: boolean },
  ): Op<{ readonly outcome: "woken" | "differs" | "timeout" }>;
  /** Wakes at most `count` sleepers on the cell, those that slept longest first; yields how many. Not latched. */
  wake(cell: Cell<number>, count: number): Op<{ readonly woken: number }>;
  /**
   * Ends this thread, which may own the robust futex `cell`; nothing comes after it. Its robust list, which the kernel looks
   * at, is in user memory: `list` is not 0 while the futex is on it, `pending` while it is being put on it or taken from it.
   */
  exit(tid: number, cell: Cell<number>, robust: { readonly list: Cell<number>; readonly pending: Cell<number> }): Op<object>;
}
export interface RequeueingFutex extends Futex {
  /**
   * Wakes at most `wake` sleepers on the cell, and makes at most `move` others sleep on `target` instead. With `expected`
   * (FUTEX_CMP_REQUEUE) it yields "differs", and does nothing, if the cell has another value.
   */
  requeue(
    cell: Cell<number>,
    target: Cell<number>,
    how: { readonly wake: number; readonly move: number; readonly expected?: number },
  ): Op<{ readonly outcome: "done" | "differs"; readonly woken: number; readonly moved: number }>;
}

export interface Options {
  readonly cpus?: number;
  /**
   * Whether there is FUTEX_REQUEUE, which makes states larger. "counted-early" is Linux since 69cd9eba; "counted-late" raises
   * the count of waiters at the target too late.
   */
  readonly requeue?: "none" | "counted-early" | "counted-late";
}

/** Declares the kernel. */
export function kernel(options: Options & { readonly requeue: "counted-early" | "counted-late" }): Kernel<{ readonly futex: RequeueingFutex }>;
export function kernel(options?: Options): Kernel<{ readonly futex: Futex }>;
export function kernel(options: Options = {}): Kernel<{ readonly futex: RequeueingFutex }> {
  onlyOptions("shm.kernel", options, ["cpus", "requeue"]);
  const { cpus, requeue: requeueing = "none" } = options;
  const { state, wait, wake, exit, requeue } = operationsOf(requeueing);
  const api: RequeueingFutex = {
    wait: (cell, expected, { timeout = "infinite", idle = false } = {}) => wait({ cell, expected, timeout, idle }),
    wake: (cell, count) => wake({ cell, count }),
    exit: (tid, cell, { list, pending }) => exit({ cell, list, pending, tid }),
    requeue: (cell, target, { wake: count, move, expected }) =>
      requeue({ cell, target, wake: count, move, expected: expected ?? 0, compares: expected !== undefined }),
  };
  return declareKernel({
    name: "shm",
    ...(requeueing === "none" ? {} : { options: { requeue: requeueing } }),
    ...(cpus === undefined ? {} : { cpus }),
    state,
    operations: requeueing === "none" ? [wait, wake, exit] : [wait, wake, exit, requeue],
    timed: [
      timedByOptions({
        operation: "futex.wait",
        method: "wait",
        before: 2,
        phases: { wait: { option: "timeout", timeouts: ["infinite", "finite"] } },
        answers: "cell",
      }),
    ],
    api: { futex: api },
    machine: () => import("./path.ts"),
  });
}
