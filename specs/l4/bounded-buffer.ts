/**
 * A bounded buffer in shared memory between one producer and one consumer, who sleep on notifications. A notification
 * is a latch, not a counter: two signals before the waiter runs are one. It holds if every wakeup is taken as a hint and
 * the indices are looked at again; it breaks if the consumer takes one item for each wakeup.
 *
 * Indices run over twice the capacity, so that a full buffer differs from an empty one; slots are plain memory, and the
 * absence of data races on them is part of what is proved.
 */
import { array, type Cell, type CellArray, check, int, protocol, wrapping } from "ipc-check";
import * as l4 from "ipc-check/kernels/l4";

/** Waits for a free slot, fills it, publishes it and signals. */
function* put(position: number, ring: CellArray<Cell<number>>, head: Cell<number>, tail: Cell<number>, items: l4.Notification, spaces: l4.Notification) {
  while (((position - (yield* head.load())) & 3) === 2) yield* spaces.wait();
  yield* ring.at(position & 1).write(position);
  yield* tail.store((position + 1) & 3);
  yield* items.signal(1);
}

/** Takes the item at `position` and frees its slot. */
function* take(position: number, ring: CellArray<Cell<number>>, head: Cell<number>, spaces: l4.Notification) {
  const item = yield* ring.at(position & 1).read();
  check(item === position, "items arrive in order");
  yield* head.store((position + 1) & 3);
  yield* spaces.signal(1);
}

const memory = { ring: array(2, int(0, 3)), head: wrapping(4), tail: wrapping(4) };
const objects = { items: l4.notification({ bits: 1 }), spaces: l4.notification({ bits: 1 }) };

export const broken = protocol("one item for each wakeup", {
  kernel: l4.kernel({ cpus: 2, message: int(0, 0) }),
  objects,
  memory,
  threads: {
    producer: {
      cpu: 0,
      *run({ ring, head, tail, items, spaces }) {
        for (let position = 0; position < 3; position++) yield* put(position, ring, head, tail, items, spaces);
      },
    },
    consumer: {
      cpu: 1,
      *run({ ring, head, items, spaces }) {
        for (let position = 0; position < 3; position++) {
          yield* items.wait();
          yield* take(position, ring, head, spaces);
        }
      },
    },
  },
  expect: { violated: "deadlock" },
});

export const repaired = protocol("look again after each wakeup", {
  kernel: l4.kernel({ cpus: 2, message: int(0, 0) }),
  objects,
  memory,
  threads: {
    producer: {
      cpu: 0,
      *run({ ring, head, tail, items, spaces }) {
        let position = 0;
        while (true) {
          yield* put(position, ring, head, tail, items, spaces);
          position = (position + 1) & 3;
        }
      },
    },
    consumer: {
      cpu: 1,
      *run({ ring, head, tail, items, spaces }) {
        let position = 0;
        while (true) {
          while ((yield* tail.load()) === position) yield* items.wait();
          yield* take(position, ring, head, spaces);
          position = (position + 1) & 3;
        }
      },
    },
  },
  expect: "holds",
});
