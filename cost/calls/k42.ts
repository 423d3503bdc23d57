import * as k42 from "../../kernel/k42/index.ts";
import { protocol } from "../../model/language/index.ts";
import type { Protocol } from "../../model/language/protocol.ts";
import { type Calling, contents, words } from "./call.ts";

export const calling: Calling = {
  name: "k42",
  how: "a PPC to a dispatcher, whose free thread runs it and replies",
  longest: 4000,
  protocol: ({ bytes, cpus, calls, received, returned }) => {
    const message = contents(bytes);
    const { kernel, dispatcher } = k42.system({ cpus, message: words(bytes), buffer: 1 });
    return protocol("protected procedure call", {
      kernel,
      objects: { service: dispatcher(), user: dispatcher() },
      threads: {
        server: {
          cpu: 0,
          *run({ service }) {
            while (true) {
              const request = yield* service.accept();
              received();
              yield* service.reply(request.caller, request.message);
            }
          },
        },
        client: {
          cpu: cpus - 1,
          *run({ service, user }) {
            for (let i = 0; i < calls; i++) {
              // Another server than this one may have no thread free.
              yield* user.call(service, message);
              returned();
            }
          },
        },
      },
    }) as unknown as Protocol;
  },
};
