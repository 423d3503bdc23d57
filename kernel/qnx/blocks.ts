/**
 * What the executable QNX kernel keeps in its memory: a thread entry, a channel with its queue of messages and pulses,
 * and for each thread its connection to each channel, with the buffers that messages are copied to and from.
 */
import { bool, type Domain, type DomainShape, int, nobody, oneOf } from "../../model/language/domain.ts";
import { OutOfRange } from "../../model/language/operation.ts";
import type { List, ListNode } from "../common/lists.ts";
import type { KernelHost } from "../common/path.ts";
import { type KernelRecord, layout, link, links, list, word } from "../common/records.ts";
import { initialValue } from "../common/words.ts";

type Kind = "message" | "pulse" | "unblock";
export type Why = "none" | "EIO" | "EINTR" | "ETIMEDOUT" | "ESRCH" | "EBADF" | "ERESTART";

interface ThreadBlock {
  state: "ready" | "send" | "receive" | "reply";
  /** The channel that it is blocked on. */
  on: Channel | null;
  immediate: boolean;
  cause: "none" | "EINTR" | "ETIMEDOUT";
  doomed: boolean;
  inherited: number;
  associated: Channel | null;
  /** Its message while it is SEND-blocked. */
  message: Entry | null;
  /** Its place among the receivers of a channel. */
  readonly receiving: ListNode;
  /** How its call ended, and what it received from whom. */
  why: Why;
  kind: Kind;
  rcvid: Thread | null;
}
export type Thread = ThreadBlock & KernelRecord;

interface EntryBlock {
  kind: Kind;
  client: Thread | null;
  message: unknown;
  value: number;
  priority: number;
  readonly links: ListNode;
}
export type Entry = EntryBlock & KernelRecord;
/** What an entry carries. */
export type Content = Omit<EntryBlock, "links">;

interface ConnectionBlock {
  /** Received last, or replied last. */
  incoming: unknown;
  value: number;
  reply: unknown;
  detached: boolean;
  readonly links: ListNode;
}
export type Connection = ConnectionBlock & KernelRecord;

interface ChannelBlock {
  /** Messages and pulses by priority, then by time. */
  readonly queue: List<Entry>;
  readonly free: List<Entry>;
  pulses: number;
  /** RECEIVE-blocked threads in the order of their coming. */
  readonly receivers: List<Thread>;
  associated: Thread | null;
  readonly detached: List<Connection>;
  destroyed: boolean;
}
export type Channel = ChannelBlock & KernelRecord;

/** What a channel was declared with. */
export interface Declared {
  readonly index: number;
  readonly name: string;
  readonly pulses: number;
  readonly unblock: boolean;
  readonly inheritance: "all" | "associated" | "none";
  readonly noMessage: unknown;
  readonly noValue: number;
  readonly noReply: unknown;
  readonly connections: readonly Connection[];
}

interface Options extends Pick<Declared, "pulses" | "unblock" | "inheritance"> {
  readonly message: DomainShape;
  readonly reply: DomainShape;
  readonly pulse: DomainShape;
  readonly capacity: number;
}

const kind = oneOf("message", "pulse", "unblock");

/** All records of a protocol, and what is done to them in more than one call. */
export class Blocks {
  readonly threads: readonly Thread[];
  readonly channels: ReadonlyMap<number, Channel>;
  readonly #host: KernelHost;
  readonly #declared: ReadonlyMap<Channel, Declared>;
  readonly #numbers: ReadonlyMap<Thread, number>;

  constructor(host: KernelHost) {
    this.#host = host;
    this.threads = host.perThread(
      layout<ThreadBlock>("thread", {
        state: oneOf("ready", "send", "receive", "reply"),
        on: link<Channel>(),
        immediate: bool(),
        cause: oneOf("none", "EINTR", "ETIMEDOUT"),
        doomed: bool(),
        inherited: int(-1, 63, -1),
        associated: link<Channel>(),
        message: link<Entry>(),
        receiving: links(),
        why: oneOf("none", "EIO", "EINTR", "ETIMEDOUT", "ESRCH", "EBADF", "ERESTART"),
        kind,
        rcvid: link<Thread>(),
      }),
    );
    this.#numbers = new Map(this.threads.map((thread, number) => [thread, number]));
    this.channels = host.perObject(
      "channel",
      layout<ChannelBlock>("channel", {
        queue: list<Entry>("links", "queue"),
        free: list<Entry>("links", "free entries"),
        pulses: word(),
        receivers: list<Thread>("receiving", "receivers"),
        associated: link<Thread>(),
        detached: list<Connection>("links", "detached connections"),
        destroyed: bool(),
      }),
    );
    this.#declared = new Map([...this.channels].map(([index, channel]) => [channel, this.#lay(index, channel)]));
  }

  /** Lays out the entries of a channel and everybody's connection to it. */
  #lay(index: number, channel: Channel): Declared {
    const declared = this.#host.instance.objects[index];
    if (declared === undefined) throw new Error(`there is no object ${index}`);
    const { message, reply, pulse, pulses, unblock, inheritance, capacity } = declared.type.options as unknown as Options;
    const entry = layout<EntryBlock>("entry", {
      kind,
      client: link<Thread>(),
      message: message as Domain,
      value: pulse as Domain<number>,
      priority: word(),
      links: links(),
    });
    for (let number = 0; number < capacity; number++) channel.free.enqueue(this.#host.record(entry, `entry ${number} of ${channel.name}`));
    const connection = layout<ConnectionBlock>("connection", {
      incoming: message as Domain,
      value: pulse as Domain<number>,
      reply: reply as Domain,
      detached: bool(),
      links: links(),
    });
    return {
      index,
      name: channel.name,
      pulses,
      unblock,
      inheritance,
      noMessage: initialValue(message),
      noValue: initialValue(pulse) as number,
      noReply: initialValue(reply),
      connections: this.threads.map(({ name }) => this.#host.record(connection, `connection of ${name} to ${channel.name}`)),
    };
  }

  declared(channel: Channel): Declared {
    const found = this.#declared.get(channel);
    if (found === undefined) throw new Error(`${channel.name} was not declared`);
    return found;
  }
  indexOf(channel: Channel | null): number {
    return channel === null ? -1 : this.declared(channel).index;
  }
  numberOf(thread: Thread): number {
    return this.#numbers.get(thread) ?? -1;
  }
  handleOf(thread: Thread | null): unknown {
    return thread === null ? nobody : this.#host.threads[this.numberOf(thread)];
  }
  connection(channel: Channel, thread: Thread): Connection {
    const found = this.declared(channel).connections[this.numberOf(thread)];
    if (found === undefined) throw new Error(`${thread.name} has no connection to ${channel.name}`);
    return found;
  }

  /** The priority that a thread runs at. */
  priorityOf(thread: Thread): number {
    const { inherited } = thread;
    return inherited < 0 ? this.#own(thread) : inherited;
  }
  /** Runs a thread at the priority of what it has received. */
  adopt(thread: Thread, priority: number): void {
    thread.inherited = priority === this.#own(thread) ? -1 : priority;
  }
  #own(thread: Thread): number {
    return this.#host.instance.threads[this.numberOf(thread)]?.priority ?? 0;
  }

  /** The thread is blocked no longer. */
  settle(thread: Thread): void {
    thread.state = "ready";
    thread.on = null;
    thread.immediate = false;
    thread.cause = "none";
    thread.doomed = false;
  }

  /** Queues an entry behind all that are at least as urgent. */
  enqueue(channel: Channel, content: Content): Entry {
    const entry = channel.free.dequeue();
    if (entry === null) throw new OutOfRange(`the queue of ${channel.name} is full`);
    Object.assign(entry, content);
    let before: Entry | null = null;
    for (const other of channel.queue) {
      if (other.priority < content.priority) {
        before = other;
        break;
      }
    }
    channel.queue.insert(entry, before);
    return entry;
  }

  /** Takes an entry out of the queue for good. */
  discard(channel: Channel, entry: Entry): Content {
    const { kind, client, message, value, priority } = entry;
    channel.queue.remove(entry);
    channel.free.enqueue(entry);
    if (kind === "message" && client !== null) client.message = null;
    return { kind, client, message, value, priority };
  }
}
