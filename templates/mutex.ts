/**
 * A mutex over a futex (after Drepper, "Futexes Are Tricky"): 0 free, 1 held, 2 held and perhaps waited for. It costs no
 * system call while nobody waits.
 *
 * Try: write 1 in place of 2 in `lock`, and wait for 1: nobody knows of the sleeper, and verify shows the lost wakeup.
 */
import { type Cell, ghost, int, protocol, step } from "ipc-check";
import * as shm from "ipc-check/kernels/shm";

function* lock(word: Cell<number>, futex: shm.Futex) {
  let old = yield* word.compareExchange(0, 1);
  while (old !== 0) {
    // Say that somebody waits, then sleep as long as that is so.
    old = yield* word.exchange(2);
    if (old !== 0) yield* futex.wait(word, 2);
  }
}

function* unlock(word: Cell<number>, futex: shm.Futex) {
  const old = yield* word.exchange(0);
  if (old === 2) yield* futex.wake(word, 1);
}

export default protocol("futex mutex", {
  kernel: shm.kernel(),
  parameters: { users: 3 },
  memory: { word: int(0, 2), inside: ghost(int(0, 64)) },
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
