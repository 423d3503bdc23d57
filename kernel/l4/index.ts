/**
 * L4 (Liedtke; X.2 as in L4Ka::Pistachio): synchronous IPC between threads, a timeout on each phase, FIFO senders,
 * and notification objects. `import * as l4 from "ipc-check/kernels/l4"`.
 */
import { type Domain, type Kernel, initialOf, kernel as declareKernel, nobody, type Op, type ThreadId, type Timeout } from "../../model/language/index.ts";
import { onlyOptions } from "../../model/language/names.ts";
import { operations } from "./rules.ts";

export { type Notification, notification } from "./notification.ts";

export type IpcError = "none" | "timeout" | "non-existing" | "cancelled";

/** What a receive phase yields. Reading `from` or `message` after an error is the violation `unhandled-error`. */
export interface Received<M> {
  readonly from: ThreadId;
  readonly message: M;
  readonly error: IpcError;
  /** The phase that failed. */
  readonly phase: "none" | "send" | "receive";
}
export interface Sent {
  readonly error: IpcError;
  readonly phase: "none" | "send" | "receive";
}
export interface Timeouts {
  /** Default "infinite". */
  readonly send?: Timeout;
  /** Default "infinite". */
  readonly receive?: Timeout;
}
interface Idle {
  /** Waiting here for ever is rest, not harm. Default: true for open waits, false for closed ones. */
  readonly idle?: boolean;
}

/** L4 IPC. Every operation is one system call. */
export interface Ipc<M> {
  /** Sends, then waits for the answer of the same thread. */
  call(to: ThreadId, message: M, options?: Timeouts): Op<Received<M>>;
  send(to: ThreadId, message: M, options?: Pick<Timeouts, "send">): Op<Sent>;
  /** Receives from anyone. */
  wait(options?: Pick<Timeouts, "receive"> & Idle): Op<Received<M>>;
  /** Receives from one thread. */
  receive(from: ThreadId, options?: Pick<Timeouts, "receive"> & Idle): Op<Received<M>>;
  /** Sends the reply, then receives from anyone. */
  replyWait(to: ThreadId, message: M, options?: Timeouts & Idle): Op<Received<M>>;
  /** ExchangeRegisters: ends the IPC that `target` is blocked in. */
  cancel(target: ThreadId): Op<{ readonly acted: boolean }>;
  /** ThreadControl: deletes `target`. */
  delete(target: ThreadId): Op<object>;
}

export interface Options<M> {
  readonly cpus?: number;
  /** What a message carries. */
  readonly message: Domain<M>;
  /** Make IPC between CPUs one atomic step, which the real kernel does not. */
  readonly atomic?: boolean;
}

/** Declares the kernel. */
export function kernel<M>(options: Options<M>): Kernel<{ readonly ipc: Ipc<M> }> {
  onlyOptions("l4.kernel", options, ["cpus", "message", "atomic"]);
  const atomic = options.atomic ?? false;
  const { state, ipc, cancel, remove } = operations(options.message, atomic);
  const nothing = initialOf(options.message);
  const api: Ipc<M> = {
    call: (to, message, { send = "infinite", receive = "infinite" } = {}) => ipc({ to, message, send, next: "closed", from: to, receive, idle: false }),
    send: (to, message, { send = "infinite" } = {}) => ipc({ to, message, send, next: "none", from: nobody, receive: "infinite", idle: false }),
    wait: ({ receive = "infinite", idle = true } = {}) => ipc({ to: nobody, message: nothing, send: "infinite", next: "open", from: nobody, receive, idle }),
    receive: (from, { receive = "infinite", idle = false } = {}) =>
      ipc({ to: nobody, message: nothing, send: "infinite", next: "closed", from, receive, idle }),
    replyWait: (to, message, { send = "infinite", receive = "infinite", idle = true } = {}) =>
      ipc({ to, message, send, next: "open", from: nobody, receive, idle }),
    cancel: (target) => cancel({ target }),
    delete: (target) => remove({ target }),
  };
  return declareKernel({
    name: "l4",
    options: { atomic },
    ...(options.cpus === undefined ? {} : { cpus: options.cpus }),
    state,
    operations: [ipc, cancel, remove],
    api: { ipc: api },
    machine: () => import("./path.ts"),
  });
}
