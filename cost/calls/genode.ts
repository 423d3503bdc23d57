/** A call and its reply on Genode, as `cost --kernels` measures it. */
import * as genode from "../../kernel/genode/index.ts";
import { protocol } from "../../model/language/index.ts";
import type { Protocol } from "../../model/language/protocol.ts";
import { type Calling, contents, words } from "./call.ts";

export const calling: Calling = {
  name: "genode",
  how: "an RPC to an entrypoint that replies and waits",
  longest: 4000,
  protocol: ({ bytes, cpus, calls, received, returned }) => {
    const message = contents(bytes);
    const { kernel, entrypoint } = genode.system({ cpus, message: words(bytes) });
    return protocol("remote procedure call", {
      kernel,
      objects: { service: entrypoint() },
      threads: {
        server: {
          cpu: 0,
          *run({ service }) {
            let request = yield* service.wait();
            while (true) {
              received();
              request = yield* service.replyAndWait(request.message);
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
