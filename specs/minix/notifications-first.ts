/**
 * RECEIVE from ANY looks at notifications before it looks at the queue of senders (mini_receive in proc.c): a driver that
 * notifies its server faster than the server comes round keeps the clients waiting for ever, and so does one that waits for an
 * answer each time. A driver that sends its events as requests stands in the queue like everybody else.
 */
import { int, protocol } from "ipc-check";
import * as minix from "ipc-check/kernels/minix";

const kernel = minix.kernel({ cpus: 1, message: int(0, 0) });

export const broken = protocol("notifications before clients", {
  kernel,
  threads: {
    server: {
      cpu: 0,
      *run({ ipc }) {
        while (true) {
          const request = yield* ipc.receive();
          if (request.call === "SENDREC") yield* ipc.sendnb(request.from, 0);
        }
      },
    },
    driver: {
      cpu: 0,
      *run({ ipc, threads }) {
        while (true) yield* ipc.notify(threads.server);
      },
    },
    client: {
      cpu: 0,
      *run({ ipc, threads }) {
        while (true) yield* ipc.sendrec(threads.server, 0);
      },
    },
  },
  progress: true,
  expect: { violated: "starvation" },
});

export const answered = protocol("notifications before clients, each of them answered", {
  kernel,
  threads: {
    server: {
      cpu: 0,
      *run({ ipc, threads }) {
        while (true) {
          const request = yield* ipc.receive();
          if (request.call === "SENDREC") yield* ipc.sendnb(request.from, 0);
          else yield* ipc.notify(threads.driver);
        }
      },
    },
    driver: {
      cpu: 0,
      *run({ ipc, threads }) {
        while (true) {
          yield* ipc.notify(threads.server);
          yield* ipc.receive();
        }
      },
    },
    client: {
      cpu: 0,
      *run({ ipc, threads }) {
        while (true) yield* ipc.sendrec(threads.server, 0);
      },
    },
  },
  progress: true,
  expect: { violated: "starvation" },
});

export const repaired = protocol("events that queue as requests", {
  kernel,
  threads: {
    server: {
      cpu: 0,
      *run({ ipc }) {
        while (true) {
          const request = yield* ipc.receive();
          yield* ipc.sendnb(request.from, 0);
        }
      },
    },
    driver: {
      cpu: 0,
      *run({ ipc, threads }) {
        while (true) yield* ipc.sendrec(threads.server, 0);
      },
    },
    client: {
      cpu: 0,
      *run({ ipc, threads }) {
        while (true) yield* ipc.sendrec(threads.server, 0);
      },
    },
  },
  progress: true,
  expect: "holds",
});
