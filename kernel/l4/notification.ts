/**
 * Notification objects: a word of bits that senders OR into and one waiter takes as a whole (seL4's rule, Amiga Exec's
 * signals). Signalling never blocks and never counts: two signals of one bit before the waiter runs are one.
 */
import { bool, int, objectRef, type ObjectType, objectType, type Op, operation, perObject, queue, threadId } from "../../model/language/index.ts";
import { onlyOptions } from "../../model/language/names.ts";

interface Options {
  /** Number of bits in the word, 1..8. */
  readonly bits?: number;
}
interface Bits {
  readonly bits: number;
}
export interface Notification {
  /** ORs `bits` into the word, or hands the word to the thread that has waited longest. Never blocks. */
  signal(bits: number): Op<object>;
  /** Takes the word, waiting until it is not zero. `idle: true`: waiting here for ever is no harm. */
  wait(options?: { readonly idle?: boolean }): Op<Bits>;
  /** Takes the word, which may be zero. */
  poll(): Op<Bits>;
}

const word = perObject("notification", (options: { readonly bits: number }) => ({ word: int(0, 2 ** options.bits - 1), waiters: queue(threadId) }));
const anyBits = int(0, 255);

const wait = operation({
  name: "notification.wait",
  args: { object: objectRef, idle: bool() },
  result: { bits: anyBits },
  rules: {
    "take the word": {
      when: (k) => k.of(word, k.args.object).word !== 0,
      do: (k) => {
        const state = k.of(word, k.args.object);
        const bits = state.word;
        state.word = 0;
        k.complete(k.self, { bits });
      },
    },
    "wait for a signal": {
      when: (k) => k.of(word, k.args.object).word === 0 && !k.of(word, k.args.object).waiters.includes(k.self),
      do: (k) => k.of(word, k.args.object).waiters.push(k.self),
    },
  },
  waits: {
    waiting: { says: "waiting for a notification", kind: "notification", wakers: [{ by: ["notification.signal"] }], idle: (k) => k.args.idle },
  },
});

const signal = operation({
  name: "notification.signal",
  args: { object: objectRef, bits: anyBits },
  result: {},
  rules: {
    "set bits": {
      when: (k) => k.of(word, k.args.object).waiters.length === 0,
      do: (k) => {
        const state = k.of(word, k.args.object);
        state.word = state.word | k.args.bits;
        k.complete(k.self, {});
      },
    },
    "wake a waiter": {
      when: (k) => k.of(word, k.args.object).waiters.length > 0 && k.args.bits !== 0,
      do: (k) => {
        const thread = k.of(word, k.args.object).waiters.shift();
        k.completeOf(wait, thread, { bits: k.args.bits });
        k.complete(k.self, {});
      },
    },
    "signal no bits": {
      when: (k) => k.of(word, k.args.object).waiters.length > 0 && k.args.bits === 0,
      do: (k) => k.complete(k.self, {}),
    },
  },
});

const poll = operation({
  name: "notification.poll",
  args: { object: objectRef },
  result: { bits: anyBits },
  rules: {
    "poll the word": {
      do: (k) => {
        const state = k.of(word, k.args.object);
        const bits = state.word;
        state.word = 0;
        k.complete(k.self, { bits });
      },
    },
  },
});

/** Declares a notification object. */
export function notification(options: Options = {}): ObjectType<Notification> {
  onlyOptions("l4.notification", options, ["bits"]);
  const bits = options.bits ?? 4;
  if (!Number.isInteger(bits) || bits < 1 || bits > 8) throw new RangeError(`notification({ bits: ${bits} }): a word has 1 to 8 bits`);
  return objectType({
    name: "notification",
    options: { bits },
    state: [word],
    operations: [wait, signal, poll],
    api: (object): Notification => ({
      signal: (bits) => signal({ object, bits }),
      wait: (options = {}) => wait({ object, idle: options.idle ?? false }),
      poll: () => poll({ object }),
    }),
    machine: () => import("./notification-path.ts"),
  });
}
