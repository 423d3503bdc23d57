/**
 * The futex rule: WAIT compares and enqueues in one step, WAKE takes sleepers of one address first in, first out and
 * leaves nothing behind when there are none. One queue holds all sleepers, ordered by address and then by arrival, so
 * that sleepers of different addresses have one representation whatever the order they came in.
 */
import {
  address,
  bool,
  cellRef,
  globalState,
  int,
  oneOf,
  type Op,
  operation,
  perThread,
  queue,
  type Cell,
  type StateGroup,
  threadId,
  type Timeout,
  timeout,
} from "../../model/language/index.ts";

const sleep = perThread("futex", { address });
const kernel = globalState("futex", { sleepers: queue(threadId) });
export const state: readonly StateGroup[] = [sleep, kernel];

const waitOperation = operation({
  name: "futex.wait",
  args: { cell: cellRef, expected: int(-0x7fff_ffff, 0x7fff_ffff), timeout, idle: bool() },
  result: { outcome: oneOf("woken", "differs", "timeout") },
  rules: {
    "value differs": {
      when: (k) => k.of(sleep, k.self).address === -1 && k.read(k.args.cell) !== k.args.expected,
      do: (k) => k.complete(k.self, { outcome: "differs" }),
    },
    "fall asleep": {
      when: (k) => k.of(sleep, k.self).address === -1 && k.read(k.args.cell) === k.args.expected,
      do: (k) => {
        const here = k.addressOf(k.args.cell);
        const sleepers = k.of(kernel).sleepers;
        let place = 0;
        while (place < sleepers.length && k.of(sleep, sleepers.at(place)).address <= here) place++;
        sleepers.insert(place, k.self);
        k.of(sleep, k.self).address = here;
      },
    },
    "timer fires": {
      when: (k) => k.args.timeout === "finite" && k.of(sleep, k.self).address !== -1,
      do: (k) => {
        k.of(kernel).sleepers.remove(k.self);
        k.of(sleep, k.self).address = -1;
        k.complete(k.self, { outcome: "timeout" });
      },
    },
  },
  waits: {
    asleep: {
      says: "asleep on a futex",
      kind: "sleep",
      wakers: [{ by: ["futex.wake"] }],
      idle: (k) => k.args.idle,
      until: (k) => k.read(k.args.cell) !== k.args.expected,
    },
  },
});

const wakeOperation = operation({
  name: "futex.wake",
  args: { cell: cellRef, count: int(1, 64) },
  result: { woken: int(0, 64) },
  rules: {
    wake: {
      do: (k) => {
        const here = k.addressOf(k.args.cell);
        const sleepers = k.of(kernel).sleepers;
        let woken = 0;
        let place = 0;
        while (place < sleepers.length && woken < k.args.count) {
          const thread = sleepers.at(place);
          if (k.of(sleep, thread).address === here) {
            sleepers.remove(thread);
            k.of(sleep, thread).address = -1;
            k.completeOf(waitOperation, thread, { outcome: "woken" });
            woken++;
          } else {
            place++;
          }
        }
        k.complete(k.self, { woken });
      },
    },
  },
});

interface Call<A, R> {
  (args: A): Op<R>;
  readonly declaration: { readonly name: string };
}
export const wait: Call<
  { readonly cell: Cell<number>; readonly expected: number; readonly timeout: Timeout; readonly idle: boolean },
  { readonly outcome: "woken" | "differs" | "timeout" }
> = waitOperation;
export const wake: Call<{ readonly cell: Cell<number>; readonly count: number }, { readonly woken: number }> = wakeOperation;
