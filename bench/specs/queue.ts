/** The benchmark's fourth protocol: tasks send to a Mach port with a bounded queue, a thread of another task receives from it. */
import { int, protocol, step } from "ipc-check";
import * as mach from "ipc-check/kernels/mach";

const { kernel, port, task } = mach.system({ message: int(0, 1), slots: 3 });

export default protocol("tasks fill a port", {
  kernel,
  parameters: { senders: 3, work: 1 },
  objects: { service: port({ limit: 2 }), server: task({ receive: ["service"] }), client: task({ send: ["service"] }) },
  threads: {
    receiver: {
      *run({ server, service }) {
        while (true) yield* server.receive(service.name, { idle: true });
      },
    },
    sender: {
      count: "senders",
      *run({ client, service, work }) {
        while (true) {
          for (let done = 0; done < work; done++) yield* step({});
          yield* client.send(service.name, 1);
        }
      },
    },
  },
  expect: "holds",
});
