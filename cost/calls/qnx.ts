/** A call and its reply on QNX, as `cost --kernels` measures it. */
import * as qnx from "../../kernel/qnx/index.ts";
import { protocol } from "../../model/language/index.ts";
import type { Protocol } from "../../model/language/protocol.ts";
import { type Calling, contents, words } from "./call.ts";

export const calling: Calling = {
  name: "qnx",
  how: "MsgSend, and MsgReceive and MsgReply in the server: two system calls there",
  longest: 4000,
  protocol: ({ bytes, cpus, calls, received, returned }) => {
    const message = contents(bytes);
    return protocol("message passing", {
      kernel: qnx.kernel({ cpus }),
      objects: { service: qnx.channel({ message: words(bytes) }) },
      threads: {
        server: {
          cpu: 0,
          *run({ service }) {
            while (true) {
              const request = yield* service.receive();
              received();
              yield* service.reply(request.rcvid, request.message);
            }
          },
        },
        client: {
          cpu: cpus - 1,
          *run({ service }) {
            for (let i = 0; i < calls; i++) {
              yield* service.send(message);
              returned();
            }
          },
        },
      },
    }) as unknown as Protocol;
  },
};
