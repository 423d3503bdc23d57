/** What the executable Fiasco.OC keeps in memory: threads with their sender lists, gates, reply slots, interrupts, semaphores. */
import { bool, type Domain, nobody, oneOf, type ThreadHandle, type ThreadId, type Timeout, timeout } from "../../model/language/domain.ts";
import type { ObjectRef } from "../../model/language/kernel.ts";
import { OutOfRange } from "../../model/language/operation.ts";
import type { List, ListNode } from "../common/lists.ts";
import type { KernelHost } from "../common/path.ts";
import { type KernelRecord, layout, link, links, list, word } from "../common/records.ts";
import { initialValue, threadNumber } from "../common/words.ts";

interface ThreadBlock extends TransferBlock {
  state: "running" | "requested" | "gate-wait" | "send-wait" | "sent" | "receive-wait" | "transfers" | "transfer" | "taken" | "receives" | "received";
  partner: Thread | null;
  gate: GateObject | null;
  outgoing: unknown;
  label: number;
  isCall: boolean;
  isReply: boolean;
  next: "none" | "open" | "closed";
  from: Thread | null;
  receive: Timeout;
  slot: SlotObject | null;
  readonly senders: List<Thread>;
  readonly irqs: List<IrqObject>;
  /** The implicit slot for the right to reply. */
  caller: Thread | null;
  deleted: boolean;
  /** Its place at a thread or a semaphore, and at a gate. */
  readonly place: ListNode;
  readonly gatePlace: ListNode;
  /** Whether it sleeps in the kernel, and how its call has ended if it has. */
  sleeping: boolean;
  done: boolean;
  error: "none" | "timeout" | "not-existent" | "cancelled";
  phase: "none" | "send" | "receive";
  inLabel: number;
  inMessage: unknown;
}
/** Laid out only if messages may carry items. */
interface TransferBlock {
  items: boolean;
  abort: "none" | "cancelled" | "timeout" | "told" | "waiting";
  heldLabel: number;
  heldMessage: unknown;
  /** Whose CPU it asks to abort its send. */
  asks: Thread | null;
  /** To be deleted when it leaves the kernel. */
  dying: boolean;
}
interface GateBlock {
  thread: Thread | null;
  label: number;
  readonly waiters: List<Thread>;
  deleted: boolean;
  deletion: IrqObject | null;
}
interface SlotBlock {
  caller: Thread | null;
}
interface IrqBlock {
  thread: Thread | null;
  label: number;
  queued: boolean;
  masked: boolean;
  pending: boolean;
  readonly place: ListNode;
}
interface SemaphoreBlock {
  count: number;
  readonly waiters: List<Thread>;
}
export type Thread = ThreadBlock & KernelRecord;
export type GateObject = GateBlock & KernelRecord;
export type SlotObject = SlotBlock & KernelRecord;
export type IrqObject = IrqBlock & KernelRecord;
export type SemaphoreObject = SemaphoreBlock & KernelRecord;

const ofTransfers = (message: Domain) => ({
  items: bool(),
  abort: oneOf("none", "cancelled", "timeout", "told", "waiting"),
  heldLabel: word(),
  heldMessage: message,
  asks: link<Thread>(),
  dying: bool(),
});

/** All objects of a system. */
export class Objects {
  readonly threads: readonly Thread[];
  readonly gates: ReadonlyMap<number, GateObject>;
  readonly slots: ReadonlyMap<number, SlotObject>;
  readonly irqs: ReadonlyMap<number, IrqObject>;
  readonly semaphores: ReadonlyMap<number, SemaphoreObject>;
  /** What a message holds where there is none. */
  readonly nothing: unknown;
  readonly #handles: readonly ThreadHandle[];
  readonly #numbers: ReadonlyMap<unknown, number>;
  readonly #priorities: readonly number[];

  constructor(host: KernelHost) {
    const { operations } = host.instance.protocol.kernel;
    const ipc = operations.find(({ declaration }) => declaration.name === "ipc");
    const { message } = (ipc?.declaration.args ?? {}) as Readonly<Record<string, Domain>>;
    if (message === undefined) throw new TypeError("a Fiasco.OC kernel without the operation ipc");
    this.nothing = initialValue(message);
    this.#handles = host.threads;
    this.#priorities = host.instance.threads.map(({ priority }) => priority);
    this.threads = host.perThread(
      layout<ThreadBlock>("thread", {
        state: oneOf("running", "requested", "gate-wait", "send-wait", "sent", "receive-wait", "transfers", "transfer", "taken", "receives", "received"),
        partner: link<Thread>(),
        gate: link<GateObject>(),
        outgoing: message,
        label: word(),
        isCall: bool(),
        isReply: bool(),
        next: oneOf("none", "open", "closed"),
        from: link<Thread>(),
        receive: timeout,
        slot: link<SlotObject>(),
        senders: list<Thread>("place", "sender list"),
        irqs: list<IrqObject>("place", "interrupts"),
        caller: link<Thread>(),
        deleted: bool(),
        place: links(),
        gatePlace: links(),
        sleeping: bool(),
        done: bool(),
        error: oneOf("none", "timeout", "not-existent", "cancelled"),
        phase: oneOf("none", "send", "receive"),
        inLabel: word(),
        inMessage: message,
        ...(host.instance.protocol.kernel.options["items"] === true ? ofTransfers(message) : ({} as ReturnType<typeof ofTransfers>)),
      }),
    );
    this.gates = host.perObject(
      "gate",
      layout<GateBlock>("gate", {
        thread: link<Thread>(),
        label: word(),
        waiters: list<Thread>("gatePlace", "queue"),
        deleted: bool(),
        deletion: link<IrqObject>(),
      }),
    );
    this.slots = host.perObject("slot", layout<SlotBlock>("reply slot", { caller: link<Thread>() }));
    this.irqs = host.perObject(
      "irq",
      layout<IrqBlock>("interrupt", { thread: link<Thread>(), label: word(), queued: bool(), masked: bool(), pending: bool(), place: links() }),
    );
    this.semaphores = host.perObject("semaphore", layout<SemaphoreBlock>("semaphore", { count: word(), waiters: list<Thread>("place", "queue") }));
    for (const { ref, type } of host.instance.objects) {
      const found = this.semaphores.get(ref.index);
      if (found !== undefined) found.count = Number(type.options["initial"]);
    }
    this.#numbers = new Map<unknown, number>([
      ...this.threads.map((thread, number) => [thread, number] as const),
      ...[this.gates, this.slots, this.irqs].flatMap((records) => [...records].map(([index, record]) => [record as unknown, index] as const)),
    ]);
  }

  /** Of a thread, or of an object; -1 for none. */
  numberOf(record: KernelRecord | null): number {
    return this.#numbers.get(record) ?? -1;
  }
  handleOf(thread: Thread | null): ThreadId {
    return thread === null ? nobody : (this.#handles[this.numberOf(thread)] as unknown as ThreadId);
  }
  priorityOf(thread: Thread): number {
    return this.#priorities[this.numberOf(thread)] ?? 0;
  }

  /** The thread that an argument names; null: nobody. */
  threadOrNull(value: unknown, name: string): Thread | null {
    return this.threads[threadNumber(value, name)] ?? null;
  }
  thread(value: unknown, name: string): Thread {
    const found = this.threadOrNull(value, name);
    if (found === null) throw new OutOfRange(`${name} must be a thread, not nobody`);
    return found;
  }
  gate(value: unknown): GateObject {
    return object(this.gates, value, "gate");
  }
  slot(value: unknown): SlotObject {
    return object(this.slots, value, "reply slot");
  }
  irq(value: unknown): IrqObject {
    return object(this.irqs, value, "interrupt");
  }
  semaphore(value: unknown): SemaphoreObject {
    return object(this.semaphores, value, "semaphore");
  }
}

function object<T>(records: ReadonlyMap<number, T>, value: unknown, what: string): T {
  const { name, index } = value as ObjectRef;
  const found = records.get(index);
  if (found === undefined) throw new OutOfRange(`${name} is no ${what}`);
  return found;
}
