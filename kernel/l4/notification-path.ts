/** Executable notification objects: a word of bits and a FIFO queue of waiters. */
import type { ObjectRef } from "../../model/language/kernel.ts";
import { OutOfRange } from "../../model/language/operation.ts";
import { block, commit, type KernelHost, type KernelRoutine, type MachinePath, type SystemCall } from "../common/path.ts";
import { Queue, type Queued } from "../common/queue.ts";

class Waiter implements Queued {
  links: Queued["links"] = null;
  readonly thread: number;
  /** The word that a signal handed over. */
  bits = 0;
  constructor(thread: number) {
    this.thread = thread;
  }
}

interface Word {
  bits: number;
  readonly all: number;
  readonly waiters: Queue<Waiter>;
  readonly name: string;
}

export default function notificationPath(host: KernelHost): MachinePath {
  const waiters = host.threads.map(({ id }) => new Waiter(id));
  const words = new Map<number, Word>();
  for (const { ref, type } of host.instance.objects) {
    if (type.name === "notification")
      words.set(ref.index, { bits: 0, all: 2 ** Number(type.options["bits"]) - 1, waiters: new Queue(`queue of ${ref.name}`), name: ref.name });
  }
  const wordOf = ({ args }: SystemCall): Word => {
    const { name, index } = args["object"] as ObjectRef;
    const word = words.get(index);
    if (word === undefined) throw new OutOfRange(`${name} is no notification`);
    return word;
  };

  function* wait(call: SystemCall): KernelRoutine {
    const word = wordOf(call);
    const me = waiters[call.thread];
    if (me === undefined) throw new OutOfRange(`there is no thread ${call.thread}`);
    if (word.bits !== 0) {
      const { bits } = word;
      word.bits = 0;
      yield commit("take the word");
      return { bits };
    }
    word.waiters.enqueue(me);
    yield commit("wait for a signal");
    yield block(false);
    return { bits: me.bits };
  }

  function* signal(call: SystemCall): KernelRoutine {
    const word = wordOf(call);
    const bits = Number(call.args["bits"]);
    const first = word.waiters.head;
    if (first === null) {
      const sum = word.bits | bits;
      if (sum > word.all) throw new OutOfRange(`${word.name}.word = ${sum} is outside 0..${word.all}`);
      word.bits = sum;
      yield commit("set bits");
    } else if (bits === 0) {
      yield commit("signal no bits");
    } else {
      word.waiters.remove(first);
      first.bits = bits;
      host.wake(first.thread);
      yield commit("wake a waiter");
    }
    return {};
  }

  function* poll(call: SystemCall): KernelRoutine {
    const word = wordOf(call);
    const { bits } = word;
    word.bits = 0;
    yield commit("poll the word");
    return { bits };
  }

  const waitedFor = (thread: number): Word | undefined => [...words.values()].find((word) => [...word.waiters].some((waiter) => waiter.thread === thread));
  const objects = (value: (word: Word) => unknown): readonly unknown[] =>
    host.instance.objects.map(({ ref }) => words.get(ref.index)).map((word) => (word === undefined ? null : value(word)));

  return {
    calls: { "notification.wait": wait, "notification.signal": signal, "notification.poll": poll },
    interrupts: {},
    project: () => ({
      "notification.word": objects(({ bits }) => bits),
      "notification.waiters": objects((word) => Array.from(word.waiters, ({ thread }) => host.threads[thread])),
    }),
    forget: (thread) => {
      for (const { waiters: queue } of words.values()) for (const waiter of [...queue]) if (waiter.thread === thread) queue.remove(waiter);
    },
    blocking: (thread) => {
      const word = waitedFor(thread);
      if (word === undefined) return null;
      const queue = [...word.waiters].map((waiter) => waiter.thread);
      return { queue: `place ${queue.indexOf(thread) + 1} of ${queue.length} in the ${word.waiters.name}`, on: [], until: null };
    },
    audit: (asleep) =>
      [...words.values()].flatMap((word) => [
        ...(word.waiters.consistent(waiters.length) ? [] : [`the links of the ${word.waiters.name} are broken`]),
        ...(word.bits !== 0 && word.waiters.head !== null ? [`${word.name} holds bits although somebody waits for them`] : []),
        ...[...word.waiters]
          .filter(({ thread }) => !asleep(thread))
          .map(({ thread }) => `${host.threads[thread]?.name ?? thread} is in the ${word.waiters.name} but not blocked`),
      ]),
  };
}
