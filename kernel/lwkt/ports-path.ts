/**
 * Ports and interrupts of the executable LWKT kernel: queues of thread ports, which only their owner's CPU touches, and of
 * spin ports; and what travels between CPUs (lwkt_thread_putport, lwkt_spin_putport, lwkt_send_ipiq of DragonFly).
 */
import { nobody, type ThreadId } from "../../model/language/domain.ts";
import { OutOfRange } from "../../model/language/operation.ts";
import { commit, type KernelHost, type KernelRoutine } from "../common/path.ts";
import { threadNumber } from "../common/words.ts";
import type { Blocks, Entry, Interrupt, Message, Port, Thread } from "./blocks.ts";
import type { Ipi } from "./state.ts";

export class Ports {
  readonly #host: KernelHost;
  readonly #blocks: Blocks;
  readonly #slots: number;
  readonly #ipiq: number;
  readonly #inboxSlots: number;
  readonly #chases: boolean;
  readonly #drains: boolean;

  constructor(host: KernelHost, blocks: Blocks) {
    this.#host = host;
    this.#blocks = blocks;
    const { options } = host.instance.protocol.kernel;
    this.#slots = Number(options["slots"]);
    this.#ipiq = Number(options["ipiq"]);
    this.#inboxSlots = this.#ipiq * host.instance.protocol.kernel.cpus + 2;
    this.#chases = options["abort"] === "chases";
    this.#drains = options["drains"] === true;
  }

  numberOf(who: Thread): number {
    return this.#blocks.threads.indexOf(who);
  }
  thread(id: ThreadId): Thread {
    const number = threadNumber(id, "thread");
    const found = this.#blocks.threads[number];
    if (found === undefined) throw new OutOfRange("nobody is not a thread");
    return found;
  }
  cpuOf(who: Thread): number {
    return this.#host.cpuOf(this.numberOf(who));
  }

  /** The call of `who` is over, or has not begun. */
  reset(who: Thread): void {
    who.phase = "user";
    who.message = null;
    who.target = nobody;
    who.deaf = false;
    who.call = "none";
  }
  wake(who: Thread): void {
    this.#host.wake(this.numberOf(who));
  }

  #link(port: Port, message: Message, abort: boolean): void {
    if ([...port.entries].length >= this.#slots) throw new OutOfRange(`the queue of ${port.name} holds more than ${this.#slots} messages`);
    const entry = this.#blocks.entries.allocate();
    if (entry === null) throw new OutOfRange("no queue entry is left");
    entry.message = message;
    entry.abort = abort;
    let before: Entry | null = null;
    if (message.priority) before = [...port.entries].find((other) => other.message?.priority === false) ?? null;
    port.entries.insert(entry, before);
    if (!abort) message.queued = true;
  }
  /** Queues a message at the port of a thread, on the thread's CPU. */
  queueAt(owner: Thread, message: Message, abort: boolean): void {
    const port = this.#blocks.ports[this.numberOf(owner)];
    if (port === undefined) throw new Error(`${owner.name} has no port`);
    if (owner.phase !== "waitport") {
      this.#link(port, message, abort);
      return;
    }
    this.reset(owner);
    owner.got = message;
    owner.gotAbort = abort;
    if (abort) message.aborted = false;
    this.wake(owner);
  }
  queueAtSpin(number: number, message: Message, abort: boolean): void {
    const port = this.#blocks.spins.get(number);
    if (port === undefined) throw new OutOfRange(`there is no spin port ${number}`);
    this.#link(port, message, abort);
    for (let waiter = port.waiters.dequeue(); waiter !== null; waiter = port.waiters.dequeue()) {
      waiter.at = null;
      waiter.phase = "spin-go";
      this.wake(waiter);
    }
  }
  /** Takes the first entry of a port. */
  dequeue(port: Port): { readonly message: Message; readonly abort: boolean } | null {
    const entry = port.entries.dequeue();
    const message = entry?.message ?? null;
    if (entry === null || message === null) return null;
    const { abort } = entry;
    this.free(entry);
    if (abort) message.aborted = false;
    else message.queued = false;
    return { message, abort };
  }
  free(entry: Entry): void {
    entry.message = null;
    this.#blocks.entries.free(entry);
  }
  /** The message itself, if it is queued at a port. */
  find(port: Port, message: Message): Entry | null {
    return [...port.entries].find((entry) => entry.message === message && !entry.abort) ?? null;
  }

  /** lwkt_thread_replyport on the CPU of the sender. */
  done(message: Message): void {
    const sender = this.thread(message.sender);
    message.done = true;
    message.replied = true;
    if (sender.phase === "waitmsg" && sender.message === message) {
      this.reset(sender);
      sender.got = message;
      this.wake(sender);
    } else if (!message.sync) {
      if (message.replySpin >= 0) this.queueAtSpin(message.replySpin, message, false);
      else this.queueAt(sender, message, false);
    }
  }

  #under(cpu: number, source: number): number {
    return [...(this.#blocks.inboxes[cpu]?.inbox ?? [])].filter((each) => each.source === source).length;
  }
  hasRoom(from: Thread, to: Thread): boolean {
    return this.#under(this.cpuOf(to), this.cpuOf(from)) < this.#ipiq;
  }
  /** Sends an interrupt to the CPU of `to`. */
  interrupt(source: number, what: Ipi["what"], message: Message, to: Thread): void {
    const inbox = this.#blocks.inboxes[this.cpuOf(to)]?.inbox;
    if (inbox === undefined) throw new Error(`${to.name} is on no CPU`);
    const one = this.#blocks.interrupts.allocate();
    if (one === null || [...inbox].length >= this.#inboxSlots) throw new OutOfRange(`too many interrupts are under way to CPU ${this.cpuOf(to)}`);
    one.source = source;
    one.what = what;
    one.message = message;
    one.to = this.#host.threads[this.numberOf(to)] as unknown as ThreadId;
    inbox.enqueue(one);
  }

  /**
   * lwkt_process_ipiq: serves the oldest interrupt from one CPU. Rules (delivery.ts): "interrupt from CPU N to CPU N". After lwkt_ipiq.c,
   * lwkt_process_ipiq.
   */
  *serve(cpu: number, source: number): KernelRoutine<void> {
    const { inboxes, threads } = this.#blocks;
    const inbox = inboxes[cpu]?.inbox;
    const one = [...(inbox ?? [])].find((each) => each.source === source);
    const waits = threads.some((who) => who.phase === "putting" && this.cpuOf(who) === cpu);
    if (inbox === undefined || one === undefined || (waits && !this.#drains)) throw new Error(`CPU ${cpu} serves no interrupt from CPU ${source}`);
    inbox.remove(one);
    const { what, message, to } = one;
    for (const who of threads) {
      if (who.phase !== "putting" || this.cpuOf(who) !== source || this.cpuOf(this.thread(who.target)) !== cpu) continue;
      who.phase = "put-go";
      this.wake(who);
    }
    if (message !== null) this.#act(cpu, what, message, this.thread(to));
    this.#release(one);
    yield commit(`interrupt from CPU ${source} to CPU ${cpu}`);
  }
  #release(one: Interrupt): void {
    one.message = null;
    this.#blocks.interrupts.free(one);
  }
  #act(cpu: number, what: Ipi["what"], message: Message, to: Thread): void {
    switch (what) {
      case "put":
        this.queueAt(to, message, false);
        return;
      case "reply":
        this.done(message);
        return;
      case "abort": {
        if (!this.#chases) {
          this.queueAt(to, message, true);
          return;
        }
        if (message.done || message.replied) {
          message.aborted = false;
          return;
        }
        if (message.targetSpin >= 0) {
          this.queueAtSpin(message.targetSpin, message, true);
          return;
        }
        const target = this.thread(message.target);
        if (this.cpuOf(target) === cpu) this.queueAt(target, message, true);
        else this.interrupt(cpu, "abort", message, target);
      }
    }
  }
}
