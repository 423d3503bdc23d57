/** What Genode's objects must reject: each line below an expectation is an editor error. */
import { int, protocol } from "ipc-check";
import * as genode from "ipc-check/kernels/genode";

const { kernel, entrypoint, signal } = genode.system({ cpus: 1, message: int(0, 3) });
// @ts-expect-error no such core
genode.system({ message: int(0, 1), core: "linux" });

protocol("misused", {
  kernel,
  objects: { service: entrypoint(), bell: signal() },
  threads: {
    server: {
      *run({ service, bell, control, threads }) {
        // @ts-expect-error a message is a number
        yield* service.call("open");
        // @ts-expect-error an RPC has no timeout
        yield* service.call(1, { timeout: "zero" });
        // @ts-expect-error a signal carries nothing
        yield* bell.submit(1);
        // @ts-expect-error signals go to entrypoints
        yield* bell.manage(bell);
        // @ts-expect-error a signal is not waited for by itself
        yield* bell.wait();
        // @ts-expect-error no such thread
        yield* control.cancel(threads.client);
        void (yield* service.wait()).count;
      },
    },
  },
});
