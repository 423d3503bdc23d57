/**
 * The IPC system call of Fiasco.OC (src/kern/thread-ipc.cpp): a send to a thread, through a gate or with a reply capability,
 * and a receive, open or from one thread. Among threads of one CPU it is one step. Across CPUs the send is a request that
 * is looked at on the receiver's CPU, and a timeout, zero included, counts only there.
 */
import {
  bool,
  type Domain,
  nobody,
  type ObjectRef,
  objectRefOrNull,
  oneOf,
  operation,
  type RuleContext,
  type StateContext,
  threadId,
  type ThreadId,
  type Timeout,
  timeout,
  type Wait,
} from "../../model/language/index.ts";
import type { Ipc, System } from "./calls.ts";
import { everything } from "./general.ts";
import { gate, type Phase, replySlot } from "./state.ts";
import { itemsOf } from "./transfer.ts";

export type IpcArgs<M> = {
  /** What it is sent with: nothing, a thread, a gate, the right to reply in the implicit slot or in an explicit one. */
  readonly kind: Domain<"none" | "thread" | "gate" | "reply" | "slot">;
  readonly to: Domain<ThreadId>;
  readonly gate: Domain<ObjectRef | null>;
  readonly slot: Domain<ObjectRef | null>;
  readonly message: Domain<M>;
  readonly send: Domain<Timeout>;
  readonly next: Domain<Phase>;
  /** Of a closed receive that is not a call's. */
  readonly from: Domain<ThreadId>;
  readonly isCall: Domain<boolean>;
  readonly receive: Domain<Timeout>;
  /** Where an open wait puts the right to reply; null: into the implicit slot. */
  readonly store: Domain<ObjectRef | null>;
  /** Of a reply, before commits 2c30ef80 and 2b86d97b: the label that it claims. */
  readonly forged: Domain<number>;
  /** Whether the message carries items (capabilities). */
  readonly items: Domain<boolean>;
  readonly idle: Domain<boolean>;
};
export type IpcResult<M> = {
  readonly label: Domain<number>;
  readonly message: Domain<M>;
  readonly error: Domain<"none" | "timeout" | "not-existent" | "cancelled">;
  readonly phase: Domain<"none" | "send" | "receive">;
};

export function ipcOf<M>(system: System<M>): Ipc<M> {
  const { tcb, transfers, label, message, nothing, near, accepts, lateSenders, items } = system;
  type State = StateContext<IpcArgs<M>>;
  type Context = RuleContext<IpcArgs<M>, IpcResult<M>>;

  const isReply = (k: State): boolean => k.args.kind === "reply" || k.args.kind === "slot";
  /** The thread that the send goes to; nobody: there is none (yet). */
  const target = (k: State): ThreadId => {
    if (k.args.kind === "thread") return k.args.to;
    if (k.args.kind === "reply") return k.of(tcb, k.self).caller;
    if (k.args.slot !== null) return k.of(replySlot, k.args.slot).caller;
    if (k.args.gate !== null) return k.of(gate, k.args.gate).thread;
    return nobody;
  };
  const labelOf = (k: State): number => {
    if (isReply(k)) return k.args.forged;
    return k.args.gate === null ? 0 : k.of(gate, k.args.gate).label;
  };
  const isNew = (k: State): boolean => k.of(tcb, k.self).state === "running";
  const sends = (k: State): boolean => k.args.kind !== "none" && isNew(k);
  const isGone = (k: State): boolean => {
    if (k.args.gate !== null && k.of(gate, k.args.gate).deleted) return true;
    const to = target(k);
    if (to === nobody) return k.args.kind !== "gate";
    return k.of(tcb, to).deleted;
  };
  const isUnbound = (k: State): boolean => sends(k) && !isGone(k) && target(k) === nobody;
  const isHere = (k: State): boolean => sends(k) && !isGone(k) && target(k) !== nobody && near(k, k.self, target(k));
  const isThere = (k: State): boolean => sends(k) && !isGone(k) && target(k) !== nobody && !near(k, k.self, target(k));
  const isAccepted = (k: State): boolean => accepts(k, target(k), k.self, isReply(k));

  /** A reply uses its right up, whatever becomes of it. */
  const useUp = (k: Context): void => {
    if (k.args.kind === "reply") k.of(tcb, k.self).caller = nobody;
    if (k.args.slot !== null) k.of(replySlot, k.args.slot).caller = nobody;
  };
  /** Remembers the receive phase. */
  const keepReceive = (k: Context, to: ThreadId): void => {
    const me = k.of(tcb, k.self);
    me.isCall = k.args.isCall;
    me.next = k.args.next;
    me.from = k.args.isCall ? to : k.args.from;
    me.receive = k.args.receive;
    me.slot = k.args.store === null ? -1 : k.args.store.index;
  };
  const keepSend = (k: Context, to: ThreadId): void => {
    const me = k.of(tcb, k.self);
    keepReceive(k, to);
    me.partner = to;
    me.gate = k.args.gate === null ? -1 : k.args.gate.index;
    me.outgoing = k.args.message;
    me.label = labelOf(k);
    me.isReply = isReply(k);
    if (items) k.of(transfers, k.self).items = k.args.items;
  };
  /** The message goes over; then the sender's own receive phase, at once if both are here or it waits for the reply. */
  const transfer = (k: Context, to: ThreadId, by: number, value: M, isFar: boolean): void => {
    system.deliver(k, to, k.self, by, value, k.args.isCall);
    const me = k.of(tcb, k.self);
    me.partner = nobody;
    me.gate = -1;
    me.outgoing = nothing;
    me.label = 0;
    me.isReply = false;
    if (items) k.of(transfers, k.self).items = false;
    if (isFar && !k.args.isCall) me.state = "sent";
    else system.receivePhase(k, k.self);
  };
  /** A request that has come to a CPU where it cannot be served: its target, or the gate that it came through, is gone. */
  const isLost = (k: State): boolean => {
    const me = k.of(tcb, k.self);
    if (k.of(tcb, me.partner).deleted) return true;
    return k.args.gate !== null && !lateSenders && k.of(gate, k.args.gate).deleted;
  };
  const isRequested = (k: State): boolean => k.of(tcb, k.self).state === "requested";
  /** The request has found its target, in whose context it is looked at. */
  const isLookedAt = (k: State): boolean => isRequested(k) && !isLost(k) && system.wouldRun(k, k.of(tcb, k.self).partner);
  const meets = (k: State): boolean => accepts(k, k.of(tcb, k.self).partner, k.self, isReply(k));
  /**
   * The right to reply lasts as long as the wait, so a reply can only be in vain if the wait ended while it travelled.
   * Before the commits it was a message like any other.
   */
  const isUnwanted = (k: State): boolean => isReply(k) && !system.staleReplies;
  /** Its items have to be transferred in the context of a thread. */
  const isSplit = (k: State): boolean => items && k.args.items;
  const { rules, waits } = itemsOf(system, {
    handshakes: (k) => isSplit(k) && isLookedAt(k) && meets(k),
    transfer: (k) => {
      const me = k.of(tcb, k.self);
      transfer(k, me.partner, me.label, me.outgoing, false);
    },
  });

  const deferred: Wait<IpcArgs<M>> = {
    when: (k) => isRequested(k),
    says: "waiting until the receiver is scheduled on its CPU (request)",
    kind: "scheduler",
    wakers: [
      {
        by: "anything",
        when: (k, other) => k.sameCpu(other, k.of(tcb, k.self).partner) && k.priorityOf(other) > k.priorityOf(k.of(tcb, k.self).partner),
      },
      { by: ["delete", "gate.delete"], anywhere: true },
    ],
  };

  return operation({
    name: "ipc",
    args: {
      kind: oneOf("none", "thread", "gate", "reply", "slot"),
      to: threadId,
      gate: objectRefOrNull,
      slot: objectRefOrNull,
      message,
      send: timeout,
      next: oneOf("none", "open", "closed"),
      from: threadId,
      isCall: bool(),
      receive: timeout,
      store: objectRefOrNull,
      forged: label,
      ...((items ? { items: bool() } : {}) as { readonly items: Domain<boolean> }),
      idle: bool(),
    },
    result: { label, message, error: oneOf("none", "timeout", "not-existent", "cancelled"), phase: oneOf("none", "send", "receive") },
    general: (held) => everything(held, system),
    guarded: { by: "error", ok: "none", fields: ["label", "message"] },
    rules: {
      "no partner": {
        when: (k) => sends(k) && isGone(k),
        do: (k) => {
          useUp(k);
          system.fail(k, k.self, "not-existent", "send");
        },
      },
      "wait at the unbound gate": {
        when: (k) => k.args.send !== "zero" && isUnbound(k),
        do: (k) => {
          k.of(tcb, k.self).state = "gate-wait";
          if (k.args.gate !== null) system.enqueue(k, k.of(gate, k.args.gate).waiters, k.self);
        },
      },
      "unbound gate, timeout zero": {
        when: (k) => k.args.send === "zero" && isUnbound(k),
        do: (k) => system.fail(k, k.self, "timeout", "send"),
      },
      "gate timer fires": {
        timer: true,
        when: (k) => k.args.send === "finite" && k.of(tcb, k.self).state === "gate-wait",
        do: (k) => {
          if (k.args.gate !== null) k.of(gate, k.args.gate).waiters.remove(k.self);
          system.fail(k, k.self, "timeout", "send");
        },
      },
      transfer: {
        when: (k) => isHere(k) && isAccepted(k),
        do: (k) => {
          const to = target(k);
          const by = labelOf(k);
          useUp(k);
          keepReceive(k, to);
          system.activate(k, to);
          transfer(k, to, by, k.args.message, false);
        },
      },
      "send timeout zero": {
        when: (k) => k.args.send === "zero" && isHere(k) && !isAccepted(k),
        do: (k) => {
          useUp(k);
          system.fail(k, k.self, "timeout", "send");
        },
      },
      "queue as sender": {
        when: (k) => k.args.send !== "zero" && isHere(k) && !isAccepted(k),
        do: (k) => {
          const to = target(k);
          keepSend(k, to);
          useUp(k);
          k.of(tcb, k.self).state = "send-wait";
          system.enqueue(k, k.of(tcb, to).senders, k.self);
        },
      },
      "request on the other CPU": {
        when: (k) => isThere(k),
        do: (k) => {
          const to = target(k);
          keepSend(k, to);
          useUp(k);
          k.of(tcb, k.self).state = "requested";
        },
      },
      "remote check: gone": {
        when: (k) => isRequested(k) && isLost(k),
        do: (k) => system.fail(k, k.self, "not-existent", "send"),
      },
      "remote check: transfer": {
        when: (k) => !isSplit(k) && isLookedAt(k) && meets(k),
        do: (k) => {
          const me = k.of(tcb, k.self);
          transfer(k, me.partner, me.label, me.outgoing, true);
        },
      },
      "remote check: reply in vain": {
        when: (k) => isUnwanted(k) && isLookedAt(k) && !meets(k),
        do: (k) => system.fail(k, k.self, "not-existent", "send"),
      },
      "remote check: timeout zero": {
        when: (k) => k.args.send === "zero" && !isUnwanted(k) && isLookedAt(k) && !meets(k),
        do: (k) => system.fail(k, k.self, "timeout", "send"),
      },
      "remote check: queue": {
        when: (k) => k.args.send !== "zero" && !isUnwanted(k) && isLookedAt(k) && !meets(k),
        do: (k) => {
          const me = k.of(tcb, k.self);
          me.state = "send-wait";
          system.enqueue(k, k.of(tcb, me.partner).senders, k.self);
        },
      },
      "send timer fires": {
        timer: true,
        when: (k) => k.args.send === "finite" && k.of(tcb, k.self).state === "send-wait" && !system.isFarSend(k, k.self) && !system.isAborting(k, k.self),
        do: (k) => {
          k.of(tcb, k.of(tcb, k.self).partner).senders.remove(k.self);
          system.fail(k, k.self, "timeout", "send");
        },
      },
      "receive without sending": {
        when: (k) => k.args.kind === "none" && isNew(k),
        do: (k) => {
          keepReceive(k, nobody);
          system.receivePhase(k, k.self);
        },
      },
      "begin the receive phase": {
        when: (k) => k.of(tcb, k.self).state === "sent" && !system.isAborting(k, k.self) && !system.isDying(k, k.self),
        do: (k) => system.receivePhase(k, k.self),
      },
      "receive timer fires": {
        timer: true,
        when: (k) => k.args.receive === "finite" && k.of(tcb, k.self).state === "receive-wait" && !system.isAborting(k, k.self),
        do: (k) => system.fail(k, k.self, "timeout", "receive"),
      },
      ...(items ? rules : {}),
    },
    waits: {
      gate: {
        when: (k) => k.of(tcb, k.self).state === "gate-wait",
        says: "waiting at an unbound gate",
        kind: "send",
        wakers: [{ by: ["gate.bind", "gate.delete", "cancel"] }],
      },
      ...(system.deferred ? { deferred } : {}),
      ...(items ? waits : {}),
      sending: {
        when: (k) => k.of(tcb, k.self).state === "send-wait",
        says: "send-wait",
        kind: "send",
        wakers: [
          { by: ["ipc"], anywhere: true, when: (k, other) => other === k.of(tcb, k.self).partner },
          { by: ["cancel", "gate.delete", "delete"], anywhere: true },
        ],
      },
      reply: {
        when: (k) => k.of(tcb, k.self).state === "receive-wait" && k.of(tcb, k.self).isCall,
        says: "receive-wait for a reply",
        kind: "reply",
        wakers: [{ by: ["ipc"], anywhere: true, when: (k, other) => other === k.of(tcb, k.self).from }, { by: ["cancel"] }],
      },
      closed: {
        when: (k) => k.of(tcb, k.self).state === "receive-wait" && k.args.next === "closed",
        says: "receive-wait for one thread",
        kind: "closed-receive",
        wakers: [{ by: ["ipc"], anywhere: true, when: (k, other) => other === k.args.from }, { by: ["cancel"] }],
        idle: (k) => k.args.idle,
      },
      open: {
        when: (k) => k.of(tcb, k.self).state === "receive-wait",
        says: "receive-wait (open)",
        kind: "receive",
        wakers: [{ by: ["ipc", "irq.trigger", "irq.bind", "gate.delete"], anywhere: true }, { by: ["cancel"] }],
        idle: (k) => k.args.idle,
      },
    },
  });
}
