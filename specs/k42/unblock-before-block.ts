/**
 * Block and Unblock are a latch of one bit: an Unblock that comes before the Block is not lost, but two of them count as
 * one. Who blocks once for each event waits for an event that has come already; who looks at what has come, and blocks only
 * while there is nothing, does not.
 */
import { int, protocol } from "ipc-check";
import * as k42 from "ipc-check/kernels/k42";

const { kernel } = k42.system({ message: int(0, 0), buffer: 1 });

export const broken = protocol("one Block for each event", {
  kernel,
  parameters: { events: 2 },
  memory: { arrived: int(0, 2) },
  threads: {
    source: {
      *run({ scheduler, threads, arrived, events }) {
        for (let i = 0; i < events; i++) {
          yield* arrived.fetchAdd(1);
          yield* scheduler.unblock(threads.sink);
        }
      },
    },
    sink: {
      *run({ scheduler, events }) {
        for (let i = 0; i < events; i++) yield* scheduler.block();
      },
    },
  },
  expect: { violated: "deadlock" },
});

export const repaired = protocol("Block while there is no event", {
  kernel,
  parameters: { events: 2 },
  memory: { arrived: int(0, 2) },
  threads: {
    source: {
      *run({ scheduler, threads, arrived, events }) {
        for (let i = 0; i < events; i++) {
          yield* arrived.fetchAdd(1);
          yield* scheduler.unblock(threads.sink);
        }
      },
    },
    sink: {
      *run({ scheduler, arrived, events }) {
        for (let taken = 0; taken < events; taken++) {
          while ((yield* arrived.load()) <= taken) yield* scheduler.block();
        }
      },
    },
  },
  expect: "holds",
});
