/**
 * The state of the Fiasco.OC kernel that its rules work on: for each thread the call under way, the senders and IRQs that
 * are queued at it, and the implicit slot for the right to reply; gates, explicit reply slots, IRQ objects and semaphores.
 */
import {
  bool,
  type Domain,
  int,
  oneOf,
  perObject,
  perThread,
  queue,
  type QueueAccess,
  type StateGroup,
  threadId,
  type ThreadId,
  timeout,
  type Timeout,
} from "../../model/language/index.ts";

type ThreadQueue = Domain<readonly ThreadId[], QueueAccess<ThreadId>>;
export type Phase = "none" | "open" | "closed";
const plain = ["running", "requested", "gate-wait", "send-wait", "sent", "receive-wait"] as const;
/** Where messages carry items (transfer.ts): the two sides of a transfer by its sender, the two of one by its receiver, and a message that came during an abort. */
const ofTransfers = ["transfers", "transfer", "taken", "receives", "received"] as const;
export type State = (typeof plain)[number] | (typeof ofTransfers)[number];

export type ThreadFields<M> = {
  readonly state: Domain<State>;
  /** Of a send under way: to whom, through which gate, what, under which label, whether as a call, whether as a reply. */
  readonly partner: Domain<ThreadId>;
  readonly gate: Domain<number>;
  readonly outgoing: Domain<M>;
  readonly label: Domain<number>;
  readonly isCall: Domain<boolean>;
  readonly isReply: Domain<boolean>;
  /** The receive phase of the call, and in an open wait the explicit slot for the right to reply. */
  readonly next: Domain<Phase>;
  readonly from: Domain<ThreadId>;
  readonly receive: Domain<Timeout>;
  readonly slot: Domain<number>;
  /** Those who are queued at this thread. IRQ objects come before all threads. */
  readonly senders: ThreadQueue;
  readonly irqs: Domain<readonly number[], QueueAccess<number>>;
  /** The implicit slot: who waits for a reply of this thread. */
  readonly caller: Domain<ThreadId>;
  readonly deleted: Domain<boolean>;
};
type GateFields = {
  readonly thread: Domain<ThreadId>;
  readonly label: Domain<number>;
  readonly waiters: ThreadQueue;
  readonly deleted: Domain<boolean>;
  /** The IRQ object that is triggered when the gate is deleted. */
  readonly deletion: Domain<number>;
};
type SlotFields = { readonly caller: Domain<ThreadId> };
type IrqFields = {
  readonly thread: Domain<ThreadId>;
  readonly label: Domain<number>;
  readonly queued: Domain<boolean>;
  readonly masked: Domain<boolean>;
  readonly pending: Domain<boolean>;
};
type SemaphoreFields = { readonly count: Domain<number>; readonly waiters: ThreadQueue };

/** A number of an object. */
const object = int(-1, 30, -1);

export function threadsOf<M>(message: Domain<M>, label: Domain<number>, items: boolean): StateGroup<"thread", ThreadFields<M>> {
  return perThread("ipc", {
    state: items ? oneOf(...plain, ...ofTransfers) : (oneOf(...plain) as Domain<State>),
    partner: threadId,
    gate: object,
    outgoing: message,
    label,
    isCall: bool(),
    isReply: bool(),
    next: oneOf("none", "open", "closed"),
    from: threadId,
    receive: timeout,
    slot: object,
    senders: queue(threadId),
    irqs: queue(int(0, 30), 8),
    caller: threadId,
    deleted: bool(),
  });
}
export const gate: StateGroup<"object", GateFields> = perObject("gate", ({ labels }: { readonly labels: number }) => ({
  thread: threadId,
  label: int(0, labels - 1),
  waiters: queue(threadId),
  deleted: bool(),
  deletion: object,
}));
export const replySlot: StateGroup<"object", SlotFields> = perObject("slot", () => ({ caller: threadId }));
export const irq: StateGroup<"object", IrqFields> = perObject("irq", ({ labels }: { readonly labels: number }) => ({
  thread: threadId,
  label: int(0, labels - 1),
  queued: bool(),
  masked: bool(),
  pending: bool(),
}));
export const semaphore: StateGroup<"object", SemaphoreFields> = perObject(
  "semaphore",
  ({ limit, initial }: { readonly limit: number; readonly initial: number }) => ({
    count: int(0, limit, initial),
    waiters: queue(threadId),
  }),
);
