/** A call and its reply on Nemesis, as `cost --kernels` measures it. */
import * as nemesis from "../../kernel/nemesis/index.ts";
import { array, int, protocol } from "../../model/language/index.ts";
import type { Protocol } from "../../model/language/protocol.ts";
import { type Calling, fill, look } from "./call.ts";

/** The highest count of an event channel, and so the most calls. */
const counts = 255;

export const calling: Calling = {
  name: "nemesis",
  how: "inter-domain call: a buffer and an event channel each way, Await on either side",
  longest: 4000,
  protocol: ({ bytes, cpus, calls, received, returned }) => {
    if (calls > counts) throw new RangeError(`event channels count to ${counts}, not to ${calls}`);
    const body = array(bytes / 4, int(0, 0x7fff_ffff));
    const { kernel, domain, channel } = nemesis.system({ cpus, counts });
    return protocol("inter-domain call", {
      kernel,
      objects: { service: domain(), user: domain(), ask: channel({ from: "user", to: "service" }), tell: channel({ from: "service", to: "user" }) },
      memory: { request: body, reply: body },
      threads: {
        server: {
          cpu: 0,
          *run({ service, ask, tell, request, reply }) {
            for (let served = 0; ; served++) {
              yield* nemesis.awaitCount(service, ask, served, { idle: true });
              yield* look(request);
              received();
              yield* fill(reply);
              yield* tell.send(served + 1);
            }
          },
        },
        client: {
          cpu: cpus - 1,
          *run({ user, ask, tell, request, reply }) {
            for (let i = 0; i < calls; i++) {
              yield* fill(request);
              yield* ask.send(i + 1);
              yield* nemesis.awaitCount(user, tell, i);
              yield* look(reply);
              returned();
            }
          },
        },
      },
    }) as unknown as Protocol;
  },
};
