/**
 * Drepper's third futex mutex: as the second, with an exchange in place of the slow compare-and-exchanges, so that a
 * contended lock takes fewer tries. Scenario SHM-7, repaired (U. Drepper, "Futexes Are Tricky").
 */
import { type Cell, ghost, int, protocol, step } from "ipc-check";
import * as shm from "ipc-check/kernels/shm";

function* lock(word: Cell<number>, futex: shm.Futex) {
  let old = yield* word.compareExchange(0, 1);
  if (old === 0) return;
  if (old !== 2) old = yield* word.exchange(2);
  while (old !== 0) {
    yield* futex.wait(word, 2);
    old = yield* word.exchange(2);
  }
}

function* unlock(word: Cell<number>, futex: shm.Futex) {
  if ((yield* word.fetchAdd(-1)) !== 1) {
    yield* word.store(0);
    yield* futex.wake(word, 1);
  }
}

export default protocol("mutex3", {
  scenario: "SHM-7",
  kernel: shm.kernel(),
  parameters: { users: 3 },
  memory: { word: int(0, 2), inside: ghost(int(0, 4)) },
  threads: {
    user: {
      count: "users",
      *run({ word, inside, futex }) {
        while (true) {
          yield* lock(word, futex);
          inside.value += 1;
          yield* step({});
          inside.value -= 1;
          yield* unlock(word, futex);
        }
      },
    },
  },
  invariants: { exclusion: ({ inside }) => inside <= 1 },
  expect: "holds",
});
