/**
 * A thread that waits at an unbound gate is cancelled. Before commit 83d385af it stayed in the gate's queue, and binding the
 * gate woke a thread that was not waiting there. Scenario FOC-7.
 */
import { check, int, protocol } from "ipc-check";
import * as fiasco from "ipc-check/kernels/fiasco";

const cancelling = (name: string, staysAtGate: boolean, expect: "holds" | { readonly violated: "assertion" }) => {
  const { kernel, gate } = fiasco.system({ cpus: 1, message: int(0, 1), staysAtGate });
  return protocol(name, {
    scenario: "FOC-7",
    kernel,
    objects: { service: gate() },
    threads: {
      client: {
        cpu: 0,
        *run({ service }) {
          const first = yield* service.call(0);
          check(first.error === "cancelled" || first.error === "none", "the wait was cancelled, or the server came first");
        },
      },
      parent: {
        cpu: 0,
        *run({ service, ipc, threads }) {
          yield* ipc.cancel(threads.client);
          yield* service.bind(threads.server, 1);
        },
      },
      server: {
        cpu: 0,
        *run({ ipc }) {
          let request = yield* ipc.wait();
          while (true) request = request.error === "none" ? yield* ipc.replyWait(request.message) : yield* ipc.wait();
        },
      },
    },
    expect,
  });
};

export const broken = cancelling("a cancelled thread that stays queued", true, { violated: "assertion" });
export const repaired = cancelling("a cancelled thread that leaves the queue", false, "holds");
