/**
 * Steps that several operations of Fiasco.OC share (src/kern/thread-ipc.cpp, ipc_sender.cpp, prio_list.cpp): queueing by
 * priority, delivering, the life of a reply capability, and the receive phase.
 */
import {
  type Domain,
  initialOf,
  int,
  nobody,
  type ObjectRef,
  type Operation,
  type RuleContext,
  type StateContext,
  type StateGroup,
  type StateQueue,
  type ThreadId,
} from "../../model/language/index.ts";
import type { IpcArgs, IpcResult } from "./ipc.ts";
import { irq, replySlot, semaphore, type ThreadFields, threadsOf } from "./state.ts";
import { type TransferFields, transfersOf } from "./transfer.ts";

export interface SystemOptions<M> {
  readonly message: Domain<M>;
  /** Number of labels. */
  readonly labels: number;
  readonly atomic: boolean;
  /** Before commits 2c30ef80 and 2b86d97b: a caller that stops waiting leaves the right to reply to it behind. */
  readonly staleReplies: boolean;
  /** Before commit 83d385af: a cancelled thread stays in the queue of an unbound gate. */
  readonly staysAtGate: boolean;
  /** Before commit 6cc7ff2b: senders that came through a gate outlive it. */
  readonly lateSenders: boolean;
  /** A request of another CPU waits until its receiver would run. */
  readonly deferred: boolean;
  /** Messages may carry items, and sends to other CPUs are aborted there (transfer.ts). */
  readonly items: boolean;
  /** Before commit f72176b5: whoever aborts a send says too late that it waits for the end of the transfer. */
  readonly lateTransferFlag: boolean;
}

export type Looking = Pick<StateContext, "of" | "sameCpu">;
type Scheduling = Pick<StateContext, "of" | "objects" | "threads" | "sameCpu" | "priorityOf" | "isFinished">;
export type Acting = Pick<RuleContext, "of" | "objects" | "threads" | "priorityOf" | "sameCpu" | "completeOf" | "panic" | "terminate">;
export type Ipc<M> = Operation<IpcArgs<M>, IpcResult<M>>;

export interface System<M> extends SystemOptions<M> {
  readonly label: Domain<number>;
  readonly nothing: M;
  readonly tcb: StateGroup<"thread", ThreadFields<M>>;
  /** Part of the kernel with `items` only. */
  readonly transfers: StateGroup<"thread", TransferFields<M>>;
  near(k: Looking, a: ThreadId, b: ThreadId): boolean;
  /** Whether the scheduler of its CPU would run `thread`, if it were ready: nobody of higher priority is. */
  wouldRun(k: Scheduling, thread: ThreadId): boolean;
  /** Whether `receiver` takes a message of `sender` now. */
  accepts(k: Looking, receiver: ThreadId, sender: ThreadId, isReply: boolean): boolean;
  /** Ordered by priority, first come first served within one. */
  enqueue(k: Acting, line: StateQueue<ThreadId>, thread: ThreadId): void;
  /** Nothing is left of the thread's call. */
  settle(k: Acting, thread: ThreadId): void;
  /** The right to reply to `thread` is gone, wherever it lies. */
  forget(k: Acting, thread: ThreadId): void;
  /** Whether `thread` waits to send to another CPU, where its send would have to be aborted. */
  isFarSend(k: Looking, thread: ThreadId): boolean;
  isAborting(k: Looking, thread: ThreadId): boolean;
  /** Whether `thread` takes part in a transfer or aborts its send, and cannot leave the kernel now. */
  isEngaged(k: Looking, thread: ThreadId): boolean;
  /** do_kill: those who are queued are cancelled; the right to reply goes with the thread, and its caller waits on. */
  kill(k: Acting, thread: ThreadId): void;
  /** Whether `thread` is to be deleted when it leaves the kernel. */
  isDying(k: Looking, thread: ThreadId): boolean;
  /** A transfer in which `thread` received passively is over. */
  activate(k: Acting, thread: ThreadId): void;
  /** `receiver` has transferred the message of the sender that it had taken from its queue. */
  take(k: Acting, receiver: ThreadId): void;
  /** The send that `thread` wanted to abort had gone over. */
  endAbort(k: Acting, thread: ThreadId): void;
  /** Ends the call of a thread with an error; but one that aborts its send ends it itself. */
  fail(k: Acting, thread: ThreadId, error: "timeout" | "not-existent" | "cancelled", phase: "send" | "receive"): void;
  /** `receiver`, who waits, gets the message of `sender`, and the right to reply if that calls. */
  deliver(k: Acting, receiver: ThreadId, sender: ThreadId, label: number, message: M, isCall: boolean): void;
  /** Runs receive phases to their end, beginning with that of `first`. */
  receivePhase(k: Acting, first: ThreadId): void;
  /** An interrupt comes up: it is delivered, or queued at the thread. */
  hit(k: Acting, object: ObjectRef): void;
}

export function systemOf<M>(options: SystemOptions<M>, ipc: () => Ipc<M>): System<M> {
  const { message, labels, atomic, staleReplies, deferred, items } = options;
  const label = int(0, labels - 1);
  const tcb = threadsOf(message, label, items);
  const transfers = transfersOf(message, label);
  const nothing = initialOf(message);

  const near = (k: Looking, a: ThreadId, b: ThreadId): boolean => atomic || k.sameCpu(a, b);
  const isReady = (k: Scheduling, thread: ThreadId): boolean => {
    const { state, deleted } = k.of(tcb, thread);
    if (deleted || k.isFinished(thread) || (state !== "running" && state !== "sent")) return false;
    for (const each of k.objects(semaphore)) if (k.of(semaphore, each).waiters.includes(thread)) return false;
    return true;
  };
  const wouldRun = (k: Scheduling, thread: ThreadId): boolean => {
    if (deferred) {
      for (const each of k.threads) if (k.sameCpu(each, thread) && k.priorityOf(each) > k.priorityOf(thread) && isReady(k, each)) return false;
    }
    return true;
  };
  const accepts = (k: Looking, receiver: ThreadId, sender: ThreadId, isReply: boolean): boolean => {
    const me = k.of(tcb, receiver);
    if (me.state !== "receive-wait") return false;
    if (isReply && !staleReplies) return me.isCall && me.from === sender;
    return me.next === "open" || me.from === sender;
  };
  const enqueue = (k: Acting, line: StateQueue<ThreadId>, thread: ThreadId): void => {
    let place = line.length;
    while (place > 0 && k.priorityOf(line.at(place - 1)) < k.priorityOf(thread)) place--;
    line.insert(place, thread);
  };
  const clearSend = (k: Pick<RuleContext, "of">, thread: ThreadId): void => {
    const me = k.of(tcb, thread);
    me.partner = nobody;
    me.gate = -1;
    me.outgoing = nothing;
    me.label = 0;
    me.isReply = false;
    if (items) k.of(transfers, thread).items = false;
  };
  const isAborting = (k: Looking, thread: ThreadId): boolean => {
    if (items) return k.of(transfers, thread).abort !== "none";
    return false;
  };
  const isFarSend = (k: Looking, thread: ThreadId): boolean => {
    if (items) {
      const { state, partner } = k.of(tcb, thread);
      return (state === "send-wait" || state === "taken") && !isAborting(k, thread) && !near(k, thread, partner);
    }
    return false;
  };
  const isDying = (k: Looking, thread: ThreadId): boolean => {
    if (items) return k.of(transfers, thread).dying;
    return false;
  };
  const isEngaged = (k: Looking, thread: ThreadId): boolean => {
    if (items) {
      const { state } = k.of(tcb, thread);
      return isAborting(k, thread) || state === "transfers" || state === "transfer" || state === "taken" || state === "receives";
    }
    return false;
  };
  const settle = (k: Acting, thread: ThreadId): void => {
    const me = k.of(tcb, thread);
    clearSend(k, thread);
    me.state = "running";
    me.isCall = false;
    me.next = "none";
    me.from = nobody;
    me.receive = "infinite";
    me.slot = -1;
  };
  const forget = (k: Acting, thread: ThreadId): void => {
    for (const each of k.threads) if (k.of(tcb, each).caller === thread) k.of(tcb, each).caller = nobody;
    for (const each of k.objects(replySlot)) if (k.of(replySlot, each).caller === thread) k.of(replySlot, each).caller = nobody;
  };
  const fail = (k: Acting, thread: ThreadId, error: "timeout" | "not-existent" | "cancelled", phase: "send" | "receive"): void => {
    if (!isAborting(k, thread)) {
      if (!staleReplies) forget(k, thread);
      settle(k, thread);
      if (isDying(k, thread)) k.of(tcb, thread).state = "received";
      else k.completeOf(ipc(), thread, { label: 0, message: nothing, error, phase });
    }
  };
  /** The call of `thread` ends with a message; one that aborts its send will find it. */
  const end = (k: Acting, thread: ThreadId, by: number, value: M): void => {
    settle(k, thread);
    if (isAborting(k, thread)) {
      k.of(tcb, thread).state = "received";
      k.of(transfers, thread).label = by;
      k.of(transfers, thread).message = value;
    } else if (isDying(k, thread)) {
      k.of(tcb, thread).state = "received";
    } else {
      k.completeOf(ipc(), thread, { label: by, message: value, error: "none", phase: "none" });
    }
  };
  const deliver = (k: Acting, receiver: ThreadId, sender: ThreadId, by: number, value: M, isCall: boolean): void => {
    const me = k.of(tcb, receiver);
    if (me.isCall) forget(k, receiver);
    if (isCall && me.next === "open") {
      if (me.slot < 0) me.caller = sender;
      else for (const each of k.objects(replySlot)) if (each.index === me.slot) k.of(replySlot, each).caller = sender;
    }
    end(k, receiver, by, value);
  };
  /** The IRQ object or thread that a receive phase takes: the first of all, or the one that it names. */
  const eligible = (k: Acting, receiver: ThreadId): ThreadId => {
    const me = k.of(tcb, receiver);
    if (me.next === "open") return me.senders.length > 0 ? me.senders.at(0) : nobody;
    return me.senders.includes(me.from) ? me.from : nobody;
  };
  const takeIrq = (k: Acting, receiver: ThreadId): void => {
    const number = k.of(tcb, receiver).irqs.shift();
    settle(k, receiver);
    for (const each of k.objects(irq)) {
      if (each.index !== number) continue;
      k.of(irq, each).queued = false;
      k.completeOf(ipc(), receiver, { label: k.of(irq, each).label, message: nothing, error: "none", phase: "none" });
    }
  };
  const receivePhase = (k: Acting, first: ThreadId): void => {
    let receiver = first;
    while (receiver !== nobody) {
      const me = k.of(tcb, receiver);
      if (isDying(k, receiver)) {
        settle(k, receiver);
        me.state = "received";
        return;
      }
      if (me.next === "none") {
        settle(k, receiver);
        k.completeOf(ipc(), receiver, { label: 0, message: nothing, error: "none", phase: "none" });
        return;
      }
      if (me.next === "open" && me.irqs.length > 0) {
        takeIrq(k, receiver);
        return;
      }
      const sender = eligible(k, receiver);
      if (sender === nobody) {
        if (me.receive === "zero") fail(k, receiver, "timeout", "receive");
        else me.state = "receive-wait";
        return;
      }
      const other = k.of(tcb, sender);
      const { label: by, outgoing: value, isCall } = other;
      me.senders.remove(sender);
      if (items) {
        if (k.of(transfers, sender).items && !near(k, sender, receiver)) {
          other.state = "taken";
          me.state = "receives";
          me.partner = sender;
          return;
        }
      }
      deliver(k, receiver, sender, by, value, isCall);
      clearSend(k, sender);
      // A caller waits for its reply before the receiver can run; who only sends is told on its own CPU.
      if (!isCall && !near(k, sender, receiver)) {
        other.state = "sent";
        return;
      }
      receiver = sender;
    }
  };
  const activate = (k: Acting, thread: ThreadId): void => {
    if (items) {
      if (k.of(transfers, thread).abort === "waiting") k.of(transfers, thread).abort = "none";
    }
  };
  const take = (k: Acting, receiver: ThreadId): void => {
    const sender = k.of(tcb, receiver).partner;
    const other = k.of(tcb, sender);
    const { label: by, outgoing: value, isCall } = other;
    deliver(k, receiver, sender, by, value, isCall);
    clearSend(k, sender);
    activate(k, sender);
    if (isAborting(k, sender)) other.state = other.next === "none" ? "sent" : "receive-wait";
    else if (isCall) receivePhase(k, sender);
    else other.state = "sent";
  };
  const endAbort = (k: Acting, thread: ThreadId): void => {
    const { state } = k.of(tcb, thread);
    const mine = k.of(transfers, thread);
    mine.abort = "none";
    if (state === "received") {
      const { label: by, message: value } = mine;
      mine.label = 0;
      mine.message = nothing;
      end(k, thread, by, value);
    } else if (state === "receive-wait") {
      receivePhase(k, thread);
    }
  };
  const kill = (k: Acting, thread: ThreadId): void => {
    const target = k.of(tcb, thread);
    if (target.state === "send-wait") k.of(tcb, target.partner).senders.remove(thread);
    while (target.senders.length > 0) fail(k, target.senders.shift(), "cancelled", "send");
    while (target.irqs.length > 0) target.irqs.shift();
    for (const each of k.objects(irq)) {
      if (k.of(irq, each).thread !== thread) continue;
      k.of(irq, each).thread = nobody;
      k.of(irq, each).queued = false;
    }
    forget(k, thread);
    target.caller = nobody;
    settle(k, thread);
    target.deleted = true;
    k.terminate(thread);
  };
  const hit = (k: Acting, object: ObjectRef): void => {
    const line = k.of(irq, object);
    const { thread } = line;
    const me = k.of(tcb, thread);
    if (me.state === "receive-wait" && me.next === "open") {
      end(k, thread, line.label, nothing);
    } else {
      line.queued = true;
      me.irqs.push(object.index);
    }
  };
  const ends = { settle, forget, fail, deliver, receivePhase, hit };
  return {
    ...options,
    label,
    nothing,
    tcb,
    transfers,
    near,
    wouldRun,
    accepts,
    enqueue,
    ...ends,
    isFarSend,
    isAborting,
    isEngaged,
    activate,
    take,
    endAbort,
    kill,
    isDying,
  };
}
