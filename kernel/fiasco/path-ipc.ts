/**
 * The executable IPC of Fiasco.OC: do_ipc with its send and receive phase, the reply capability, and the sender list. What
 * another thread's send or receive does to a sleeping thread it leaves in that thread's block; the thread picks it up.
 */
import type { Timeout } from "../../model/language/domain.ts";
import type { List } from "../common/lists.ts";
import { block, commit, type KernelHost, type KernelRoutine, pause, type Results, type SystemCall, visit } from "../common/path.ts";
import type { IrqObject, Objects, Thread } from "./objects.ts";
import { TransferPath } from "./path-transfer.ts";

type Failure = "timeout" | "not-existent" | "cancelled";

export class IpcPath {
  readonly #host: KernelHost;
  readonly #objects: Objects;
  readonly #isAtomic: boolean;
  readonly staleReplies: boolean;
  readonly #lateSenders: boolean;
  readonly #isDeferred: boolean;
  readonly transfers: TransferPath;

  constructor(host: KernelHost, objects: Objects) {
    const { options } = host.instance.protocol.kernel;
    this.#host = host;
    this.#objects = objects;
    this.#isAtomic = options["atomic"] === true;
    this.staleReplies = options["staleReplies"] === true;
    this.#lateSenders = options["lateSenders"] === true;
    this.#isDeferred = options["deferred"] === true;
    this.transfers = new TransferPath(host, objects, {
      isNear: (a, b) => this.#isNear(a, b),
      transfer: (receiver, sender, label, message, isCall) => this.#transfer(receiver, sender, label, message, isCall),
      clearSend: (thread) => this.#clearSend(thread),
      receive: (thread) => this.#receive(thread),
      end: (thread, label, message) => this.#end(thread, label, message),
      fail: (thread, error, phase) => this.fail(thread, error, phase),
      wake: (thread) => this.wake(thread),
    });
  }

  #cpuOf(thread: Thread): number {
    return this.#host.cpuOf(this.#objects.numberOf(thread));
  }
  #isNear(a: Thread, b: Thread): boolean {
    return this.#isAtomic || this.#cpuOf(a) === this.#cpuOf(b);
  }

  /** Sender_list insert: behind all of the same or a higher priority. */
  insert(line: List<Thread>, thread: Thread): void {
    let before: Thread | null = null;
    for (const other of line) {
      if (this.#objects.priorityOf(other) >= this.#objects.priorityOf(thread)) continue;
      before = other;
      break;
    }
    line.insert(thread, before);
  }

  wake(thread: Thread): void {
    if (!thread.sleeping) return;
    thread.sleeping = false;
    this.#host.wake(this.#objects.numberOf(thread));
  }
  *sleep(thread: Thread, timer: boolean): Generator<ReturnType<typeof block>, boolean, "run" | "timer"> {
    thread.sleeping = true;
    const why = yield block(timer);
    thread.sleeping = false;
    return why === "timer";
  }

  #clearSend(thread: Thread): void {
    thread.partner = null;
    thread.gate = null;
    thread.outgoing = this.#objects.nothing;
    thread.label = 0;
    thread.isReply = false;
    if (this.transfers.isOn) thread.items = false;
  }
  /** Nothing is left of the thread's call. */
  reset(thread: Thread): void {
    this.#clearSend(thread);
    thread.state = "running";
    thread.isCall = false;
    thread.next = "none";
    thread.from = null;
    thread.receive = "infinite";
    thread.slot = null;
  }
  /** Whoever could reply to the thread no longer can. */
  revokeReply(thread: Thread): void {
    for (const other of this.#objects.threads) if (other.caller === thread) other.caller = null;
    for (const slot of this.#objects.slots.values()) if (slot.caller === thread) slot.caller = null;
  }
  #end(thread: Thread, label: number, message: unknown): void {
    this.reset(thread);
    if (this.transfers.isAborting(thread)) {
      this.transfers.hold(thread, label, message);
      return;
    }
    if (this.transfers.isOn && thread.dying) {
      thread.state = "received";
      this.wake(thread);
      return;
    }
    thread.done = true;
    thread.error = "none";
    thread.phase = "none";
    thread.inLabel = label;
    thread.inMessage = message;
    this.wake(thread);
  }
  /** Ends the thread's call with an error; but one that aborts its send ends it itself. */
  fail(thread: Thread, error: Failure, phase: "send" | "receive"): void {
    if (this.transfers.isAborting(thread)) return;
    if (!this.staleReplies) this.revokeReply(thread);
    this.#end(thread, 0, this.#objects.nothing);
    thread.error = error;
    thread.phase = phase;
  }
  /** do_kill, of a thread that has left the kernel. */
  remove(thread: Thread): void {
    for (let sender = thread.senders.dequeue(); sender !== null; sender = thread.senders.dequeue()) this.fail(sender, "cancelled", "send");
    while (thread.irqs.dequeue() !== null);
    for (const line of this.#objects.irqs.values()) {
      if (line.thread !== thread) continue;
      line.thread = null;
      line.queued = false;
    }
    this.revokeReply(thread);
    thread.caller = null;
    thread.deleted = true;
    this.#host.kill(this.#objects.numberOf(thread));
  }
  #results(thread: Thread): Results {
    thread.done = false;
    return { label: thread.inLabel, message: thread.inMessage, error: thread.error, phase: thread.phase };
  }

  /** sender_ok */
  #isReady(receiver: Thread, sender: Thread, isReply: boolean): boolean {
    if (receiver.state !== "receive-wait") return false;
    if (isReply && !this.staleReplies) return receiver.isCall && receiver.from === sender;
    return receiver.next === "open" || receiver.from === sender;
  }

  #transfer(receiver: Thread, sender: Thread, label: number, message: unknown, isCall: boolean): void {
    if (receiver.isCall) this.revokeReply(receiver);
    if (isCall && receiver.next === "open") {
      if (receiver.slot === null) receiver.caller = sender;
      else receiver.slot.caller = sender;
    }
    this.#end(receiver, label, message);
  }

  /** An interrupt that is bound and not queued comes up. */
  hit(line: IrqObject): void {
    const { thread } = line;
    if (thread === null) return;
    if (thread.state === "receive-wait" && thread.next === "open") {
      this.#end(thread, line.label, this.#objects.nothing);
    } else {
      line.queued = true;
      thread.irqs.enqueue(line);
    }
  }

  /** The receive phase of a thread, and then those of the senders that it lets go on. */
  #receive(first: Thread): void {
    for (let me: Thread | null = first; me !== null; ) {
      const { next, from }: Pick<Thread, "next" | "from"> = me;
      if (next === "none" || (this.transfers.isOn && me.dying)) {
        this.#end(me, 0, this.#objects.nothing);
        return;
      }
      const line: IrqObject | null = next === "open" ? me.irqs.dequeue() : null;
      if (line !== null) {
        line.queued = false;
        this.#end(me, line.label, this.#objects.nothing);
        return;
      }
      const sender: Thread | null = next === "open" ? me.senders.head : from !== null && me.senders.has(from) ? from : null;
      if (sender === null) {
        if (me.receive === "zero") this.fail(me, "timeout", "receive");
        else me.state = "receive-wait";
        return;
      }
      me.senders.remove(sender);
      if (this.transfers.isOn && sender.items && !this.#isNear(sender, me)) {
        this.transfers.begin(me, sender);
        return;
      }
      const { label, outgoing, isCall } = sender;
      this.#transfer(me, sender, label, outgoing, isCall);
      this.#clearSend(sender);
      if (!isCall && !this.#isNear(sender, me)) {
        sender.state = "sent";
        this.wake(sender);
        return;
      }
      // The sender's own receive phase: it may sleep on, but with another timer.
      this.wake(sender);
      me = sender;
    }
  }

  /**
   * From the commit of an attempt to the end of the call; null: the call is made anew. Rules (ipc.ts): "receive timer fires", "send timer fires",
   * "gate timer fires", "begin the receive phase". Rules (transfer.ts): "send timer fires: abort", "end on the way out". After thread-ipc.cpp.
   */
  *#goOn(me: Thread, args: SystemCall["args"]): Generator<ReturnType<typeof block>, Results | null, "run" | "timer"> {
    const { transfers } = this;
    for (;;) {
      if (me.done) return this.#results(me);
      if (transfers.hasToGoOn(me)) {
        yield* transfers.abort(me);
        continue;
      }
      if (transfers.isEnding(me)) {
        yield pause;
        me.dying = false;
        this.remove(me);
        yield commit("end on the way out");
      }
      switch (me.state) {
        case "running":
        case "requested":
          return null;
        case "receive-wait":
          if (yield* this.sleep(me, me.receive === "finite" && !transfers.isAborting(me))) {
            this.fail(me, "timeout", "receive");
            yield commit("receive timer fires");
          }
          break;
        case "send-wait":
        case "taken":
          if (yield* this.sleep(me, args["send"] === "finite" && !transfers.isAborting(me))) {
            if (transfers.isFar(me)) {
              transfers.ask(me, "timeout");
              yield commit("send timer fires: abort");
              break;
            }
            me.partner?.senders.remove(me);
            this.fail(me, "timeout", "send");
            yield commit("send timer fires");
          }
          break;
        case "gate-wait":
          if (yield* this.sleep(me, args["send"] === "finite")) {
            this.#objects.gate(args["gate"]).waiters.remove(me);
            this.fail(me, "timeout", "send");
            yield commit("gate timer fires");
          }
          break;
        case "transfers":
          yield* transfers.push(me);
          break;
        case "receives":
          yield* transfers.pull(me);
          break;
        case "transfer":
        case "received":
          yield* this.sleep(me, false);
          break;
        case "sent":
          if (transfers.isAborting(me)) {
            yield* this.sleep(me, false);
            break;
          }
          yield pause;
          this.#receive(me);
          yield commit("begin the receive phase");
          break;
      }
    }
  }

  *call(call: SystemCall): KernelRoutine {
    const me = this.#objects.threads[call.thread] as Thread;
    for (;;) {
      const rule = yield* this.#attempt(me, call.args);
      yield commit(rule);
      const results = yield* this.#goOn(me, call.args);
      if (results !== null) return results;
      yield pause;
    }
  }

  #keepReceive(me: Thread, args: SystemCall["args"], to: Thread | null): void {
    me.isCall = args["isCall"] === true;
    me.next = args["next"] as Thread["next"];
    me.from = me.isCall ? to : this.#objects.threadOrNull(args["from"], "from");
    me.receive = args["receive"] as Timeout;
    me.slot = args["store"] === null ? null : this.#objects.slot(args["store"]);
  }

  /**
   * The first look at a call, up to what must be committed; yields the rule. Rules (ipc.ts): "receive without sending", "no partner", "unbound
   * gate, timeout zero", "wait at the unbound gate", "request on the other CPU", "transfer", "send timeout zero", "queue as sender". After
   * thread-ipc.cpp.
   */
  *#attempt(me: Thread, args: SystemCall["args"]): Generator<ReturnType<typeof block>, string, "run" | "timer"> {
    const { kind } = args;
    const isReply = kind === "reply" || kind === "slot";
    const gate = args["gate"] === null ? null : this.#objects.gate(args["gate"]);
    const slot = args["slot"] === null ? null : this.#objects.slot(args["slot"]);
    if (kind === "none") {
      this.#keepReceive(me, args, null);
      this.#receive(me);
      return "receive without sending";
    }
    const to =
      kind === "thread" ? this.#objects.threadOrNull(args["to"], "to") : kind === "reply" ? me.caller : slot !== null ? slot.caller : (gate?.thread ?? null);
    const label = isReply ? Number(args["forged"]) : (gate?.label ?? 0);
    const useUp = (): void => {
      if (kind === "reply") me.caller = null;
      if (slot !== null) slot.caller = null;
    };
    if (gate?.deleted === true || (to === null && gate === null) || to?.deleted === true) {
      useUp();
      this.fail(me, "not-existent", "send");
      return "no partner";
    }
    if (to === null) {
      if (args["send"] === "zero") {
        this.fail(me, "timeout", "send");
        return "unbound gate, timeout zero";
      }
      me.state = "gate-wait";
      if (gate !== null) this.insert(gate.waiters, me);
      return "wait at the unbound gate";
    }
    useUp();
    this.#keepReceive(me, args, to);
    if (!this.#isNear(me, to)) {
      this.#keepSend(me, args, to, label, isReply);
      me.gate = gate;
      me.state = "requested";
      yield commit("request on the other CPU");
      yield visit(this.#cpuOf(to));
      return this.#remoteCheck(me, args, to);
    }
    if (this.#isReady(to, me, isReply)) {
      this.transfers.clearFlag(to);
      this.#transfer(to, me, label, args["message"], me.isCall);
      this.#receive(me);
      return "transfer";
    }
    if (args["send"] === "zero") {
      this.fail(me, "timeout", "send");
      return "send timeout zero";
    }
    this.#keepSend(me, args, to, label, isReply);
    me.gate = gate;
    me.state = "send-wait";
    this.insert(to.senders, me);
    return "queue as sender";
  }

  #keepSend(me: Thread, args: SystemCall["args"], to: Thread, label: number, isReply: boolean): void {
    me.partner = to;
    me.outgoing = args["message"];
    me.label = label;
    me.isReply = isReply;
    if (this.transfers.isOn) me.items = args["items"] === true;
  }

  /** Who keeps the request of `me` from being handled: a ready thread that the receiver's CPU prefers to the receiver. */
  delayedBy(me: Thread): Thread | null {
    const { state, partner } = me;
    if (!this.#isDeferred || state !== "requested" || partner === null || this.#isLost(me, partner)) return null;
    const isReady = (thread: Thread): boolean =>
      !thread.sleeping && (thread.state === "running" || thread.state === "sent") && !this.#host.hasEnded(this.#objects.numberOf(thread));
    return (
      this.#objects.threads.find(
        (each) => this.#cpuOf(each) === this.#cpuOf(partner) && this.#objects.priorityOf(each) > this.#objects.priorityOf(partner) && isReady(each),
      ) ?? null
    );
  }
  #isLost(me: Thread, to: Thread): boolean {
    return to.deleted || (me.gate?.deleted === true && !this.#lateSenders);
  }

  /**
   * handle_remote_ipc_send, on the receiver's CPU. Rules (ipc.ts): "remote check: gone", "remote check: transfer", "remote check: reply in vain",
   * "remote check: timeout zero", "remote check: queue". After thread-ipc.cpp.
   */
  #remoteCheck(me: Thread, args: SystemCall["args"], to: Thread): string {
    const { isReply } = me;
    if (this.#isLost(me, to)) {
      this.fail(me, "not-existent", "send");
      return "remote check: gone";
    }
    if (this.#isReady(to, me, isReply)) {
      if (this.transfers.isOn && me.items) return this.transfers.prepare(me, to);
      this.#transfer(to, me, me.label, me.outgoing, me.isCall);
      this.#clearSend(me);
      // A caller has been receiving since it asked; who only sends goes on on its own CPU.
      if (me.isCall) this.#receive(me);
      else me.state = "sent";
      return "remote check: transfer";
    }
    if (isReply && !this.staleReplies) {
      this.fail(me, "not-existent", "send");
      return "remote check: reply in vain";
    }
    if (args["send"] === "zero") {
      this.fail(me, "timeout", "send");
      return "remote check: timeout zero";
    }
    me.state = "send-wait";
    this.insert(to.senders, me);
    return "remote check: queue";
  }
}
