/**
 * The executable dispatcher: what its user-level scheduler and the kernel's retry manager do when it is enabled and when it
 * yields (DispatcherDefault.C, IPCRetryManager.C). Soft interrupts are bits in the dispatcher; they are processed at once
 * where it is enabled, and on enabling where it is not.
 */
import type { KernelHost } from "../common/path.ts";
import type { Blocks, Dispatcher, Thread } from "./blocks.ts";

export class Dispatch {
  readonly #blocks: Blocks;
  readonly #host: KernelHost;
  readonly #handlers: number;
  readonly #faultsDisabled: boolean;

  constructor(host: KernelHost, blocks: Blocks) {
    this.#host = host;
    this.#blocks = blocks;
    const { options } = host.instance.protocol.kernel;
    this.#handlers = Number(options["handlers"]);
    this.#faultsDisabled = options["faultEntry"] === "disabled";
  }

  /** Wakes `thread`, unless it is the one that runs. */
  wake(thread: Thread, running: Thread): void {
    if (thread !== running) this.#host.wake(this.#blocks.numberOf(thread));
  }

  /** The target has turned `me` away: both sides note it, and the source enters its fault handler. */
  refuse(me: Thread, source: Dispatcher, target: Dispatcher): void {
    target.retrySources |= this.#blocks.bitOf(source);
    source.retryTargets |= this.#blocks.bitOf(target);
    me.state = "faulted";
    me.target = target;
    if (this.#faultsDisabled) source.disabledBy = me;
  }

  /** The end of the fault handler. */
  park(me: Thread, source: Dispatcher): void {
    me.state = "refused";
    source.refused.enqueue(me);
    if (source.disabledBy === me) this.enable(source, me);
  }

  /** Soft interrupts first; then the preemption that a refusal has asked for. */
  enable(dispatcher: Dispatcher, running: Thread): void {
    dispatcher.disabledBy = null;
    if (dispatcher.retryNotified !== 0) this.#retry(dispatcher, running);
    if (dispatcher.retrySources !== 0) this.#yield(dispatcher, running);
    this.schedule(dispatcher, running);
  }

  /** Keeps one thread ready to fetch a message as long as there are any. */
  schedule(dispatcher: Dispatcher, running: Thread): void {
    if (dispatcher.disabledBy !== null || dispatcher.handlerScheduled) return;
    if (dispatcher.fill === 0 || dispatcher.handlers >= this.#handlers) return;
    const thread = dispatcher.free.dequeue();
    if (thread === null) return;
    thread.state = "scheduled";
    dispatcher.handlerScheduled = true;
    this.wake(thread, running);
  }

  #retry(dispatcher: Dispatcher, running: Thread): void {
    const notified = dispatcher.retryNotified;
    dispatcher.retryNotified = 0;
    for (const thread of [...dispatcher.refused]) {
      const { target } = thread;
      if (target === null || (notified & this.#blocks.bitOf(target)) === 0) continue;
      dispatcher.refused.remove(thread);
      thread.state = "running";
      thread.target = null;
      this.wake(thread, running);
    }
  }

  #yield(target: Dispatcher, running: Thread): void {
    const bit = this.#blocks.bitOf(target);
    const sources = target.retrySources;
    target.retrySources = 0;
    for (const source of this.#blocks.dispatchers.values()) {
      if ((sources & this.#blocks.bitOf(source)) === 0 || (source.retryTargets & bit) === 0) continue;
      source.retryTargets &= ~bit;
      source.retryNotified |= bit;
      if (source.disabledBy === null) this.#retry(source, running);
    }
  }
}
