/**
 * With MCS a receiver supplies the reply object that will name its caller. A server that uses seL4_Wait on its endpoint
 * supplies none: who calls it is suspended. Scenario SEL4-4 (src/object/endpoint.c).
 */
import { check, int, protocol } from "ipc-check";
import * as sel4 from "ipc-check/kernels/sel4";

const { kernel, endpoint, reply } = sel4.mcs({ cpus: 1, message: int(0, 3) });

export const broken = protocol("waiting on an endpoint", {
  scenario: "SEL4-4",
  kernel,
  objects: { service: endpoint(), answer: reply() },
  threads: {
    server: {
      cpu: 0,
      *run({ service, answer }) {
        while (true) {
          const request = yield* service.wait();
          yield* answer.send(request.message + 1);
        }
      },
    },
    client: {
      cpu: 0,
      *run({ service }) {
        while (true) {
          const { message } = yield* service.call(1);
          check(message === 2, "the answer is to my question");
        }
      },
    },
  },
  expect: { violated: "deadlock" },
});

export const repaired = protocol("receiving with a reply object", {
  scenario: "SEL4-4",
  kernel,
  objects: { service: endpoint(), answer: reply() },
  threads: {
    server: {
      cpu: 0,
      *run({ service, answer }) {
        while (true) {
          const request = yield* service.recv(answer);
          yield* answer.send(request.message + 1);
        }
      },
    },
    client: {
      cpu: 0,
      count: 2,
      *run({ service }) {
        while (true) {
          const { message } = yield* service.call(1);
          check(message === 2, "the answer is to my question");
        }
      },
    },
  },
  expect: "holds",
});
