/**
 * What K42 keeps: for each thread how it stands in the scheduler of its dispatcher, for each dispatcher whether it is
 * disabled, who was refused because of that, and the threads and messages that wait there (Dispatcher.H, ProcessAnnex.H,
 * DispatcherDefault.H).
 *
 * A dispatcher is a virtual processor: it runs one of its threads at a time and switches between them at user level. While
 * it is disabled its scheduler, or a thread in a critical section, must not be disturbed, and nothing is delivered to it.
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
} from "../../model/language/index.ts";

/** Dispatchers are named by bits, as in the kernel, where they are process numbers modulo 64. */
const mostObjects = 16;

/**
 * `user`: runs. `pool`: free, for a call or a message. `handler`: scheduled to fetch a message. `refused`: its PPC or reply
 * has been refused, and it is not on the retry list yet. `retry`: on the retry list. `ppc`: waits for a reply. `blocked`: in Block.
 */
export type Phase = "user" | "pool" | "handler" | "refused" | "retry" | "ppc" | "blocked";

type ThreadFields = {
  readonly phase: Domain<Phase>;
  /** The dispatcher that it runs on; -1 before its first operation. */
  readonly home: Domain<number>;
  /** The dispatcher that it calls, or that refused it; else -1. */
  readonly target: Domain<number>;
  /** Unblocked before it blocked: its next Block returns at once. */
  readonly unblocked: Domain<boolean>;
  /** It works on an asynchronous message. */
  readonly busy: Domain<boolean>;
};
export const thread: StateGroup<"thread", ThreadFields> = perThread("thread", {
  phase: oneOf("user", "pool", "handler", "refused", "retry", "ppc", "blocked"),
  home: int(-1, mostObjects - 1, -1),
  target: int(-1, mostObjects - 1, -1),
  unblocked: bool(),
  busy: bool(),
});

type DispatcherFields<M> = {
  /** Who has disabled it; nobody: it is enabled. */
  readonly owner: Domain<ThreadId>;
  /** Dispatchers that were refused here and must hear when it yields. */
  readonly retrySources: Domain<number>;
  /** Dispatchers that refused a thread of this one and have yielded since: notifications that have not been processed. */
  readonly ipcRetry: Domain<number>;
  /** Free threads, the one that became free last in front. */
  readonly pool: Domain<readonly ThreadId[], QueueAccess<ThreadId>>;
  /** Asynchronous messages that have not been fetched. */
  readonly messages: Domain<readonly M[], QueueAccess<M>>;
  /** A thread has been scheduled to fetch one. */
  readonly readyHandler: Domain<boolean>;
  /** Threads that work on asynchronous messages. */
  readonly busyHandlers: Domain<number>;
};
export type DispatcherGroup<M> = StateGroup<"object", DispatcherFields<M>>;

/** The dispatchers of a system whose messages have this domain. */
export function dispatchersOf<M>(message: Domain<M>, buffer: number, handlers: number): DispatcherGroup<M> {
  return perObject("dispatcher", (_, objects) => {
    if (objects.length > mostObjects) throw new RangeError(`a K42 protocol has at most ${mostObjects} objects, not ${objects.length}`);
    const dispatchers = int(0, 2 ** objects.length - 1);
    return {
      owner: threadId,
      retrySources: dispatchers,
      ipcRetry: dispatchers,
      pool: queue(threadId),
      messages: queue(message, buffer),
      readyHandler: bool(),
      busyHandlers: int(0, handlers),
    };
  });
}
