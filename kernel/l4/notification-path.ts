/** Executable notification objects: a word of bits and a FIFO queue of waiters, protected by the object's own lock. */
import { int } from "../../model/language/domain.ts";
import type { ObjectRef } from "../../model/language/kernel.ts";
import { OutOfRange } from "../../model/language/operation.ts";
import { block, commit, type KernelHost, type KernelRoutine, type MachinePath, type SystemCall } from "../common/path.ts";
import { perObject } from "../common/projection.ts";
import type { List, ListNode } from "../common/lists.ts";
import { type KernelRecord, layout, link, links, list, word } from "../common/records.ts";

/** Belongs to the object that the thread waits for while it waits, and to the thread otherwise: no lock of its own. */
interface WaiterBlock {
  readonly links: ListNode;
  /** Where the thread waits. */
  on: Notification | null;
  /** The word that a signal handed over. */
  bits: number;
}
type Waiter = WaiterBlock & KernelRecord;

interface NotificationBlock {
  bits: number;
  readonly waiters: List<Waiter>;
}
type Notification = NotificationBlock & KernelRecord;

const waiterLayout = layout<WaiterBlock>("waiter", { links: links(), on: link<Notification>(), bits: word() });
const notificationLayout = layout<NotificationBlock>("notification", { bits: int(0, 255), waiters: list<Waiter>("links", "queue") });

export default function notificationPath(host: KernelHost): MachinePath {
  const waiters = host.perThread(waiterLayout, "none");
  const words = host.perObject("notification", notificationLayout, "own");
  const limits = new Map(host.instance.objects.map(({ ref, type }) => [ref.index, 2 ** Number(type.options["bits"]) - 1]));
  const indexOf = ({ args }: SystemCall): number => (args["object"] as ObjectRef).index;
  const wordOf = (call: SystemCall): Notification => {
    const found = words.get(indexOf(call));
    if (found === undefined) throw new OutOfRange(`${(call.args["object"] as ObjectRef).name} is no notification`);
    return found;
  };
  const numberOf = (waiter: Waiter): number => waiters.indexOf(waiter);

  /** Rules (notification.ts): "take the word", "wait for a signal". */
  function* wait(call: SystemCall): KernelRoutine {
    const word = wordOf(call);
    const me = waiters[call.thread];
    if (me === undefined) throw new OutOfRange(`there is no thread ${call.thread}`);
    yield* host.lock(word);
    const { bits } = word;
    if (bits !== 0) {
      word.bits = 0;
      host.unlock(word);
      yield commit("take the word");
      return { bits };
    }
    word.waiters.enqueue(me);
    me.on = word;
    host.unlock(word);
    yield commit("wait for a signal");
    yield block(false);
    return { bits: me.bits };
  }

  /** Rules (notification.ts): "signal no bits", "set bits", "wake a waiter". */
  function* signal(call: SystemCall): KernelRoutine {
    const word = wordOf(call);
    const bits = Number(call.args["bits"]);
    yield* host.lock(word);
    const first = word.waiters.head;
    let rule = "signal no bits";
    if (first === null) {
      const sum = word.bits | bits;
      const all = limits.get(indexOf(call)) ?? 0;
      if (sum > all) throw new OutOfRange(`${word.name}.word = ${sum} is outside 0..${all}`);
      word.bits = sum;
      rule = "set bits";
    } else if (bits !== 0) {
      word.waiters.remove(first);
      first.on = null;
      first.bits = bits;
      host.wake(numberOf(first));
      rule = "wake a waiter";
    }
    host.unlock(word);
    yield commit(rule);
    return {};
  }

  /** Rules (notification.ts): "poll the word". */
  function* poll(call: SystemCall): KernelRoutine {
    const word = wordOf(call);
    yield* host.lock(word);
    const { bits } = word;
    word.bits = 0;
    host.unlock(word);
    yield commit("poll the word");
    return { bits };
  }

  const objects = (value: (word: Notification) => unknown): readonly unknown[] => perObject(host.instance, words, value);

  return {
    locking: "own",
    calls: { "notification.wait": wait, "notification.signal": signal, "notification.poll": poll },
    interrupts: {},
    project: () => ({
      "notification.word": objects(({ bits }) => bits),
      "notification.waiters": objects((word) => Array.from(word.waiters, (waiter) => host.threads[numberOf(waiter)])),
    }),
    forget: (thread) => {
      const me = waiters[thread];
      const word = me?.on;
      if (me == null || word == null) return;
      host.locked(() => word.waiters.remove(me), word);
      me.on = null;
    },
    blocking: (thread) => {
      const word = waiters[thread]?.on;
      if (word == null) return null;
      const queue = Array.from(word.waiters, numberOf);
      return { queue: `place ${queue.indexOf(thread) + 1} of ${queue.length} in the ${word.waiters.name}`, on: [], until: null };
    },
    audit: (asleep) =>
      [...words.values()].flatMap((word) => [
        ...(word.waiters.consistent(waiters.length) ? [] : [`the links of the ${word.waiters.name} are broken`]),
        ...(word.bits !== 0 && word.waiters.head !== null ? [`${word.name} holds bits although somebody waits for them`] : []),
        ...Array.from(word.waiters, numberOf)
          .filter((thread) => !asleep(thread))
          .map((thread) => `${host.threads[thread]?.name ?? thread} is in the ${word.waiters.name} but not blocked`),
      ]),
  };
}
