/**
 * One producer, one consumer, a ring of plain cells between them. `tail` is written by the producer only, `head` by the
 * consumer only; each publishes its own with a release store and looks at the other's with an acquire load, so no cell
 * is ever written and read at once.
 *
 * Try: let the producer store `tail` before it writes the cell, and verify shows the data race.
 */
import { array, check, int, protocol, waitUntil, wrapping } from "ipc-check";
import * as shm from "ipc-check/kernels/shm";

const size = 2;
// Counters run over twice the size, so that full and empty look different.
const laps = 2 * size;

export default protocol("ring buffer", {
  kernel: shm.kernel(),
  memory: { ring: array(size, int(0, 3)), head: wrapping(laps), tail: wrapping(laps) },
  threads: {
    producer: {
      *run({ ring, head, tail }) {
        let next = 0;
        let value = 0;
        while (true) {
          const full = (next + size) % laps;
          yield* waitUntil(head, (taken) => taken !== full, "acquire");
          yield* ring.at(next % size).write(value);
          next = (next + 1) % laps;
          value = (value + 1) % 4;
          yield* tail.store(next, "release");
        }
      },
    },
    consumer: {
      *run({ ring, head, tail }) {
        let next = 0;
        let expected = 0;
        while (true) {
          const empty = next;
          yield* waitUntil(tail, (filled) => filled !== empty, "acquire");
          const value = yield* ring.at(next % size).read();
          check(value === expected, "values arrive once each and in order");
          next = (next + 1) % laps;
          expected = (expected + 1) % 4;
          yield* head.store(next, "release");
        }
      },
    },
  },
  expect: "holds",
});
