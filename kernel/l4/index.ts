/**
 * L4 (Liedtke; X.2 as in L4Ka::Pistachio): synchronous IPC between threads, a timeout on each phase, FIFO senders,
 * and notification objects. `import * as l4 from "ipc-check/kernels/l4"`.
 *
 * Parts of X.2 that need state of their own are switched on by options: `strings`, `spaces`, `versions`, `halting`. What a
 * kernel has not been given is a type error.
 */
import {
  type Domain,
  type Kernel,
  initialOf,
  kernel as declareKernel,
  nobody,
  type Op,
  type ThreadId,
  type TimedCall,
  timedByOptions,
  type Timeout,
} from "../../model/language/index.ts";
import type { Values } from "../../model/language/kernel.ts";
import { onlyOptions } from "../../model/language/names.ts";
import { controlOf, type Halting } from "./control.ts";
import { type IpcArguments, ipcOf } from "./rules.ts";
import { type StringItem, systemOf, type Variant } from "./state.ts";

export { type Notification, notification } from "./notification.ts";

/**
 * With strings: `overflow`, the receiver had no buffer; `transfer-timeout`, a page fault in the thread's own memory took too
 * long, `partner-timeout` in its partner's; `aborted`, somebody ended the transfer or deleted the partner.
 */
export type IpcError = "none" | "timeout" | "non-existing" | "cancelled" | "overflow" | "transfer-timeout" | "partner-timeout" | "aborted";

/** What a receive phase yields. Reading `from` or `message` after an error is the violation `unhandled-error`. */
export interface Received<M> {
  readonly from: ThreadId;
  readonly message: M;
  readonly error: IpcError;
  /** The phase that failed. */
  readonly phase: "none" | "send" | "receive";
}
interface WithVersion {
  /** Of the id that `from` has. */
  readonly version: number;
}
interface WithActual {
  /** Who sent the message in the name of `from`; nobody: `from` itself. */
  readonly actual: ThreadId;
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
interface Paged {
  /** How long page faults in the middle of a string may take, in both phases. Default "infinite". */
  readonly transfer?: Timeout;
  /** Who answers the page faults of this thread. It finds the message's first value. */
  readonly pager?: ThreadId;
}
/** A string item: memory of the sender that is mapped, or absent when it is to be copied. Default "none". */
interface StringOut extends Paged {
  readonly string?: StringItem;
}
/** A buffer for a string item; without one, a message with a string is an overflow. Default "none". */
interface StringIn extends Paged {
  readonly buffer?: StringItem;
}
/** Which version of the number is meant. Default 0. */
interface Addressed {
  readonly version?: number;
}
interface Propagated {
  /** The virtual sender: who the message comes from. Cleared unless it is in the sender's space, or the receiver is. */
  readonly as?: ThreadId;
}

/** The kernel that {@link kernel} declares, by what it has been given. */
interface Parts {
  readonly strings?: unknown;
  readonly spaces?: unknown;
  readonly versions?: unknown;
}
type If<P extends Parts, Part extends keyof Parts, T> = P extends Readonly<Record<Part, true | string | number>> ? T : object;
type SendOptions<P extends Parts> = Pick<Timeouts, "send"> & If<P, "strings", StringOut> & If<P, "versions", Addressed> & If<P, "spaces", Propagated>;
type ReceiveOptions<P extends Parts> = Pick<Timeouts, "receive"> & If<P, "strings", StringIn>;
type Reception<M, P extends Parts> = Received<M> & If<P, "versions", WithVersion> & If<P, "spaces", WithActual>;

/** L4 IPC. Every operation is one system call. */
export interface BasicIpc<M, P extends Parts = object> {
  /** Sends, then waits for the answer of the same thread. */
  call(to: ThreadId, message: M, options?: SendOptions<P> & ReceiveOptions<P>): Op<Reception<M, P>>;
  send(to: ThreadId, message: M, options?: SendOptions<P>): Op<Sent>;
  /** Receives from anyone. */
  wait(options?: ReceiveOptions<P> & Idle): Op<Reception<M, P>>;
  /** Receives from one thread. */
  receive(from: ThreadId, options?: ReceiveOptions<P> & Idle & If<P, "versions", Addressed>): Op<Reception<M, P>>;
  /** Sends the reply, then receives from anyone. */
  replyWait(to: ThreadId, message: M, options?: SendOptions<P> & ReceiveOptions<P> & Idle): Op<Reception<M, P>>;
  /**
   * The program of an interrupt thread: tells the handler, in line with its other senders, and stays masked until the handler
   * sends to the interrupt thread. The line itself is what the program does in between: `waitUntil` for a level.
   */
  interrupt(handler: ThreadId): Op<Reception<M, P>>;
  /** ExchangeRegisters with S and R: ends the IPC that `target` is blocked in. */
  cancel(target: ThreadId): Op<{ readonly acted: boolean }>;
  /**
   * ExchangeRegisters: ends the send (S), the receive (R) that `target` is blocked in, halts or resumes it (H), and tells how
   * it stood before. With `spaces` only for threads of the caller's own space.
   */
  exchange(target: ThreadId, bits: { readonly S?: boolean; readonly R?: boolean; readonly H?: Halting }): Op<Exchanged>;
  /** ThreadControl: deletes `target`. */
  delete(target: ThreadId): Op<object>;
}
export interface Exchanged {
  readonly error: "none" | "no-privilege";
  /** It was sending, receiving, halted. */
  readonly S: boolean;
  readonly R: boolean;
  readonly H: boolean;
}
interface Creating {
  /** ThreadControl: `target` is from now on the thread of the number of `as`, in this version. */
  create(target: ThreadId, options: { readonly as: ThreadId; readonly version: number }): Op<{ readonly error: "none" | "unavailable-thread" }>;
}
interface Local<M, P extends Parts> {
  /** Receives from anyone in the caller's space. */
  waitLocal(options?: ReceiveOptions<P> & Idle): Op<Reception<M, P>>;
  /** ThreadControl: moves `target` into the space of `into`. At the start each thread has a space of its own. */
  move(target: ThreadId, into: ThreadId): Op<object>;
}
export type Ipc<M, P extends Parts = object> = BasicIpc<M, P> & If<P, "versions", Creating> & If<P, "spaces", Local<M, P>>;

export interface Options {
  readonly cpus?: number;
  /** Make IPC between CPUs one atomic step, which the real kernel does not. */
  readonly atomic?: boolean;
  /** String items with pagers. "x2": the transfer timeouts of both partners bound a page fault; "v2": the other partner's, as in Liedtke's V2. */
  readonly strings?: "x2" | "v2";
  /** Address spaces: propagation, receiving from one's own space, ExchangeRegisters among threads of one space. */
  readonly spaces?: true;
  /** How many versions a thread number has, for threads that are created under the number of a deleted one. */
  readonly versions?: number;
  /** The H bit of ExchangeRegisters. On a thread inside an IPC it is "unimplemented" in Pistachio; "deferred": it takes effect at the end of the IPC. */
  readonly halting?: "unimplemented" | "deferred";
  /** A receiver takes a queued sender of another CPU in two steps, between which the sender's timer may fire, as in Pistachio's source. */
  readonly timerRace?: true;
  /**
   * For `scheduling: "priority"`: whoever sends and then waits gives the CPU to its partner directly, with a time slice that does
   * not end, as Liedtke's kernels do. Without it priorities are strict.
   */
  readonly directSwitch?: true;
}

function variantOf({
  atomic = false,
  strings = "none",
  spaces = false,
  versions = 1,
  halting = "none",
  timerRace = false,
  directSwitch = false,
}: { readonly [K in keyof Options]: unknown }): Variant {
  const fail = (what: string): never => {
    throw new RangeError(`l4.kernel: ${what}`);
  };
  if (strings !== "none" && strings !== "x2" && strings !== "v2") return fail('strings must be "x2" or "v2"');
  if (halting !== "none" && halting !== "unimplemented" && halting !== "deferred") return fail('halting must be "unimplemented" or "deferred"');
  if (!Number.isInteger(versions) || Number(versions) < 1 || Number(versions) > 8) return fail("versions must be an integer from 1 to 8");
  if (strings !== "none" && timerRace === true) return fail("timerRace is modelled for messages without strings only");
  if (directSwitch === true && (strings !== "none" || timerRace === true))
    return fail("directSwitch is modelled for messages without strings and timerRace only");
  return {
    atomic: atomic === true,
    strings,
    spaces: spaces === true,
    versions: Number(versions),
    halting,
    timerRace: timerRace === true,
    directSwitch: directSwitch === true,
  };
}

/** The timeouts of each phase; with strings also of the page faults in between. */
function timedOf({ strings }: Variant): readonly TimedCall[] {
  const [send, receive] = [{ option: "send" }, { option: "receive" }];
  const paged = strings === "none" ? {} : { transfer: { option: "transfer" } };
  return [
    timedByOptions({ operation: "ipc", method: "call", before: 2, phases: { send, receive, ...paged }, answers: "from" }),
    timedByOptions({ operation: "ipc", method: "send", before: 2, phases: { send, ...paged } }),
    timedByOptions({ operation: "ipc", method: "wait", before: 0, phases: { receive, ...paged } }),
    timedByOptions({ operation: "ipc", method: "waitLocal", before: 0, phases: { receive, ...paged } }),
    timedByOptions({ operation: "ipc", method: "receive", before: 1, phases: { receive, ...paged }, answers: "from" }),
    timedByOptions({ operation: "ipc", method: "replyWait", before: 2, phases: { send, receive, ...paged } }),
  ];
}

/** Declares the kernel. */
export function kernel<M, const P extends Options>(
  options: { /** What a message carries. */ readonly message: Domain<M> } & P,
): Kernel<{ readonly ipc: Ipc<M, P> }> {
  onlyOptions("l4.kernel", options, ["cpus", "message", "atomic", "strings", "spaces", "versions", "halting", "timerRace", "directSwitch"]);
  const variant = variantOf(options);
  const system = systemOf(options.message, variant);
  const parts = ipcOf(system);
  const { ipc } = parts;
  const control = controlOf(system, parts);
  const nothing = initialOf(options.message);
  const none = { to: nobody, message: nothing, send: "infinite", from: nobody, string: "none", toVersion: 0, fromVersion: 0, as: nobody } as const;
  const unpaged = { string: "none", buffer: "none", pager: nobody, transfer: "infinite" } as const;
  const { hasStrings, hasVersions, spaces } = system;
  /** The arguments that this kernel's call has. */
  const call = ({ to, message, send, next, from, receive, idle, string, buffer, pager, transfer, toVersion, fromVersion, as }: Values<IpcArguments<M>>) =>
    ipc({
      to,
      message,
      send,
      next,
      from,
      receive,
      idle,
      ...(hasStrings ? { string, buffer, pager, transfer } : {}),
      ...(hasVersions ? { toVersion, fromVersion } : {}),
      ...(spaces ? { as } : {}),
    } as Values<IpcArguments<M>>);
  type Sending = Timeouts & Idle & StringOut & StringIn & Addressed & Propagated;
  type All = { readonly strings: "x2"; readonly spaces: true; readonly versions: 2 };
  const api: BasicIpc<M, All> & Creating & Local<M, All> = {
    call: (
      to,
      message,
      {
        send = "infinite",
        receive = "infinite",
        string = "none",
        buffer = "none",
        pager = nobody,
        transfer = "infinite",
        version = 0,
        as = nobody,
      }: Sending = {},
    ) =>
      call({
        to,
        message,
        send,
        next: "closed",
        from: to,
        receive,
        idle: false,
        string,
        buffer,
        pager,
        transfer,
        toVersion: version,
        fromVersion: version,
        as,
      }),
    send: (to, message, { send = "infinite", string = "none", pager = nobody, transfer = "infinite", version = 0, as = nobody }: Sending = {}) =>
      call({ ...none, to, message, send, next: "none", receive: "infinite", idle: false, string, buffer: "none", pager, transfer, toVersion: version, as }),
    wait: ({ receive = "infinite", idle = true, buffer = "none", pager = nobody, transfer = "infinite" }: Sending = {}) =>
      call({ ...none, next: "open", receive, idle, buffer, pager, transfer }),
    waitLocal: ({ receive = "infinite", idle = true, buffer = "none", pager = nobody, transfer = "infinite" }: Sending = {}) =>
      call({ ...none, next: "local", receive, idle, buffer, pager, transfer }),
    receive: (from, { receive = "infinite", idle = false, buffer = "none", pager = nobody, transfer = "infinite", version = 0 }: Sending = {}) =>
      call({ ...none, next: "closed", from, receive, idle, buffer, pager, transfer, fromVersion: version }),
    replyWait: (
      to,
      message,
      {
        send = "infinite",
        receive = "infinite",
        idle = true,
        string = "none",
        buffer = "none",
        pager = nobody,
        transfer = "infinite",
        version = 0,
        as = nobody,
      }: Sending = {},
    ) => call({ to, message, send, next: "open", from: nobody, receive, idle, string, buffer, pager, transfer, toVersion: version, fromVersion: 0, as }),
    interrupt: (handler) => call({ ...none, ...unpaged, to: handler, next: "closed", from: handler, receive: "infinite", idle: true }),
    cancel: (target) => control.cancel({ target }),
    exchange: (target, { S = false, R = false, H = "keep" }) => control.exchange({ target, S, R, H }),
    delete: (target) => control.remove({ target }),
    create: (target, { as, version }) => control.create({ target, as, version }),
    move: (target, into) => control.move({ target, into }),
  };
  return declareKernel({
    name: "l4",
    options: {
      atomic: variant.atomic,
      ...(variant.strings === "none" ? {} : { strings: variant.strings }),
      ...(variant.spaces ? { spaces: true } : {}),
      ...(variant.versions === 1 ? {} : { versions: variant.versions }),
      ...(variant.halting === "none" ? {} : { halting: variant.halting }),
      ...(variant.timerRace ? { timerRace: true } : {}),
      ...(variant.directSwitch ? { directSwitch: true } : {}),
    },
    ...(options.cpus === undefined ? {} : { cpus: options.cpus }),
    state: system.groups,
    operations: [
      ipc,
      control.cancel,
      control.exchange,
      control.remove,
      ...(system.hasVersions ? [control.create] : []),
      ...(system.spaces ? [control.move] : []),
    ],
    halts: control.halts,
    ...(system.switching.inherited === null ? {} : { inherited: system.switching.inherited }),
    timed: timedOf(variant),
    api: { ipc: api as unknown as Ipc<M, P> },
    machine: () => import("./path.ts"),
  });
}
