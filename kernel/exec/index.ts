/**
 * Amiga Exec: tasks with signal bits, message ports, devices with quick, synchronous and asynchronous requests, interrupts,
 * Forbid and Disable. `import * as exec from "ipc-check/kernels/exec"`.
 *
 *     const { kernel, port, message } = exec.system({ value: int(0, 3) });
 *     protocol("…", { kernel, objects: { service: port(), reply: port(), request: message({ replyPort: "reply" }) }, … })
 */
import {
  type Domain,
  initialOf,
  type Kernel,
  kernel as declareKernel,
  type ObjectType,
  objectType,
  type Op,
  type ThreadId,
} from "../../model/language/index.ts";
import { valuesOf } from "../common/general.ts";
import { onlyOptions } from "../../model/language/names.ts";
import { type Done, ioOf } from "./io.ts";
import { type Got, portsOf } from "./ports.ts";
import { type Action, type MessageType, type Quick, stateOf } from "./state.ts";
import { tasksOf, type Variant, type WaitTest } from "./tasks.ts";

export type { Action, MessageType, Quick, WaitTest };

declare const request: unique symbol;
/** A message, by its number, as receivers get it. */
export interface Message {
  readonly number: number;
}
/** An I/O request: a message for a device. */
export interface Request extends Message {
  readonly [request]: true;
}
export interface Port<M> {
  /** CreateMsgPort: allocates a signal, unless one is given, and gives it to the port. From now on its messages signal this task. */
  create(signal?: number): Op<{ readonly signal: number }>;
  /** Never blocks. */
  putMsg(message: Message, value: M): Op<object>;
  /** The same for a message that has been received, by its number: it is passed on. */
  forward(message: number, value: M): Op<object>;
  /** Takes the first message, if there is one. */
  getMsg(): Op<Got<M>>;
  /** Waits until there is a message; leaves it in the list. Idle unless `idle: false`. */
  waitPort(options?: { readonly idle?: boolean }): Op<{ readonly message: number }>;
}
export interface Device<M> {
  /** Sends a request and waits for it. */
  doIO(request: Request, value: M): Op<Done<M>>;
  /** Sends a request; its reply comes to its reply port. */
  sendIO(request: Request, value: M): Op<{ readonly quick: boolean }>;
  /** With IOF_QUICK: `quick` is still true if the request is finished, and then no reply comes. */
  beginIO(request: Request, value: M): Op<{ readonly quick: boolean }>;
}
export interface Interrupt {
  cause(): Op<object>;
  /** In the code of the interrupt: ends the last one, and waits for the next. Idle unless `idle: false`. */
  serve(options?: { readonly idle?: boolean }): Op<object>;
}

/** What a task does. */
export interface Exec<M> {
  signal(to: ThreadId, signals: number): Op<object>;
  /** Waits for any of these signals; takes those that are set. */
  wait(signals: number, options?: { readonly idle?: boolean }): Op<{ readonly signals: number }>;
  /** Sets the bits of `mask` as in `signals`; yields what was set before. */
  setSignal(signals: number, mask: number): Op<{ readonly signals: number }>;
  /** The number of a signal, -1 if all are taken. */
  allocSignal(): Op<{ readonly signal: number }>;
  freeSignal(signal: number): Op<object>;
  forbid(): Op<object>;
  permit(): Op<object>;
  disable(): Op<object>;
  enable(): Op<object>;
  replyMsg(message: number, value: M): Op<object>;
  waitIO(request: Request): Op<Done<M>>;
  checkIO(request: Request): Op<{ readonly done: boolean }>;
  abortIO(request: Request): Op<{ readonly error: "none" | "failed" }>;
}

export interface Options<M> {
  /** What a message carries, there and back. */
  readonly value: Domain<M>;
  /** Signals that a task has; default 4. */
  readonly signals?: number;
  /** Messages that a port's list has room for in the model; default 4. */
  readonly slots?: number;
  /** How Wait tests before it sleeps; default "disabled". */
  readonly wait?: WaitTest;
}
export interface System<M> {
  readonly kernel: Kernel<{ readonly exec: Exec<M> }>;
  message(options?: { readonly replyPort?: string }): ObjectType<Message>;
  request(options?: { readonly replyPort?: string }): ObjectType<Request>;
  /** `interrupt`: what `action: "softint"` causes. */
  port(options?: { readonly action?: Action; readonly interrupt?: string }): ObjectType<Port<M>>;
  /** `unit`: the port at which the device's task finds requests. */
  device(options: { readonly unit: string; readonly quick?: Quick; readonly aborts?: boolean }): ObjectType<Device<M>>;
  /** `raises`: how often the hardware raises it, at any time. */
  interrupt(options?: { readonly raises?: number }): ObjectType<Interrupt>;
}

/** Declares a system. Exec has one CPU. */
export function system<M>(options: Options<M>): System<M> {
  onlyOptions("exec.system", options, ["value", "signals", "slots", "wait"]);
  const { value, signals = 4, slots = 4, wait = "disabled" } = options;
  if (!Number.isInteger(signals) || signals < 1 || signals > 8) throw new RangeError(`exec.system({ signals: ${signals} }): give 1 to 8`);
  const variant: Variant = { signals, wait };
  const state = stateOf(value, signals, slots);
  const values = valuesOf(value) as readonly M[];
  const tasks = tasksOf(state, variant);
  const ports = portsOf(state, tasks, variant, value, initialOf(value), values);
  const io = ioOf(state, tasks, ports, value, values);
  const machine = () => import("./path.ts");

  const api: Exec<M> = {
    signal: (to, mask) => tasks.signal({ to, mask }),
    wait: (mask, { idle = false } = {}) => tasks.wait({ mask, idle }),
    setSignal: (given, mask) => tasks.setSignal({ signals: given, mask }),
    allocSignal: () => tasks.allocSignal({}),
    freeSignal: (signal) => tasks.freeSignalOf({ signal }),
    forbid: () => tasks.forbid({}),
    permit: () => tasks.permit({}),
    disable: () => tasks.disable({}),
    enable: () => tasks.enable({}),
    replyMsg: (message, body) => ports.replyMsg({ message: message - 1, value: body }),
    waitIO: ({ number }) => io.waitIO({ message: number - 1 }),
    checkIO: ({ number }) => io.checkIO({ message: number - 1 }),
    abortIO: ({ number }) => io.abortIO({ message: number - 1 }),
  };
  const { signal, wait: waitFor, setSignal, allocSignal, freeSignalOf, forbid, permit, disable, enable } = tasks;
  const kernel = declareKernel({
    name: "exec",
    options: { signals, slots, wait },
    cpus: 1,
    state: [state.task, state.message, state.port, state.device, state.interrupt],
    operations: [signal, waitFor, setSignal, allocSignal, freeSignalOf, forbid, permit, disable, enable, ports.replyMsg, io.waitIO, io.checkIO, io.abortIO],
    background: ports.background,
    halts: tasks.halts,
    api: { exec: api },
    machine,
  });
  return {
    kernel,
    message: (given = {}) => {
      onlyOptions("message", given, ["replyPort"]);
      return objectType({
        name: "exec.message",
        options: { replyPort: given.replyPort ?? null },
        state: [state.message],
        operations: [],
        api: ({ index }): Message => ({ number: index + 1 }),
      });
    },
    request: (given = {}) => {
      onlyOptions("request", given, ["replyPort"]);
      return objectType({
        name: "exec.request",
        options: { replyPort: given.replyPort ?? null },
        state: [state.message],
        operations: [],
        api: ({ index }): Request => ({ number: index + 1 }) as Request,
      });
    },
    port: (given = {}) => {
      onlyOptions("port", given, ["action", "interrupt"]);
      const { action = "signal", interrupt = null } = given;
      if ((action === "softint") !== (interrupt !== null)) throw new TypeError('port(): name an interrupt with action "softint", and only there');
      return objectType({
        name: "exec.port",
        options: { action, interrupt },
        state: [state.port],
        operations: [ports.create, ports.putMsg, ports.getMsg, ports.waitPort],
        api: (object): Port<M> => ({
          create: (given = -1) => ports.create({ object, signal: given }),
          putMsg: ({ number }, body) => ports.putMsg({ object, message: number - 1, value: body, checked: false }),
          forward: (message, body) => ports.putMsg({ object, message: message - 1, value: body, checked: false }),
          getMsg: () => ports.getMsg({ object }),
          waitPort: ({ idle = true } = {}) => ports.waitPort({ object, idle }),
        }),
        machine,
      });
    },
    device: (given) => {
      onlyOptions("device", given, ["unit", "quick", "aborts"]);
      const { unit, quick = "never", aborts = true } = given;
      return objectType({
        name: "exec.device",
        options: { unit, quick, aborts },
        state: [state.device],
        operations: [io.beginIO, io.doIO],
        api: (object): Device<M> => ({
          doIO: ({ number }, body) => io.doIO({ object, message: number - 1, value: body }),
          sendIO: ({ number }, body) => io.beginIO({ object, message: number - 1, value: body, quick: false, checked: false }),
          beginIO: ({ number }, body) => io.beginIO({ object, message: number - 1, value: body, quick: true, checked: false }),
        }),
        machine,
      });
    },
    interrupt: (given = {}) => {
      onlyOptions("interrupt", given, ["raises"]);
      const { raises = 0 } = given;
      if (!Number.isInteger(raises) || raises < 0 || raises > 7) throw new RangeError(`interrupt({ raises: ${raises} }): give 0 to 7`);
      return objectType({
        name: "exec.interrupt",
        options: { raises },
        state: [state.interrupt],
        operations: [ports.cause, ports.serve],
        api: (object): Interrupt => ({
          cause: () => ports.cause({ object }),
          serve: ({ idle = true } = {}) => ports.serve({ object, idle }),
        }),
        machine,
      });
    },
  };
}
