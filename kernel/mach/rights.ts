/**
 * Rights as they move: taken out of a task's IPC space when a message is copied in, in transit with it, and put into
 * the receiver's space when it is copied out; or destroyed with it, which may set off notifications (ipc_right.c,
 * ipc_kmsg.c, ipc_notify.c).
 *
 * A port counts its send rights: one for each task that has any, and one for each that is in transit. References of a
 * task to one send right are counted in its space. The name of a dead port keeps its references as a dead name.
 */
import type { RuleContext, StateArray } from "../../model/language/index.ts";
import { dead, isName, isOnce, none, objectOf, onceNameOf } from "./names.ts";
import type { Kernel, Queues } from "./queues.ts";
import type { Bounds, Envelope, MessageId, State } from "./state.ts";

/** How a right is put into a message. */
export type Disposition = "none" | "make-send" | "make-send-once" | "copy-send" | "move-send" | "move-send-once";

type Look = Pick<RuleContext, "of">;

export interface Rights {
  /** Adds a reference to a count of a space, or takes one. */
  count(row: StateArray<number>, object: number, change: number): void;
  /** The task may put `right` into a message so, in a message to `to` that takes a reference of `to` if `moves`. */
  mayCarry(k: Look, task: number, how: Disposition, right: number, to: number, moves: boolean): boolean;
  /** The task has a right, alive or dead, under the name. */
  holds(k: Look, task: number, name: number): boolean;
  isAlive(k: Look, object: number): boolean;
  /** Takes the right to the destination out of the space. */
  takeDestination(k: Look, task: number, to: number, moves: boolean): void;
  /** Takes or makes the right that a message carries; its name at the receiver. */
  takeCarried(k: Look, task: number, how: Disposition, right: number): number;
  /** Puts a right into the space; the name that the task has for it then. */
  give(k: Look, task: number, right: number): number;
  /** A send right ceases to be; the last one sets off the no-senders notification. */
  dropSend(k: Kernel, object: number): void;
  /** The kernel sends a notification, whatever the limit, if the port lives. */
  notify(k: Kernel, object: number, id: MessageId, data: number): void;
  /** A right in transit is destroyed: a send-once right tells its port. */
  destroyRight(k: Kernel, right: number): void;
}

export function rightsOf<M>({ port, space }: State<M>, queues: Queues<M>, nothing: M, { makes, references, pegged }: Bounds): Rights {
  const counts = makes > 0;
  const isPegged = (value: number): boolean => pegged && value === references;
  /** Adds a reference, or takes one. */
  const count = (row: StateArray<number>, object: number, change: number): void => {
    if (!isPegged(row.at(object))) row.set(object, row.at(object) + change);
  };
  const isAlive = (k: Look, object: number): boolean => k.of(port, object).active;
  const holds = (k: Look, task: number, name: number): boolean =>
    isName(name) && (isOnce(name) ? k.of(space, task).once.at(objectOf(name)) > 0 : k.of(space, task).send.at(objectOf(name)) > 0);

  const mayCarry = (k: Look, task: number, how: Disposition, right: number, to: number, moves: boolean): boolean => {
    if (how === "none") return true;
    if (!isName(right)) return false;
    const object = objectOf(right);
    const owns = k.of(space, task);
    /** References that the destination takes of the same right. */
    const taken = right === to && (moves || isOnce(to)) ? 1 : 0;
    if (how === "make-send" || how === "make-send-once") return !isOnce(right) && owns.receive.at(object) && !k.of(port, object).isSet && isAlive(k, object);
    if (how === "move-send-once") return isOnce(right) && owns.once.at(object) > taken;
    return !isOnce(right) && owns.send.at(object) > taken;
  };

  /** One reference of a send right leaves the space: with the last the right itself. */
  const takeSend = (k: Look, task: number, object: number): void => {
    const sends = k.of(space, task).send;
    count(sends, object, -1);
    if (sends.at(object) > 0 && isAlive(k, object)) k.of(port, object).srights += 1;
  };
  const takeOnce = (k: Look, task: number, object: number): void => {
    count(k.of(space, task).once, object, -1);
  };
  const takeDestination = (k: Look, task: number, to: number, moves: boolean): void => {
    if (isOnce(to)) takeOnce(k, task, objectOf(to));
    else if (moves) takeSend(k, task, objectOf(to));
    else k.of(port, objectOf(to)).srights += 1;
  };
  const takeCarried = (k: Look, task: number, how: Disposition, right: number): number => {
    if (how === "none") return none;
    const object = objectOf(right);
    const at = k.of(port, object);
    if (how === "make-send") {
      at.srights += 1;
      if (counts) at.mscount += 1;
    }
    if (how === "make-send-once") return onceNameOf(object);
    if (how === "copy-send" && at.active) at.srights += 1;
    if (how === "move-send") takeSend(k, task, object);
    if (how === "move-send-once") takeOnce(k, task, object);
    return right;
  };
  const give = (k: Look, task: number, right: number): number => {
    if (right === none || right === dead) return right;
    const object = objectOf(right);
    if (!isAlive(k, object)) return dead;
    const owned = k.of(space, task);
    if (isOnce(right)) count(owned.once, object, 1);
    else {
      if (owned.send.at(object) > 0) k.of(port, object).srights -= 1;
      count(owned.send, object, 1);
    }
    return right;
  };

  const notify = (k: Kernel, object: number, id: MessageId, data: number): void => {
    const message: Envelope<M> = { to: onceNameOf(object), id, kernel: true, data, value: nothing, right: none };
    if (isAlive(k, object)) queues.deliver(k, message, false);
  };
  const dropSend = (k: Kernel, object: number): void => {
    const at = k.of(port, object);
    if (at.active) {
      at.srights -= 1;
      if (at.srights === 0 && at.nsrequest !== none) {
        const request = at.nsrequest;
        at.nsrequest = none;
        notify(k, objectOf(request), "no-senders", at.mscount);
      }
    }
  };
  const destroyRight = (k: Kernel, right: number): void => {
    if (isName(right)) {
      if (isOnce(right)) notify(k, objectOf(right), "send-once", 0);
      else dropSend(k, objectOf(right));
    }
  };
  return { count, mayCarry, holds, isAlive, takeDestination, takeCarried, give, dropSend, notify, destroyRight };
}
