/**
 * What Exec keeps: for each task its signal bits and how deeply it has forbidden others; messages, which are their owners'
 * memory and stand in at most one list; ports, units of devices, and interrupts (exec/tasks.h, ports.h, io.h of the RKM).
 *
 * Objects name each other by number; -1 is NULL.
 */
import {
  bool,
  type Cell,
  type Domain,
  int,
  oneOf,
  perObject,
  perThread,
  queue,
  type QueueAccess,
  type StateGroup,
  threadId,
  type ThreadId,
} from "../../model/language/index.ts";
import type { DeclaredObject } from "../../model/language/kernel.ts";

type Of<V> = Domain<V, Cell<V>>;

/** ln_Type of a message: never sent, sent, replied to, replied to without a reply port. */
export type MessageType = "unknown" | "message" | "replymsg" | "freemsg";
/** What a port does when a message comes: PA_SIGNAL, PA_SOFTINT, PA_IGNORE. */
export type Action = "signal" | "softint" | "ignore";
/** Whether a device finishes requests in the context of BeginIO: always, if none is queued at its unit, or never. */
export type Quick = "always" | "when-idle" | "never";

/**
 * A task runs (or could), has found no signal and is not asleep yet, waits, or has been signalled and is to run on in Wait.
 */
export type TaskState = "run" | "tested" | "wait" | "ready";
/** A thread is a task until it serves an interrupt; then it waits for that, or handles it. */
export type Role = "task" | "server" | "handling";

/** Highest number of nested calls of Forbid, or of Disable. */
export const deepest = 3;
/** Most objects of one protocol. */
export const objectLimit = 15;
/** Most interrupts of one protocol. */
export const mostInterrupts = 4;
export const index: Of<number> = int(-1, objectLimit - 1, -1);

export interface TaskFields extends Readonly<Record<string, Domain>> {
  readonly state: Of<TaskState>;
  readonly role: Of<Role>;
  /** SigAlloc, SigRecvd, SigWait. */
  readonly allocated: Of<number>;
  readonly received: Of<number>;
  readonly awaited: Of<number>;
  /** TDNestCnt and IDNestCnt, counted from 0. */
  readonly forbids: Of<number>;
  readonly disables: Of<number>;
  /** In DoIO: the request is with the device. */
  readonly began: Of<boolean>;
}
export interface MessageFields<M> extends Readonly<Record<string, Domain>> {
  readonly type: Of<MessageType>;
  /** The port in whose list it is. */
  readonly list: Of<number>;
  readonly replyPort: Of<number>;
  readonly value: Domain<M>;
  /** Of a request: IOF_QUICK, io_Error, and the device that it was last sent to. */
  readonly quick: Of<boolean>;
  readonly aborted: Of<boolean>;
  readonly device: Of<number>;
}
export interface PortFields extends Readonly<Record<string, Domain>> {
  readonly list: Domain<readonly number[], QueueAccess<number>>;
  readonly task: Of<ThreadId>;
  readonly bit: Of<number>;
  readonly action: Of<Action>;
  readonly interrupt: Of<number>;
}
export interface DeviceFields extends Readonly<Record<string, Domain>> {
  readonly unit: Of<number>;
  readonly quick: Of<Quick>;
  readonly aborts: Of<boolean>;
}
export interface InterruptFields extends Readonly<Record<string, Domain>> {
  /** Caused, or raised by the hardware, and not begun. */
  readonly caused: Of<boolean>;
  readonly server: Of<ThreadId>;
  /** How often the hardware will still raise it. */
  readonly raises: Of<number>;
}
export interface State<M> {
  readonly task: StateGroup<"thread", TaskFields>;
  readonly message: StateGroup<"object", MessageFields<M>>;
  readonly port: StateGroup<"object", PortFields>;
  readonly device: StateGroup<"object", DeviceFields>;
  readonly interrupt: StateGroup<"object", InterruptFields>;
}

/** The number of the object that an option names; -1 if it names none. */
export function namedBy(objects: readonly DeclaredObject[], option: string, name: string | null | undefined, type: string): number {
  if (name === null || name === undefined) return -1;
  const found = objects.find(({ ref }) => ref.name === name);
  if (found === undefined) throw new TypeError(`${option}: "${name}" is none of the protocol's objects`);
  if (found.type.name !== type) throw new TypeError(`${option}: "${name}" is a ${found.type.name}, not a ${type}`);
  if (found.ref.index >= objectLimit) throw new RangeError(`an Exec protocol has at most ${objectLimit} objects`);
  return found.ref.index;
}

export interface MessageOptions {
  readonly replyPort: string | null;
}
export interface PortOptions {
  readonly action: Action;
  readonly interrupt: string | null;
}
export interface DeviceOptions {
  readonly unit: string;
  readonly quick: Quick;
  readonly aborts: boolean;
}
export interface InterruptOptions {
  readonly raises: number;
}

const startingAs = <V extends string>(domain: Of<V>, init: V): Of<V> => ({ ...domain, init }) as Of<V>;

/** `signals`: bits of a task's signal words. `slots`: messages that a port's list has room for in the model. */
export function stateOf<M>(value: Domain<M>, signals: number, slots: number): State<M> {
  const bits = int(0, 2 ** signals - 1);
  const task = perThread("task", {
    state: oneOf("run", "tested", "wait", "ready"),
    role: oneOf("task", "server", "handling"),
    allocated: bits,
    received: bits,
    awaited: bits,
    forbids: int(0, deepest),
    disables: int(0, deepest),
    began: bool(),
  });
  const message = perObject("message", ({ replyPort }: MessageOptions, objects: readonly DeclaredObject[]) => ({
    type: oneOf("unknown", "message", "replymsg", "freemsg"),
    list: index,
    replyPort: int(-1, objectLimit - 1, namedBy(objects, "message({ replyPort })", replyPort, "exec.port")),
    value,
    quick: bool(),
    aborted: bool(),
    device: index,
  }));
  const port = perObject("port", ({ action, interrupt: handler }: PortOptions, objects: readonly DeclaredObject[]) => ({
    list: queue(int(0, objectLimit - 1), slots),
    task: threadId,
    bit: int(0, signals - 1),
    action: startingAs(oneOf("signal", "softint", "ignore"), action),
    interrupt: int(-1, objectLimit - 1, namedBy(objects, "port({ interrupt })", handler, "exec.interrupt")),
  }));
  const device = perObject("device", ({ unit, quick, aborts }: DeviceOptions, objects: readonly DeclaredObject[]) => ({
    unit: int(-1, objectLimit - 1, namedBy(objects, "device({ unit })", unit, "exec.port")),
    quick: startingAs(oneOf("always", "when-idle", "never"), quick),
    aborts: bool(aborts),
  }));
  const interrupt = perObject("interrupt", ({ raises }: InterruptOptions, objects: readonly DeclaredObject[]) => {
    if (objects.filter(({ type }) => type.name === "exec.interrupt").length > mostInterrupts)
      throw new RangeError(`an Exec protocol has at most ${mostInterrupts} interrupts`);
    return { caused: bool(), server: threadId, raises: int(0, 7, raises) };
  });
  return { task, message, port, device, interrupt } as unknown as State<M>;
}
