/**
 * Message passing of QNX Neutrino as a model, after the public manuals: MsgSend, MsgReceive, MsgReply, MsgError, MsgInfo.
 *
 * A client is SEND-blocked until a server thread receives its message, then REPLY-blocked until it is replied to. It
 * can leave early by a signal or by a timeout (TimerTimeout, armed for the states that it names, is part of the call
 * here: arming a timer is visible to nobody). From a channel with _NTO_CHF_UNBLOCK a REPLY-blocked client cannot leave:
 * the server gets a pulse that asks for it, and the client stays until it is replied to. A receive identifier stands for
 * the client and its connection and has no generation, so that a client's next message has the same one.
 */
import {
  bool,
  type Domain,
  initialOf,
  nobody,
  type ObjectRef,
  objectRef,
  oneOf,
  operation,
  type RuleContext,
  type StateContext,
  threadId,
  type ThreadId,
  timeout,
  type Timeout,
} from "../../model/language/index.ts";
import type { Call } from "../../model/language/operation.ts";
import type { Received, Replied, SendError } from "./index.ts";
import { associate, boost, type Cause, channelState, effective, end, enqueue, type Entry, inherit, type Inheritance, settle, tcb, withdraw } from "./state.ts";

export interface ChannelOptions<M, R> {
  readonly message: Domain<M>;
  readonly reply: Domain<R>;
  readonly pulse: Domain<number>;
  readonly unblock: boolean;
  readonly inheritance: Inheritance;
}
interface SendArguments<M> {
  readonly object: ObjectRef;
  readonly message: M;
  readonly send: Timeout;
  readonly reply: Timeout;
  readonly idle: boolean;
}
/** The context of a rule, whatever its operation. */
export type Kernel = Pick<RuleContext, "of" | "priorityOf" | "threads" | "objects" | "completeOf" | "terminate">;

export type Interrupt = (k: Kernel, channel: ObjectRef, thread: ThreadId, isKill: boolean) => void;

export interface Messages<M, R> {
  readonly send: Call<SendArguments<M>, Replied<R>>;
  readonly receive: Call<{ readonly object: ObjectRef; readonly timeout: Timeout; readonly idle: boolean }, Received<M>>;
  readonly reply: Call<{ readonly object: ObjectRef; readonly rcvid: ThreadId; readonly reply: R }, { readonly error: "none" | "ESRCH" }>;
  readonly error: Call<
    { readonly object: ObjectRef; readonly rcvid: ThreadId; readonly error: "EIO" | "ERESTART" | "stored" },
    { readonly error: "none" | "ESRCH" | "EINVAL" }
  >;
  readonly info: Call<{ readonly object: ObjectRef; readonly rcvid: ThreadId }, { readonly unblockRequested: boolean; readonly error: "none" | "ESRCH" }>;
  /** Hands a pulse to the thread that waits, or queues it. */
  readonly post: (k: Kernel, channel: ObjectRef, entry: Entry) => void;
  /** The kernel asks the server to let a REPLY-blocked client go. */
  readonly ask: (k: Kernel, channel: ObjectRef, client: ThreadId, cause: Cause) => void;
  /** Ends the MsgSend of a client; one that has been killed ends altogether. */
  readonly finish: (k: Kernel, client: ThreadId, error: SendError, reply: R) => void;
  /** Somebody who is blocked on the channel gets a signal. */
  readonly interrupt: Interrupt;
  /** Ends a MsgReceive without a message. */
  readonly failReceive: (k: Kernel, thread: ThreadId, error: "EINTR" | "ETIMEDOUT" | "ESRCH") => void;
}

/** Builds the operations of one type of channel; messages and flags are its own. */
export function messages<M, R>({ message, reply: replyDomain, pulse, unblock, inheritance }: ChannelOptions<M, R>): Messages<M, R> {
  const nothing = initialOf(replyDomain);
  const noMessage = initialOf(message);
  const noValue = initialOf(pulse);

  const isNew = (k: Pick<StateContext, "of" | "self">): boolean => k.of(tcb, k.self).state === "ready";
  const isBlocked = (k: Pick<StateContext, "of" | "self">, state: "send" | "receive" | "reply"): boolean => k.of(tcb, k.self).state === state;
  const connected = (k: Pick<StateContext, "of" | "self">, channel: ObjectRef): boolean =>
    !k.of(channelState, channel).destroyed && !k.of(channelState, channel).detached.includes(k.self);

  const finish = (k: Kernel, client: ThreadId, error: SendError, reply: R): void => {
    if (k.of(tcb, client).doomed) {
      end(k, client);
    } else {
      settle(k, client);
      k.completeOf(send, client, { error, reply });
    }
  };
  const failReceive = (k: Kernel, thread: ThreadId, error: "EINTR" | "ETIMEDOUT" | "ESRCH"): void => {
    settle(k, thread);
    k.completeOf(receive, thread, { error, kind: "message", rcvid: nobody, message: noMessage, value: noValue });
  };
  const handOver = (k: Kernel, receiver: ThreadId, { kind, client, message, value, priority }: Entry): void => {
    settle(k, receiver);
    inherit(k, receiver, priority, inheritance);
    k.completeOf(receive, receiver, { error: "none", kind, rcvid: client, message: message as M, value });
  };
  const post = (k: Kernel, channel: ObjectRef, entry: Entry): void => {
    const { receivers } = k.of(channelState, channel);
    if (receivers.length > 0) handOver(k, receivers.shift(), entry);
    else enqueue(k, channel, entry);
  };
  const ask = (k: Kernel, channel: ObjectRef, client: ThreadId, cause: Cause): void => {
    k.of(tcb, client).cause = cause;
    post(k, channel, { kind: "unblock", client, message: noMessage, value: noValue, priority: effective(k, client) });
  };
  /** The message has been received. */
  const replyBlock = (k: Kernel, channel: ObjectRef, client: ThreadId, immediate: boolean): void => {
    const me = k.of(tcb, client);
    me.state = "reply";
    me.channel = channel.index;
    me.immediate = false;
    if (immediate) leaveReply(k, channel, client, "ETIMEDOUT");
  };
  /** A REPLY-blocked client wants to leave. */
  const leaveReply = (k: Kernel, channel: ObjectRef, client: ThreadId, cause: Cause): void => {
    if (unblock) ask(k, channel, client, cause);
    else finish(k, client, cause, nothing);
  };
  const leaveSend = (k: Kernel, channel: ObjectRef, client: ThreadId, cause: Cause): void => {
    withdraw(k, channel, client);
    finish(k, client, cause, nothing);
  };

  const send = operation({
    name: "MsgSend",
    args: { object: objectRef, message, send: timeout, reply: timeout, idle: bool() },
    result: { error: oneOf("none", "EIO", "EINTR", "ETIMEDOUT", "ESRCH", "EBADF"), reply: replyDomain },
    guarded: { by: "error", ok: "none", fields: ["reply"] },
    rules: {
      "no such connection": {
        when: (k) => isNew(k) && !connected(k, k.args.object),
        do: (k) => k.complete(k.self, { error: "EBADF", reply: nothing }),
      },
      "copy to the waiting receiver": {
        when: (k) => isNew(k) && connected(k, k.args.object) && k.of(channelState, k.args.object).receivers.length > 0,
        do: (k) => {
          const receiver = k.of(channelState, k.args.object).receivers.shift();
          handOver(k, receiver, { kind: "message", client: k.self, message: k.args.message, value: noValue, priority: effective(k, k.self) });
          replyBlock(k, k.args.object, k.self, k.args.reply === "zero");
        },
      },
      "no time to be SEND-blocked": {
        when: (k) => k.args.send === "zero" && isNew(k) && connected(k, k.args.object) && k.of(channelState, k.args.object).receivers.length === 0,
        do: (k) => k.complete(k.self, { error: "ETIMEDOUT", reply: nothing }),
      },
      "SEND-block": {
        when: (k) => k.args.send !== "zero" && isNew(k) && connected(k, k.args.object) && k.of(channelState, k.args.object).receivers.length === 0,
        do: (k) => {
          const me = k.of(tcb, k.self);
          me.state = "send";
          me.channel = k.args.object.index;
          me.immediate = k.args.reply === "zero";
          enqueue(k, k.args.object, { kind: "message", client: k.self, message: k.args.message, value: noValue, priority: effective(k, k.self) });
          boost(k, k.args.object, effective(k, k.self), inheritance);
        },
      },
      "timeout while SEND-blocked": {
        timer: true,
        when: (k) => k.args.send === "finite" && isBlocked(k, "send"),
        do: (k) => leaveSend(k, k.args.object, k.self, "ETIMEDOUT"),
      },
      "timeout while REPLY-blocked": {
        timer: true,
        when: (k) => k.args.reply === "finite" && isBlocked(k, "reply") && k.of(tcb, k.self).cause === "none",
        do: (k) => leaveReply(k, k.args.object, k.self, "ETIMEDOUT"),
      },
    },
    waits: {
      send: {
        when: (k) => k.of(tcb, k.self).state === "send",
        says: "SEND-blocked",
        kind: "send",
        wakers: [{ by: ["MsgReceive", "ChannelDestroy", "ConnectDetach"] }, { by: ["SignalKill"] }],
        idle: (k) => k.args.idle,
      },
      reply: {
        when: (k) => k.of(tcb, k.self).state === "reply",
        says: "REPLY-blocked",
        kind: "reply",
        wakers: [{ by: ["MsgReply", "MsgError", "ChannelDestroy"] }, { by: ["SignalKill", "ConnectDetach"], when: () => !unblock }],
        idle: (k) => k.args.idle,
      },
    },
  });

  const receive = operation({
    name: "MsgReceive",
    args: { object: objectRef, timeout, idle: bool() },
    result: {
      error: oneOf("none", "EINTR", "ETIMEDOUT", "ESRCH"),
      kind: oneOf("message", "pulse", "unblock"),
      rcvid: threadId,
      message,
      value: pulse,
    },
    guarded: { by: "error", ok: "none", fields: ["kind", "rcvid", "message", "value"] },
    general: false,
    rules: {
      "no such channel": {
        when: (k) => isNew(k) && k.of(channelState, k.args.object).destroyed,
        do: (k) => failReceive(k, k.self, "ESRCH"),
      },
      "receive a message": {
        when: (k) => isNew(k) && k.of(channelState, k.args.object).queue.length > 0 && k.of(channelState, k.args.object).queue.at(0).kind === "message",
        do: (k) => {
          associate(k, k.args.object, k.self, inheritance);
          const entry = k.of(channelState, k.args.object).queue.shift();
          handOver(k, k.self, entry);
          replyBlock(k, k.args.object, entry.client, k.of(tcb, entry.client).immediate);
        },
      },
      "receive a pulse": {
        when: (k) => isNew(k) && k.of(channelState, k.args.object).queue.length > 0 && k.of(channelState, k.args.object).queue.at(0).kind !== "message",
        do: (k) => {
          associate(k, k.args.object, k.self, inheritance);
          const entry = k.of(channelState, k.args.object).queue.shift();
          if (entry.kind === "pulse") k.of(channelState, k.args.object).pulses -= 1;
          handOver(k, k.self, entry);
        },
      },
      "no time to be RECEIVE-blocked": {
        when: (k) =>
          k.args.timeout === "zero" && isNew(k) && !k.of(channelState, k.args.object).destroyed && k.of(channelState, k.args.object).queue.length === 0,
        do: (k) => {
          associate(k, k.args.object, k.self, inheritance);
          failReceive(k, k.self, "ETIMEDOUT");
        },
      },
      "RECEIVE-block": {
        when: (k) =>
          k.args.timeout !== "zero" && isNew(k) && !k.of(channelState, k.args.object).destroyed && k.of(channelState, k.args.object).queue.length === 0,
        do: (k) => {
          const me = k.of(tcb, k.self);
          associate(k, k.args.object, k.self, inheritance);
          me.state = "receive";
          me.channel = k.args.object.index;
          k.of(channelState, k.args.object).receivers.push(k.self);
        },
      },
      "timeout while RECEIVE-blocked": {
        timer: true,
        when: (k) => k.args.timeout === "finite" && isBlocked(k, "receive"),
        do: (k) => {
          k.of(channelState, k.args.object).receivers.remove(k.self);
          failReceive(k, k.self, "ETIMEDOUT");
        },
      },
    },
    waits: {
      receive: {
        says: "RECEIVE-blocked",
        kind: "receive",
        wakers: [{ by: ["MsgSend", "MsgSendPulse", "ChannelDestroy", "ConnectDetach"] }, { by: ["SignalKill"] }],
        idle: (k) => k.args.idle,
      },
    },
  });
  /** The receive identifier names a client that is REPLY-blocked on this channel. */
  const names = (k: Pick<StateContext, "of">, channel: ObjectRef, rcvid: ThreadId): boolean =>
    rcvid !== nobody && k.of(tcb, rcvid).state === "reply" && k.of(tcb, rcvid).channel === channel.index;

  const reply = operation({
    name: "MsgReply",
    args: { object: objectRef, rcvid: threadId, reply: replyDomain },
    result: { error: oneOf("none", "ESRCH") },
    general: false,
    rules: {
      reply: {
        when: (k) => names(k, k.args.object, k.args.rcvid),
        do: (k) => {
          finish(k, k.args.rcvid, "none", k.args.reply);
          k.complete(k.self, { error: "none" });
        },
      },
      "reply to nobody REPLY-blocked": {
        when: (k) => !names(k, k.args.object, k.args.rcvid),
        do: (k) => k.complete(k.self, { error: "ESRCH" }),
      },
    },
  });

  const error = operation({
    name: "MsgError",
    args: { object: objectRef, rcvid: threadId, error: oneOf("EIO", "ERESTART", "stored") },
    result: { error: oneOf("none", "ESRCH", "EINVAL") },
    general: false,
    rules: {
      "reply with an error": {
        when: (k) => k.args.error === "EIO" && names(k, k.args.object, k.args.rcvid),
        do: (k) => {
          finish(k, k.args.rcvid, "EIO", nothing);
          k.complete(k.self, { error: "none" });
        },
      },
      "make the client send again": {
        when: (k) => k.args.error === "ERESTART" && names(k, k.args.object, k.args.rcvid),
        do: (k) => {
          // Whoever has been killed does not come back; everybody else makes the same call once more.
          if (k.of(tcb, k.args.rcvid).doomed) end(k, k.args.rcvid);
          else settle(k, k.args.rcvid);
          k.complete(k.self, { error: "none" });
        },
      },
      "unblock with the stored cause": {
        when: (k) => k.args.error === "stored" && names(k, k.args.object, k.args.rcvid) && k.of(tcb, k.args.rcvid).cause !== "none",
        do: (k) => {
          finish(k, k.args.rcvid, k.of(tcb, k.args.rcvid).cause, nothing);
          k.complete(k.self, { error: "none" });
        },
      },
      "no cause is stored": {
        when: (k) => k.args.error === "stored" && names(k, k.args.object, k.args.rcvid) && k.of(tcb, k.args.rcvid).cause === "none",
        do: (k) => k.complete(k.self, { error: "EINVAL" }),
      },
      "error to nobody REPLY-blocked": {
        when: (k) => !names(k, k.args.object, k.args.rcvid),
        do: (k) => k.complete(k.self, { error: "ESRCH" }),
      },
    },
  });

  const info = operation({
    name: "MsgInfo",
    args: { object: objectRef, rcvid: threadId },
    result: { unblockRequested: bool(), error: oneOf("none", "ESRCH") },
    general: false,
    rules: {
      "look at the client": {
        when: (k) => names(k, k.args.object, k.args.rcvid),
        do: (k) => k.complete(k.self, { unblockRequested: k.of(tcb, k.args.rcvid).cause !== "none", error: "none" }),
      },
      "nobody REPLY-blocked to look at": {
        when: (k) => !names(k, k.args.object, k.args.rcvid),
        do: (k) => k.complete(k.self, { unblockRequested: false, error: "ESRCH" }),
      },
    },
  });
  /** A thread that is blocked on the channel gets a signal, or SIGKILL. */
  const interrupt = (k: Kernel, channel: ObjectRef, thread: ThreadId, isKill: boolean): void => {
    const { state, cause } = k.of(tcb, thread);
    if (state === "reply" && unblock) {
      if (isKill) k.of(tcb, thread).doomed = true;
      if (cause === "none") ask(k, channel, thread, "EINTR");
    } else {
      if (state === "send") withdraw(k, channel, thread);
      if (state === "receive") k.of(channelState, channel).receivers.remove(thread);
      if (isKill) end(k, thread);
      else if (state === "receive") failReceive(k, thread, "EINTR");
      else finish(k, thread, "EINTR", nothing);
    }
  };
  return { send, receive, reply, error, info, post, ask, finish, failReceive, interrupt };
}
