/**
 * A server waits at its endpoint with a notification bound to it. Recv looks at the notification first; whoever signals
 * faster than the server comes round keeps its clients queued for ever. With a thread of its own for the signals the
 * clients are served in turn. Scenario SEL4-14.
 */
import { int, protocol } from "ipc-check";
import * as sel4 from "ipc-check/kernels/sel4";

const { kernel, endpoint, notification } = sel4.system({ cpus: 1, message: int(0, 1) });
const signal = 1;

export const broken = protocol("signals before clients", {
  scenario: "SEL4-14",
  kernel,
  objects: { requests: endpoint(), line: notification() },
  threads: {
    server: {
      cpu: 0,
      *run({ requests, line, ipc, self }) {
        yield* line.bind(self);
        while (true) {
          const event = yield* requests.recv();
          if (event.badge !== signal) yield* ipc.reply(0);
        }
      },
    },
    device: {
      cpu: 0,
      *run({ line }) {
        while (true) yield* line.signal(signal);
      },
    },
    client: {
      cpu: 0,
      *run({ requests }) {
        while (true) yield* requests.badged(2).call(1);
      },
    },
  },
  progress: true,
  expect: { violated: "starvation" },
});

export const repaired = protocol("a thread for the signals", {
  scenario: "SEL4-14",
  kernel,
  objects: { requests: endpoint(), line: notification() },
  threads: {
    server: {
      cpu: 0,
      *run({ requests, ipc }) {
        while (true) {
          yield* requests.recv();
          yield* ipc.reply(0);
        }
      },
    },
    listener: {
      cpu: 0,
      *run({ line }) {
        while (true) yield* line.wait({ idle: true });
      },
    },
    device: {
      cpu: 0,
      *run({ line }) {
        while (true) yield* line.signal(signal);
      },
    },
    client: {
      cpu: 0,
      *run({ requests }) {
        while (true) yield* requests.badged(2).call(1);
      },
    },
  },
  progress: true,
  expect: "holds",
});
