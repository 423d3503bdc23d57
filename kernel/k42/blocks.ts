/** What the executable K42 keeps: a record for each thread, one for each dispatcher and its process annex, and message buffers. */
import { bool, type Domain, type DomainShape, int, nobody, oneOf } from "../../model/language/domain.ts";
import type { ObjectRef } from "../../model/language/kernel.ts";
import { OutOfRange } from "../../model/language/operation.ts";
import type { List, ListNode } from "../common/lists.ts";
import type { KernelHost } from "../common/path.ts";
import type { Pool } from "../common/pool.ts";
import { type KernelRecord, layout, link, links, list, word } from "../common/records.ts";
import { initialValue } from "../common/words.ts";

interface ThreadBlock {
  state: "running" | "free" | "scheduled" | "faulted" | "refused" | "calling" | "blocked";
  /** Where it runs; null until it has first entered the kernel. */
  dispatcher: Dispatcher | null;
  /** Whom it calls, or who has refused it. */
  target: Dispatcher | null;
  wasUnblocked: boolean;
  /** It works on an asynchronous message. */
  handling: boolean;
  /** The call that it has been taken for. */
  caller: Thread | null;
  message: unknown;
  /** The answer to its own call. */
  answer: unknown;
  readonly links: ListNode;
}
export type Thread = ThreadBlock & KernelRecord;

interface MessageBlock {
  body: unknown;
  readonly links: ListNode;
}
export type Message = MessageBlock & KernelRecord;

interface DispatcherBlock {
  /** Who runs disabled; whoever else comes is turned away. */
  disabledBy: Thread | null;
  /** Dispatchers that have been refused here. */
  retrySources: number;
  /** Dispatchers that have refused this one and not yielded since. */
  retryTargets: number;
  /** Of those, the ones that have: a soft interrupt that has not been processed. */
  retryNotified: number;
  readonly free: List<Thread>;
  readonly refused: List<Thread>;
  readonly buffer: List<Message>;
  /** Messages in the buffer. */
  fill: number;
  handlerScheduled: boolean;
  handlers: number;
}
export type Dispatcher = DispatcherBlock & KernelRecord;

export class Blocks {
  readonly threads: readonly Thread[];
  readonly dispatchers: ReadonlyMap<number, Dispatcher>;
  readonly messages: Pool<Message>;
  readonly nothing: unknown;
  readonly #handles: KernelHost["threads"];
  readonly #numbers: ReadonlyMap<Thread, number>;
  readonly #indices: ReadonlyMap<Dispatcher, number>;

  constructor(host: KernelHost, message: DomainShape, buffer: number) {
    this.#handles = host.threads;
    this.nothing = initialValue(message);
    this.threads = host.perThread(
      layout<ThreadBlock>("thread", {
        state: oneOf("running", "free", "scheduled", "faulted", "refused", "calling", "blocked"),
        dispatcher: link<Dispatcher>(),
        target: link<Dispatcher>(),
        wasUnblocked: bool(),
        handling: bool(),
        caller: link<Thread>(),
        message: message as Domain,
        answer: message as Domain,
        links: links(),
      }),
    );
    this.#numbers = new Map(this.threads.map((thread, number) => [thread, number]));
    this.dispatchers = host.perObject(
      "dispatcher",
      layout<DispatcherBlock>("dispatcher", {
        disabledBy: link<Thread>(),
        retrySources: word(),
        retryTargets: word(),
        retryNotified: word(),
        free: list<Thread>("links", "free threads"),
        refused: list<Thread>("links", "retry list"),
        buffer: list<Message>("links", "message buffer"),
        fill: word(),
        handlerScheduled: bool(),
        handlers: int(0, 10),
      }),
    );
    this.#indices = new Map([...this.dispatchers].map(([index, dispatcher]) => [dispatcher, index]));
    this.messages = host.pool(
      layout<MessageBlock>("message", { body: message as Domain, links: links() }),
      buffer * Math.max(this.dispatchers.size, 1),
      "messages",
    );
  }

  /** A dispatcher's bit in sets of dispatchers. */
  bitOf(dispatcher: Dispatcher): number {
    return 1 << this.indexOf(dispatcher);
  }
  indexOf(dispatcher: Dispatcher | null): number {
    return dispatcher === null ? -1 : (this.#indices.get(dispatcher) ?? -1);
  }
  numberOf(thread: Thread): number {
    return this.#numbers.get(thread) ?? -1;
  }
  handleOf(thread: Thread | null): unknown {
    return thread === null ? nobody : this.#handles[this.numberOf(thread)];
  }
  dispatcherOf(ref: unknown): Dispatcher {
    const { name, index } = ref as ObjectRef;
    const found = this.dispatchers.get(index);
    if (found === undefined) throw new OutOfRange(`${name} is no dispatcher`);
    return found;
  }
  threadOf(number: number): Thread {
    const found = this.threads[number];
    if (found === undefined) throw new OutOfRange("nobody is no thread");
    return found;
  }
}
