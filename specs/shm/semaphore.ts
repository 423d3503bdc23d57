/**
 * A counting semaphore that is no kernel object: a word with its value, and a futex to sleep on. A post that wakes only when
 * the value leaves zero saves a system call, and loses a wake-up: two posts before the first sleeper has run find the value
 * at zero once, and wake one of two. Post must wake as long as somebody waits. The same word as a mutex, for exclusion.
 */
import { type Cell, ghost, int, protocol, step } from "ipc-check";
import * as shm from "ipc-check/kernels/shm";

function* down(value: Cell<number>, waiting: Cell<number>, futex: shm.Futex) {
  let taken = false;
  while (!taken) {
    const now = yield* value.load();
    if (now > 0) taken = (yield* value.compareExchange(now, now - 1)) === now;
    else {
      yield* waiting.fetchAdd(1);
      yield* futex.wait(value, 0);
      yield* waiting.fetchAdd(-1);
    }
  }
}

type Wakes = "from zero" | "whoever waits";
function* up(value: Cell<number>, waiting: Cell<number>, wakes: Wakes, futex: shm.Futex) {
  const before = yield* value.fetchAdd(1);
  if (wakes === "from zero" ? before === 0 : (yield* waiting.load()) > 0) yield* futex.wake(value, 1);
}

const semaphore = (name: string, wakes: Wakes, expect: "holds" | { readonly violated: "lost-wakeup" }) =>
  protocol(name, {
    kernel: shm.kernel(),
    memory: { value: int(0, 2), waiting: int(0, 2) },
    threads: {
      consumer: {
        count: 2,
        *run({ value, waiting, futex }) {
          yield* down(value, waiting, futex);
        },
      },
      producer: {
        *run({ value, waiting, futex }) {
          yield* up(value, waiting, wakes, futex);
          yield* up(value, waiting, wakes, futex);
        },
      },
    },
    expect,
  });

export const broken = semaphore("a semaphore that wakes when it leaves zero", "from zero", { violated: "lost-wakeup" });
export const repaired = semaphore("a semaphore that wakes whoever waits", "whoever waits", "holds");

export const asMutex = protocol("a semaphore of one as a mutex", {
  kernel: shm.kernel(),
  memory: { value: int(0, 1, 1), waiting: int(0, 3), inside: ghost(int(0, 3)) },
  threads: {
    user: {
      count: 3,
      *run({ value, waiting, inside, futex }) {
        while (true) {
          yield* down(value, waiting, futex);
          inside.value += 1;
          yield* step({});
          inside.value -= 1;
          yield* up(value, waiting, "whoever waits", futex);
        }
      },
    },
  },
  invariants: { exclusion: ({ inside }) => inside <= 1 },
  expect: "holds",
});
