/**
 * The executable L4 kernel: IPC, ExchangeRegisters and ThreadControl as L4Ka::Pistachio performs them. One system call
 * runs a send phase and a receive phase in the caller's context. Between CPUs the request travels: it is posted, checked
 * again on the receiver's CPU, and the caller's receive phase begins only after the receiver has been woken (L4-14).
 *
 * Whoever serves a blocked thread leaves that thread's block as the end of its call would; the thread itself only picks
 * up what it was given.
 */
import { type Domain, nobody, type DomainShape, type Timeout } from "../../model/language/domain.ts";
import { OutOfRange } from "../../model/language/operation.ts";
import {
  block,
  commit,
  type Blocking,
  type KernelHost,
  type KernelRoutine,
  type MachinePath,
  pause,
  type Results,
  type SystemCall,
  visit,
} from "../common/path.ts";
import { initialValue, threadNumber } from "../common/words.ts";
import { type IpcError, type Phase, type ReceivePhase, type Tcb, Tcbs } from "./tcb.ts";

function messageDomain(host: KernelHost): DomainShape {
  const ipc = host.instance.protocol.kernel.operations.find(({ declaration }) => declaration.name === "ipc");
  const message = (ipc?.declaration.args as Readonly<Record<string, DomainShape>> | undefined)?.["message"];
  if (message === undefined) throw new TypeError("an L4 kernel without the operation ipc");
  return message;
}

export default function l4Path(host: KernelHost): MachinePath {
  const domain = messageDomain(host);
  const nothing = initialValue(domain);
  const tcbs = new Tcbs(host, domain as Domain);
  const isAtomic = host.instance.protocol.kernel.options["atomic"] === true;

  const tcb = (value: unknown, name: string): Tcb | null => tcbs.all[threadNumber(value, name)] ?? null;
  const named = (value: unknown, name: string): Tcb => {
    const found = tcb(value, name);
    if (found === null) throw new OutOfRange(`${name} must be a thread, not nobody`);
    return found;
  };
  const cpuOf = (me: Tcb): number => host.cpuOf(tcbs.numberOf(me));
  /** Both on one CPU, or the kernel is built to behave as if they were. */
  const near = (a: Tcb, b: Tcb): boolean => isAtomic || cpuOf(a) === cpuOf(b);
  const wake = (target: Tcb): void => host.wake(tcbs.numberOf(target));

  /** Ends the call of `me` with an error. */
  const fail = (me: Tcb, error: IpcError, phase: Phase): void => {
    tcbs.reset(me);
    me.error = error;
    me.phase = phase;
  };
  /** What the call of `me` has come to, from its block. */
  const results = (me: Tcb): Results => {
    const { error, phase, sender } = me;
    if (error !== "none") {
      me.error = "none";
      me.phase = "none";
      return { from: nobody, message: nothing, error, phase };
    }
    if (sender === null) return { from: nobody, message: nothing, error, phase };
    me.sender = null;
    return { from: tcbs.threadOf(sender), message: me.incoming, error, phase };
  };

  /** Untyped words from registers to registers; this cannot fail. It ends the receiver's call and the sender's send phase. */
  const transfer = (sender: Tcb, receiver: Tcb): void => {
    receiver.incoming = sender.outgoing;
    receiver.sender = sender;
    tcbs.reset(receiver);
    sender.state = "sent";
    tcbs.clearSend(sender);
  };

  /**
   * Starts the receive phase of `first`. A receiver that takes a queued sender of its own CPU starts that sender's receive
   * phase as well, so that a call is one step on one CPU whoever sets it off; the senders are woken to find out.
   */
  const enterReceive = (first: Tcb): void => {
    for (let me = first; ; ) {
      const sender = me.next === "none" ? null : tcbs.eligibleSender(me);
      if (sender === null) {
        if (me.next === "none") tcbs.reset(me);
        else if (me.receive === "zero") fail(me, "timeout", "receive");
        else me.state = "waiting";
        return;
      }
      me.sendQueue.remove(sender);
      transfer(sender, me);
      wake(sender);
      if (!near(sender, me)) return;
      me = sender;
    }
  };

  /** Sleeps in the receive phase, if that has not ended yet. */
  function* awaitMessage(me: Tcb): KernelRoutine {
    while (me.state === "waiting") {
      const why = yield block(me.receive === "finite");
      if (why === "timer") {
        fail(me, "timeout", "receive");
        yield commit("receive timer fires");
      }
    }
    return results(me);
  }

  /** The receive phase as the effect of `rule`. */
  function* receivePhase(me: Tcb, rule: string): KernelRoutine {
    enterReceive(me);
    yield commit(rule);
    return yield* awaitMessage(me);
  }

  /** What follows a send whose transfer took place on the receiver's CPU: the caller's CPU is told, and the call goes on there, or ends. */
  function* remoteSendDone(me: Tcb): KernelRoutine {
    yield pause;
    return yield* receivePhase(me, "begin the receive phase");
  }

  /** Ends the call with an error as the effect of `rule`. */
  function* failure(me: Tcb, error: IpcError, phase: Phase, rule: string): KernelRoutine {
    fail(me, error, phase);
    yield commit(rule);
    return results(me);
  }

  /** Whether a receiver of another CPU has taken the message, and the receive phase is still to come. */
  const hasSent = ({ state }: Tcb): boolean => state === "sent";

  /** Sleeps in the receiver's send queue. */
  function* poll(me: Tcb, receiver: Tcb, timeout: Timeout, rule: string): KernelRoutine {
    me.state = "polling";
    receiver.sendQueue.enqueue(me);
    yield commit(rule);
    const why = yield block(timeout === "finite");
    if (why === "timer") {
      if (receiver.sendQueue.has(me)) receiver.sendQueue.remove(me);
      return yield* failure(me, "timeout", "send", "send timer fires");
    }
    return yield* hasSent(me) ? remoteSendDone(me) : awaitMessage(me);
  }

  /** The send phase where the receiver can be looked at directly. */
  function* sendNear(me: Tcb, receiver: Tcb, timeout: Timeout): KernelRoutine {
    if (tcbs.isReadyFor(receiver, me)) {
      // The receiver is out of its wait before the caller's own receive phase looks at anybody's state.
      transfer(me, receiver);
      wake(receiver);
      return yield* receivePhase(me, "transfer");
    }
    if (timeout === "zero") return yield* failure(me, "timeout", "send", "send timeout zero");
    return yield* poll(me, receiver, timeout, "queue as sender");
  }

  /** The send phase across CPUs: post, check there, go on here. */
  function* sendFar(me: Tcb, receiver: Tcb, timeout: Timeout): KernelRoutine {
    me.state = "requested";
    yield commit("request on the other CPU");
    yield visit(cpuOf(receiver));
    if (receiver.deleted) return yield* failure(me, "non-existing", "send", "remote check: gone");
    if (tcbs.isReadyFor(receiver, me)) {
      transfer(me, receiver);
      wake(receiver);
      yield commit("remote check: transfer");
      return yield* remoteSendDone(me);
    }
    if (timeout === "zero") return yield* failure(me, "timeout", "send", "remote check: timeout zero");
    return yield* poll(me, receiver, timeout, "remote check: queue");
  }

  function* ipc({ thread, args }: SystemCall): KernelRoutine {
    const me = named(host.threads[thread], "self");
    me.next = args["next"] as ReceivePhase;
    me.from = tcb(args["from"], "from");
    me.receive = args["receive"] as Timeout;
    const receiver = tcb(args["to"], "to");
    if (receiver === null) return yield* receivePhase(me, "receive without sending");
    if (receiver.deleted) return yield* failure(me, "non-existing", "send", "send to nobody there");
    me.partner = receiver;
    me.outgoing = args["message"];
    const timeout = args["send"] as Timeout;
    return yield* near(me, receiver) ? sendNear(me, receiver, timeout) : sendFar(me, receiver, timeout);
  }

  /** ExchangeRegisters with S and R: acts only on a thread that polls or waits. */
  function* cancel({ args }: SystemCall): KernelRoutine {
    const target = named(args["target"], "target");
    const { state, partner } = target;
    if (state !== "polling" && state !== "waiting") {
      yield commit("nothing to cancel");
      return { acted: false };
    }
    if (partner?.sendQueue.has(target)) partner.sendQueue.remove(target);
    fail(target, "cancelled", state === "polling" ? "send" : "receive");
    wake(target);
    yield commit(state === "polling" ? "cancel a send" : "cancel a receive");
    return { acted: true };
  }

  const destroy = (target: Tcb): void => {
    while (target.sendQueue.dequeue() !== null);
    target.deleted = true;
  };

  /** ThreadControl deletion. Those who poll on the thread are unlinked and not told. */
  function* remove({ args }: SystemCall): KernelRoutine {
    const target = named(args["target"], "target");
    destroy(target);
    host.kill(tcbs.numberOf(target));
    yield commit("delete");
    return {};
  }

  const blocking = (thread: number): Blocking | null => {
    const me = tcbs.all[thread];
    if (me === undefined) return null;
    const { state, partner, from } = me;
    if (state === "polling" && partner !== null) {
      const queue = [...partner.sendQueue];
      const place = partner.sendQueue.has(me)
        ? `place ${queue.indexOf(me) + 1} of ${queue.length} in the ${partner.sendQueue.name}`
        : `unlinked from the ${partner.sendQueue.name}, which was deleted`;
      return { queue: place, on: [tcbs.numberOf(partner)], until: null };
    }
    if (state === "waiting") {
      return me.next === "open"
        ? { queue: "waiting for a message from anyone", on: [], until: null }
        : { queue: `waiting for a message from ${from?.name ?? "nobody"}`, on: from === null ? [] : [tcbs.numberOf(from)], until: null };
    }
    return null;
  };

  return {
    calls: { ipc, cancel, delete: remove },
    interrupts: {},
    blocking,
    destroy: (thread) => {
      const me = tcbs.all[thread];
      if (me !== undefined) destroy(me);
    },
    forget: (thread) => {
      const me = tcbs.all[thread];
      if (me === undefined) return;
      const { partner } = me;
      if (partner?.sendQueue.has(me)) partner.sendQueue.remove(me);
      tcbs.reset(me);
    },
    project: () => ({
      "ipc.state": tcbs.all.map(({ state }) => state),
      "ipc.next": tcbs.all.map(({ next }) => next),
      "ipc.partner": tcbs.all.map(({ partner }) => tcbs.threadOf(partner)),
      "ipc.from": tcbs.all.map(({ from }) => tcbs.threadOf(from)),
      "ipc.receive": tcbs.all.map(({ receive }) => receive),
      "ipc.outgoing": tcbs.all.map(({ outgoing }) => outgoing),
      "ipc.senders": tcbs.all.map(({ sendQueue }) => Array.from(sendQueue, (sender) => tcbs.threadOf(sender))),
      "ipc.deleted": tcbs.all.map(({ deleted }) => deleted),
    }),
    audit: (asleep) =>
      tcbs.all.flatMap((me, id) => {
        const faults: string[] = [];
        const { name, state, partner, sendQueue } = me;
        if (!sendQueue.consistent(tcbs.all.length)) faults.push(`the links of the ${sendQueue.name} are broken`);
        else
          for (const sender of sendQueue)
            if (sender.state !== "polling" || sender.partner !== me) faults.push(`${sender.name} is in the ${sendQueue.name} but ${sender.state}`);
        if (state === "polling" && partner !== null && !partner.deleted && !partner.sendQueue.has(me)) faults.push(`${name} polls but is in no send queue`);
        if (me.deleted && (state !== "running" || sendQueue.head !== null)) faults.push(`${name} was deleted but is still ${state} or sent to`);
        if ((state === "polling" || state === "waiting") && !asleep(id)) faults.push(`${name} is ${state} but not blocked`);
        return faults;
      }),
  };
}
