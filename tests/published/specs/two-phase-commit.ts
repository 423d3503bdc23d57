/**
 * Two-phase commit, as Gray and Lamport give it ("Consensus on transaction commit", 2006): every message that was ever sent
 * stays, so the state is what each manager is, whose `Prepared` the coordinator has seen, and which messages there are. One
 * action is one guarded step of a thread that has no other place to be, so threads add nothing to the state; any may
 * stop, as nothing has to happen. Two managers
 * are told the same over and over: those steps change nothing and are counted, as TLC counts them.
 */
import { array, type Cell, type CellArray, flag, int, protocol, step } from "ipc-check";
import * as shm from "ipc-check/kernels/shm";

const [working, prepared, committed, aborted] = [0, 1, 2, 3];

function all(cells: CellArray<Cell<boolean>>, count: number): boolean {
  for (let i = 0; i < count; i++) if (!cells.at(i).value) return false;
  return true;
}

function twoPhaseCommit(managers: number) {
  return protocol(`two-phase commit, ${managers}`, {
    kernel: shm.kernel(),
    memory: {
      manager: array(managers, int(working, aborted)),
      coordinator: int(working, aborted),
      seen: array(managers, flag),
      said: array(managers, flag),
      commit: flag,
      abort: flag,
    },
    threads: {
      notes: {
        count: managers,
        untrusted: true,
        *run({ index, coordinator, seen, said }) {
          while (true) {
            yield* step({
              when: () => coordinator.value === working && said.at(index).value,
              do: () => {
                seen.at(index).value = true;
              },
            });
          }
        },
      },
      commits: {
        untrusted: true,
        *run({ coordinator, seen, commit }) {
          while (true) {
            yield* step({
              when: () => coordinator.value === working && all(seen, managers),
              do: () => {
                coordinator.value = committed;
                commit.value = true;
              },
            });
          }
        },
      },
      aborts: {
        untrusted: true,
        *run({ coordinator, abort }) {
          while (true) {
            yield* step({
              when: () => coordinator.value === working,
              do: () => {
                coordinator.value = aborted;
                abort.value = true;
              },
            });
          }
        },
      },
      prepares: {
        count: managers,
        untrusted: true,
        *run({ index, manager, said }) {
          while (true) {
            yield* step({
              when: () => manager.at(index).value === working,
              do: () => {
                manager.at(index).value = prepared;
                said.at(index).value = true;
              },
            });
          }
        },
      },
      givesUp: {
        count: managers,
        untrusted: true,
        *run({ index, manager }) {
          while (true) {
            yield* step({
              when: () => manager.at(index).value === working,
              do: () => {
                manager.at(index).value = aborted;
              },
            });
          }
        },
      },
      isToldToCommit: {
        count: managers,
        untrusted: true,
        *run({ index, manager, commit }) {
          while (true) {
            yield* step({
              when: () => commit.value,
              do: () => {
                manager.at(index).value = committed;
              },
            });
          }
        },
      },
      isToldToAbort: {
        count: managers,
        untrusted: true,
        *run({ index, manager, abort }) {
          while (true) {
            yield* step({
              when: () => abort.value,
              do: () => {
                manager.at(index).value = aborted;
              },
            });
          }
        },
      },
    },
  });
}

export const three = twoPhaseCommit(3);
export const five = twoPhaseCommit(5);
export const six = twoPhaseCommit(6);
