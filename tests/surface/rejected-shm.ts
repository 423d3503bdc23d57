/** What futexes must reject: each line below an expectation is an editor error. */
import { int, protocol } from "ipc-check";
import * as shm from "ipc-check/kernels/shm";

// @ts-expect-error no such count
shm.kernel({ requeue: "never" });

protocol("misused", {
  kernel: shm.kernel(),
  memory: { word: int(0, 1) },
  threads: {
    user: {
      *run({ futex, word }) {
        // @ts-expect-error this kernel has no FUTEX_REQUEUE
        yield* futex.requeue(word, word, { wake: 1, move: 1 });
        // @ts-expect-error a futex is a cell
        yield* futex.wait(1, 1);
        // @ts-expect-error the kernel looks at two words of user memory
        yield* futex.exit(1, word);
      },
    },
  },
});

protocol("with requeue", {
  kernel: shm.kernel({ requeue: "counted-early" }),
  memory: { word: int(0, 1), other: int(0, 1) },
  threads: {
    user: {
      *run({ futex, word, other }) {
        yield* futex.requeue(word, other, { wake: 1, move: 1, expected: 0 });
        // @ts-expect-error how many are woken and moved must be said
        yield* futex.requeue(word, other);
      },
    },
  },
});
