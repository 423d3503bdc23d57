/**
 * The queue lock of Mellor-Crummey and Scott (1991) with compare-and-swap, with the variables of the Murphi description:
 * where each process is, its predecessor, its queue node (next, locked), and the tail of the queue; -1 is nil. Nothing is
 * forgotten when it is no longer needed, and a process that polls takes steps that change nothing.
 */
import { array, flag, int, protocol, step } from "ipc-check";
import * as shm from "ipc-check/kernels/shm";

function mcsLock(processes: number) {
  const nil = Array.from({ length: processes }, () => -1);
  return protocol(`MCS lock, ${processes}`, {
    kernel: shm.kernel(),
    memory: {
      at: array(processes, int(0, 9)),
      before: array(processes, int(-1, processes - 1), nil),
      next: array(processes, int(-1, processes - 1), nil),
      locked: array(processes, flag),
      tail: int(-1, processes - 1, -1),
    },
    threads: {
      process: {
        count: processes,
        *run({ index, at, before, next, locked, tail }) {
          while (true) {
            yield* step({
              do: () => {
                const here = at.at(index);
                switch (here.value) {
                  case 0:
                    next.at(index).value = -1;
                    here.value = 1;
                    break;
                  case 1:
                    before.at(index).value = tail.value;
                    tail.value = index;
                    here.value = 2;
                    break;
                  case 2:
                    here.value = before.at(index).value === -1 ? 6 : 3;
                    break;
                  case 3:
                    locked.at(index).value = true;
                    here.value = 4;
                    break;
                  case 4:
                    next.at(before.at(index).value).value = index;
                    here.value = 5;
                    break;
                  case 5:
                    if (!locked.at(index).value) here.value = 6;
                    break;
                  case 6:
                    here.value = next.at(index).value === -1 ? 7 : 9;
                    break;
                  case 7:
                    if (tail.value === index) {
                      tail.value = -1;
                      here.value = 0;
                    } else here.value = 8;
                    break;
                  case 8:
                    if (next.at(index).value !== -1) here.value = 9;
                    break;
                  default:
                    locked.at(next.at(index).value).value = false;
                    here.value = 0;
                }
              },
            });
          }
        },
      },
    },
    invariants: { exclusion: ({ at }) => at.reduce((inside, place) => inside + (place === 6 ? 1 : 0), 0) <= 1 },
  });
}

export const two = mcsLock(2);
export const three = mcsLock(3);
export const four = mcsLock(4);
