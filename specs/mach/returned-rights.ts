/**
 * A send that fails gives its message back, and with it the right to the destination as one reference more. A sender that
 * tries again without giving that reference up keeps a right for ever that it does not know of: the server never learns
 * that its senders are gone.
 */
import { int, protocol } from "ipc-check";
import * as mach from "ipc-check/kernels/mach";

const { kernel, port, task } = mach.system({ message: int(0, 1), slots: 2, references: 2 });
const variant = (name: string, tidy: boolean, expect: "holds" | { readonly violated: "deadlock" }) =>
  protocol(name, {
    kernel,
    objects: {
      service: port({ limit: 1 }),
      server: task({ receive: ["service"] }),
      client: task({ send: ["service"] }),
    },
    threads: {
      serving: {
        *run({ server, service }) {
          yield* server.requestNoSenders(service.name, service.name);
          let last = yield* server.receive(service.name);
          while (last.id !== "no-senders") last = yield* server.receive(service.name);
        },
      },
      sending: {
        *run({ client, service }) {
          for (let sent = 0; sent < 2; sent++) {
            const outcome = yield* client.send(service.name, 1, { timeout: sent === 0 ? "infinite" : "zero" });
            if (tidy && outcome.error === "send-timed-out") yield* client.deallocate(service.name);
          }
          yield* client.deallocate(service.name);
        },
      },
    },
    expect,
  });

export const broken = variant("a sender that forgets what comes back", false, { violated: "deadlock" });
export const repaired = variant("a sender that gives up what comes back", true, "holds");
