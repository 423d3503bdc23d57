/**
 * A client waits without a timeout for the one reply that its send-once right allows. A server that keeps the right and
 * goes on serving never lets it go. A right that is dropped, by the server or by its end, answers for it: the kernel sends
 * a send-once notification instead (MIG_SERVER_DIED). Or the client limits its wait. Scenario MACH-3.
 */
import { check, choose, int, protocol } from "ipc-check";
import * as mach from "ipc-check/kernels/mach";

const { kernel, port, task } = mach.system({ message: int(0, 1), slots: 2 });
const objects = {
  service: port({ limit: 1 }),
  reply: port({ limit: 1 }),
  server: task({ receive: ["service"] }),
  client: task({ receive: ["reply"], send: ["service"] }),
};

export const broken = protocol("a server that keeps the reply right", {
  scenario: "MACH-3",
  kernel,
  objects,
  threads: {
    serving: {
      untrusted: true,
      *run({ server, service }) {
        while (true) yield* server.receive(service.name, { idle: true });
      },
    },
    calling: {
      *run({ client, service, reply }) {
        yield* client.call(service.name, 1, reply.name, { how: "make-send-once", right: reply.name });
      },
    },
  },
  expect: { violated: "unreplied-call" },
});

export const dropped = protocol("a server that drops the right, or ends", {
  scenario: "MACH-3",
  kernel,
  objects,
  threads: {
    serving: {
      *run({ server, service }) {
        const request = yield* server.receive(service.name, { idle: true });
        const fate = yield* choose("answers", "drops it", "ends");
        if (fate === "answers") yield* server.send(request.right, 1);
        if (fate === "drops it") yield* server.deallocate(request.right);
        if (fate === "ends") yield* server.terminate();
      },
    },
    calling: {
      *run({ client, service, reply }) {
        const answer = yield* client.call(service.name, 1, reply.name, { how: "make-send-once", right: reply.name });
        check(answer.error === "none", "every call is answered");
        if (answer.id === "send-once") check(answer.authentic, "only the kernel says that the server has died");
        const again = yield* client.call(service.name, 1, reply.name, { how: "make-send-once", right: reply.name, send: "finite", receive: "finite" });
        check(again.error !== "send-invalid-right", "the reply port is ours");
      },
    },
  },
  expect: "holds",
});

export const limited = protocol("a client that limits its wait", {
  scenario: "MACH-3",
  kernel,
  objects,
  threads: {
    serving: {
      untrusted: true,
      *run({ server, service }) {
        while (true) yield* server.receive(service.name, { idle: true });
      },
    },
    calling: {
      *run({ client, service, reply }) {
        const answer = yield* client.call(service.name, 1, reply.name, { how: "make-send-once", right: reply.name, receive: "finite" });
        check(answer.error === "receive-timed-out", "nobody answers");
      },
    },
  },
  expect: "holds",
});
