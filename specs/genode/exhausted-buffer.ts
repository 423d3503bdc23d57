/**
 * A source allocates packets from a bulk buffer in a loop, and releases them in the handler of the acknowledgement signal,
 * which runs in the same entrypoint: while it loops, no handler runs, and the buffer stays exhausted. It has to take
 * acknowledgements where it allocates. Scenario GEN-12 (#4470).
 */
import { int, protocol, waitUntil } from "ipc-check";
import * as genode from "ipc-check/kernels/genode";

const { kernel, entrypoint, signal } = genode.system({ cpus: 1, message: int(0, 0), counts: 1 });
const objects = { mine: entrypoint(), theirs: entrypoint(), packetAvail: signal(), ackAvail: signal() };

export const broken = protocol("packets released in another handler", {
  scenario: "GEN-12",
  kernel,
  objects,
  memory: { free: int(0, 1, 1) },
  threads: {
    source: {
      cpu: 0,
      *run({ mine, theirs, packetAvail, ackAvail, free }) {
        yield* ackAvail.manage(mine);
        yield* packetAvail.manage(theirs);
        for (let i = 0; i < 2; i++) {
          yield* waitUntil(free, (packets) => packets > 0);
          yield* free.store(0);
          yield* packetAvail.submit();
        }
        // Only now a handler can run.
        yield* mine.wait({ idle: false });
        yield* free.store(1);
      },
    },
    sink: {
      cpu: 0,
      *run({ theirs, ackAvail }) {
        while (true) {
          yield* theirs.wait();
          yield* ackAvail.submit();
        }
      },
    },
  },
  expect: { violated: "deadlock" },
});

export const repaired = protocol("packets released where they are allocated", {
  scenario: "GEN-12",
  kernel,
  objects,
  memory: { free: int(0, 1, 1) },
  threads: {
    source: {
      cpu: 0,
      *run({ mine, theirs, packetAvail, ackAvail, free }) {
        yield* ackAvail.manage(mine);
        yield* packetAvail.manage(theirs);
        while (true) {
          if ((yield* free.load()) === 0) {
            yield* mine.wait({ idle: false });
            yield* free.store(1);
          }
          yield* free.store(0);
          yield* packetAvail.submit();
        }
      },
    },
    sink: {
      cpu: 0,
      *run({ theirs, ackAvail }) {
        while (true) {
          yield* theirs.wait();
          yield* ackAvail.submit();
        }
      },
    },
  },
  expect: "holds",
});
