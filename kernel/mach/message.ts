/**
 * `mach_msg`: sends, receives, or sends and then receives (mach_msg.c, ipc_mqueue.c).
 *
 * The two halves are steps of their own, and so is the return of a woken thread into the kernel, as on a multiprocessor
 * or with a kernel that can be preempted. If all threads share one CPU, nobody can come between the halves.
 */
import {
  bool,
  type Domain,
  int,
  oneOf,
  operation,
  type Operation,
  type RuleContext,
  type StateContext,
  timeout,
  type Timeout,
} from "../../model/language/index.ts";
import type { Held } from "../../model/language/kernel.ts";
import { isOnce, nameOf, none, objectOf, onceNameOf } from "./names.ts";
import type { Queues, Variant } from "./queues.ts";
import type { Disposition, Rights } from "./rights.ts";
import type { Envelope, MessageId, State } from "./state.ts";

export type MessageError =
  | "none"
  | "send-invalid-dest"
  | "send-invalid-right"
  | "send-timed-out"
  | "receive-invalid-name"
  | "receive-in-set"
  | "receive-timed-out"
  | "receive-port-died"
  | "receive-port-changed";

/** The parameters of one call; `to: 0` leaves the send out, `from: 0` the receive. */
export interface MessageArguments<M> {
  /** The object number of the caller's task. */
  readonly task: number;
  readonly to: number;
  /** The reference to the destination goes with the message (MOVE_SEND instead of COPY_SEND). */
  readonly move: boolean;
  readonly id: MessageId;
  readonly data: number;
  readonly message: M;
  readonly how: Disposition;
  readonly right: number;
  readonly send: Timeout;
  readonly from: number;
  readonly receive: Timeout;
  readonly idle: boolean;
}
export interface MessageResult<M> {
  readonly error: MessageError;
  readonly id: MessageId;
  readonly message: M;
  readonly data: number;
  readonly right: number;
  readonly port: number;
  readonly authentic: boolean;
}
/** Domains whose values these are; the operation is built of them. */
type DomainsOf<T> = { readonly [K in keyof T]: Domain<T[K]> };
export type MessageOperation<M> = Operation<DomainsOf<MessageArguments<M>>, DomainsOf<MessageResult<M>>>;

/** Builds the operation. `values` lists what a general client may put into a message. */
export function messageOf<M>(
  state: State<M>,
  queues: Queues<M>,
  rights: Rights,
  { personality }: Variant,
  message: Domain<M>,
  nothing: M,
  values: readonly M[],
): MessageOperation<M> {
  const { thread, port, space } = state;
  const gnu = personality === "gnu";
  const args = {
    task: int(0, 14),
    to: int(0, 31),
    move: bool(),
    id: oneOf("message", "no-senders", "dead-name", "send-once", "port-deleted"),
    data: int(0, 15),
    message,
    how: oneOf("none", "make-send", "make-send-once", "copy-send", "move-send", "move-send-once"),
    right: int(0, 31),
    send: timeout,
    from: int(0, 15),
    receive: timeout,
    idle: bool(),
  };
  const result = {
    error: oneOf(
      "none",
      "send-invalid-dest",
      "send-invalid-right",
      "send-timed-out",
      "receive-invalid-name",
      "receive-in-set",
      "receive-timed-out",
      "receive-port-died",
      "receive-port-changed",
    ),
    id: oneOf("message", "no-senders", "dead-name", "send-once", "port-deleted"),
    message,
    data: int(0, 15),
    right: int(0, 31),
    port: int(0, 15),
    authentic: bool(),
  };
  type Look = StateContext<typeof args>;
  type Act = RuleContext<typeof args, typeof result>;
  const empty: Envelope<M> = { to: none, id: "message", kernel: false, data: 0, value: nothing, right: none };

  /** Nobody runs on another CPU. */
  const isAlone = (k: Look): boolean => k.threads.every((other) => k.sameCpu(k.self, other));
  const phaseOf = (k: Look) => k.of(thread, k.self).phase;
  const target = (k: Look): number => objectOf(k.args.to);

  // The send half.
  const sends = (k: Look): boolean => phaseOf(k) === "user" && k.args.to !== none;
  const hasDestination = (k: Look): boolean => rights.holds(k, k.args.task, k.args.to) && rights.isAlive(k, target(k));
  const hasRight = (k: Look): boolean => rights.mayCarry(k, k.args.task, k.args.how, k.args.right, k.args.to, k.args.move);
  const maySend = (k: Look): boolean => sends(k) && hasDestination(k) && hasRight(k);
  const hasRoom = (k: Look): boolean => isOnce(k.args.to) || queues.hasRoom(k, target(k));

  // The receive half.
  const begins = (k: Look): boolean => (phaseOf(k) === "user" && k.args.to === none) || phaseOf(k) === "receive";
  const owns = (k: Look): boolean => k.of(space, k.args.task).receive.at(k.args.from - 1) && rights.isAlive(k, k.args.from - 1);
  const isInSet = (k: Look): boolean => gnu && k.of(port, k.args.from - 1).set !== 0;
  const mayReceive = (k: Look): boolean => owns(k) && !isInSet(k);

  const settle = (k: Act): void => {
    const me = k.of(thread, k.self);
    me.phase = "user";
    me.message = empty;
    me.counted = false;
  };
  const fail = (k: Act, error: MessageError, right: number): void => {
    settle(k);
    k.complete(k.self, { error, id: "message", message: nothing, data: 0, right, port: none, authentic: false });
  };
  /** Rights leave the sender's space with the message. */
  const copyIn = (k: Act): number => {
    const carried = rights.takeCarried(k, k.args.task, k.args.how, k.args.right);
    rights.takeDestination(k, k.args.task, k.args.to, k.args.move);
    return carried;
  };
  const envelope = (k: Act, right: number): Envelope<M> => ({
    to: k.args.to,
    id: k.args.id,
    kernel: false,
    data: k.args.data,
    value: k.args.message,
    right,
  });
  /** The name of the carried right, once it has been taken. */
  const carriedOf = (k: Act): number => {
    if (k.args.how === "none") return none;
    return k.args.how === "make-send-once" ? onceNameOf(objectOf(k.args.right)) : k.args.right;
  };
  /** The receiver gets the message, and its rights. */
  const copyOut = (k: Act, got: Envelope<M>): void => {
    const right = rights.give(k, k.args.task, got.right);
    settle(k);
    k.complete(k.self, { error: "none", id: got.id, message: got.value, data: got.data, right, port: nameOf(objectOf(got.to)), authentic: got.kernel });
    if (!isOnce(got.to)) rights.dropSend(k, objectOf(got.to));
  };
  const receiveNow = (k: Act): void => {
    const got = queues.take(k, k.args.from - 1);
    queues.release(k, objectOf(got.to));
    copyOut(k, got);
  };
  const sleep = (k: Act): void => {
    k.of(thread, k.self).phase = "receive-wait";
    queues.wait(k.of(port, k.args.from - 1).receivers, k.self);
  };
  /** The send half is over. */
  const afterSend = (k: Act): void => {
    if (k.args.from === none) fail(k, "none", none);
    else if (!isAlone(k)) k.of(thread, k.self).phase = "receive";
    else if (!owns(k)) fail(k, "receive-invalid-name", none);
    else if (isInSet(k)) fail(k, "receive-in-set", none);
    else if (queues.hasMessage(k, k.args.from - 1)) receiveNow(k);
    else if (k.args.receive === "zero") fail(k, "receive-timed-out", none);
    else sleep(k);
  };
  /** A send that fails gives the message back: its rights return, the destination's as one reference more. */
  const giveBack = (k: Act): void => {
    rights.give(k, k.args.task, k.args.to);
    fail(k, "send-timed-out", rights.give(k, k.args.task, carriedOf(k)));
  };
  /** GNU Mach's fast path: a call to a port at which somebody waits, with nothing to receive yet. */
  const isFast = (k: Look): boolean =>
    gnu &&
    k.args.from !== none &&
    k.args.send === "infinite" &&
    k.args.receive === "infinite" &&
    queues.hasReceiver(k, target(k)) &&
    mayReceive(k) &&
    !queues.hasMessage(k, k.args.from - 1);

  /**
   * The kernel has not finished what it began: a woken sender, a receiver with its message, or a dying port goes on even
   * if its thread never returns to its program. Until then nobody is stuck.
   */
  const isUnderWay = (k: Look): boolean =>
    k.threads.some((other) => k.of(thread, other).phase === "send-go" || k.of(thread, other).phase === "handed" || k.of(thread, other).phase === "dying");

  return operation({
    name: "mach_msg",
    args,
    result,
    guarded: { by: "error", ok: "none", fields: ["id", "message", "data", "port", "authentic"] },
    rules: {
      "invalid destination": {
        when: (k) => sends(k) && !hasDestination(k),
        do: (k) => fail(k, "send-invalid-dest", none),
      },
      "invalid right": {
        when: (k) => sends(k) && hasDestination(k) && !hasRight(k),
        do: (k) => fail(k, "send-invalid-right", none),
      },
      "hand off directly": {
        when: (k) => maySend(k) && isFast(k),
        do: (k) => {
          queues.handOff(k, envelope(k, copyIn(k)));
          sleep(k);
        },
      },
      send: {
        when: (k) => maySend(k) && hasRoom(k) && !isFast(k),
        do: (k) => {
          queues.deliver(k, envelope(k, copyIn(k)), false);
          afterSend(k);
        },
      },
      "queue full, timeout zero": {
        when: (k) => k.args.send === "zero" && maySend(k) && !hasRoom(k),
        do: (k) => {
          copyIn(k);
          giveBack(k);
        },
      },
      "wait for room": {
        when: (k) => k.args.send !== "zero" && maySend(k) && !hasRoom(k) && !isFast(k),
        do: (k) => {
          copyIn(k);
          k.of(thread, k.self).phase = "send-wait";
          queues.wait(k.of(port, target(k)).senders, k.self);
        },
      },
      "send after all": {
        when: (k) => phaseOf(k) === "send-go" && rights.isAlive(k, target(k)) && (!gnu || queues.hasRoom(k, target(k))),
        do: (k) => {
          queues.deliver(k, envelope(k, carriedOf(k)), !gnu);
          afterSend(k);
        },
      },
      "no room after all": {
        when: (k) => gnu && phaseOf(k) === "send-go" && rights.isAlive(k, target(k)) && !queues.hasRoom(k, target(k)),
        do: (k) => {
          k.of(thread, k.self).phase = "send-wait";
          queues.wait(k.of(port, target(k)).senders, k.self);
        },
      },
      "send to a port that has died": {
        when: (k) => phaseOf(k) === "send-go" && !rights.isAlive(k, target(k)),
        do: (k) => {
          rights.destroyRight(k, carriedOf(k));
          afterSend(k);
        },
      },
      "send timer fires": {
        timer: true,
        when: (k) => k.args.send === "finite" && phaseOf(k) === "send-wait" && !queues.hasRoom(k, target(k)),
        do: (k) => {
          k.of(port, target(k)).senders.remove(k.self);
          giveBack(k);
        },
      },
      "send timer fires, and there is room": {
        timer: true,
        when: (k) => k.args.send === "finite" && phaseOf(k) === "send-wait" && queues.hasRoom(k, target(k)),
        do: (k) => {
          k.of(port, target(k)).senders.remove(k.self);
          queues.deliver(k, envelope(k, carriedOf(k)), false);
          afterSend(k);
        },
      },
      "no such receive right": {
        when: (k) => begins(k) && !owns(k),
        do: (k) => fail(k, "receive-invalid-name", none),
      },
      "receive from a member of a set": {
        when: (k) => begins(k) && owns(k) && isInSet(k),
        do: (k) => fail(k, "receive-in-set", none),
      },
      receive: {
        when: (k) => begins(k) && mayReceive(k) && queues.hasMessage(k, k.args.from - 1),
        do: (k) => receiveNow(k),
      },
      "no message, timeout zero": {
        when: (k) => k.args.receive === "zero" && begins(k) && mayReceive(k) && !queues.hasMessage(k, k.args.from - 1),
        do: (k) => fail(k, "receive-timed-out", none),
      },
      "wait for a message": {
        when: (k) => k.args.receive !== "zero" && begins(k) && mayReceive(k) && !queues.hasMessage(k, k.args.from - 1),
        do: (k) => sleep(k),
      },
      "take what was handed over": {
        when: (k) => phaseOf(k) === "handed",
        do: (k) => {
          const got = k.of(thread, k.self).message;
          if (k.of(thread, k.self).counted && rights.isAlive(k, objectOf(got.to))) queues.release(k, objectOf(got.to));
          copyOut(k, got);
        },
      },
      "receive timer fires": {
        timer: true,
        when: (k) => k.args.receive === "finite" && phaseOf(k) === "receive-wait",
        do: (k) => {
          k.of(port, k.args.from - 1).receivers.remove(k.self);
          fail(k, "receive-timed-out", none);
        },
      },
    },
    waits: {
      sending: {
        when: (k) => phaseOf(k) === "send-wait",
        says: "waiting for room in the queue of a port (mach_msg, send)",
        kind: "send",
        wakers: [{ by: ["mach_msg", "mach_port_destroy", "mach_port_move_member", "task_terminate"] }],
        passing: (k) => isUnderWay(k),
      },
      replied: {
        when: (k) => phaseOf(k) === "receive-wait" && k.args.to !== none,
        says: "waiting for a reply (mach_msg, receive)",
        kind: "reply",
        wakers: [
          { by: ["mach_msg", "mach_port_destroy", "mach_port_deallocate", "mach_port_request_notification", "mach_port_move_member", "task_terminate"] },
        ],
        idle: (k) => k.args.idle,
        passing: (k) => isUnderWay(k),
      },
      receiving: {
        when: (k) => phaseOf(k) === "receive-wait",
        says: "waiting for a message (mach_msg, receive)",
        kind: "receive",
        wakers: [
          { by: ["mach_msg", "mach_port_destroy", "mach_port_deallocate", "mach_port_request_notification", "mach_port_move_member", "task_terminate"] },
        ],
        idle: (k) => k.args.idle,
        passing: (k) => isUnderWay(k),
      },
    },
    general: (held) => anyMessage(held, values) as never,
  }) as unknown as MessageOperation<M>;
}

/**
 * What a general client may do: every send to, and every receive from, what it holds. A call is a send and a receive; a
 * timer covers a wait without end, which is one that never fires.
 */
function anyMessage<M>({ objects }: Held, values: readonly M[]): readonly MessageArguments<M>[] {
  const tasks = objects.filter(({ type }) => type.name === "mach.task").map(({ ref }) => ref.index);
  const ports = objects.filter(({ type }) => type.name === "mach.port").map(({ ref }) => nameOf(ref.index));
  const once = ports.map((name) => onceNameOf(objectOf(name)));
  const carried: readonly { readonly how: Disposition; readonly right: number }[] = [
    { how: "none", right: none },
    ...ports.flatMap((right) => (["make-send", "make-send-once", "copy-send", "move-send"] as const).map((how) => ({ how, right }))),
    ...once.map((right) => ({ how: "move-send-once" as const, right })),
  ];
  const nothing = {
    to: none,
    move: false,
    id: "message",
    data: 0,
    message: values[0] as M,
    how: "none",
    right: none,
    send: "infinite",
    from: none,
    receive: "infinite",
  } as const;
  const timeouts = ["zero", "finite"] as const;
  const ids = ["message", "no-senders", "dead-name", "send-once", "port-deleted"] as const;
  return tasks.flatMap((task) => [
    ...[...ports, ...once].flatMap((to) =>
      carried.flatMap((each) =>
        timeouts.flatMap((send) => ids.flatMap((id) => values.map((message) => ({ ...nothing, ...each, task, to, id, message, send, idle: true })))),
      ),
    ),
    ...objects
      .filter(({ type }) => type.name === "mach.port" || type.name === "mach.set")
      .flatMap(({ ref }) => timeouts.map((receive) => ({ ...nothing, task, from: nameOf(ref.index), receive, idle: true }))),
  ]);
}
