/** A call and its reply on MINIX 3, as `cost --kernels` measures it. */
import * as minix from "../../kernel/minix/index.ts";
import { protocol } from "../../model/language/index.ts";
import type { Protocol } from "../../model/language/protocol.ts";
import { type Calling, contents, words } from "./call.ts";

export const calling: Calling = {
  name: "minix",
  how: "SENDREC, and RECEIVE and SENDNB in the server: two system calls there",
  // The payload of a MINIX message.
  longest: 56,
  protocol: ({ bytes, cpus, calls, received, returned }) => {
    const message = contents(bytes);
    return protocol("request and answer", {
      kernel: minix.kernel({ cpus, message: words(bytes) }),
      threads: {
        server: {
          cpu: 0,
          *run({ ipc }) {
            while (true) {
              const request = yield* ipc.receive();
              received();
              yield* ipc.sendnb(request.from, request.message);
            }
          },
        },
        client: {
          cpu: cpus - 1,
          *run({ ipc, threads }) {
            for (let i = 0; i < calls; i++) {
              yield* ipc.sendrec(threads.server, message);
              returned();
            }
          },
        },
      },
    }) as unknown as Protocol;
  },
};
