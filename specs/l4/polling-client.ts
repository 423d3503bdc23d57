/**
 * A client that polls: it calls with a send timeout of zero, again and again until the server listens. Nothing makes the server
 * listen but that it gets to run: without fairness the client polls for ever. If the server polls as well the two
 * never meet, however fair the scheduler is: nobody is blocked, and yet it is a deadlock. One of the two has to wait.
 */
import { type Fairness, ghost, int, protocol, step, type Timeout } from "ipc-check";
import * as l4 from "ipc-check/kernels/l4";

const polling = (name: string, fairness: Fairness, patience: Timeout, expect: "holds" | { readonly violated: "livelock" | "deadlock" }) =>
  protocol(name, {
    kernel: l4.kernel({ cpus: 1, message: int(0, 1) }),
    memory: { served: ghost(int(0, 1)) },
    threads: {
      server: {
        cpu: 0,
        *run({ ipc, served }) {
          while (true) {
            const request = yield* ipc.wait({ receive: patience });
            if (request.error === "none") {
              served.value = request.message;
              yield* ipc.send(request.from, request.message, { send: "zero" });
            }
            // Something else to do.
            yield* step({});
          }
        },
      },
      client: {
        cpu: 0,
        *run({ ipc, threads }) {
          let next = 1;
          while (true) {
            const answer = yield* ipc.call(threads.server, next, { send: "zero" });
            if (answer.error === "none") next = 1 - next;
          }
        },
      },
    },
    fairness,
    progress: { goals: { oneIsServed: ({ served }) => served === 1, zeroIsServed: ({ served }) => served === 0 } },
    expect,
  });

export const broken = polling("a client that polls, and a server that never runs", "none", "infinite", { violated: "livelock" });
export const repaired = polling("a client that polls a server that waits", "weak", "infinite", "holds");
export const both = polling("a client that polls a server that polls", "weak", "zero", { violated: "deadlock" });
