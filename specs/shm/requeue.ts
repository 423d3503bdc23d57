/**
 * A condition variable whose broadcast wakes one waiter and moves the others to the mutex (FUTEX_CMP_REQUEUE), so that they
 * do not all run into it at once. The one that was woken takes the mutex, unlocks it and wakes the next, perhaps while the
 * broadcast is still moving. WAKE looks at the count of waiters without the lock: if the move raises the mutex's count only
 * afterwards, WAKE finds nobody, and the others sleep on for ever. Scenario SHM-11 (Linux 69cd9eba).
 */
import { type Cell, check, int, protocol, wrapping } from "ipc-check";
import * as shm from "ipc-check/kernels/shm";

function* unlock(mutex: Cell<number>, futex: shm.Futex) {
  if ((yield* mutex.exchange(0)) === 2) yield* futex.wake(mutex, 1);
}

const condition = (name: string, requeue: "counted-early" | "counted-late", expect: "holds" | { readonly violated: "deadlock" }) =>
  protocol(name, {
    scenario: "SHM-11",
    kernel: shm.kernel({ requeue }),
    parameters: { waiters: 2 },
    memory: { mutex: int(0, 2), sequence: wrapping(4), ready: int(0, 1) },
    threads: {
      waiter: {
        count: "waiters",
        *run({ mutex, sequence, ready, futex }) {
          while ((yield* mutex.exchange(2)) !== 0) yield* futex.wait(mutex, 2);
          while ((yield* ready.load()) === 0) {
            const seen = yield* sequence.load();
            yield* unlock(mutex, futex);
            yield* futex.wait(sequence, seen);
            // Others may have been moved behind this one: it always takes the mutex as one that is waited for.
            while ((yield* mutex.exchange(2)) !== 0) yield* futex.wait(mutex, 2);
          }
          yield* unlock(mutex, futex);
        },
      },
      broadcaster: {
        *run({ mutex, sequence, ready, futex, waiters }) {
          while ((yield* mutex.exchange(2)) !== 0) yield* futex.wait(mutex, 2);
          yield* ready.store(1);
          yield* unlock(mutex, futex);
          const next = ((yield* sequence.fetchAdd(1)) + 1) % 4;
          yield* futex.requeue(sequence, mutex, { wake: 1, move: waiters, expected: next });
        },
      },
    },
    expect,
  });

export const broken = condition("broadcast that counts late", "counted-late", { violated: "deadlock" });
export const repaired = condition("broadcast that counts early", "counted-early", "holds");

/** Two broadcasts at once, of which the second may find that it comes too late, while one of those who could wait ends. */
export const crossing = protocol("two broadcasts, and a thread that ends", {
  kernel: shm.kernel({ requeue: "counted-early" }),
  memory: { mutex: int(0, 31), sequence: wrapping(4), ready: int(0, 1), list: int(0, 0), pending: int(0, 0) },
  threads: {
    waiter: {
      *run({ mutex, sequence, ready, futex }) {
        while ((yield* mutex.exchange(2)) !== 0) yield* futex.wait(mutex, 2);
        while ((yield* ready.load()) === 0) {
          const seen = yield* sequence.load();
          yield* unlock(mutex, futex);
          yield* futex.wait(sequence, seen);
          while ((yield* mutex.exchange(2)) !== 0) yield* futex.wait(mutex, 2);
        }
        yield* unlock(mutex, futex);
      },
    },
    broadcaster: {
      count: 2,
      *run({ mutex, sequence, ready, futex }) {
        while ((yield* mutex.exchange(2)) !== 0) yield* futex.wait(mutex, 2);
        yield* ready.store(1);
        yield* unlock(mutex, futex);
        const next = ((yield* sequence.fetchAdd(1)) + 1) % 4;
        const { outcome } = yield* futex.requeue(sequence, mutex, { wake: 1, move: 1, expected: next });
        // Somebody else's broadcast has come in between, and wakes whoever waits.
        if (outcome === "differs") return;
      },
    },
    leaver: {
      *run({ mutex, list, pending, futex }) {
        yield* futex.exit(1, mutex, { list, pending });
      },
    },
  },
  expect: "holds",
});

/**
 * Two gates beside each other. Who opens the first moves all that sleep there to a baton, which each hands on; who opens the other
 * one finds it changed, since it has changed it itself, and wakes the one that waits there.
 */
export const gates = protocol("two gates and a baton", {
  kernel: shm.kernel({ requeue: "counted-early" }),
  parameters: { walkers: 2 },
  memory: { first: int(0, 1), baton: int(0, 0), second: int(0, 1) },
  threads: {
    walker: {
      count: "walkers",
      *run({ first, baton, futex }) {
        while ((yield* first.load()) === 0) yield* futex.wait(first, 0);
        yield* futex.wake(baton, 1);
      },
    },
    rider: {
      *run({ second, futex }) {
        while ((yield* second.load()) === 0) yield* futex.wait(second, 0);
      },
    },
    porter: {
      *run({ first, baton, futex, walkers }) {
        yield* first.store(1);
        const { outcome } = yield* futex.requeue(first, baton, { wake: 0, move: walkers });
        check(outcome === "done", "a requeue that compares nothing is done");
        yield* futex.wake(baton, 1);
      },
    },
    groom: {
      *run({ second, baton, futex }) {
        yield* second.store(1);
        const { outcome } = yield* futex.requeue(second, baton, { wake: 1, move: 1, expected: 0 });
        check(outcome === "differs", "the gate is open");
        yield* futex.wake(second, 1);
      },
    },
  },
  expect: "holds",
});
