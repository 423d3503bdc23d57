/**
 * IPC of MINIX 3 as a model, after minix/kernel/proc.c: SEND, RECEIVE, SENDREC, NOTIFY, SENDNB and SENDA.
 *
 * A RECEIVE takes notifications first, then asynchronous messages, then the callers in the order of their coming. Before
 * a process blocks, the kernel looks for a circle and refuses with ELOCKED. MF_REPLY_PEND, which SENDREC sets, keeps
 * notifications and NOREPLY messages from being taken for the reply; it is also what tells a receiver that it got a SENDREC.
 */
import {
  bool,
  type Domain,
  initialOf,
  nobody,
  oneOf,
  operation,
  type RuleContext,
  type StateContext,
  threadId,
  type ThreadId,
} from "../../model/language/index.ts";
import type { Call } from "../../model/language/operation.ts";
import type { Answer, Received, Sent } from "./index.ts";
import type { Processes, Status, Variant } from "./state.ts";

/** The context of a rule, whatever its operation. */
export type Kernel = Pick<RuleContext, "of" | "threads" | "completeOf" | "terminate">;

export interface Messages<M> {
  readonly send: Call<{ readonly to: ThreadId; readonly message: M }, Sent>;
  readonly sendnb: Call<{ readonly to: ThreadId; readonly message: M }, Sent>;
  readonly sendrec: Call<{ readonly to: ThreadId; readonly message: M }, Answer<M>>;
  readonly receive: Call<{ readonly from: ThreadId; readonly idle: boolean }, Received<M>>;
  readonly notify: Call<{ readonly to: ThreadId }, Sent>;
  readonly senda: Call<{ readonly to: ThreadId; readonly message: M; readonly noReply: boolean }, Sent>;
  /** Delivers to a process that will receive. */
  readonly deliver: (k: Kernel, to: ThreadId, from: ThreadId, message: M, call: Status) => void;
  /** NOTIFY by whomever. */
  readonly tell: (k: Kernel, to: ThreadId, from: ThreadId) => void;
  /** Ends the call of a process that waits for one that is dead. */
  readonly abandon: (k: Kernel, thread: ThreadId) => void;
}

/** Builds the operations for one message domain. */
export function messages<M>(
  message: Domain<M>,
  { group, willReceive, deadlock, notifier, asyncSender, slotFor, caller, settle, setPending }: Processes<M>,
  { earlyCheck, clearReplyPend, mayCall }: Variant,
): Messages<M> {
  const nothing = initialOf(message);
  /** SENDA gains the most general client nothing: it can as well SENDNB when the receiver is ready. */
  const general = mayCall === "system";
  type Mine = Pick<StateContext, "of" | "self" | "threads">;
  const isNew = (k: Mine): boolean => k.of(group, k.self).call === "none";
  const alive = (k: Mine, thread: ThreadId): boolean => thread !== nobody && !k.of(group, thread).dead;

  const deliver = (k: Kernel, to: ThreadId, from: ThreadId, value: M, call: Status): void => {
    const isReply = k.of(group, to).call === "sendrec";
    settle(k, to);
    if (isReply) k.completeOf(sendrec, to, { error: "none", message: value });
    else k.completeOf(receive, to, { error: "none", from, message: value, call });
  };
  /** SEND and SENDREC clear MF_REPLY_PEND of the receiver. */
  const deliverSync = (k: Kernel, to: ThreadId, from: ThreadId, value: M, otherwise: "SEND" | "SENDNB"): void => {
    k.of(group, to).replyPend = false;
    deliver(k, to, from, value, k.of(group, from).replyPend ? "SENDREC" : otherwise);
  };
  const tell = (k: Kernel, to: ThreadId, from: ThreadId): void => {
    if (willReceive(k, from, to) && !k.of(group, to).replyPend) deliver(k, to, from, nothing, "NOTIFY");
    else setPending(k, to, from);
  };
  const abandon = (k: Kernel, thread: ThreadId): void => {
    const { call } = k.of(group, thread);
    settle(k, thread);
    if (call === "send") k.completeOf(send, thread, { error: "EDEADSRCDST" });
    else if (call === "sendrec") k.completeOf(sendrec, thread, { error: "EDEADSRCDST", message: nothing });
    else if (call === "receive") k.completeOf(receive, thread, { error: "EDEADSRCDST", from: nobody, message: nothing, call: "SEND" });
  };
  /** The sender's message has been taken out of the queue; it goes on, or waits for the reply. */
  const release = (k: Kernel, sender: ThreadId): void => {
    const from = k.of(group, sender);
    if (from.call === "send") {
      settle(k, sender);
      k.completeOf(send, sender, { error: "none" });
    } else {
      // SENDREC waits for the reply, and whose quantum has ended for its scheduler.
      from.sending = false;
      from.sendto = nobody;
      from.message = nothing;
    }
  };
  /** mini_receive: takes what there is for a process. A notification is not taken for the reply to a SENDREC. */
  const take = (k: Kernel, me: ThreadId, from: ThreadId): void => {
    const { replyPend } = k.of(group, me);
    const source = replyPend ? nobody : notifier(k, me, from);
    const sender = asyncSender(k, me, from, replyPend);
    const first = caller(k, me, from);
    if (source !== nobody) {
      k.of(group, me).notified.remove(source);
      deliver(k, me, source, nothing, "NOTIFY");
    } else if (sender !== nobody) {
      const slot = k.of(group, sender).table.at(slotFor(k, sender, me, replyPend));
      k.of(group, sender).table.remove(slot);
      k.of(group, me).replyPend = false;
      deliver(k, me, sender, slot.message, "SENDA");
    } else if (first !== nobody) {
      const value = k.of(group, first).message;
      k.of(group, me).callers.remove(first);
      deliverSync(k, me, first, value, "SEND");
      release(k, first);
    }
  };
  /** Something is there for a RECEIVE, which clears MF_REPLY_PEND first. */
  const something = (k: Mine, me: ThreadId, from: ThreadId): boolean =>
    asyncSender(k, me, from, false) !== nobody || caller(k, me, from) !== nobody || notifier(k, me, from) !== nobody;
  const circle = (k: Mine, to: ThreadId): boolean => deadlock(k, true, k.self, to);
  /** The deadlock check of SEND, where it is made. */
  const refused = (k: Mine, to: ThreadId): boolean => (earlyCheck || !willReceive(k, k.self, to)) && circle(k, to);
  const enqueue = (k: Kernel & Mine, call: "send" | "sendrec", to: ThreadId, value: M): void => {
    const me = k.of(group, k.self);
    me.call = call;
    me.sending = true;
    me.sendto = to;
    me.message = value;
    if (call === "sendrec") {
      me.receiving = true;
      me.getfrom = to;
    }
    k.of(group, to).callers.push(k.self);
  };

  const send = operation({
    name: "SEND",
    args: { to: threadId, message },
    result: { error: oneOf("none", "ENOTREADY", "ELOCKED", "EDEADSRCDST") },
    general,
    rules: {
      "send to the dead": {
        when: (k) => isNew(k) && !alive(k, k.args.to),
        do: (k) => k.complete(k.self, { error: "EDEADSRCDST" }),
      },
      "send refused: ELOCKED": {
        when: (k) => isNew(k) && alive(k, k.args.to) && refused(k, k.args.to),
        do: (k) => k.complete(k.self, { error: "ELOCKED" }),
      },
      "send to a receiver": {
        when: (k) => isNew(k) && alive(k, k.args.to) && !refused(k, k.args.to) && willReceive(k, k.self, k.args.to),
        do: (k) => {
          deliverSync(k, k.args.to, k.self, k.args.message, "SEND");
          k.complete(k.self, { error: "none" });
        },
      },
      "queue as caller": {
        when: (k) => isNew(k) && alive(k, k.args.to) && !refused(k, k.args.to) && !willReceive(k, k.self, k.args.to),
        do: (k) => enqueue(k, "send", k.args.to, k.args.message),
      },
    },
    waits: {
      sending: {
        says: "SENDING",
        kind: "send",
        wakers: [{ by: ["RECEIVE", "SENDREC"], when: (k, other) => other === k.args.to }, { by: ["exit"] }],
      },
    },
  });

  const sendnb = operation({
    name: "SENDNB",
    args: { to: threadId, message },
    result: { error: oneOf("none", "ENOTREADY", "ELOCKED", "EDEADSRCDST") },
    general,
    rules: {
      "sendnb to the dead": {
        when: (k) => !alive(k, k.args.to),
        do: (k) => k.complete(k.self, { error: "EDEADSRCDST" }),
      },
      "sendnb to a receiver": {
        when: (k) => alive(k, k.args.to) && willReceive(k, k.self, k.args.to),
        do: (k) => {
          deliverSync(k, k.args.to, k.self, k.args.message, "SENDNB");
          k.complete(k.self, { error: "none" });
        },
      },
      "not ready": {
        when: (k) => alive(k, k.args.to) && !willReceive(k, k.self, k.args.to),
        do: (k) => k.complete(k.self, { error: "ENOTREADY" }),
      },
    },
  });

  const sendrec = operation({
    name: "SENDREC",
    args: { to: threadId, message },
    result: { error: oneOf("none", "ELOCKED", "EDEADSRCDST"), message },
    guarded: { by: "error", ok: "none", fields: ["message"] },
    rules: {
      "sendrec to the dead": {
        when: (k) => isNew(k) && !alive(k, k.args.to),
        do: (k) => k.complete(k.self, { error: "EDEADSRCDST", message: nothing }),
      },
      "sendrec refused: ELOCKED": {
        when: (k) => isNew(k) && alive(k, k.args.to) && refused(k, k.args.to),
        do: (k) => {
          k.of(group, k.self).replyPend = true;
          k.complete(k.self, { error: "ELOCKED", message: nothing });
        },
      },
      "request to a receiver": {
        when: (k) => isNew(k) && alive(k, k.args.to) && !refused(k, k.args.to) && willReceive(k, k.self, k.args.to),
        do: (k) => {
          const me = k.of(group, k.self);
          me.replyPend = true;
          deliverSync(k, k.args.to, k.self, k.args.message, "SEND");
          me.call = "sendrec";
          me.receiving = true;
          me.getfrom = k.args.to;
          take(k, k.self, k.args.to);
        },
      },
      "queue a request": {
        when: (k) => isNew(k) && alive(k, k.args.to) && !refused(k, k.args.to) && !willReceive(k, k.self, k.args.to),
        do: (k) => {
          k.of(group, k.self).replyPend = true;
          enqueue(k, "sendrec", k.args.to, k.args.message);
        },
      },
    },
    waits: {
      sending: {
        when: (k) => k.of(group, k.self).sending,
        says: "SENDING (and RECEIVING)",
        kind: "send",
        wakers: [{ by: ["RECEIVE", "SENDREC"], when: (k, other) => other === k.args.to }, { by: ["exit"] }],
      },
      receiving: {
        says: "RECEIVING the reply",
        kind: "reply",
        wakers: [{ by: ["SEND", "SENDNB", "SENDREC", "SENDA", "quantum"], when: (k, other) => other === k.args.to }, { by: ["exit"] }],
      },
    },
  });

  const receive = operation({
    name: "RECEIVE",
    args: { from: threadId, idle: bool() },
    result: {
      error: oneOf("none", "ELOCKED", "EDEADSRCDST"),
      from: threadId,
      message,
      call: oneOf("SEND", "SENDREC", "SENDNB", "SENDA", "NOTIFY"),
    },
    guarded: { by: "error", ok: "none", fields: ["from", "message", "call"] },
    general,
    rules: {
      "receive from the dead": {
        when: (k) => isNew(k) && k.args.from !== nobody && !alive(k, k.args.from),
        do: (k) => k.complete(k.self, { error: "EDEADSRCDST", from: nobody, message: nothing, call: "SEND" }),
      },
      "receive refused: ELOCKED": {
        when: (k) =>
          isNew(k) &&
          k.args.from !== nobody &&
          alive(k, k.args.from) &&
          (earlyCheck || !something(k, k.self, k.args.from)) &&
          deadlock(k, false, k.self, k.args.from),
        do: (k) => {
          k.of(group, k.self).replyPend = false;
          k.complete(k.self, { error: "ELOCKED", from: nobody, message: nothing, call: "SEND" });
        },
      },
      receive: {
        when: (k) =>
          isNew(k) &&
          (k.args.from === nobody || (alive(k, k.args.from) && !(earlyCheck && deadlock(k, false, k.self, k.args.from)))) &&
          something(k, k.self, k.args.from),
        do: (k) => {
          const me = k.of(group, k.self);
          me.replyPend = false;
          me.call = "receive";
          take(k, k.self, k.args.from);
        },
      },
      "wait for a message": {
        when: (k) =>
          isNew(k) && (k.args.from === nobody || (alive(k, k.args.from) && !deadlock(k, false, k.self, k.args.from))) && !something(k, k.self, k.args.from),
        do: (k) => {
          const me = k.of(group, k.self);
          me.replyPend = false;
          me.call = "receive";
          me.receiving = true;
          me.getfrom = k.args.from;
        },
      },
    },
    waits: {
      any: {
        when: (k) => k.args.from === nobody,
        says: "RECEIVING from ANY",
        kind: "receive",
        wakers: [{ by: ["SEND", "SENDNB", "SENDREC", "SENDA", "NOTIFY", "quantum", "memory"] }],
        idle: (k) => k.args.idle,
      },
      one: {
        says: "RECEIVING from one process",
        kind: "closed-receive",
        wakers: [{ by: ["SEND", "SENDNB", "SENDREC", "SENDA", "NOTIFY", "quantum", "memory"], when: (k, other) => other === k.args.from }, { by: ["exit"] }],
        idle: (k) => k.args.idle,
      },
    },
  });

  const notify = operation({
    name: "NOTIFY",
    args: { to: threadId },
    result: { error: oneOf("none", "ENOTREADY", "ELOCKED", "EDEADSRCDST") },
    general,
    rules: {
      "notify the dead": {
        when: (k) => !alive(k, k.args.to),
        do: (k) => k.complete(k.self, { error: "EDEADSRCDST" }),
      },
      "notify a receiver": {
        when: (k) => alive(k, k.args.to) && willReceive(k, k.self, k.args.to) && !k.of(group, k.args.to).replyPend,
        do: (k) => {
          deliver(k, k.args.to, k.self, nothing, "NOTIFY");
          k.complete(k.self, { error: "none" });
        },
      },
      "set the pending bit": {
        when: (k) => alive(k, k.args.to) && (!willReceive(k, k.self, k.args.to) || k.of(group, k.args.to).replyPend),
        do: (k) => {
          setPending(k, k.args.to, k.self);
          k.complete(k.self, { error: "none" });
        },
      },
    },
  });

  /**
   * The library's asynsend: one more slot in the table, and SENDA of all that is in it and not done. Delivering directly
   * leaves MF_REPLY_PEND of the receiver set, unless the kernel has been repaired.
   */
  const senda = operation({
    name: "SENDA",
    args: { to: threadId, message, noReply: bool() },
    result: { error: oneOf("none", "ENOTREADY", "ELOCKED", "EDEADSRCDST") },
    general: false,
    rules: {
      "senda to the dead": {
        when: (k) => !alive(k, k.args.to),
        do: (k) => k.complete(k.self, { error: "EDEADSRCDST" }),
      },
      senda: {
        when: (k) => alive(k, k.args.to),
        do: (k) => {
          const { table } = k.of(group, k.self);
          table.push({ to: k.args.to, message: k.args.message, noReply: k.args.noReply });
          let place = 0;
          while (place < table.length) {
            const slot = table.at(place);
            if (willReceive(k, k.self, slot.to) && !(slot.noReply && k.of(group, slot.to).replyPend)) {
              table.remove(slot);
              if (clearReplyPend) k.of(group, slot.to).replyPend = false;
              deliver(k, slot.to, k.self, slot.message, "SENDA");
            } else {
              place++;
            }
          }
          k.complete(k.self, { error: "none" });
        },
      },
    },
  });
  return { send, sendnb, sendrec, receive, notify, senda, deliver, tell, abandon };
}
