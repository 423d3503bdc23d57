/**
 * A ring whose consumer asks for a doorbell before it sleeps, as in virtio's event suppression and Xen's req_event: each
 * side stores its own word and then loads the other's. The store may wait in a store buffer while the load is performed,
 * on both sides, so each needs a full fence between the two; a barrier for stores alone orders nothing here. The
 * consumer looks at the index again after it has asked. Scenarios SHM-1, SHM-2 and SHM-3.
 *
 * `repair --fences` finds both fences from any of these.
 */
import { fence, int, protocol } from "ipc-check";
import * as shm from "ipc-check/kernels/shm";

export const fenced = protocol("doorbell ring with both fences", {
  scenario: "SHM-1",
  kernel: shm.kernel(),
  memoryModel: "tso",
  parameters: { items: 2 },
  memory: { head: int(0, 2), wanted: int(0, 1), bell: int(0, 2) },
  threads: {
    producer: {
      *run({ head, wanted, bell, futex, items }) {
        for (let item = 1; item <= items; item++) {
          yield* head.store(item, "release");
          yield* fence();
          if ((yield* wanted.load("relaxed")) === 1) {
            yield* bell.fetchAdd(1);
            yield* futex.wake(bell, 1);
          }
        }
      },
    },
    consumer: {
      *run({ head, wanted, bell, futex, items }) {
        let taken = 0;
        while (taken < items) {
          if ((yield* head.load("acquire")) > taken) {
            taken += 1;
          } else {
            const rung = yield* bell.load("relaxed");
            yield* wanted.store(1, "relaxed");
            yield* fence();
            if ((yield* head.load("acquire")) === taken) yield* futex.wait(bell, rung);
            yield* wanted.store(0, "relaxed");
          }
        }
      },
    },
  },
  expect: "holds",
});

export const producerUnfenced = protocol("doorbell ring without the producer's fence", {
  scenario: "SHM-2",
  kernel: shm.kernel(),
  memoryModel: "tso",
  parameters: { items: 2 },
  memory: { head: int(0, 2), wanted: int(0, 1), bell: int(0, 2) },
  threads: {
    producer: {
      *run({ head, wanted, bell, futex, items }) {
        for (let item = 1; item <= items; item++) {
          yield* head.store(item, "release");
          if ((yield* wanted.load("relaxed")) === 1) {
            yield* bell.fetchAdd(1);
            yield* futex.wake(bell, 1);
          }
        }
      },
    },
    consumer: {
      *run({ head, wanted, bell, futex, items }) {
        let taken = 0;
        while (taken < items) {
          if ((yield* head.load("acquire")) > taken) {
            taken += 1;
          } else {
            const rung = yield* bell.load("relaxed");
            yield* wanted.store(1, "relaxed");
            yield* fence();
            if ((yield* head.load("acquire")) === taken) yield* futex.wait(bell, rung);
            yield* wanted.store(0, "relaxed");
          }
        }
      },
    },
  },
  expect: { violated: "deadlock" },
});

export const producerStoreBarrier = protocol("doorbell ring with a store barrier in the producer", {
  scenario: "SHM-2",
  kernel: shm.kernel(),
  memoryModel: "tso",
  parameters: { items: 2 },
  memory: { head: int(0, 2), wanted: int(0, 1), bell: int(0, 2) },
  threads: {
    producer: {
      *run({ head, wanted, bell, futex, items }) {
        for (let item = 1; item <= items; item++) {
          yield* head.store(item, "release");
          yield* fence("release");
          if ((yield* wanted.load("relaxed")) === 1) {
            yield* bell.fetchAdd(1);
            yield* futex.wake(bell, 1);
          }
        }
      },
    },
    consumer: {
      *run({ head, wanted, bell, futex, items }) {
        let taken = 0;
        while (taken < items) {
          if ((yield* head.load("acquire")) > taken) {
            taken += 1;
          } else {
            const rung = yield* bell.load("relaxed");
            yield* wanted.store(1, "relaxed");
            yield* fence();
            if ((yield* head.load("acquire")) === taken) yield* futex.wait(bell, rung);
            yield* wanted.store(0, "relaxed");
          }
        }
      },
    },
  },
  expect: { violated: "deadlock" },
});

export const consumerUnfenced = protocol("doorbell ring without the consumer's fence", {
  scenario: "SHM-3",
  kernel: shm.kernel(),
  memoryModel: "tso",
  parameters: { items: 2 },
  memory: { head: int(0, 2), wanted: int(0, 1), bell: int(0, 2) },
  threads: {
    producer: {
      *run({ head, wanted, bell, futex, items }) {
        for (let item = 1; item <= items; item++) {
          yield* head.store(item, "release");
          yield* fence();
          if ((yield* wanted.load("relaxed")) === 1) {
            yield* bell.fetchAdd(1);
            yield* futex.wake(bell, 1);
          }
        }
      },
    },
    consumer: {
      *run({ head, wanted, bell, futex, items }) {
        let taken = 0;
        while (taken < items) {
          if ((yield* head.load("acquire")) > taken) {
            taken += 1;
          } else {
            const rung = yield* bell.load("relaxed");
            yield* wanted.store(1, "relaxed");
            if ((yield* head.load("acquire")) === taken) yield* futex.wait(bell, rung);
            yield* wanted.store(0, "relaxed");
          }
        }
      },
    },
  },
  expect: { violated: "deadlock" },
});
