/**
 * Genode: entrypoints that serve RPC and signals with one thread, and signal contexts as core delivers them. Dataspaces are
 * the protocol's memory: they give neither order nor notification. `import * as genode from "ipc-check/kernels/genode"`.
 */
import {
  type Domain,
  initialOf,
  type Kernel,
  kernel as declareKernel,
  type ObjectRef,
  type ObjectType,
  objectType,
  type Op,
  type ThreadId,
} from "../../model/language/index.ts";
import { onlyOptions } from "../../model/language/names.ts";
import { operations } from "./rules.ts";
import { type Core, rpc } from "./state.ts";

export { type Ring, receive, transmit } from "./packet-stream.ts";
export type { Core } from "./state.ts";

/** What an RPC yields. Reading `reply` after an error is the violation `unhandled-error`. */
export interface Answer<M> {
  readonly error: "none" | "ipc-error";
  readonly reply: M;
}
/** What an entrypoint has to do next. */
export interface Request<M> {
  readonly kind: "rpc" | "signal";
  /** Nobody where it is a signal. */
  readonly caller: ThreadId;
  readonly message: M;
  /** The signal context, as its `id`; -1 where it is an RPC. */
  readonly context: number;
  /** How often it has been submitted, as far as core knows. */
  readonly count: number;
}

export interface Entrypoint<M> {
  /** Calls: blocks until the entrypoint has replied. */
  call(message: M): Op<Answer<M>>;
  /** The entrypoint's own thread: replies to the last request (acknowledges the last signal) and takes the next. */
  replyAndWait(reply: M, options?: { readonly idle?: boolean }): Op<Request<M>>;
  /** The same where there is nothing to say. */
  wait(options?: { readonly idle?: boolean }): Op<Request<M>>;
  /** Every caller gets an Ipc_error. */
  destroy(): Op<object>;
  readonly ref: ObjectRef;
}
export interface Signal {
  /** Never blocks. */
  submit(): Op<object>;
  /** From now on its signals go to this entrypoint; before, they are lost. */
  manage(entrypoint: { readonly ref: ObjectRef }): Op<object>;
  /** No signal comes after this. */
  dissolve(): Op<object>;
  /** As requests name it. */
  readonly id: number;
}
export interface Threads {
  /** cancel_blocking: ends the RPC that a thread is blocked in. */
  cancel(target: ThreadId): Op<object>;
}

export interface Options<M> {
  readonly cpus?: number;
  /** What requests and replies carry. */
  readonly message: Domain<M>;
  /** How core delivers signals. Default "generic". */
  readonly core?: Core;
  /** Highest count of submitted signals that is told apart. Default 3. */
  readonly counts?: number;
}
export interface System<M> {
  readonly kernel: Kernel<{ readonly control: Threads }>;
  readonly entrypoint: () => ObjectType<Entrypoint<M>>;
  readonly signal: () => ObjectType<Signal>;
}

/** The kernel and the makers of its objects. */
export function system<M>(options: Options<M>): System<M> {
  onlyOptions("genode.system", options, ["cpus", "message", "core", "counts"]);
  const { message, core = "generic", counts = 3 } = options;
  if (!Number.isInteger(counts) || counts < 1 || counts > 255) throw new RangeError(`genode.system({ counts: ${counts} }): give 1 to 255`);
  const { groups, call, next, submit, manage, dissolve, cancel, destroy } = operations(message, core, counts);
  const nothing = initialOf(message);
  const control: Threads = { cancel: (target) => cancel({ target }) };
  const kernel = declareKernel({
    name: "genode",
    options: { core, counts },
    ...(options.cpus === undefined ? {} : { cpus: options.cpus }),
    state: [rpc],
    operations: [cancel],
    api: { control },
    machine: () => import("./path.ts"),
  });
  const entrypoint = (): ObjectType<Entrypoint<M>> =>
    objectType({
      name: "entrypoint",
      state: [rpc, groups.entrypoints],
      operations: [call, next, destroy],
      api: (object): Entrypoint<M> => ({
        call: (message) => call({ object, message }),
        replyAndWait: (reply, { idle = true } = {}) => next({ object, reply, idle }),
        wait: ({ idle = true } = {}) => next({ object, reply: nothing, idle }),
        destroy: () => destroy({ object }),
        ref: object,
      }),
      machine: () => import("./path.ts"),
    });
  const signal = (): ObjectType<Signal> =>
    objectType({
      name: "signal",
      state: [groups.contexts],
      operations: [submit, manage, dissolve],
      api: (object): Signal => ({
        submit: () => submit({ object }),
        manage: ({ ref }) => manage({ object, entrypoint: ref }),
        dissolve: () => dissolve({ object }),
        id: object.index,
      }),
      machine: () => import("./path.ts"),
    });
  return { kernel, entrypoint, signal };
}
