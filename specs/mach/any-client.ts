/**
 * A server that answers by the right that comes with a request, against every client that has a send right to its port: what
 * a client can name for its reply are ports that it may send to, the server's own among them. A server that waits for
 * room there is held up, by itself if need be; one that answers with timeout zero and destroys what comes back is not. An
 * honest client gives a send-once right, which always has room. Scenario MACH-2 against anybody.
 */
import { check, int, protocol, type Timeout } from "ipc-check";
import * as mach from "ipc-check/kernels/mach";

const variant = (name: string, timeout: Timeout, expect: "holds" | { readonly violated: "unreplied-call" }) => {
  // A task that has got a right keeps it: how many references there are to it makes no difference here.
  const { kernel, port, task } = mach.system({ cpus: 1, message: int(0, 0), slots: 1, references: 1, pegged: true });
  return protocol(name, {
    scenario: "MACH-2",
    kernel,
    objects: {
      service: port({ limit: 1 }),
      reply: port({ limit: 1 }),
      server: task({ receive: ["service"] }),
      stranger: task({ send: ["service"] }),
      victim: task({ receive: ["reply"], send: ["service"] }),
    },
    threads: {
      serving: {
        cpu: 0,
        *run({ server, service }) {
          while (true) {
            const request = yield* server.receive(service.name, { idle: true });
            if (request.right === mach.none || request.right === mach.dead) continue;
            const answered = yield* server.send(request.right, request.message, { move: true, timeout });
            if (answered.error !== "none") yield* server.deallocate(request.right);
          }
        },
      },
      anyone: { cpu: 0, untrusted: "arbitrary", holds: ["stranger", "service"] },
      calling: {
        cpu: 0,
        *run({ victim, service, reply }) {
          const answer = yield* victim.call(service.name, 0, reply.name, { how: "make-send-once", right: reply.name });
          check(answer.error === "none", "the client is answered");
        },
      },
    },
    expect,
  });
};

export const broken = variant("any client of a server that waits for room", "infinite", { violated: "unreplied-call" });
export const repaired = variant("any client of a server that answers with timeout zero", "zero", "holds");
