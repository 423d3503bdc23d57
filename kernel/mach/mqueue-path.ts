/**
 * Message queues of the executable kernel: where a message for a port goes, which one a receiver takes, who is woken when
 * room falls free (ipc_mqueue.c of GNU Mach and of XNU), and the rights that travel (ipc_right.c, ipc_notify.c).
 */
import { OutOfRange } from "../../model/language/operation.ts";
import type { List } from "../common/lists.ts";
import type { KernelHost } from "../common/path.ts";
import type { Blocks, Entry, Kmsg, Port, Thread } from "./blocks.ts";
import { nameOf } from "./names.ts";
import type { MessageId } from "./state.ts";

/** A right by the port and the kind; null: MACH_PORT_NULL. */
export interface Right {
  readonly port: Port;
  readonly once: boolean;
}

export class MessageQueues {
  readonly #host: KernelHost;
  readonly #blocks: Blocks;
  readonly #nothing: unknown;

  constructor(host: KernelHost, blocks: Blocks, nothing: unknown) {
    this.#host = host;
    this.#blocks = blocks;
    this.#nothing = nothing;
  }

  /** GNU Mach puts who waits at the head; before 2012, and on XNU, at the tail. */
  sleep(queue: List<Thread>, me: Thread, at: Port): void {
    queue.insert(me, this.#blocks.settings.lifo ? queue.head : null);
    me.at = at;
  }
  awake(queue: List<Thread>, me: Thread): void {
    queue.remove(me);
    me.at = null;
  }

  /** The next of those who wait: on XNU the first of the highest priority. */
  #next(queue: List<Thread>): Thread | null {
    const { settings, threads } = this.#blocks;
    let chosen = queue.head;
    if (!settings.gnu) {
      const priority = (who: Thread): number => this.#host.instance.threads[threads.indexOf(who)]?.priority ?? 0;
      for (const who of queue) if (chosen !== null && priority(who) > priority(chosen)) chosen = who;
    }
    if (chosen !== null) this.awake(queue, chosen);
    return chosen;
  }

  wake(who: Thread): void {
    this.#host.wake(this.#blocks.threads.indexOf(who));
  }

  isFull(port: Port): boolean {
    return port.count >= (this.#blocks.limits.get(this.#blocks.numberOf(port)) ?? 0);
  }

  /** Where a message for `port` would find somebody waiting. */
  receiversOf(port: Port): List<Thread> | null {
    if (port.receivers.head !== null) return port.receivers;
    return port.set !== null && port.set.receivers.head !== null ? port.set.receivers : null;
  }

  /** Gives a message to somebody who waits at `receivers`. */
  handOver(kmsg: Kmsg, receivers: List<Thread>, counted: boolean): void {
    const receiver = this.#next(receivers);
    if (receiver === null) throw new Error("nobody waits for the message");
    receiver.phase = "handed";
    receiver.kmsg = kmsg;
    receiver.counted = counted;
    this.wake(receiver);
  }

  /** Posts a message to a live port. `reserved`: the waker of the sender has counted it (XNU). */
  post(kmsg: Kmsg, reserved: boolean): void {
    const { port } = kmsg;
    if (port === null) throw new Error("a message without a destination");
    const { gnu } = this.#blocks.settings;
    const receivers = this.receiversOf(port);
    if (receivers !== null) {
      this.handOver(kmsg, receivers, gnu);
      if (gnu) port.count += 1;
      else if (reserved) this.roomFreed(port);
      return;
    }
    if (!reserved) port.count += 1;
    const { set } = port;
    if (set === null) this.#append(port, kmsg);
    else if (gnu) this.#append(set, kmsg);
    else {
      if (port.messages.isEmpty) set.ready.enqueue(port);
      this.#append(port, kmsg);
    }
  }
  #append(queue: Port, kmsg: Kmsg): void {
    const { slots } = this.#blocks.settings;
    if ([...queue.messages].length >= slots) throw new OutOfRange(`the queue of ${queue.name} holds more than ${slots} messages`);
    queue.messages.enqueue(kmsg);
  }

  /** Whether a receive from a port or set finds a message. */
  hasMessage(from: Port): boolean {
    return this.#serves(from) ? !from.ready.isEmpty : !from.messages.isEmpty;
  }
  #serves(from: Port): boolean {
    return !this.#blocks.settings.gnu && this.#blocks.sets.has(from);
  }
  dequeue(from: Port): Kmsg {
    const source = this.#serves(from) ? from.ready.dequeue() : from;
    const kmsg = source?.messages.dequeue() ?? null;
    if (source === null || kmsg === null) throw new Error(`${from.name} has no message`);
    if (this.#serves(from)) {
      if (!source.messages.isEmpty) from.ready.enqueue(source);
    } else if (source.set !== null && source.messages.isEmpty && source.set.ready.has(source)) source.set.ready.remove(source);
    return kmsg;
  }

  /** One message less counts against the limit. */
  roomFreed(port: Port): void {
    const { gnu } = this.#blocks.settings;
    port.count -= 1;
    if (gnu && this.isFull(port)) return;
    const sender = this.#next(port.senders);
    if (sender === null) return;
    sender.phase = "send-go";
    if (!gnu) port.count += 1;
    this.wake(sender);
  }

  join(port: Port, set: Port): void {
    const { gnu } = this.#blocks.settings;
    port.set = set;
    while (set.receivers.head !== null) {
      const kmsg = port.messages.dequeue();
      if (kmsg === null) return;
      this.handOver(kmsg, set.receivers, gnu);
      if (!gnu) this.roomFreed(port);
    }
    if (!gnu) {
      if (!port.messages.isEmpty) set.ready.enqueue(port);
      return;
    }
    for (let kmsg = port.messages.dequeue(); kmsg !== null; kmsg = port.messages.dequeue()) this.#append(set, kmsg);
  }
  leave(port: Port): void {
    const { set } = port;
    if (set === null) return;
    port.set = null;
    if (set.ready.has(port)) set.ready.remove(port);
    for (const kmsg of [...set.messages]) {
      if (kmsg.port !== port) continue;
      set.messages.remove(kmsg);
      this.#append(port, kmsg);
    }
  }

  /** A buffer for a message. */
  buffer(): Kmsg {
    const kmsg = this.#blocks.kmsgs.allocate();
    if (kmsg === null) throw new OutOfRange("no message buffer is left");
    return kmsg;
  }
  free(kmsg: Kmsg): void {
    kmsg.port = null;
    kmsg.carried = null;
    this.#blocks.kmsgs.free(kmsg);
  }

  /** The kernel's own message, by a send-once right; to a dead port it goes nowhere. */
  notify(port: Port, id: MessageId, data: number): void {
    if (!port.active) return;
    const kmsg = this.buffer();
    kmsg.port = port;
    kmsg.once = true;
    kmsg.id = id;
    kmsg.kernel = true;
    kmsg.data = data;
    kmsg.body = this.#nothing;
    kmsg.carried = null;
    kmsg.carriedOnce = false;
    try {
      this.post(kmsg, false);
    } catch (error) {
      // The queue is full beyond what is modelled: the run ends, and nothing is to be left over.
      this.free(kmsg);
      throw error;
    }
  }

  /** A send right less. */
  releaseSend(port: Port): void {
    if (!port.active) return;
    port.srights -= 1;
    const { noSenders } = port;
    if (port.srights > 0 || noSenders === null) return;
    port.noSenders = null;
    this.notify(noSenders, "no-senders", port.mscount);
  }
  destroyRight(right: Right | null): void {
    if (right === null) return;
    if (right.once) this.notify(right.port, "send-once", 0);
    else this.releaseSend(right.port);
  }

  /** Counts references of an entry; one that has reached the top of its range may be pegged there. */
  count(entry: Entry, kind: "send" | "once", change: number): void {
    const { pegged, references } = this.#blocks.settings;
    if (!(pegged && entry[kind] === references)) entry[kind] += change;
  }
  /** Takes one reference of a send right out of a space; the last one takes the right itself. */
  takeSend(entry: Entry, port: Port): void {
    this.count(entry, "send", -1);
    if (entry.send > 0 && port.active) port.srights += 1;
  }
  /** Puts a right into a space; whether it lives. */
  insert(entry: Entry, right: Right): boolean {
    if (!right.port.active) return false;
    if (right.once) this.count(entry, "once", 1);
    else {
      if (entry.send > 0) right.port.srights -= 1;
      this.count(entry, "send", 1);
    }
    return true;
  }

  /** Dead-name requests of a task that gives its name up. */
  cancelRequests(port: Port, task: number): void {
    for (const request of [...port.requests]) {
      if (request.task !== task) continue;
      const notify = this.#blocks.ports.get(request.notify);
      port.requests.remove(request);
      this.#blocks.requests.free(request);
      if (notify !== undefined) this.notify(notify, "port-deleted", nameOf(this.#blocks.numberOf(port)));
    }
  }
}
