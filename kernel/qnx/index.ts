/**
 * QNX Neutrino, after the public manuals: channels with SEND-, RECEIVE- and REPLY-blocked threads, pulses, the unblock
 * pulse, timeouts by state, priority inheritance. `import * as qnx from "ipc-check/kernels/qnx"`.
 */
import {
  type Domain,
  int,
  type Kernel,
  kernel as declareKernel,
  type ObjectType,
  objectType,
  type Op,
  type ThreadId,
  type TimedCall,
  timedByOptions,
  type TimedWay,
  type Timeout,
} from "../../model/language/index.ts";
import { onlyOptions } from "../../model/language/names.ts";
import { control, signal, signalOperation } from "./control.ts";
import { messages } from "./rules.ts";
import { channelState, type Inheritance, type Kind, tcb } from "./state.ts";

export type { Inheritance, Kind } from "./state.ts";

export type SendError = "none" | "EIO" | "EINTR" | "ETIMEDOUT" | "ESRCH" | "EBADF";
/** What MsgSend yields. Reading `reply` after an error is the violation `unhandled-error`. */
export interface Replied<R> {
  readonly error: SendError;
  readonly reply: R;
}
/** What MsgReceive yields. Reading anything but `error` after an error is the violation `unhandled-error`. */
export interface Received<M> {
  readonly error: "none" | "EINTR" | "ETIMEDOUT" | "ESRCH";
  /** `unblock`: the client that `rcvid` names wants to leave. */
  readonly kind: Kind;
  /** Whom to reply to; nobody after a pulse. */
  readonly rcvid: ThreadId;
  readonly message: M;
  /** What a pulse carries. */
  readonly value: number;
}
/** TimerTimeout before a MsgSend. */
export interface SendTimeout {
  /** "zero" is a TimerTimeout without a time. Default "infinite": none is armed. */
  readonly timeout?: Timeout;
  /** The states that it is armed for. Default "both". */
  readonly states?: "send" | "reply" | "both";
  /** Being blocked here for ever is rest, not harm: the reply is an event that need not come. */
  readonly idle?: boolean;
}
export interface ReceiveTimeout {
  readonly timeout?: Timeout;
  /** Waiting here for ever is rest, not harm. Default true. */
  readonly idle?: boolean;
}

/** A channel. Clients send messages and pulses through connections; the server's threads do the rest. */
export interface Channel<M, R> {
  /** MsgSend: blocks until the server has replied. */
  send(message: M, options?: SendTimeout): Op<Replied<R>>;
  /** MsgSendPulse: never blocks. */
  pulse(value: number): Op<{ readonly error: "none" | "EAGAIN" | "EBADF" }>;
  /** MsgReceive: takes the message or pulse of the highest priority. */
  receive(options?: ReceiveTimeout): Op<Received<M>>;
  /** MsgReply: the client must be REPLY-blocked here. Never blocks. */
  reply(rcvid: ThreadId, reply: R): Op<{ readonly error: "none" | "ESRCH" }>;
  /** MsgError: "ERESTART" makes the client send again, "stored" (-1) gives it the cause for which it wanted to leave. */
  error(rcvid: ThreadId, error: "EIO" | "ERESTART" | "stored"): Op<{ readonly error: "none" | "ESRCH" | "EINVAL" }>;
  /** MsgInfo: whether _NTO_MI_UNBLOCK_REQ is set. */
  info(rcvid: ThreadId): Op<{ readonly unblockRequested: boolean; readonly error: "none" | "ESRCH" }>;
  /** ChannelDestroy. */
  destroy(): Op<object>;
  /** ConnectDetach of the connection that a thread of the own process uses. */
  detach(of: ThreadId): Op<{ readonly error: "none" | "EINVAL" }>;
}
export interface Signals {
  /** SignalKill with a signal that has a handler: interrupts the message operation that the thread is blocked in. */
  raise(target: ThreadId): Op<object>;
  /** SignalKill with SIGKILL. */
  kill(target: ThreadId): Op<object>;
}

export interface ChannelOptions<M, R> {
  readonly message: Domain<M>;
  /** Default: as messages. */
  readonly reply?: Domain<R>;
  /** What a pulse carries. Default: nothing. */
  readonly pulse?: Domain<number>;
  /** Pulses that the pool holds. Default 1. */
  readonly pulses?: number;
  /** _NTO_CHF_UNBLOCK. */
  readonly unblock?: boolean;
  /** Whom a SEND-blocked client boosts: all threads that received last on the channel (to 7.1; default), one of them (8.0), or none (_NTO_CHF_FIXED_PRIORITY). */
  readonly inheritance?: Inheritance;
  /** Room for messages and pulses together. Default 8. */
  readonly capacity?: number;
}

/** Declares a channel. */
export function channel<M, R = M>(options: ChannelOptions<M, R>): ObjectType<Channel<M, R>> {
  onlyOptions("qnx.channel", options, ["message", "reply", "pulse", "pulses", "unblock", "inheritance", "capacity"]);
  const { pulses = 1, unblock = false, inheritance = "all", capacity = 8, pulse = int(0, 0) } = options;
  for (const [name, value, least] of [["pulses", pulses, 0] as const, ["capacity", capacity, 1] as const])
    if (!Number.isInteger(value) || value < least || value > 64) throw new RangeError(`qnx.channel({ ${name}: ${value} }): give ${least} to 64`);
  const given = { message: options.message, reply: options.reply ?? (options.message as unknown as Domain<R>), pulse, pulses, unblock, inheritance, capacity };
  const passing = messages(given);
  const around = control(given, passing);
  return objectType({
    name: "channel",
    options: { ...given, interrupt: passing.interrupt },
    state: [tcb, channelState],
    operations: [passing.send, passing.receive, passing.reply, passing.error, passing.info, around.pulse, around.destroy, around.detach, signalOperation],
    api: (object): Channel<M, R> => ({
      send: (message, { timeout = "infinite", states = "both", idle = false } = {}) =>
        passing.send({
          object,
          message,
          send: states === "reply" ? "infinite" : timeout,
          reply: states === "send" ? "infinite" : timeout,
          idle,
        }),
      pulse: (value) => around.pulse({ object, value }),
      receive: ({ timeout = "infinite", idle = true } = {}) => passing.receive({ object, timeout, idle }),
      reply: (rcvid, reply) => passing.reply({ object, rcvid, reply }),
      error: (rcvid, error) => passing.error({ object, rcvid, error }),
      info: (rcvid) => passing.info({ object, rcvid }),
      destroy: () => around.destroy({ object }),
      detach: (of) => around.detach({ object, of }),
    }),
    machine: () => import("./path.ts"),
  });
}

/** TimerTimeout arms one time for the states that it names. */
const patience: readonly Timeout[] = ["zero", "finite"];
const timed: readonly TimedCall[] = [
  {
    operations: ["MsgSend"],
    where: {},
    before: 1,
    defaults: { timeout: "infinite", states: "both" },
    read: { send: "send", reply: "reply" },
    ways: [
      { timeouts: { send: "infinite", reply: "infinite" }, method: "send", options: { timeout: "infinite", states: "both" } },
      ...patience.flatMap((timeout): readonly TimedWay[] => [
        { timeouts: { send: timeout, reply: timeout }, method: "send", options: { timeout, states: "both" } },
        { timeouts: { send: timeout, reply: "infinite" }, method: "send", options: { timeout, states: "send" } },
        { timeouts: { send: "infinite", reply: timeout }, method: "send", options: { timeout, states: "reply" } },
      ]),
    ],
    answers: "object",
  },
  timedByOptions({ operation: "MsgReceive", method: "receive", before: 0, phases: { receive: { option: "timeout" } } }),
];

/** Declares the kernel; what is said with messages is said on channels. */
export function kernel(options: { readonly cpus?: number } = {}): Kernel<{ readonly signals: Signals }> {
  onlyOptions("qnx.kernel", options, ["cpus"]);
  const signals: Signals = {
    raise: (target) => signal({ target, isKill: false }),
    kill: (target) => signal({ target, isKill: true }),
  };
  return declareKernel({
    name: "qnx",
    ...(options.cpus === undefined ? {} : { cpus: options.cpus }),
    state: [tcb],
    operations: [],
    timed,
    inherited: { state: tcb, field: "inherited" },
    api: { signals },
  });
}
