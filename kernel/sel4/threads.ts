/** Steps that several operations of seL4 share: making a thread run, and taking it out of whatever it is blocked in. */
import {
  type Domain,
  initialOf,
  int,
  nobody,
  type RuleContext,
  type StateContext,
  type StateGroup,
  type StateQueue,
  type ThreadId,
} from "../../model/language/index.ts";
import { abandonCall } from "./contexts.ts";
import { type Cores, coresOf } from "./cores.ts";
import { callerSlot, context, endpoint, notification, replyObject, savedSlot, type TcbFields, tcbOf } from "./state.ts";

export interface SystemOptions<M> {
  readonly mcs: boolean;
  readonly message: Domain<M>;
  /** Number of badges: 0 is that of an unbadged capability. */
  readonly badges: number;
  /** Kernels before commit d5133b860: deleting a reply object leaves the receiver that waits with it in its queue. */
  readonly leavesReceiverQueued: boolean;
  /** A core is not told of a thread that comes to it with a context. */
  readonly missingInterrupt: boolean;
}

type Acting = Pick<RuleContext, "of" | "objects" | "threads" | "priorityOf" | "cpuOf" | "isFinished">;

/** What all operations of one system share. */
export interface System<M> extends SystemOptions<M> {
  readonly badge: Domain<number>;
  /** What a message holds where there is none. */
  readonly nothing: M;
  readonly tcb: StateGroup<"thread", TcbFields<M>>;
  /** State that every thread has. */
  readonly perThread: readonly StateGroup[];
  readonly cores: Cores;
  /** setThreadState(Running). */
  run(k: Acting, thread: ThreadId): void;
  /** The same for a thread that is let go on, of which its core is told. */
  release(k: Acting, thread: ThreadId): void;
  isRunning(k: Pick<StateContext, "of">, thread: ThreadId): boolean;
  /** Enters the queue of an endpoint or a notification: first come, first served, with MCS within one priority. */
  enqueue(k: Acting, line: StateQueue<ThreadId>, thread: ThreadId): void;
  /** The part of cancelIPC for a thread that is blocked on receive. */
  leaveReceivers(k: Acting, thread: ThreadId): void;
  /** cancelIPC: the thread is blocked on nothing. Its state is the caller's to set. */
  cancel(k: Acting, thread: ThreadId): void;
  /** setThreadState(Inactive). */
  stop(k: Acting, thread: ThreadId): void;
}

export function systemOf<M>(options: SystemOptions<M>): System<M> {
  const { mcs, message, badges, missingInterrupt } = options;
  const badge = int(0, badges - 1);
  const tcb = tcbOf(message, badge);
  const nothing = initialOf(message);

  const run = (k: Acting, thread: ThreadId): void => {
    const me = k.of(tcb, thread);
    me.state = "running";
    me.message = nothing;
    me.badge = 0;
    me.isCall = false;
    me.canReply = false;
  };
  const isRunning = (k: Pick<StateContext, "of">, thread: ThreadId): boolean => k.of(tcb, thread).state === "running";
  const cores = coresOf(isRunning, missingInterrupt);
  const release = (k: Acting, thread: ThreadId): void => {
    run(k, thread);
    cores.told(k, thread);
  };
  const stop = (k: Acting, thread: ThreadId): void => {
    run(k, thread);
    k.of(tcb, thread).state = "inactive";
  };
  const enqueue = (k: Acting, line: StateQueue<ThreadId>, thread: ThreadId): void => {
    if (!mcs) {
      line.push(thread);
      return;
    }
    let place = line.length;
    while (place > 0 && k.priorityOf(line.at(place - 1)) < k.priorityOf(thread)) place--;
    line.insert(place, thread);
  };
  const leaveReceivers = (k: Acting, thread: ThreadId): void => {
    for (const each of k.objects(endpoint)) k.of(endpoint, each).receivers.remove(thread);
    for (const each of k.objects(replyObject)) if (k.of(replyObject, each).tcb === thread) k.of(replyObject, each).tcb = nobody;
  };
  const cancel = (k: Acting, thread: ThreadId): void => {
    const me = k.of(tcb, thread);
    if (me.state === "blocked-on-send") for (const each of k.objects(endpoint)) k.of(endpoint, each).senders.remove(thread);
    if (me.state === "blocked-on-notification") for (const each of k.objects(notification)) k.of(notification, each).waiters.remove(thread);
    if (me.state === "blocked-on-receive") leaveReceivers(k, thread);
    if (me.state === "blocked-on-reply") {
      if (mcs) {
        for (const each of k.objects(replyObject)) if (k.of(replyObject, each).tcb === thread) abandonCall(k, each);
      } else {
        for (const each of k.threads) if (k.of(callerSlot, each).caller === thread) k.of(callerSlot, each).caller = nobody;
        for (const each of k.objects(savedSlot)) if (k.of(savedSlot, each).caller === thread) k.of(savedSlot, each).caller = nobody;
      }
    }
  };
  return {
    ...options,
    badge,
    nothing,
    tcb,
    perThread: mcs ? [tcb, context, ...cores.groups] : [tcb, callerSlot],
    cores,
    run,
    release,
    isRunning,
    enqueue,
    leaveReceivers,
    cancel,
    stop,
  };
}
