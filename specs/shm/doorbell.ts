/**
 * A consumer that sleeps until a producer rings, and a producer that rings only if the consumer has said that it sleeps
 * (`armed`). If the consumer checks for items and then arms, items published in between are never announced. It must
 * arm first and then check again; or sleep on the index itself, where the futex compares again. Scenario SHM-4.
 *
 * The sleep's own word, `armed`, still has the expected value when the wakeup is lost, so the verdict's kind is
 * `deadlock`: asleep, with nobody left to wake it.
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

export const onTheIndex = protocol("sleep on the index itself", {
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
  expect: "holds",
});
