/**
 * The executable L4 kernel: IPC, ExchangeRegisters and ThreadControl as L4Ka::Pistachio performs them. One system call
 * runs a send phase and a receive phase in the caller's context. Between CPUs the request travels: it is posted, checked
 * again on the receiver's CPU, and the caller's receive phase begins only after the receiver has been woken.
 */
import { nobody, type DomainShape } from "../../model/language/domain.ts";
import { OutOfRange } from "../../model/language/operation.ts";
import { block, commit, type Blocking, type KernelHost, type KernelRoutine, type MachinePath, pause, type Results, type SystemCall } from "../common/path.ts";
import { initialValue, threadNumber, wordFormat } from "../common/words.ts";
import { Tcb } from "./tcb.ts";

type Phase = "send" | "receive";

function messageDomain(host: KernelHost): DomainShape {
  const ipc = host.instance.protocol.kernel.operations.find(({ declaration }) => declaration.name === "ipc");
  const message = (ipc?.declaration.args as Readonly<Record<string, DomainShape>> | undefined)?.["message"];
  if (message === undefined) throw new TypeError("an L4 kernel without the operation ipc");
  return message;
}

export default function l4Path(host: KernelHost): MachinePath {
  const domain = messageDomain(host);
  const format = wordFormat(domain, host.threads);
  const nothing = initialValue(domain);
  const empty = format.encode(nothing, "message");
  const tcbs = host.threads.map((thread) => new Tcb(thread, host.cpuOf(thread.id), empty));
  const isAtomic = host.instance.protocol.kernel.options["atomic"] === true;

  const tcb = (value: unknown, name: string): Tcb | null => tcbs[threadNumber(value, name)] ?? null;
  const named = (value: unknown, name: string): Tcb => {
    const found = tcb(value, name);
    if (found === null) throw new OutOfRange(`${name} must be a thread, not nobody`);
    return found;
  };
  /** Both on one CPU, or the kernel is built to behave as if they were. */
  const near = (a: Tcb, b: Tcb): boolean => isAtomic || a.cpu === b.cpu;
  const wake = (target: Tcb): void => host.wake(target.thread.id);

  const sent: Results = { from: nobody, message: nothing, error: "none", phase: "none" };
  const failed = (me: Tcb, error: "timeout" | "non-existing" | "cancelled", phase: Phase): Results => {
    me.reset();
    me.cancelled = false;
    return { from: nobody, message: nothing, error, phase };
  };
  /** Ends the receive phase of `me` with what its registers hold. */
  const received = (me: Tcb): Results => {
    const { sender, registers } = me;
    if (sender === null) throw new Error(`${me.thread.name} was woken without a message`);
    me.sender = null;
    me.reset();
    return { from: sender.thread, message: format.decode((offset) => registers[offset] ?? 0), error: "none", phase: "none" };
  };

  /** Untyped words from registers to registers; this cannot fail. */
  const transfer = (sender: Tcb, receiver: Tcb): void => {
    receiver.registers = sender.registers;
    receiver.sender = sender;
    sender.clearSend();
  };

  /** Starts the receive phase of `me`: its results, or null if it has to wait. */
  const enterReceive = (me: Tcb): Results | null => {
    if (me.next === "none") {
      me.reset();
      return sent;
    }
    const sender = me.eligibleSender();
    if (sender !== null) {
      me.sendQueue.remove(sender);
      sender.state = "sent";
      transfer(sender, me);
      wake(sender);
      return received(me);
    }
    if (me.receive === "zero") return failed(me, "timeout", "receive");
    me.state = "waiting";
    return null;
  };

  /** Sleeps in the receive phase. */
  function* awaitMessage(me: Tcb): KernelRoutine {
    const why = yield block(me.receive === "finite");
    if (why === "timer") {
      const results = failed(me, "timeout", "receive");
      yield commit("receive timer fires");
      return results;
    }
    return me.cancelled ? failed(me, "cancelled", "receive") : received(me);
  }

  /** The receive phase as the effect of `rule`. */
  function* receivePhase(me: Tcb, rule: string): KernelRoutine {
    const results = enterReceive(me);
    yield commit(rule);
    return results ?? (yield* awaitMessage(me));
  }

  /** What follows a send whose transfer took place on the receiver's CPU: the caller's CPU is told, and the call goes on there, or ends. */
  function* remoteSendDone(me: Tcb): KernelRoutine {
    me.state = "sent";
    yield pause;
    return yield* receivePhase(me, "begin the receive phase");
  }

  /** Sleeps in the receiver's send queue. */
  function* poll(me: Tcb, receiver: Tcb, timeout: unknown, rule: string): KernelRoutine {
    me.state = "polling";
    receiver.sendQueue.enqueue(me);
    yield commit(rule);
    const why = yield block(timeout === "finite");
    if (why === "timer") {
      if (receiver.sendQueue.has(me)) receiver.sendQueue.remove(me);
      const results = failed(me, "timeout", "send");
      yield commit("send timer fires");
      return results;
    }
    if (me.cancelled) return failed(me, "cancelled", "send");
    if (!near(me, receiver)) return yield* remoteSendDone(me);
    return enterReceive(me) ?? (yield* awaitMessage(me));
  }

  /** The send phase where the receiver can be looked at directly. */
  function* sendNear(me: Tcb, receiver: Tcb, timeout: unknown): KernelRoutine {
    if (receiver.isReadyFor(me)) {
      transfer(me, receiver);
      wake(receiver);
      // The receiver is out of its wait before the caller's own receive phase looks at anybody's state.
      receiver.state = "running";
      return yield* receivePhase(me, "transfer");
    }
    if (timeout === "zero") {
      const results = failed(me, "timeout", "send");
      yield commit("send timeout zero");
      return results;
    }
    return yield* poll(me, receiver, timeout, "queue as sender");
  }

  /** The send phase across CPUs: post, check there, go on here. */
  function* sendFar(me: Tcb, receiver: Tcb, timeout: unknown): KernelRoutine {
    me.state = "requested";
    yield commit("request on the other CPU");
    yield pause;
    if (receiver.deleted) {
      const results = failed(me, "non-existing", "send");
      yield commit("remote check: gone");
      return results;
    }
    if (receiver.isReadyFor(me)) {
      transfer(me, receiver);
      wake(receiver);
      me.state = "sent";
      yield commit("remote check: transfer");
      return yield* remoteSendDone(me);
    }
    if (timeout === "zero") {
      const results = failed(me, "timeout", "send");
      yield commit("remote check: timeout zero");
      return results;
    }
    return yield* poll(me, receiver, timeout, "remote check: queue");
  }

  function* ipc({ thread, args }: SystemCall): KernelRoutine {
    const me = named(host.threads[thread], "self");
    me.next = args["next"] as Tcb["next"];
    me.from = tcb(args["from"], "from");
    me.receive = String(args["receive"]);
    const receiver = tcb(args["to"], "to");
    if (receiver === null) return yield* receivePhase(me, "receive without sending");
    if (receiver.deleted) {
      const results = failed(me, "non-existing", "send");
      yield commit("send to nobody there");
      return results;
    }
    me.partner = receiver;
    me.registers = format.encode(args["message"], "message");
    return yield* near(me, receiver) ? sendNear(me, receiver, args["send"]) : sendFar(me, receiver, args["send"]);
  }

  /** ExchangeRegisters with S and R: acts only on a thread that polls or waits. */
  function* cancel({ args }: SystemCall): KernelRoutine {
    const target = named(args["target"], "target");
    const phase: Phase | null = target.state === "polling" ? "send" : target.state === "waiting" ? "receive" : null;
    if (phase === null) {
      yield commit("nothing to cancel");
      return { acted: false };
    }
    if (target.partner?.sendQueue.has(target)) target.partner.sendQueue.remove(target);
    target.cancelled = true;
    wake(target);
    yield commit(phase === "send" ? "cancel a send" : "cancel a receive");
    return { acted: true };
  }

  /** ThreadControl deletion. Those who poll on the thread are unlinked and not told. */
  function* remove({ args }: SystemCall): KernelRoutine {
    const target = named(args["target"], "target");
    for (let sender = target.sendQueue.head; sender !== null; sender = target.sendQueue.head) target.sendQueue.remove(sender);
    target.deleted = true;
    host.kill(target.thread.id);
    yield commit("delete");
    return {};
  }

  const blocking = (thread: number): Blocking | null => {
    const me = tcbs[thread];
    if (me === undefined) return null;
    if (me.state === "polling" && me.partner !== null) {
      const { sendQueue } = me.partner;
      const queue = [...sendQueue];
      const place = sendQueue.has(me)
        ? `place ${queue.indexOf(me) + 1} of ${queue.length} in the send queue of ${me.partner.thread.name}`
        : `unlinked from the send queue of ${me.partner.thread.name}, which was deleted`;
      return { queue: place, on: [me.partner.thread.id], until: null };
    }
    if (me.state === "waiting") {
      return me.next === "open"
        ? { queue: "waiting for a message from anyone", on: [], until: null }
        : { queue: `waiting for a message from ${me.from?.thread.name ?? "nobody"}`, on: me.from === null ? [] : [me.from.thread.id], until: null };
    }
    return null;
  };

  return {
    calls: { ipc, cancel, delete: remove },
    interrupts: {},
    blocking,
    forget: (thread) => {
      const me = tcbs[thread];
      if (me?.partner?.sendQueue.has(me)) me.partner.sendQueue.remove(me);
      me?.reset();
    },
    project: () => ({
      "ipc.state": tcbs.map(({ state }) => state),
      "ipc.next": tcbs.map(({ next }) => next),
      "ipc.partner": tcbs.map(({ partner }) => partner?.thread ?? nobody),
      "ipc.from": tcbs.map(({ from }) => from?.thread ?? nobody),
      "ipc.receive": tcbs.map(({ receive }) => receive),
      "ipc.outgoing": tcbs.map(({ registers }) => format.decode((offset) => registers[offset] ?? 0)),
      "ipc.senders": tcbs.map(({ sendQueue }) => Array.from(sendQueue, ({ thread }) => thread)),
      "ipc.deleted": tcbs.map(({ deleted }) => deleted),
    }),
    audit: (asleep) =>
      tcbs.flatMap((me) => {
        const faults: string[] = [];
        const { name, id } = me.thread;
        if (!me.sendQueue.consistent(tcbs.length)) faults.push(`the links of the ${me.sendQueue.name} are broken`);
        for (const sender of me.sendQueue)
          if (sender.state !== "polling" || sender.partner !== me) faults.push(`${sender.thread.name} is in the ${me.sendQueue.name} but ${sender.state}`);
        if (me.state === "polling" && me.partner !== null && !me.partner.deleted && !me.partner.sendQueue.has(me))
          faults.push(`${name} polls but is in no send queue`);
        if (me.deleted && (me.state !== "running" || me.sendQueue.head !== null)) faults.push(`${name} was deleted but is still ${me.state} or sent to`);
        const sleeps = me.state === "polling" || me.state === "waiting";
        if (sleeps !== asleep(id) && sleeps) faults.push(`${name} is ${me.state} but not blocked`);
        return faults;
      }),
  };
}
