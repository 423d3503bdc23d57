/** A call and its reply on K42, as `cost --kernels` measures it. */
import * as k42 from "../../kernel/k42/index.ts";
import { protocol } from "../../model/language/index.ts";
import type { Protocol } from "../../model/language/protocol.ts";
import { type Calling, contents, words } from "./call.ts";

export const calling: Calling = {
  name: "k42",
  how: "a protected procedure call to a free thread of the server's dispatcher, which replies and is free again in one step",
  // The page that arguments travel in.
  longest: 4000,
  mostCpus: 1,
  protocol: ({ bytes, cpus, calls, received, returned }) => {
    const message = contents(bytes);
    const { kernel, dispatcher } = k42.system({ cpus, message: words(bytes) });
    return protocol("protected procedure call", {
      kernel,
      objects: { service: dispatcher(), user: dispatcher() },
      threads: {
        server: {
          cpu: 0,
          *run({ service }) {
            let request = yield* service.accept();
            while (true) {
              received();
              request = yield* service.replyAccept(request.caller, request.message);
            }
          },
        },
        client: {
          cpu: 0,
          *run({ user, service }) {
            for (let i = 0; i < calls; ) {
              // Until the server's thread is there, there is none for the call.
              if ((yield* user.call(service, message)).error !== "none") continue;
              returned();
              i++;
            }
          },
        },
      },
    }) as unknown as Protocol;
  },
};
