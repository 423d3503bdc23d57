/**
 * Who gets a lock that two threads want again and again. Test and set (Anderson 1990) gives it to whoever comes first, so that
 * one may have it every time; a futex mutex lets a newcomer in before the one it has woken. A ticket lock
 * (Mellor-Crummey and Scott 1991) serves in order. A lock that is one guarded step is free again and again, but not all the
 * time: weak fairness passes a waiter over, strong fairness does not.
 */
import { type Cell, type Fairness, ghost, int, protocol, type Step, step, wrapping } from "ipc-check";
import * as shm from "ipc-check/kernels/shm";

/** A lock on two words. */
interface Lock {
  lock(word: Cell<number>, next: Cell<number>, futex: shm.Futex): Generator<Step, void>;
  unlock(word: Cell<number>, next: Cell<number>, futex: shm.Futex): Generator<Step, void>;
}

const testAndSet: Lock = {
  *lock(word) {
    while ((yield* word.exchange(1)) !== 0) {}
  },
  *unlock(word) {
    yield* word.store(0);
  },
};
const ticket: Lock = {
  *lock(word, next) {
    const mine = yield* next.fetchAdd(1);
    while ((yield* word.load()) !== mine) {}
  },
  *unlock(word) {
    yield* word.fetchAdd(1);
  },
};
/** Drepper's third mutex (mutex3.ts): 2 says that somebody may sleep. */
const parking: Lock = {
  *lock(word, _, futex) {
    if ((yield* word.compareExchange(0, 1)) === 0) return;
    while ((yield* word.exchange(2)) !== 0) yield* futex.wait(word, 2);
  },
  *unlock(word, _, futex) {
    if ((yield* word.exchange(0)) === 2) yield* futex.wake(word, 1);
  },
};
const atOnce: Lock = {
  *lock(word) {
    yield* step({
      when: () => word.value === 0,
      do: () => {
        word.value = 1;
      },
    });
  },
  *unlock(word) {
    yield* word.store(0);
  },
};

/** Both go through again and again; asked is whether the patient one ever does. */
const turns = (name: string, { lock, unlock }: Lock, fairness: Fairness, expect: "holds" | { readonly violated: "livelock" | "starvation" }) =>
  protocol(name, {
    kernel: shm.kernel(),
    memory: { word: wrapping(4), next: wrapping(4), last: ghost(int(0, 2)) },
    threads: {
      eager: {
        *run({ word, next, last, futex }) {
          while (true) {
            yield* lock(word, next, futex);
            last.value = 1;
            yield* unlock(word, next, futex);
          }
        },
      },
      patient: {
        *run({ word, next, last, futex }) {
          while (true) {
            yield* lock(word, next, futex);
            last.value = 2;
            yield* unlock(word, next, futex);
          }
        },
      },
    },
    fairness,
    progress: { goals: { patientGetsIn: ({ last }) => last === 2 } },
    expect,
  });

export const broken = turns("test and set, and one that never gets in", testAndSet, "weak", { violated: "livelock" });
export const barging = turns("a futex mutex, and one that is woken too late", parking, "weak", { violated: "livelock" });
export const repaired = turns("a ticket for everybody", ticket, "weak", "holds");
export const unfair = turns("a ticket for everybody, and no fairness", ticket, "none", { violated: "livelock" });
export const guarded = turns("a lock in one step under weak fairness", atOnce, "weak", { violated: "starvation" });
export const guardedStrongly = turns("a lock in one step under strong fairness", atOnce, "strong", "holds");
