/** Clients that call a server on another CPU for ever: requests that travel, wake-ups by interrupt. */
import { int, protocol } from "ipc-check";
import * as l4 from "ipc-check/kernels/l4";

export default protocol("call and reply across CPUs", {
  kernel: l4.kernel({ cpus: 4, message: int(0, 7) }),
  threads: {
    server: {
      cpu: 0,
      *run({ ipc }) {
        let request = yield* ipc.wait();
        while (true) request = yield* ipc.replyWait(request.from, (request.message + 1) & 7);
      },
    },
    client: {
      cpu: (index) => 1 + index,
      count: 3,
      *run({ ipc, threads }) {
        while (true) yield* ipc.call(threads.server, 3);
      },
    },
  },
});
