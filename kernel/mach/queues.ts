/**
 * Message queues of ports and sets: hand a message to a waiting receiver or queue it, take the next one, and let a
 * blocked sender go on (ipc_mqueue.c).
 *
 * GNU Mach: members of a set queue in the set; a message handed over counts against the limit of its port until the
 * receiver runs; one sender is woken, who must look again. XNU: queues stay with their ports and a set serves its
 * members in turn; the slot that falls free is reserved for the woken sender. Who is chosen: on GNU the last who came
 * (threads are put at the head of the queue since 2012; `order: "fifo"` is the kernel before that), on XNU the one of
 * the highest priority, first come first.
 */
import type { RuleContext, StateQueue, ThreadId } from "../../model/language/index.ts";
import { objectOf } from "./names.ts";
import type { Envelope, State } from "./state.ts";

export interface Variant {
  readonly personality: "gnu" | "xnu";
  /** Whom GNU Mach chooses among those who wait. */
  readonly order: "lifo" | "fifo";
}
export type Kernel = Pick<RuleContext, "of" | "priorityOf" | "self">;
type Look = Pick<RuleContext, "of">;

export interface Queues<M> {
  /** Whether somebody waits for what comes to this port, at the port or at its set. */
  hasReceiver(k: Look, object: number): boolean;
  /** Whether a receive on this port or set finds a message. */
  hasMessage(k: Look, object: number): boolean;
  /** Room within the limit of the port. */
  hasRoom(k: Look, object: number): boolean;
  /** Hands a message for a live port over, or queues it. `reserved`: its slot is counted already. */
  deliver(k: Kernel, message: Envelope<M>, reserved: boolean): void;
  /** Hands a message to somebody who waits, without counting it. */
  handOff(k: Kernel, message: Envelope<M>): void;
  /** Takes the next message of a port or set. */
  take(k: Kernel, object: number): Envelope<M>;
  /** A message of the port no longer counts: a blocked sender may go on. */
  release(k: Kernel, object: number): void;
  /** Puts the thread among those who wait. */
  wait(queue: StateQueue<ThreadId>, thread: ThreadId): void;
  join(k: Kernel, object: number, set: number): void;
  leave(k: Kernel, object: number): void;
}

export function queuesOf<M>({ thread, port }: State<M>, { personality, order }: Variant): Queues<M> {
  const gnu = personality === "gnu";
  const lifo = gnu && order === "lifo";

  const wait = (queue: StateQueue<ThreadId>, who: ThreadId): void => {
    if (lifo) queue.insert(0, who);
    else queue.push(who);
  };
  const choose = (k: Kernel, queue: StateQueue<ThreadId>): ThreadId => {
    let chosen = queue.at(0);
    if (!gnu) {
      let place = 1;
      while (place < queue.length) {
        if (k.priorityOf(queue.at(place)) > k.priorityOf(chosen)) chosen = queue.at(place);
        place++;
      }
    }
    queue.remove(chosen);
    return chosen;
  };
  const hand = (k: Kernel, receivers: StateQueue<ThreadId>, message: Envelope<M>, counted: boolean): void => {
    const receiver = k.of(thread, choose(k, receivers));
    receiver.phase = "handed";
    receiver.message = message;
    receiver.counted = counted;
  };
  const hasRoom = (k: Look, object: number): boolean => k.of(port, object).count < k.of(port, object).limit;

  const release = (k: Kernel, object: number): void => {
    const at = k.of(port, object);
    at.count -= 1;
    if (at.senders.length > 0 && (!gnu || at.count < at.limit)) {
      k.of(thread, choose(k, at.senders)).phase = "send-go";
      if (!gnu) at.count += 1;
    }
  };

  const deliver = (k: Kernel, message: Envelope<M>, reserved: boolean): void => {
    const object = objectOf(message.to);
    const at = k.of(port, object);
    if (at.receivers.length > 0) {
      hand(k, at.receivers, message, gnu);
      if (gnu) at.count += 1;
      else if (reserved) release(k, object);
    } else if (at.set !== 0 && k.of(port, at.set - 1).receivers.length > 0) {
      hand(k, k.of(port, at.set - 1).receivers, message, gnu);
      if (gnu) at.count += 1;
      else if (reserved) release(k, object);
    } else {
      if (gnu && at.set !== 0) k.of(port, at.set - 1).queue.push(message);
      else {
        if (at.set !== 0 && at.queue.length === 0) k.of(port, at.set - 1).ready.push(object);
        at.queue.push(message);
      }
      if (!reserved) at.count += 1;
    }
  };

  const take = (k: Kernel, object: number): Envelope<M> => {
    const at = k.of(port, object);
    if (!gnu && at.isSet) {
      const served = at.ready.shift();
      const member = k.of(port, served);
      const message = member.queue.shift();
      if (member.queue.length > 0) at.ready.push(served);
      return message;
    }
    const message = at.queue.shift();
    if (!gnu && at.set !== 0 && at.queue.length === 0) k.of(port, at.set - 1).ready.remove(object);
    return message;
  };

  /** The port's messages go to the set's queue (GNU), or to the receivers who wait at the set. */
  const join = (k: Kernel, object: number, set: number): void => {
    const at = k.of(port, object);
    const to = k.of(port, set);
    at.set = set + 1;
    while (at.queue.length > 0 && to.receivers.length > 0) {
      hand(k, to.receivers, at.queue.shift(), gnu);
      if (!gnu) release(k, object);
    }
    if (gnu) while (at.queue.length > 0) to.queue.push(at.queue.shift());
    else if (at.queue.length > 0) to.ready.push(object);
  };
  /** Its messages come back from the set's queue, in their order. */
  const leave = (k: Kernel, object: number): void => {
    const at = k.of(port, object);
    const from = k.of(port, at.set - 1);
    at.set = 0;
    if (gnu) {
      let left = from.queue.length;
      while (left > 0) {
        const message = from.queue.shift();
        if (objectOf(message.to) === object) at.queue.push(message);
        else from.queue.push(message);
        left -= 1;
      }
    } else from.ready.remove(object);
  };

  return {
    hasReceiver: (k, object) => {
      const at = k.of(port, object);
      return at.receivers.length > 0 || (at.set !== 0 && k.of(port, at.set - 1).receivers.length > 0);
    },
    hasMessage: (k, object) => {
      const at = k.of(port, object);
      return !gnu && at.isSet ? at.ready.length > 0 : at.queue.length > 0;
    },
    hasRoom,
    deliver,
    handOff: (k, message) => {
      const at = k.of(port, objectOf(message.to));
      if (at.receivers.length > 0) hand(k, at.receivers, message, false);
      else hand(k, k.of(port, at.set - 1).receivers, message, false);
    },
    take,
    release,
    wait,
    join,
    leave,
  };
}
