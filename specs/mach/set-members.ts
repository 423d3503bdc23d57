/**
 * A port leaves its set with its own messages and no others, and those of the port that stays are received from the set still.
 * A server that waits at the set gets a call handed over, and answers it by the send-once right that came with it. Who
 * waits for the first message of the set and takes it for the control message is wrong.
 */
import { check, int, protocol } from "ipc-check";
import * as mach from "ipc-check/kernels/mach";

const moved = (name: string, options: Partial<mach.Options<number>>, leaves: boolean) => {
  const { kernel, port, set, task } = mach.system({ message: int(0, 1), slots: 3, ...options });
  return protocol(name, {
    kernel,
    objects: {
      data: port({ limit: 2 }),
      control: port({ limit: 2 }),
      both: set(),
      receiver: task({ receive: ["data", "control", "both"] }),
      producer: task({ send: ["data"] }),
      operator: task({ send: ["control"] }),
    },
    threads: {
      server: {
        *run({ receiver, data, control, both }) {
          yield* receiver.moveMember(data.name, both.name);
          yield* receiver.moveMember(control.name, both.name);
          if (leaves) yield* receiver.moveMember(control.name, mach.none);
          const order = yield* receiver.receive(leaves ? control.name : both.name);
          check(order.message === 1, "the first message is the order");
          const item = yield* receiver.receive(both.name);
          check(item.message === 0, "the second message is an item");
          const more = yield* receiver.receive(both.name, { timeout: "zero" });
          check(more.error !== "none" || more.message === 0, "what is left are items");
        },
      },
      producing: {
        *run({ producer, data }) {
          yield* producer.send(data.name, 0);
          yield* producer.send(data.name, 0);
        },
      },
      operating: {
        *run({ operator, control }) {
          yield* operator.send(control.name, 1);
        },
      },
    },
    expect: leaves ? "holds" : { violated: "assertion" },
  });
};

export const broken = moved("a set that is taken for its control port", {}, false);
export const repaired = moved("a control port that has left its set", {}, true);
export const repairedOnXnu = moved("a control port that has left its set, on XNU", { personality: "xnu" }, true);

const served = (name: string, options: Partial<mach.Options<number>>) => {
  const { kernel, port, set, task } = mach.system({ message: int(0, 1), slots: 3, ...options });
  return protocol(name, {
    kernel,
    objects: {
      service: port({ limit: 1 }),
      reply: port({ limit: 1 }),
      both: set(),
      server: task({ receive: ["service", "both"] }),
      client: task({ receive: ["reply"], send: ["service"] }),
    },
    threads: {
      serving: {
        *run({ server, service, both }) {
          yield* server.moveMember(service.name, both.name);
          while (true) {
            const request = yield* server.receive(both.name, { idle: true });
            check(request.error === "none", "a request comes");
            yield* server.send(request.right, request.message, { timeout: "zero" });
          }
        },
      },
      calling: {
        *run({ client, service, reply }) {
          const first = yield* client.call(service.name, 1, reply.name, { how: "make-send-once", right: reply.name });
          check(first.error === "none" && first.message === 1, "the reply answers the call");
          const second = yield* client.call(service.name, 0, reply.name, { how: "make-send-once", right: reply.name });
          check(second.error === "none" && second.message === 0, "the reply answers the second call");
        },
      },
    },
    expect: "holds",
  });
};

export const handed = served("a call that is handed to a server at its set", {});
export const handedOnXnu = served("a call that is handed to a server at its set, on XNU", { personality: "xnu" });
