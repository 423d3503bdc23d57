/**
 * The benchmark's fifth protocol: a ring between two CPUs. The producer writes whatever it likes into a slot, then moves
 * its index; the consumer reads the slots up to that index.
 */
import { array, check, choose, ghost, int, protocol, waitUntil, wrapping } from "ipc-check";
import * as shm from "ipc-check/kernels/shm";

/** Slots of the array; `slots` of them are in use, and indices run to twice as many, so that full and empty differ. */
const most = 7;

export default protocol("a ring between two processors", {
  kernel: shm.kernel(),
  parameters: { slots: most },
  memory: { ring: array(most, int(0, 2)), head: int(0, 2 * most - 1), tail: int(0, 2 * most - 1), sum: ghost(wrapping(4)) },
  threads: {
    producer: {
      *run({ ring, head, tail, sum, slots }) {
        while (true) {
          const value = yield* choose(0, 1, 2);
          const at = yield* head.load("relaxed");
          yield* waitUntil(tail, (taken) => (at - taken + 2 * slots) % (2 * slots) < slots);
          yield* ring.at(at % slots).store(value, "relaxed");
          sum.value = (sum.value + value) % 4;
          yield* head.store((at + 1) % (2 * slots), "release");
        }
      },
    },
    consumer: {
      *run({ ring, head, tail, sum, slots }) {
        while (true) {
          const at = yield* tail.load("relaxed");
          yield* waitUntil(head, (there) => there !== at);
          const value = yield* ring.at(at % slots).load("relaxed");
          sum.value = (sum.value + 4 - value) % 4;
          check(value <= 2, "what is read has been written");
          yield* tail.store((at + 1) % (2 * slots), "release");
        }
      },
    },
  },
  expect: "holds",
});
