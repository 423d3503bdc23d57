/**
 * An entrypoint has one thread. If its handler calls another entrypoint whose handler calls back, both wait for each other.
 * A call that cannot be answered at once is answered with "try later", and a signal says when. Scenario GEN-1 (users list,
 * 2014-06).
 */
import { oneOf, protocol } from "ipc-check";
import * as genode from "ipc-check/kernels/genode";

const { kernel, entrypoint, signal } = genode.system({ cpus: 1, message: oneOf("work", "details", "later", "done"), counts: 1 });

export const broken = protocol("entrypoints that call each other", {
  scenario: "GEN-1",
  kernel,
  objects: { a: entrypoint(), b: entrypoint() },
  threads: {
    first: {
      cpu: 0,
      *run({ a, b }) {
        yield* a.wait();
        while (true) {
          yield* b.call("work");
          yield* a.replyAndWait("done");
        }
      },
    },
    second: {
      cpu: 0,
      *run({ a, b }) {
        yield* b.wait();
        while (true) {
          yield* a.call("details");
          yield* b.replyAndWait("done");
        }
      },
    },
    client: {
      cpu: 0,
      *run({ a }) {
        yield* a.call("work");
      },
    },
  },
  expect: { violated: "deadlock" },
});

export const repaired = protocol("try later, and a signal", {
  scenario: "GEN-1",
  kernel,
  objects: { a: entrypoint(), b: entrypoint(), mine: entrypoint(), progress: signal(), retry: signal() },
  threads: {
    first: {
      cpu: 0,
      *run({ a, b, progress, retry }) {
        yield* progress.manage(a);
        let isDone = false;
        let request = yield* a.wait();
        while (true) {
          if (request.kind === "signal") {
            isDone = true;
            yield* retry.submit();
            request = yield* a.wait();
          } else if (isDone) request = yield* a.replyAndWait("done");
          else {
            yield* b.call("work");
            request = yield* a.replyAndWait("later");
          }
        }
      },
    },
    second: {
      cpu: 0,
      *run({ b, progress }) {
        yield* b.wait();
        while (true) {
          // What it needs of the first one comes by itself; a signal never blocks.
          yield* progress.submit();
          yield* b.replyAndWait("later");
        }
      },
    },
    client: {
      cpu: 0,
      *run({ a, mine, retry }) {
        yield* retry.manage(mine);
        while (true) {
          const { reply } = yield* a.call("work");
          if (reply === "done") break;
          yield* mine.wait({ idle: false });
        }
      },
    },
  },
  expect: "holds",
});
