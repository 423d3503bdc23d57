/**
 * A server is killed while it holds the right to reply to a client. The right goes with it, and nobody tells the client: it
 * waits for a reply for ever. A finite receive timeout, or a supervisor that cancels the client's wait, repairs it.
 * Scenario FOC-2 (src/kern/thread.cpp, do_kill).
 */
import { int, protocol, type Timeout } from "ipc-check";
import * as fiasco from "ipc-check/kernels/fiasco";

const { kernel, gate } = fiasco.system({ cpus: 1, message: int(0, 1) });

const killing = (name: string, receive: Timeout, cancels: boolean, expect: "holds" | { readonly violated: "deadlock" }) =>
  protocol(name, {
    scenario: "FOC-2",
    kernel,
    objects: { service: gate() },
    threads: {
      supervisor: {
        cpu: 0,
        *run({ service, ipc, threads }) {
          yield* service.bind(threads.server, 1);
          yield* ipc.delete(threads.server);
          if (cancels) while ((yield* ipc.cancel(threads.client)).acted) {}
        },
      },
      server: {
        cpu: 0,
        *run({ ipc }) {
          while (true) {
            const request = yield* ipc.wait();
            if (request.error === "none") yield* ipc.reply(request.message);
          }
        },
      },
      client: {
        cpu: 0,
        *run({ service }) {
          let alive = true;
          while (alive) alive = (yield* service.call(1, { receive })).error === "none";
        },
      },
    },
    expect,
  });

export const broken = killing("a client of a killed server", "infinite", false, { violated: "deadlock" });
export const repaired = killing("a client that waits a little", "finite", false, "holds");
export const supervised = killing("a client whose wait is cancelled", "infinite", true, "holds");
