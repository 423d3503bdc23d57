/**
 * Peterson's lock for n processes (the filter lock, 1981), with the variables of the Murphi description: where each process
 * is, the level it has announced, the level it is trying for, and who came last at each level (nobody at first). A process that
 * has to wait looks again, which is a step that changes nothing; what it has announced falls back to 1, not to 0.
 */
import { array, type Cell, type CellArray, int, protocol, step, threadId } from "ipc-check";
import * as shm from "ipc-check/kernels/shm";

function othersAreBelow(announced: CellArray<Cell<number>>, index: number, level: number, processes: number): boolean {
  for (let i = 0; i < processes; i++) if (i !== index && announced.at(i).value >= level) return false;
  return true;
}

function filterLock(processes: number) {
  return protocol(`Peterson's lock for n, ${processes}`, {
    kernel: shm.kernel(),
    memory: {
      at: array(processes, int(0, 4)),
      announced: array(processes, int(0, processes)),
      level: array(processes, int(0, processes)),
      last: array(processes + 1, threadId),
    },
    threads: {
      process: {
        count: processes,
        *run({ self, index, at, announced, level, last }) {
          while (true) {
            yield* step({
              do: () => {
                const mine = level.at(index).value;
                if (at.at(index).value === 0) {
                  level.at(index).value = 1;
                  at.at(index).value = 1;
                } else if (at.at(index).value === 1) {
                  announced.at(index).value = mine;
                  at.at(index).value = 2;
                } else if (at.at(index).value === 2) {
                  last.at(mine).value = self;
                  at.at(index).value = 3;
                } else if (at.at(index).value === 3) {
                  if (othersAreBelow(announced, index, mine, processes) || last.at(mine).value !== self) {
                    level.at(index).value = mine + 1;
                    at.at(index).value = mine + 1 < processes ? 1 : 4;
                  }
                } else {
                  announced.at(index).value = 1;
                  at.at(index).value = 0;
                }
              },
            });
          }
        },
      },
    },
    invariants: { exclusion: ({ at }) => at.reduce((inside, place) => inside + (place === 4 ? 1 : 0), 0) <= 1 },
  });
}

export const three = filterLock(3);
export const four = filterLock(4);
