/**
 * The Multiprocessor Shared-Memory Information Exchange of reactor protection systems (Santoline and others, 1989), as in the
 * BEEM models: slaves write into buffers, masters read the newest, and a semaphore protects their states. With places,
 * buffers, readers, semaphore, and what a buffer is to become. As there, a master that has finished looks at the first buffer only.
 */
import { array, assume, type CellArray, choose, type Ghost, ghost, int, protocol } from "ipc-check";
import * as shm from "ipc-check/kernels/shm";

/** What a buffer is used for. */
const [idle, newest, slave, master] = [0, 1, 2, 3];
/** No buffer is so. */
const none = -1;

/** Any buffer in that state, or none if there is none: one step. */
function* any(buffer: CellArray<Ghost<number>>, state: number, buffers: number) {
  const found = yield* choose(none, 0, 1, 2, 3);
  assume(found < buffers);
  if (found === none) for (let i = 0; i < buffers; i++) assume(buffer.at(i).value !== state);
  else assume(buffer.at(found).value === state);
  return found;
}

/** An error in the BEEM models' words: there is no step from there. */
function* stuck() {
  yield* choose(0);
  assume(false);
}

function msmie(slaves: number, masters: number, buffers: number) {
  const first = Array.from({ length: buffers }, (_, i) => (i === buffers - 1 ? slave : idle));
  return protocol(`MSMIE, ${slaves} slaves, ${masters} masters, ${buffers} buffers`, {
    kernel: shm.kernel(),
    memory: {
      buffer: ghost(array(buffers, int(0, 3), first)),
      semaphore: ghost(int(0, 1, 1)),
      readers: ghost(int(0, masters)),
      becomes: ghost(int(0, 1)),
    },
    threads: {
      slave: {
        count: slaves,
        *run({ buffer, semaphore }) {
          while (true) {
            yield* choose(0);
            assume(semaphore.value === 1);
            semaphore.value = 0;
            const old = yield* any(buffer, newest, buffers);
            if (old !== none) buffer.at(old).value = idle;
            const written = yield* any(buffer, slave, buffers);
            if (written === none) yield* stuck();
            buffer.at(written).value = newest;
            const free = yield* any(buffer, idle, buffers);
            if (free === none) yield* stuck();
            buffer.at(free).value = slave;
            yield* choose(0);
            semaphore.value = 1;
          }
        },
      },
      master: {
        count: masters,
        *run({ buffer, semaphore, readers, becomes }) {
          while (true) {
            yield* choose(0);
            assume(semaphore.value === 1);
            semaphore.value = 0;
            if ((yield* any(buffer, master, buffers)) === none) {
              const read = yield* any(buffer, newest, buffers);
              if (read === none) {
                semaphore.value = 1;
                continue;
              }
              buffer.at(read).value = master;
            }
            yield* choose(0);
            readers.value += 1;
            semaphore.value = 1;
            yield* choose(0);
            assume(semaphore.value === 1);
            semaphore.value = 0;
            readers.value -= 1;
            yield* choose(0);
            if (readers.value === 0) {
              yield* choose(0);
              becomes.value = buffer.at(0).value === newest ? idle : newest;
              yield* choose(0);
              assume(buffer.at(0).value === master);
              buffer.at(0).value = becomes.value;
            }
            yield* choose(0);
            semaphore.value = 1;
          }
        },
      },
    },
  });
}

export const one = msmie(2, 3, 3);
export const three = msmie(7, 6, 4);
