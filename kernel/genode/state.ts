/**
 * What Genode keeps for entrypoints and signal contexts (base: rpc_dispatch_loop.cc, signal.cc; base-hw: ipc_node.cc,
 * signal.cc), and how a signal finds its way: core delivers it to the signal proxy of an entrypoint, and the proxy
 * calls the entrypoint, where it queues with everybody else.
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
  record,
  type StateGroup,
  threadId,
  type ThreadId,
} from "../../model/language/index.ts";

/** How core delivers signals. */
export type Core = "generic" | "base-hw" | "11.11";

const number = int(-1, 62, -1);
/** A request in the queue of an entrypoint: of a caller, or of its signal proxy with a signal. */
export interface Request<M> {
  readonly caller: ThreadId;
  readonly message: M;
  /** The signal context, by its number; -1: an RPC. */
  readonly context: number;
  readonly count: number;
}

type ThreadFields = {
  readonly state: Domain<"none" | "calling" | "waiting" | "dissolving">;
  /** The entrypoint that it is blocked at, or the signal context that it dissolves. */
  readonly object: Domain<number>;
};
export const rpc: StateGroup<"thread", ThreadFields> = perThread("rpc", { state: oneOf("none", "calling", "waiting", "dissolving"), object: number });

type EntrypointFields<M> = {
  readonly queue: Domain<readonly Request<M>[], QueueAccess<Request<M>>>;
  readonly serving: Domain<"nothing" | "rpc" | "signal">;
  /** Whom the reply goes to; nobody if that caller has been cancelled. */
  readonly caller: Domain<ThreadId>;
  /** The context whose signal is being dispatched. */
  readonly context: Domain<number>;
  /** The entrypoint's thread, while it waits for the next request. */
  readonly server: Domain<ThreadId>;
  /** Contexts with signals that the proxy has not taken yet. */
  readonly deliverable: Domain<readonly number[], QueueAccess<number>>;
  /** The proxy's call is queued or being served. */
  readonly proxy: Domain<boolean>;
  readonly destroyed: Domain<boolean>;
};
export type EntrypointGroup<M> = StateGroup<"object", EntrypointFields<M>>;
type ContextFields = {
  /** The entrypoint that it is managed by; -1: its capability is invalid. */
  readonly entrypoint: Domain<number>;
  readonly submits: Domain<number>;
  /** A delivery has been made and not been acknowledged. */
  readonly outstanding: Domain<boolean>;
};

/** Contexts of one protocol that can be deliverable at one entrypoint. */
const mostContexts = 8;

/** The state groups of a system whose messages have this domain. */
export function groupsOf<M>(
  message: Domain<M>,
  most: number,
): { readonly entrypoints: EntrypointGroup<M>; readonly contexts: StateGroup<"object", ContextFields> } {
  const entrypoints: EntrypointGroup<M> = perObject("entrypoint", () => ({
    queue: queue(record({ caller: threadId, message, context: number, count: int(0, most) }) as unknown as Domain<Request<M>>),
    serving: oneOf("nothing", "rpc", "signal"),
    caller: threadId,
    context: number,
    server: threadId,
    deliverable: queue(int(0, 62), mostContexts),
    proxy: bool(),
    destroyed: bool(),
  }));
  const contexts: StateGroup<"object", ContextFields> = perObject("context", () => ({ entrypoint: number, submits: int(0, most), outstanding: bool() }));
  return { entrypoints, contexts };
}
