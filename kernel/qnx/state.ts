/**
 * What the QNX Neutrino kernel keeps for each thread and each channel, as far as the manuals show it (System
 * Architecture, "Interprocess communication"; ChannelCreate, MsgSend, MsgReceive in the Library Reference).
 */
import {
  bool,
  type Domain,
  int,
  nobody,
  type ObjectRef,
  oneOf,
  perObject,
  perThread,
  queue,
  type QueueAccess,
  record,
  type RuleContext,
  type StateContext,
  type StateGroup,
  threadId,
  type ThreadId,
} from "../../model/language/index.ts";

/** Highest priority that a message, a pulse or a boost can carry. */
export const highestPriority = 63;
const priority = int(0, highestPriority);
const none = int(-1, 62, -1);

type State = "ready" | "send" | "receive" | "reply";
/** Why a server has been asked to let its client go; the error that the client gets from MsgError(rcvid, -1). */
export type Cause = "none" | "EINTR" | "ETIMEDOUT";
type ThreadFields = {
  /** SEND-, RECEIVE- or REPLY-blocked. */
  readonly state: Domain<State>;
  /** The channel that it is blocked on, by number. */
  readonly channel: Domain<number>;
  /** While SEND-blocked: TimerTimeout with no time is armed for the REPLY-blocked state. */
  readonly immediate: Domain<boolean>;
  /** While REPLY-blocked: the unblock pulse has been sent, for this cause. */
  readonly cause: Domain<Cause>;
  /** While REPLY-blocked: it has been killed, and ends when it is replied to. */
  readonly doomed: Domain<boolean>;
  /** The priority that it runs at, if that is not its own. */
  readonly inherited: Domain<number>;
  /** The channel on which it received last, where all such threads are boosted. */
  readonly associated: Domain<number>;
};
export const tcb: StateGroup<"thread", ThreadFields> = perThread("qnx", {
  state: oneOf("ready", "send", "receive", "reply"),
  channel: none,
  immediate: bool(),
  cause: oneOf("none", "EINTR", "ETIMEDOUT"),
  doomed: bool(),
  inherited: int(-1, highestPriority, -1),
  associated: none,
});

/** One entry of a channel's queue. `unblock`: the kernel's own pulse, which names the client that wants to leave. */
export type Kind = "message" | "pulse" | "unblock";
export interface Entry {
  readonly kind: Kind;
  /** Nobody for the pulse of a program. */
  readonly client: ThreadId;
  readonly message: unknown;
  readonly value: number;
  readonly priority: number;
}
export interface Domains {
  readonly message: Domain;
  readonly pulse: Domain<number>;
  /** How many pulses of programs the pool holds. */
  readonly pulses: number;
  /** Messages and pulses together. */
  readonly capacity: number;
}
type ChannelFields = {
  /** Messages of SEND-blocked clients and pulses, by priority, then by time. */
  readonly queue: Domain<readonly Entry[], QueueAccess<Entry>>;
  readonly pulses: Domain<number>;
  /** RECEIVE-blocked threads, the one that has waited longest first. */
  readonly receivers: Domain<readonly ThreadId[], QueueAccess<ThreadId>>;
  /** The thread that received last, where only that is boosted. */
  readonly associated: Domain<ThreadId>;
  /** Threads that have given up their connection. */
  readonly detached: Domain<readonly ThreadId[], QueueAccess<ThreadId>>;
  readonly destroyed: Domain<boolean>;
};
export const channelState: StateGroup<"object", ChannelFields> = perObject(
  "channel",
  ({ message, pulse, pulses, capacity }: Domains): ChannelFields => ({
    queue: queue(
      record({ kind: oneOf("message", "pulse", "unblock"), client: threadId, message, value: pulse, priority }) as unknown as Domain<Entry>,
      capacity,
    ),
    pulses: int(0, pulses),
    receivers: queue(threadId),
    associated: threadId,
    detached: queue(threadId),
    destroyed: bool(),
  }),
);

/** What the functions below need of a rule's context. */
export type Acting = Pick<RuleContext, "of" | "priorityOf" | "threads" | "objects">;

/** The priority that a thread runs at. */
export const effective = (k: Pick<StateContext, "of" | "priorityOf">, thread: ThreadId): number => {
  const { inherited } = k.of(tcb, thread);
  return inherited < 0 ? k.priorityOf(thread) : inherited;
};

/** The thread is in no message operation any more. */
export const settle = (k: Pick<RuleContext, "of">, thread: ThreadId): void => {
  const me = k.of(tcb, thread);
  me.state = "ready";
  me.channel = -1;
  me.immediate = false;
  me.cause = "none";
  me.doomed = false;
};

/** The thread ends. */
export const end = (k: Pick<RuleContext, "of" | "terminate">, thread: ThreadId): void => {
  settle(k, thread);
  const me = k.of(tcb, thread);
  me.inherited = -1;
  me.associated = -1;
  k.terminate(thread);
};

/** Puts an entry behind all of its priority. */
export const enqueue = (k: Pick<RuleContext, "of">, channel: ObjectRef, entry: Entry): void => {
  const entries = k.of(channelState, channel).queue;
  let place = 0;
  while (place < entries.length && entries.at(place).priority >= entry.priority) place++;
  entries.insert(place, entry);
};

/** Takes the message of a SEND-blocked client out again. */
export const withdraw = (k: Pick<RuleContext, "of">, channel: ObjectRef, client: ThreadId): void => {
  const entries = k.of(channelState, channel).queue;
  let place = 0;
  while (place < entries.length && (entries.at(place).kind !== "message" || entries.at(place).client !== client)) place++;
  if (place < entries.length) entries.remove(entries.at(place));
};

/** Which server threads a SEND-blocked client boosts: all that received last on the channel (to 7.1), the last one (8.0), none (FIXED_PRIORITY). */
export type Inheritance = "all" | "associated" | "none";

/** A thread has received at this priority, and runs at it until it receives again. */
export const inherit = (k: Acting, thread: ThreadId, level: number, inheritance: Inheritance): void => {
  if (inheritance !== "none") k.of(tcb, thread).inherited = level === k.priorityOf(thread) ? -1 : level;
};

const raise = (k: Acting, thread: ThreadId, level: number): void => {
  if (level > effective(k, thread)) k.of(tcb, thread).inherited = level;
};

/** A client of this priority is SEND-blocked: the server is to come to its message sooner. */
export const boost = (k: Acting, channel: ObjectRef, level: number, inheritance: Inheritance): void => {
  if (inheritance === "all") for (const thread of k.threads) if (k.of(tcb, thread).associated === channel.index) raise(k, thread, level);
  if (inheritance === "associated" && k.of(channelState, channel).associated !== nobody) raise(k, k.of(channelState, channel).associated, level);
};

/** A thread enters MsgReceive on the channel, and belongs to no other one any more. */
export const associate = (k: Acting, channel: ObjectRef, thread: ThreadId, inheritance: Inheritance): void => {
  for (const other of k.objects(channelState)) if (k.of(channelState, other).associated === thread) k.of(channelState, other).associated = nobody;
  k.of(tcb, thread).associated = inheritance === "all" ? channel.index : -1;
  if (inheritance === "associated") k.of(channelState, channel).associated = thread;
};
