/** A call and its reply, between threads of one CPU or of two. */
import * as l4 from "../../dist/kernel/l4/index.js";
import { choose, int, protocol, type Protocol } from "../../dist/model/language/index.js";

export function callAndReply(cpus: 1 | 2, calls = 5): Protocol {
  return protocol("call and reply", {
    kernel: l4.kernel({ cpus, message: int(0, 7) }),
    threads: {
      server: {
        cpu: 0,
        *run({ ipc }) {
          let request = yield* ipc.wait();
          while (true) request = yield* ipc.replyWait(request.from, request.message);
        },
      },
      client: {
        cpu: cpus - 1,
        *run({ ipc, threads }) {
          for (let i = 0; i < calls; i++) yield* ipc.call(threads.server, 1);
        },
      },
    },
  }) as unknown as Protocol;
}

/** One thread that chooses what it does. */
export function choosing(): Protocol {
  return protocol("choosing", {
    kernel: l4.kernel({ message: int(0, 7) }),
    threads: {
      sender: {
        *run({ ipc, threads }) {
          for (let i = 0; i < 8; i++) {
            const kind = yield* choose(1, 2);
            if (kind === 1) yield* ipc.send(threads.receiver, 1, { send: "zero" });
          }
        },
      },
      receiver: {
        *run({ ipc }) {
          while (true) yield* ipc.wait();
        },
      },
    },
  }) as unknown as Protocol;
}
