/**
 * A condition variable on a token: who waits writes its token into the word, releases the mutex, and sleeps while the word
 * still is that token; who signals clears the word and wakes. If a waiter stalls before it sleeps, a signal and then another
 * waiter with the same token restore the value that it expects: it falls asleep although its signal has come (ABA). Tokens
 * must not come again. Scenario SHM-12 (SBCL 1.0.37.34, musl 97c5b5a8).
 */
import { type Cell, int, protocol } from "ipc-check";
import * as shm from "ipc-check/kernels/shm";

function* lock(mutex: Cell<number>, futex: shm.Futex) {
  while ((yield* mutex.exchange(2)) !== 0) yield* futex.wait(mutex, 2);
}
function* unlock(mutex: Cell<number>, futex: shm.Futex) {
  if ((yield* mutex.exchange(0)) === 2) yield* futex.wake(mutex, 1);
}

const condition = (name: string, unique: boolean, expect: "holds" | { readonly violated: "deadlock" }) =>
  protocol(name, {
    scenario: "SHM-12",
    kernel: shm.kernel(),
    /** `token`: 0 nobody has waited since the last signal; else the token of who waited last. */
    memory: { mutex: int(0, 2), token: int(0, 6), next: int(0, 6), ready: int(0, 1) },
    threads: {
      waiter: {
        *run({ mutex, token, next, ready, futex }) {
          yield* lock(mutex, futex);
          while ((yield* ready.load()) === 0) {
            const mine = unique ? (yield* next.fetchAdd(1)) + 1 : 1;
            yield* token.store(mine);
            yield* unlock(mutex, futex);
            yield* futex.wait(token, mine);
            yield* lock(mutex, futex);
          }
          yield* unlock(mutex, futex);
        },
      },
      // It waits on the same condition variable for something that need not come.
      bystander: {
        *run({ mutex, token, next, futex }) {
          for (let round = 0; round < 2; round++) {
            yield* lock(mutex, futex);
            const mine = unique ? (yield* next.fetchAdd(1)) + 1 : 1;
            yield* token.store(mine);
            yield* unlock(mutex, futex);
            yield* futex.wait(token, mine, { idle: true });
          }
        },
      },
      signaller: {
        *run({ mutex, token, ready, futex }) {
          yield* lock(mutex, futex);
          yield* ready.store(1);
          yield* token.store(0);
          yield* futex.wake(token, 2);
          yield* unlock(mutex, futex);
        },
      },
    },
    expect,
  });

export const broken = condition("a token that comes again", false, { violated: "deadlock" });
export const repaired = condition("tokens that do not come again", true, "holds");
