/** A mutex of three states over a futex, two threads on two CPUs: plain and locked accesses, sleeping and waking. */
import { int, protocol } from "ipc-check";
import * as shm from "ipc-check/kernels/shm";

export default protocol("futex and memory", {
  kernel: shm.kernel({ cpus: 2 }),
  memory: { lock: int(0, 2), data: int(0, 1000) },
  threads: {
    worker: {
      count: 2,
      cpu: (index) => index,
      *run({ futex, lock, data }) {
        while (true) {
          let seen = yield* lock.compareExchange(0, 1);
          while (seen !== 0) {
            if (seen === 2 || (yield* lock.compareExchange(1, 2)) !== 0) yield* futex.wait(lock, 2);
            seen = yield* lock.compareExchange(0, 2);
          }
          const value = yield* data.read();
          yield* data.write((value + 1) % 1000);
          if ((yield* lock.fetchAdd(-1)) !== 1) {
            yield* lock.store(0);
            yield* futex.wake(lock, 1);
          }
        }
      },
    },
  },
});
