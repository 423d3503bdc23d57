/**
 * Drepper's second futex mutex: 0 free, 1 held, 2 held and perhaps waited for. Waiters all expect the same value, so
 * they cannot spoil each other's sleep. Scenario SHM-7, repaired (U. Drepper, "Futexes Are Tricky").
 */
import { type Cell, ghost, int, protocol, step } from "ipc-check";
import * as shm from "ipc-check/kernels/shm";

function* lock(word: Cell<number>, futex: shm.Futex) {
  let old = yield* word.compareExchange(0, 1);
  while (old !== 0) {
    if (old === 2 || (yield* word.compareExchange(1, 2)) !== 0) {
      yield* futex.wait(word, 2);
    }
    old = yield* word.compareExchange(0, 2);
  }
}

function* unlock(word: Cell<number>, futex: shm.Futex) {
  if ((yield* word.fetchAdd(-1)) !== 1) {
    yield* word.store(0);
    yield* futex.wake(word, 1);
  }
}

export default protocol("mutex2", {
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
