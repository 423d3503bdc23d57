/** A call and its reply on LWKT, as `cost --kernels` measures it. */
import * as lwkt from "../../kernel/lwkt/index.ts";
import { array, int, protocol } from "../../model/language/index.ts";
import type { Protocol } from "../../model/language/protocol.ts";
import { type Calling, fill, look } from "./call.ts";

export const calling: Calling = {
  name: "lwkt",
  how: "lwkt_domsg to a thread's port, waitport and replymsg in the server; the message is memory that both write and read, not copied",
  longest: 4000,
  // Between CPUs messages travel by interrupts of no thread, which are not run here.
  mostCpus: 1,
  protocol: ({ bytes, calls, received, returned }) => {
    const body = array(bytes / 4, int(0, 0x7fff_ffff));
    const { kernel, message } = lwkt.system({ cpus: 1, value: int(0, 0) });
    return protocol("domsg", {
      kernel,
      objects: { packet: message() },
      memory: { request: body, reply: body },
      threads: {
        server: {
          cpu: 0,
          *run({ lwkt, request, reply }) {
            while (true) {
              const got = yield* lwkt.waitport();
              yield* look(request);
              received();
              yield* fill(reply);
              yield* lwkt.replymsg(got.message, 0);
            }
          },
        },
        client: {
          cpu: 0,
          *run({ lwkt, threads, packet, request, reply }) {
            for (let i = 0; i < calls; i++) {
              yield* fill(request);
              yield* lwkt.domsg(threads.server, packet.number, 0);
              yield* look(reply);
              returned();
            }
          },
        },
      },
    }) as unknown as Protocol;
  },
};
