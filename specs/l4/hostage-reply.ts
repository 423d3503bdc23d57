/**
 * A client sends a request and stops before it receives the answer. A server that replies with an infinite send timeout
 * is its hostage, and so is everybody else that the server should serve. A reply with timeout zero frees the server.
 * Scenario L4-1 (Shapiro, "Vulnerabilities in Synchronous IPC Designs", S&P 2003).
 */
import { int, protocol } from "ipc-check";
import * as l4 from "ipc-check/kernels/l4";

export const broken = protocol("reply without a timeout", {
  scenario: "L4-1",
  kernel: l4.kernel({ cpus: 1, message: int(0, 3) }),
  threads: {
    server: {
      cpu: 0,
      *run({ ipc }) {
        let request = yield* ipc.wait();
        while (true) {
          request = yield* ipc.replyWait(request.from, request.message + 1, { send: "infinite" });
        }
      },
    },
    attacker: {
      cpu: 0,
      untrusted: true,
      *run({ ipc, threads }) {
        yield* ipc.send(threads.server, 1);
        yield* ipc.receive(threads.server);
      },
    },
    victim: {
      cpu: 0,
      *run({ ipc, threads }) {
        yield* ipc.call(threads.server, 2);
      },
    },
  },
  expect: { violated: "unreplied-call" },
});

export const repaired = protocol("reply with timeout zero", {
  scenario: "L4-1",
  kernel: l4.kernel({ cpus: 1, message: int(0, 3) }),
  threads: {
    server: {
      cpu: 0,
      *run({ ipc }) {
        let request = yield* ipc.wait();
        while (true) {
          const next = yield* ipc.replyWait(request.from, request.message + 1, { send: "zero" });
          request = next.error === "none" ? next : yield* ipc.wait();
        }
      },
    },
    attacker: {
      cpu: 0,
      untrusted: true,
      *run({ ipc, threads }) {
        yield* ipc.send(threads.server, 1);
        yield* ipc.receive(threads.server);
      },
    },
    victim: {
      cpu: 0,
      *run({ ipc, threads }) {
        yield* ipc.call(threads.server, 2);
      },
    },
  },
  expect: "holds",
});
