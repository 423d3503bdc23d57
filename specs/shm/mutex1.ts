/**
 * Drepper's first futex mutex: the word counts those who tried since it was last free. Two waiters can spoil each
 * other's expected value for ever and push the counter up without sleeping; where the counter wraps to 0, a waiter takes
 * a held lock for free. Two threads are safe, three are not. Scenario SHM-7 (U. Drepper, "Futexes Are Tricky").
 */
import { type Cell, type Domain, ghost, int, protocol, step, wrapping } from "ipc-check";
import * as shm from "ipc-check/kernels/shm";

function* lock(word: Cell<number>, futex: shm.Futex) {
  let old = yield* word.fetchAdd(1);
  while (old !== 0) {
    yield* futex.wait(word, (old + 1) % 4);
    old = yield* word.fetchAdd(1);
  }
}

function* unlock(word: Cell<number>, futex: shm.Futex) {
  yield* word.store(0);
  yield* futex.wake(word, 1);
}

const mutex = (name: string, users: number, word: Domain<number, Cell<number>>, expect: "holds" | { readonly violated: "invariant" | "out-of-range" }) =>
  protocol(name, {
    scenario: "SHM-7",
    kernel: shm.kernel(),
    parameters: { users },
    memory: { word, inside: ghost(int(0, 3)) },
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
    expect,
  });

/** A counter of two bits stands for one of 32, so that the wrap is near. */
export const broken = mutex("mutex1 with a counter that wraps", 3, wrapping(4), { violated: "invariant" });
/** Three threads need three values above 0 if each tries once; they reach any number. */
export const unbounded = mutex("mutex1 with waiters that do not sleep", 3, int(0, 3), { violated: "out-of-range" });
export const pair = mutex("mutex1 between two threads", 2, int(0, 2), "holds");

/** Where each locks once, the last ones may sleep on a free lock: the wrapped counter has the value that they expect. */
export const stuck = protocol("mutex1 with a counter that wraps, each thread once", {
  scenario: "SHM-7",
  kernel: shm.kernel(),
  parameters: { users: 3 },
  memory: { word: wrapping(4) },
  threads: {
    user: {
      count: "users",
      *run({ word, futex }) {
        yield* lock(word, futex);
        yield* unlock(word, futex);
      },
    },
  },
  expect: { violated: "deadlock" },
});
