/**
 * A device that coalesces its interrupts: it rings once for each batch of completions. Which batch a completion belongs to is
 * the quotient of its number. In `broken` the last completions fill no batch, and nobody rings for them: the driver sleeps on a
 * bell that will not change, while what it waits for has happened. `repaired` rings for what is left when it goes idle, as
 * coalescing with a timeout does.
 */
import { int, protocol } from "ipc-check";
import * as shm from "ipc-check/kernels/shm";

export const broken = protocol("interrupts for full batches only", {
  kernel: shm.kernel(),
  parameters: { completions: 3, batch: 2 },
  memory: { done: int(0, 7), bell: int(0, 7) },
  threads: {
    device: {
      *run({ done, bell, futex, completions, batch }) {
        for (let completion = 0; completion < completions; completion++) {
          yield* done.store(completion + 1);
          if (Math.floor((completion + 1) / batch) > Math.floor(completion / batch)) {
            yield* bell.fetchAdd(1);
            yield* futex.wake(bell, 1);
          }
        }
      },
    },
    driver: {
      *run({ done, bell, futex, completions }) {
        let taken = 0;
        while (taken < completions) {
          const rung = yield* bell.load();
          const ready = yield* done.load();
          if (ready > taken) taken = ready;
          else yield* futex.wait(bell, rung);
        }
      },
    },
  },
  expect: { violated: "deadlock" },
});

export const repaired = protocol("interrupts for full batches and for the rest", {
  kernel: shm.kernel(),
  parameters: { completions: 3, batch: 2 },
  memory: { done: int(0, 7), bell: int(0, 7) },
  threads: {
    device: {
      *run({ done, bell, futex, completions, batch }) {
        for (let completion = 0; completion < completions; completion++) {
          yield* done.store(completion + 1);
          const isLast = completion + 1 === completions;
          if (isLast || Math.floor((completion + 1) / batch) > Math.floor(completion / batch)) {
            yield* bell.fetchAdd(1);
            yield* futex.wake(bell, 1);
          }
        }
      },
    },
    driver: {
      *run({ done, bell, futex, completions }) {
        let taken = 0;
        while (taken < completions) {
          const rung = yield* bell.load();
          const ready = yield* done.load();
          if (ready > taken) taken = ready;
          else yield* futex.wait(bell, rung);
        }
      },
    },
  },
  expect: "holds",
});
