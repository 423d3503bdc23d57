/**
 * Sending to endpoints and receiving from them (src/object/endpoint.c: sendIPC, receiveIPC; src/api/syscall.c: handleRecv,
 * handleReply). Every system call is one step: the kernel runs under one lock.
 *
 * A Call leaves its thread blocked on the reply if the capability that it used grants that, and with MCS if the receiver
 * supplied a reply object as well; else the message arrives and the caller is suspended for good (SEL4-3, SEL4-4).
 */
import {
  bool,
  type Domain,
  nobody,
  type ObjectRef,
  objectRef,
  objectRefOrNull,
  oneOf,
  type Operation,
  operation,
  type RuleContext,
  type StateContext,
  type ThreadId,
} from "../../model/language/index.ts";
import { abandonCall, contextOf, giveBack, handOver, lend, pushCall, removeCall } from "./contexts.ts";
import { receives, sends } from "./general.ts";
import type { Signals } from "./notification.ts";
import { callerSlot, endpoint, notification, replyObject, savedSlot } from "./state.ts";
import type { System } from "./threads.ts";

/** What a capability to an endpoint permits besides naming it: everything; to be replied to; to send only; not even that. */
export type Rights = "grant" | "grantReply" | "write" | "read";

export type SendArgs<M> = {
  readonly object: Domain<ObjectRef>;
  readonly message: Domain<M>;
  readonly badge: Domain<number>;
  readonly rights: Domain<Rights>;
  readonly isCall: Domain<boolean>;
  readonly isBlocking: Domain<boolean>;
};
export type SendResult<M> = { readonly message: Domain<M>; readonly error: Domain<"none" | "invalid-capability"> };
export type ReceiveArgs<M> = {
  readonly object: Domain<ObjectRef>;
  /** What comes before: nothing, a reply (to the caller slot, or with `reply`), or a send that does not block. */
  readonly first: Domain<"nothing" | "reply" | "send">;
  readonly message: Domain<M>;
  readonly badge: Domain<number>;
  /** MCS: the reply object for callers. */
  readonly reply: Domain<ObjectRef | null>;
  /** Where the send goes: an endpoint or a notification. */
  readonly to: Domain<ObjectRef | null>;
  readonly signal: Domain<ObjectRef | null>;
  readonly isBlocking: Domain<boolean>;
  readonly idle: Domain<boolean>;
};
export type ReceiveResult<M> = { readonly badge: Domain<number>; readonly message: Domain<M> };

export interface Ipc<M> {
  readonly send: Operation<SendArgs<M>, SendResult<M>>;
  readonly receive: Operation<ReceiveArgs<M>, ReceiveResult<M>>;
  /** doReplyTransfer: `caller`, blocked on a reply, gets it. */
  answer(k: Acting, caller: ThreadId, message: M): void;
}
type Acting = Pick<RuleContext, "of" | "objects" | "threads" | "priorityOf" | "completeOf" | "panic" | "cpuOf" | "isFinished">;

export function ipcOf<M>(system: System<M>, signals: Signals): Ipc<M> {
  const { mcs, tcb, badge, message, nothing } = system;
  type Sending = RuleContext<SendArgs<M>, SendResult<M>>;
  type Receiving = RuleContext<ReceiveArgs<M>, ReceiveResult<M>>;

  const canReply = (rights: Rights): boolean => rights === "grant" || rights === "grantReply";
  const isRevoked = (k: Pick<StateContext, "of">, object: ObjectRef, by: number): boolean => {
    const { deleted, revoked } = k.of(endpoint, object);
    return deleted || ((revoked >> by) & 1) !== 0;
  };
  const mayNotSend = (k: StateContext<SendArgs<M>>): boolean => k.args.rights === "read" || isRevoked(k, k.args.object, k.args.badge);
  const mayNotReceive = (k: StateContext<ReceiveArgs<M>>): boolean => {
    if (k.of(endpoint, k.args.object).deleted) return true;
    return k.args.reply !== null && k.of(replyObject, k.args.reply).deleted;
  };

  /** `caller` waits for the reply of `callee`, who has its message and can reply with `reply`. */
  const awaitReply = (k: Acting, caller: ThreadId, callee: ThreadId, reply: ObjectRef | null): void => {
    system.run(k, caller);
    k.of(tcb, caller).state = "blocked-on-reply";
    if (reply !== null) pushCall(k, caller, callee, reply);
    else k.of(callerSlot, callee).caller = caller;
  };

  /** Takes the receiver that is next, gives it the message and returns it. */
  const deliver = (k: Acting, object: ObjectRef, value: M, by: number): ThreadId => {
    const receiver = k.of(endpoint, object).receivers.shift();
    if (system.leavesReceiverQueued && k.of(tcb, receiver).state !== "blocked-on-receive") k.panic("a thread in the queue of an endpoint is not blocked on it");
    system.release(k, receiver);
    k.completeOf(receive, receiver, { badge: by, message: value });
    return receiver;
  };

  const deliverCall = (k: Sending): void => {
    const receiver = deliver(k, k.args.object, k.args.message, k.args.badge);
    if (!mcs) {
      if (canReply(k.args.rights)) awaitReply(k, k.self, receiver, null);
      else system.stop(k, k.self);
      return;
    }
    system.stop(k, k.self);
    for (const each of k.objects(replyObject)) {
      if (k.of(replyObject, each).tcb !== receiver) continue;
      k.of(replyObject, each).tcb = nobody;
      if (canReply(k.args.rights)) awaitReply(k, k.self, receiver, each);
    }
  };
  /** A receiver that got something else than a call no longer waits with its reply object. */
  const putDown = (k: Acting, receiver: ThreadId): void => {
    for (const each of k.objects(replyObject)) if (k.of(replyObject, each).tcb === receiver) k.of(replyObject, each).tcb = nobody;
  };

  const isNew = (k: StateContext<SendArgs<M>>): boolean => system.isRunning(k, k.self);
  const isSaved = (k: StateContext<SendArgs<M>>): boolean => {
    for (const each of k.objects(savedSlot)) if (k.of(savedSlot, each).caller === k.self) return true;
    return false;
  };

  const send: Operation<SendArgs<M>, SendResult<M>> = operation({
    name: "endpoint.send",
    args: { object: objectRef, message, badge, rights: oneOf("grant", "grantReply", "write", "read"), isCall: bool(), isBlocking: bool() },
    result: { message, error: oneOf("none", "invalid-capability") },
    guarded: { by: "error", ok: "none", fields: ["message"] },
    general: (held) => sends(held, system),
    rules: {
      "fail to send": {
        when: (k) => isNew(k) && mayNotSend(k),
        do: (k) => k.complete(k.self, { message: nothing, error: k.args.isCall ? "invalid-capability" : "none" }),
      },
      "call a waiting receiver": {
        when: (k) => k.args.isCall && isNew(k) && !mayNotSend(k) && k.of(endpoint, k.args.object).receivers.length > 0,
        do: (k) => deliverCall(k),
      },
      "send to a waiting receiver": {
        when: (k) => !k.args.isCall && isNew(k) && !mayNotSend(k) && k.of(endpoint, k.args.object).receivers.length > 0,
        do: (k) => {
          const receiver = deliver(k, k.args.object, k.args.message, k.args.badge);
          if (mcs) putDown(k, receiver);
          k.complete(k.self, { message: nothing, error: "none" });
        },
      },
      "queue as sender": {
        when: (k) => k.args.isBlocking && isNew(k) && !mayNotSend(k) && k.of(endpoint, k.args.object).receivers.length === 0,
        do: (k) => {
          const me = k.of(tcb, k.self);
          me.state = "blocked-on-send";
          me.message = k.args.message;
          me.badge = k.args.badge;
          me.isCall = k.args.isCall;
          me.canReply = k.args.isCall && canReply(k.args.rights);
          system.enqueue(k, k.of(endpoint, k.args.object).senders, k.self);
        },
      },
      "drop the message": {
        when: (k) => !k.args.isBlocking && isNew(k) && !mayNotSend(k) && k.of(endpoint, k.args.object).receivers.length === 0,
        do: (k) => k.complete(k.self, { message: nothing, error: "none" }),
      },
    },
    waits: {
      sending: {
        when: (k) => k.of(tcb, k.self).state === "blocked-on-send",
        says: "BlockedOnSend",
        kind: "send",
        wakers: [{ by: ["endpoint.receive", "endpoint.delete", "endpoint.cancelBadgedSends"] }, { by: ["tcb.resume"] }],
      },
      replied: {
        when: (k) => k.of(tcb, k.self).state === "blocked-on-reply",
        says: "BlockedOnReply",
        kind: "reply",
        wakers: mcs
          ? [{ by: ["reply.send", "endpoint.receive"], anywhere: true }, { by: ["tcb.resume"] }]
          : [
              { by: ["reply", "endpoint.receive", "saved.save"], anywhere: true, when: (k, other) => k.of(callerSlot, other).caller === k.self },
              { by: ["saved.reply"], anywhere: true, when: isSaved },
              { by: ["tcb.resume"] },
            ],
      },
    },
  });

  const answer = (k: Acting, caller: ThreadId, value: M): void => {
    system.release(k, caller);
    k.completeOf(send, caller, { message: value, error: "none" });
  };

  const isFresh = (k: StateContext<ReceiveArgs<M>>): boolean => system.isRunning(k, k.self);
  const plainly = (k: StateContext<ReceiveArgs<M>>): boolean => k.args.first === "nothing" && isFresh(k) && !mayNotReceive(k);
  const isSignalled = (k: StateContext<ReceiveArgs<M>>): boolean => {
    for (const each of k.objects(notification)) if (k.of(notification, each).tcb === k.self && k.of(notification, each).active) return true;
    return false;
  };
  const isBound = (k: StateContext<ReceiveArgs<M>>): boolean => {
    for (const each of k.objects(notification)) if (k.of(notification, each).tcb === k.self) return true;
    return false;
  };

  /** A blocking receive that finds no signal gives back what the bound notification lent. */
  const returnLent = (k: Receiving): void => {
    for (const each of k.objects(notification)) if (k.of(notification, each).tcb === k.self) giveBack(k, each, k.self);
  };
  /** The right to reply to an older caller is lost: without MCS its capability is deleted, with MCS the caller is suspended. */
  const forgetCaller = (k: Receiving): void => {
    if (!mcs) {
      k.of(callerSlot, k.self).caller = nobody;
    } else if (k.args.reply !== null) {
      const old = k.of(replyObject, k.args.reply).tcb;
      if (old === nobody) return;
      if (k.of(tcb, old).state === "blocked-on-receive") for (const each of k.objects(endpoint)) k.of(endpoint, each).receivers.remove(old);
      abandonCall(k, k.args.reply);
      system.stop(k, old);
    }
  };
  /** completeSignal */
  const takeSignal = (k: Receiving): void => {
    for (const each of k.objects(notification)) {
      const bell = k.of(notification, each);
      if (bell.tcb !== k.self) continue;
      const { word } = bell;
      bell.active = false;
      bell.word = 0;
      if (mcs) lend(k, each, k.self);
      k.complete(k.self, { badge: word, message: nothing });
    }
  };
  /** `here`: the core on which the kernel was entered. */
  const takeSender = (k: Receiving, here: number): void => {
    const sender = k.of(endpoint, k.args.object).senders.shift();
    const other = k.of(tcb, sender);
    const { isCall, canReply: replies } = other;
    k.complete(k.self, { badge: other.badge, message: other.message });
    if (!isCall) answer(k, sender, nothing);
    else if (replies && (!mcs || k.args.reply !== null)) {
      awaitReply(k, sender, k.self, k.args.reply);
      if (mcs) system.cores.moved(k, k.self, here);
    } else system.stop(k, sender);
  };
  const block = (k: Receiving): void => {
    k.of(tcb, k.self).state = "blocked-on-receive";
    if (k.args.reply !== null) k.of(replyObject, k.args.reply).tcb = k.self;
    system.enqueue(k, k.of(endpoint, k.args.object).receivers, k.self);
  };
  const leave = (k: Receiving): void => k.complete(k.self, { badge: 0, message: nothing });
  const hereOf = (k: Receiving): number => (system.missingInterrupt ? system.cores.coreOf(k, k.self) : -1);
  /** receiveIPC. A thread that may not receive takes a fault, and without a fault handler that is the end of it. */
  const receivePhase = (k: Receiving, here: number): void => {
    if (mayNotReceive(k)) {
      system.stop(k, k.self);
      return;
    }
    forgetCaller(k);
    if (isSignalled(k)) {
      takeSignal(k);
      return;
    }
    if (mcs && k.args.isBlocking) returnLent(k);
    if (k.of(endpoint, k.args.object).senders.length > 0) takeSender(k, here);
    else if (k.args.isBlocking) block(k);
    else leave(k);
  };
  const replyPhase = (k: Receiving): void => {
    if (!mcs) {
      const { caller } = k.of(callerSlot, k.self);
      k.of(callerSlot, k.self).caller = nobody;
      if (caller !== nobody) answer(k, caller, k.args.message);
    } else if (k.args.reply !== null) {
      const caller = k.of(replyObject, k.args.reply).tcb;
      if (caller !== nobody && k.of(tcb, caller).state === "blocked-on-reply") {
        removeCall(k, k.args.reply);
        answer(k, caller, k.args.message);
      }
    }
  };
  /** The send of NBSendRecv may hand the sender's scheduling context on, unlike Send and NBSend. */
  const sendPhase = (k: Receiving): void => {
    if (k.args.signal !== null) signals.signal(k, k.args.signal, k.args.badge);
    if (k.args.to !== null && !isRevoked(k, k.args.to, k.args.badge) && k.of(endpoint, k.args.to).receivers.length > 0) {
      const receiver = deliver(k, k.args.to, k.args.message, k.args.badge);
      putDown(k, receiver);
      if (contextOf(k, k.self) !== nobody && contextOf(k, receiver) === nobody) handOver(k, k.self, receiver);
    }
  };

  const receive: Operation<ReceiveArgs<M>, ReceiveResult<M>> = operation({
    name: "endpoint.receive",
    args: {
      object: objectRef,
      first: oneOf("nothing", "reply", "send"),
      message,
      badge,
      reply: objectRefOrNull,
      to: objectRefOrNull,
      signal: objectRefOrNull,
      isBlocking: bool(),
      idle: bool(),
    },
    result: { badge, message },
    general: (held) => receives(held, system),
    rules: {
      "fault in receive": {
        when: (k) => k.args.first === "nothing" && isFresh(k) && mayNotReceive(k),
        do: (k) => system.stop(k, k.self),
      },
      "receive the bound notification": {
        when: (k) => plainly(k) && isSignalled(k),
        do: (k) => {
          forgetCaller(k);
          takeSignal(k);
        },
      },
      "receive from a sender": {
        when: (k) => plainly(k) && !isSignalled(k) && k.of(endpoint, k.args.object).senders.length > 0,
        do: (k) => {
          forgetCaller(k);
          const here = hereOf(k);
          if (mcs && k.args.isBlocking) returnLent(k);
          takeSender(k, here);
        },
      },
      "queue as receiver": {
        when: (k) => k.args.isBlocking && plainly(k) && !isSignalled(k) && k.of(endpoint, k.args.object).senders.length === 0,
        do: (k) => {
          forgetCaller(k);
          if (mcs) returnLent(k);
          block(k);
        },
      },
      "receive nothing": {
        when: (k) => !k.args.isBlocking && plainly(k) && !isSignalled(k) && k.of(endpoint, k.args.object).senders.length === 0,
        do: (k) => {
          forgetCaller(k);
          leave(k);
        },
      },
      "reply and receive": {
        when: (k) => k.args.first === "reply" && isFresh(k),
        do: (k) => {
          const here = hereOf(k);
          replyPhase(k);
          receivePhase(k, here);
        },
      },
      "send and receive": {
        when: (k) => k.args.first === "send" && isFresh(k),
        do: (k) => {
          const here = hereOf(k);
          sendPhase(k);
          receivePhase(k, here);
        },
      },
    },
    waits: {
      receiving: {
        says: "BlockedOnReceive",
        kind: "receive",
        wakers: [
          { by: ["endpoint.send", "endpoint.delete"] },
          { by: ["endpoint.receive"], anywhere: true },
          { by: ["notification.signal", "notification.wait"], anywhere: true, when: isBound },
          { by: ["tcb.resume"] },
        ],
        idle: (k) => k.args.idle,
      },
    },
  });
  return { send, receive, answer };
}
