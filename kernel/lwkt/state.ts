/**
 * What LWKT keeps: messages, the port of each thread, spin ports, what each thread does in the kernel, and the
 * interprocessor interrupts under way to each CPU (msgport.h, lwkt_ipiq.c of DragonFly).
 *
 * Messages are intrusive: they are objects of the protocol, and a queue holds their numbers. A priority message is queued
 * before the others.
 */
import {
  bool,
  type Cell,
  type Domain,
  int,
  oneOf,
  perCpu,
  perObject,
  perThread,
  queue,
  type QueueAccess,
  record,
  type StateGroup,
  type ThreadId,
  threadId,
} from "../../model/language/index.ts";

type Of<V> = Domain<V, Cell<V>>;
type Queue<V> = Domain<readonly V[], QueueAccess<V>>;

/** A message in a port's queue, or the request to abort it. */
export interface Entry {
  readonly message: number;
  readonly abort: boolean;
}
export interface Ipi {
  readonly source: number;
  readonly what: "put" | "reply" | "abort";
  readonly message: number;
  readonly to: ThreadId;
}
export type Phase = "user" | "putting" | "put-go" | "waitport" | "waitmsg" | "testing" | "tested" | "spin-wait" | "spin-go" | "replying" | "aborting";

export interface MessageFields<M> extends Readonly<Record<string, Domain>> {
  readonly done: Of<boolean>;
  readonly replied: Of<boolean>;
  readonly queued: Of<boolean>;
  readonly sync: Of<boolean>;
  readonly abortable: Of<boolean>;
  /** An abort is under way to the target. */
  readonly aborted: Of<boolean>;
  readonly priority: Of<boolean>;
  /** The thread port, or the spin port (else -1), that it was put to last. */
  readonly target: Of<ThreadId>;
  readonly targetSpin: Of<number>;
  /** Who sent it, and the spin port for its reply (else -1: the sender's own port). */
  readonly sender: Of<ThreadId>;
  readonly replySpin: Of<number>;
  readonly value: Domain<M>;
}
export interface PortFields extends Readonly<Record<string, Domain>> {
  readonly queue: Queue<Entry>;
}
export interface SpinFields extends Readonly<Record<string, Domain>> {
  readonly queue: Queue<Entry>;
  readonly waiters: Queue<ThreadId>;
  /** The agent finishes messages at once instead of queueing them. */
  readonly now: Of<boolean>;
}
export interface ThreadFields extends Readonly<Record<string, Domain>> {
  readonly phase: Of<Phase>;
  /** The message that it waits for, or -1; the thread that it wants to reach on another CPU. */
  readonly message: Of<number>;
  readonly target: Of<ThreadId>;
  /** A signal has come: from now on it sleeps uninterruptibly. */
  readonly deaf: Of<boolean>;
  /** The call that it waits in. */
  readonly call: Of<"none" | "domsg" | "waitmsg">;
}
export interface CpuFields extends Readonly<Record<string, Domain>> {
  readonly inbox: Queue<Ipi>;
}
export interface State<M> {
  readonly message: StateGroup<"object", MessageFields<M>>;
  readonly port: StateGroup<"thread", PortFields>;
  readonly spin: StateGroup<"object", SpinFields>;
  readonly td: StateGroup<"thread", ThreadFields>;
  readonly ipi: StateGroup<"cpu", CpuFields>;
}

/** `slots`: entries that a port's queue has room for in the model. */
export function stateOf<M>(value: Domain<M>, slots: number, ipiSlots: number): State<M> {
  const number = int(-1, 14, -1);
  const entry = record({ message: int(0, 14), abort: bool() });
  const message = perObject("message", () => ({
    done: bool(true),
    replied: bool(),
    queued: bool(),
    sync: bool(),
    abortable: bool(),
    aborted: bool(),
    priority: bool(),
    target: threadId,
    targetSpin: number,
    sender: threadId,
    replySpin: number,
    value,
  }));
  const port = perThread("port", { queue: queue(entry, slots) });
  const spin = perObject("spin", (options: { readonly now: boolean }) => ({ queue: queue(entry, slots), waiters: queue(threadId), now: bool(options.now) }));
  const td = perThread("td", {
    phase: oneOf("user", "putting", "put-go", "waitport", "waitmsg", "testing", "tested", "spin-wait", "spin-go", "replying", "aborting"),
    message: number,
    target: threadId,
    deaf: bool(),
    call: oneOf("none", "domsg", "waitmsg"),
  });
  const ipi = perCpu("ipi", {
    inbox: queue(record({ source: int(0, 7), what: oneOf("put", "reply", "abort"), message: int(0, 14), to: threadId }), ipiSlots),
  });
  return { message, port, spin, td, ipi } as unknown as State<M>;
}
