/**
 * A client waits for the answer of a server that is deleted. Deletion unwinds the server and unlinks those in its send queue,
 * but nobody is told, and nobody looks for those who wait for it. A finite receive ends the wait, or a supervisor that ends it
 * with ExchangeRegisters after it has deleted the server. Scenario L4-6 (thread.cc of L4Ka::Pistachio).
 */
import { int, protocol, type Timeout } from "ipc-check";
import * as l4 from "ipc-check/kernels/l4";

const deleting = (name: string, patience: Timeout, ends: "nothing" | "both phases" | "the receive", expect: "holds" | { readonly violated: "deadlock" }) =>
  protocol(name, {
    scenario: "L4-6",
    kernel: l4.kernel({ cpus: 1, message: int(0, 1) }),
    threads: {
      server: {
        cpu: 0,
        *run({ ipc }) {
          while (true) {
            const request = yield* ipc.wait();
            yield* ipc.send(request.from, request.message, { send: "zero" });
          }
        },
      },
      client: {
        cpu: 0,
        *run({ ipc, threads }) {
          yield* ipc.call(threads.server, 1, { send: patience, receive: patience });
        },
      },
      supervisor: {
        cpu: 0,
        *run({ ipc, threads }) {
          yield* ipc.delete(threads.server);
          if (ends === "both phases") yield* ipc.exchange(threads.client, { S: true, R: true });
          if (ends === "the receive") yield* ipc.exchange(threads.client, { R: true });
        },
      },
    },
    expect,
  });

export const broken = deleting("an answer that nobody will send", "infinite", "nothing", { violated: "deadlock" });
export const repaired = deleting("a wait with an end", "finite", "nothing", "holds");
export const supervised = deleting("a supervisor that ends whatever the client waits in", "infinite", "both phases", "holds");
export const halfway = deleting("a supervisor that ends the receive only", "infinite", "the receive", { violated: "deadlock" });
