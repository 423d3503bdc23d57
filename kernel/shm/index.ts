/**
 * Plain shared memory: no IPC, only cells and the futex of Linux (kernel/futex/waitwake.c) to sleep on them.
 * `import * as shm from "ipc-check/kernels/shm"`.
 */
import { type Cell, type Kernel, kernel as declareKernel, type Op, type Timeout } from "../../model/language/index.ts";
import { onlyOptions } from "../../model/language/names.ts";
import { state, wait, wake } from "./rules.ts";

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
}

/** Declares the kernel. */
export function kernel(options: { readonly cpus?: number } = {}): Kernel<{ readonly futex: Futex }> {
  onlyOptions("shm.kernel", options, ["cpus"]);
  const api: Futex = {
    wait: (cell, expected, { timeout = "infinite", idle = false } = {}) => wait({ cell, expected, timeout, idle }),
    wake: (cell, count) => wake({ cell, count }),
  };
  return declareKernel({
    name: "shm",
    ...(options.cpus === undefined ? {} : { cpus: options.cpus }),
    state,
    operations: [wait, wake],
    api: { futex: api },
    machine: () => import("./path.ts"),
  });
}
