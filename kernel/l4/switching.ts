/**
 * Direct process switch (Liedtke, "Improving IPC by kernel design", SOSP 1993; schedule.h of L4Ka::Pistachio): whoever sends
 * and then waits gives the CPU, and the rest of its time slice, to the partner, past ready threads in between. That is what
 * makes a call cheap, and it is no strict priority (L4-11).
 *
 * Time slices are infinite, as X.2 allows: one that was given lasts until its thread blocks in an IPC, or until a thread of
 * higher priority than its own wakes up. `slice` is the priority of the thread that gave it, -1 where a thread runs on its own.
 */
import { int, nobody, perThread, type RuleContext, type StateGroup, type ThreadId } from "../../model/language/index.ts";
import type { InheritedPriority } from "../../model/language/kernel.ts";
import type { ReceivePhase, TcbFields } from "./state.ts";

/** The highest priority of a kernel with direct process switch. */
export const highestPriority = 255;

type Scheduling = Pick<RuleContext, "of" | "threads" | "sameCpu" | "priorityOf">;
export interface Switching {
  readonly groups: readonly StateGroup[];
  readonly inherited: InheritedPriority | null;
  /** `thread` blocks, or is gone. */
  block(k: Scheduling, thread: ThreadId): void;
  /** `thread` has become ready, without a switch to it by whoever runs on its CPU. */
  wake(k: Scheduling, thread: ThreadId): void;
  /**
   * The end of a step on one CPU in which the message of `self` went to `partner`, and its receive phase, which `next` says, took
   * `taken` out of the send queue; nobody: it did not.
   */
  dispatch(k: Scheduling, self: ThreadId, next: ReceivePhase, partner: ThreadId, taken: ThreadId): void;
}

const schedule = perThread("schedule", { slice: int(-1, highestPriority, -1) });

/** `direct: false`: strict priorities, no state. */
export function switchingOf<M>(tcb: StateGroup<"thread", TcbFields<M>>, direct: boolean): Switching {
  const block = (k: Scheduling, thread: ThreadId): void => {
    if (direct) k.of(schedule, thread).slice = -1;
  };
  const wake = (k: Scheduling, thread: ThreadId): void => {
    if (direct) {
      for (const each of k.threads)
        if (each !== thread && k.sameCpu(each, thread) && k.priorityOf(thread) > k.priorityOf(each)) k.of(schedule, each).slice = -1;
    }
  };
  const give = (k: Scheduling, from: ThreadId, to: ThreadId): void => {
    const { slice } = k.of(schedule, from);
    const priority = slice < 0 ? k.priorityOf(from) : slice;
    k.of(schedule, from).slice = -1;
    k.of(schedule, to).slice = priority > k.priorityOf(to) ? priority : -1;
  };
  const dispatch = (k: Scheduling, self: ThreadId, next: ReceivePhase, partner: ThreadId, taken: ThreadId): void => {
    if (direct) {
      const served = partner !== nobody && k.sameCpu(self, partner);
      if (k.of(tcb, self).state === "waiting") {
        if (served) give(k, self, partner);
        else block(k, self);
      } else if (next === "none" || (taken !== nobody && !k.sameCpu(self, taken))) {
        // It goes on itself, unless the partner outranks it.
        if (served && k.priorityOf(partner) > k.priorityOf(self)) give(k, self, partner);
      } else if (taken === nobody) {
        // A receive phase that fails: the CPU goes to the partner all the same.
        if (served) give(k, self, partner);
      } else if (served && k.priorityOf(partner) > k.priorityOf(taken)) {
        give(k, self, partner);
      } else if (k.of(tcb, taken).state !== "waiting" && k.priorityOf(self) <= k.priorityOf(taken)) {
        // The queued sender has copied its message, and goes on; had it called, the CPU would be back.
        give(k, self, taken);
      }
    }
  };
  return { groups: direct ? [schedule] : [], inherited: direct ? { state: schedule, field: "slice" } : null, block, wake, dispatch };
}
