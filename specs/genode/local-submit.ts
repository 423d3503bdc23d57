/**
 * A signal that a component submits to itself does not go through core: it marks the context as pending and counts it. If
 * the thread that picks signals up comes in between, it finds a pending context with a count of zero. Both have to hold
 * the context's lock. Scenario GEN-10 (8661936d, #3923).
 */
import { type Cell, check, flag, int, protocol } from "ipc-check";
import * as genode from "ipc-check/kernels/genode";

const { kernel } = genode.system({ cpus: 1, message: int(0, 0) });

function* localSubmit(pending: Cell<boolean>, num: Cell<number>) {
  yield* pending.store(true);
  yield* num.fetchAdd(1);
}
function* pickUp(pending: Cell<boolean>, num: Cell<number>) {
  if (yield* pending.exchange(false)) check((yield* num.exchange(0)) > 0, "a pending signal has been submitted");
}
function* lock(held: Cell<boolean>) {
  while (yield* held.exchange(true)) {}
}

export const broken = protocol("a local submit without the lock", {
  scenario: "GEN-10",
  kernel,
  memory: { pending: flag, num: int(0, 2) },
  threads: {
    submitter: {
      cpu: 0,
      *run({ pending, num }) {
        yield* localSubmit(pending, num);
      },
    },
    receiver: {
      cpu: 0,
      *run({ pending, num }) {
        while (true) yield* pickUp(pending, num);
      },
    },
  },
  expect: { violated: "assertion" },
});

export const repaired = protocol("a local submit under the lock", {
  scenario: "GEN-10",
  kernel,
  memory: { pending: flag, num: int(0, 2), held: flag },
  threads: {
    submitter: {
      cpu: 0,
      *run({ pending, num, held }) {
        yield* lock(held);
        yield* localSubmit(pending, num);
        yield* held.store(false);
      },
    },
    receiver: {
      cpu: 0,
      *run({ pending, num, held }) {
        for (let i = 0; i < 2; i++) {
          yield* lock(held);
          yield* pickUp(pending, num);
          yield* held.store(false);
        }
      },
    },
  },
  expect: "holds",
});
