/** Control blocks of the executable LWKT kernel: messages, ports, threads, and the queues of interrupts between CPUs. */
import { bool, type Domain, int, oneOf, threadId, type ThreadId } from "../../model/language/domain.ts";
import type { List, ListNode } from "../common/lists.ts";
import type { KernelHost } from "../common/path.ts";
import type { Pool } from "../common/pool.ts";
import { type KernelRecord, layout, link, links, list } from "../common/records.ts";
import type { Ipi, Phase, ThreadFields } from "./state.ts";
import type { ValueOf } from "../../model/language/domain.ts";

interface MessageBlock {
  done: boolean;
  replied: boolean;
  queued: boolean;
  sync: boolean;
  abortable: boolean;
  aborted: boolean;
  priority: boolean;
  target: ThreadId;
  targetSpin: number;
  sender: ThreadId;
  replySpin: number;
  value: unknown;
}
export type Message = MessageBlock & KernelRecord;

interface EntryBlock {
  readonly links: ListNode;
  message: Message | null;
  abort: boolean;
}
export type Entry = EntryBlock & KernelRecord;

interface ThreadBlock {
  readonly links: ListNode;
  phase: Phase;
  message: Message | null;
  target: ThreadId;
  deaf: boolean;
  call: ValueOf<ThreadFields["call"]>;
  /** The spin port at which it waits. */
  at: Port | null;
  /** What it has been given while it waited at its port. */
  got: Message | null;
  gotAbort: boolean;
}
export type Thread = ThreadBlock & KernelRecord;

/** The port of a thread, on its CPU, or a spin port with those who wait there. */
interface PortBlock {
  readonly entries: List<Entry>;
  readonly waiters: List<Thread>;
}
export type Port = PortBlock & KernelRecord;

interface InterruptBlock {
  readonly links: ListNode;
  source: number;
  what: Ipi["what"];
  message: Message | null;
  to: ThreadId;
}
export type Interrupt = InterruptBlock & KernelRecord;
interface InboxBlock {
  readonly inbox: List<Interrupt>;
}

export interface Blocks {
  readonly threads: readonly Thread[];
  readonly ports: readonly Port[];
  readonly spins: ReadonlyMap<number, Port>;
  readonly messages: ReadonlyMap<number, Message>;
  readonly inboxes: readonly (InboxBlock & KernelRecord)[];
  readonly entries: Pool<Entry>;
  readonly interrupts: Pool<Interrupt>;
}

/** Lays out the blocks of a protocol whose messages carry `value`. */
export function makeBlocks(host: KernelHost, value: Domain): Blocks {
  const { options } = host.instance.protocol.kernel;
  const number = int(-1, 14, -1);
  const messageLayout = layout<MessageBlock>("message", {
    done: bool(true),
    replied: bool(),
    queued: bool(),
    sync: bool(),
    abortable: bool(),
    aborted: bool(),
    priority: bool(),
    target: threadId,
    targetSpin: number,
    sender: threadId,
    replySpin: number,
    value,
  });
  const entryLayout = layout<EntryBlock>("queued message", { links: links(), message: link<Message>(), abort: bool() });
  const portLayout = layout<PortBlock>("port", { entries: list<Entry>("links", "queue"), waiters: list<Thread>("links", "waiters") });
  const threadLayout = layout<ThreadBlock>("thread", {
    links: links(),
    phase: oneOf("user", "putting", "put-go", "waitport", "waitmsg", "testing", "tested", "spin-wait", "spin-go", "replying", "aborting"),
    message: link<Message>(),
    target: threadId,
    deaf: bool(),
    call: oneOf("none", "domsg", "waitmsg"),
    at: link<Port>(),
    got: link<Message>(),
    gotAbort: bool(),
  });
  const interruptLayout = layout<InterruptBlock>("interrupt", {
    links: links(),
    source: int(0, 7),
    what: oneOf("put", "reply", "abort"),
    message: link<Message>(),
    to: threadId,
  });
  const inboxLayout = layout<InboxBlock>("CPU", { inbox: list<Interrupt>("links", "inbound interrupts") });
  const spins = host.perObject("lwkt.spin", portLayout);
  const ports = host.instance.threads.length + spins.size;
  return {
    threads: host.perThread(threadLayout),
    ports: host.perThread(portLayout),
    spins,
    messages: host.perObject("lwkt.message", messageLayout),
    inboxes: host.perCpu(inboxLayout),
    entries: host.pool(entryLayout, (Number(options["slots"]) + 1) * ports, "queue entries"),
    interrupts: host.pool(interruptLayout, (Number(options["ipiq"]) * host.instance.cpus + 3) * host.instance.cpus, "interrupts"),
  };
}
