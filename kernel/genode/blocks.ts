/** What the executable Genode keeps: a record for each thread, entrypoint and signal context, and the requests in queues. */
import { bool, type Domain, type DomainShape, int, nobody, oneOf } from "../../model/language/domain.ts";
import { OutOfRange } from "../../model/language/operation.ts";
import type { List, ListNode } from "../common/lists.ts";
import type { KernelHost } from "../common/path.ts";
import { type KernelRecord, layout, link, links, list, word } from "../common/records.ts";
import { initialValue } from "../common/words.ts";

interface ThreadBlock {
  state: "none" | "calling" | "waiting" | "dissolving";
  at: Entrypoint | null;
  /** How a call ended. */
  failed: boolean;
  reply: unknown;
  /** What was handed to a waiting server. */
  caller: Thread | null;
  message: unknown;
  context: Context | null;
  count: number;
  /** In dissolve, until the outstanding signal has been handled. */
  dissolving: Context | null;
}
export type Thread = ThreadBlock & KernelRecord;

interface RequestBlock {
  caller: Thread | null;
  message: unknown;
  context: Context | null;
  count: number;
  readonly links: ListNode;
}
export type Request = RequestBlock & KernelRecord;
export type Content = Omit<RequestBlock, "links">;

interface EntrypointBlock {
  readonly queue: List<Request>;
  readonly free: List<Request>;
  serving: "nothing" | "rpc" | "signal";
  caller: Thread | null;
  context: Context | null;
  server: Thread | null;
  readonly deliverable: List<Context>;
  /** The signal proxy waits in core for the next signal. */
  proxyWaits: boolean;
  destroyed: boolean;
}
export type Entrypoint = EntrypointBlock & KernelRecord;

interface ContextBlock {
  managedBy: Entrypoint | null;
  submits: number;
  outstanding: boolean;
  readonly links: ListNode;
}
export type Context = ContextBlock & KernelRecord;

const deliverableLimit = 8;

export class Blocks {
  readonly threads: readonly Thread[];
  readonly entrypoints: ReadonlyMap<number, Entrypoint>;
  readonly contexts: ReadonlyMap<number, Context>;
  readonly nothing: unknown;
  readonly #handles: KernelHost["threads"];
  readonly #indices: ReadonlyMap<Entrypoint | Context, number>;
  readonly #numbers: ReadonlyMap<Thread, number>;

  constructor(host: KernelHost, message: DomainShape) {
    this.#handles = host.threads;
    this.nothing = initialValue(message);
    this.threads = host.perThread(
      layout<ThreadBlock>("thread", {
        state: oneOf("none", "calling", "waiting", "dissolving"),
        at: link<Entrypoint>(),
        failed: bool(),
        reply: message as Domain,
        caller: link<Thread>(),
        message: message as Domain,
        context: link<Context>(),
        count: word(),
        dissolving: link<Context>(),
      }),
    );
    this.#numbers = new Map(this.threads.map((thread, number) => [thread, number]));
    this.entrypoints = host.perObject(
      "entrypoint",
      layout<EntrypointBlock>("entrypoint", {
        queue: list<Request>("links", "queue"),
        free: list<Request>("links", "free requests"),
        serving: oneOf("nothing", "rpc", "signal"),
        caller: link<Thread>(),
        context: link<Context>(),
        server: link<Thread>(),
        deliverable: list<Context>("links", "deliverable signals"),
        proxyWaits: bool(true),
        destroyed: bool(),
      }),
    );
    this.contexts = host.perObject(
      "signal",
      layout<ContextBlock>("signal context", { managedBy: link<Entrypoint>(), submits: int(0, 255), outstanding: bool(), links: links() }),
    );
    this.#indices = new Map<Entrypoint | Context, number>([
      ...[...this.entrypoints].map(([i, e]) => [e, i] as const),
      ...[...this.contexts].map(([i, c]) => [c, i] as const),
    ]);
    const request = layout<RequestBlock>("request", {
      caller: link<Thread>(),
      message: message as Domain,
      context: link<Context>(),
      count: word(),
      links: links(),
    });
    for (const entrypoint of this.entrypoints.values())
      for (let number = 0; number < host.threads.length; number++) entrypoint.free.enqueue(host.record(request, `request ${number} of ${entrypoint.name}`));
  }

  numberOf(thread: Thread): number {
    return this.#numbers.get(thread) ?? -1;
  }
  handleOf(thread: Thread | null): unknown {
    return thread === null ? nobody : this.#handles[this.numberOf(thread)];
  }
  indexOf(object: Entrypoint | Context | null): number {
    return object === null ? -1 : (this.#indices.get(object) ?? -1);
  }

  enqueue(entrypoint: Entrypoint, content: Content): void {
    const request = entrypoint.free.dequeue();
    if (request === null) throw new OutOfRange(`the queue of ${entrypoint.name} is full`);
    Object.assign(request, content);
    entrypoint.queue.enqueue(request);
  }
  dequeue(entrypoint: Entrypoint, request: Request): Content {
    const { caller, message, context, count } = request;
    entrypoint.queue.remove(request);
    entrypoint.free.enqueue(request);
    return { caller, message, context, count };
  }
  makeDeliverable(entrypoint: Entrypoint, context: Context): void {
    if (entrypoint.deliverable.has(context)) return;
    if ([...entrypoint.deliverable].length === deliverableLimit) throw new OutOfRange(`too many signals are deliverable at ${entrypoint.name}`);
    entrypoint.deliverable.enqueue(context);
  }
}
