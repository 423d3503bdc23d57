/**
 * The process table of the executable MINIX kernel (minix/kernel/proc.h, priv.h): runtime flags, the saved message of a
 * sender, the buffer that a message is delivered from, the queue of callers, the bits of pending notifications, and the
 * slots of the table of asynchronous messages.
 */
import { array, bool, type Domain, type DomainShape, nobody, oneOf } from "../../model/language/domain.ts";
import { OutOfRange } from "../../model/language/operation.ts";
import type { List, ListNode } from "../common/lists.ts";
import type { KernelHost } from "../common/path.ts";
import { type KernelRecord, layout, link, links, list } from "../common/records.ts";
import { initialValue } from "../common/words.ts";

export type Result = "none" | "ELOCKED" | "EDEADSRCDST";
export type Status = "SEND" | "SENDREC" | "SENDNB" | "SENDA" | "NOTIFY";

interface SlotBlock {
  to: Proc | null;
  message: unknown;
  noReply: boolean;
  readonly links: ListNode;
}
export type Slot = SlotBlock & KernelRecord;

interface ProcBlock {
  call: "none" | "send" | "sendrec" | "receive" | "quantum" | "memory";
  sending: boolean;
  sendto: Proc | null;
  saved: unknown;
  receiving: boolean;
  /** Null: ANY. */
  getfrom: Proc | null;
  replyPend: boolean;
  readonly callers: List<Proc>;
  /** Its place among the callers of another process. */
  readonly queueing: ListNode;
  /** By the number of the process that has notified. */
  pending: readonly boolean[];
  readonly table: List<Slot>;
  readonly free: List<Slot>;
  filter: Proc | null;
  dead: boolean;
  /** How its call ended, and what was delivered. */
  result: Result;
  source: Proc | null;
  delivered: unknown;
  status: Status;
}
export type Proc = ProcBlock & KernelRecord;

/** All processes, and what is done to them in more than one call. */
export class ProcessTable {
  readonly all: readonly Proc[];
  readonly nothing: unknown;
  readonly #threads: KernelHost["threads"];
  readonly #numbers: ReadonlyMap<Proc, number>;

  constructor(host: KernelHost, message: DomainShape, slots: number) {
    this.#threads = host.threads;
    this.nothing = initialValue(message);
    this.all = host.perThread(
      layout<ProcBlock>("proc", {
        call: oneOf("none", "send", "sendrec", "receive", "quantum", "memory"),
        sending: bool(),
        sendto: link<Proc>(),
        saved: message as Domain,
        receiving: bool(),
        getfrom: link<Proc>(),
        replyPend: bool(),
        callers: list<Proc>("queueing", "callers"),
        queueing: links(),
        pending: array(host.threads.length, bool()),
        table: list<Slot>("links", "asynchronous messages"),
        free: list<Slot>("links", "free slots"),
        filter: link<Proc>(),
        dead: bool(),
        result: oneOf("none", "ELOCKED", "EDEADSRCDST"),
        source: link<Proc>(),
        delivered: message as Domain,
        status: oneOf("SEND", "SENDREC", "SENDNB", "SENDA", "NOTIFY"),
      }),
    );
    this.#numbers = new Map(this.all.map((proc, number) => [proc, number]));
    const slot = layout<SlotBlock>("slot", { to: link<Proc>(), message: message as Domain, noReply: bool(), links: links() });
    for (const proc of this.all) for (let number = 0; number < slots; number++) proc.free.enqueue(host.record(slot, `slot ${number} of ${proc.name}`));
  }

  numberOf(proc: Proc): number {
    return this.#numbers.get(proc) ?? -1;
  }
  handleOf(proc: Proc | null): unknown {
    return proc === null ? nobody : this.#threads[this.numberOf(proc)];
  }

  /** Whom a process is BLOCKEDON; null: nobody, or ANY. */
  blockedOn({ sending, sendto, receiving, getfrom }: Proc): Proc | null {
    if (sending) return sendto;
    return receiving ? getfrom : null;
  }
  willReceive(source: Proc, destination: Proc): boolean {
    if (!destination.receiving || destination.sending) return false;
    const { getfrom } = destination;
    return (getfrom === null || getfrom === source) && destination.filter !== source;
  }
  /** Follows the chain of blocked processes from the peer; true if it leads back to the caller. */
  deadlock(isSend: boolean, caller: Proc, peer: Proc): boolean {
    let group = 1;
    for (let xp = peer; group <= this.all.length; ) {
      const next = this.blockedOn(xp);
      group++;
      if (next === null) return false;
      // In a group of two, one that sends and one that receives are about to meet.
      if (next === caller) return group > 2 || xp.sending === isSend;
      xp = next;
    }
    return false;
  }

  /** Takes a process out of its call. */
  settle(proc: Proc): void {
    proc.call = "none";
    proc.sending = false;
    proc.sendto = null;
    proc.saved = this.nothing;
    proc.receiving = false;
    proc.getfrom = null;
  }
  /** Fills the delivery buffer, which ends the call of the receiver. */
  fill(proc: Proc, source: Proc, message: unknown, status: Status): void {
    proc.result = "none";
    proc.source = source;
    proc.delivered = message;
    proc.status = status;
    this.settle(proc);
  }
  setPending(destination: Proc, source: Proc, isPending: boolean): void {
    const { pending } = destination;
    const number = this.numberOf(source);
    if (pending[number] !== isPending) destination.pending = pending.with(number, isPending);
  }
  addSlot(sender: Proc, to: Proc, message: unknown, noReply: boolean): void {
    const slot = sender.free.dequeue();
    if (slot === null) throw new OutOfRange(`the table of asynchronous messages of ${sender.name} is full`);
    slot.to = to;
    slot.message = message;
    slot.noReply = noReply;
    sender.table.enqueue(slot);
  }
  /** A slot is done. */
  freeSlot(sender: Proc, slot: Slot): unknown {
    sender.table.remove(slot);
    sender.free.enqueue(slot);
    return slot.message;
  }
}
