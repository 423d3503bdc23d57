/**
 * The executable string transfer of L4: copying with page faults in the middle (L4Ka::Pistachio, ipc.cc and space.cc:
 * handle_xfer_timeouts, the tunnelled page fault).
 *
 * A page fault is a system call that the kernel makes for the thread: a message to its pager and an answer from it, with the
 * transfer nested around it. Unwinding takes both apart.
 */
import type { Timeout } from "../../model/language/domain.ts";
import { OutOfRange } from "../../model/language/operation.ts";
import type { IpcPath } from "./path-ipc.ts";
import type { IpcError, Tcb, Tcbs } from "./tcb.ts";

interface Partners {
  readonly sender: Tcb;
  readonly receiver: Tcb;
}

export class StringTransfer {
  readonly #tcbs: Tcbs;
  readonly #ipc: IpcPath;

  constructor(tcbs: Tcbs, ipc: IpcPath) {
    this.#tcbs = tcbs;
    this.#ipc = ipc;
  }

  /** The partners of a transfer that `me` takes part in; null: it takes part in none. */
  partners(me: Tcb): Partners | null {
    if (!this.#tcbs.hasStrings) return null;
    const other = me.partner;
    if (other === null) return null;
    switch (me.state) {
      case "tunneled-fault":
        return { sender: me, receiver: other };
      case "locked-waiting":
        return { sender: other, receiver: me };
      case "fault-polling":
      case "fault-waiting":
        return other.state === "tunneled-fault" ? { sender: other, receiver: me } : { sender: me, receiver: other };
      default:
        return null;
    }
  }

  /** Starts to copy the string of `sender` into the buffer of `receiver`; true if that is done. */
  begin(sender: Tcb, receiver: Tcb): boolean {
    if (receiver.buffer === "none") {
      this.#ipc.end(receiver, "overflow", "receive");
      this.#ipc.end(sender, "overflow", "send");
      return false;
    }
    sender.partner = receiver;
    return this.#proceed({ sender, receiver });
  }

  /** Copies until a page is missing, first of the sender's, then of the receiver's; true if the whole string has been copied. */
  #proceed({ sender, receiver }: Partners): boolean {
    const inSource = sender.string === "absent";
    if (!inSource && receiver.buffer !== "absent") {
      this.#ipc.deliver(sender, receiver, sender.outgoing);
      this.#ipc.finishSend(sender);
      return true;
    }
    if (this.#limit(sender, receiver, inSource) === "zero") {
      this.#ipc.end(receiver, inSource ? "partner-timeout" : "transfer-timeout", "receive");
      this.#ipc.end(sender, inSource ? "transfer-timeout" : "partner-timeout", "send");
      return false;
    }
    receiver.partner = sender;
    if (inSource) receiver.state = "locked-waiting";
    else sender.state = "tunneled-fault";
    this.#ipc.disturb(receiver);
    this.#ipc.disturb(sender);
    this.#fault(inSource ? sender : receiver);
    return false;
  }

  /** How long a page fault may take: X.2 asks both partners, V2 the one who does not choose the pager. */
  #limit(sender: Tcb, receiver: Tcb, inSource: boolean): Timeout {
    if (this.#tcbs.build.strings === "v2") return (inSource ? receiver : sender).transfer;
    const limits = [sender.transfer, receiver.transfer];
    return limits.includes("zero") ? "zero" : limits.includes("finite") ? "finite" : "infinite";
  }

  /** Sends the page fault of `me`. */
  #fault(me: Tcb): void {
    const { pager } = me;
    if (pager === null) throw new OutOfRange("the state of nobody is looked at");
    if (pager.state === "waiting" && this.#tcbs.isReadyFor(pager, me, null)) {
      this.tellPager(me, pager);
      return;
    }
    me.state = "fault-polling";
    if (!pager.deleted) pager.sendQueue.enqueue(me);
  }

  /** The pager takes the page fault of `me`, which waits for its answer. */
  tellPager(me: Tcb, pager: Tcb): void {
    this.#ipc.deliver(me, pager, this.#tcbs.nothing);
    me.state = "fault-waiting";
  }

  /** The pager of `me` has answered; the sender of the string, if that can begin its receive phase here. */
  resume(me: Tcb): Tcb | null {
    const partners = this.partners(me);
    if (partners === null) throw new Error(`${me.name} has no transfer to go on with`);
    const { sender, receiver } = partners;
    if (me === sender) sender.string = "mapped";
    else receiver.buffer = "mapped";
    return this.#proceed(partners) && this.#ipc.near(sender, receiver) ? sender : null;
  }

  /** Whether `me` sleeps with a transfer timer: it waits for its partner's page, which may not take for ever. */
  isTimed(me: Tcb): boolean {
    const { state, partner } = me;
    if (partner === null) return false;
    return (state === "tunneled-fault" ? this.#limit(me, partner, false) : this.#limit(partner, me, true)) === "finite";
  }

  /** Rules (strings.ts): "transfer timer fires in the source", "transfer timer fires in the buffer". After ipc.cc. */
  expire(me: Tcb): string {
    const inSource = me.state === "locked-waiting";
    this.abort(me, inSource ? "transfer-timeout" : "partner-timeout", inSource ? "partner-timeout" : "transfer-timeout");
    return inSource ? "transfer timer fires in the source" : "transfer timer fires in the buffer";
  }

  /** Takes a fault that polls at a pager back. */
  #withdraw(me: Tcb): void {
    if (me.state === "fault-polling" && me.pager?.sendQueue.has(me) === true) me.pager.sendQueue.remove(me);
  }

  /** Ends the transfer that `me` takes part in, with an error for its sender and one for its receiver. */
  abort(me: Tcb, sending: IpcError, receiving: IpcError): void {
    const partners = this.partners(me);
    if (partners === null) return;
    const { sender, receiver } = partners;
    this.#withdraw(sender);
    this.#withdraw(receiver);
    this.#ipc.end(receiver, receiving, "receive");
    this.#ipc.end(sender, sending, "send");
  }

  /** `me` is deleted: its partner finds the transfer aborted. */
  leave(me: Tcb): void {
    const partners = this.partners(me);
    if (partners === null) return;
    this.#withdraw(me);
    const isSender = partners.sender === me;
    const other = isSender ? partners.receiver : partners.sender;
    this.#withdraw(other);
    this.#ipc.end(other, "aborted", isSender ? "receive" : "send");
  }
}
