/**
 * Who runs after an IPC on one CPU, as schedule.h of L4Ka::Pistachio decides it: the CPU goes from the caller to its partner
 * without a look at the run queues, and with it the time slice, whose owner each block names. The switch itself is the
 * scheduler's (kernel/common/scheduler.ts); here is what it means for priorities.
 */
import type { KernelHost } from "../common/path.ts";
import type { ReceivePhase, Tcb, Tcbs } from "./tcb.ts";

export class DirectSwitch {
  readonly #host: KernelHost;
  readonly #tcbs: Tcbs;
  /** Nobody asks for the time slices of a kernel of strict priorities. */
  readonly isOn: boolean;

  constructor(host: KernelHost, tcbs: Tcbs) {
    this.#host = host;
    this.#tcbs = tcbs;
    this.isOn = tcbs.build.directSwitch;
  }

  #priority(thread: Tcb): number {
    return this.#host.instance.threads[this.#tcbs.indexOf(thread)]?.priority ?? 0;
  }
  #together(a: Tcb, b: Tcb): boolean {
    return this.#host.cpuOf(this.#tcbs.indexOf(a)) === this.#host.cpuOf(this.#tcbs.indexOf(b));
  }

  /** The priority of the slice that a thread runs on, if that is another's. */
  slice({ lender }: Tcb): number {
    return lender === null ? -1 : this.#priority(lender);
  }

  /** The thread sleeps, or is gone: its time slice is its own again. */
  block(thread: Tcb): void {
    if (this.isOn) thread.lender = null;
  }

  /** An interrupt, a timer or another CPU has made a thread ready: if it preempts who runs, that one goes back in line. */
  wake(thread: Tcb): void {
    if (!this.isOn) return;
    for (const each of this.#tcbs.all)
      if (each.lender !== null && each !== thread && this.#together(each, thread) && this.#priority(each) < this.#priority(thread)) each.lender = null;
  }

  #to(from: Tcb, to: Tcb): void {
    const owner = from.lender ?? from;
    from.lender = null;
    to.lender = this.#priority(owner) > this.#priority(to) ? owner : null;
  }

  /** `me` has served `partner` and come to its receive phase, where it has taken `queued`; either may be missing. */
  after(me: Tcb, receive: ReceivePhase, partner: Tcb | null, queued: Tcb | null): void {
    if (!this.isOn) return;
    const served = partner !== null && this.#together(me, partner) ? partner : null;
    if (me.state === "waiting") {
      if (served === null) this.block(me);
      else this.#to(me, served);
      return;
    }
    if (receive !== "none" && queued !== null && this.#together(me, queued)) {
      // Of the two who could run next the one of higher priority does; the queued one first copies its message.
      if (served !== null && this.#priority(served) > this.#priority(queued)) this.#to(me, served);
      else if (queued.state !== "waiting" && this.#priority(queued) >= this.#priority(me)) this.#to(me, queued);
      return;
    }
    if (served === null) return;
    const isReceiveOver = receive !== "none" && queued === null;
    if (isReceiveOver || this.#priority(served) > this.#priority(me)) this.#to(me, served);
  }
}
