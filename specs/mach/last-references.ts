/**
 * A send-once right can be given up once. Given up, it tells its port, so that whoever waits there for a reply does not wait for
 * ever; given up again, it is an error and tells nobody. A task that ends gives up all that it has: those to send first, so that
 * the owner of the service learns that its senders are gone.
 */
import { check, int, protocol } from "ipc-check";
import * as mach from "ipc-check/kernels/mach";

const { kernel, port, task } = mach.system({ message: int(0, 1), slots: 2, references: 2 });

const variant = (name: string, how: "keeps" | "gives up" | "ends", expect: "holds" | { readonly violated: "deadlock" }) =>
  protocol(name, {
    kernel,
    objects: {
      service: port({ limit: 1 }),
      reply: port({ limit: 1 }),
      own: port({ limit: 1 }),
      server: task({ receive: ["service", "own"], send: ["own"] }),
      client: task({ receive: ["reply"], send: ["service"] }),
    },
    threads: {
      serving: {
        *run({ server, service }) {
          const request = yield* server.receive(service.name);
          if (how === "gives up") {
            yield* server.deallocate(request.right);
            const again = yield* server.deallocate(request.right);
            check(again.error === "invalid-name", "it is gone");
          } else if (how === "ends") yield* server.terminate();
        },
      },
      calling: {
        *run({ client, service, reply }) {
          const answer = yield* client.call(service.name, 1, reply.name, { how: "make-send-once", right: reply.name });
          check(answer.error === "none" && answer.id === "send-once", "nobody answers, and I am told");
        },
      },
    },
    expect,
  });

export const broken = variant("a server that keeps the right to reply", "keeps", { violated: "deadlock" });
export const repaired = variant("a server that gives up the right to reply", "gives up", "holds");
export const ended = variant("a server that ends with the right to reply", "ends", "holds");

/** The answer is not waited for, but room for the question is: only the second half has no time. */
export const hurried = protocol("a call that waits to send and not to receive", {
  kernel,
  objects: {
    service: port({ limit: 1 }),
    reply: port({ limit: 1 }),
    server: task({ receive: ["service"] }),
    client: task({ receive: ["reply"], send: ["service"] }),
  },
  threads: {
    serving: {
      *run({ server, service }) {
        const first = yield* server.receive(service.name);
        check(first.error === "none" && first.message === 0, "the first question");
        const second = yield* server.receive(service.name);
        check(second.error === "none" && second.message === 1, "the second question");
      },
    },
    calling: {
      *run({ client, service, reply }) {
        yield* client.send(service.name, 0);
        const answer = yield* client.call(service.name, 1, reply.name, { receive: "zero" });
        check(answer.error === "receive-timed-out", "there is no answer yet");
      },
    },
  },
  expect: "holds",
});
