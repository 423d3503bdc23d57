/**
 * seL4: endpoints, badged capabilities, replies, notifications. `import * as sel4 from "ipc-check/kernels/sel4"`.
 *
 * `sel4.system({ message })` is the kernel without the mixed-criticality extensions, where the right to reply lies in a
 * thread's caller slot; `sel4.mcs({ message })` the one with them: reply objects, scheduling contexts, passive servers.
 * Each gives the kernel and the makers of its objects:
 *
 *     const { kernel, endpoint } = sel4.system({ message: int(0, 3) });
 *     protocol("…", { kernel, objects: { service: endpoint() }, threads: { … } });
 */
import {
  type Domain,
  type Kernel,
  kernel as declareKernel,
  type ObjectRef,
  type ObjectType,
  objectType,
  type Op,
  type ThreadId,
  timedByMethod,
  type TimedCall,
  untimed,
} from "../../model/language/index.ts";
import { onlyOptions } from "../../model/language/names.ts";
import { type Administration, administrationOf, contextsOf } from "./administration.ts";
import type { Capability } from "./general.ts";
import { type Ipc, ipcOf, type Rights } from "./ipc.ts";
import { notificationsOf, type Signals, signalsOf } from "./notification.ts";
import { haltsOf } from "./halts.ts";
import { callerSlotsOf, replyObjectsOf } from "./reply.ts";
import { endpoint, notification, replyObject, savedSlot } from "./state.ts";
import { type System, systemOf } from "./threads.ts";

export type { Capability } from "./general.ts";
export type { Rights } from "./ipc.ts";

/** What a receive yields. Only the badge tells a message from a signal of the bound notification. */
export interface Received<M> {
  /** Of the capability that was sent or signalled with; 0 if NBRecv found nothing. */
  readonly badge: number;
  readonly message: M;
}
/** What Call yields. Reading `message` after an error is the violation `unhandled-error`. */
export interface Replied<M> {
  readonly message: M;
  readonly error: "none" | "invalid-capability";
}
interface Idle {
  /** Waiting here for ever is rest, not harm. Default: true for receives on endpoints, false for notifications. */
  readonly idle?: boolean;
}

/** A capability to send with. */
export interface Sender<M> {
  /** Blocks until somebody receives. That it did not arrive is not told (a missing right, a deleted endpoint). */
  send(message: M): Op<object>;
  /** The message is lost if nobody waits for it. */
  nbSend(message: M): Op<object>;
  /** Sends, then blocks on the reply. */
  call(message: M): Op<Replied<M>>;
}
interface AnyEndpoint<M> extends Sender<M> {
  /** A capability minted with this badge and these rights. Default: "grantReply". */
  badged(badge: number, rights?: Rights): Sender<M>;
  /** Deletes the endpoint; all who are queued perform their system call again. */
  delete(): Op<object>;
  /** Deletes the capabilities with this badge. What is queued already stays queued. */
  revoke(badge: number): Op<object>;
  /** Those queued with this badge perform their system call again. */
  cancelBadgedSends(badge: number): Op<object>;
}
export interface Endpoint<M> extends AnyEndpoint<M> {
  /** Receives a message, or the signal of the bound notification. Deletes the capability in the caller slot. */
  recv(options?: Idle): Op<Received<M>>;
  nbRecv(): Op<Received<M>>;
  /** Replies to whom the caller slot names, then receives. */
  replyRecv(message: M, options?: Idle): Op<Received<M>>;
}
export interface McsEndpoint<M> extends AnyEndpoint<M> {
  /** Receives; `reply` will name a caller. If it names another one still, that one is suspended. */
  recv(reply: Reply<M>, options?: Idle): Op<Received<M>>;
  nbRecv(reply: Reply<M>): Op<Received<M>>;
  /** Receives without a reply object: who calls is suspended. */
  wait(options?: Idle): Op<Received<M>>;
  nbWait(): Op<Received<M>>;
  /** Replies with `reply`, then receives with it. */
  replyRecv(reply: Reply<M>, message: M, options?: Idle): Op<Received<M>>;
  /** Signals, then receives: one system call, as a passive server needs it that has no time to make two. */
  signalRecv(bell: Notification, badge: number, reply: Reply<M>, options?: Idle): Op<Received<M>>;
  /** NBSendRecv: sends to another endpoint, handing the scheduling context on, then receives. */
  nbSendRecv(to: McsEndpoint<M>, message: M, reply: Reply<M>, options?: Idle): Op<Received<M>>;
  readonly object: ObjectRef;
}
/** A slot of a capability table. */
export interface SavedCaller<M> {
  /** SaveCaller: moves the capability from the caller slot here; `saved` is false if the slot is full. */
  save(): Op<{ readonly saved: boolean }>;
  reply(message: M): Op<object>;
  /** Its caller, if any, waits on. */
  delete(): Op<object>;
}
/** A reply object. */
export interface Reply<M> {
  send(message: M): Op<object>;
  delete(): Op<object>;
  readonly object: ObjectRef;
}
export interface Notification {
  /** ORs the badge of the capability into the word, or hands it to who waits. Never blocks. */
  signal(badge?: number): Op<object>;
  wait(options?: Idle): Op<{ readonly badge: number }>;
  poll(): Op<{ readonly badge: number }>;
  /** The thread, blocked on receive on any endpoint, gets the signals; nobody else may wait for them. */
  bind(target: ThreadId): Op<{ readonly bound: boolean }>;
  unbind(): Op<object>;
  readonly object: ObjectRef;
}
export interface McsNotification extends Notification {
  /** NBSendWait: signals another notification, then waits for this one, in one system call. */
  signalWait(other: Notification, badge: number, options?: Idle): Op<{ readonly badge: number }>;
}
export interface Tcb {
  /** The thread stops where it stands; a call that waits for its reply is forgotten. */
  suspend(target: ThreadId): Op<object>;
  /** Makes a suspended or blocked thread perform its system call again. */
  resume(target: ThreadId): Op<object>;
}
export interface SchedContext {
  /** Nobody runs on the context made for `target` any more. */
  unbind(target: ThreadId): Op<object>;
  /** Gives `target`, which has none, its own back; `bound` is false if somebody runs on it. */
  bind(target: ThreadId): Op<{ readonly bound: boolean }>;
  /** Binds the context made for `owner`, on which nobody runs, to a notification, which lends it to threads without one that it wakes. */
  bindNotification(bell: Notification, owner: ThreadId): Op<{ readonly bound: boolean }>;
}

export interface Options<M> {
  readonly cpus?: number;
  /** What a message carries. */
  readonly message: Domain<M>;
  /** Badges are numbers of so many bits, 1..3; signals are ORed. Default 2. */
  readonly badgeBits?: number;
}
export interface McsOptions<M> extends Options<M> {
  /** Kernels before commit d5133b860: deleting a reply object leaves the receiver that waits with it in its queue. */
  readonly leavesReceiverQueued?: boolean;
  /** Kernels of issues 941 and 986: an idle core is not interrupted when a passive thread comes to it with a scheduling context. */
  readonly missingInterrupt?: boolean;
}
export interface EndpointOptions {
  /** The one capability that a thread without a program has if it holds the endpoint. Default: the endpoint itself. */
  readonly client?: Capability;
}
/** The kernel without MCS and the makers of its objects. */
export interface Classic<M> {
  readonly kernel: Kernel<{ readonly ipc: { reply(message: M): Op<object> }; readonly tcb: Tcb }>;
  endpoint(options?: EndpointOptions): ObjectType<Endpoint<M>>;
  notification(): ObjectType<Notification>;
  slot(): ObjectType<SavedCaller<M>>;
}
/** The kernel with MCS and the makers of its objects. */
export interface Mcs<M> {
  readonly kernel: Kernel<{ readonly tcb: Tcb; readonly context: SchedContext }>;
  endpoint(options?: EndpointOptions): ObjectType<McsEndpoint<M>>;
  notification(): ObjectType<McsNotification>;
  reply(): ObjectType<Reply<M>>;
}

interface Parts<M> {
  readonly system: System<M>;
  readonly signals: Signals;
  readonly ipc: Ipc<M>;
  readonly administration: Administration;
  readonly tcb: Tcb;
  senders(object: ObjectRef): Omit<AnyEndpoint<M>, never>;
  endpointType<Api extends object>(options: EndpointOptions, api: (object: ObjectRef) => Api): ObjectType<Api>;
  notification(): ObjectType<McsNotification>;
}

/** Whether a system call blocks is its own name; a call and a reply have no variant that does not. */
const timed: readonly TimedCall[] = [
  timedByMethod({ operations: ["endpoint.send"], phase: "send", waits: "send", polls: "nbSend" }),
  untimed({ operation: "endpoint.send", method: "call", answers: "object" }),
  timedByMethod({ operations: ["endpoint.receive"], phase: "receive", waits: "recv", polls: "nbRecv" }),
  timedByMethod({ operations: ["endpoint.receive"], phase: "receive", waits: "wait", polls: "nbWait" }),
  timedByMethod({ operations: ["notification.wait"], phase: "wait", waits: "wait", polls: "poll" }),
];

const machine = (): Promise<unknown> => import("./path.ts");

function partsOf<M>({
  message,
  badgeBits = 2,
  mcs,
  leavesReceiverQueued,
  missingInterrupt,
}: Options<M> & { readonly mcs: boolean; readonly leavesReceiverQueued: boolean; readonly missingInterrupt: boolean }): Parts<M> {
  if (!Number.isInteger(badgeBits) || badgeBits < 1 || badgeBits > 3) throw new RangeError(`badgeBits: ${badgeBits}: badges have 1 to 3 bits`);
  const badges = 2 ** badgeBits;
  const system = systemOf({ mcs, message, badges, leavesReceiverQueued, missingInterrupt });
  const signals: Signals = signalsOf(system, () => ipc);
  const ipc: Ipc<M> = ipcOf(system, signals);
  const notifications = notificationsOf(system, signals);
  const administration = administrationOf(system);
  const alone = { signal: null, badge: 0 } as const;
  const sender = (object: ObjectRef, badge: number, rights: Rights): Sender<M> => ({
    send: (value) => ipc.send({ object, message: value, badge, rights, isCall: false, isBlocking: true }),
    nbSend: (value) => ipc.send({ object, message: value, badge, rights, isCall: false, isBlocking: false }),
    call: (value) => ipc.send({ object, message: value, badge, rights, isCall: true, isBlocking: true }),
  });
  return {
    system,
    signals,
    ipc,
    administration,
    tcb: { suspend: (target) => administration.suspend({ target }), resume: (target) => administration.resume({ target }) },
    senders: (object) => ({
      ...sender(object, 0, "grant"),
      badged: (badge, rights = "grantReply") => sender(object, badge, rights),
      delete: () => administration.remove({ object }),
      revoke: (badge) => administration.revoke({ object, badge }),
      cancelBadgedSends: (badge) => administration.cancelBadgedSends({ object, badge }),
    }),
    endpointType: ({ client }, api) =>
      objectType({
        name: "endpoint",
        options: { badges, client: client ?? null },
        state: [endpoint],
        operations: [ipc.send, ipc.receive, administration.remove, administration.revoke, administration.cancelBadgedSends],
        api,
        machine,
      }),
    notification: () =>
      objectType({
        name: "notification",
        options: { badges },
        state: [notification],
        operations: [notifications.signal, signals.wait, notifications.bind, notifications.unbind],
        api: (object): McsNotification => ({
          signal: (badge = 1) => notifications.signal({ object, badge }),
          wait: ({ idle = false } = {}) => signals.wait({ ...alone, object, isBlocking: true, idle }),
          poll: () => signals.wait({ ...alone, object, isBlocking: false, idle: false }),
          signalWait: (other, badge, { idle = false } = {}) => signals.wait({ object, signal: other.object, badge, isBlocking: true, idle }),
          bind: (target) => notifications.bind({ object, target }),
          unbind: () => notifications.unbind({ object }),
          object,
        }),
        machine,
      }),
  };
}

/** seL4 without the mixed-criticality extensions. */
export function system<M>(options: Options<M>): Classic<M> {
  onlyOptions("sel4.system", options, ["cpus", "message", "badgeBits"]);
  const parts = partsOf({ ...options, mcs: false, leavesReceiverQueued: false, missingInterrupt: false });
  const { ipc, administration } = parts;
  const slots = callerSlotsOf(parts.system, ipc);
  const none = { message: parts.system.nothing, badge: 0, reply: null, to: null, signal: null } as const;
  return {
    kernel: declareKernel({
      name: "sel4",
      options: { mcs: false },
      ...(options.cpus === undefined ? {} : { cpus: options.cpus }),
      state: parts.system.perThread,
      operations: [slots.reply, administration.suspend, administration.resume],
      halts: haltsOf(parts.system),
      timed,
      api: { ipc: { reply: (message: M) => slots.reply({ message }) }, tcb: parts.tcb },
      machine,
    }),
    endpoint: (given = {}) =>
      parts.endpointType(
        given,
        (object): Endpoint<M> => ({
          ...parts.senders(object),
          recv: ({ idle = true } = {}) => ipc.receive({ ...none, object, first: "nothing", isBlocking: true, idle }),
          nbRecv: () => ipc.receive({ ...none, object, first: "nothing", isBlocking: false, idle: false }),
          replyRecv: (message, { idle = true } = {}) => ipc.receive({ ...none, object, first: "reply", message, isBlocking: true, idle }),
        }),
      ),
    notification: parts.notification,
    slot: () =>
      objectType({
        name: "saved",
        state: [savedSlot],
        operations: [slots.save, slots.replyTo, slots.drop],
        api: (object): SavedCaller<M> => ({
          save: () => slots.save({ object }),
          reply: (message) => slots.replyTo({ object, message }),
          delete: () => slots.drop({ object }),
        }),
        machine,
      }),
  };
}

/** seL4 with the mixed-criticality extensions. */
export function mcs<M>(options: McsOptions<M>): Mcs<M> {
  onlyOptions("sel4.mcs", options, ["cpus", "message", "badgeBits", "leavesReceiverQueued", "missingInterrupt"]);
  const { leavesReceiverQueued = false, missingInterrupt = false } = options;
  const parts = partsOf({ ...options, mcs: true, leavesReceiverQueued, missingInterrupt });
  const { ipc, administration } = parts;
  const replies = replyObjectsOf(parts.system, ipc);
  const contexts = contextsOf(parts.system);
  const none = { message: parts.system.nothing, badge: 0, to: null, signal: null } as const;
  return {
    kernel: declareKernel({
      name: "sel4",
      options: { mcs: true, leavesReceiverQueued, ...(missingInterrupt ? { missingInterrupt } : {}) },
      ...(options.cpus === undefined ? {} : { cpus: options.cpus }),
      state: parts.system.perThread,
      operations: [administration.suspend, administration.resume, contexts.unbind, contexts.bind, contexts.bindNotification],
      halts: haltsOf(parts.system),
      timed,
      api: {
        tcb: parts.tcb,
        context: {
          unbind: (target: ThreadId) => contexts.unbind({ target }),
          bind: (target: ThreadId) => contexts.bind({ target }),
          bindNotification: (bell: Notification, owner: ThreadId) => contexts.bindNotification({ object: bell.object, owner }),
        },
      },
      machine,
    }),
    endpoint: (given = {}) =>
      parts.endpointType(
        given,
        (object): McsEndpoint<M> => ({
          ...parts.senders(object),
          recv: (reply, { idle = true } = {}) => ipc.receive({ ...none, object, first: "nothing", reply: reply.object, isBlocking: true, idle }),
          nbRecv: (reply) => ipc.receive({ ...none, object, first: "nothing", reply: reply.object, isBlocking: false, idle: false }),
          wait: ({ idle = true } = {}) => ipc.receive({ ...none, object, first: "nothing", reply: null, isBlocking: true, idle }),
          nbWait: () => ipc.receive({ ...none, object, first: "nothing", reply: null, isBlocking: false, idle: false }),
          replyRecv: (reply, message, { idle = true } = {}) =>
            ipc.receive({ ...none, object, first: "reply", reply: reply.object, message, isBlocking: true, idle }),
          signalRecv: (bell, badge, reply, { idle = true } = {}) =>
            ipc.receive({ ...none, object, first: "send", signal: bell.object, badge, reply: reply.object, isBlocking: true, idle }),
          nbSendRecv: (to, message, reply, { idle = true } = {}) =>
            ipc.receive({ ...none, object, first: "send", to: to.object, message, reply: reply.object, isBlocking: true, idle }),
          object,
        }),
      ),
    notification: parts.notification,
    reply: () =>
      objectType({
        name: "reply",
        state: [replyObject],
        operations: [replies.send, replies.remove],
        api: (object): Reply<M> => ({
          send: (message) => replies.send({ object, message }),
          delete: () => replies.remove({ object }),
          object,
        }),
        machine,
      }),
  };
}
