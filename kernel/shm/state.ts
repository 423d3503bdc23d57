/**
 * What the futexes keep. One queue holds all sleepers, ordered by address and then by arrival, so that sleepers of
 * different addresses have one representation whatever the order they came in. A kernel with FUTEX_REQUEUE knows besides
 * which two buckets a thread holds while it moves sleepers, and who waits for them.
 */
import {
  address,
  bool,
  type Domain,
  globalState,
  int,
  perThread,
  queue,
  type QueueAccess,
  type StateGroup,
  threadId,
  type ThreadId,
} from "../../model/language/index.ts";

/** More sleepers than this are not woken or moved at once. */
export const mostWoken = 64;

/** Whether there is FUTEX_REQUEUE, and whether the target's count of waiters is raised before its lock is taken. */
export type Requeue = "none" | "counted-early" | "counted-late";

export const sleep: StateGroup<"thread", { readonly address: Domain<number> }> = perThread("futex", { address });
export const kernel: StateGroup<"global", { readonly sleepers: Domain<readonly ThreadId[], QueueAccess<ThreadId>> }> = globalState("futex", {
  sleepers: queue(threadId),
});

type Moving = {
  /** The address whose bucket the thread waits for. */
  readonly bucket: Domain<number>;
  /** It holds both buckets. */
  readonly moving: Domain<boolean>;
  /** Whom it has woken so far. */
  readonly woken: Domain<number>;
};
export const moving: StateGroup<"thread", Moving> = perThread("requeue", { bucket: address, moving: bool(), woken: int(0, mostWoken) });
/** The buckets that are held: those of two addresses, or none (-1). */
export const held: StateGroup<"global", { readonly from: Domain<number>; readonly to: Domain<number> }> = globalState("requeue", {
  from: address,
  to: address,
});
