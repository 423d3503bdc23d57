/**
 * Dissolving a signal context takes the registry's lock and then the context's; delivering a signal takes them the other way
 * round. Each can hold one and wait for the other. With one order for both there is no circle. Scenario GEN-11 (237d2bff,
 * #3109; also b1a27b41, #2485).
 */
import { type Cell, flag, int, protocol } from "ipc-check";
import * as genode from "ipc-check/kernels/genode";

const { kernel } = genode.system({ cpus: 1, message: int(0, 0) });

/** Works under both locks. */
function* under(outer: Cell<boolean>, inner: Cell<boolean>) {
  while (yield* outer.exchange(true)) {}
  while (yield* inner.exchange(true)) {}
  yield* inner.store(false);
  yield* outer.store(false);
}

export const broken = protocol("registry and context locked in either order", {
  scenario: "GEN-11",
  kernel,
  memory: { registry: flag, context: flag },
  threads: {
    dissolve: {
      cpu: 0,
      *run({ registry, context }) {
        yield* under(registry, context);
      },
    },
    deliver: {
      cpu: 0,
      *run({ registry, context }) {
        yield* under(context, registry);
      },
    },
  },
  expect: { violated: "deadlock" },
});

export const repaired = protocol("registry and context locked in one order", {
  scenario: "GEN-11",
  kernel,
  memory: { registry: flag, context: flag },
  threads: {
    dissolve: {
      cpu: 0,
      *run({ registry, context }) {
        yield* under(registry, context);
      },
    },
    deliver: {
      cpu: 0,
      *run({ registry, context }) {
        yield* under(registry, context);
      },
    },
  },
  expect: "holds",
});
