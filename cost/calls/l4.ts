/** A call and its reply on L4, as `cost --kernels` measures it. */
import * as l4 from "../../kernel/l4/index.ts";
import { protocol } from "../../model/language/index.ts";
import type { Protocol } from "../../model/language/protocol.ts";
import { type Calling, contents, words } from "./call.ts";

export const calling: Calling = {
  name: "l4",
  how: "call and replyWait: one system call on either side, registers and message registers, direct switch",
  longest: 4000,
  protocol: ({ bytes, cpus, calls, received, returned }) => {
    const message = contents(bytes);
    return protocol("call and reply", {
      kernel: l4.kernel({ cpus, message: words(bytes) }),
      threads: {
        server: {
          cpu: 0,
          *run({ ipc }) {
            let request = yield* ipc.wait();
            while (true) {
              received();
              request = yield* ipc.replyWait(request.from, request.message);
            }
          },
        },
        client: {
          cpu: cpus - 1,
          *run({ ipc, threads }) {
            for (let i = 0; i < calls; i++) {
              yield* ipc.call(threads.server, message);
              returned();
            }
          },
        },
      },
    }) as unknown as Protocol;
  },
};
