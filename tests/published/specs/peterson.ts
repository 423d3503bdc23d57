/**
 * Peterson's lock for two (1981) as in the TLA+ examples: six places a process, the outside and the inside among them, who
 * competes, and whose turn it is. `await` is a guarded step. The places of the threads are the state's.
 */
import { array, flag, int, protocol, step } from "ipc-check";
import * as shm from "ipc-check/kernels/shm";

export default protocol("Peterson's lock", {
  kernel: shm.kernel(),
  memory: { competes: array(2, flag), turn: int(0, 1) },
  threads: {
    process: {
      count: 2,
      *run({ index, competes, turn }) {
        while (true) {
          yield* step({});
          yield* competes.at(index).store(true);
          yield* turn.store(1 - index);
          yield* step({ when: () => !competes.at(1 - index).value || turn.value === index });
          yield* step({});
          yield* competes.at(index).store(false);
        }
      },
    },
  },
});
