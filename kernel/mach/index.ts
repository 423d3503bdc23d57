/**
 * Mach: ports and rights, after GNU Mach and XNU. `import * as mach from "ipc-check/kernels/mach"`.
 *
 * A system is declared once; its kernel, ports, sets and tasks belong together:
 *
 *     const system = mach.system({ message: int(0, 3) });
 *     protocol("…", { kernel: system.kernel, objects: {
 *       service: system.port({ limit: 1 }),
 *       server: system.task({ receive: ["service"] }),
 *       client: system.task({ send: ["service"] }),
 *     }, … })
 *
 * A task is an IPC space: what a thread does with rights it does through its task. Ports are passed on by name.
 */
import {
  type Domain,
  initialOf,
  type Kernel,
  kernel as declareKernel,
  type ObjectType,
  objectType,
  type Op,
  type TimedCall,
  timedByOptions,
  type Timeout,
} from "../../model/language/index.ts";
import { valuesOf } from "../common/general.ts";
import { onlyOptions } from "../../model/language/names.ts";
import { type MessageError, messageOf } from "./message.ts";
import { nameOf, none, objectLimit, onceNameOf } from "./names.ts";
import { type PortError, portsOf } from "./ports.ts";
import { queuesOf, type Variant } from "./queues.ts";
import { type Disposition, rightsOf } from "./rights.ts";
import { type Bounds, type MessageId, stateOf } from "./state.ts";

export { dead, none } from "./names.ts";
export type { MessageError } from "./message.ts";
export type { PortError } from "./ports.ts";
export type { Disposition } from "./rights.ts";
export type { MessageId } from "./state.ts";

/** What a receive yields. Reading anything but `error` and `right` after an error is the violation `unhandled-error`. */
export interface Received<M> {
  readonly error: MessageError;
  readonly id: MessageId;
  readonly message: M;
  /** The number that a notification carries: the make-send count, or the name that has died. */
  readonly data: number;
  /** The right that came with the message; after a send that failed, the one that came back. */
  readonly right: number;
  /** The port that the message was sent to. */
  readonly port: number;
  /** The trailer says that the kernel sent it. */
  readonly authentic: boolean;
}
export interface Sent {
  readonly error: MessageError;
  readonly right: number;
}
/** What goes into a message besides its body. */
export interface Header {
  /** Default "message". */
  readonly id?: MessageId;
  readonly data?: number;
  /** A right that the message carries, in `call` the one for the reply: how it is put in, and its name. */
  readonly how?: Disposition;
  readonly right?: number;
  /** The right to the destination goes with the message: MOVE_SEND instead of COPY_SEND. */
  readonly move?: boolean;
}
export interface Port {
  /** The name of its receive right and of send rights to it. */
  readonly name: number;
  /** The name of a send-once right to it. */
  readonly once: number;
}

/** What a thread does with the rights of its task. */
export interface Task<M> {
  /** `mach_msg` with MACH_SEND_MSG. */
  send(to: number, message: M, options?: Header & { readonly timeout?: Timeout }): Op<Sent>;
  /** `mach_msg` with MACH_RCV_MSG. `idle: true`: waiting here for ever is rest. */
  receive(from: number, options?: { readonly timeout?: Timeout; readonly idle?: boolean }): Op<Received<M>>;
  /**
   * One `mach_msg` that sends and then receives. The timeout is one value for each half that has it: both zero or both
   * finite. Waiting for the answer is not idle unless said so.
   */
  call(
    to: number,
    message: M,
    from: number,
    options?: Header & { readonly send?: Timeout; readonly receive?: Timeout; readonly idle?: boolean },
  ): Op<Received<M>>;
  /** `mach_port_deallocate`. */
  deallocate(name: number): Op<{ readonly error: PortError }>;
  /** `mach_port_destroy` of a receive right. */
  destroy(name: number): Op<{ readonly error: PortError }>;
  /** Asks for one message to `notify` when the last send right to `name` is gone and at least `sync` were made. */
  requestNoSenders(name: number, notify: number, sync?: number): Op<{ readonly error: PortError; readonly previous: number }>;
  /** Asks for a message to `notify` when the port dies to which `name` is a send right. */
  requestDeadName(name: number, notify: number): Op<{ readonly error: PortError; readonly previous: number }>;
  /** Puts a port into a set, or with `none` out of its set. */
  moveMember(name: number, set: number): Op<{ readonly error: PortError }>;
  /** Ends the calling thread and, with it, its task. */
  terminate(): Op<object>;
}

export interface Options<M> extends Partial<Variant>, Partial<Bounds> {
  readonly cpus?: number;
  /** What a message carries besides rights. */
  readonly message: Domain<M>;
}
export interface PortOptions {
  /** qlimit; default 5. */
  readonly limit?: number;
}
export interface TaskOptions {
  /** Ports and sets whose receive right it has, and ports that it has a send right to, by the names of objects. */
  readonly receive?: readonly string[];
  readonly send?: readonly string[];
}
export interface System<M> {
  readonly kernel: Kernel<object>;
  port(options?: PortOptions): ObjectType<Port>;
  set(): ObjectType<Pick<Port, "name">>;
  task(options?: TaskOptions): ObjectType<Task<M>>;
}

/** One value for each half of `mach_msg` that has a timeout at all: MACH_SEND_TIMEOUT, MACH_RCV_TIMEOUT. */
const timed: readonly TimedCall[] = [
  timedByOptions({
    operation: "mach_msg",
    method: "call",
    before: 3,
    phases: { send: { option: "send" }, receive: { option: "receive" } },
    answers: "from",
    possible: ({ send, receive }) => send === "infinite" || receive === "infinite" || send === receive,
  }),
  timedByOptions({ operation: "mach_msg", method: "send", before: 2, phases: { send: { option: "timeout", argument: "send" } } }),
  timedByOptions({ operation: "mach_msg", method: "receive", before: 1, phases: { receive: { option: "timeout", argument: "receive" } }, answers: "from" }),
];

/** Declares a system: GNU Mach unless `personality: "xnu"`. */
export function system<M>(options: Options<M>): System<M> {
  onlyOptions("mach.system", options, ["cpus", "message", "personality", "order", "slots", "references", "pegged", "makes"]);
  const { message, personality = "gnu", order = "lifo", slots = 6, references = 3, pegged = false, makes = 0 } = options;
  const nothing = initialOf(message);
  const variant = { personality, order };
  const bounds = { slots, references, pegged, makes };
  const state = stateOf(message, bounds);
  const queues = queuesOf(state, variant);
  const rights = rightsOf(state, queues, nothing, bounds);
  const send = messageOf(state, queues, rights, variant, message, nothing, valuesOf(message) as readonly M[]);
  const ports = portsOf(state, queues, rights, variant, send, nothing);
  const operations = [send, ports.deallocate, ports.destroy, ports.requestNoSenders, ports.requestDeadName, ports.moveMember, ports.terminate];
  const parts = [state.port, state.space];
  const machine = () => import("./path.ts");
  const kernel = declareKernel({
    name: "mach",
    options: personality === "gnu" ? { personality, order, ...bounds } : { personality, ...bounds },
    ...(options.cpus === undefined ? {} : { cpus: options.cpus }),
    state: [state.thread, ...parts],
    operations,
    timed,
    api: {},
    machine,
  });
  const place = (index: number): number => {
    if (index >= objectLimit) throw new RangeError(`a Mach protocol has at most ${objectLimit} objects`);
    return index;
  };
  const declarePort = (limit: number, isSet: boolean): ObjectType<Port> =>
    objectType({
      name: isSet ? "mach.set" : "mach.port",
      options: { limit, isSet },
      state: [state.port],
      operations: [],
      api: ({ index }) => ({ name: nameOf(place(index)), once: onceNameOf(index) }),
    });
  return {
    kernel,
    port: (given = {}) => {
      onlyOptions("port", given, ["limit"]);
      const { limit = 5 } = given;
      if (!Number.isInteger(limit) || limit < 1 || limit > 16) throw new RangeError(`port({ limit: ${limit} }): a queue holds 1 to 16 messages`);
      if (limit > slots) throw new RangeError(`port({ limit: ${limit} }): the system keeps ${slots} messages in a queue; give it slots: ${limit} or more`);
      return declarePort(limit, false);
    },
    set: () => declarePort(1, true),
    task: (given = {}) => {
      onlyOptions("task", given, ["receive", "send"]);
      return objectType({
        name: "mach.task",
        options: { receive: given.receive ?? [], send: given.send ?? [] },
        state: [state.space],
        operations: [],
        api: ({ index: task }): Task<M> => ({
          send: (to, body, { id = "message", data = 0, how = "none", right = none, move = false, timeout = "infinite" } = {}) =>
            send({ task, to, move, id, data, message: body, how, right, send: timeout, from: none, receive: "infinite", idle: false }),
          receive: (from, { timeout = "infinite", idle = false } = {}) =>
            send({
              task,
              to: none,
              move: false,
              id: "message",
              data: 0,
              message: nothing,
              how: "none",
              right: none,
              send: "infinite",
              from,
              receive: timeout,
              idle,
            }),
          call: (
            to,
            body,
            from,
            { id = "message", data = 0, how = "none", right = none, move = false, send: sendTimeout = "infinite", receive = "infinite", idle = false } = {},
          ) => send({ task, to, move, id, data, message: body, how, right, send: sendTimeout, from, receive, idle }),
          deallocate: (name) => ports.deallocate({ task, name }),
          destroy: (name) => ports.destroy({ task, name }),
          requestNoSenders: (name, notify, sync = 0) => ports.requestNoSenders({ task, name, notify, sync }),
          requestDeadName: (name, notify) => ports.requestDeadName({ task, name, notify }),
          moveMember: (name, set) => ports.moveMember({ task, name, set }),
          terminate: () => ports.terminate({ task }),
        }),
      });
    },
  };
}
