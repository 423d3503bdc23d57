/**
 * Around message passing in QNX Neutrino: pulses (MsgSendPulse), the end of channels and connections (ChannelDestroy,
 * ConnectDetach) and signals (SignalKill).
 */
import { bool, initialOf, type ObjectRef, nobody, objectRef, oneOf, type Op, operation, threadId, type ThreadId } from "../../model/language/index.ts";
import type { Call } from "../../model/language/operation.ts";
import type { ChannelOptions, Interrupt, Messages } from "./rules.ts";
import { channelState, effective, end, tcb, withdraw } from "./state.ts";

export interface Control {
  readonly pulse: Call<{ readonly object: ObjectRef; readonly value: number }, { readonly error: "none" | "EAGAIN" | "EBADF" }>;
  readonly destroy: Call<{ readonly object: ObjectRef }, object>;
  readonly detach: Call<{ readonly object: ObjectRef; readonly of: ThreadId }, { readonly error: "none" | "EINVAL" }>;
}

/** Builds the operations of one type of channel. */
export function control<M, R>(
  { message, reply: replyDomain, pulse: pulseDomain, unblock, pulses }: ChannelOptions<M, R> & { readonly pulses: number },
  { post, ask, finish, failReceive }: Messages<M, R>,
): Control {
  const nothing = initialOf(replyDomain);
  const noMessage = initialOf(message);

  /** MsgSendPulse: never blocks; the pulse is queued with the messages, at the priority of its sender. */
  const pulse = operation({
    name: "MsgSendPulse",
    args: { object: objectRef, value: pulseDomain },
    result: { error: oneOf("none", "EAGAIN", "EBADF") },
    rules: {
      "no connection for a pulse": {
        when: (k) => k.of(channelState, k.args.object).destroyed || k.of(channelState, k.args.object).detached.includes(k.self),
        do: (k) => k.complete(k.self, { error: "EBADF" }),
      },
      pulse: {
        when: (k) =>
          !k.of(channelState, k.args.object).destroyed &&
          !k.of(channelState, k.args.object).detached.includes(k.self) &&
          (k.of(channelState, k.args.object).receivers.length > 0 || k.of(channelState, k.args.object).pulses < pulses),
        do: (k) => {
          if (k.of(channelState, k.args.object).receivers.length === 0) k.of(channelState, k.args.object).pulses += 1;
          post(k, k.args.object, { kind: "pulse", client: nobody, message: noMessage, value: k.args.value, priority: effective(k, k.self) });
          k.complete(k.self, { error: "none" });
        },
      },
      "the pool of pulses is empty": {
        when: (k) =>
          !k.of(channelState, k.args.object).destroyed &&
          !k.of(channelState, k.args.object).detached.includes(k.self) &&
          k.of(channelState, k.args.object).receivers.length === 0 &&
          k.of(channelState, k.args.object).pulses === pulses,
        do: (k) => k.complete(k.self, { error: "EAGAIN" }),
      },
    },
  });

  /** ChannelDestroy, and what the process manager does with the channels of a process that ends: everybody blocked there returns. */
  const destroy = operation({
    name: "ChannelDestroy",
    args: { object: objectRef },
    result: {},
    general: false,
    rules: {
      "destroy the channel": {
        do: (k) => {
          const channel = k.of(channelState, k.args.object);
          channel.destroyed = true;
          channel.associated = nobody;
          channel.pulses = 0;
          while (channel.queue.length > 0) channel.queue.shift();
          while (channel.receivers.length > 0) channel.receivers.shift();
          for (const thread of k.threads) {
            const { state, channel: on } = k.of(tcb, thread);
            if (on === k.args.object.index && state === "receive") failReceive(k, thread, "ESRCH");
            else if (on === k.args.object.index) finish(k, thread, "ESRCH", nothing);
          }
          k.complete(k.self, {});
        },
      },
    },
  });

  /** ConnectDetach of the connection that `of` uses, by any thread of its process. */
  const detach = operation({
    name: "ConnectDetach",
    args: { object: objectRef, of: threadId },
    result: { error: oneOf("none", "EINVAL") },
    general: false,
    rules: {
      detach: {
        when: (k) => !k.of(channelState, k.args.object).detached.includes(k.args.of),
        do: (k) => {
          const { state, channel, cause } = k.of(tcb, k.args.of);
          k.of(channelState, k.args.object).detached.push(k.args.of);
          if (channel === k.args.object.index && state === "send") {
            withdraw(k, k.args.object, k.args.of);
            finish(k, k.args.of, "EBADF", nothing);
          } else if (channel === k.args.object.index && state === "reply" && unblock && cause === "none") {
            ask(k, k.args.object, k.args.of, "EINTR");
          }
          k.complete(k.self, { error: "none" });
        },
      },
      "detached already": {
        when: (k) => k.of(channelState, k.args.object).detached.includes(k.args.of),
        do: (k) => k.complete(k.self, { error: "EINVAL" }),
      },
    },
  });
  return { pulse, destroy, detach };
}

/**
 * SignalKill. A signal interrupts the message operation that its target is blocked in; SIGKILL ends its target. Where the
 * channel has _NTO_CHF_UNBLOCK a REPLY-blocked target stays, killed or not, until it is replied to.
 */
const signalKill = operation({
  name: "SignalKill",
  args: { target: threadId, isKill: bool() },
  result: {},
  general: false,
  rules: {
    "signal a blocked thread": {
      when: (k) => k.of(tcb, k.args.target).state !== "ready",
      do: (k) => {
        const on = k.of(tcb, k.args.target).channel;
        for (const channel of k.objects(channelState)) {
          const { interrupt } = k.optionsOf(channel) as { readonly interrupt: Interrupt };
          if (channel.index === on) interrupt(k, channel, k.args.target, k.args.isKill);
        }
        k.complete(k.self, {});
      },
    },
    "signal a running thread": {
      when: (k) => !k.args.isKill && k.of(tcb, k.args.target).state === "ready",
      do: (k) => k.complete(k.self, {}),
    },
    "kill a running thread": {
      when: (k) => k.args.isKill && k.of(tcb, k.args.target).state === "ready",
      do: (k) => {
        end(k, k.args.target);
        if (k.args.target !== k.self) k.complete(k.self, {});
      },
    },
  },
});
/** SignalKill. */
export const signal: (args: { readonly target: ThreadId; readonly isKill: boolean }) => Op<object> = signalKill;
export const signalOperation: { readonly declaration: { readonly name: string } } = signalKill;
