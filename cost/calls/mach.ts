/** A call and its reply on Mach, as `cost --kernels` measures it. */
import * as mach from "../../kernel/mach/index.ts";
import { protocol } from "../../model/language/index.ts";
import type { Protocol } from "../../model/language/protocol.ts";
import { type Calling, contents, words } from "./call.ts";

export const calling: Calling = {
  name: "mach",
  how: "mach_msg that sends and receives, on either side; the reply travels by a send-once right; GNU Mach",
  longest: 4000,
  protocol: ({ bytes, cpus, calls, received, returned }) => {
    const message = contents(bytes);
    const { kernel, port, task } = mach.system({ cpus, message: words(bytes) });
    return protocol("remote procedure call", {
      kernel,
      objects: {
        service: port(),
        reply: port(),
        server: task({ receive: ["service"] }),
        client: task({ receive: ["reply"], send: ["service"] }),
      },
      threads: {
        serving: {
          cpu: 0,
          *run({ server, service }) {
            let request = yield* server.receive(service.name, { idle: true });
            while (true) {
              received();
              request = yield* server.call(request.right, request.message, service.name, { idle: true });
            }
          },
        },
        calling: {
          cpu: cpus - 1,
          *run({ client, service, reply }) {
            for (let i = 0; i < calls; i++) {
              yield* client.call(service.name, message, reply.name, { how: "make-send-once", right: reply.name });
              returned();
            }
          },
        },
      },
    }) as unknown as Protocol;
  },
};
