/**
 * String items: memory that is copied from the sender's space to the receiver's, with page faults in the middle (X.2 manual,
 * sections on StringItem and page fault protocol; L4Ka::Pistachio's ipc.cc and space.cc). A fault is a message to the pager
 * of the thread whose memory is absent, and the pager's answer; a fault in the receiver's buffer is tunnelled: the receiver
 * asks its pager, and the sender waits for it. Transfer timeouts of both partners bound that, or abort the transfer at once.
 * Their timer is here that of the partner who waits, so that it fires also if the one who faults has stopped for ever.
 *
 * The copy itself is part of the step that makes it possible: kernel code does not stop half way for another reason.
 */
import { nobody, type Rule, type RuleContext, type StateContext, type ThreadId, type Timeout, type Wait } from "../../model/language/index.ts";
import type { Waker } from "../../model/language/kernel.ts";
import type { IpcError } from "./index.ts";
import type { Ends, IpcArguments, IpcResult } from "./rules.ts";
import type { System } from "./state.ts";

type Acting = Pick<RuleContext, "of" | "threads" | "sameCpu" | "priorityOf" | "completeOf">;

export interface Strings<M> {
  readonly rules: Readonly<Record<string, Rule<IpcArguments<M>, IpcResult<M>>>>;
  readonly waits: Readonly<Record<string, Wait<IpcArguments<M>>>>;
  /** Copies the string of `sender` to `receiver`; false: it has come to nothing, or waits for a pager. */
  copy(k: Acting, sender: ThreadId, receiver: ThreadId): boolean;
  /** The pager of `thread` takes its page fault out of the queue. */
  takeFault(k: Acting, thread: ThreadId, pager: ThreadId): void;
  /** The page of `thread` is there now, and the copy can go on: its sender. */
  resume(k: Acting, thread: ThreadId): ThreadId;
  isInTransfer(k: Pick<StateContext, "of">, thread: ThreadId): boolean;
  /** Ends the transfer that `thread` takes part in, for both partners, with these errors. */
  abort(k: Acting, sender: ThreadId, senderError: IpcError, receiverError: IpcError): void;
  /** `thread` is deleted: its partner's transfer is aborted. */
  release(k: Acting, thread: ThreadId): void;
  /** The sender of the string that `thread` sends or receives. */
  senderOf(k: Pick<StateContext, "of">, thread: ThreadId): ThreadId;
}

export function stringsOf<M>(system: System<M>, { fail, deliver }: Ends<M>): Strings<M> {
  const { tcb, accepts, strings } = system;

  /** How long a fault may take. In V2 a thread trusts its own pager, and bounds the time that its partner's may take. */
  const limit = (k: Pick<StateContext, "of">, sender: ThreadId, receiver: ThreadId, inBuffer: boolean): Timeout => {
    const mine = k.of(tcb, sender).transfer;
    const other = k.of(tcb, receiver).transfer;
    if (strings === "v2") return inBuffer ? mine : other;
    if (mine === "zero" || other === "zero") return "zero";
    return mine === "infinite" && other === "infinite" ? "infinite" : "finite";
  };
  /** The page fault message: to the pager if it waits for it, else into its queue. */
  const fault = (k: Acting, thread: ThreadId): void => {
    const { pager } = k.of(tcb, thread);
    if (k.of(tcb, pager).state === "waiting" && accepts(k, pager, thread, nobody)) {
      takeFault(k, thread, pager);
    } else {
      k.of(tcb, thread).state = "fault-polling";
      if (!k.of(tcb, pager).deleted) k.of(tcb, pager).senders.push(thread);
    }
  };
  const takeFault = (k: Acting, thread: ThreadId, pager: ThreadId): void => {
    deliver(k, pager, thread, nobody, system.nothing);
    k.of(tcb, thread).state = "fault-waiting";
  };
  const leavePager = (k: Acting, thread: ThreadId): void => {
    if (k.of(tcb, thread).state === "fault-polling") k.of(tcb, k.of(tcb, thread).pager).senders.remove(thread);
  };
  const abort = (k: Acting, sender: ThreadId, senderError: IpcError, receiverError: IpcError): void => {
    const receiver = k.of(tcb, sender).partner;
    leavePager(k, sender);
    leavePager(k, receiver);
    fail(k, receiver, receiverError, "receive");
    fail(k, sender, senderError, "send");
  };
  const copy = (k: Acting, sender: ThreadId, receiver: ThreadId): boolean => {
    const me = k.of(tcb, sender);
    const other = k.of(tcb, receiver);
    if (me.string === "mapped" && other.buffer === "mapped") return true;
    const inBuffer = me.string === "mapped";
    me.partner = receiver;
    if (other.buffer === "none" || limit(k, sender, receiver, inBuffer) === "zero") {
      const mine: IpcError = other.buffer === "none" ? "overflow" : inBuffer ? "partner-timeout" : "transfer-timeout";
      const theirs: IpcError = other.buffer === "none" ? "overflow" : inBuffer ? "transfer-timeout" : "partner-timeout";
      abort(k, sender, mine, theirs);
    } else {
      other.partner = sender;
      me.state = "tunneled-fault";
      other.state = "locked-waiting";
      fault(k, inBuffer ? receiver : sender);
    }
    return false;
  };
  const isSender = (k: Pick<StateContext, "of">, thread: ThreadId): boolean => {
    const me = k.of(tcb, thread);
    return me.state === "tunneled-fault" || (me.state !== "locked-waiting" && k.of(tcb, me.partner).state === "locked-waiting");
  };
  const senderOf = (k: Pick<StateContext, "of">, thread: ThreadId): ThreadId => (isSender(k, thread) ? thread : k.of(tcb, thread).partner);
  const release = (k: Acting, thread: ThreadId): void => {
    const partner = k.of(tcb, thread).partner;
    leavePager(k, thread);
    leavePager(k, partner);
    fail(k, partner, "aborted", isSender(k, thread) ? "receive" : "send");
  };
  const resume = (k: Acting, thread: ThreadId): ThreadId => {
    const sender = senderOf(k, thread);
    if (sender === thread) k.of(tcb, thread).string = "mapped";
    else k.of(tcb, thread).buffer = "mapped";
    k.of(tcb, thread).state = "locked-waiting";
    return sender;
  };
  const isInTransfer = (k: Pick<StateContext, "of">, thread: ThreadId): boolean => {
    const { state } = k.of(tcb, thread);
    return state === "locked-waiting" || state === "tunneled-fault" || state === "fault-polling" || state === "fault-waiting";
  };
  /** Who can end a fault: the pager that is asked, the other partner's timer, and who ends IPCs and threads. */
  const mayEnd = (k: StateContext, asks: ThreadId, other: ThreadId): boolean => {
    const { pager, partner } = k.of(tcb, asks);
    if (other === pager) return true;
    const inSource = isSender(k, asks);
    const expires = limit(k, inSource ? asks : partner, inSource ? partner : asks, !inSource) === "finite";
    return expires && (other === asks || other === partner);
  };
  const wakers = (asks: "self" | "partner"): readonly Waker<IpcArguments<M>>[] => [
    { by: ["ipc"], when: (k, other) => mayEnd(k, asks === "self" ? k.self : k.of(tcb, k.self).partner, other) },
    { by: ["cancel", "exchange", "delete"] },
  ];

  return {
    copy,
    takeFault,
    resume,
    isInTransfer,
    abort,
    release,
    senderOf,
    rules: {
      "transfer timer fires in the source": {
        timer: true,
        when: (k) => k.of(tcb, k.self).state === "locked-waiting" && limit(k, k.of(tcb, k.self).partner, k.self, false) === "finite",
        do: (k) => abort(k, k.of(tcb, k.self).partner, "transfer-timeout", "partner-timeout"),
      },
      "transfer timer fires in the buffer": {
        timer: true,
        when: (k) => k.of(tcb, k.self).state === "tunneled-fault" && limit(k, k.self, k.of(tcb, k.self).partner, true) === "finite",
        do: (k) => abort(k, k.self, "partner-timeout", "transfer-timeout"),
      },
    },
    waits: {
      "fault polling": {
        when: (k) => k.of(tcb, k.self).state === "fault-polling",
        says: "polling with a page fault at its pager",
        kind: "pager",
        wakers: wakers("self"),
      },
      "fault waiting": {
        when: (k) => k.of(tcb, k.self).state === "fault-waiting",
        says: "waiting for its pager (page fault)",
        kind: "pager",
        wakers: wakers("self"),
      },
      tunnelled: {
        when: (k) => k.of(tcb, k.self).state === "tunneled-fault",
        says: "waiting_tunneled_pf (a page fault in its partner's buffer)",
        kind: "pager",
        wakers: wakers("partner"),
      },
      "locked waiting": {
        when: (k) => k.of(tcb, k.self).state === "locked-waiting",
        says: "locked_waiting (a page fault in its partner's string)",
        kind: "pager",
        wakers: wakers("partner"),
      },
    },
  };
}
