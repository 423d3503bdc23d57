/**
 * The end of things. Who dissolves a signal context waits until its last delivery has been handled: a handler that dissolves
 * its own context waits for itself. A server that goes fails its callers with an Ipc_error, and so does cancel_blocking for a
 * call that takes too long; the reply of a request that was being processed is swallowed.
 */
import { check, int, protocol } from "ipc-check";
import * as genode from "ipc-check/kernels/genode";

const { kernel, entrypoint, signal } = genode.system({ cpus: 1, message: int(0, 1), counts: 1 });
const objects = { service: entrypoint(), progress: signal() };

export const broken = protocol("a handler that dissolves its own signal", {
  kernel,
  objects,
  threads: {
    server: {
      cpu: 0,
      *run({ service, progress }) {
        yield* progress.manage(service);
        yield* service.wait();
        yield* progress.dissolve();
        yield* service.wait();
      },
    },
    device: {
      cpu: 0,
      *run({ progress }) {
        yield* progress.submit();
      },
    },
  },
  expect: { violated: "deadlock" },
});

export const repaired = protocol("a server that closes in order", {
  kernel,
  objects,
  threads: {
    server: {
      cpu: 0,
      *run({ service, progress }) {
        yield* progress.manage(service);
        yield* progress.manage(service);
        let request = yield* service.wait();
        while (request.kind === "signal" || request.message === 0) request = yield* service.replyAndWait(request.message);
        yield* service.destroy();
      },
    },
    device: {
      cpu: 0,
      *run({ progress }) {
        yield* progress.submit();
      },
    },
    closer: {
      cpu: 0,
      *run({ service, progress }) {
        yield* progress.dissolve();
        yield* progress.dissolve();
        yield* service.call(1);
      },
    },
    client: {
      cpu: 0,
      *run({ service }) {
        while (true) {
          const { error } = yield* service.call(0);
          check(error === "none" || error === "ipc-error", "a call ends, one way or another");
          if (error === "ipc-error") break;
        }
      },
    },
    watchdog: {
      cpu: 0,
      *run({ control, threads }) {
        yield* control.cancel(threads.client);
      },
    },
  },
  expect: "holds",
});
