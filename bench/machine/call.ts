/** Clients that call a server for ever, all on one CPU: rendezvous, direct switches, a send queue. */
import { int, protocol } from "ipc-check";
import * as l4 from "ipc-check/kernels/l4";

export default protocol("call and reply on one CPU", {
  kernel: l4.kernel({ cpus: 1, message: int(0, 7) }),
  threads: {
    server: {
      cpu: 0,
      *run({ ipc }) {
        let request = yield* ipc.wait();
        while (true) request = yield* ipc.replyWait(request.from, (request.message + 1) & 7);
      },
    },
    client: {
      cpu: 0,
      count: 3,
      *run({ ipc, threads }) {
        while (true) yield* ipc.call(threads.server, 3);
      },
    },
  },
});
