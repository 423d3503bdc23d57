/** Small protocols whose kernel code meets at locks. */
import { int, protocol } from "ipc-check";
import * as l4 from "ipc-check/kernels/l4";
import * as shm from "ipc-check/kernels/shm";

/** A sleeper, and who changes the cell and wakes it. */
export const futex = protocol("a sleeper and a waker", {
  kernel: shm.kernel({ cpus: 2 }),
  memory: { flag: int(0, 1) },
  threads: {
    sleeper: {
      cpu: 0,
      *run({ futex, flag }) {
        yield* futex.wait(flag, 0);
      },
    },
    waker: {
      cpu: 1,
      *run({ futex, flag }) {
        yield* flag.store(1);
        yield* futex.wake(flag, 1);
      },
    },
  },
});

/** A sleeper whose timer may fire while it is woken. */
export const timed = protocol("a sleeper with a timer", {
  kernel: shm.kernel({ cpus: 2 }),
  memory: { flag: int(0, 1), woken: int(0, 2) },
  threads: {
    sleeper: {
      cpu: 0,
      *run({ futex, flag, woken }) {
        const { outcome } = yield* futex.wait(flag, 0, { timeout: "finite" });
        yield* woken.write(outcome === "woken" ? 1 : 2);
      },
    },
    waker: {
      cpu: 1,
      *run({ futex, flag }) {
        yield* futex.wake(flag, 1);
      },
    },
  },
});

/** A thread that waits for a signal of another CPU; the futex takes its own locks as well, so that there is no big one. */
export const notification = protocol("a signal", {
  kernel: shm.kernel({ cpus: 2 }),
  objects: { bell: l4.notification({ bits: 2 }) },
  threads: {
    waiter: {
      cpu: 0,
      *run({ bell }) {
        yield* bell.wait();
      },
    },
    signaller: {
      cpu: 1,
      *run({ bell }) {
        yield* bell.signal(1);
      },
    },
  },
});
