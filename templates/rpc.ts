/**
 * A server answers requests of clients that it does not trust, over synchronous L4 IPC. No client can hold the server up:
 * the reply has timeout zero, so one that does not listen loses its answer, and the others are served.
 *
 * Try: make the reply `{ send: "infinite" }`, and verify shows how one client stops all others.
 */
import { check, choose, int, protocol } from "ipc-check";
import * as l4 from "ipc-check/kernels/l4";

export default protocol("request and reply", {
  kernel: l4.kernel({ cpus: 1, message: int(0, 7) }),
  parameters: { clients: 2 },
  threads: {
    server: {
      cpu: 0,
      *run({ ipc }) {
        let request = yield* ipc.wait();
        while (true) {
          const next = yield* ipc.replyWait(request.from, request.message + 1, { send: "zero" });
          // The reply failed: its client has gone, the next request is still to be fetched.
          request = next.error === "none" ? next : yield* ipc.wait();
        }
      },
    },
    // Sends and receives in two steps, and may stop for ever at any of them: it does not always hear its answer.
    client: {
      cpu: 0,
      count: "clients",
      untrusted: true,
      *run({ ipc, threads }) {
        while (true) {
          const operation = yield* choose(1, 2, 3);
          yield* ipc.send(threads.server, operation);
          const reply = yield* ipc.receive(threads.server);
          check(reply.message === operation + 1, "the reply answers my request");
        }
      },
      // What it does when it means well: `ipc-check repair --timeouts` asks that it is answered then.
      *correct({ ipc, threads }) {
        yield* ipc.call(threads.server, 1);
      },
    },
    // Never stops: whatever the clients do, it must be served. A call leaves no gap between request and reply.
    patron: {
      cpu: 0,
      *run({ ipc, threads }) {
        const reply = yield* ipc.call(threads.server, 4);
        check(reply.message === 5, "the reply answers my request");
      },
    },
  },
  expect: "holds",
});
