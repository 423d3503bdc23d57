/**
 * The executable IPC of L4, as L4Ka::Pistachio's ipc.cc performs it. One system call runs a send phase and a receive phase
 * in the caller's context. Between CPUs the request travels: it is posted, checked again on the receiver's CPU, and the
 * caller's receive phase begins only after the receiver has been woken (L4-14).
 *
 * Whoever changes the state of a blocked thread leaves that thread's block as its own next move would; the thread is woken
 * and finds where it stands: its call is over, goes on, or it sleeps again.
 *
 * Scheduling is lazy (Liedtke, SOSP 1993, section 5.3.4): nothing here touches a run queue, a blocked thread is dropped from
 * it when the scheduler meets it there, and a wake-up on one CPU is a direct switch (kernel/common/scheduler.ts).
 */
import { nobody, type Timeout } from "../../model/language/domain.ts";
import { OutOfRange } from "../../model/language/operation.ts";
import { block, commit, type KernelHost, type KernelRoutine, pause, type Results, type SystemCall, visit } from "../common/path.ts";
import { threadNumber } from "../common/words.ts";
import { StringTransfer } from "./path-strings.ts";
import { DirectSwitch } from "./path-switch.ts";
import type { IpcError, Item, Phase, ReceivePhase, Tcb, Tcbs } from "./tcb.ts";

export class IpcPath {
  readonly strings: StringTransfer;
  readonly switching: DirectSwitch;
  readonly #host: KernelHost;
  readonly #tcbs: Tcbs;
  /** Blocked threads whose state this step has changed, in that order. */
  readonly #disturbed: Tcb[] = [];
  /** Who was taken out of the send queue of the thread whose receive phase this step began with. */
  #taken: Tcb | null = null;

  constructor(host: KernelHost, tcbs: Tcbs) {
    this.#host = host;
    this.#tcbs = tcbs;
    this.strings = new StringTransfer(tcbs, this);
    this.switching = new DirectSwitch(host, tcbs);
  }

  tcb(value: unknown, name: string): Tcb | null {
    return this.#tcbs.all[threadNumber(value, name)] ?? null;
  }
  named(value: unknown, name: string): Tcb {
    const found = this.tcb(value, name);
    if (found === null) throw new OutOfRange(`${name} must be a thread, not nobody`);
    return found;
  }
  #cpuOf(me: Tcb): number {
    return this.#host.cpuOf(this.#tcbs.indexOf(me));
  }
  /** Both on one CPU, or the kernel is built to behave as if they were. */
  near(a: Tcb, b: Tcb): boolean {
    return this.#tcbs.build.atomic || this.#cpuOf(a) === this.#cpuOf(b);
  }

  /** The state of a thread, perhaps a blocked one, has changed. */
  disturb(thread: Tcb): void {
    if (!this.#disturbed.includes(thread)) this.#disturbed.push(thread);
  }
  /** Wakes the others, so that they find what has happened to them; then the effects of `rule` are complete. */
  done(me: Tcb | null, rule: string): ReturnType<typeof commit> {
    const disturbed = this.#disturbed;
    for (const thread of disturbed) if (thread !== me) this.#host.wake(this.#tcbs.indexOf(thread));
    while (disturbed.length > 0) disturbed.pop();
    return commit(rule);
  }

  /** Ends the call of `me`, with an error or without a message. */
  end(me: Tcb, error: IpcError, phase: Phase): void {
    this.#tcbs.reset(me);
    this.switching.wake(me);
    if (error !== "none") {
      me.error = error;
      me.phase = phase;
    }
    this.disturb(me);
  }
  /** Untyped words from registers to registers; this cannot fail. It ends the receiver's call. */
  deliver(sender: Tcb, receiver: Tcb, message: unknown): void {
    const tcbs = this.#tcbs;
    const author = (tcbs.build.spaces ? sender.as : null) ?? sender;
    receiver.incoming = message;
    receiver.sender = tcbs.numberOf(author);
    if (tcbs.hasVersions) receiver.senderVersion = author.version;
    if (tcbs.build.spaces) receiver.actual = author === sender ? null : sender;
    tcbs.reset(receiver);
    this.disturb(receiver);
  }
  /** The send phase of a thread is over. */
  finishSend(sender: Tcb): void {
    sender.state = "sent";
    this.#tcbs.clearSend(sender);
    this.disturb(sender);
  }

  /** What the call of `me` has come to, from its block. */
  #results(me: Tcb): Results {
    const tcbs = this.#tcbs;
    const { error, phase, sender } = me;
    if (error !== "none") {
      me.error = "none";
      me.phase = "none";
    }
    if (error !== "none" || sender === null) return { from: nobody, message: tcbs.nothing, error, phase, version: 0, actual: nobody };
    me.sender = null;
    const version = tcbs.hasVersions ? me.senderVersion : 0;
    return { from: tcbs.threadOf(sender), message: me.incoming, error, phase, version, actual: tcbs.build.spaces ? tcbs.threadOf(me.actual) : nobody };
  }

  /**
   * The message of `sender` goes to a receiver that is ready for it: a string is copied, as far as that goes now; a message
   * to a thread that waits for its pager lets that thread's transfer go on, and perhaps its sender.
   */
  #transfer(sender: Tcb, receiver: Tcb): void {
    const isNear = this.near(sender, receiver);
    let isOver = true;
    if (this.#tcbs.hasStrings && receiver.state === "fault-waiting") {
      this.finishSend(sender);
      const resumed = this.strings.resume(receiver);
      if (resumed !== null) this.enterReceive(resumed);
    } else {
      isOver = this.#hand(sender, receiver);
    }
    if (isNear && isOver) this.enterReceive(sender);
  }

  /** False: a string waits for a pager, or has come to nothing. */
  #hand(sender: Tcb, receiver: Tcb): boolean {
    if (this.#tcbs.hasStrings && sender.string !== "none") return this.strings.begin(sender, receiver);
    this.deliver(sender, receiver, sender.outgoing);
    this.finishSend(sender);
    return true;
  }

  /**
   * Starts the receive phase of `first`. A receiver that takes a queued sender of its own CPU starts that sender's receive
   * phase as well, so that a call is one step on one CPU whoever sets it off.
   */
  enterReceive(first: Tcb): void {
    const tcbs = this.#tcbs;
    this.#taken = null;
    for (let me = first; ; ) {
      const { next } = me;
      if (next === "none") {
        this.end(me, "none", "none");
        return;
      }
      if (tcbs.hasVersions && next === "closed" && (me.from === null || tcbs.lookUp(me.from, me.fromVersion) === null)) {
        this.end(me, "non-existing", "receive");
        return;
      }
      const sender = tcbs.eligibleSender(me);
      if (sender === null) {
        if (me.receive === "zero") this.end(me, "timeout", "receive");
        else me.state = "waiting";
        this.disturb(me);
        return;
      }
      me.sendQueue.remove(sender);
      if (me === first) this.#taken = sender;
      if (tcbs.hasStrings && sender.state === "fault-polling") {
        this.strings.tellPager(sender, me);
        return;
      }
      if (tcbs.build.timerRace && !this.near(sender, me)) {
        // Marked from afar, and only then is its CPU told: nothing keeps that CPU's timer from the sender meanwhile (L4-9).
        me.state = "taking";
        me.partner = sender;
        sender.state = "taken";
        this.disturb(me);
        return;
      }
      if (!this.#hand(sender, me)) return;
      if (!this.near(sender, me)) {
        this.switching.wake(sender);
        return;
      }
      me = sender;
    }
  }

  /** Takes a thread that polls out of the queue that it is in, if that still is one. */
  unlink(me: Tcb): void {
    const { partner } = me;
    if (partner?.sendQueue.has(me)) partner.sendQueue.remove(me);
  }

  /** Whether a sleep of `me` has a timer. */
  #isTimed(me: Tcb, send: Timeout): boolean {
    const { state } = me;
    switch (state) {
      case "polling":
      case "taken":
        return send === "finite";
      case "waiting":
        return me.receive === "finite";
      case "tunneled-fault":
        return this.strings.isTimed(me);
      case "locked-waiting":
        return this.#tcbs.hasStrings && this.strings.isTimed(me);
      default:
        return false;
    }
  }

  /**
   * The timer of `me` has fired; the rule that this is. Rules (rules.ts): "send timer fires", "send timer fires while taken", "receive timer
   * fires". After ipc.cc.
   */
  #expire(me: Tcb): string {
    const { state } = me;
    switch (state) {
      case "polling":
        this.unlink(me);
        this.end(me, "timeout", "send");
        return "send timer fires";
      case "taken":
        this.end(me, "timeout", "send");
        return "send timer fires while taken";
      case "waiting":
        this.end(me, "timeout", "receive");
        return "receive timer fires";
      default:
        return this.strings.expire(me);
    }
  }

  /** The rest of a call, one step of its own at a time, until it is over. Rules (rules.ts): "begin the receive phase". After ipc.cc. */
  *#rest(me: Tcb, send: Timeout): KernelRoutine {
    for (;;) {
      const { state } = me;
      switch (state) {
        case "running":
          return this.#results(me);
        case "sent":
          // The transfer took place on the receiver's CPU: the caller's CPU is told, and the call goes on there.
          yield pause;
          this.#receive(me);
          yield this.done(me, "begin the receive phase");
          break;
        case "taking":
          yield* this.#take(me);
          break;
        default: {
          const why = yield block(this.#isTimed(me, send));
          if (why === "timer") {
            const rule = this.#expire(me);
            yield this.done(me, rule);
          }
        }
      }
    }
  }

  /**
   * A receiver comes for a sender of another CPU, which may have given up meanwhile; nobody tells the receiver's own CPU then. Rules (rules.ts):
   * "remote take: transfer", "remote take: gone". After ipc.cc.
   */
  *#take(me: Tcb): Generator<ReturnType<typeof commit>, void, "run" | "timer"> {
    const sender = me.partner as Tcb;
    yield visit(this.#cpuOf(sender));
    if (sender.state === "taken" && sender.partner === me) {
      this.#transfer(sender, me);
      yield this.done(me, "remote take: transfer");
    } else {
      me.state = "locked-waiting";
      yield this.done(me, "remote take: gone");
    }
  }

  /** Ends the call with an error as the effect of `rule`. */
  *#failure(me: Tcb, error: IpcError, phase: Phase, rule: string): KernelRoutine {
    this.end(me, error, phase);
    yield this.done(me, rule);
    return this.#results(me);
  }

  /** Sleeps in the receiver's send queue. */
  *#poll(me: Tcb, receiver: Tcb, send: Timeout, rule: string): KernelRoutine {
    me.state = "polling";
    this.switching.block(me);
    receiver.sendQueue.enqueue(me);
    yield this.done(me, rule);
    return yield* this.#rest(me, send);
  }

  /** The receive phase of a call without a partner on this CPU. */
  #receive(me: Tcb): void {
    const next = this.switching.isOn ? me.next : "none";
    this.enterReceive(me);
    this.switching.after(me, next, null, this.#taken);
  }

  /**
   * The send phase where the receiver can be looked at directly. Rules (rules.ts): "transfer", "send timeout zero", "queue as sender". After
   * ipc.cc.
   */
  *#sendNear(me: Tcb, receiver: Tcb, send: Timeout): KernelRoutine {
    if (this.#tcbs.isReadyFor(receiver, me, this.#as(me))) {
      const next = this.switching.isOn ? me.next : "none";
      this.#transfer(me, receiver);
      this.switching.after(me, next, receiver, this.#taken);
      yield this.done(me, "transfer");
      return yield* this.#rest(me, send);
    }
    if (send === "zero") return yield* this.#failure(me, "timeout", "send", "send timeout zero");
    return yield* this.#poll(me, receiver, send, "queue as sender");
  }

  /**
   * The send phase across CPUs: post, check there, go on here. Rules (rules.ts): "request on the other CPU", "remote check: gone", "remote check:
   * transfer", "remote check: timeout zero", "remote check: queue". After ipc.cc.
   */
  *#sendFar(me: Tcb, number: Tcb, version: number, first: Tcb, send: Timeout): KernelRoutine {
    me.state = "requested";
    this.switching.block(me);
    yield this.done(me, "request on the other CPU");
    yield visit(this.#cpuOf(first));
    const receiver = this.#tcbs.lookUp(number, version);
    if (receiver === null) return yield* this.#failure(me, "non-existing", "send", "remote check: gone");
    me.partner = receiver;
    if (this.#tcbs.isReadyFor(receiver, me, this.#as(me))) {
      this.#transfer(me, receiver);
      this.switching.wake(receiver);
      this.switching.wake(me);
      yield this.done(me, "remote check: transfer");
      return yield* this.#rest(me, send);
    }
    if (send === "zero") return yield* this.#failure(me, "timeout", "send", "remote check: timeout zero");
    return yield* this.#poll(me, receiver, send, "remote check: queue");
  }

  #as(me: Tcb): Tcb | null {
    return this.#tcbs.build.spaces ? me.as : null;
  }

  /** Propagation: whether `me` may send in the name of `as`; a virtual sender that waits for `me` then waits for the receiver. */
  #propagate(me: Tcb, receiver: Tcb, as: Tcb): void {
    const tcbs = this.#tcbs;
    if (as.deleted || !(tcbs.inOneSpace(me, as) || tcbs.inOneSpace(me, receiver))) return;
    me.as = as;
    if (as.state !== "waiting" || as.next !== "closed" || !tcbs.expects(as, me)) return;
    as.from = tcbs.numberOf(receiver);
    if (tcbs.hasVersions) as.fromVersion = receiver.version;
  }

  /** Rules (rules.ts): "send to nobody there", "receive without sending". After ipc.cc, sys_ipc. */
  *ipc({ thread, args }: SystemCall): KernelRoutine {
    const tcbs = this.#tcbs;
    const me = this.named(this.#host.threads[thread], "self");
    const number = this.tcb(args["to"], "to");
    const version = tcbs.hasVersions ? Number(args["toVersion"]) : 0;
    const receiver = number === null ? null : tcbs.lookUp(number, version);
    const send = args["send"] as Timeout;
    if (number !== null && receiver === null) return yield* this.#failure(me, "non-existing", "send", "send to nobody there");
    me.next = args["next"] as ReceivePhase;
    me.from = this.tcb(args["from"], "from");
    me.receive = args["receive"] as Timeout;
    if (tcbs.hasStrings) {
      me.string = args["string"] as Item;
      me.buffer = args["buffer"] as Item;
      me.pager = this.tcb(args["pager"], "pager");
      me.transfer = args["transfer"] as Timeout;
    }
    if (tcbs.hasVersions) me.fromVersion = Number(args["fromVersion"]);
    if (receiver === null || number === null) {
      this.#receive(me);
      yield this.done(me, "receive without sending");
      return yield* this.#rest(me, send);
    }
    me.partner = receiver;
    me.outgoing = args["message"];
    const as = tcbs.build.spaces ? this.tcb(args["as"], "as") : null;
    if (as !== null) this.#propagate(me, receiver, as);
    return yield* this.near(me, receiver) ? this.#sendNear(me, receiver, send) : this.#sendFar(me, number, version, receiver, send);
  }
}
