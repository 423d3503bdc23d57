/**
 * Scheduling contexts and reply objects of MCS (src/object/schedcontext.c, src/object/reply.c). A context is named by the
 * thread that it was made for. Handed on with a call it is linked to the reply object of that call, and the calls along
 * which it has gone form a stack: a reply takes the top off and hands the context back; whatever takes a call out of the
 * middle cuts off that one and all below it, and their callers do not get the context back (SEL4 manual, section 6.1.5).
 */
import { nobody, type ObjectRef, type RuleContext, type StateContext, type ThreadId } from "../../model/language/index.ts";
import { context, notification, replyObject } from "./state.ts";

type Looking = Pick<StateContext, "of">;
type Acting = Pick<RuleContext, "of" | "objects" | "threads">;

/** Whose context `thread` runs on; nobody: it has none. */
export function contextOf(k: Looking, thread: ThreadId): ThreadId {
  const me = k.of(context, thread);
  return me.runsOn === "own" ? thread : me.lender;
}

function runOn(k: Acting, thread: ThreadId, owner: ThreadId): void {
  const me = k.of(context, thread);
  me.runsOn = owner === nobody ? "none" : owner === thread ? "own" : "lent";
  me.lender = owner === thread ? nobody : owner;
}

/** schedContext_unbindTCB: nobody runs on the context of `owner`. */
export function unbind(k: Acting, owner: ThreadId): void {
  for (const each of k.threads) if (contextOf(k, each) === owner) runOn(k, each, nobody);
}

/** schedContext_donate: whoever runs on the context of `owner`, `to` now does. */
export function donate(k: Acting, owner: ThreadId, to: ThreadId): void {
  unbind(k, owner);
  runOn(k, to, owner);
}

/** The same where it is known who runs on the context. */
export function handOver(k: Acting, from: ThreadId, to: ThreadId): void {
  runOn(k, to, contextOf(k, from));
  runOn(k, from, nobody);
}

/** Whether nobody runs on the context of `owner`. */
export function isUnused(k: Pick<StateContext, "of" | "threads">, owner: ThreadId): boolean {
  for (const each of k.threads) if (contextOf(k, each) === owner) return false;
  return true;
}

/** maybeDonateSchedContext: a thread without a context that a notification wakes runs on the notification's, if that is there. */
export function lend(k: Acting, bell: ObjectRef, thread: ThreadId): void {
  const owner = k.of(notification, bell).context;
  if (owner !== nobody && contextOf(k, thread) === nobody && isUnused(k, owner)) runOn(k, thread, owner);
}

/** maybeReturnSchedContext: a thread that runs on the notification's context gives it back. */
export function giveBack(k: Acting, bell: ObjectRef, thread: ThreadId): void {
  const owner = k.of(notification, bell).context;
  if (owner !== nobody && contextOf(k, thread) === owner) runOn(k, thread, nobody);
}

/** reply_push: `caller` waits for `reply`, and its context goes to a callee that has none. */
export function pushCall(k: Acting, caller: ThreadId, callee: ThreadId, reply: ObjectRef): void {
  const call = k.of(replyObject, reply);
  const owner = contextOf(k, caller);
  call.tcb = caller;
  if (owner === nobody || contextOf(k, callee) !== nobody) return;
  call.context = owner;
  k.of(context, owner).calls.push(reply.index);
  handOver(k, caller, callee);
}

/** The call of `reply` and those below it no longer lead the context back. */
function cutOff(k: Acting, reply: ObjectRef): void {
  const owner = k.of(replyObject, reply).context;
  if (owner === nobody) return;
  const { calls } = k.of(context, owner);
  while (k.of(replyObject, reply).context !== nobody) k.of(replyObject, calls.shift()).context = nobody;
}

/** reply_remove: ends the wait of the caller that `reply` names, which gets its context back if the call is the last. */
export function removeCall(k: Acting, reply: ObjectRef): void {
  const call = k.of(replyObject, reply);
  const caller = call.tcb;
  const owner = call.context;
  if (owner !== nobody) {
    const { calls } = k.of(context, owner);
    if (calls.at(calls.length - 1) === reply.index) {
      calls.remove(reply.index);
      call.context = nobody;
      if (contextOf(k, caller) === nobody) donate(k, owner, caller);
    } else {
      cutOff(k, reply);
    }
  }
  call.tcb = nobody;
}

/** reply_remove_tcb: the caller stops waiting without a reply; the context stays where it is. */
export function abandonCall(k: Acting, reply: ObjectRef): void {
  cutOff(k, reply);
  k.of(replyObject, reply).tcb = nobody;
}
