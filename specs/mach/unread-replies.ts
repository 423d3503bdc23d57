/**
 * A client sends requests that carry a send right to its reply port, and never reads a reply. The queue of that port
 * fills; a server that waits for room is lost to everybody else. It answers with timeout zero wherever the reply right is
 * not a send-once right, and destroys the message that it gets back. Scenario MACH-2 (`mach_msg_server` of XNU).
 */
import { int, protocol, type Timeout } from "ipc-check";
import * as mach from "ipc-check/kernels/mach";

const variants = (name: string, personality: "gnu" | "xnu", timeout: Timeout, expect: "holds" | { readonly violated: "unreplied-call" }) => {
  const { kernel, port, task } = mach.system({ message: int(0, 1), slots: 2, personality });
  return protocol(name, {
    scenario: "MACH-2",
    kernel,
    objects: {
      service: port({ limit: 1 }),
      unread: port({ limit: 1 }),
      reply: port({ limit: 1 }),
      server: task({ receive: ["service"] }),
      flooder: task({ receive: ["unread"], send: ["service"] }),
      victim: task({ receive: ["reply"], send: ["service"] }),
    },
    threads: {
      serving: {
        *run({ server, service }) {
          while (true) {
            const request = yield* server.receive(service.name, { idle: true });
            const answered = yield* server.send(request.right, request.message, { move: true, timeout });
            if (answered.error === "send-timed-out") yield* server.deallocate(request.right);
          }
        },
      },
      flooding: {
        untrusted: true,
        *run({ flooder, service, unread }) {
          while (true) yield* flooder.send(service.name, 0, { how: "make-send", right: unread.name });
        },
        *correct({ flooder, service, unread }) {
          yield* flooder.call(service.name, 0, unread.name, { how: "make-send-once", right: unread.name });
        },
      },
      calling: {
        *run({ victim, service, reply }) {
          yield* victim.call(service.name, 1, reply.name, { how: "make-send-once", right: reply.name });
        },
      },
    },
    expect,
  });
};

export const broken = variants("a server that waits for room", "gnu", "infinite", { violated: "unreplied-call" });
export const repaired = variants("a server that answers with timeout zero", "gnu", "zero", "holds");
export const brokenXnu = variants("a server that waits for room, on XNU", "xnu", "infinite", { violated: "unreplied-call" });
export const repairedXnu = variants("a server that answers with timeout zero, on XNU", "xnu", "zero", "holds");
