/**
 * MINIX 3 (kernel of 2018): rendezvous between processes with the kernel's own deadlock check, notifications as bits,
 * asynchronous messages from a table in user space, and the death of endpoints. `import * as minix from "ipc-check/kernels/minix"`.
 */
import { type Domain, type Kernel, kernel as declareKernel, nobody, type Op, type ThreadId, timedByMethod, untimed } from "../../model/language/index.ts";
import { onlyOptions } from "../../model/language/names.ts";
import { messages } from "./rules.ts";
import { processes, type Status, type Variant } from "./state.ts";
import { system } from "./system.ts";

export type { Status } from "./state.ts";

/** What a call that only sends yields. */
export interface Sent {
  readonly error: "none" | "ENOTREADY" | "ELOCKED" | "EDEADSRCDST";
}
/** What RECEIVE yields. Reading anything but `error` after an error is the violation `unhandled-error`. */
export interface Received<M> {
  readonly error: "none" | "ELOCKED" | "EDEADSRCDST";
  readonly from: ThreadId;
  readonly message: M;
  /** How it was sent. Whoever sent with SENDREC waits for the answer; a NOTIFY carries no message. */
  readonly call: Status;
}
/** What SENDREC yields. Reading `message` after an error is the violation `unhandled-error`. */
export interface Answer<M> {
  readonly error: "none" | "ELOCKED" | "EDEADSRCDST";
  readonly message: M;
}
interface Idle {
  /** Waiting here for ever is rest, not harm. Default: true for ANY, false for one process. */
  readonly idle?: boolean;
}

/** IPC of MINIX. */
export interface Ipc<M> {
  /** SEND: waits until the message has been received. */
  send(to: ThreadId, message: M): Op<Sent>;
  /** SENDNB: fails with ENOTREADY rather than wait. */
  sendnb(to: ThreadId, message: M): Op<Sent>;
  /** SENDREC: sends, then waits for a message of the same process. */
  sendrec(to: ThreadId, message: M): Op<Answer<M>>;
  /** RECEIVE from ANY. */
  receive(options?: Idle): Op<Received<M>>;
  /** RECEIVE from one process. */
  receiveFrom(from: ThreadId, options?: Idle): Op<Received<M>>;
  /** NOTIFY: sets a bit, or delivers. Never waits, and does not count. */
  notify(to: ThreadId): Op<Sent>;
  /** asynsend: adds a message to the table of asynchronous messages and calls SENDA. Never waits. */
  senda(to: ThreadId, message: M, options?: { readonly noReply?: boolean }): Op<Sent>;
  /** Ends a process: whoever is blocked on it gets EDEADSRCDST. */
  exit(target: ThreadId): Op<object>;
}
/** What the kernel does for its servers. */
export interface Kernelcalls<M> {
  /** Touches memory that the server VM must first provide. */
  memory(vm: ThreadId): Op<object>;
  /** VM: the memory that a process waits for is there. */
  vmctl(target: ThreadId): Op<object>;
  /** The quantum ends: the kernel sends the message to the scheduler on the process's behalf, and panics if that fails. */
  quantum(scheduler: ThreadId, message: M): Op<object>;
  /** The scheduler gives a process its next quantum. */
  schedule(target: ThreadId): Op<object>;
  /** Sets the IPC filter of the own process: nothing is received from `rejected`; nobody: from everybody. */
  filter(rejected: ThreadId): Op<object>;
}

export interface Options<M> extends Partial<Variant> {
  readonly cpus?: number;
  /** What a message carries. */
  readonly message: Domain<M>;
  /** Slots of a process's table of asynchronous messages. Default 2. */
  readonly table?: number;
}

/** Declares the kernel. */
export function kernel<M>(options: Options<M>): Kernel<{ readonly ipc: Ipc<M>; readonly sys: Kernelcalls<M> }> {
  onlyOptions("minix.kernel", options, ["cpus", "message", "table", "earlyCheck", "clearReplyPend", "scanPastFilter", "mayCall"]);
  const { message, table = 2, earlyCheck = false, clearReplyPend = false, scanPastFilter = false, mayCall = "user" } = options;
  if (!Number.isInteger(table) || table < 1 || table > 16) throw new RangeError(`minix.kernel({ table: ${table} }): a table has 1 to 16 slots`);
  if (mayCall !== "user" && mayCall !== "system") throw new RangeError(`minix.kernel({ mayCall: ${JSON.stringify(mayCall)} }): give "user" or "system"`);
  const variant: Variant = { earlyCheck, clearReplyPend, scanPastFilter, mayCall };
  const state = processes(message, table, variant);
  const passing = messages(message, state, variant);
  const around = system(message, state, passing, variant);
  const ipc: Ipc<M> = {
    send: (to, message) => passing.send({ to, message }),
    sendnb: (to, message) => passing.sendnb({ to, message }),
    sendrec: (to, message) => passing.sendrec({ to, message }),
    receive: ({ idle = true } = {}) => passing.receive({ from: nobody, idle }),
    receiveFrom: (from, { idle = false } = {}) => passing.receive({ from, idle }),
    notify: (to) => passing.notify({ to }),
    senda: (to, message, { noReply = false } = {}) => passing.senda({ to, message, noReply }),
    exit: (target) => around.exit({ target }),
  };
  const sys: Kernelcalls<M> = {
    memory: (vm) => around.memory({ vm }),
    vmctl: (target) => around.vmctl({ target }),
    quantum: (scheduler, message) => around.quantum({ scheduler, message }),
    schedule: (target) => around.schedule({ target }),
    filter: (rejected) => around.filter({ rejected }),
  };
  return declareKernel({
    name: "minix",
    options: { table, earlyCheck, clearReplyPend, scanPastFilter, ...(mayCall === "user" ? {} : { mayCall }) },
    ...(options.cpus === undefined ? {} : { cpus: options.cpus }),
    state: [state.group],
    operations: [
      passing.send,
      passing.sendnb,
      passing.sendrec,
      passing.receive,
      passing.notify,
      passing.senda,
      around.exit,
      around.memory,
      around.vmctl,
      around.quantum,
      around.schedule,
      around.filter,
    ],
    timed: [
      timedByMethod({ operations: ["SEND", "SENDNB"], phase: "send", waits: "send", polls: "sendnb" }),
      untimed({ operation: "SENDREC", method: "sendrec", answers: "to" }),
      untimed({ operation: "RECEIVE", method: "receiveFrom", answers: "from" }),
    ],
    api: { ipc, sys },
    machine: () => import("./path.ts"),
  });
}
