/**
 * A server keeps a send right to each client that wants events, and asks to be told when the client's port dies. The
 * notification brings a second reference of the name, which is a dead name by then; a server that gives up only one keeps
 * a name for a port that is no more, and runs out of them in time.
 */
import { check, int, protocol } from "ipc-check";
import * as mach from "ipc-check/kernels/mach";

const { kernel, port, task } = mach.system({ message: int(0, 1), slots: 3 });
const variant = (name: string, both: boolean, expect: "holds" | { readonly violated: "assertion" }) =>
  protocol(name, {
    kernel,
    objects: {
      service: port({ limit: 1 }),
      notices: port({ limit: 1 }),
      events: port({ limit: 1 }),
      server: task({ receive: ["service", "notices"] }),
      client: task({ receive: ["events"], send: ["service"] }),
    },
    threads: {
      serving: {
        *run({ server, service, notices, events: port }) {
          const early = yield* server.requestDeadName(port.name, notices.name);
          check(early.error === "invalid-right", "only who has a right to a port can ask for its dead name");
          const request = yield* server.receive(service.name);
          const events = request.right;
          if (events === mach.dead) return;
          const asked = yield* server.requestDeadName(events, notices.name);
          check(asked.error === "none", "a name that has died in between can be asked for as well");
          const sent = yield* server.send(events, 1, { timeout: "zero" });
          check(sent.error === "none" || sent.error === "send-invalid-dest", "there is room for one event");
          const notice = yield* server.receive(notices.name);
          check(notice.id === "dead-name" && notice.data === events && notice.authentic, "the kernel tells which name has died");
          yield* server.deallocate(events);
          if (both) yield* server.deallocate(events);
          const left = yield* server.deallocate(events);
          check(left.error === "invalid-name", "nothing is left of the name");
        },
      },
      subscribing: {
        *run({ client, service, events }) {
          yield* client.send(service.name, 1, { how: "make-send", right: events.name });
          yield* client.receive(events.name, { timeout: "finite" });
          yield* client.terminate();
        },
      },
    },
    expect,
  });

export const broken = variant("a server that gives up one reference", false, { violated: "assertion" });
export const repaired = variant("a server that gives up both", true, "holds");
