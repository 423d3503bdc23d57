/**
 * The executable QNX kernel, after the public manuals (System Architecture, Library Reference). Every kernel call runs
 * under the kernel lock from entry to its next block. Whoever serves a blocked thread leaves its entry as the end of its
 * call would; a thread that is only moved from one blocked state to another is woken to arm or disarm its timer.
 */
import type { Timeout } from "../../model/language/domain.ts";
import type { ObjectRef } from "../../model/language/kernel.ts";
import { OutOfRange } from "../../model/language/operation.ts";
import { block, type Blocking, commit, type KernelHost, type KernelRoutine, type MachinePath, pause, type Results, type SystemCall } from "../common/path.ts";
import { perObject } from "../common/projection.ts";
import { threadNumber } from "../common/words.ts";
import { Blocks, type Channel, type Content, type Thread, type Why } from "./blocks.ts";

export default function qnxPath(host: KernelHost): MachinePath {
  const blocks = new Blocks(host);
  const { threads, channels } = blocks;

  const channelOf = ({ args }: SystemCall): Channel => {
    const { name, index } = args["object"] as ObjectRef;
    const channel = channels.get(index);
    if (channel === undefined) throw new OutOfRange(`${name} is no channel`);
    return channel;
  };
  const named = (value: unknown, name: string): Thread => {
    const found = threads[threadNumber(value, name)];
    if (found === undefined) throw new OutOfRange(`${name} must be a thread, not nobody`);
    return found;
  };
  const caller = ({ thread }: SystemCall): Thread => named(host.threads[thread], "self");
  const wake = (thread: Thread): void => host.wake(blocks.numberOf(thread));
  const end = (thread: Thread): void => host.kill(blocks.numberOf(thread));

  /** Ends the MsgSend of a sleeping client; one that has been killed meanwhile ends altogether. */
  const finish = (channel: Channel, client: Thread, why: Why, reply: unknown): void => {
    if (client.doomed) {
      end(client);
      return;
    }
    client.why = why;
    blocks.connection(channel, client).reply = reply;
    blocks.settle(client);
    wake(client);
  };
  const fail = (channel: Channel, client: Thread, why: Why): void => finish(channel, client, why, blocks.declared(channel).noReply);
  /** Ends the MsgReceive of a sleeping thread with an error. */
  const failReceive = (thread: Thread, why: Why): void => {
    thread.why = why;
    blocks.settle(thread);
    wake(thread);
  };

  const adopt = (channel: Channel, thread: Thread, priority: number): void => {
    if (blocks.declared(channel).inheritance !== "none") blocks.adopt(thread, priority);
  };
  /** Gives a message or a pulse to a RECEIVE-blocked thread. */
  const give = (channel: Channel, receiver: Thread, { kind, client, message, value, priority }: Content): void => {
    const buffer = blocks.connection(channel, receiver);
    buffer.incoming = message;
    buffer.value = value;
    receiver.why = "none";
    receiver.kind = kind;
    receiver.rcvid = client;
    blocks.settle(receiver);
    adopt(channel, receiver, priority);
    wake(receiver);
  };
  /** A pulse comes to the channel. */
  const post = (channel: Channel, content: Content): void => {
    const receiver = channel.receivers.dequeue();
    if (receiver !== null) give(channel, receiver, content);
    else {
      if (content.kind === "pulse") channel.pulses += 1;
      blocks.enqueue(channel, content);
    }
  };
  /** Sends the unblock pulse for a REPLY-blocked client. */
  const ask = (channel: Channel, client: Thread, cause: "EINTR" | "ETIMEDOUT"): void => {
    const { noMessage, noValue } = blocks.declared(channel);
    client.cause = cause;
    post(channel, { kind: "unblock", client, message: noMessage, value: noValue, priority: blocks.priorityOf(client) });
  };
  /** The client's message has been received. True if it stays. */
  const enterReply = (channel: Channel, client: Thread, immediate: boolean): boolean => {
    client.state = "reply";
    client.on = channel;
    client.immediate = false;
    if (!immediate) return true;
    if (!blocks.declared(channel).unblock) return false;
    ask(channel, client, "ETIMEDOUT");
    return true;
  };

  const failure = (channel: Channel, error: Why): Results => ({ error, reply: blocks.declared(channel).noReply });

  /**
   * Sleeps SEND- or REPLY-blocked until the call ends. Rules (rules.ts): "timeout while SEND-blocked", "timeout while REPLY-blocked". After Library
   * Reference, MsgSend and TimerTimeout.
   */
  function* awaitReply(call: SystemCall, channel: Channel, me: Thread): KernelRoutine {
    const { args } = call;
    while (true) {
      const isTimed = me.state === "send" ? args["send"] === "finite" : args["reply"] === "finite" && me.cause === "none";
      const resumed = yield block(isTimed);
      if (resumed === "run") {
        if (me.state !== "ready") continue;
        if (me.why !== "ERESTART") return { error: me.why, reply: blocks.connection(channel, me).reply };
        yield pause;
        return yield* send(call);
      }
      const stays = me.state === "reply" && blocks.declared(channel).unblock;
      const rule = me.state === "send" ? "timeout while SEND-blocked" : "timeout while REPLY-blocked";
      if (stays) ask(channel, me, "ETIMEDOUT");
      else {
        if (me.message !== null) blocks.discard(channel, me.message);
        blocks.settle(me);
      }
      yield commit(rule);
      if (!stays) return failure(channel, "ETIMEDOUT");
    }
  }

  /**
   * Rules (rules.ts): "no such connection", "copy to the waiting receiver", "no time to be SEND-blocked", "SEND-block". After Library Reference,
   * MsgSend.
   */
  function* send(call: SystemCall): KernelRoutine {
    const channel = channelOf(call);
    const me = caller(call);
    const { noValue } = blocks.declared(channel);
    if (channel.destroyed || blocks.connection(channel, me).detached) {
      yield commit("no such connection");
      return failure(channel, "EBADF");
    }
    const content: Content = { kind: "message", client: me, message: call.args["message"], value: noValue, priority: blocks.priorityOf(me) };
    const immediate = call.args["reply"] === "zero";
    const receiver = channel.receivers.dequeue();
    if (receiver !== null) {
      give(channel, receiver, content);
      const stays = enterReply(channel, me, immediate);
      if (!stays) blocks.settle(me);
      yield commit("copy to the waiting receiver");
      return stays ? yield* awaitReply(call, channel, me) : failure(channel, "ETIMEDOUT");
    }
    if (call.args["send"] === "zero") {
      yield commit("no time to be SEND-blocked");
      return failure(channel, "ETIMEDOUT");
    }
    me.message = blocks.enqueue(channel, content);
    me.state = "send";
    me.on = channel;
    me.immediate = immediate;
    boost(channel, content.priority);
    yield commit("SEND-block");
    return yield* awaitReply(call, channel, me);
  }

  /** Raises the priority of the threads that are to receive next. */
  const boost = (channel: Channel, priority: number): void => {
    const { inheritance } = blocks.declared(channel);
    const servers =
      inheritance === "all" ? threads.filter(({ associated }) => associated === channel) : channel.associated === null ? [] : [channel.associated];
    for (const server of servers) if (priority > blocks.priorityOf(server)) server.inherited = priority;
  };

  /**
   * Rules (rules.ts): "no such channel", "receive a message", "receive a pulse", "no time to be RECEIVE-blocked", "RECEIVE-block", "timeout while
   * RECEIVE-blocked". After Library Reference, MsgReceive.
   */
  function* receive(call: SystemCall): KernelRoutine {
    const channel = channelOf(call);
    const me = caller(call);
    const { inheritance, noMessage, noValue } = blocks.declared(channel);
    const limit = call.args["timeout"] as Timeout;
    const without = (error: Why): Results => ({ error, kind: "message", rcvid: blocks.handleOf(null), message: noMessage, value: noValue });
    if (channel.destroyed) {
      yield commit("no such channel");
      return without("ESRCH");
    }
    for (const other of channels.values()) if (other.associated === me) other.associated = null;
    me.associated = inheritance === "all" ? channel : null;
    if (inheritance === "associated") channel.associated = me;
    const { head } = channel.queue;
    if (head !== null) {
      const { kind, client, message, value, priority } = blocks.discard(channel, head);
      adopt(channel, me, priority);
      if (kind === "pulse") channel.pulses -= 1;
      if (kind === "message" && client !== null) {
        if (enterReply(channel, client, client.immediate)) wake(client);
        else fail(channel, client, "ETIMEDOUT");
      }
      yield commit(kind === "message" ? "receive a message" : "receive a pulse");
      return { error: "none", kind, rcvid: blocks.handleOf(client), message, value };
    }
    if (limit === "zero") {
      yield commit("no time to be RECEIVE-blocked");
      return without("ETIMEDOUT");
    }
    me.state = "receive";
    me.on = channel;
    channel.receivers.enqueue(me);
    yield commit("RECEIVE-block");
    const resumed = yield block(limit === "finite");
    if (resumed === "timer") {
      channel.receivers.remove(me);
      blocks.settle(me);
      yield commit("timeout while RECEIVE-blocked");
      return without("ETIMEDOUT");
    }
    if (me.why !== "none") return without(me.why);
    const { incoming, value } = blocks.connection(channel, me);
    return { error: "none", kind: me.kind, rcvid: blocks.handleOf(me.rcvid), message: incoming, value };
  }

  /** The client that a receive identifier of the channel names; null if it is not REPLY-blocked there. */
  const clientOf = (channel: Channel, rcvid: unknown): Thread | null => {
    const client = threads[threadNumber(rcvid, "rcvid")];
    return client?.state === "reply" && client.on === channel ? client : null;
  };

  /** Rules (rules.ts): "reply to nobody REPLY-blocked", "reply". After Library Reference, MsgReply. */
  function* reply(call: SystemCall): KernelRoutine {
    const channel = channelOf(call);
    const client = clientOf(channel, call.args["rcvid"]);
    if (client === null) {
      yield commit("reply to nobody REPLY-blocked");
      return { error: "ESRCH" };
    }
    finish(channel, client, "none", call.args["reply"]);
    yield commit("reply");
    return { error: "none" };
  }

  /**
   * Rules (rules.ts): "error to nobody REPLY-blocked", "reply with an error", "make the client send again", "no cause is stored", "unblock with the
   * stored cause". After Library Reference, MsgError.
   */
  function* error(call: SystemCall): KernelRoutine {
    const channel = channelOf(call);
    const client = clientOf(channel, call.args["rcvid"]);
    if (client === null) {
      yield commit("error to nobody REPLY-blocked");
      return { error: "ESRCH" };
    }
    switch (call.args["error"]) {
      case "EIO":
        fail(channel, client, "EIO");
        yield commit("reply with an error");
        break;
      case "ERESTART":
        fail(channel, client, "ERESTART");
        yield commit("make the client send again");
        break;
      default:
        if (client.cause === "none") {
          yield commit("no cause is stored");
          return { error: "EINVAL" };
        }
        fail(channel, client, client.cause);
        yield commit("unblock with the stored cause");
    }
    return { error: "none" };
  }

  /** Rules (rules.ts): "nobody REPLY-blocked to look at", "look at the client". After Library Reference, MsgInfo. */
  function* info(call: SystemCall): KernelRoutine {
    const client = clientOf(channelOf(call), call.args["rcvid"]);
    yield commit(client === null ? "nobody REPLY-blocked to look at" : "look at the client");
    return client === null ? { unblockRequested: false, error: "ESRCH" } : { unblockRequested: client.cause !== "none", error: "none" };
  }

  /** Rules (control.ts): "no connection for a pulse", "the pool of pulses is empty", "pulse". After Library Reference, MsgSendPulse. */
  function* pulse(call: SystemCall): KernelRoutine {
    const channel = channelOf(call);
    const me = caller(call);
    const { pulses, noMessage } = blocks.declared(channel);
    if (channel.destroyed || blocks.connection(channel, me).detached) {
      yield commit("no connection for a pulse");
      return { error: "EBADF" };
    }
    if (channel.receivers.isEmpty && channel.pulses === pulses) {
      yield commit("the pool of pulses is empty");
      return { error: "EAGAIN" };
    }
    post(channel, { kind: "pulse", client: null, message: noMessage, value: Number(call.args["value"]), priority: blocks.priorityOf(me) });
    yield commit("pulse");
    return { error: "none" };
  }

  /** Rules (control.ts): "destroy the channel". After Library Reference, ChannelDestroy. */
  function* destroy(call: SystemCall): KernelRoutine {
    const channel = channelOf(call);
    channel.destroyed = true;
    channel.associated = null;
    channel.pulses = 0;
    for (const entry of [...channel.queue]) blocks.discard(channel, entry);
    while (channel.receivers.dequeue() !== null);
    for (const thread of threads) {
      if (thread.on !== channel) continue;
      if (thread.state === "receive") failReceive(thread, "ESRCH");
      else fail(channel, thread, "ESRCH");
    }
    yield commit("destroy the channel");
    return {};
  }

  /** Rules (control.ts): "detached already", "detach". After Library Reference, ConnectDetach. */
  function* detach(call: SystemCall): KernelRoutine {
    const channel = channelOf(call);
    const client = named(call.args["of"], "of");
    const connection = blocks.connection(channel, client);
    if (connection.detached) {
      yield commit("detached already");
      return { error: "EINVAL" };
    }
    connection.detached = true;
    channel.detached.enqueue(connection);
    if (client.on === channel && client.state === "send") {
      if (client.message !== null) blocks.discard(channel, client.message);
      fail(channel, client, "EBADF");
    } else if (client.on === channel && client.state === "reply" && blocks.declared(channel).unblock && client.cause === "none") {
      ask(channel, client, "EINTR");
      wake(client);
    }
    yield commit("detach");
    return { error: "none" };
  }

  /**
   * Rules (control.ts): "kill a running thread", "signal a running thread", "signal a blocked thread". After Library Reference, SignalKill; System
   * Architecture, the unblock pulse.
   */
  function* signal(call: SystemCall): KernelRoutine {
    const target = named(call.args["target"], "target");
    const isKill = call.args["isKill"] === true;
    const channel = target.on;
    if (channel === null) {
      if (isKill) end(target);
      yield commit(isKill ? "kill a running thread" : "signal a running thread");
      return {};
    }
    if (target.state === "reply" && blocks.declared(channel).unblock) {
      if (isKill) target.doomed = true;
      if (target.cause === "none") {
        ask(channel, target, "EINTR");
        wake(target);
      }
    } else if (isKill) {
      end(target);
    } else if (target.state === "receive") {
      channel.receivers.remove(target);
      failReceive(target, "EINTR");
    } else {
      if (target.message !== null) blocks.discard(channel, target.message);
      fail(channel, target, "EINTR");
    }
    yield commit("signal a blocked thread");
    return {};
  }

  const forget = (number: number): void => {
    const me = threads[number];
    if (me === undefined) return;
    for (const channel of channels.values()) {
      if (me.message !== null && channel.queue.has(me.message)) blocks.discard(channel, me.message);
      if (channel.receivers.has(me)) channel.receivers.remove(me);
      const connection = blocks.connection(channel, me);
      if (channel.detached.has(connection)) channel.detached.remove(connection);
    }
    blocks.settle(me);
    me.inherited = -1;
    me.associated = null;
  };

  const blocking = (number: number): Blocking | null => {
    const me = threads[number];
    const channel = me?.on;
    if (me === undefined || channel == null) return null;
    switch (me.state) {
      case "send": {
        const queue = [...channel.queue];
        const place = me.message === null ? 0 : queue.indexOf(me.message) + 1;
        return { queue: `SEND-blocked, place ${place} of ${queue.length} in the ${channel.queue.name}`, on: [], until: null };
      }
      case "reply":
        return {
          queue: `REPLY-blocked on ${channel.name}${me.cause === "none" ? "" : `, the unblock pulse has been sent (${me.cause})`}`,
          on: [],
          until: null,
        };
      case "receive":
        return { queue: `RECEIVE-blocked on ${channel.name}`, on: [], until: null };
      case "ready":
        return null;
    }
  };

  const objects = (value: (channel: Channel) => unknown): readonly unknown[] => perObject(host.instance, channels, value);

  return {
    calls: {
      MsgSend: send,
      MsgReceive: receive,
      MsgReply: reply,
      MsgError: error,
      MsgInfo: info,
      MsgSendPulse: pulse,
      ChannelDestroy: destroy,
      ConnectDetach: detach,
      SignalKill: signal,
    },
    interrupts: {},
    forget,
    blocking,
    project: () => ({
      "qnx.state": threads.map(({ state }) => state),
      "qnx.channel": threads.map(({ on }) => blocks.indexOf(on)),
      "qnx.immediate": threads.map(({ immediate }) => immediate),
      "qnx.cause": threads.map(({ cause }) => cause),
      "qnx.doomed": threads.map(({ doomed }) => doomed),
      "qnx.inherited": threads.map(({ inherited }) => inherited),
      "qnx.associated": threads.map(({ associated }) => blocks.indexOf(associated)),
      "channel.queue": objects(({ queue }) =>
        Array.from(queue, ({ kind, client, message, value, priority }) => ({ kind, client: blocks.handleOf(client), message, value, priority })),
      ),
      "channel.pulses": objects(({ pulses }) => pulses),
      "channel.receivers": objects(({ receivers }) => Array.from(receivers, (thread) => blocks.handleOf(thread))),
      "channel.associated": objects(({ associated }) => blocks.handleOf(associated)),
      "channel.detached": objects((channel) =>
        Array.from(channel.detached, (connection) => host.threads[blocks.declared(channel).connections.indexOf(connection)]),
      ),
      "channel.destroyed": objects(({ destroyed }) => destroyed),
    }),
    audit: (asleep) => [
      ...[...channels.values()].flatMap((channel) => {
        const { queue, receivers, free, pulses, detached, name } = channel;
        const capacity = Number(host.instance.objects[blocks.indexOf(channel)]?.type.options["capacity"]);
        const entries = [...queue];
        return [
          ...[queue, free].filter((each) => !each.consistent(capacity)).map((each) => `the links of the ${each.name} are broken`),
          ...[receivers, detached]
            .filter((each) => !(each as typeof receivers).consistent(threads.length))
            .map((each) => `the links of the ${each.name} are broken`),
          ...(entries.length + [...free].length === capacity ? [] : [`an entry of ${name} is lost`]),
          ...(entries.filter(({ kind }) => kind === "pulse").length === pulses ? [] : [`${name} counts ${pulses} pulses`]),
          ...(receivers.head !== null && entries.length > 0 ? [`a thread waits at ${name} although something is queued there`] : []),
          ...entries
            .filter(({ kind, client }) => kind === "message" && client?.state !== "send")
            .map(({ client }) => `the message of ${client?.name} is queued at ${name}, but it is not SEND-blocked`),
        ];
      }),
      ...threads.flatMap((thread, number) => [
        ...(thread.state === "ready" || asleep(number) ? [] : [`${thread.name} is ${thread.state}-blocked but runs`]),
        ...(thread.state !== "receive" || thread.on?.receivers.has(thread) === true ? [] : [`${thread.name} waits in no queue`]),
        ...(thread.state !== "send" || (thread.message !== null && thread.on?.queue.has(thread.message) === true)
          ? []
          : [`the message of ${thread.name} is lost`]),
      ]),
    ],
  };
}
