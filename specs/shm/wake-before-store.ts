/**
 * An unlock that wakes a waiter before it frees the word: the waiter finds the lock still held, goes to sleep again and
 * sleeps on although the lock is free, while the others lock and unlock without seeing that anybody waits. First the
 * store, then the wake. Scenario SHM-9. The protected counter is plain memory: without exclusion there would be a data
 * race.
 */
import { type Cell, int, protocol, wrapping } from "ipc-check";
import * as shm from "ipc-check/kernels/shm";

function* lock(word: Cell<number>, futex: shm.Futex) {
  let old = yield* word.compareExchange(0, 1);
  while (old !== 0) {
    old = yield* word.exchange(2);
    if (old !== 0) yield* futex.wait(word, 2);
  }
}

function* increment(counter: Cell<number>) {
  const before = yield* counter.read();
  yield* counter.write((before + 1) % 2);
}

export const broken = protocol("wake, then store", {
  scenario: "SHM-9",
  kernel: shm.kernel(),
  parameters: { users: 2 },
  memory: { word: int(0, 2), counter: wrapping(2) },
  threads: {
    user: {
      count: "users",
      *run({ word, counter, futex }) {
        while (true) {
          yield* lock(word, futex);
          yield* increment(counter);
          if ((yield* word.fetchAdd(-1)) !== 1) {
            yield* futex.wake(word, 1);
            yield* word.store(0);
          }
        }
      },
    },
  },
  expect: { violated: "lost-wakeup" },
});

export const repaired = protocol("store, then wake", {
  scenario: "SHM-9",
  kernel: shm.kernel(),
  parameters: { users: 2 },
  memory: { word: int(0, 2), counter: wrapping(2) },
  threads: {
    user: {
      count: "users",
      *run({ word, counter, futex }) {
        while (true) {
          yield* lock(word, futex);
          yield* increment(counter);
          if ((yield* word.fetchAdd(-1)) !== 1) {
            yield* word.store(0);
            yield* futex.wake(word, 1);
          }
        }
      },
    },
  },
  expect: "holds",
});
