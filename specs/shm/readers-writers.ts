/**
 * A readers/writers lock on one futex word: -1 held by a writer, 0 free, n held by n readers. The last reader to leave
 * wakes those who wait. Whether it is the last must be what its own decrement returns: two readers that look first and
 * then leave can each take the other for the last one, and nobody wakes the writer.
 */
import { type Cell, int, protocol } from "ipc-check";
import * as shm from "ipc-check/kernels/shm";

const everyone = 4;

function* enterAsReader(word: Cell<number>, futex: shm.Futex) {
  let seen = yield* word.load();
  while (true) {
    if (seen < 0) {
      yield* futex.wait(word, -1);
      seen = yield* word.load();
    } else {
      const old = yield* word.compareExchange(seen, seen + 1);
      if (old === seen) return;
      seen = old;
    }
  }
}

function* enterAsWriter(word: Cell<number>, futex: shm.Futex) {
  let old = yield* word.compareExchange(0, -1);
  while (old !== 0) {
    yield* futex.wait(word, old);
    old = yield* word.compareExchange(0, -1);
  }
}

/** What readers and writers do inside; plain accesses, so that a lock that fails is a data race. */
function* write(data: Cell<number>) {
  const before = yield* data.read();
  yield* data.write((before + 1) % 2);
}

export const broken = protocol("readers who look before they leave", {
  kernel: shm.kernel(),
  parameters: { readers: 2 },
  memory: { word: int(-1, 4), data: int(0, 1) },
  threads: {
    reader: {
      count: "readers",
      *run({ word, data, futex }) {
        yield* enterAsReader(word, futex);
        yield* data.read();
        const present = yield* word.load();
        yield* word.fetchAdd(-1);
        if (present === 1) yield* futex.wake(word, everyone);
      },
    },
    writer: {
      *run({ word, data, futex }) {
        yield* enterAsWriter(word, futex);
        yield* write(data);
        yield* word.store(0);
        yield* futex.wake(word, everyone);
      },
    },
  },
  expect: { violated: "lost-wakeup" },
});

export const repaired = protocol("readers who leave and then look", {
  kernel: shm.kernel(),
  parameters: { readers: 2, writers: 2 },
  memory: { word: int(-1, 4), data: int(0, 1) },
  threads: {
    reader: {
      count: "readers",
      *run({ word, data, futex }) {
        while (true) {
          yield* enterAsReader(word, futex);
          yield* data.read();
          if ((yield* word.fetchAdd(-1)) === 1) yield* futex.wake(word, everyone);
        }
      },
    },
    writer: {
      count: "writers",
      *run({ word, data, futex }) {
        while (true) {
          yield* enterAsWriter(word, futex);
          yield* write(data);
          yield* word.store(0);
          yield* futex.wake(word, everyone);
        }
      },
    },
  },
  expect: "holds",
});
