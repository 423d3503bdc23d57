/**
 * Peterson's lock for two threads. The order of its two writes matters: a thread that gives way before it has said that
 * it is interested can be overtaken in between, and both enter. (G. Peterson, "Myths about the mutual exclusion
 * problem", 1981.)
 */
import { array, flag, ghost, int, protocol, step } from "ipc-check";
import * as shm from "ipc-check/kernels/shm";

export const broken = protocol("Peterson with its writes swapped", {
  kernel: shm.kernel(),
  memory: { interested: array(2, flag), turn: int(0, 1), inside: ghost(int(0, 2)) },
  threads: {
    process: {
      count: 2,
      *run({ interested, turn, inside, index }) {
        while (true) {
          yield* turn.store(1 - index);
          yield* interested.at(index).store(true);
          while ((yield* interested.at(1 - index).load()) && (yield* turn.load()) !== index) {}
          inside.value += 1;
          yield* step({});
          inside.value -= 1;
          yield* interested.at(index).store(false);
        }
      },
    },
  },
  invariants: { exclusion: ({ inside }) => inside <= 1 },
  expect: { violated: "invariant" },
});

export const repaired = protocol("Peterson", {
  kernel: shm.kernel(),
  memory: { interested: array(2, flag), turn: int(0, 1), inside: ghost(int(0, 2)) },
  threads: {
    process: {
      count: 2,
      *run({ interested, turn, inside, index }) {
        while (true) {
          yield* interested.at(index).store(true);
          yield* turn.store(1 - index);
          while ((yield* interested.at(1 - index).load()) && (yield* turn.load()) !== index) {}
          inside.value += 1;
          yield* step({});
          inside.value -= 1;
          yield* interested.at(index).store(false);
        }
      },
    },
  },
  invariants: { exclusion: ({ inside }) => inside <= 1 },
  expect: "holds",
});
