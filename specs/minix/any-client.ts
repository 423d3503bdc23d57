/**
 * A server against every user process there can be. User processes may use SENDREC only, with any message, and stop at any
 * time. A server that answers with SENDNB cannot be held up; one that believes what it is told can be misled.
 */
import { check, int, protocol } from "ipc-check";
import * as minix from "ipc-check/kernels/minix";

const message = int(0, 3);

export const repaired = protocol("a server that checks its requests", {
  kernel: minix.kernel({ cpus: 1, message }),
  threads: {
    server: {
      cpu: 0,
      *run({ ipc }) {
        while (true) {
          const request = yield* ipc.receive();
          yield* ipc.sendnb(request.from, request.message < 2 ? request.message + 1 : 3);
        }
      },
    },
    client: {
      cpu: 0,
      *run({ ipc, threads }) {
        while (true) {
          const { message } = yield* ipc.sendrec(threads.server, 1);
          check(message === 2, "the answer is to my request");
        }
      },
    },
    stranger: { cpu: 0, untrusted: "arbitrary", holds: ["server"] },
  },
  expect: "holds",
});

export const broken = protocol("a server that believes its requests", {
  kernel: minix.kernel({ cpus: 1, message }),
  threads: {
    server: {
      cpu: 0,
      *run({ ipc }) {
        while (true) {
          const request = yield* ipc.receive();
          check(request.message < 2, "there are two operations");
          yield* ipc.sendnb(request.from, request.message + 1);
        }
      },
    },
    stranger: { cpu: 0, untrusted: "arbitrary", holds: ["server"] },
  },
  expect: { violated: "assertion" },
});
