/** The executable IPC of seL4: sendIPC, receiveIPC, doReplyTransfer (src/object/endpoint.c, src/kernel/thread.c). */
import { CheckFailed } from "../../model/language/operation.ts";
import type { KernelHost, KernelRoutine, Results, SystemCall } from "../common/path.ts";
import { maybeDonateSchedContext, maybeReturnSchedContext, replyPush, replyRemove, replyUnlink, schedContextDonate } from "./chain.ts";
import type { EndpointObject, NotificationObject, Objects, ReplyObject, Tcb } from "./objects.ts";
import type { Attempt, ThreadOperations } from "./path-threads.ts";

export class IpcPath {
  readonly #objects: Objects;
  readonly #threads: ThreadOperations;

  constructor(_host: KernelHost, objects: Objects, threads: ThreadOperations) {
    this.#objects = objects;
    this.#threads = threads;
  }

  get #mcs(): boolean {
    return this.#objects.build.mcs;
  }

  #isGone(endpoint: EndpointObject, badge: number): boolean {
    return endpoint.deleted || (endpoint.revoked & (1 << badge)) !== 0;
  }

  /** Send, NBSend and Call. */
  send({ thread, args }: SystemCall): KernelRoutine {
    const me = this.#objects.tcbs[thread] as Tcb;
    const endpoint = this.#objects.endpoint(args["object"]);
    return this.#threads.perform(
      me,
      () => this.#sendIpc(me, endpoint, args),
      () => ({ message: me.inMessage, error: "none" }),
    );
  }

  /**
   * Rules (ipc.ts): "fail to send", "drop the message", "queue as sender", "send to a waiting receiver", "call a waiting receiver". After
   * endpoint.c, sendIPC.
   */
  #sendIpc(me: Tcb, endpoint: EndpointObject, args: SystemCall["args"]): Attempt {
    const badge = Number(args["badge"]);
    const isCall = args["isCall"] === true;
    const { nothing } = this.#objects;
    if (args["rights"] === "read" || this.#isGone(endpoint, badge))
      return { rule: "fail to send", end: { message: nothing, error: isCall ? "invalid-capability" : "none" } };
    const canReply = args["rights"] === "grant" || args["rights"] === "grantReply";
    const done: Results = { message: nothing, error: "none" };

    if (endpoint.receivers.isEmpty) {
      if (args["isBlocking"] !== true) return { rule: "drop the message", end: done };
      me.state = "blocked-on-send";
      me.message = args["message"];
      me.badge = badge;
      me.isCall = isCall;
      me.canReply = isCall && canReply;
      this.#threads.append(endpoint.senders, me, endpoint);
      return { rule: "queue as sender", end: "sleep" };
    }
    const { receiver, reply } = this.#take(endpoint);
    this.#threads.serve(receiver, badge, args["message"]);
    if (!isCall) return { rule: "send to a waiting receiver", end: done };
    const rule = "call a waiting receiver";
    if (!canReply || (this.#mcs && reply === null)) {
      this.#threads.halt(me);
      return { rule, end: "again" };
    }
    this.#await(me, receiver, reply);
    return { rule, end: "sleep" };
  }

  /** The head of the receivers, and the reply object that it waited with. */
  #take(endpoint: EndpointObject): { readonly receiver: Tcb; readonly reply: ReplyObject | null } {
    const receiver = endpoint.receivers.dequeue() as Tcb;
    if (this.#objects.build.leavesReceiverQueued && receiver.state !== "blocked-on-receive")
      throw new CheckFailed("a thread in the queue of an endpoint is not blocked on it");
    const { reply } = receiver;
    if (reply !== null) replyUnlink(reply);
    return { receiver, reply };
  }

  /** setupCallerCap, or with MCS reply_push. */
  #await(caller: Tcb, callee: Tcb, reply: ReplyObject | null): void {
    if (this.#mcs && reply !== null) {
      replyPush(caller, callee, reply);
    } else {
      caller.state = "blocked-on-reply";
      callee.caller = caller;
    }
  }

  /** Recv, NBRecv, Wait, ReplyRecv and NBSendRecv. Rules (ipc.ts): "reply and receive", "send and receive". After syscall.c, handleRecv. */
  receive({ thread, args }: SystemCall): KernelRoutine {
    const me = this.#objects.tcbs[thread] as Tcb;
    const endpoint = this.#objects.endpoint(args["object"]);
    const reply = args["reply"] === null ? null : this.#objects.reply(args["reply"]);
    return this.#threads.perform(
      me,
      () => {
        const here = this.#objects.coreOf(me.context);
        switch (args["first"]) {
          case "reply":
            this.#replyFirst(me, reply, args["message"]);
            return { ...this.#receiveIpc(me, endpoint, reply, true, here), rule: "reply and receive" };
          case "send":
            this.#sendFirst(me, args);
            return { ...this.#receiveIpc(me, endpoint, reply, args["isBlocking"] === true, here), rule: "send and receive" };
          default:
            return this.#receiveIpc(me, endpoint, reply, args["isBlocking"] === true, here);
        }
      },
      () => ({ badge: me.inBadge, message: me.inMessage }),
    );
  }

  /**
   * Rules (ipc.ts): "fault in receive", "receive the bound notification", "receive from a sender", "receive nothing", "queue as receiver". After
   * endpoint.c, receiveIPC.
   */
  #receiveIpc(me: Tcb, endpoint: EndpointObject, reply: ReplyObject | null, isBlocking: boolean, here: number): Attempt {
    if (endpoint.deleted || reply?.deleted === true) {
      this.#threads.halt(me);
      return { rule: "fault in receive", end: "again" };
    }
    if (!this.#mcs) {
      me.caller = null;
    } else if (reply !== null && reply.tcb !== null) {
      const old = reply.tcb;
      this.#threads.cancel(old);
      this.#threads.halt(old);
    }
    const { bound } = me;
    if (bound?.active === true) {
      const { word } = bound;
      bound.active = false;
      bound.word = 0;
      if (this.#mcs) maybeDonateSchedContext(me, bound);
      return { rule: "receive the bound notification", end: { badge: word, message: this.#objects.nothing } };
    }
    if (this.#mcs && bound !== null && isBlocking) maybeReturnSchedContext(bound, me);

    const sender = endpoint.senders.dequeue();
    if (sender !== null) {
      const { badge, message, isCall, canReply } = sender;
      if (!isCall) {
        this.#threads.serve(sender, 0, this.#objects.nothing);
      } else if (canReply && (!this.#mcs || reply !== null)) {
        this.#settleCaller(sender);
        this.#await(sender, me, reply);
        this.#threads.migrate(me, here);
      } else {
        this.#threads.halt(sender);
      }
      return { rule: "receive from a sender", end: { badge, message } };
    }
    if (!isBlocking) return { rule: "receive nothing", end: { badge: 0, message: this.#objects.nothing } };
    me.state = "blocked-on-receive";
    if (reply !== null) {
      reply.tcb = me;
      me.reply = reply;
    }
    this.#threads.append(endpoint.receivers, me, endpoint);
    return { rule: "queue as receiver", end: "sleep" };
  }

  /** A caller whose message has been taken stays asleep, now for the reply. */
  #settleCaller(caller: Tcb): void {
    caller.message = this.#objects.nothing;
    caller.badge = 0;
    caller.isCall = false;
    caller.canReply = false;
    caller.blockedOn = null;
  }

  #replyFirst(me: Tcb, reply: ReplyObject | null, message: unknown): void {
    if (this.#mcs) {
      if (reply !== null) this.replyWith(reply, message);
      return;
    }
    const { caller } = me;
    me.caller = null;
    if (caller !== null) this.#threads.serve(caller, 0, message);
  }

  /** doReplyTransfer with MCS; false if nobody waits for a reply from the object. */
  replyWith(reply: ReplyObject, message: unknown): boolean {
    const { tcb } = reply;
    if (tcb?.state !== "blocked-on-reply") return false;
    replyRemove(reply);
    this.#threads.serve(tcb, 0, message);
    return true;
  }

  /** The send part of NBSendRecv: a signal, or a message that goes along with the sender's scheduling context. */
  #sendFirst(me: Tcb, { to, signal, badge, message }: SystemCall["args"]): void {
    const by = Number(badge);
    if (signal !== null) this.sendSignal(this.#objects.notification(signal), by, me);
    if (to === null) return;
    const endpoint = this.#objects.endpoint(to);
    if (this.#isGone(endpoint, by) || endpoint.receivers.isEmpty) return;
    const { receiver } = this.#take(endpoint);
    if (receiver.context === null && me.context !== null) schedContextDonate(me.context, receiver);
    this.#threads.serve(receiver, by, message);
  }

  /** The notification's context goes to a thread without one, which comes to its core. */
  #donate(tcb: Tcb, bell: NotificationObject, here: number): void {
    if (!this.#mcs || tcb.context !== null) return;
    maybeDonateSchedContext(tcb, bell);
    this.#threads.migrate(tcb, here);
  }

  /**
   * sendSignal; yields the rule that it was. Rules (notification.ts): "wake a waiter", "reach the bound thread", "set the word". After
   * notification.c, sendSignal.
   */
  sendSignal(bell: NotificationObject, badge: number, me: Tcb): string {
    const here = this.#objects.coreOf(me.context);
    const waiter = bell.waiters.dequeue();
    if (waiter !== null) {
      this.#threads.serve(waiter, badge, this.#objects.nothing);
      this.#donate(waiter, bell, here);
      return "wake a waiter";
    }
    const { tcb } = bell;
    if (!bell.active && tcb?.state === "blocked-on-receive") {
      this.#threads.cancel(tcb);
      this.#threads.serve(tcb, badge, this.#objects.nothing);
      this.#donate(tcb, bell, here);
      return "reach the bound thread";
    }
    bell.active = true;
    bell.word |= badge;
    return "set the word";
  }
}
