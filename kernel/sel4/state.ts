/**
 * The state of the seL4 kernel that its rules work on.
 *
 * A thread is in one of the states of `ThreadState` (seL4 manual, chapter 6; include/object/structures.h). The fields of a
 * blocked sender go back to their first values when the thread runs, so that a running thread has one representation.
 * What a thread is blocked on follows from the queue that it stands in, or from the reply object that names it.
 */
import {
  bool,
  type Domain,
  int,
  oneOf,
  perObject,
  perThread,
  queue,
  type QueueAccess,
  type StateGroup,
  threadId,
  type ThreadId,
} from "../../model/language/index.ts";

export type ThreadState = "running" | "inactive" | "blocked-on-send" | "blocked-on-receive" | "blocked-on-reply" | "blocked-on-notification";
type ThreadQueue = Domain<readonly ThreadId[], QueueAccess<ThreadId>>;

export type TcbFields<M> = {
  readonly state: Domain<ThreadState>;
  /** Of a blocked sender: what it sends, under which badge, whether it calls, and whether it may be replied to. */
  readonly message: Domain<M>;
  readonly badge: Domain<number>;
  readonly isCall: Domain<boolean>;
  readonly canReply: Domain<boolean>;
};
/** Without MCS: the thread that the reply capability in the caller slot names. */
type CallerFields = { readonly caller: Domain<ThreadId> };
/** MCS: on which scheduling context a thread runs, and where the one that was made for it has been handed on to. */
type ContextFields = {
  /** Its own, that of `lender`, or none. */
  readonly runsOn: Domain<"own" | "lent" | "none">;
  readonly lender: Domain<ThreadId>;
  /** Numbers of the reply objects along whose calls the thread's own context has been handed on, the first call first. */
  readonly calls: Domain<readonly number[], QueueAccess<number>>;
};
type EndpointFields = {
  readonly senders: ThreadQueue;
  readonly receivers: ThreadQueue;
  readonly deleted: Domain<boolean>;
  /** Bit b: capabilities with badge b have been revoked. */
  readonly revoked: Domain<number>;
};
type NotificationFields = {
  readonly active: Domain<boolean>;
  readonly word: Domain<number>;
  readonly waiters: ThreadQueue;
  /** The thread that it is bound to. */
  readonly tcb: Domain<ThreadId>;
  /** MCS: whose scheduling context it lends to threads without one that it wakes. */
  readonly context: Domain<ThreadId>;
};
type SlotFields = {
  /** Whom the reply capability in it names. */
  readonly caller: Domain<ThreadId>;
};
type ReplyFields = {
  /** Who waits for the reply, or, blocked on receive, with the object. */
  readonly tcb: Domain<ThreadId>;
  /** Whose scheduling context comes back with the reply. */
  readonly context: Domain<ThreadId>;
  readonly deleted: Domain<boolean>;
};

/** The state of one thread; what a message carries differs between systems. */
export function tcbOf<M>(message: Domain<M>, badge: Domain<number>): StateGroup<"thread", TcbFields<M>> {
  return perThread("tcb", {
    state: oneOf("running", "inactive", "blocked-on-send", "blocked-on-receive", "blocked-on-reply", "blocked-on-notification"),
    message,
    badge,
    isCall: bool(),
    canReply: bool(),
  });
}
export const callerSlot: StateGroup<"thread", CallerFields> = perThread("slot", { caller: threadId });
export const context: StateGroup<"thread", ContextFields> = perThread("context", {
  runsOn: oneOf("own", "lent", "none"),
  lender: threadId,
  calls: queue(int(0, 30)),
});
export const endpoint: StateGroup<"object", EndpointFields> = perObject("endpoint", ({ badges }: { readonly badges: number }) => ({
  senders: queue(threadId),
  receivers: queue(threadId),
  deleted: bool(),
  revoked: int(0, 2 ** badges - 1),
}));
export const notification: StateGroup<"object", NotificationFields> = perObject("notification", ({ badges }: { readonly badges: number }) => ({
  active: bool(),
  word: int(0, badges - 1),
  waiters: queue(threadId),
  tcb: threadId,
  context: threadId,
}));
/** Without MCS: a slot of a capability table that SaveCaller can move a reply capability to. */
export const savedSlot: StateGroup<"object", SlotFields> = perObject("saved", () => ({ caller: threadId }));
/** MCS: a reply object. */
export const replyObject: StateGroup<"object", ReplyFields> = perObject("reply", () => ({ tcb: threadId, context: threadId, deleted: bool() }));
