/**
 * The futex rule: WAIT compares and enqueues in one step, WAKE takes sleepers of one address first in, first out and leaves
 * nothing behind when there are none (kernel/futex/waitwake.c).
 *
 * FUTEX_REQUEUE (requeue.c) wakes some sleepers and moves others to another address. It holds the buckets of both, so it
 * takes two steps, and others wait for the buckets meanwhile; all but a WAKE that finds no waiters counted at its address,
 * which returns without having taken the lock. So the target's count must be raised before the move: `counted-late` is the
 * kernel before Linux 69cd9eba.
 */
import {
  bool,
  cellRef,
  int,
  oneOf,
  operation,
  type Cell,
  type RuleContext,
  type StateContext,
  type StateGroup,
  type ThreadId,
  type Timeout,
  timeout,
  type Wait,
} from "../../model/language/index.ts";
import type { Call } from "../../model/language/operation.ts";
import { held, kernel, mostWoken, moving, type Requeue, sleep } from "./state.ts";

export interface Operations {
  readonly state: readonly StateGroup[];
  readonly wait: Call<
    { readonly cell: Cell<number>; readonly expected: number; readonly timeout: Timeout; readonly idle: boolean },
    { readonly outcome: "woken" | "differs" | "timeout" }
  >;
  readonly wake: Call<{ readonly cell: Cell<number>; readonly count: number }, { readonly woken: number }>;
  readonly exit: Call<{ readonly cell: Cell<number>; readonly list: Cell<number>; readonly pending: Cell<number>; readonly tid: number }, object>;
  readonly requeue: Call<
    {
      readonly cell: Cell<number>;
      readonly target: Cell<number>;
      readonly wake: number;
      readonly move: number;
      readonly expected: number;
      readonly compares: boolean;
    },
    { readonly outcome: "done" | "differs"; readonly woken: number; readonly moved: number }
  >;
}

/** A robust futex: the thread that owns it, and two flags. */
const owner = 7;
const waitersFlag = 8;
const ownerDiedFlag = 16;
const value = int(-0x7fff_ffff, 0x7fff_ffff);

type Look = Pick<StateContext, "of" | "self" | "threads" | "addressOf"> & { readonly args: { readonly cell: Cell<number> } };
type Change = Look & Pick<RuleContext, "completeOf">;

/** Builds the operations of a variant. */
export function operationsOf(requeueing: Requeue): Operations {
  const requeues = requeueing !== "none";
  const here = (k: Look): number => k.addressOf(k.args.cell);
  /** It has come to the bucket of its address, and nobody holds that. */
  const arrives = (k: Look): boolean => k.of(sleep, k.self).address === -1 && (!requeues || (k.of(moving, k.self).bucket === -1 && !isHeld(k, here(k))));
  const isHeld = (k: Pick<StateContext, "of">, address: number): boolean => k.of(held).from === address || k.of(held).to === address;
  const mustWait = (k: Look): boolean => requeues && k.of(sleep, k.self).address === -1 && k.of(moving, k.self).bucket === -1 && isHeld(k, here(k));
  const waitForBucket = (k: Look): void => {
    // Without FUTEX_REQUEUE there is no such state.
    if (requeues) k.of(moving, k.self).bucket = here(k);
  };
  const contending: Wait = {
    when: (k) => requeues && k.of(moving, k.self).bucket !== -1,
    says: "waiting for a hash bucket",
    kind: "lock",
    wakers: [{ by: ["futex.requeue"], anywhere: true }],
  };
  /** hb_waiters_pending: who sleeps there, or is about to, or to be moved there. */
  const isCounted = (k: Look): boolean => {
    let counted = requeueing === "counted-early" && k.of(held).to === here(k);
    for (const thread of k.threads) if (k.of(sleep, thread).address === here(k) || k.of(moving, thread).bucket === here(k)) counted = true;
    return counted;
  };

  const fallAsleep = (k: Pick<StateContext, "of">, thread: ThreadId, address: number): void => {
    const { sleepers } = k.of(kernel);
    let place = 0;
    while (place < sleepers.length && k.of(sleep, sleepers.at(place)).address <= address) place++;
    sleepers.insert(place, thread);
    k.of(sleep, thread).address = address;
  };
  const wait = operation({
    name: "futex.wait",
    args: { cell: cellRef, expected: value, timeout, idle: bool() },
    result: { outcome: oneOf("woken", "differs", "timeout") },
    rules: {
      "value differs": {
        when: (k) => arrives(k) && k.read(k.args.cell) !== k.args.expected,
        do: (k) => k.complete(k.self, { outcome: "differs" }),
      },
      "fall asleep": {
        when: (k) => arrives(k) && k.read(k.args.cell) === k.args.expected,
        do: (k) => fallAsleep(k, k.self, here(k)),
      },
      "wait for the bucket": { when: mustWait, do: waitForBucket },
      "timer fires": {
        timer: true,
        when: (k) => k.args.timeout === "finite" && k.of(sleep, k.self).address !== -1,
        do: (k) => {
          k.of(kernel).sleepers.remove(k.self);
          k.of(sleep, k.self).address = -1;
          k.complete(k.self, { outcome: "timeout" });
        },
      },
    },
    waits: {
      contending,
      requeued: {
        when: (k) => requeues && k.of(sleep, k.self).address !== here(k),
        says: "asleep on a futex that it was moved to",
        kind: "sleep",
        wakers: [{ by: ["futex.wake", "futex.requeue", "futex.exit"], anywhere: true }],
        idle: (k) => k.args.idle,
      },
      asleep: {
        says: "asleep on a futex",
        kind: "sleep",
        wakers: [{ by: ["futex.wake", "futex.requeue", "futex.exit"] }],
        idle: (k) => k.args.idle,
        until: (k) => k.read(k.args.cell) !== k.args.expected,
      },
    },
  });
  /** Wakes the first of those that sleep on an address. */
  const wakeFirst = (k: Change, address: number, most: number): number => {
    const { sleepers } = k.of(kernel);
    let woken = 0;
    let place = 0;
    while (place < sleepers.length && woken < most) {
      const thread = sleepers.at(place);
      if (k.of(sleep, thread).address === address) {
        sleepers.remove(thread);
        k.of(sleep, thread).address = -1;
        k.completeOf(wait, thread, { outcome: "woken" });
        woken++;
      } else {
        place++;
      }
    }
    return woken;
  };

  const wake = operation({
    name: "futex.wake",
    args: { cell: cellRef, count: int(1, mostWoken) },
    result: { woken: int(0, mostWoken) },
    rules: {
      wake: {
        when: (k) => !requeues || arrives(k),
        do: (k) => k.complete(k.self, { woken: wakeFirst(k, here(k), k.args.count) }),
      },
      "no waiters": {
        when: (k) => mustWait(k) && !isCounted(k),
        do: (k) => k.complete(k.self, { woken: 0 }),
      },
      "wait for the bucket": { when: (k) => mustWait(k) && isCounted(k), do: waitForBucket },
    },
    waits: { contending },
  });

  const requeue = operation({
    name: "futex.requeue",
    args: { cell: cellRef, target: cellRef, wake: int(0, mostWoken), move: int(0, mostWoken), expected: value, compares: bool() },
    result: { outcome: oneOf("done", "differs"), woken: int(0, mostWoken), moved: int(0, mostWoken) },
    general: false,
    rules: {
      "wait for the bucket": {
        when: (k) => !k.of(moving, k.self).moving && k.of(moving, k.self).bucket === -1 && k.of(held).from !== -1,
        do: waitForBucket,
      },
      // While nobody holds buckets, nobody waits for one either.
      "value differs": {
        when: (k) => k.of(held).from === -1 && k.args.compares && k.read(k.args.cell) !== k.args.expected,
        do: (k) => k.complete(k.self, { outcome: "differs", woken: 0, moved: 0 }),
      },
      "hold both buckets and wake": {
        when: (k) => k.of(held).from === -1 && (!k.args.compares || k.read(k.args.cell) === k.args.expected),
        do: (k) => {
          k.of(held).from = here(k);
          k.of(held).to = k.addressOf(k.args.target);
          k.of(moving, k.self).moving = true;
          k.of(moving, k.self).woken = wakeFirst(k, here(k), k.args.wake);
        },
      },
      "move the others": {
        when: (k) => k.of(moving, k.self).moving,
        do: (k) => {
          const { sleepers } = k.of(kernel);
          const to = k.addressOf(k.args.target);
          let moved = 0;
          let place = 0;
          while (place < sleepers.length && moved < k.args.move) {
            const thread = sleepers.at(place);
            if (k.of(sleep, thread).address === here(k)) {
              moved++;
              if (to === here(k)) place++;
              else {
                sleepers.remove(thread);
                fallAsleep(k, thread, to);
                if (to < here(k)) place++;
              }
            } else {
              place++;
            }
          }
          k.of(held).from = -1;
          k.of(held).to = -1;
          for (const thread of k.threads) k.of(moving, thread).bucket = -1;
          const { woken } = k.of(moving, k.self);
          k.of(moving, k.self).moving = false;
          k.of(moving, k.self).woken = 0;
          k.complete(k.self, { outcome: "done", woken, moved });
        },
      },
    },
    waits: { contending },
  });

  /**
   * The end of a thread, and what the kernel does with its robust list then (exit_robust_list, handle_futex_death): a futex
   * on the list, or about to be put on it or taken from it, is marked if the thread owns it, and a waiter woken. One that
   * was being taken from it may have been freed already; the wake-up that should have followed is made up for.
   */
  const exit = operation({
    name: "futex.exit",
    args: { cell: cellRef, list: cellRef, pending: cellRef, tid: int(1, owner) },
    result: {},
    general: false,
    rules: {
      exit: {
        when: (k) => !requeues || arrives(k),
        do: (k) => {
          const word = k.read(k.args.cell);
          const pending = k.read(k.args.pending) !== 0;
          if ((pending || k.read(k.args.list) !== 0) && (word & owner) === k.args.tid) {
            k.write(k.args.cell, (word & waitersFlag) | ownerDiedFlag);
            if ((word & waitersFlag) !== 0) wakeFirst(k, here(k), 1);
          } else if (pending && word === 0) wakeFirst(k, here(k), 1);
          k.terminate(k.self);
        },
      },
      "wait for the bucket": { when: mustWait, do: waitForBucket },
    },
    waits: { contending },
  });
  return { state: requeues ? [sleep, kernel, moving, held] : [sleep, kernel], wait, wake, exit, requeue };
}
