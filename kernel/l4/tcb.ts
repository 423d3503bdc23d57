/**
 * Thread control blocks of the executable L4 kernel, after L4Ka::Pistachio: state, partner, a FIFO send queue linked
 * through the blocks of the senders, and message registers.
 */
import type { ThreadHandle } from "../../model/language/domain.ts";
import { Queue, type Queued } from "../common/queue.ts";

export type State = "running" | "requested" | "polling" | "sent" | "waiting";
type ReceivePhase = "none" | "open" | "closed";

export class Tcb implements Queued {
  readonly thread: ThreadHandle;
  readonly cpu: number;
  /** Threads that poll on this one, oldest first. */
  readonly sendQueue: Queue<Tcb>;
  links: Queued["links"] = null;
  state: State = "running";
  /** The receiver of a send under way. */
  partner: Tcb | null = null;
  /** The receive phase of the call under way, and from whom and how long it takes a message. */
  next: ReceivePhase = "none";
  from: Tcb | null = null;
  receive = "infinite";
  /** Message registers: written by the thread before a send, by the sender in a transfer. */
  registers: readonly number[];
  /** Who sent what stands in the registers. */
  sender: Tcb | null = null;
  /** Set by ExchangeRegisters before it wakes the thread. */
  cancelled = false;
  deleted = false;
  readonly #emptyRegisters: readonly number[];

  constructor(thread: ThreadHandle, cpu: number, emptyRegisters: readonly number[]) {
    this.thread = thread;
    this.cpu = cpu;
    this.sendQueue = new Queue(`send queue of ${thread.name}`);
    this.registers = emptyRegisters;
    this.#emptyRegisters = emptyRegisters;
  }

  /** The call is over, or its thread is gone. */
  reset(): void {
    this.state = "running";
    this.next = "none";
    this.from = null;
    this.receive = "infinite";
    this.clearSend();
  }

  /** Nothing is left of the send phase. */
  clearSend(): void {
    this.partner = null;
    this.registers = this.#emptyRegisters;
  }

  /** Whether a message from `sender` can be taken now. */
  isReadyFor(sender: Tcb): boolean {
    return this.state === "waiting" && (this.next === "open" || this.from === sender);
  }

  /** The sender that the receive phase takes: the head of the queue, or the one that it names. */
  eligibleSender(): Tcb | null {
    if (this.next === "open") return this.sendQueue.head;
    return this.from !== null && this.sendQueue.has(this.from) ? this.from : null;
  }
}
