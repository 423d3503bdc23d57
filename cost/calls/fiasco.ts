/** A call and its reply on Fiasco.OC, as `cost --kernels` measures it. */
import * as fiasco from "../../kernel/fiasco/index.ts";
import { protocol } from "../../model/language/index.ts";
import type { Protocol } from "../../model/language/protocol.ts";
import { type Calling, contents, words } from "./call.ts";

export const calling: Calling = {
  name: "fiasco",
  how: "a call through an IPC gate, and replyWait by the implicit reply capability",
  // L4_UTCB_GENERIC_DATA_SIZE: 63 words of message registers.
  longest: 252,
  protocol: ({ bytes, cpus, calls, received, returned }) => {
    const message = contents(bytes);
    const { kernel, gate } = fiasco.system({ cpus, message: words(bytes) });
    return protocol("call and reply", {
      kernel,
      objects: { service: gate() },
      threads: {
        server: {
          cpu: 0,
          *run({ service, ipc, self }) {
            yield* service.bind(self, 1);
            let request = yield* ipc.wait();
            while (true) {
              received();
              request = yield* ipc.replyWait(request.message);
            }
          },
        },
        client: {
          cpu: cpus - 1,
          *run({ service }) {
            for (let i = 0; i < calls; i++) {
              yield* service.call(message);
              returned();
            }
          },
        },
      },
    }) as unknown as Protocol;
  },
};
