/**
 * Fiasco.OC, the kernel of L4Re: gates with labels, reply capabilities, senders queued by priority, interrupts as messages,
 * semaphores. `import * as fiasco from "ipc-check/kernels/fiasco"`.
 *
 * `fiasco.system({ message })` gives the kernel and the makers of its objects:
 *
 *     const { kernel, gate } = fiasco.system({ message: int(0, 3) });
 *     protocol("…", { kernel, objects: { service: gate() }, threads: { … } });
 */
import {
  type Domain,
  type Kernel,
  kernel as declareKernel,
  nobody,
  type ObjectRef,
  type ObjectType,
  objectType,
  type Op,
  type ThreadId,
  type TimedCall,
  timedByOptions,
  type Timeout,
} from "../../model/language/index.ts";
import { onlyOptions } from "../../model/language/names.ts";
import { type Ipc as IpcOperation, systemOf } from "./calls.ts";
import { ipcOf } from "./ipc.ts";
import { operationsOf } from "./objects-rules.ts";
import { gate, irq, replySlot, semaphore } from "./state.ts";

export type IpcError = "none" | "timeout" | "not-existent" | "cancelled";
/** What a receive phase yields. Reading `label` or `message` after an error is the violation `unhandled-error`. */
export interface Received<M> {
  /** Of the gate or the interrupt; 0 if a thread was named directly. */
  readonly label: number;
  readonly message: M;
  readonly error: IpcError;
  /** The phase that failed. */
  readonly phase: "none" | "send" | "receive";
}
export interface Sent {
  readonly error: IpcError;
  readonly phase: "none" | "send" | "receive";
}
type If<P, K extends string, T> = P extends Readonly<Record<K, true>> ? T : object;
type Sending<P> = {
  /** Default "infinite", of replies "zero". */
  readonly send?: Timeout;
} & If<P, "items", { /** The message carries capabilities. Default: false. */ readonly items?: boolean }>;
interface Receiving {
  /** Default "infinite". */
  readonly receive?: Timeout;
  /** Waiting here for ever is rest, not harm. Default: true for open waits, false for closed ones. */
  readonly idle?: boolean;
}
interface Storing<M, P> {
  /** Where the right to reply goes. Default: the implicit slot of the thread. */
  readonly slot?: ReplySlot<M, P>;
}
export interface Ipc<M, P = object> {
  send(to: ThreadId, message: M, options?: Sending<P>): Op<Sent>;
  call(to: ThreadId, message: M, options?: Sending<P> & Omit<Receiving, "idle">): Op<Received<M>>;
  /** Receives from anyone, interrupts first. Who calls leaves the right to reply; what lay in the slot is lost. */
  wait(options?: Receiving & Storing<M, P>): Op<Received<M>>;
  /** Receives from one thread. */
  receive(from: ThreadId, options?: Receiving): Op<Received<M>>;
  /** Replies to the caller in the implicit slot, which is empty afterwards whatever happens. */
  reply(message: M, options?: Sending<P> & Forging): Op<Sent>;
  replyWait(message: M, options?: Sending<P> & Receiving & Storing<M, P> & Forging): Op<Received<M>>;
  /** A page fault: a call of the kernel on the thread's behalf, without timeouts. */
  fault(pager: ThreadId, message: M): Op<object>;
  /** ex_regs: ends the IPC that the thread is blocked in. */
  cancel(target: ThreadId): Op<{ readonly acted: boolean }>;
  delete(target: ThreadId): Op<object>;
}
interface Forging {
  /** With `staleReplies`: the label under which a reply arrives where no reply is waited for. Default 0. */
  readonly label?: number;
}
export interface Gate<M, P = object> {
  send(message: M, options?: Sending<P>): Op<Sent>;
  call(message: M, options?: Sending<P> & Omit<Receiving, "idle">): Op<Received<M>>;
  /** Binds or rebinds it. Who waits at the gate sends once more; who is queued at the old thread stays there. */
  bind(thread: ThreadId, label: number): Op<object>;
  delete(): Op<object>;
  /** Triggers the interrupt when the gate is deleted. */
  notifyDeletion(line: Irq): Op<object>;
}
/** An explicit slot for the right to reply. */
export interface ReplySlot<M, P = object> {
  reply(message: M, options?: Sending<P> & Forging): Op<Sent>;
  readonly object: ObjectRef;
}
export interface Irq {
  bind(thread: ThreadId, label: number): Op<object>;
  trigger(): Op<object>;
  /** Lets a level-triggered line come up again. */
  unmask(): Op<object>;
  readonly object: ObjectRef;
}
export interface Semaphore {
  up(): Op<object>;
  down(options?: { readonly timeout?: Timeout; readonly idle?: boolean }): Op<{ readonly error: "none" | "timeout" }>;
}

export interface Options {
  readonly cpus?: number;
  /** Number of labels, 1..16. Default 4. */
  readonly labels?: number;
  /** Make IPC between CPUs one atomic step, which the real kernel does not. */
  readonly atomic?: boolean;
  /** Kernels before commits 2c30ef80 and 2b86d97b: a caller that stops waiting leaves the right to reply behind. */
  readonly staleReplies?: boolean;
  /** Kernels before commit 83d385af: a cancelled thread stays in the queue of an unbound gate. */
  readonly staysAtGate?: boolean;
  /** Kernels before commit 6cc7ff2b: what was sent through a gate may arrive after the gate's deletion has been told. */
  readonly lateSenders?: boolean;
  /**
   * For `scheduling: "priority"`: a request from another CPU is looked at in the context of its receiver, and so not before that
   * would be scheduled. Without it requests are looked at at once.
   */
  readonly deferred?: boolean;
  /**
   * Messages may carry items (capabilities). Between CPUs their transfer is a step of its own, and a send to another CPU that is
   * cancelled or times out is aborted there, which may find its transfer under way.
   */
  readonly items?: true;
  /** With `items`, kernels before commit f72176b5: whoever aborts a send sets the flag of a transfer under way when that may be over. */
  readonly lateTransferFlag?: boolean;
}
/** The kernel and the makers of its objects. */
export interface System<M, P = object> {
  readonly kernel: Kernel<{ readonly ipc: Ipc<M, P> }>;
  gate(): ObjectType<Gate<M, P>>;
  slot(): ObjectType<ReplySlot<M, P>>;
  /** `level`: masked at each hit until it is unmasked. Default: edge-triggered. */
  irq(options?: { readonly level?: boolean }): ObjectType<Irq>;
  semaphore(options?: { readonly limit?: number; readonly initial?: number }): ObjectType<Semaphore>;
}

const [send, reply, receive] = [{ option: "send" }, { option: "send", otherwise: "zero" }, { option: "receive" }] as const;
/** The right to reply is used up whatever happens, and a reply does not wait unless it is said to. */
const timed: readonly TimedCall[] = [
  timedByOptions({ operation: "ipc", where: { kind: "thread" }, method: "call", before: 2, phases: { send, receive }, answers: "to" }),
  timedByOptions({ operation: "ipc", where: { kind: "gate" }, method: "call", before: 1, phases: { send, receive }, answers: "gate" }),
  timedByOptions({ operation: "ipc", where: { kind: "thread" }, method: "send", before: 2, phases: { send } }),
  timedByOptions({ operation: "ipc", where: { kind: "gate" }, method: "send", before: 1, phases: { send } }),
  timedByOptions({ operation: "ipc", method: "wait", before: 0, phases: { receive } }),
  timedByOptions({ operation: "ipc", method: "receive", before: 1, phases: { receive }, answers: "from" }),
  timedByOptions({ operation: "ipc", method: "reply", before: 1, phases: { send: reply } }),
  timedByOptions({ operation: "ipc", method: "replyWait", before: 1, phases: { send: reply, receive } }),
  timedByOptions({ operation: "semaphore.down", method: "down", before: 0, phases: { wait: { option: "timeout" } }, answers: "object" }),
];

type All = { readonly items: true };

const machine = (): Promise<unknown> => import("./path.ts");

export function system<M, const P extends Options>(options: { /** What a message carries. */ readonly message: Domain<M> } & P): System<M, P> {
  const flags = ["atomic", "staleReplies", "staysAtGate", "lateSenders", "deferred", "items", "lateTransferFlag"] as const;
  onlyOptions("fiasco.system", options, ["cpus", "message", "labels", ...flags]);
  const {
    message,
    labels = 4,
    atomic = false,
    staleReplies = false,
    staysAtGate = false,
    lateSenders = false,
    deferred = false,
  } = options as Options & typeof options;
  const { lateTransferFlag = false }: Options = options;
  const items = (options as Options).items === true;
  if (lateTransferFlag && !items) throw new TypeError("fiasco.system: lateTransferFlag is about messages with items; give items: true as well");
  if (items && deferred) throw new TypeError("fiasco.system: items and deferred are not modelled together; leave one of them out");
  if (!Number.isInteger(labels) || labels < 1 || labels > 16) throw new RangeError(`labels: ${labels}: there are 1 to 16 labels`);
  const shared = systemOf({ message, labels, atomic, staleReplies, staysAtGate, lateSenders, deferred, items, lateTransferFlag }, () => ipc);
  const ipc: IpcOperation<M> = ipcOf(shared);
  /** The argument that the call has only if messages may carry items. */
  const carrying = (carried: boolean) => (items ? { items: carried } : {}) as { readonly items: boolean };
  const others = operationsOf(shared);
  const sends = {
    kind: "none",
    to: nobody,
    gate: null,
    slot: null,
    message: shared.nothing,
    send: "infinite",
    isCall: false,
    forged: 0,
  } as const;
  const ends = { next: "none", from: nobody, receive: "infinite", store: null, idle: false } as const;
  const bare = { ...sends, ...ends, ...carrying(false) };

  const api: Ipc<M, All> = {
    send: (to, value, { send = "infinite", items: carried = false } = {}) => ipc({ ...bare, kind: "thread", to, message: value, ...carrying(carried), send }),
    call: (to, value, { send = "infinite", receive = "infinite", items: carried = false } = {}) =>
      ipc({ ...bare, kind: "thread", to, message: value, ...carrying(carried), send, isCall: true, next: "closed", receive }),
    wait: ({ receive = "infinite", idle = true, slot } = {}) => ipc({ ...bare, next: "open", receive, idle, store: slot === undefined ? null : slot.object }),
    receive: (from, { receive = "infinite", idle = false } = {}) => ipc({ ...bare, next: "closed", from, receive, idle }),
    reply: (value, { send = "zero", label = 0, items: carried = false } = {}) =>
      ipc({ ...bare, kind: "reply", message: value, ...carrying(carried), send, forged: label }),
    replyWait: (value, { send = "zero", receive = "infinite", idle = true, slot, label = 0, items: carried = false } = {}) =>
      ipc({
        ...bare,
        kind: "reply",
        message: value,
        ...carrying(carried),
        send,
        forged: label,
        next: "open",
        receive,
        idle,
        store: slot === undefined ? null : slot.object,
      }),
    fault: (pager, value) => ipc({ ...bare, kind: "thread", to: pager, message: value, isCall: true, next: "closed" }),
    cancel: (target) => others.cancel({ target }),
    delete: (target) => others.remove({ target }),
  };
  return {
    kernel: declareKernel({
      name: "fiasco",
      options: {
        atomic,
        staleReplies,
        staysAtGate,
        lateSenders,
        ...(deferred ? { deferred } : {}),
        ...(items ? { items } : {}),
        ...(lateTransferFlag ? { lateTransferFlag } : {}),
      },
      ...(options.cpus === undefined ? {} : { cpus: options.cpus }),
      state: [shared.tcb, ...(items ? [shared.transfers] : [])],
      operations: [ipc, others.cancel, others.remove],
      timed,
      api: { ipc: api as Ipc<M, P> },
      machine,
    }),
    gate: () =>
      objectType({
        name: "gate",
        options: { labels },
        state: [gate],
        operations: [ipc, others.bindGate, others.deleteGate, others.notifyDeletion],
        api: (object): Gate<M, All> => ({
          send: (value, { send = "infinite", items: carried = false } = {}) =>
            ipc({ ...bare, kind: "gate", gate: object, message: value, ...carrying(carried), send }),
          call: (value, { send = "infinite", receive = "infinite", items: carried = false } = {}) =>
            ipc({ ...bare, kind: "gate", gate: object, message: value, ...carrying(carried), send, isCall: true, next: "closed", receive }),
          bind: (thread, label) => others.bindGate({ object, thread, label }),
          delete: () => others.deleteGate({ object }),
          notifyDeletion: (line) => others.notifyDeletion({ object, irq: line.object }),
        }),
        machine,
      }),
    slot: () =>
      objectType({
        name: "slot",
        state: [replySlot],
        operations: [ipc],
        api: (object): ReplySlot<M, All> => ({
          reply: (value, { send = "zero", label = 0, items: carried = false } = {}) =>
            ipc({ ...bare, kind: "slot", slot: object, message: value, ...carrying(carried), send, forged: label }),
          object,
        }),
        machine,
      }),
    irq: ({ level = false } = {}) =>
      objectType({
        name: "irq",
        options: { labels, level },
        state: [irq],
        operations: [others.bindIrq, others.trigger, others.unmask],
        api: (object): Irq => ({
          bind: (thread, label) => others.bindIrq({ object, thread, label }),
          trigger: () => others.trigger({ object, isLevel: level }),
          unmask: () => others.unmask({ object }),
          object,
        }),
        machine,
      }),
    semaphore: ({ limit = 1, initial = 0 } = {}) =>
      objectType({
        name: "semaphore",
        options: { limit, initial },
        state: [semaphore],
        operations: [others.down, others.up],
        api: (object): Semaphore => ({
          up: () => others.up({ object }),
          down: ({ timeout = "infinite", idle = false } = {}) => others.down({ object, timeout, idle }),
        }),
        machine,
      }),
  };
}
