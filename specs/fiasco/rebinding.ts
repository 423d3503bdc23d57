/**
 * A gate is handed from one server thread to another. Who waits at the gate follows; who is queued at the old thread stays
 * there under the old label, and if that thread never waits again, waits for ever. An old server that empties its list
 * before it leaves, or clients with a timeout, repair it (src/kern/ipc_gate.cpp).
 */
import { check, int, protocol, type Timeout } from "ipc-check";
import * as fiasco from "ipc-check/kernels/fiasco";

const { kernel, gate } = fiasco.system({ cpus: 2, message: int(0, 1) });

const handing = (name: string, send: Timeout, expect: "holds" | { readonly violated: "deadlock" }) =>
  protocol(name, {
    kernel,
    objects: { service: gate() },
    threads: {
      old: {
        cpu: 0,
        *run({ service, self, threads, ipc }) {
          yield* service.bind(self, 1);
          const request = yield* ipc.wait({ receive: "zero" });
          if (request.error === "none") yield* ipc.reply(request.message);
          yield* service.bind(threads.heir, 2);
        },
      },
      heir: {
        cpu: 0,
        *run({ ipc }) {
          while (true) {
            const request = yield* ipc.wait();
            if (request.error === "none") {
              check(request.label === 2, "the heir's label");
              yield* ipc.reply(request.message);
            }
          }
        },
      },
      near: {
        cpu: 0,
        *run({ service }) {
          let served = false;
          while (!served) served = (yield* service.call(1, { send })).error === "none";
        },
      },
      far: {
        cpu: 1,
        *run({ service }) {
          let served = false;
          while (!served) served = (yield* service.call(0, { send })).error === "none";
        },
      },
    },
    expect,
  });

export const broken = handing("queued at the old thread", "infinite", { violated: "deadlock" });
export const repaired = handing("clients that try again", "finite", "holds");
export const polling = handing("clients that never queue", "zero", "holds");
