/**
 * A lock whose waiters spin and yield: under strict priorities yielding gives the CPU to nobody of lower priority, so a high
 * thread spins for ever on a lock that a low one holds. A waiter that blocks until it is signalled lets the holder run.
 * Scenario GEN-13 (spin_lock.h).
 */
import { flag, int, protocol, step } from "ipc-check";
import * as genode from "ipc-check/kernels/genode";

const { kernel, entrypoint, signal } = genode.system({ cpus: 1, message: int(0, 0), counts: 1 });
const objects = { high: entrypoint(), begin: signal(), unlocked: signal() };

export const broken = protocol("a waiter that spins", {
  scenario: "GEN-13",
  kernel,
  scheduling: "priority",
  objects,
  memory: { held: flag },
  threads: {
    urgent: {
      cpu: 0,
      priority: 1,
      *run({ high, begin, held }) {
        yield* begin.manage(high);
        yield* high.wait({ idle: false });
        while (yield* held.exchange(true)) {}
        yield* held.store(false);
      },
    },
    holder: {
      cpu: 0,
      priority: 0,
      *run({ begin, held }) {
        yield* held.store(true);
        yield* begin.submit();
        yield* step({});
        yield* held.store(false);
      },
    },
  },
  expect: { violated: "deadlock" },
});

export const repaired = protocol("a waiter that blocks", {
  scenario: "GEN-13",
  kernel,
  scheduling: "priority",
  objects,
  memory: { held: flag },
  threads: {
    urgent: {
      cpu: 0,
      priority: 1,
      *run({ high, begin, unlocked, held }) {
        yield* begin.manage(high);
        yield* unlocked.manage(high);
        yield* high.wait({ idle: false });
        while (yield* held.exchange(true)) yield* high.wait({ idle: false });
        yield* held.store(false);
      },
    },
    holder: {
      cpu: 0,
      priority: 0,
      *run({ begin, unlocked, held }) {
        yield* held.store(true);
        yield* begin.submit();
        yield* step({});
        yield* held.store(false);
        yield* unlocked.submit();
      },
    },
  },
  expect: "holds",
});
