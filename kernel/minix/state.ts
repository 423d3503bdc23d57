/**
 * What the MINIX 3 kernel keeps for each process (minix/kernel/proc.h, priv.h), and what it asks of that: who will
 * receive, and whether blocking would close a circle. The kernel runs under one big lock, so IPC is atomic on several
 * CPUs too.
 */
import {
  bool,
  type Domain,
  initialOf,
  nobody,
  oneOf,
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

/** One slot of a table of asynchronous messages that is valid and not done. */
export interface Slot<M> {
  readonly to: ThreadId;
  readonly message: M;
  /** AMF_NOREPLY: never taken for the reply to a SENDREC. */
  readonly noReply: boolean;
}
/** The call that a process is blocked in. */
export type Blocked = "none" | "send" | "sendrec" | "receive" | "quantum" | "memory";
/** IPC_STATUS_CALL: how a message was sent. */
export type Status = "SEND" | "SENDREC" | "SENDNB" | "SENDA" | "NOTIFY";

type ProcessFields<M> = {
  readonly call: Domain<Blocked>;
  /** RTS_SENDING, with p_sendto_e and the saved message. */
  readonly sending: Domain<boolean>;
  readonly sendto: Domain<ThreadId>;
  readonly message: Domain<M>;
  /** RTS_RECEIVING, with p_getfrom_e: nobody stands for ANY. */
  readonly receiving: Domain<boolean>;
  readonly getfrom: Domain<ThreadId>;
  /** MF_REPLY_PEND: set by SENDREC, cleared when a reply is taken. */
  readonly replyPend: Domain<boolean>;
  /** Processes that are SENDING to this one, first come first served. */
  readonly callers: Domain<readonly ThreadId[], QueueAccess<ThreadId>>;
  /** Bits s_notify_pending: who has notified this process, in the order of privilege ids. */
  readonly notified: Domain<readonly ThreadId[], QueueAccess<ThreadId>>;
  /** The table that SENDA registered last. */
  readonly table: Domain<readonly Slot<M>[], QueueAccess<Slot<M>>>;
  /** The IPC filter: from whom nothing is received. */
  readonly filter: Domain<ThreadId>;
  readonly dead: Domain<boolean>;
};
export type ProcessGroup<M> = StateGroup<"thread", ProcessFields<M>>;

/** What of the kernel has been repaired, or not yet. */
export interface Variant {
  /** The deadlock check comes first in each call, as it did before b4d6d9db2. */
  readonly earlyCheck: boolean;
  /** SENDA clears MF_REPLY_PEND of a receiver that it delivers to, as SEND does. */
  readonly clearReplyPend: boolean;
  /** A notification that the filter rejects does not hide those behind it. */
  readonly scanPastFilter: boolean;
  /** The calls that the masks of privileges allow to the most general client: those of user processes, or of system processes. */
  readonly mayCall: "user" | "system";
}

export interface Processes<M> {
  readonly group: ProcessGroup<M>;
  /** WILLRECEIVE(source, destination). */
  readonly willReceive: (k: Look, source: ThreadId, destination: ThreadId) => boolean;
  /** deadlock(function, caller, peer): blocking now would close a circle of processes that wait for each other. */
  readonly deadlock: (k: Look, send: boolean, caller: ThreadId, peer: ThreadId) => boolean;
  /** The process whose notification a RECEIVE from `from` takes; nobody if there is none. */
  readonly notifier: (k: Look, me: ThreadId, from: ThreadId) => ThreadId;
  /** The process from whose table a RECEIVE from `from` takes a message; nobody if there is none. */
  readonly asyncSender: (k: Look, me: ThreadId, from: ThreadId, replyPend: boolean) => ThreadId;
  /** The first slot of its table that `me` can take; the table's length if there is none. */
  readonly slotFor: (k: Look, sender: ThreadId, me: ThreadId, replyPend: boolean) => number;
  /** The first caller that a RECEIVE from `from` takes; nobody if there is none. */
  readonly caller: (k: Look, me: ThreadId, from: ThreadId) => ThreadId;
  /** The process is in no call any more. MF_REPLY_PEND stays. */
  readonly settle: (k: Pick<RuleContext, "of">, thread: ThreadId) => void;
  /** Sets the bit of `source` for `destination`. */
  readonly setPending: (k: Pick<RuleContext, "of" | "threads">, destination: ThreadId, source: ThreadId) => void;
}
export type Look = Pick<StateContext, "of" | "threads">;

/** The state of processes whose messages have this domain. */
export function processes<M>(message: Domain<M>, slots: number, { scanPastFilter }: Variant): Processes<M> {
  const nothing = initialOf(message);
  const group: ProcessGroup<M> = perThread("proc", {
    call: oneOf("none", "send", "sendrec", "receive", "quantum", "memory"),
    sending: bool(),
    sendto: threadId,
    message,
    receiving: bool(),
    getfrom: threadId,
    replyPend: bool(),
    callers: queue(threadId),
    notified: queue(threadId),
    table: queue(record({ to: threadId, message, noReply: bool() }) as unknown as Domain<Slot<M>>, slots),
    filter: threadId,
    dead: bool(),
  });

  const willReceive = (k: Look, source: ThreadId, destination: ThreadId): boolean => {
    const to = k.of(group, destination);
    return to.receiving && !to.sending && (to.getfrom === nobody || to.getfrom === source) && to.filter !== source;
  };

  const deadlock = (k: Look, send: boolean, caller: ThreadId, peer: ThreadId): boolean => {
    let size = 1;
    let next = peer;
    let isClosed = false;
    // P_BLOCKEDON leads from process to process; ANY and processes that wait for nobody end the chain.
    while (!isClosed && next !== nobody && size <= k.threads.length) {
      const process = k.of(group, next);
      const sends = process.sending;
      size++;
      next = process.sending ? process.sendto : process.receiving ? process.getfrom : nobody;
      // Two processes of which one sends to the other, which receives from it, are about to meet.
      if (next === caller && size === 2 && sends !== send) return false;
      isClosed = next === caller;
    }
    return isClosed;
  };

  const notifier = (k: Look, me: ThreadId, from: ThreadId): ThreadId => {
    const { notified, filter } = k.of(group, me);
    if (from !== nobody) return notified.includes(from) && filter !== from ? from : nobody;
    if (notified.length > 0 && notified.at(0) !== filter) return notified.at(0);
    return scanPastFilter && notified.length > 1 ? notified.at(1) : nobody;
  };

  const slotFor = (k: Look, sender: ThreadId, me: ThreadId, replyPend: boolean): number => {
    const { table } = k.of(group, sender);
    let place = 0;
    while (place < table.length && (table.at(place).to !== me || (table.at(place).noReply && replyPend))) place++;
    return place;
  };
  const asyncSender = (k: Look, me: ThreadId, from: ThreadId, replyPend: boolean): ThreadId => {
    const { filter } = k.of(group, me);
    let found = nobody;
    for (const other of k.threads) {
      if (found === nobody && (from === nobody || from === other) && filter !== other && slotFor(k, other, me, replyPend) < k.of(group, other).table.length)
        found = other;
    }
    return found;
  };

  const caller = (k: Look, me: ThreadId, from: ThreadId): ThreadId => {
    const { callers, filter } = k.of(group, me);
    let place = 0;
    while (place < callers.length && ((from !== nobody && callers.at(place) !== from) || callers.at(place) === filter)) place++;
    return place < callers.length ? callers.at(place) : nobody;
  };

  const settle = (k: Pick<RuleContext, "of">, thread: ThreadId): void => {
    const me = k.of(group, thread);
    me.call = "none";
    me.sending = false;
    me.sendto = nobody;
    me.message = nothing;
    me.receiving = false;
    me.getfrom = nobody;
  };

  const setPending = (k: Pick<RuleContext, "of" | "threads">, destination: ThreadId, source: ThreadId): void => {
    const { notified } = k.of(group, destination);
    if (notified.includes(source)) return;
    let place = 0;
    let isBefore = true;
    for (const other of k.threads) {
      if (other === source) isBefore = false;
      if (isBefore && notified.includes(other)) place++;
    }
    notified.insert(place, source);
  };
  return { group, willReceive, deadlock, notifier, asyncSender, slotFor, caller, settle, setPending };
}
