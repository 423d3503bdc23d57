/**
 * What Mach keeps: ports and port sets, the IPC space of each task, and where each thread is inside `mach_msg`
 * (ipc_port.h, ipc_pset.h, ipc_space.h and the ith_ fields of thread.h in GNU Mach).
 */
import {
  array,
  bool,
  type Cell,
  type CellArray,
  type Domain,
  int,
  oneOf,
  perObject,
  perThread,
  queue,
  type QueueAccess,
  record,
  type StateGroup,
  type ThreadId,
  threadId,
} from "../../model/language/index.ts";

/** Identifiers of messages: an ordinary one and the notifications of the kernel, which anybody may put into a message. */
export type MessageId = "message" | "no-senders" | "dead-name" | "send-once" | "port-deleted";

type Of<V> = Domain<V, Cell<V>>;
type Row<V> = Domain<readonly V[], CellArray<Cell<V>>>;
type Queue<V> = Domain<readonly V[], QueueAccess<V>>;

/** A message inside the kernel (`ipc_kmsg`): rights are counted where they are, and here they are in transit. */
export interface Envelope<M> {
  /** The right that it is sent to, a send or a send-once right of the port. */
  readonly to: number;
  readonly id: MessageId;
  /** The trailer says that the kernel itself sent it. */
  readonly kernel: boolean;
  /** The number that a notification carries: a make-send count or a name. */
  readonly data: number;
  readonly value: M;
  /** The right that it carries, as the name that it will have. */
  readonly right: number;
}

/** Where a thread is inside `mach_msg`, or in the destruction of a port. */
export type Phase = "user" | "send-wait" | "send-go" | "receive" | "receive-wait" | "handed" | "dying";

export interface ThreadFields<M> extends Readonly<Record<string, Domain>> {
  readonly phase: Of<Phase>;
  /** The message that a sender has handed over. */
  readonly message: Domain<Envelope<M>>;
  /** It still counts against the limit of its port. */
  readonly counted: Of<boolean>;
  /** The port that it destroys, by name. */
  readonly dying: Of<number>;
}
export interface PortFields<M> extends Readonly<Record<string, Domain>> {
  readonly active: Of<boolean>;
  readonly isSet: Of<boolean>;
  /** qlimit and msgcount. */
  readonly limit: Of<number>;
  readonly count: Of<number>;
  readonly queue: Queue<Envelope<M>>;
  readonly senders: Queue<ThreadId>;
  readonly receivers: Queue<ThreadId>;
  /** The set that the port is in. */
  readonly set: Of<number>;
  /** Of a set on XNU: the member ports that hold messages, in the order in which they are served. */
  readonly ready: Queue<number>;
  /** Send rights, those in transit included; and how many were made with MAKE_SEND. */
  readonly srights: Of<number>;
  readonly mscount: Of<number>;
  /** The port that a no-senders notification goes to. */
  readonly nsrequest: Of<number>;
  readonly dnrequests: Queue<DeadNameRequest>;
}
export interface DeadNameRequest {
  /** Object numbers of the task whose name it is and of the port to notify. */
  readonly task: number;
  readonly notify: number;
}
export interface SpaceFields extends Readonly<Record<string, Domain>> {
  /** For each object, whether the task has its receive right; user references of its send right; send-once rights. */
  readonly receive: Row<boolean>;
  readonly send: Row<number>;
  readonly once: Row<number>;
}

/** Sizes of the finite model; one that is exceeded is the violation `out-of-range`. */
export interface Bounds {
  /** Messages in one queue, those beyond the limit of the port included. */
  readonly slots: number;
  /** References of one kind that a task has to one port. */
  readonly references: number;
  /** A count that reaches `references` stays there for ever, as XNU does with the largest count: such a right is leaked. */
  readonly pegged: boolean;
  /** Make-send counts; 0: they are not counted. */
  readonly makes: number;
}
/** What a task starts with, by the names of objects. */
export interface Rights {
  readonly receive: readonly string[];
  readonly send: readonly string[];
}

export interface State<M> {
  readonly thread: StateGroup<"thread", ThreadFields<M>>;
  readonly port: StateGroup<"object", PortFields<M>>;
  readonly space: StateGroup<"object", SpaceFields>;
}

/** Declares the state of a system whose messages carry `message`. */
export function stateOf<M>(message: Domain<M>, { slots, references, makes }: Bounds): State<M> {
  const envelope = record({
    to: int(0, 31),
    id: oneOf("message", "no-senders", "dead-name", "send-once", "port-deleted"),
    kernel: bool(),
    data: int(0, 15),
    value: message,
    right: int(0, 31),
  }) as unknown as Domain<Envelope<M>>;
  const thread = perThread("mach", {
    phase: oneOf("user", "send-wait", "send-go", "receive", "receive-wait", "handed", "dying"),
    message: envelope,
    counted: bool(),
    dying: int(0, 15),
  });
  const port = perObject("port", (options: { readonly isSet: boolean; readonly limit: number }, objects, self): PortFields<M> => {
    const holders = objects.filter(({ type }) => (type.options as unknown as Partial<Rights>).send?.includes(objects[self]?.ref.name ?? "")).length;
    return {
      active: bool(true),
      isSet: bool(options.isSet),
      limit: int(0, 16, options.limit),
      count: int(0, slots + 2),
      queue: queue(envelope, slots),
      senders: queue(threadId),
      receivers: queue(threadId),
      set: int(0, 15),
      ready: queue(int(0, 15), objects.length),
      srights: int(0, 15, holders),
      mscount: int(0, makes),
      nsrequest: int(0, 15),
      dnrequests: queue(record({ task: int(0, 14), notify: int(0, 14) }), Math.max(1, objects.filter(({ type }) => type.name === "mach.task").length)),
    };
  });
  const space = perObject("space", (options: Rights, objects): SpaceFields => {
    const missing = [...options.receive, ...options.send].find((name) => !objects.some(({ ref }) => ref.name === name));
    if (missing !== undefined) throw new TypeError(`a task has a right to "${missing}", which is none of the protocol's objects`);
    const has = (names: readonly string[]): readonly boolean[] => objects.map(({ ref }) => names.includes(ref.name));
    return {
      receive: array(objects.length, bool(), has(options.receive)),
      send: array(
        objects.length,
        int(0, references),
        has(options.send).map((holds) => (holds ? 1 : 0)),
      ),
      once: array(objects.length, int(0, references)),
    };
  });
  return { thread, port, space } as unknown as State<M>;
}
