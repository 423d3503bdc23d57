/**
 * LWKT messages of DragonFly: message ports with agents, synchronous and asynchronous messages, interrupts between CPUs.
 * `import * as lwkt from "ipc-check/kernels/lwkt"`.
 *
 *     const { kernel, message, spinPort } = lwkt.system({ cpus: 2, value: int(0, 3) });
 *     protocol("…", { kernel, objects: { request: message() }, … })
 */
import {
  type Domain,
  initialOf,
  type Kernel,
  kernel as declareKernel,
  nobody,
  type ObjectType,
  objectType,
  type Op,
  type ThreadId,
} from "../../model/language/index.ts";
import { valuesOf } from "../common/general.ts";
import { onlyOptions } from "../../model/language/names.ts";
import { operationsOf, type Variant } from "./rules.ts";
import { stateOf } from "./state.ts";

/** A message, by its number, as receivers get it. */
export interface Message {
  readonly number: number;
}
export interface SpinPort {
  readonly number: number;
}
export interface Received<M> {
  readonly error: "none" | "EWOULDBLOCK";
  /** The number of the message, to reply to it or pass it on. */
  readonly message: number;
  readonly value: M;
  /** A new message, the reply to one's own, or the request to abort one that was received before. */
  readonly what: "request" | "reply" | "abort";
}
interface Sending {
  /** Served before others. */
  readonly priority?: boolean;
  readonly abortable?: boolean;
  /** The number of a spin port for the reply; default: the sender's own port. */
  readonly replyPort?: number;
}

/** What a thread does with messages. A target is a thread, whose port it is, or the number of a spin port. */
export interface Lwkt<M> {
  /** Asynchronous: the reply is queued at the reply port, or the message waited for. */
  sendmsg(to: ThreadId, message: number, value: M, options?: Sending): Op<{ readonly error: "none" | "EBUSY" }>;
  sendmsgTo(spin: number, message: number, value: M, options?: Sending): Op<{ readonly error: "none" | "EBUSY" }>;
  /** Synchronous: yields when the message is done. `catch`: a signal may come, which aborts once. */
  domsg(to: ThreadId, message: number, value: M, options?: Sending & { readonly catch?: boolean }): Op<{ readonly value: M }>;
  domsgTo(spin: number, message: number, value: M, options?: Sending & { readonly catch?: boolean }): Op<{ readonly value: M }>;
  /** Waits for one message that was sent. */
  waitmsg(message: number, options?: { readonly catch?: boolean }): Op<{ readonly value: M }>;
  /** Waits for any message at one's own port. Idle unless `idle: false`. */
  waitport(options?: { readonly idle?: boolean }): Op<Received<M>>;
  waitportOf(spin: number, options?: { readonly idle?: boolean }): Op<Received<M>>;
  /** Takes a message if there is one. */
  getport(): Op<Received<M>>;
  getportOf(spin: number): Op<Received<M>>;
  replymsg(message: number, value: M): Op<object>;
  forwardmsg(message: number, to: ThreadId): Op<object>;
  forwardmsgTo(message: number, spin: number): Op<object>;
  /** Takes a message out of one's own queue before it is received. */
  dropmsg(message: number): Op<{ readonly error: "none" | "ENOENT" }>;
  /** Asks the target to give a message up. */
  abortmsg(message: number): Op<{ readonly sent: boolean }>;
}

export interface Options<M> extends Partial<Variant> {
  readonly cpus: number;
  /** What a message carries, there and back. */
  readonly value: Domain<M>;
  /** Entries that the queue of a port has room for in the model; default 4. */
  readonly slots?: number;
}
export interface System<M> {
  readonly kernel: Kernel<{ readonly lwkt: Lwkt<M> }>;
  message(): ObjectType<Message>;
  /** A port with a lock and any number of receivers. `agent: "now"`: its agent finishes messages in the sender's context. */
  spinPort(options?: { readonly agent?: "queue" | "now" }): ObjectType<SpinPort>;
}

/** Declares a system: the kernel of today unless options say otherwise. */
export function system<M>(options: Options<M>): System<M> {
  onlyOptions("lwkt.system", options, ["cpus", "value", "slots", "reply", "abort", "drains", "netisr", "ipiq"]);
  const { cpus, value, slots = 4, reply = "ipi", abort = "chases", drains = true, netisr = false, ipiq = 2 } = options;
  if (!Number.isInteger(cpus) || cpus < 1 || cpus > 8) throw new RangeError(`lwkt.system({ cpus: ${cpus} }): there are 1 to 8 CPUs`);
  const nothing = initialOf(value);
  const variant: Variant = { cpus, reply, abort, drains, netisr, ipiq };
  // An abort that follows a message, or that a signal sends, may exceed the bound of one pair of CPUs.
  const state = stateOf(value, slots, ipiq * cpus + 2);
  const { sendmsg, domsg, waitmsg, waitport, replymsg, forwardmsg, dropmsg, abortmsg, background } = operationsOf(
    state,
    value,
    nothing,
    valuesOf(value) as readonly M[],
    variant,
  );
  const send = (name: number, to: ThreadId, spin: number, body: M, { priority = false, abortable = false, replyPort = -1 }: Sending) => ({
    message: name - 1,
    to,
    spin,
    value: body,
    replySpin: replyPort,
    priority,
    abortable,
    checked: false,
  });
  const api: Lwkt<M> = {
    sendmsg: (to, message, body, more = {}) => sendmsg(send(message, to, -1, body, more)) as never,
    sendmsgTo: (spin, message, body, more = {}) => sendmsg(send(message, nobody, spin, body, more)) as never,
    domsg: (to, message, body, more = {}) => domsg({ ...send(message, to, -1, body, more), catch: more.catch ?? false }) as never,
    domsgTo: (spin, message, body, more = {}) => domsg({ ...send(message, nobody, spin, body, more), catch: more.catch ?? false }) as never,
    waitmsg: (message, more = {}) => waitmsg({ message: message - 1, catch: more.catch ?? false }) as never,
    waitport: ({ idle = true } = {}) => waitport({ spin: -1, poll: false, idle }) as never,
    waitportOf: (spin, { idle = true } = {}) => waitport({ spin, poll: false, idle }) as never,
    getport: () => waitport({ spin: -1, poll: true, idle: false }) as never,
    getportOf: (spin) => waitport({ spin, poll: true, idle: false }) as never,
    replymsg: (message, body) => replymsg({ message: message - 1, value: body }) as never,
    forwardmsg: (message, to) => forwardmsg({ message: message - 1, to, spin: -1 }) as never,
    forwardmsgTo: (message, spin) => forwardmsg({ message: message - 1, to: nobody, spin }) as never,
    dropmsg: (message) => dropmsg({ message: message - 1 }) as never,
    abortmsg: (message) => abortmsg({ message: message - 1 }) as never,
  };
  const kernel = declareKernel({
    name: "lwkt",
    options: { reply, abort, drains, netisr, ipiq, slots },
    cpus,
    state: [state.td, state.port, state.ipi, state.message, state.spin],
    operations: [sendmsg, domsg, waitmsg, waitport, replymsg, forwardmsg, dropmsg, abortmsg],
    background,
    api: { lwkt: api },
    machine: () => import("./path.ts"),
  });
  return {
    kernel,
    message: () => objectType({ name: "lwkt.message", state: [state.message], operations: [], api: ({ index }): Message => ({ number: index + 1 }) }),
    spinPort: (given = {}) => {
      onlyOptions("spinPort", given, ["agent"]);
      return objectType({
        name: "lwkt.spin",
        options: { now: given.agent === "now" },
        state: [state.spin],
        operations: [],
        api: ({ index }): SpinPort => ({ number: index }),
      });
    },
  };
}
