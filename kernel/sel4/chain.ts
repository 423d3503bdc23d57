/**
 * The chain of calls along which a scheduling context has been handed on (src/object/reply.c, src/object/schedcontext.c).
 * Functions are named as in the kernel.
 */
import type { NotificationObject, ReplyObject, SchedContextObject, Tcb } from "./objects.ts";

/** The context leaves whoever has it, and `to` runs on it. */
export function schedContextDonate(context: SchedContextObject, to: Tcb): void {
  if (context.tcb !== null) context.tcb.context = null;
  context.tcb = to;
  to.context = context;
}

export function schedContextUnbind(context: SchedContextObject): void {
  if (context.tcb !== null) context.tcb.context = null;
  context.tcb = null;
}

/** A notification wakes a thread without a context. */
export function maybeDonateSchedContext(tcb: Tcb, from: NotificationObject): void {
  const { context } = from;
  if (tcb.context === null && context !== null && context.tcb === null) schedContextDonate(context, tcb);
}

export function maybeReturnSchedContext(from: NotificationObject, tcb: Tcb): void {
  const { context } = from;
  if (context !== null && context === tcb.context) schedContextUnbind(context);
}

/** `caller` waits for `reply`. Its context, if the callee has none, goes with the call, which becomes the head of the chain. */
export function replyPush(caller: Tcb, callee: Tcb, reply: ReplyObject): void {
  reply.tcb = caller;
  caller.reply = reply;
  caller.state = "blocked-on-reply";
  const { context } = caller;
  if (context === null || callee.context !== null) return;
  const { head } = context;
  reply.previous = head;
  if (head !== null) {
    head.next = reply;
    head.context = null;
  }
  reply.context = context;
  context.head = reply;
  schedContextDonate(context, callee);
}

/** Whoever waits with or for the reply object no longer does. */
export function replyUnlink(reply: ReplyObject): void {
  if (reply.tcb !== null) reply.tcb.reply = null;
  reply.tcb = null;
}

/** Takes the head off the chain; the caller gets the context back. */
function replyPop(reply: ReplyObject, context: SchedContextObject): void {
  const { previous, tcb } = reply;
  context.head = previous;
  if (previous !== null) {
    previous.next = null;
    previous.context = context;
  }
  reply.previous = null;
  reply.context = null;
  if (tcb !== null && tcb.context === null) schedContextDonate(context, tcb);
  replyUnlink(reply);
}

/** Breaks the chain on both sides of the call: those before it no longer lead the context anywhere. */
function breakChain(reply: ReplyObject): void {
  const { previous, next, context } = reply;
  if (context !== null) context.head = null;
  if (next !== null) next.previous = null;
  if (previous !== null) previous.next = null;
  reply.previous = null;
  reply.next = null;
  reply.context = null;
  replyUnlink(reply);
}

export function replyRemove(reply: ReplyObject): void {
  if (reply.context !== null) replyPop(reply, reply.context);
  else breakChain(reply);
}

/** The caller stops waiting by itself. */
export function replyRemoveTcb(tcb: Tcb): void {
  if (tcb.reply !== null) breakChain(tcb.reply);
}

/** The context that a call leads back, for the projection: that of the head which the chain comes to. */
export function contextOfCall(reply: ReplyObject): SchedContextObject | null {
  for (let call: ReplyObject | null = reply; call !== null; call = call.next) if (call.context !== null) return call.context;
  return null;
}
