/**
 * A block device without a kernel between: two clients put requests into a ring under a futex mutex; the device sleeps until its doorbell rings, and raises an interrupt for what it has done; the interrupt handler
 * wakes the client whose request it was. On memory with store buffers; everything that sleeps tells so with a full fence or
 * a locked operation.
 */
import { array, type Cell, check, fence, int, local, protocol } from "ipc-check";
import * as shm from "ipc-check/kernels/shm";

function* lock(mutex: Cell<number>, futex: shm.Futex) {
  let old = yield* mutex.compareExchange(0, 1);
  while (old !== 0) {
    old = yield* mutex.exchange(2);
    if (old !== 0) yield* futex.wait(mutex, 2);
  }
}
function* unlock(mutex: Cell<number>, futex: shm.Futex) {
  if ((yield* mutex.exchange(0)) === 2) yield* futex.wake(mutex, 1);
}

export default protocol("a block device and two clients", {
  kernel: shm.kernel(),
  memoryModel: "tso",
  memory: {
    mutex: int(0, 2),
    /** Clients plus one; 0: no request. */
    ring: array(2, int(0, 2)),
    head: int(0, 2),
    asleep: int(0, 1),
    bell: int(0, 2),
    interrupts: int(0, 2),
    finished: array(2, int(0, 2)),
    answers: array(2, int(0, 1)),
  },
  threads: {
    client: {
      count: 2,
      *run({ mutex, ring, head, asleep, bell, answers, futex, index }) {
        yield* lock(mutex, futex);
        const slot = yield* head.load("relaxed");
        yield* ring.at(slot % 2).write(index + 1);
        yield* head.store(slot + 1, "release");
        yield* fence();
        if ((yield* asleep.load("relaxed")) === 1) {
          yield* bell.fetchAdd(1);
          yield* futex.wake(bell, 1);
        }
        yield* unlock(mutex, futex);
        while ((yield* answers.at(index).load("acquire")) === 0) yield* futex.wait(answers.at(index), 0);
      },
    },
    device: {
      *run({ ring, head, asleep, bell, interrupts, finished, futex }) {
        let tail = local(int(0, 2), 0);
        while (true) {
          if ((yield* head.load("acquire")) > tail) {
            yield* finished.at(tail % 2).write(yield* ring.at(tail % 2).read());
            tail += 1;
            yield* interrupts.fetchAdd(1);
            yield* futex.wake(interrupts, 1);
          } else {
            const rung = yield* bell.load("relaxed");
            yield* asleep.store(1, "relaxed");
            yield* fence();
            if ((yield* head.load("acquire")) === tail) yield* futex.wait(bell, rung, { idle: true });
            yield* asleep.store(0, "relaxed");
          }
        }
      },
    },
    handler: {
      *run({ interrupts, finished, answers, futex }) {
        let handled = local(int(0, 2), 0);
        while (true) {
          const raised = yield* interrupts.load();
          if (raised === handled) yield* futex.wait(interrupts, raised, { idle: true });
          else {
            const client = (yield* finished.at(handled % 2).read()) - 1;
            check(client >= 0, "an interrupt is for a request");
            handled += 1;
            if (client >= 0) {
              yield* answers.at(client).exchange(1);
              yield* futex.wake(answers.at(client), 1);
            }
          }
        }
      },
    },
  },
  expect: "holds",
});
