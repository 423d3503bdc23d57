/** The executable operations of seL4 on notifications, replies, endpoints, threads and scheduling contexts. */
import { commit, type KernelRoutine, type Results, type SystemCall } from "../common/path.ts";
import { maybeDonateSchedContext, maybeReturnSchedContext, replyRemove, replyUnlink, schedContextDonate, schedContextUnbind } from "./chain.ts";
import type { NotificationObject, Objects, SchedContextObject, Tcb } from "./objects.ts";
import type { IpcPath } from "./path-ipc.ts";
import type { Attempt, ThreadOperations } from "./path-threads.ts";

type Handler = (call: SystemCall) => KernelRoutine;

/** An invocation that never blocks: it names its rule and its results. */
function invocation(perform: (call: SystemCall) => { readonly rule: string; readonly results?: Results }): Handler {
  return function* handle(call): KernelRoutine {
    const { rule, results = {} } = perform(call);
    yield commit(rule);
    return results;
  };
}

export function objectCalls(objects: Objects, threads: ThreadOperations, ipc: IpcPath): Readonly<Record<string, Handler>> {
  const { mcs, leavesReceiverQueued } = objects.build;
  const current = ({ thread }: SystemCall): Tcb => objects.tcbs[thread] as Tcb;
  const target = ({ args }: SystemCall, name = "target"): Tcb => objects.tcb(args[name], name);
  const contextOf = (tcb: Tcb): SchedContextObject => objects.contexts[objects.numberOf(tcb)] as SchedContextObject;

  /**
   * receiveSignal. Rules (notification.ts): "fault in wait", "take the word", "poll without a signal", "wait for a signal". After notification.c,
   * receiveSignal.
   */
  const receiveSignal = (me: Tcb, bell: NotificationObject, isBlocking: boolean): Attempt => {
    if (bell.tcb !== null && bell.tcb !== me) {
      threads.halt(me);
      return { rule: "fault in wait", end: "again" };
    }
    if (bell.active) {
      const { word } = bell;
      bell.active = false;
      bell.word = 0;
      if (mcs) maybeDonateSchedContext(me, bell);
      return { rule: "take the word", end: { badge: word } };
    }
    if (!isBlocking) return { rule: "poll without a signal", end: { badge: 0 } };
    me.state = "blocked-on-notification";
    if (mcs) maybeReturnSchedContext(bell, me);
    threads.append(bell.waiters, me, bell);
    return { rule: "wait for a signal", end: "sleep" };
  };

  return {
    /** Rules (notification.ts): "signal and wait". After syscall.c, handleRecv. */
    "notification.wait": (call) => {
      const me = current(call);
      return threads.perform(
        me,
        () => {
          const { object, signal, badge, isBlocking } = call.args;
          if (signal !== null) ipc.sendSignal(objects.notification(signal), Number(badge), me);
          const attempt = receiveSignal(me, objects.notification(object), isBlocking === true);
          return signal === null ? attempt : { ...attempt, rule: "signal and wait" };
        },
        () => ({ badge: me.inBadge }),
      );
    },
    "notification.signal": invocation((call) => ({
      rule: ipc.sendSignal(objects.notification(call.args["object"]), Number(call.args["badge"]), current(call)),
    })),
    /** Rules (notification.ts): "fail to bind", "bind". After notification.c, bindNotification. */
    "notification.bind": invocation((call) => {
      const bell = objects.notification(call.args["object"]);
      const tcb = target(call);
      if (tcb.bound !== null || bell.tcb !== null || !bell.waiters.isEmpty) return { rule: "fail to bind", results: { bound: false } };
      bell.tcb = tcb;
      tcb.bound = bell;
      return { rule: "bind", results: { bound: true } };
    }),
    /** Rules (notification.ts): "unbind". After notification.c, unbindNotification. */
    "notification.unbind": invocation(({ args }) => {
      const bell = objects.notification(args["object"]);
      if (bell.tcb !== null) bell.tcb.bound = null;
      bell.tcb = null;
      return { rule: "unbind" };
    }),

    /** Rules (reply.ts): "reply to nobody", "reply". After thread.c, doReplyTransfer. */
    reply: invocation((call) => {
      const me = current(call);
      const { caller } = me;
      if (caller === null) return { rule: "reply to nobody" };
      me.caller = null;
      threads.serve(caller, 0, call.args["message"]);
      return { rule: "reply" };
    }),
    /** Rules (reply.ts): "fail to save the caller", "save the caller". After cnode.c, invokeCNodeSaveCaller. */
    "saved.save": invocation((call) => {
      const slot = objects.slot(call.args["object"]);
      const me = current(call);
      if (slot.caller !== null) return { rule: "fail to save the caller", results: { saved: false } };
      slot.caller = me.caller;
      me.caller = null;
      return { rule: "save the caller", results: { saved: true } };
    }),
    /** Rules (reply.ts): "reply to an empty slot", "reply to the saved caller". After thread.c, doReplyTransfer. */
    "saved.reply": invocation(({ args }) => {
      const slot = objects.slot(args["object"]);
      const { caller } = slot;
      if (caller === null) return { rule: "reply to an empty slot" };
      slot.caller = null;
      threads.serve(caller, 0, args["message"]);
      return { rule: "reply to the saved caller" };
    }),
    /** Rules (reply.ts): "delete the saved capability". After cnode.c, cteDelete. */
    "saved.delete": invocation(({ args }) => {
      objects.slot(args["object"]).caller = null;
      return { rule: "delete the saved capability" };
    }),

    /** Rules (reply.ts): "reply", "reply to nobody". After thread.c, doReplyTransfer. */
    "reply.send": invocation(({ args }) => ({ rule: ipc.replyWith(objects.reply(args["object"]), args["message"]) ? "reply" : "reply to nobody" })),
    /**
     * Rules (reply.ts): "delete an unused reply object", "delete the reply object of a caller", "delete the reply object of a receiver". After
     * objecttype.c, finaliseCap.
     */
    "reply.delete": invocation(({ args }) => {
      const reply = objects.reply(args["object"]);
      const { tcb } = reply;
      reply.deleted = true;
      if (tcb === null) return { rule: "delete an unused reply object" };
      if (tcb.state === "blocked-on-reply") {
        replyRemove(reply);
        threads.halt(tcb);
        return { rule: "delete the reply object of a caller" };
      }
      if (leavesReceiverQueued) replyUnlink(reply);
      else threads.cancel(tcb);
      threads.halt(tcb);
      return { rule: "delete the reply object of a receiver" };
    }),

    /** cancelAllIPC, then the capabilities are gone. Rules (administration.ts): "delete the endpoint". After endpoint.c, cancelAllIPC. */
    "endpoint.delete": invocation(({ args }) => {
      const endpoint = objects.endpoint(args["object"]);
      for (let tcb = endpoint.senders.dequeue(); tcb !== null; tcb = endpoint.senders.dequeue()) threads.restart(tcb);
      for (let tcb = endpoint.receivers.dequeue(); tcb !== null; tcb = endpoint.receivers.dequeue()) {
        if (tcb.reply !== null) replyUnlink(tcb.reply);
        threads.restart(tcb);
      }
      endpoint.deleted = true;
      return { rule: "delete the endpoint" };
    }),
    /** Rules (administration.ts): "revoke the capabilities". After cnode.c, cteRevoke. */
    "endpoint.revoke": invocation(({ args }) => {
      objects.endpoint(args["object"]).revoked |= 1 << Number(args["badge"]);
      return { rule: "revoke the capabilities" };
    }),
    /** Rules (administration.ts): "restart the senders". After endpoint.c, cancelBadgedSends. */
    "endpoint.cancelBadgedSends": invocation(({ args }) => {
      const { senders } = objects.endpoint(args["object"]);
      for (const sender of [...senders]) {
        if (sender.badge !== Number(args["badge"])) continue;
        senders.remove(sender);
        threads.restart(sender);
      }
      return { rule: "restart the senders" };
    }),

    /** Rules (administration.ts): "suspend". After thread.c, suspend. */
    "tcb.suspend": (call) => {
      const me = current(call);
      const tcb = target(call);
      return threads.perform(
        me,
        () => {
          threads.cancel(tcb);
          threads.halt(tcb);
          return { rule: "suspend", end: tcb === me ? "again" : {} };
        },
        () => ({}),
      );
    },
    /** Rules (administration.ts): "resume a running thread", "restart a thread". After thread.c, restart. */
    "tcb.resume": invocation((call) => {
      const tcb = target(call);
      if (tcb.state === "running") return { rule: "resume a running thread" };
      threads.cancel(tcb);
      threads.restart(tcb);
      return { rule: "restart a thread" };
    }),

    /** Rules (administration.ts): "unbind the context". After schedcontext.c, schedContext_unbindTCB. */
    "context.unbind": invocation((call) => {
      const context = contextOf(target(call));
      schedContextUnbind(context);
      if (context.notification !== null) context.notification.context = null;
      context.notification = null;
      return { rule: "unbind the context" };
    }),
    /** Rules (administration.ts): "fail to bind the context", "bind the context". After schedcontext.c, schedContext_bindTCB. */
    "context.bind": invocation((call) => {
      const tcb = target(call);
      const context = contextOf(tcb);
      if (context.tcb !== null || context.notification !== null || tcb.context !== null) return { rule: "fail to bind the context", results: { bound: false } };
      schedContextDonate(context, tcb);
      threads.reschedule(tcb);
      return { rule: "bind the context", results: { bound: true } };
    }),
    /**
     * Rules (administration.ts): "fail to bind the context to the notification", "bind the context to the notification". After schedcontext.c,
     * schedContext_bindNtfn.
     */
    "context.bindNotification": invocation((call) => {
      const bell = objects.notification(call.args["object"]);
      const context = contextOf(target(call, "owner"));
      if (context.tcb !== null || context.notification !== null || bell.context !== null)
        return { rule: "fail to bind the context to the notification", results: { bound: false } };
      context.notification = bell;
      bell.context = context;
      return { rule: "bind the context to the notification", results: { bound: true } };
    }),
  };
}
