/** Threads of the executable seL4 kernel: blocking, waking, cancelling (src/kernel/thread.c, src/object/tcb.c). */
import type { List } from "../common/lists.ts";
import { block, commit, type KernelHost, type KernelRoutine, pause, type Results } from "../common/path.ts";
import { replyRemoveTcb, replyUnlink } from "./chain.ts";
import type { EndpointObject, NotificationObject, Objects, Tcb } from "./objects.ts";

/** How one attempt of a system call ends: the rule that it was, and what it yields, or that its thread sleeps or is let go on later. */
export interface Attempt {
  readonly rule: string;
  /** `again`: the thread does not come out of the system call; once it may run, it performs it anew. */
  readonly end: Results | "sleep" | "again";
}

export class ThreadOperations {
  readonly #host: KernelHost;
  readonly #objects: Objects;

  constructor(host: KernelHost, objects: Objects) {
    this.#host = host;
    this.#objects = objects;
  }

  /** Performs a system call until it ends; `woken` reads its results after a sleep. */
  *perform(me: Tcb, attempt: () => Attempt, woken: () => Results): KernelRoutine {
    for (;;) {
      const { rule, end } = attempt();
      yield commit(rule);
      if (end === "sleep") {
        yield block(false);
        if (!me.restart) return woken();
        me.restart = false;
      } else if (end !== "again") return end;
      yield pause;
    }
  }

  /** Nothing is left of what the thread was blocked in, and its state is `state`. */
  #leave(tcb: Tcb, state: "running" | "inactive"): void {
    const isAsleep = tcb.state !== "running" && tcb.state !== "inactive";
    tcb.state = state;
    tcb.message = this.#objects.nothing;
    tcb.badge = 0;
    tcb.isCall = false;
    tcb.canReply = false;
    tcb.blockedOn = null;
    if (isAsleep) this.#host.wake(this.#objects.numberOf(tcb));
  }

  /** The core of a ready thread is interrupted: it looks at its ready queue, and finds all that have come there. */
  reschedule(tcb: Tcb): void {
    if (!this.#objects.build.missingInterrupt) return;
    this.depart(tcb);
    const arrivals = this.#objects.cores[this.#objects.coreOf(tcb.context)]?.arrivals;
    while (arrivals?.dequeue() != null);
  }
  /** A thread with a new context is put into the ready queue of its core. On an idle core other than `here` nobody looks. */
  migrate(tcb: Tcb, here: number): void {
    const { build, tcbs, cores } = this.#objects;
    if (!build.missingInterrupt) return;
    this.depart(tcb);
    const core = this.#objects.coreOf(tcb.context);
    if (core < 0 || core === here) return;
    const isBusy = tcbs.some(
      (each) =>
        each !== tcb &&
        each.state === "running" &&
        this.#objects.coreOf(each.context) === core &&
        !each.arrival.isQueued() &&
        !this.#host.hasEnded(this.#objects.numberOf(each)),
    );
    if (!isBusy) cores[core]?.arrivals.enqueue(tcb);
  }
  /** Out of the queue of a core that has not looked. */
  depart(tcb: Tcb): void {
    if (this.#objects.build.missingInterrupt) for (const { arrivals } of this.#objects.cores) if (arrivals.has(tcb)) arrivals.remove(tcb);
  }

  /** Its system call is served: it comes out of it with these registers. */
  serve(tcb: Tcb, badge: number, message: unknown): void {
    tcb.inBadge = badge;
    tcb.inMessage = message;
    this.#leave(tcb, "running");
    this.reschedule(tcb);
  }

  /** setThreadState(Restart) */
  restart(tcb: Tcb): void {
    if (tcb.state !== "running" && tcb.state !== "inactive") tcb.restart = true;
    this.#leave(tcb, "running");
    this.reschedule(tcb);
  }

  /** setThreadState(Inactive) */
  halt(tcb: Tcb): void {
    if (tcb.state !== "running" && tcb.state !== "inactive") tcb.restart = true;
    this.#leave(tcb, "inactive");
  }

  /** tcbEPAppend; with MCS sorted by priority. */
  append(line: List<Tcb>, tcb: Tcb, on: EndpointObject | NotificationObject): void {
    tcb.blockedOn = on;
    let before: Tcb | null = null;
    if (this.#objects.build.mcs) {
      for (const other of line) {
        if (this.#objects.priorityOf(other) >= this.#objects.priorityOf(tcb)) continue;
        before = other;
        break;
      }
    }
    line.insert(tcb, before);
  }

  /** cancelIPC: out of its queue, and its reply link is destroyed. The state is the caller's to set. */
  cancel(tcb: Tcb): void {
    switch (tcb.state) {
      case "blocked-on-send":
        (tcb.blockedOn as EndpointObject).senders.remove(tcb);
        break;
      case "blocked-on-receive":
        (tcb.blockedOn as EndpointObject).receivers.remove(tcb);
        if (tcb.reply !== null) replyUnlink(tcb.reply);
        break;
      case "blocked-on-notification":
        (tcb.blockedOn as NotificationObject).waiters.remove(tcb);
        break;
      case "blocked-on-reply":
        if (this.#objects.build.mcs) replyRemoveTcb(tcb);
        else this.#deleteReplyCapability(tcb);
        break;
      case "running":
      case "inactive":
        break;
    }
  }

  /** Without MCS there is one capability to reply to a thread: in a caller slot, or saved. */
  #deleteReplyCapability(to: Tcb): void {
    for (const other of this.#objects.tcbs) if (other.caller === to) other.caller = null;
    for (const slot of this.#objects.slots.values()) if (slot.caller === to) slot.caller = null;
  }
}
