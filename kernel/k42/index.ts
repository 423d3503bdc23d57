/**
 * K42: protected procedure calls between dispatchers, with refusal and retry; asynchronous messages; Block and Unblock.
 * `import * as k42 from "ipc-check/kernels/k42"`.
 *
 *     const { kernel, dispatcher } = k42.system({ message: int(0, 3) });
 *     protocol("…", { kernel, objects: { server: dispatcher(), client: dispatcher() }, … })
 */
import {
  type Domain,
  initialOf,
  type Kernel,
  kernel as declareKernel,
  nobody,
  type ObjectRef,
  type ObjectType,
  objectType,
  type Op,
  type ThreadId,
} from "../../model/language/index.ts";
import { onlyOptions } from "../../model/language/names.ts";
import { valuesOf } from "../common/general.ts";
import { operationsOf } from "./rules.ts";
import { haltsOf } from "./scheduling.ts";
import { thread } from "./state.ts";

/** What a PPC yields. Reading `reply` after an error is the violation `unhandled-error`. */
export interface Answer<M> {
  /** ENOMEM: the target has no free thread. disabled: the caller's own dispatcher is disabled, where K42 fails an assertion. */
  readonly error: "none" | "ENOMEM" | "disabled";
  readonly reply: M;
}
/** What a free thread is taken for. */
export interface Request<M> {
  readonly kind: "call" | "message";
  /** Nobody where it is an asynchronous message. */
  readonly caller: ThreadId;
  readonly message: M;
}

/** What threads do on their own dispatcher. A thread belongs to the one on which it first does something. */
export interface Dispatcher<M> {
  /** PPC: calls a service of another dispatcher, and returns with its reply. */
  call(target: { readonly ref: ObjectRef }, message: M): Op<Answer<M>>;
  /** Asynchronous: the message is copied to the target's buffer. EBUSY: that is full. */
  send(target: { readonly ref: ObjectRef }, message: M): Op<{ readonly error: "none" | "EBUSY" }>;
  /** One of the threads that calls and messages are served by: waits to be taken for one. Idle unless `idle: false`. */
  accept(options?: { readonly idle?: boolean }): Op<Request<M>>;
  /**
   * Replies and is free again in the same step, as a thread of K42 is whose call returns. With `retry: false` a reply that is
   * refused is given up.
   */
  replyAccept(caller: ThreadId, message: M, options?: { readonly retry?: boolean; readonly idle?: boolean }): Op<Request<M>>;
  /**
   * Replies to a caller. A caller whose dispatcher is disabled refuses it, and the thread tries again until it is taken;
   * with `retry: false` it gives up instead, and yields "refused".
   */
  reply(caller: ThreadId, message: M, options?: { readonly retry?: boolean }): Op<{ readonly outcome: "sent" | "refused" }>;
  /** Enters a critical section of the user-level scheduler: no other thread of the dispatcher runs, and nothing is delivered to it. */
  disable(): Op<object>;
  enable(): Op<object>;
  readonly ref: ObjectRef;
}
/** Block and Unblock of the user-level scheduler. */
export interface Scheduler {
  /** Sleeps until somebody unblocks this thread; returns at once if that has happened since the last time. Enables a disabled dispatcher. */
  block(options?: { readonly idle?: boolean }): Op<object>;
  unblock(target: ThreadId): Op<object>;
}

export interface Options<M> {
  readonly cpus?: number;
  /** What calls, replies and asynchronous messages carry. */
  readonly message: Domain<M>;
  /** Asynchronous messages that the buffer of a dispatcher has room for. Default 2. */
  readonly buffer?: number;
  /** Threads of a dispatcher that may work on asynchronous messages at a time. Default 10, as in K42. */
  readonly handlers?: number;
  /** Whether a dispatcher enters the handling of a refusal disabled, as in K42, or, as a mutant, enabled. */
  readonly faultEntry?: "disabled" | "enabled";
}
export interface System<M> {
  readonly kernel: Kernel<{ readonly scheduler: Scheduler }>;
  readonly dispatcher: () => ObjectType<Dispatcher<M>>;
}

/** The kernel and the maker of its dispatchers. */
export function system<M>(options: Options<M>): System<M> {
  onlyOptions("k42.system", options, ["cpus", "message", "buffer", "handlers", "faultEntry"]);
  const { message, buffer = 2, handlers = 10, faultEntry = "disabled" } = options;
  if (!Number.isInteger(buffer) || buffer < 1 || buffer > 16) throw new RangeError(`k42.system({ buffer: ${buffer} }): give 1 to 16`);
  if (!Number.isInteger(handlers) || handlers < 1 || handlers > 10) throw new RangeError(`k42.system({ handlers: ${handlers} }): give 1 to 10`);
  const nothing = initialOf(message);
  const operations = operationsOf(message, valuesOf(message) as readonly M[], { faultEntry, handlers, buffer });
  const { call, reply, accept, send, disable, enable, block, unblock } = operations;
  const api: Scheduler = {
    block: ({ idle = false } = {}) => block({ idle }),
    unblock: (target) => unblock({ target }),
  };
  const kernel = declareKernel({
    name: "k42",
    options: { buffer, handlers, faultEntry },
    ...(options.cpus === undefined ? {} : { cpus: options.cpus }),
    state: [thread, operations.dispatcher],
    operations: [block, unblock],
    halts: haltsOf(operations.dispatcher),
    api: { scheduler: api },
    machine: () => import("./path.ts"),
  });
  const dispatcher = (): ObjectType<Dispatcher<M>> =>
    objectType({
      name: "dispatcher",
      state: [thread, operations.dispatcher],
      operations: [call, reply, accept, send, disable, enable],
      api: (object): Dispatcher<M> => ({
        call: ({ ref }, message) => call({ object, target: ref, message }),
        send: ({ ref }, message) => send({ object, target: ref, message }),
        accept: ({ idle = true } = {}) => accept({ object, idle, answer: nobody, message: nothing, retry: true }),
        replyAccept: (caller, message, { retry = true, idle = true } = {}) => accept({ object, idle, answer: caller, message, retry }),
        reply: (caller, message, { retry = true } = {}) => reply({ object, caller, message, retry }),
        disable: () => disable({ object }),
        enable: () => enable({ object }),
        ref: object,
      }),
      machine: () => import("./path.ts"),
    });
  return { kernel, dispatcher };
}
