/**
 * Merz's allocator of resources, the simple one of the TLA+ examples: a client asks for a set when it has and wants nothing,
 * gets any part of it that is free, and returns any part of what it has. Sets are bits of a number. Each action with each set
 * is a guarded step of a thread of its own, which has no other place to be.
 */
import { array, int, protocol, step } from "ipc-check";
import * as shm from "ipc-check/kernels/shm";

export default protocol("allocator", {
  kernel: shm.kernel(),
  memory: { wanted: array(3, int(0, 3)), held: array(3, int(0, 3)) },
  threads: {
    asks: {
      count: 9,
      *run({ index, wanted, held }) {
        const client = index % 3;
        const set = index < 3 ? 1 : index < 6 ? 2 : 3;
        while (true) {
          yield* step({
            when: () => wanted.at(client).value === 0 && held.at(client).value === 0,
            do: () => {
              wanted.at(client).value = set;
            },
          });
        }
      },
    },
    gets: {
      count: 9,
      *run({ index, wanted, held }) {
        const client = index % 3;
        const set = index < 3 ? 1 : index < 6 ? 2 : 3;
        while (true) {
          yield* step({
            when: () => (wanted.at(client).value & set) === set && ((held.at(0).value | held.at(1).value | held.at(2).value) & set) === 0,
            do: () => {
              held.at(client).value = held.at(client).value | set;
              wanted.at(client).value = wanted.at(client).value & ~set;
            },
          });
        }
      },
    },
    returns: {
      count: 9,
      *run({ index, held }) {
        const client = index % 3;
        const set = index < 3 ? 1 : index < 6 ? 2 : 3;
        while (true) {
          yield* step({
            when: () => (held.at(client).value & set) === set,
            do: () => {
              held.at(client).value = held.at(client).value & ~set;
            },
          });
        }
      },
    },
  },
});
