/**
 * A consumer that sleeps until a producer rings, and a producer that rings only if the consumer has said that it sleeps
 * (`armed`). If the consumer checks for items and then arms, items published in between are never announced. It must
 * arm first and then check again; or sleep on the index itself, where the futex checks again. Scenario SHM-4.
 *
 * In `broken` the sleep's own word, `armed`, still has the expected value when the wakeup is lost, so the verdict's kind
 * is `deadlock`: asleep, with nobody left to wake it. In `cleared` the producer's late `armed.exchange(0)` belongs to an
 * item that the consumer has already taken and disarms its next sleep; there the sleep's word has changed.
 */
import { int, protocol } from "ipc-check";
import * as shm from "ipc-check/kernels/shm";

export const broken = protocol("check, then arm", {
  scenario: "SHM-4",
  kernel: shm.kernel(),
  parameters: { items: 2 },
  memory: { published: int(0, 4), armed: int(0, 1) },
  threads: {
    producer: {
      *run({ published, armed, futex, items }) {
        for (let item = 0; item < items; item++) {
          yield* published.fetchAdd(1);
          if ((yield* armed.exchange(0)) === 1) yield* futex.wake(armed, 1);
        }
      },
    },
    consumer: {
      *run({ published, armed, futex, items }) {
        let taken = 0;
        while (taken < items) {
          if ((yield* published.load()) > taken) {
            taken += 1;
          } else {
            yield* armed.store(1);
            yield* futex.wait(armed, 1);
          }
        }
      },
    },
  },
  expect: { violated: "deadlock" },
});

export const repaired = protocol("arm, then check again", {
  scenario: "SHM-4",
  kernel: shm.kernel(),
  parameters: { items: 2 },
  memory: { published: int(0, 4), armed: int(0, 1) },
  threads: {
    producer: {
      *run({ published, armed, futex, items }) {
        for (let item = 0; item < items; item++) {
          yield* published.fetchAdd(1);
          if ((yield* armed.exchange(0)) === 1) yield* futex.wake(armed, 1);
        }
      },
    },
    consumer: {
      *run({ published, armed, futex, items }) {
        let taken = 0;
        while (taken < items) {
          if ((yield* published.load()) > taken) {
            taken += 1;
          } else {
            yield* armed.store(1);
            if ((yield* published.load()) === taken) yield* futex.wait(armed, 1);
            else yield* armed.store(0);
          }
        }
      },
    },
  },
  expect: "holds",
});

export const cleared = protocol("sleep on the index, with a flag that the producer clears", {
  scenario: "SHM-4",
  kernel: shm.kernel(),
  parameters: { items: 2 },
  memory: { published: int(0, 4), armed: int(0, 1) },
  threads: {
    producer: {
      *run({ published, armed, futex, items }) {
        for (let item = 0; item < items; item++) {
          yield* published.fetchAdd(1);
          if ((yield* armed.exchange(0)) === 1) yield* futex.wake(published, 1);
        }
      },
    },
    consumer: {
      *run({ published, armed, futex, items }) {
        let taken = 0;
        while (taken < items) {
          if ((yield* published.load()) > taken) {
            taken += 1;
          } else {
            yield* armed.store(1);
            yield* futex.wait(published, taken);
          }
        }
      },
    },
  },
  expect: { violated: "lost-wakeup" },
});

export const onTheIndex = protocol("sleep on the index, with a flag that the sleeper clears", {
  scenario: "SHM-4",
  kernel: shm.kernel(),
  parameters: { items: 2 },
  memory: { published: int(0, 4), armed: int(0, 1) },
  threads: {
    producer: {
      *run({ published, armed, futex, items }) {
        for (let item = 0; item < items; item++) {
          yield* published.fetchAdd(1);
          if ((yield* armed.load()) === 1) yield* futex.wake(published, 1);
        }
      },
    },
    consumer: {
      *run({ published, armed, futex, items }) {
        let taken = 0;
        while (taken < items) {
          if ((yield* published.load()) > taken) {
            taken += 1;
          } else {
            yield* armed.store(1);
            yield* futex.wait(published, taken);
            yield* armed.store(0);
          }
        }
      },
    },
  },
  expect: "holds",
});
