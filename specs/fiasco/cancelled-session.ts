/**
 * A file system and its client on two CPUs: the client opens a file, and the right to it comes back with the reply. A watchdog
 * cancels the client, once, wherever that stands. The client may find that its request was still queued, that it has gone over, or
 * that it is going over just now; then the call goes on. A request that was refused has not been served, and a reply that was given up
 * leaves nothing behind, so that the next call is answered in order. At the end the watchdog removes the client.
 */
import { check, int, protocol } from "ipc-check";
import * as fiasco from "ipc-check/kernels/fiasco";

const { kernel } = fiasco.system({ cpus: 2, message: int(0, 4), items: true });

export default protocol("a client that is cancelled while it opens a file", {
  kernel,
  memory: { served: int(0, 2) },
  threads: {
    client: {
      cpu: 0,
      *run({ ipc, threads, served }) {
        const first = yield* ipc.call(threads.server, 1, { items: true });
        if (first.error === "cancelled" && first.phase === "send") {
          const soFar = yield* served.load();
          check(soFar === 0, "what was taken back has not been served");
        }
        if (first.error === "none") check(first.message === 3, "the reply answers the request");
        const second = yield* ipc.call(threads.server, 2, { items: true });
        if (second.error === "none") check(second.message === 4, "the reply answers the second request, not the first");
      },
    },
    server: {
      cpu: 1,
      *run({ ipc, served }) {
        let request = yield* ipc.wait();
        while (true) {
          if (request.error === "none") {
            yield* served.fetchAdd(1);
            request = yield* ipc.replyWait(request.message + 2, { items: true });
          } else {
            request = yield* ipc.wait();
          }
        }
      },
    },
    watchdog: {
      cpu: 0,
      *run({ ipc, threads }) {
        yield* ipc.cancel(threads.client);
        yield* ipc.delete(threads.client);
      },
    },
  },
  expect: "holds",
});
