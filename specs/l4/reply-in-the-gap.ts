/**
 * A client that sends its request and receives the answer with two system calls leaves a gap between them. A server
 * that may not trust its clients replies with timeout zero, and a reply that falls into the gap is lost: the client
 * waits for ever. One combined call has no gap. Scenario L4-2 (N. Feske, seL4-devel, 2015-02-13).
 */
import { check, int, protocol } from "ipc-check";
import * as l4 from "ipc-check/kernels/l4";

function* serve(ipc: l4.Ipc<number>) {
  let request = yield* ipc.wait();
  while (true) {
    const next = yield* ipc.replyWait(request.from, request.message + 1, { send: "zero" });
    request = next.error === "none" ? next : yield* ipc.wait();
  }
}

export const broken = protocol("send, then receive", {
  scenario: "L4-2",
  kernel: l4.kernel({ cpus: 1, message: int(0, 3) }),
  parameters: { clients: 1 },
  threads: {
    server: {
      cpu: 0,
      *run({ ipc }) {
        yield* serve(ipc);
      },
    },
    client: {
      cpu: 0,
      count: "clients",
      *run({ ipc, threads, index }) {
        while (true) {
          yield* ipc.send(threads.server, index);
          const answer = yield* ipc.receive(threads.server);
          check(answer.message === index + 1, "the answer belongs to the request");
        }
      },
    },
  },
  expect: { violated: "deadlock" },
});

export const repaired = protocol("one combined call", {
  scenario: "L4-2",
  kernel: l4.kernel({ cpus: 1, message: int(0, 3) }),
  parameters: { clients: 2 },
  threads: {
    server: {
      cpu: 0,
      *run({ ipc }) {
        yield* serve(ipc);
      },
    },
    client: {
      cpu: 0,
      count: "clients",
      *run({ ipc, threads, index }) {
        while (true) {
          const answer = yield* ipc.call(threads.server, index);
          check(answer.message === index + 1, "the answer belongs to the request");
        }
      },
    },
  },
  expect: "holds",
});
