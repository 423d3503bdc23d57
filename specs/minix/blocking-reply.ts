/**
 * A server that replies with a blocking SEND is the hostage of a client that sends its request with SEND and does not
 * receive. SENDNB is right for those who sent with SENDREC, because they are receiving; others get an asynchronous
 * message. Scenario MINIX-7 (sched/main.c against chardriver.c).
 */
import { int, protocol } from "ipc-check";
import * as minix from "ipc-check/kernels/minix";

const message = int(0, 1);

export const broken = protocol("a reply that blocks", {
  scenario: "MINIX-7",
  kernel: minix.kernel({ cpus: 1, message }),
  threads: {
    server: {
      cpu: 0,
      *run({ ipc }) {
        while (true) {
          const request = yield* ipc.receive();
          yield* ipc.send(request.from, 1);
        }
      },
    },
    attacker: {
      cpu: 0,
      untrusted: true,
      *run({ ipc, threads }) {
        yield* ipc.send(threads.server, 0);
        yield* ipc.receiveFrom(threads.server);
      },
      *correct({ ipc, threads }) {
        yield* ipc.sendrec(threads.server, 0);
      },
    },
    client: {
      cpu: 0,
      *run({ ipc, threads }) {
        yield* ipc.sendrec(threads.server, 0);
      },
    },
  },
  expect: { violated: "unreplied-call" },
});

export const repaired = protocol("a reply that never blocks", {
  scenario: "MINIX-7",
  kernel: minix.kernel({ cpus: 1, message }),
  threads: {
    server: {
      cpu: 0,
      *run({ ipc }) {
        while (true) {
          const request = yield* ipc.receive();
          if (request.call === "SENDREC") yield* ipc.sendnb(request.from, 1);
          else yield* ipc.senda(request.from, 1);
        }
      },
    },
    attacker: {
      cpu: 0,
      untrusted: true,
      *run({ ipc, threads }) {
        yield* ipc.send(threads.server, 0);
        yield* ipc.receiveFrom(threads.server);
      },
      *correct({ ipc, threads }) {
        yield* ipc.sendrec(threads.server, 0);
      },
    },
    client: {
      cpu: 0,
      *run({ ipc, threads }) {
        yield* ipc.sendrec(threads.server, 0);
      },
    },
  },
  expect: "holds",
});
