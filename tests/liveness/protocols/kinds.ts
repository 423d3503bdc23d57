/** One protocol for each kind of what runs can do wrong, and what fairness changes. */
import { flag, int, protocol, step, waitUntil } from "ipc-check";
import * as shm from "ipc-check/kernels/shm";

const kernel = shm.kernel();

/** A lock that whoever comes first takes: another one may come first for ever, under weak fairness. */
const lock = (fairness: "none" | "weak" | "strong") =>
  protocol(`a lock under ${fairness} fairness`, {
    kernel,
    memory: { taken: flag },
    fairness,
    threads: {
      user: {
        count: 2,
        *run({ taken }) {
          while (true) {
            yield* step({
              when: () => !taken.value,
              do: () => {
                taken.value = true;
              },
            });
            yield* taken.store(false);
          }
        },
      },
    },
    liveness: ({ alwaysEventually, leadsTo }) => ({
      mine: alwaysEventually(({ threads }) => threads.user[0]?.at === "taken.store"),
      released: leadsTo(
        ({ taken }) => taken,
        ({ taken }) => !taken,
      ),
    }),
    progress: true,
  });
export const lockNone = lock("none");
export const lockWeak = lock("weak");
export const lockStrong = lock("strong");

/** A thread that could step always, beside one that does. */
const passedOver = (fairness: "none" | "weak", isStepFair: boolean) =>
  protocol(`passed over: ${fairness}, ${isStepFair}`, {
    kernel,
    memory: { side: int(0, 1), noise: flag },
    fairness: { default: fairness, steps: isStepFair ? [{ thread: "walker", operation: "side.store", fairness: "weak" }] : [] },
    threads: {
      walker: {
        *run({ side }) {
          yield* side.store(1);
        },
      },
      noisy: {
        *run({ noise }) {
          while (true) {
            yield* noise.store(true);
            yield* noise.store(false);
          }
        },
      },
    },
    liveness: ({ eventually }) => ({ moves: eventually(({ side }) => side === 1) }),
  });
export const unfair = passedOver("none", false);
export const fair = passedOver("weak", false);
export const fairStep = passedOver("none", true);

/** Two threads hand a token to and fro; a third one waits for a value that never comes, though both could still write it. */
export const starved = protocol("starved", {
  kernel,
  memory: { token: int(0, 2) },
  threads: {
    ping: {
      *run({ token }) {
        while (true) {
          yield* waitUntil(token, (value) => value === 0);
          yield* token.store(1);
        }
      },
    },
    pong: {
      *run({ token }) {
        while (true) {
          yield* waitUntil(token, (value) => value === 1);
          yield* token.store(0);
        }
      },
    },
    third: {
      *run({ token }) {
        yield* waitUntil(token, (value) => value === 2);
      },
    },
  },
  progress: true,
});

/** The same with threads that never wait. */
export const busy = protocol("busy", {
  kernel,
  memory: { token: int(0, 2) },
  threads: {
    spinner: {
      *run({ token }) {
        while (true) {
          yield* token.store(0);
          yield* token.store(1);
        }
      },
    },
    third: {
      *run({ token }) {
        yield* waitUntil(token, (value) => value === 2);
      },
    },
  },
  progress: true,
});

/** Who could still help, as far as the waits can tell, has gone elsewhere for good: a thread that waits there hides it. */
export const stopped = protocol("stopped", {
  kernel,
  memory: { word: int(0, 2), off: flag },
  threads: {
    helper: {
      untrusted: true,
      *run({ word, off }) {
        while (yield* off.load()) yield* word.store(2);
        while (true) yield* off.store(false);
      },
    },
    asker: {
      *run({ word }) {
        yield* waitUntil(word, (value) => value === 2);
      },
    },
  },
  liveness: ({ eventually }) => ({ answered: eventually(({ threads }) => threads.asker.finished) }),
});

/** A goal that is missed while steps are taken. */
export const goal = protocol("goal", {
  kernel,
  memory: { level: int(0, 3) },
  threads: {
    climber: {
      *run({ level }) {
        while (true) {
          yield* level.store(1);
          yield* level.store(2);
        }
      },
    },
  },
  progress: { goals: { top: ({ level }) => level === 3, middle: ({ level }) => level === 1 } },
});

/** Two threads wait for each other, each for what the other would do next. */
export const crossed = protocol("crossed", {
  kernel,
  memory: { left: flag, right: flag },
  threads: {
    one: {
      *run({ left, right }) {
        yield* waitUntil(left, (value) => value);
        yield* right.store(true);
      },
    },
    other: {
      *run({ left, right }) {
        yield* waitUntil(right, (value) => value);
        yield* left.store(true);
      },
    },
  },
  progress: true,
});

/** The word is set between the look at it and the sleep, by one that does not know of the sleeper. */
export const slept = protocol("slept", {
  kernel,
  memory: { word: int(0, 1), asleep: flag },
  threads: {
    sleeper: {
      *run({ word, asleep, futex }) {
        yield* futex.wait(word, 0);
        yield* asleep.store(false);
      },
    },
    waker: {
      *run({ word, asleep, futex }) {
        const wakes = yield* asleep.load();
        yield* word.store(1);
        if (wakes) yield* futex.wake(word, 1);
      },
    },
  },
  progress: true,
});

/** A server that one untrusted client asks and need not listen to; another client waits behind it. Does it reach its next service point? */
const served = (waits: boolean) =>
  protocol(`served, ${waits ? "by one that waits" : "by one that gives up"}`, {
    kernel,
    memory: { request: int(0, 2), answer: int(0, 2) },
    threads: {
      server: {
        *run({ request, answer }) {
          while (true) {
            yield* waitUntil(request, (value) => value !== 0);
            const who = yield* request.load();
            yield* answer.store(who);
            if (waits && who === 1) yield* waitUntil(answer, (value) => value === 0);
            yield* request.store(0);
          }
        },
      },
      stranger: {
        untrusted: true,
        *run({ request, answer }) {
          if ((yield* request.compareExchange(0, 1)) !== 0) return;
          yield* waitUntil(answer, (value) => value === 1);
          yield* answer.store(0);
        },
      },
      client: {
        *run({ request }) {
          while (true) {
            yield* waitUntil(request, (value) => value === 0);
            yield* request.compareExchange(0, 2);
          }
        },
      },
    },
    progress: true,
  });
export const hostage = served(true);
export const free = served(false);
