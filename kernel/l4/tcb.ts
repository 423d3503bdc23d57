/**
 * What the executable L4 kernel keeps of a thread, after L4Ka::Pistachio's TCB: state, partner, a FIFO send queue linked
 * through the blocks of the senders, and message registers.
 */
import { bool, type Domain, nobody, oneOf, type ThreadHandle, type Timeout, timeout } from "../../model/language/domain.ts";
import type { KernelHost } from "../common/path.ts";
import type { List, ListNode } from "../common/lists.ts";
import { type KernelRecord, layout, link, links, list } from "../common/records.ts";
import { initialValue } from "../common/words.ts";

export type State = "running" | "requested" | "polling" | "sent" | "waiting";
export type IpcError = "none" | "timeout" | "non-existing" | "cancelled";
export type Phase = "none" | "send" | "receive";
export type ReceivePhase = "none" | "open" | "closed";

interface Block {
  state: State;
  /** The receiver of a send under way. */
  partner: Tcb | null;
  /** The receive phase of the call under way, and from whom and how long it takes a message. */
  next: ReceivePhase;
  from: Tcb | null;
  receive: Timeout;
  /** Message registers: those that the thread sends, and those that it has been sent, with the sender. */
  outgoing: unknown;
  incoming: unknown;
  sender: Tcb | null;
  /** How the call has ended, for the thread to find: the error, and the phase that it ended. */
  error: IpcError;
  phase: Phase;
  deleted: boolean;
  /** Threads that poll on this one, oldest first, and the place of this one among those that poll on another. */
  readonly sendQueue: List<Tcb>;
  readonly links: ListNode;
}
export type Tcb = Block & KernelRecord;

/** All TCBs of a protocol, and what can be said about them. */
export class Tcbs {
  readonly all: readonly Tcb[];
  readonly #threads: readonly ThreadHandle[];
  readonly #numbers: ReadonlyMap<Tcb, number>;
  readonly #nothing: unknown;

  constructor(host: KernelHost, message: Domain) {
    this.#threads = host.threads;
    this.#nothing = initialValue(message);
    this.all = host.perThread(
      layout<Block>("tcb", {
        state: oneOf("running", "requested", "polling", "sent", "waiting"),
        partner: link<Tcb>(),
        next: oneOf("none", "open", "closed"),
        from: link<Tcb>(),
        receive: timeout,
        outgoing: message,
        incoming: message,
        sender: link<Tcb>(),
        error: oneOf("none", "timeout", "non-existing", "cancelled"),
        phase: oneOf("none", "send", "receive"),
        deleted: bool(),
        sendQueue: list<Tcb>("links", "send queue"),
        links: links(),
      }),
    );
    this.#numbers = new Map(this.all.map((tcb, thread) => [tcb, thread]));
  }

  numberOf(tcb: Tcb): number {
    return this.#numbers.get(tcb) ?? -1;
  }

  threadOf(tcb: Tcb | null): unknown {
    return tcb === null ? nobody : this.#threads[this.numberOf(tcb)];
  }

  /** The call of `me` is over, or its thread is gone. */
  reset(me: Tcb): void {
    me.state = "running";
    me.next = "none";
    me.from = null;
    me.receive = "infinite";
    this.clearSend(me);
  }

  /** Nothing is left of the send phase. */
  clearSend(me: Tcb): void {
    me.partner = null;
    me.outgoing = this.#nothing;
  }

  /** Whether `me` can take a message from `sender` now. */
  isReadyFor(me: Tcb, sender: Tcb): boolean {
    return me.state === "waiting" && (me.next === "open" || me.from === sender);
  }

  /** The sender that the receive phase of `me` takes: the head of the queue, or the one that it names. */
  eligibleSender(me: Tcb): Tcb | null {
    if (me.next === "open") return me.sendQueue.head;
    const { from } = me;
    return from !== null && me.sendQueue.has(from) ? from : null;
  }
}
