/**
 * The executable transfer of messages with items between CPUs, in the context of the sender or of the receiver, and the abort of
 * a send on the receiver's CPU. After thread-ipc.cpp (do_ipc, ipc_send_msg, abort_send) and receiver.cpp (handle_remote_abort_send).
 */
import { commit, type KernelHost, type KernelPoint, pause, type Resumption, visit } from "../common/path.ts";
import type { Objects, Thread } from "./objects.ts";

/** What it uses of the IPC path. */
export interface Ends {
  isNear(a: Thread, b: Thread): boolean;
  transfer(receiver: Thread, sender: Thread, label: number, message: unknown, isCall: boolean): void;
  clearSend(thread: Thread): void;
  receive(thread: Thread): void;
  end(thread: Thread, label: number, message: unknown): void;
  fail(thread: Thread, error: "timeout" | "cancelled", phase: "send"): void;
  wake(thread: Thread): void;
}

export class TransferPath {
  /** Whether messages may carry items. */
  readonly isOn: boolean;
  readonly #setsLate: boolean;
  readonly #host: KernelHost;
  readonly #objects: Objects;
  readonly #ipc: Ends;

  constructor(host: KernelHost, objects: Objects, ipc: Ends) {
    const { options } = host.instance.protocol.kernel;
    this.isOn = options["items"] === true;
    this.#setsLate = options["lateTransferFlag"] === true;
    this.#host = host;
    this.#objects = objects;
    this.#ipc = ipc;
  }

  isAborting(thread: Thread): boolean {
    return this.isOn && thread.abort !== "none";
  }
  /** It has asked the other CPU, or has yet to do something with the answer. */
  hasToGoOn(thread: Thread): boolean {
    return this.isAborting(thread) && thread.abort !== "waiting";
  }
  /** It waits to send to another CPU, and can only be taken back there. */
  isFar(thread: Thread): boolean {
    if (!this.isOn || thread.abort !== "none" || thread.partner === null) return false;
    return (thread.state === "send-wait" || thread.state === "taken") && !this.#ipc.isNear(thread, thread.partner);
  }
  /** It is to take its send back, on the receiver's CPU. */
  ask(thread: Thread, why: "cancelled" | "timeout"): void {
    thread.asks = thread.partner;
    thread.abort = why;
  }
  /** It cannot leave the kernel now. */
  isEngaged(thread: Thread): boolean {
    return this.isOn && (this.isAborting(thread) || ["transfers", "transfer", "taken", "receives"].includes(thread.state));
  }

  /** A message for a thread that aborts its send: it is found when the abort is over. */
  hold(thread: Thread, label: number, message: unknown): void {
    thread.state = "received";
    thread.heldLabel = label;
    thread.heldMessage = message;
  }

  /** remote_ipc_send with items: the receiver is prepared, the rest is the sender's. Rules (transfer.ts): "remote check: handshake". */
  prepare(sender: Thread, receiver: Thread): string {
    sender.state = "transfers";
    receiver.state = "transfer";
    // It sleeps on, but without its timer.
    this.#ipc.wake(receiver);
    return "remote check: handshake";
  }
  /** The receiver takes a queued sender of another CPU; it has left the queue. */
  begin(receiver: Thread, sender: Thread): void {
    sender.state = "taken";
    receiver.state = "receives";
    receiver.partner = sender;
  }
  /** The end of a transfer clears the flag, whoever has set it. */
  clearFlag(thread: Thread): void {
    if (this.isOn && thread.abort === "waiting") thread.abort = "none";
  }

  /** The sender's transfer, on its own CPU. Rules (transfer.ts): "transfer the items". */
  *push(me: Thread): Generator<KernelPoint, void, Resumption> {
    yield pause;
    const to = me.partner as Thread;
    const { label, outgoing, isCall } = me;
    this.clearFlag(to);
    this.#ipc.transfer(to, me, label, outgoing, isCall);
    this.#ipc.clearSend(me);
    this.#ipc.receive(me);
    yield commit("transfer the items");
  }

  /** The receiver's transfer from the sender that it has taken. Rules (transfer.ts): "receive the items". */
  *pull(me: Thread): Generator<KernelPoint, void, Resumption> {
    yield pause;
    const sender = me.partner as Thread;
    const { label, outgoing, isCall } = sender;
    this.#ipc.transfer(me, sender, label, outgoing, isCall);
    this.#ipc.clearSend(sender);
    this.clearFlag(sender);
    if (sender.abort !== "none") {
      sender.state = sender.next === "none" ? "sent" : "receive-wait";
    } else {
      this.#ipc.wake(sender);
      if (isCall) this.#ipc.receive(sender);
      else sender.state = "sent";
    }
    yield commit("receive the items");
  }

  /**
   * abort_send to another CPU. Rules (transfer.ts): "remote abort: dequeued", "remote abort: in progress", "remote abort: done", "set the
   * transfer flag".
   */
  *abort(me: Thread): Generator<KernelPoint, void, Resumption> {
    if (me.abort !== "told") {
      yield visit(this.#host.cpuOf(this.#objects.numberOf(me.asks)));
      yield commit(this.#answer(me));
    } else {
      yield pause;
      me.abort = "waiting";
      yield commit("set the transfer flag");
    }
  }
  #answer(me: Thread): string {
    if (me.state === "taken") {
      me.asks = null;
      me.abort = this.#setsLate ? "told" : "waiting";
      return "remote abort: in progress";
    }
    const error = me.abort === "timeout" ? "timeout" : "cancelled";
    me.asks = null;
    me.abort = "none";
    if (me.state === "send-wait") {
      const line = me.partner?.senders;
      if (line?.has(me) === true) line.remove(me);
      this.#ipc.fail(me, error, "send");
      return "remote abort: dequeued";
    }
    if (me.state === "received") {
      const { heldLabel, heldMessage } = me;
      me.heldLabel = 0;
      me.heldMessage = this.#objects.nothing;
      this.#ipc.end(me, heldLabel, heldMessage);
    } else if (me.state === "receive-wait") {
      this.#ipc.receive(me);
    }
    return "remote abort: done";
  }

  /** The thread is to be deleted, and ends when it leaves the kernel. Rules (objects-rules.ts): "delete a thread in a transfer". */
  condemn(thread: Thread): string {
    thread.dying = true;
    return "delete a thread in a transfer";
  }
  /** It has left all transfers, and the kernel only in order to end. */
  isEnding(thread: Thread): boolean {
    return this.isOn && thread.dying && !this.isEngaged(thread);
  }
}
