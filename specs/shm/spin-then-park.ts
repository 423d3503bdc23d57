/**
 * A lock that only spins hangs under strict priorities: a thread that is woken by a device spins for ever on the CPU of
 * the lower thread that holds the lock. A lock that spins a little and then sleeps gives the CPU back.
 * Scenario GEN-13, with the repair of section 5 (spin within a budget, then the futex path).
 */
import { type Cell, int, protocol } from "ipc-check";
import * as shm from "ipc-check/kernels/shm";

/** Sets the word until it was free. */
function* testAndSet(word: Cell<number>) {
  while ((yield* word.exchange(1)) !== 0) {}
}

/** As above, but only reads while the lock is held. */
function* testAndTestAndSet(word: Cell<number>) {
  while ((yield* word.exchange(1)) !== 0) {
    while ((yield* word.load()) !== 0) {}
  }
}

/** Tries `2` times, then announces itself with the value 2 and sleeps. */
function* spinThenPark(word: Cell<number>, futex: shm.Futex) {
  for (let tries = 0; tries < 2; tries++) {
    if ((yield* word.compareExchange(0, 1)) === 0) return;
  }
  while ((yield* word.exchange(2)) !== 0) yield* futex.wait(word, 2);
}

function* unlock(word: Cell<number>, futex: shm.Futex) {
  if ((yield* word.exchange(0)) === 2) yield* futex.wake(word, 1);
}

/** The device's interrupt, which sets the higher thread going at any moment. */
function* interrupt(event: Cell<number>, futex: shm.Futex) {
  yield* event.store(1);
  yield* futex.wake(event, 1);
}

export const broken = protocol("test and set under priorities", {
  scenario: "GEN-13",
  kernel: shm.kernel({ cpus: 2 }),
  scheduling: "priority",
  memory: { word: int(0, 2), event: int(0, 1) },
  threads: {
    low: {
      cpu: 0,
      priority: 0,
      *run({ word }) {
        while (true) {
          yield* testAndSet(word);
          yield* word.store(0);
        }
      },
    },
    high: {
      cpu: 0,
      priority: 1,
      *run({ word, event, futex }) {
        yield* futex.wait(event, 0);
        yield* testAndSet(word);
        yield* word.store(0);
      },
    },
    device: {
      cpu: 1,
      *run({ event, futex }) {
        yield* interrupt(event, futex);
      },
    },
  },
  expect: { violated: "deadlock" },
});

export const reading = protocol("test and test and set under priorities", {
  scenario: "GEN-13",
  kernel: shm.kernel({ cpus: 2 }),
  scheduling: "priority",
  memory: { word: int(0, 2), event: int(0, 1) },
  threads: {
    low: {
      cpu: 0,
      priority: 0,
      *run({ word }) {
        while (true) {
          yield* testAndTestAndSet(word);
          yield* word.store(0);
        }
      },
    },
    high: {
      cpu: 0,
      priority: 1,
      *run({ word, event, futex }) {
        yield* futex.wait(event, 0);
        yield* testAndTestAndSet(word);
        yield* word.store(0);
      },
    },
    device: {
      cpu: 1,
      *run({ event, futex }) {
        yield* interrupt(event, futex);
      },
    },
  },
  expect: { violated: "deadlock" },
});

export const repaired = protocol("spin, then park", {
  scenario: "GEN-13",
  kernel: shm.kernel({ cpus: 2 }),
  scheduling: "priority",
  memory: { word: int(0, 2), event: int(0, 1) },
  threads: {
    low: {
      cpu: 0,
      priority: 0,
      *run({ word, futex }) {
        while (true) {
          yield* spinThenPark(word, futex);
          yield* unlock(word, futex);
        }
      },
    },
    high: {
      cpu: 0,
      priority: 1,
      *run({ word, event, futex }) {
        yield* futex.wait(event, 0);
        yield* spinThenPark(word, futex);
        yield* unlock(word, futex);
      },
    },
    device: {
      cpu: 1,
      *run({ event, futex }) {
        yield* interrupt(event, futex);
      },
    },
  },
  expect: "holds",
});
