/**
 * A sender that waits for room is told SUCCESS when the port dies: its message is destroyed and it cannot tell. Neither
 * can one whose message was queued. A send-once right in the message tells: if it is destroyed with the message, the
 * kernel sends a notification.
 */
import { check, flag, ghost, int, protocol } from "ipc-check";
import * as mach from "ipc-check/kernels/mach";

const { kernel, port, task } = mach.system({ message: int(0, 1), slots: 2 });
const objects = {
  service: port({ limit: 1 }),
  reply: port({ limit: 1 }),
  server: task({ receive: ["service"] }),
  other: task({ send: ["service"] }),
  client: task({ receive: ["reply"], send: ["service"] }),
};

export const broken = protocol("a sender that takes sent for received", {
  kernel,
  objects,
  memory: { received: ghost(flag), died: ghost(flag) },
  threads: {
    serving: {
      *run({ server, service, received, died }) {
        const request = yield* server.receive(service.name, { timeout: "finite" });
        if (request.error === "none" && request.message === 1) received.value = true;
        died.value = true;
        yield* server.destroy(service.name);
      },
    },
    filling: {
      *run({ other, service }) {
        yield* other.send(service.name, 0);
      },
    },
    sending: {
      *run({ client, service, received, died }) {
        const sent = yield* client.send(service.name, 1);
        if (sent.error === "none" && died.value) check(received.value, "what was sent has been received");
      },
    },
  },
  expect: { violated: "assertion" },
});

export const repaired = protocol("a sender that asks for an answer", {
  kernel,
  objects,
  memory: { received: ghost(flag) },
  threads: {
    serving: {
      *run({ server, service, received }) {
        const request = yield* server.receive(service.name, { timeout: "finite" });
        if (request.error === "none" && request.message === 1) {
          received.value = true;
          yield* server.send(request.right, 1);
        }
        yield* server.destroy(service.name);
      },
    },
    filling: {
      *run({ other, service }) {
        yield* other.send(service.name, 0);
      },
    },
    sending: {
      *run({ client, service, reply, received }) {
        const answer = yield* client.call(service.name, 1, reply.name, { how: "make-send-once", right: reply.name });
        if (answer.error !== "none") return;
        if (answer.id === "message") check(received.value, "what was answered has been received");
        else check(answer.id === "send-once" && answer.authentic, "the kernel tells that it was not");
      },
    },
  },
  expect: "holds",
});

/** Two threads of one task receive from a port, a third destroys it: both are woken. */
const closing = (name: string, personality: "gnu" | "xnu") => {
  const system = mach.system({ message: int(0, 1), slots: 2, personality });
  return protocol(name, {
    kernel: system.kernel,
    objects: { service: system.port({ limit: 1 }), server: system.task({ receive: ["service"] }), client: system.task({ send: ["service"] }) },
    threads: {
      worker: {
        count: 2,
        *run({ server, service }) {
          const request = yield* server.receive(service.name);
          const expected = personality === "gnu" ? "receive-port-died" : "receive-port-changed";
          check(request.error === "none" || request.error === expected || request.error === "receive-invalid-name", "a worker is told why it stops");
        },
      },
      closing: {
        *run({ server, service }) {
          yield* server.destroy(service.name);
        },
      },
      sending: {
        *run({ client, service }) {
          yield* client.send(service.name, 1);
        },
      },
    },
    expect: "holds",
  });
};
export const workers = closing("workers whose port is destroyed", "gnu");
export const workersXnu = closing("workers whose port is destroyed, on XNU", "xnu");
