/**
 * What the executable seL4 kernel keeps in memory: thread control blocks, endpoints, notifications, scheduling contexts
 * and reply objects, linked as include/object/structures.h links them. The calls along which a scheduling context has been
 * handed on are a doubly linked chain of reply objects whose head the context points to.
 */
import { bool, type Domain, int, nobody, oneOf, type ThreadHandle, type ThreadId } from "../../model/language/domain.ts";
import { OutOfRange } from "../../model/language/operation.ts";
import type { ObjectRef } from "../../model/language/kernel.ts";
import type { List, ListNode } from "../common/lists.ts";
import type { KernelHost } from "../common/path.ts";
import { type KernelRecord, layout, link, links, list, word } from "../common/records.ts";
import { initialValue, threadNumber } from "../common/words.ts";

export type ThreadState = "running" | "inactive" | "blocked-on-send" | "blocked-on-receive" | "blocked-on-reply" | "blocked-on-notification";

interface TcbBlock {
  state: ThreadState;
  /** Of a blocked sender. */
  message: unknown;
  badge: number;
  isCall: boolean;
  canReply: boolean;
  /** The endpoint or notification whose queue it stands in. */
  blockedOn: EndpointObject | NotificationObject | null;
  readonly place: ListNode;
  /** What the system call that it was blocked in yields. */
  inMessage: unknown;
  inBadge: number;
  /** It was taken out of its system call, and performs it once more. */
  restart: boolean;
  /** Without MCS: the reply capability, as a link to its caller; with whoever holds the one to this thread linked back. */
  caller: Tcb | null;
  /** MCS: the reply object that it waits with or for. */
  reply: ReplyObject | null;
  context: SchedContextObject | null;
  bound: NotificationObject | null;
  /** Its place in the ready queue of a core that has not looked at it. */
  readonly arrival: ListNode;
}
/** Without interrupts for arrivals: threads that have come to an idle core with a context. */
interface CoreBlock {
  readonly arrivals: List<Tcb>;
}
interface EndpointBlock {
  readonly senders: List<Tcb>;
  readonly receivers: List<Tcb>;
  deleted: boolean;
  revoked: number;
}
interface NotificationBlock {
  active: boolean;
  word: number;
  readonly waiters: List<Tcb>;
  tcb: Tcb | null;
  context: SchedContextObject | null;
}
interface SlotBlock {
  caller: Tcb | null;
}
interface SchedContextBlock {
  tcb: Tcb | null;
  notification: NotificationObject | null;
  /** The reply object of the last call that it was handed on with. */
  head: ReplyObject | null;
}
interface ReplyBlock {
  tcb: Tcb | null;
  /** The call before, and the one after; the last has the context instead. */
  previous: ReplyObject | null;
  next: ReplyObject | null;
  context: SchedContextObject | null;
  deleted: boolean;
}
export type Tcb = TcbBlock & KernelRecord;
export type EndpointObject = EndpointBlock & KernelRecord;
export type NotificationObject = NotificationBlock & KernelRecord;
export type Slot = SlotBlock & KernelRecord;
export type SchedContextObject = SchedContextBlock & KernelRecord;
export type ReplyObject = ReplyBlock & KernelRecord;

/** The kernel's options, as its declaration carries them. */
export interface Build {
  readonly mcs: boolean;
  readonly leavesReceiverQueued: boolean;
  readonly missingInterrupt: boolean;
}

/** All objects of a system. */
export class Objects {
  readonly build: Build;
  readonly tcbs: readonly Tcb[];
  readonly contexts: readonly SchedContextObject[];
  /** Built only where cores are not told of arrivals. */
  readonly cores: readonly (CoreBlock & KernelRecord)[];
  readonly endpoints: ReadonlyMap<number, EndpointObject>;
  readonly notifications: ReadonlyMap<number, NotificationObject>;
  readonly slots: ReadonlyMap<number, Slot>;
  readonly replies: ReadonlyMap<number, ReplyObject>;
  /** What a message holds where there is none. */
  readonly nothing: unknown;
  readonly #threads: readonly ThreadHandle[];
  readonly #numbers: ReadonlyMap<unknown, number>;
  readonly #priorities: readonly number[];
  readonly #cpus: readonly number[];

  constructor(host: KernelHost) {
    const { kernel } = host.instance.protocol;
    this.build = {
      mcs: kernel.options["mcs"] === true,
      leavesReceiverQueued: kernel.options["leavesReceiverQueued"] === true,
      missingInterrupt: kernel.options["missingInterrupt"] === true,
    };
    const message = messageDomain(host);
    this.nothing = initialValue(message);
    this.#threads = host.threads;
    this.#priorities = host.instance.threads.map(({ priority }) => priority);
    this.tcbs = host.perThread(
      layout<TcbBlock>("tcb", {
        state: oneOf("running", "inactive", "blocked-on-send", "blocked-on-receive", "blocked-on-reply", "blocked-on-notification"),
        message,
        badge: word(),
        isCall: bool(),
        canReply: bool(),
        blockedOn: link<EndpointObject | NotificationObject>(),
        place: links(),
        inMessage: message,
        inBadge: word(),
        restart: bool(),
        caller: link<Tcb>(),
        reply: link<ReplyObject>(),
        context: link<SchedContextObject>(),
        bound: link<NotificationObject>(),
        ...(this.build.missingInterrupt ? { arrival: links() } : {}),
      } as unknown as Parameters<typeof layout<TcbBlock>>[1]),
    );
    this.contexts = host.perThread(
      layout<SchedContextBlock>("scheduling context", { tcb: link<Tcb>(), notification: link<NotificationObject>(), head: link<ReplyObject>() }),
    );
    this.cores = this.build.missingInterrupt ? host.perCpu(layout<CoreBlock>("core", { arrivals: list<Tcb>("arrival", "ready queue") })) : [];
    this.#cpus = host.instance.threads.map(({ cpu }) => cpu);
    this.endpoints = host.perObject(
      "endpoint",
      layout<EndpointBlock>("endpoint", {
        senders: list<Tcb>("place", "send queue"),
        receivers: list<Tcb>("place", "receive queue"),
        deleted: bool(),
        revoked: int(0, 255),
      }),
    );
    this.notifications = host.perObject(
      "notification",
      layout<NotificationBlock>("notification", {
        active: bool(),
        word: word(),
        waiters: list<Tcb>("place", "queue"),
        tcb: link<Tcb>(),
        context: link<SchedContextObject>(),
      }),
    );
    this.slots = host.perObject("saved", layout<SlotBlock>("slot", { caller: link<Tcb>() }));
    this.replies = host.perObject(
      "reply",
      layout<ReplyBlock>("reply", {
        tcb: link<Tcb>(),
        previous: link<ReplyObject>(),
        next: link<ReplyObject>(),
        context: link<SchedContextObject>(),
        deleted: bool(),
      }),
    );
    this.#numbers = new Map<unknown, number>([
      ...this.tcbs.map((tcb, thread) => [tcb, thread] as const),
      ...this.contexts.map((context, thread) => [context, thread] as const),
      ...[...this.replies].map(([index, reply]) => [reply, index] as const),
    ]);
    for (const [thread, tcb] of this.tcbs.entries()) {
      const context = this.contexts[thread] ?? null;
      tcb.context = context;
      if (context !== null) context.tcb = tcb;
    }
  }

  /** Of a thread, of a thread's context, of a reply object. */
  numberOf(record: Tcb | SchedContextObject | ReplyObject): number {
    return this.#numbers.get(record) ?? -1;
  }

  threadOf(record: Tcb | SchedContextObject | null): ThreadId {
    return record === null ? nobody : (this.#threads[this.numberOf(record)] as unknown as ThreadId);
  }

  /** The core of a scheduling context: that of the thread which it was made for. */
  coreOf(context: SchedContextObject | null): number {
    return context === null ? -1 : (this.#cpus[this.numberOf(context)] ?? -1);
  }

  priorityOf(tcb: Tcb): number {
    return this.#priorities[this.numberOf(tcb)] ?? 0;
  }

  /** The TCB that an argument names. */
  tcb(value: unknown, name: string): Tcb {
    const found = this.tcbs[threadNumber(value, name)];
    if (found === undefined) throw new OutOfRange(`${name} must be a thread, not nobody`);
    return found;
  }

  endpoint(value: unknown): EndpointObject {
    return object(this.endpoints, value, "endpoint");
  }
  notification(value: unknown): NotificationObject {
    return object(this.notifications, value, "notification");
  }
  slot(value: unknown): Slot {
    return object(this.slots, value, "slot");
  }
  reply(value: unknown): ReplyObject {
    return object(this.replies, value, "reply object");
  }
}

function object<T>(records: ReadonlyMap<number, T>, value: unknown, what: string): T {
  const { name, index } = value as ObjectRef;
  const found = records.get(index);
  if (found === undefined) throw new OutOfRange(`${name} is no ${what}`);
  return found;
}

/** What messages carry: an argument of every sending operation. */
function messageDomain({ instance }: KernelHost): Domain {
  for (const { type } of instance.objects) {
    for (const { declaration } of type.operations) {
      const { message } = declaration.args as Readonly<Record<string, Domain>>;
      if (message !== undefined) return message;
    }
  }
  for (const { declaration } of instance.protocol.kernel.operations) {
    const { message } = declaration.args as Readonly<Record<string, Domain>>;
    if (message !== undefined) return message;
  }
  // Without endpoints and replies there are no messages.
  return int(0, 0);
}
