/**
 * Control blocks of the executable Mach kernel: ports and sets, the entries of IPC spaces, message buffers, and what a
 * thread keeps while it is inside the kernel (ipc_port.h, ipc_entry.h, ipc_kmsg.h, thread.h).
 */
import { bool, type Domain, int, oneOf } from "../../model/language/domain.ts";
import type { List, ListNode } from "../common/lists.ts";
import type { KernelHost } from "../common/path.ts";
import type { Pool } from "../common/pool.ts";
import { type KernelRecord, layout, type Layout, link, links, list } from "../common/records.ts";
import type { MessageId, Phase } from "./state.ts";

/** A message buffer: what was copied in from the sender and waits to be copied out to the receiver. */
interface KmsgBlock {
  readonly links: ListNode;
  /** The port that it is for, and whether by a send-once right. */
  port: Port | null;
  once: boolean;
  id: MessageId;
  kernel: boolean;
  data: number;
  body: unknown;
  /** The right in it: to which port, and of which kind. */
  carried: Port | null;
  carriedOnce: boolean;
}
export type Kmsg = KmsgBlock & KernelRecord;

interface RequestBlock {
  readonly links: ListNode;
  /** Object numbers of the task and of the port to notify. */
  task: number;
  notify: number;
}
export type Request = RequestBlock & KernelRecord;

interface PortBlock {
  active: boolean;
  count: number;
  srights: number;
  mscount: number;
  readonly messages: List<Kmsg>;
  readonly senders: List<Thread>;
  readonly receivers: List<Thread>;
  set: Port | null;
  /** Of a set on XNU: members that hold messages. */
  readonly ready: List<Port>;
  readonly prepost: ListNode;
  noSenders: Port | null;
  readonly requests: List<Request>;
}
export type Port = PortBlock & KernelRecord;

interface EntryBlock {
  receive: boolean;
  send: number;
  once: number;
}
export type Entry = EntryBlock & KernelRecord;

interface ThreadBlock {
  readonly links: ListNode;
  phase: Phase;
  /** A message handed over; while it sends, its own. */
  kmsg: Kmsg | null;
  counted: boolean;
  dying: Port | null;
  /** The port or set at which it sleeps. */
  at: Port | null;
  /** Its receive buffer: the second copy of a message. */
  body: unknown;
  /** How its receive was ended by another. */
  outcome: "none" | "receive-port-died" | "receive-port-changed";
}
export type Thread = ThreadBlock & KernelRecord;

/** What the kernel's options fix. */
export interface Settings {
  readonly gnu: boolean;
  readonly lifo: boolean;
  readonly slots: number;
  readonly references: number;
  readonly pegged: boolean;
  readonly makes: number;
}

/** All blocks of one machine. */
export interface Blocks {
  readonly settings: Settings;
  readonly threads: readonly Thread[];
  /** By object number; ports and sets. */
  readonly ports: ReadonlyMap<number, Port>;
  readonly limits: ReadonlyMap<number, number>;
  readonly sets: ReadonlySet<Port>;
  /** By object number of the task, then of the port. */
  readonly spaces: ReadonlyMap<number, readonly Entry[]>;
  readonly kmsgs: Pool<Kmsg>;
  readonly requests: Pool<Request>;
  numberOf(port: Port): number;
}

const requestLayout: Layout<RequestBlock> = layout<RequestBlock>("dead-name request", { links: links(), task: int(0, 14), notify: int(0, 14) });

/** Lays out the blocks of a protocol. */
export function makeBlocks(host: KernelHost, message: Domain): Blocks {
  const { options } = host.instance.protocol.kernel;
  const settings: Settings = {
    gnu: options["personality"] === "gnu",
    lifo: options["personality"] === "gnu" && options["order"] === "lifo",
    slots: Number(options["slots"]),
    references: Number(options["references"]),
    pegged: options["pegged"] === true,
    makes: Number(options["makes"]),
  };
  const { slots, references, makes } = settings;
  const kmsgLayout = layout<KmsgBlock>("kmsg", {
    links: links(),
    port: link<Port>(),
    once: bool(),
    id: oneOf("message", "no-senders", "dead-name", "send-once", "port-deleted"),
    kernel: bool(),
    data: int(0, 15),
    body: message,
    carried: link<Port>(),
    carriedOnce: bool(),
  });
  const portLayout = (senders: number): Layout<PortBlock> =>
    layout<PortBlock>("port", {
      active: bool(true),
      count: int(0, slots + 2),
      srights: int(0, 15, senders),
      mscount: int(0, makes),
      messages: list<Kmsg>("links", "queue"),
      senders: list<Thread>("links", "blocked senders"),
      receivers: list<Thread>("links", "waiting receivers"),
      set: link<Port>(),
      ready: list<Port>("prepost", "members with messages"),
      prepost: links(),
      noSenders: link<Port>(),
      requests: list<Request>("links", "dead-name requests"),
    });
  const entryLayout = (receives: boolean, sends: boolean): Layout<EntryBlock> =>
    layout<EntryBlock>("ipc entry", { receive: bool(receives), send: int(0, references, sends ? 1 : 0), once: int(0, references) });
  const threadLayout = layout<ThreadBlock>("thread", {
    links: links(),
    phase: oneOf("user", "send-wait", "send-go", "receive", "receive-wait", "handed", "dying"),
    kmsg: link<Kmsg>(),
    counted: bool(),
    dying: link<Port>(),
    at: link<Port>(),
    body: message,
    outcome: oneOf("none", "receive-port-died", "receive-port-changed"),
  });

  const { objects } = host.instance;
  const tasks = objects.filter(({ type }) => type.name === "mach.task");
  const holds = (task: (typeof tasks)[number], kind: "receive" | "send", name: string): boolean =>
    (task.type.options[kind] as readonly string[]).includes(name);
  const spaces = new Map(
    tasks.map((task) => {
      const entries = objects.map(({ ref: { name } }) =>
        host.record(entryLayout(holds(task, "receive", name), holds(task, "send", name)), `${task.ref.name}: ${name}`),
      );
      return [task.ref.index, entries] as const;
    }),
  );
  const ports = new Map(
    objects
      .filter(({ type }) => type.name === "mach.port" || type.name === "mach.set")
      .map(({ ref }) => [ref.index, host.record(portLayout(tasks.filter((task) => holds(task, "send", ref.name)).length), ref.name)] as const),
  );
  const numbers = new Map([...ports].map(([index, port]) => [port, index]));
  return {
    settings,
    threads: host.perThread(threadLayout),
    ports,
    limits: new Map(objects.map(({ ref, type }) => [ref.index, Number(type.options["limit"])])),
    sets: new Set(objects.filter(({ type }) => type.name === "mach.set").flatMap(({ ref }) => ports.get(ref.index) ?? [])),
    spaces,
    kmsgs: host.pool(kmsgLayout, (slots + 1) * ports.size + 2 * host.threads.length, "message buffers"),
    requests: host.pool(requestLayout, tasks.length * ports.size + 1, "dead-name requests"),
    numberOf: (port) => {
      const number = numbers.get(port);
      if (number === undefined) throw new Error(`${port.name} is no port of this machine`);
      return number;
    },
  };
}
