/**
 * Notifications are messages, and their identifiers can be put into any message: whoever has a send right to the port
 * can claim that there are no senders left, and a server that believes it destroys an object that others use. It looks
 * at the trailer, which only the kernel can fill in, or receives notifications at a port that nobody has rights to.
 * The attacker does anything it can with its right. Scenario MACH-6 (CVE-2008-0990).
 */
import { check, flag, ghost, type Ghost, int, protocol } from "ipc-check";
import * as mach from "ipc-check/kernels/mach";

const { kernel, port, task } = mach.system({ message: int(0, 0), slots: 2, references: 2, pegged: true });
const objects = {
  service: port({ limit: 1 }),
  thing: port({ limit: 1 }),
  server: task({ receive: ["service", "thing"] }),
  client: task({ send: ["service", "thing"] }),
  attacker: task({ send: ["service"] }),
};

function* serve(server: mach.Task<number>, service: mach.Port, thing: mach.Port, destroyed: Ghost<boolean>, trusting: boolean) {
  yield* server.requestNoSenders(thing.name, service.name);
  while (true) {
    const got = yield* server.receive(service.name, { idle: true });
    // Rights that come with a message which carries none by contract are dropped, so that nothing piles up.
    if (got.right !== mach.none && got.right !== mach.dead) yield* server.deallocate(got.right);
    if (got.id === "no-senders" && (trusting || got.authentic)) {
      destroyed.value = true;
      yield* server.destroy(thing.name);
      return;
    }
  }
}
function* use(client: mach.Task<number>, thing: mach.Port, destroyed: Ghost<boolean>) {
  yield* client.send(thing.name, 0, { timeout: "zero" });
  check(!destroyed.value, "a thing that somebody has a right to is not destroyed");
  yield* client.deallocate(thing.name);
}
const protocolWith = (name: string, trusting: boolean, expect: "holds" | { readonly violated: "assertion" }) =>
  protocol(name, {
    scenario: "MACH-6",
    kernel,
    objects,
    memory: { destroyed: ghost(flag) },
    threads: {
      serving: {
        *run({ server, service, thing, destroyed }) {
          yield* serve(server, service, thing, destroyed, trusting);
        },
      },
      using: {
        *run({ client, thing, destroyed }) {
          yield* use(client, thing, destroyed);
        },
      },
      attacking: { untrusted: "arbitrary", holds: ["attacker", "service"] },
    },
    expect,
  });

/** Against anybody who has a right to the service. */
export const falls = protocolWith("a server that believes any message, against any client", true, { violated: "assertion" });
export const repaired = protocolWith("a server that looks at the trailer, against any client", false, "holds");

export const broken = protocol("a server that believes any message", {
  scenario: "MACH-6",
  kernel,
  objects,
  memory: { destroyed: ghost(flag) },
  threads: {
    serving: {
      *run({ server, service, thing, destroyed }) {
        yield* serve(server, service, thing, destroyed, true);
      },
    },
    using: {
      *run({ client, thing, destroyed }) {
        yield* use(client, thing, destroyed);
      },
    },
    attacking: {
      untrusted: true,
      *run({ attacker, service }) {
        yield* attacker.send(service.name, 0, { id: "no-senders" });
      },
    },
  },
  expect: { violated: "assertion" },
});
