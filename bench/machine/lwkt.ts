/** Clients that send a message to a server's port and wait for the reply, for ever, all on one CPU. */
import { int, protocol } from "ipc-check";
import * as lwkt from "ipc-check/kernels/lwkt";

const { kernel, message } = lwkt.system({ cpus: 1, value: int(0, 7) });

export default protocol("messages and replies", {
  kernel,
  objects: { request: message() },
  threads: {
    server: {
      cpu: 0,
      *run({ lwkt }) {
        while (true) {
          const next = yield* lwkt.waitport();
          yield* lwkt.replymsg(next.message, (next.value + 1) & 7);
        }
      },
    },
    client: {
      cpu: 0,
      *run({ lwkt, threads, request }) {
        while (true) yield* lwkt.domsg(threads.server, request.number, 3);
      },
    },
  },
});
