/**
 * L4 X.2 as a model: one system call with a send and a receive phase, after L4Ka::Pistachio's api/v4.
 *
 * Among threads of one CPU the whole call is one atomic step. Across CPUs it is the kernel's real sequence: the sender
 * posts a request, the request is checked where the receiver lives, and the sender's receive phase starts later, so a
 * reply with timeout zero can fall into the gap. `atomic: true` closes the gap.
 */
import {
  type Domain,
  bool,
  initialOf,
  nobody,
  type Op,
  oneOf,
  operation,
  perThread,
  queue,
  type RuleContext,
  type StateContext,
  type StateGroup,
  threadId,
  type ThreadId,
  timeout,
  type Timeout,
} from "../../model/language/index.ts";

import type { Received } from "./index.ts";

/** One call of the kernel: Ipc(to, from, timeouts). `to: nobody` skips the send phase, `next: "none"` the receive phase. */
interface IpcArguments<M> {
  readonly to: ThreadId;
  readonly message: M;
  readonly send: Timeout;
  readonly next: "none" | "open" | "closed";
  readonly from: ThreadId;
  readonly receive: Timeout;
  readonly idle: boolean;
}
interface Call<A, R> {
  (args: A): Op<R>;
  readonly declaration: { readonly name: string };
}
export interface Operations<M> {
  readonly state: readonly StateGroup[];
  readonly ipc: Call<IpcArguments<M>, Received<M>>;
  readonly cancel: Call<{ readonly target: ThreadId }, { readonly acted: boolean }>;
  readonly remove: Call<{ readonly target: ThreadId }, object>;
}

/** Builds the operations for one message domain. Messages and state groups depend on it, so each kernel has its own. */
export function operations<M>(message: Domain<M>, atomic: boolean): Operations<M> {
  /**
   * `state`: running; requested (posted to another CPU); polling (in the receiver's send queue); sent (send phase done,
   * receive phase not begun); waiting. `next`, `from` and `receive` keep the receive phase for whoever completes the
   * send; all fields are reset when the operation ends, so that a running thread has one representation.
   */
  const tcb = perThread("ipc", {
    state: oneOf("running", "requested", "polling", "sent", "waiting"),
    next: oneOf("none", "open", "closed"),
    partner: threadId,
    from: threadId,
    receive: timeout,
    outgoing: message,
    senders: queue(threadId),
    deleted: bool(),
  });
  const args = { to: threadId, message, send: timeout, next: oneOf("none", "open", "closed"), from: threadId, receive: timeout, idle: bool() };
  const result = { from: threadId, message, error: oneOf("none", "timeout", "non-existing", "cancelled"), phase: oneOf("none", "send", "receive") };
  type Args = typeof args;
  type Result = typeof result;
  type State = StateContext<Args>;
  type Context = RuleContext<Args, Result>;

  const near = (k: StateContext, a: ThreadId, b: ThreadId): boolean => atomic || k.sameCpu(a, b);

  /** The receiver waits, for anyone or for this sender. */
  const accepts = (k: State, receiver: ThreadId, sender: ThreadId): boolean => {
    const to = k.of(tcb, receiver);
    return to.state === "waiting" && (to.next === "open" || to.from === sender);
  };
  const isNew = (k: State): boolean => k.of(tcb, k.self).state === "running";
  const sends = (k: State): boolean => isNew(k) && k.args.to !== nobody;
  const exists = (k: State): boolean => !k.of(tcb, k.args.to).deleted;

  const settle = (k: Pick<RuleContext, "of">, thread: ThreadId): void => {
    const me = k.of(tcb, thread);
    me.state = "running";
    me.next = "none";
    me.partner = nobody;
    me.from = nobody;
    me.receive = "infinite";
    me.outgoing = initial;
  };
  const fail = (k: Context, thread: ThreadId, error: Received<M>["error"], phase: "send" | "receive"): void => {
    settle(k, thread);
    k.complete(thread, { from: nobody, message: initial, error, phase });
  };
  const deliver = (k: Context, receiver: ThreadId, sender: ThreadId, value: M): void => {
    settle(k, receiver);
    k.complete(receiver, { from: sender, message: value, error: "none", phase: "none" });
  };
  /** Remembers this call's receive phase in the TCB. */
  const keep = (k: Context, state: "requested" | "polling" | "sent"): void => {
    const me = k.of(tcb, k.self);
    me.state = state;
    me.partner = k.args.to;
    me.next = k.args.next;
    me.from = k.args.from;
    me.receive = k.args.receive;
    me.outgoing = k.args.message;
  };
  /** The queued thread that a receive phase takes: the head if open, the named one if closed, else nobody. */
  const eligible = (k: Context, receiver: ThreadId): ThreadId => {
    const me = k.of(tcb, receiver);
    if (me.next === "open") return me.senders.length > 0 ? me.senders.at(0) : nobody;
    return me.senders.includes(me.from) ? me.from : nobody;
  };
  /**
   * Runs receive phases to their end, starting with that of `first`, whose `next`, `from` and `receive` are set. A
   * receiver that takes a queued sender of its own CPU sets off that sender's receive phase at once.
   */
  const receivePhase = (k: Context, first: ThreadId): void => {
    let receiver = first;
    while (receiver !== nobody) {
      const me = k.of(tcb, receiver);
      if (me.next === "none") {
        settle(k, receiver);
        k.complete(receiver, { from: nobody, message: initial, error: "none", phase: "none" });
        return;
      }
      const sender = eligible(k, receiver);
      if (sender === nobody) {
        if (me.receive === "zero") {
          fail(k, receiver, "timeout", "receive");
        } else {
          me.state = "waiting";
          me.partner = nobody;
          me.outgoing = initial;
        }
        return;
      }
      const other = k.of(tcb, sender);
      me.senders.remove(sender);
      deliver(k, receiver, sender, other.outgoing);
      other.outgoing = initial;
      other.partner = nobody;
      if (!near(k, sender, receiver)) {
        other.state = "sent";
        return;
      }
      receiver = sender;
    }
  };
  const enqueue = (k: Context): void => {
    keep(k, "polling");
    k.of(tcb, k.args.to).senders.push(k.self);
  };

  const initial = initialOf(message);
  const ipc = operation({
    name: "ipc",
    args,
    result,
    guarded: { by: "error", ok: "none", fields: ["from", "message"] },
    rules: {
      "send to nobody there": {
        when: (k) => sends(k) && !exists(k),
        do: (k) => fail(k, k.self, "non-existing", "send"),
      },
      transfer: {
        when: (k) => sends(k) && exists(k) && near(k, k.self, k.args.to) && accepts(k, k.args.to, k.self),
        do: (k) => {
          deliver(k, k.args.to, k.self, k.args.message);
          keep(k, "sent");
          const me = k.of(tcb, k.self);
          me.partner = nobody;
          me.outgoing = initial;
          receivePhase(k, k.self);
        },
      },
      "send timeout zero": {
        when: (k) => k.args.send === "zero" && sends(k) && exists(k) && near(k, k.self, k.args.to) && !accepts(k, k.args.to, k.self),
        do: (k) => fail(k, k.self, "timeout", "send"),
      },
      "queue as sender": {
        when: (k) => k.args.send !== "zero" && sends(k) && exists(k) && near(k, k.self, k.args.to) && !accepts(k, k.args.to, k.self),
        do: (k) => enqueue(k),
      },
      "request on the other CPU": {
        when: (k) => sends(k) && exists(k) && !near(k, k.self, k.args.to),
        do: (k) => keep(k, "requested"),
      },
      "remote check: gone": {
        when: (k) => k.of(tcb, k.self).state === "requested" && !exists(k),
        do: (k) => fail(k, k.self, "non-existing", "send"),
      },
      "remote check: transfer": {
        when: (k) => k.of(tcb, k.self).state === "requested" && exists(k) && accepts(k, k.args.to, k.self),
        do: (k) => {
          const me = k.of(tcb, k.self);
          deliver(k, k.args.to, k.self, me.outgoing);
          me.state = "sent";
          me.partner = nobody;
          me.outgoing = initial;
        },
      },
      "remote check: timeout zero": {
        when: (k) => k.args.send === "zero" && k.of(tcb, k.self).state === "requested" && exists(k) && !accepts(k, k.args.to, k.self),
        do: (k) => fail(k, k.self, "timeout", "send"),
      },
      "remote check: queue": {
        when: (k) => k.args.send !== "zero" && k.of(tcb, k.self).state === "requested" && exists(k) && !accepts(k, k.args.to, k.self),
        do: (k) => enqueue(k),
      },
      "send timer fires": {
        when: (k) => k.args.send === "finite" && k.of(tcb, k.self).state === "polling",
        do: (k) => {
          k.of(tcb, k.args.to).senders.remove(k.self);
          fail(k, k.self, "timeout", "send");
        },
      },
      "receive without sending": {
        when: (k) => isNew(k) && k.args.to === nobody,
        do: (k) => {
          keep(k, "sent");
          receivePhase(k, k.self);
        },
      },
      "begin the receive phase": {
        when: (k) => k.of(tcb, k.self).state === "sent",
        do: (k) => receivePhase(k, k.self),
      },
      "receive timer fires": {
        when: (k) => k.args.receive === "finite" && k.of(tcb, k.self).state === "waiting",
        do: (k) => fail(k, k.self, "timeout", "receive"),
      },
    },
    waits: {
      polling: {
        when: (k) => k.of(tcb, k.self).state === "polling",
        says: "polling (send phase)",
        kind: "send",
        wakers: [{ by: ["ipc"], when: (k, other) => other === k.args.to }, { by: ["cancel"] }],
      },
      closed: {
        when: (k) => k.of(tcb, k.self).state === "waiting" && k.args.next === "closed",
        says: "waiting (closed receive)",
        kind: "closed-receive",
        wakers: [{ by: ["ipc"], when: (k, other) => other === k.args.from }, { by: ["cancel"] }],
        idle: (k) => k.args.idle,
      },
      open: {
        when: (k) => k.of(tcb, k.self).state === "waiting" && k.args.next === "open",
        says: "waiting (open receive)",
        kind: "receive",
        wakers: [{ by: ["ipc"] }, { by: ["cancel"] }],
        idle: (k) => k.args.idle,
      },
    },
  });

  /** ExchangeRegisters with the S and R bits: ends the IPC that the target is blocked in, with error "cancelled". */
  const cancel = operation({
    name: "cancel",
    args: { target: threadId },
    result: { acted: bool() },
    general: false,
    rules: {
      "cancel a send": {
        when: (k) => k.of(tcb, k.args.target).state === "polling",
        do: (k) => {
          k.of(tcb, k.of(tcb, k.args.target).partner).senders.remove(k.args.target);
          settle(k, k.args.target);
          k.completeOf(ipc, k.args.target, { from: nobody, message: initial, error: "cancelled", phase: "send" });
          k.complete(k.self, { acted: true });
        },
      },
      "cancel a receive": {
        when: (k) => k.of(tcb, k.args.target).state === "waiting",
        do: (k) => {
          settle(k, k.args.target);
          k.completeOf(ipc, k.args.target, { from: nobody, message: initial, error: "cancelled", phase: "receive" });
          k.complete(k.self, { acted: true });
        },
      },
      "nothing to cancel": {
        when: (k) => k.of(tcb, k.args.target).state !== "polling" && k.of(tcb, k.args.target).state !== "waiting",
        do: (k) => k.complete(k.self, { acted: false }),
      },
    },
  });

  /** ThreadControl deletion: the target is unwound; its queued senders are unlinked and keep polling; nobody is told. */
  const remove = operation({
    name: "delete",
    args: { target: threadId },
    result: {},
    general: false,
    rules: {
      delete: {
        do: (k) => {
          const target = k.of(tcb, k.args.target);
          if (target.state === "polling") k.of(tcb, target.partner).senders.remove(k.args.target);
          while (target.senders.length > 0) target.senders.shift();
          settle(k, k.args.target);
          target.deleted = true;
          k.terminate(k.args.target);
          if (k.args.target !== k.self) k.complete(k.self, {});
        },
      },
    },
  });
  return { state: [tcb], ipc, cancel, remove };
}
