/**
 * A dispatcher hands each request to a worker in the client's name: propagation. The worker finds the client as the sender,
 * and the client, which waits for the dispatcher, now waits for the worker, so that the worker answers it directly. The
 * kernel allows this only within one space; between spaces it silently clears the flag, the worker answers the dispatcher,
 * and the client waits on. (X.2 manual, propagation; ipc.cc of L4Ka::Pistachio.)
 */
import { check, int, nobody, protocol } from "ipc-check";
import * as l4 from "ipc-check/kernels/l4";

const forwarding = (name: string, clients: number, together: boolean, expect: "holds" | { readonly violated: "deadlock" }) =>
  protocol(name, {
    kernel: l4.kernel({ cpus: 1, message: int(0, 3), spaces: true }),
    threads: {
      dispatcher: {
        cpu: 0,
        *run({ ipc, threads, self }) {
          if (together) {
            yield* ipc.move(threads.worker[0] ?? nobody, self);
            yield* ipc.move(threads.worker[1] ?? nobody, self);
          }
          let turn = 0;
          while (true) {
            const request = yield* ipc.wait();
            const worker = threads.worker[turn] ?? nobody;
            yield* ipc.send(worker, request.message, { as: request.from });
            turn = (turn + 1) % 2;
          }
        },
      },
      worker: {
        cpu: 0,
        count: 2,
        *run({ ipc }) {
          while (true) {
            const work = yield* ipc.waitLocal();
            yield* ipc.send(work.from, work.message + 1, { send: "zero" });
          }
        },
      },
      client: {
        cpu: 0,
        count: clients,
        *run({ ipc, threads, index }) {
          const answer = yield* ipc.call(threads.dispatcher, index);
          if (answer.error === "none") check(answer.message === index + 1, "the answer is to my question");
        },
      },
    },
    expect,
  });

export const forwarded = forwarding("requests forwarded in the client's name", 1, true, "holds");
export const broken = forwarding("requests forwarded into another space", 1, false, { violated: "deadlock" });
