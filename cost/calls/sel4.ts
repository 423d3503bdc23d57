/** A call and its reply on seL4, as `cost --kernels` measures it. */
import * as sel4 from "../../kernel/sel4/index.ts";
import { protocol } from "../../model/language/index.ts";
import type { Protocol } from "../../model/language/protocol.ts";
import { type Calling, contents, words } from "./call.ts";

export const calling: Calling = {
  name: "sel4",
  how: "Call and ReplyRecv on an endpoint, without MCS",
  // seL4_MsgMaxLength: the IPC buffer holds 120 words.
  longest: 480,
  protocol: ({ bytes, cpus, calls, received, returned }) => {
    const message = contents(bytes);
    const { kernel, endpoint } = sel4.system({ cpus, message: words(bytes) });
    return protocol("call and reply", {
      kernel,
      objects: { service: endpoint() },
      threads: {
        server: {
          cpu: 0,
          *run({ service }) {
            let request = yield* service.recv();
            while (true) {
              received();
              request = yield* service.replyRecv(request.message);
            }
          },
        },
        client: {
          cpu: cpus - 1,
          *run({ service }) {
            const badged = service.badged(1);
            for (let i = 0; i < calls; i++) {
              yield* badged.call(message);
              returned();
            }
          },
        },
      },
    }) as unknown as Protocol;
  },
};
