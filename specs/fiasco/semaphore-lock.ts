/**
 * A semaphore as a lock, with a helper that must not wait for it. Taking it with timeout zero fails at once if it is held,
 * with a finite timeout it may fail; a thread that gives back what it never got lets two others in.
 */
import { ghost, int, protocol } from "ipc-check";
import * as fiasco from "ipc-check/kernels/fiasco";

const { kernel, semaphore } = fiasco.system({ cpus: 1, message: int(0, 0) });

const locking = (name: string, looks: boolean, expect: "holds" | { readonly violated: "invariant" }) =>
  protocol(name, {
    kernel,
    objects: { lock: semaphore({ limit: 3, initial: 1 }) },
    memory: { inside: ghost(int(0, 3)) },
    threads: {
      worker: {
        cpu: 0,
        count: 2,
        *run({ lock, inside }) {
          while (true) {
            yield* lock.down();
            inside.value += 1;
            yield* lock.up();
            inside.value -= 1;
          }
        },
      },
      helper: {
        cpu: 0,
        *run({ lock }) {
          const first = yield* lock.down({ timeout: "zero" });
          if (!looks || first.error === "none") yield* lock.up();
          const second = yield* lock.down({ timeout: "finite" });
          if (second.error === "none") yield* lock.up();
        },
      },
    },
    invariants: { exclusion: ({ inside }) => inside < 2 },
    expect,
  });

export const broken = locking("giving back what was not taken", false, { violated: "invariant" });
export const repaired = locking("looking at the result", true, "holds");
