/**
 * A lock with the history and stuttering variables that let it be mapped onto Peterson's (TLA+ examples, after Lamport and
 * Merz, "Auxiliary variables in TLA+"): after taking the lock a process takes two more steps, in the second-last of which it
 * notes the other's turn; meanwhile nobody else moves.
 */
import { int, protocol, step } from "ipc-check";
import * as shm from "ipc-check/kernels/shm";

export default protocol("lock that stutters", {
  kernel: shm.kernel(),
  memory: { lock: int(0, 1, 1), turn: int(0, 1), steps: int(0, 2), stutters: int(-1, 1, -1) },
  threads: {
    process: {
      count: 2,
      *run({ index, lock, turn, steps, stutters }) {
        while (true) {
          yield* step({ when: () => steps.value === 0 });
          yield* step({
            when: () => steps.value === 0 && lock.value === 1,
            do: () => {
              lock.value = 0;
              steps.value = 2;
              stutters.value = index;
            },
          });
          yield* step({
            when: () => stutters.value === index && steps.value === 2,
            do: () => {
              steps.value = 1;
              turn.value = 1 - index;
            },
          });
          yield* step({
            when: () => stutters.value === index && steps.value === 1,
            do: () => {
              steps.value = 0;
              stutters.value = -1;
            },
          });
          yield* step({ when: () => steps.value === 0 });
          yield* step({
            when: () => steps.value === 0,
            do: () => {
              lock.value = 1;
            },
          });
        }
      },
    },
  },
});
