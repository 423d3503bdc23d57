/**
 * The executable MINIX kernel, after minix/kernel/proc.c and system.c: mini_send, mini_receive, mini_notify, mini_senda, the
 * deadlock check and clear_endpoint. All of it runs under the big kernel lock, which kernel entry takes.
 */
import type { DomainShape } from "../../model/language/domain.ts";
import { CheckFailed, OutOfRange } from "../../model/language/operation.ts";
import { block, type Blocking, commit, type KernelHost, type KernelRoutine, type MachinePath, type Results, type SystemCall } from "../common/path.ts";
import { threadNumber } from "../common/words.ts";
import { type Proc, ProcessTable, type Result, type Status } from "./proc.ts";

function messageDomain(host: KernelHost): DomainShape {
  const send = host.instance.protocol.kernel.operations.find(({ declaration }) => declaration.name === "SEND");
  const message = (send?.declaration.args as Readonly<Record<string, DomainShape>> | undefined)?.["message"];
  if (message === undefined) throw new TypeError("a MINIX kernel without SEND");
  return message;
}

export default function minixPath(host: KernelHost): MachinePath {
  const { options } = host.instance.protocol.kernel;
  const checksEarly = options["earlyCheck"] === true;
  const clearsReplyPend = options["clearReplyPend"] === true;
  const scansPastFilter = options["scanPastFilter"] === true;
  const procs = new ProcessTable(host, messageDomain(host), Number(options["table"]));

  const proc = (value: unknown, name: string): Proc | null => procs.all[threadNumber(value, name)] ?? null;
  const named = (value: unknown, name: string): Proc => {
    const found = proc(value, name);
    if (found === null) throw new OutOfRange(`${name} must be a process, not nobody`);
    return found;
  };
  const caller = ({ thread }: SystemCall): Proc => named(host.threads[thread], "self");
  /** The destination of a call; null if its endpoint is dead or none. */
  const living = (value: unknown): Proc | null => {
    const found = proc(value, "to");
    return found === null || found.dead ? null : found;
  };
  const wake = (target: Proc): void => host.wake(procs.numberOf(target));

  const received = (me: Proc): Results =>
    me.result === "none"
      ? { error: "none", from: procs.handleOf(me.source), message: me.delivered, call: me.status }
      : { error: me.result, from: procs.handleOf(null), message: procs.nothing, call: "SEND" };
  const answered = (me: Proc): Results => ({ error: me.result, message: me.result === "none" ? me.delivered : procs.nothing });
  const failure = (error: Result): Results => ({ error, from: procs.handleOf(null), message: procs.nothing, call: "SEND" });

  /** Delivers to a process that sleeps in RECEIVE or in the second half of SENDREC. */
  const deliver = (to: Proc, source: Proc, message: unknown, status: Status): void => {
    procs.fill(to, source, message, status);
    wake(to);
  };
  /** The status that a synchronous message arrives with: MF_REPLY_PEND of its sender says that it is a SENDREC. */
  const statusOf = (source: Proc, otherwise: Status): Status => (source.replyPend ? "SENDREC" : otherwise);
  /** mini_send to a process that will receive. */
  const sendNow = (me: Proc, to: Proc, message: unknown, otherwise: "SEND" | "SENDNB"): void => {
    to.replyPend = false;
    deliver(to, me, message, statusOf(me, otherwise));
  };
  /** mini_send to a process that will not: the message is saved, and the sender queued. */
  const queue = (me: Proc, to: Proc, message: unknown, call: "send" | "sendrec" | "quantum"): void => {
    me.call = call;
    me.sending = true;
    me.sendto = to;
    me.saved = message;
    to.callers.enqueue(me);
  };
  /** A SEND would be refused: blocking would close a circle. */
  const isLocked = (me: Proc, to: Proc): boolean => (checksEarly || !procs.willReceive(me, to)) && procs.deadlock(true, me, to);

  /** The source of a pending notification that `me` takes from one process or, null, from ANY. */
  const pendingSource = (me: Proc, from: Proc | null): Proc | null => {
    const { pending, filter } = me;
    if (from !== null) return pending[procs.numberOf(from)] === true && filter !== from ? from : null;
    for (const [number, isPending] of pending.entries()) {
      const source = procs.all[number];
      if (!isPending || source === undefined) continue;
      if (source !== filter) return source;
      // The kernel takes the lowest id and, finding it filtered, gives up.
      if (!scansPastFilter) return null;
    }
    return null;
  };
  /** mini_receive: fills the buffer of `me` with what there is; false if there is nothing. */
  const receiveNow = (me: Proc, from: Proc | null): boolean => {
    const { replyPend, filter } = me;
    const notifier = replyPend ? null : pendingSource(me, from);
    if (notifier !== null) {
      procs.setPending(me, notifier, false);
      procs.fill(me, notifier, procs.nothing, "NOTIFY");
      return true;
    }
    for (const sender of from === null ? procs.all : [from]) {
      if (sender === filter) continue;
      for (const slot of sender.table) {
        if (slot.to !== me || (slot.noReply && replyPend)) continue;
        me.replyPend = false;
        procs.fill(me, sender, procs.freeSlot(sender, slot), "SENDA");
        return true;
      }
    }
    for (const sender of me.callers) {
      if ((from !== null && sender !== from) || sender === filter) continue;
      me.callers.remove(sender);
      me.replyPend = false;
      procs.fill(me, sender, sender.saved, statusOf(sender, "SEND"));
      releaseSender(sender);
      return true;
    }
    return false;
  };
  /** RTS_SENDING of a sender is cleared. What SENDREC or the end of a quantum waits for is still to come. */
  const releaseSender = (sender: Proc): void => {
    if (sender.call === "send") {
      sender.result = "none";
      procs.settle(sender);
      wake(sender);
      return;
    }
    sender.sending = false;
    sender.sendto = null;
    sender.saved = procs.nothing;
  };

  /** Rules (rules.ts): "send to the dead", "send refused: ELOCKED", "send to a receiver", "queue as caller". After proc.c, mini_send. */
  function* send(call: SystemCall): KernelRoutine {
    const me = caller(call);
    const to = living(call.args["to"]);
    if (to === null) {
      yield commit("send to the dead");
      return { error: "EDEADSRCDST" };
    }
    if (isLocked(me, to)) {
      yield commit("send refused: ELOCKED");
      return { error: "ELOCKED" };
    }
    if (procs.willReceive(me, to)) {
      sendNow(me, to, call.args["message"], "SEND");
      yield commit("send to a receiver");
      return { error: "none" };
    }
    queue(me, to, call.args["message"], "send");
    yield commit("queue as caller");
    yield block(false);
    return { error: me.result };
  }

  /** Rules (rules.ts): "sendnb to the dead", "not ready", "sendnb to a receiver". After proc.c, mini_send with NON_BLOCKING. */
  function* sendnb(call: SystemCall): KernelRoutine {
    const me = caller(call);
    const to = living(call.args["to"]);
    if (to === null) {
      yield commit("sendnb to the dead");
      return { error: "EDEADSRCDST" };
    }
    if (!procs.willReceive(me, to)) {
      yield commit("not ready");
      return { error: "ENOTREADY" };
    }
    sendNow(me, to, call.args["message"], "SENDNB");
    yield commit("sendnb to a receiver");
    return { error: "none" };
  }

  /** Rules (rules.ts): "sendrec to the dead", "sendrec refused: ELOCKED", "request to a receiver", "queue a request". After proc.c, do_sync_ipc. */
  function* sendrec(call: SystemCall): KernelRoutine {
    const me = caller(call);
    const to = living(call.args["to"]);
    if (to === null) {
      yield commit("sendrec to the dead");
      return { error: "EDEADSRCDST", message: procs.nothing };
    }
    me.replyPend = true;
    if (isLocked(me, to)) {
      yield commit("sendrec refused: ELOCKED");
      return { error: "ELOCKED", message: procs.nothing };
    }
    const isReady = procs.willReceive(me, to);
    if (isReady) {
      sendNow(me, to, call.args["message"], "SEND");
      if (receiveNow(me, to)) {
        yield commit("request to a receiver");
        return answered(me);
      }
      me.call = "sendrec";
    } else queue(me, to, call.args["message"], "sendrec");
    me.receiving = true;
    me.getfrom = to;
    yield commit(isReady ? "request to a receiver" : "queue a request");
    yield block(false);
    return answered(me);
  }

  /** Rules (rules.ts): "receive from the dead", "receive", "receive refused: ELOCKED", "wait for a message". After proc.c, mini_receive. */
  function* receive(call: SystemCall): KernelRoutine {
    const me = caller(call);
    const from = proc(call.args["from"], "from");
    if (from?.dead === true) {
      yield commit("receive from the dead");
      return failure("EDEADSRCDST");
    }
    me.replyPend = false;
    const isCircle = from !== null && procs.deadlock(false, me, from);
    if (!(checksEarly && isCircle) && receiveNow(me, from)) {
      yield commit("receive");
      return received(me);
    }
    if (isCircle) {
      yield commit("receive refused: ELOCKED");
      return failure("ELOCKED");
    }
    me.call = "receive";
    me.receiving = true;
    me.getfrom = from;
    yield commit("wait for a message");
    yield block(false);
    return received(me);
  }

  /** mini_notify; true if it was delivered. */
  const notifyNow = (source: Proc, to: Proc): boolean => {
    const isReady = procs.willReceive(source, to) && !to.replyPend;
    if (isReady) deliver(to, source, procs.nothing, "NOTIFY");
    else procs.setPending(to, source, true);
    return isReady;
  };
  /** Rules (rules.ts): "notify the dead", "notify a receiver", "set the pending bit". After proc.c, mini_notify. */
  function* notify(call: SystemCall): KernelRoutine {
    const to = living(call.args["to"]);
    if (to === null) {
      yield commit("notify the dead");
      return { error: "EDEADSRCDST" };
    }
    yield commit(notifyNow(caller(call), to) ? "notify a receiver" : "set the pending bit");
    return { error: "none" };
  }

  /** Rules (rules.ts): "senda to the dead", "senda". After proc.c, mini_senda and try_one. */
  function* senda(call: SystemCall): KernelRoutine {
    const me = caller(call);
    const destination = living(call.args["to"]);
    if (destination === null) {
      yield commit("senda to the dead");
      return { error: "EDEADSRCDST" };
    }
    procs.addSlot(me, destination, call.args["message"], call.args["noReply"] === true);
    for (const slot of [...me.table]) {
      const { to } = slot;
      if (to === null || !procs.willReceive(me, to) || (slot.noReply && to.replyPend)) continue;
      if (clearsReplyPend) to.replyPend = false;
      deliver(to, me, procs.freeSlot(me, slot), "SENDA");
    }
    yield commit("senda");
    return { error: "none" };
  }

  /** Rules (system.ts): "clear the endpoint". After system.c, clear_endpoint. */
  function* exit(call: SystemCall): KernelRoutine {
    const target = named(call.args["target"], "target");
    target.dead = true;
    target.replyPend = false;
    target.filter = null;
    procs.settle(target);
    while (target.callers.dequeue() !== null);
    for (const slot of [...target.table]) procs.freeSlot(target, slot);
    for (const other of procs.all) {
      procs.setPending(target, other, false);
      for (const slot of [...other.table]) if (slot.to === target) procs.freeSlot(other, slot);
      if (procs.blockedOn(other) !== target) continue;
      other.result = "EDEADSRCDST";
      procs.settle(other);
      wake(other);
    }
    host.kill(procs.numberOf(target));
    yield commit("clear the endpoint");
    return {};
  }

  /** Rules (system.ts): "wait for memory". After vm_suspend. */
  function* memory(call: SystemCall): KernelRoutine {
    const me = caller(call);
    me.call = "memory";
    notifyNow(me, named(call.args["vm"], "vm"));
    yield commit("wait for memory");
    yield block(false);
    return {};
  }
  /** Rules (system.ts): "memory is there", "nobody waits for memory". After do_vmctl.c. */
  function* vmctl(call: SystemCall): KernelRoutine {
    const target = named(call.args["target"], "target");
    const waits = target.call === "memory";
    if (waits) {
      procs.settle(target);
      wake(target);
    }
    yield commit(waits ? "memory is there" : "nobody waits for memory");
    return {};
  }

  /**
   * notify_scheduler, as the end of the caller's quantum. Rules (system.ts): "no scheduler any more", "tell the scheduler", "queue for the
   * scheduler", "the kernel panics". After proc.c, notify_scheduler.
   */
  function* quantum(call: SystemCall): KernelRoutine {
    const me = caller(call);
    const scheduler = named(call.args["scheduler"], "scheduler");
    if (scheduler.dead) {
      yield commit("no scheduler any more");
      return {};
    }
    if (isLocked(me, scheduler)) throw new CheckFailed("notify_scheduler: the message to the scheduler fails with ELOCKED");
    const isReady = procs.willReceive(me, scheduler);
    if (isReady) {
      sendNow(me, scheduler, call.args["message"], "SEND");
      me.call = "quantum";
    } else queue(me, scheduler, call.args["message"], "quantum");
    yield commit(isReady ? "tell the scheduler" : "queue for the scheduler");
    yield block(false);
    return {};
  }
  /** Rules (system.ts): "give a quantum", "it has a quantum". After do_schedule.c. */
  function* schedule(call: SystemCall): KernelRoutine {
    const target = named(call.args["target"], "target");
    const waits = target.call === "quantum" && !target.sending;
    if (waits) {
      procs.settle(target);
      wake(target);
    }
    yield commit(waits ? "give a quantum" : "it has a quantum");
    return {};
  }

  /** Rules (system.ts): "set the filter". After do_statectl.c. */
  function* filter(call: SystemCall): KernelRoutine {
    caller(call).filter = proc(call.args["rejected"], "rejected");
    yield commit("set the filter");
    return {};
  }

  const blocking = (number: number): Blocking | null => {
    const me = procs.all[number];
    if (me === undefined || me.call === "none") return null;
    const on = procs.blockedOn(me);
    const numbers = on === null ? [] : [procs.numberOf(on)];
    if (me.sending && on !== null) {
      const callers = [...on.callers];
      return { queue: `SENDING, place ${callers.indexOf(me) + 1} of ${callers.length} in the ${on.callers.name}`, on: numbers, until: null };
    }
    if (me.receiving) return { queue: `RECEIVING from ${on?.name ?? "ANY"}`, on: numbers, until: null };
    return { queue: me.call === "memory" ? "waiting for VM (VMREQUEST)" : "without a quantum (NO_QUANTUM)", on: [], until: null };
  };

  const each = (value: (me: Proc) => unknown): readonly unknown[] => procs.all.map(value);
  return {
    calls: {
      SEND: send,
      SENDNB: sendnb,
      SENDREC: sendrec,
      RECEIVE: receive,
      NOTIFY: notify,
      SENDA: senda,
      exit,
      memory,
      vmctl,
      quantum,
      schedule,
      filter,
    },
    interrupts: {},
    blocking,
    forget: (number) => {
      const me = procs.all[number];
      if (me === undefined) return;
      for (const other of procs.all) {
        if (other.callers.has(me)) other.callers.remove(me);
        procs.setPending(other, me, false);
      }
      procs.settle(me);
    },
    project: () => ({
      "proc.call": each(({ call }) => call),
      "proc.sending": each(({ sending }) => sending),
      "proc.sendto": each(({ sendto }) => procs.handleOf(sendto)),
      "proc.message": each(({ saved }) => saved),
      "proc.receiving": each(({ receiving }) => receiving),
      "proc.getfrom": each(({ getfrom }) => procs.handleOf(getfrom)),
      "proc.replyPend": each(({ replyPend }) => replyPend),
      "proc.callers": each(({ callers }) => Array.from(callers, (one) => procs.handleOf(one))),
      "proc.notified": each(({ pending }) => host.threads.filter((_, number) => pending[number])),
      "proc.table": each(({ table }) => Array.from(table, ({ to, message, noReply }) => ({ to: procs.handleOf(to), message, noReply }))),
      "proc.filter": each(({ filter }) => procs.handleOf(filter)),
      "proc.dead": each(({ dead }) => dead),
    }),
    audit: (asleep) =>
      procs.all.flatMap((me, number) => {
        const slots = [...me.table].length + [...me.free].length;
        return [
          ...(me.callers.consistent(procs.all.length) ? [] : [`the links of the ${me.callers.name} are broken`]),
          ...(me.table.consistent(slots) && slots === Number(options["table"]) ? [] : [`${me.name} has lost a slot for asynchronous messages`]),
          ...(me.sending === (me.sendto?.callers.has(me) ?? false) ? [] : [`${me.name} is ${me.sending ? "" : "not "}SENDING, which the queues deny`]),
          ...(me.call === "none" || asleep(number) ? [] : [`${me.name} is in ${me.call} but runs`]),
          ...(me.dead && me.call !== "none" ? [`${me.name} is dead but in ${me.call}`] : []),
        ];
      }),
  };
}
