/**
 * Two servers call each other: each is blocked on its Call while the other waits to be received. In a hierarchy calls go
 * down only, and what has to go up is a signal. Scenario SEL4-9.
 */
import { int, protocol } from "ipc-check";
import * as sel4 from "ipc-check/kernels/sel4";

const { kernel, endpoint, notification } = sel4.system({ cpus: 1, message: int(0, 1) });

export const broken = protocol("calling each other", {
  scenario: "SEL4-9",
  kernel,
  objects: { left: endpoint(), right: endpoint() },
  threads: {
    a: {
      cpu: 0,
      *run({ left, right }) {
        while (true) {
          yield* right.call(0);
          yield* left.recv();
          yield* left.replyRecv(1);
        }
      },
    },
    b: {
      cpu: 0,
      *run({ left, right }) {
        while (true) {
          yield* left.call(0);
          yield* right.recv();
          yield* right.replyRecv(1);
        }
      },
    },
  },
  expect: { violated: "deadlock" },
});

export const repaired = protocol("calls go down, signals go up", {
  scenario: "SEL4-9",
  kernel,
  objects: { lower: endpoint(), news: notification() },
  threads: {
    upper: {
      cpu: 0,
      *run({ lower, news }) {
        while (true) {
          yield* lower.call(0);
          yield* news.poll();
        }
      },
    },
    below: {
      cpu: 0,
      *run({ lower, news }) {
        yield* lower.recv();
        while (true) {
          yield* news.signal();
          yield* lower.replyRecv(1);
        }
      },
    },
  },
  expect: "holds",
});
