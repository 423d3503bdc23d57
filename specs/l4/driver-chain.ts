/**
 * Clients, a file server and a disk driver: the file server calls the driver for every request, the driver starts the device and
 * waits for what it reports, and some clients cannot be trusted to listen to the answer. Eight operations wait, in ten phases, and each could
 * be given another timeout. Only the file server's answer may not wait for ever: below it everybody can be trusted, and whoever
 * gives up there gives up a request that would have been served.
 */
import { int, protocol, type Timeout } from "ipc-check";
import * as l4 from "ipc-check/kernels/l4";

const variant = (name: string, patience: Timeout, expect: "holds" | { readonly violated: "unreplied-call" }) =>
  protocol(name, {
    kernel: l4.kernel({ cpus: 1, message: int(0, 3) }),
    objects: { start: l4.notification({ bits: 1 }) },
    threads: {
      fileServer: {
        cpu: 0,
        *run({ ipc, threads }) {
          while (true) {
            const request = yield* ipc.wait();
            if (request.error !== "none") continue;
            const block = yield* ipc.call(threads.driver, request.message);
            if (block.error !== "none") continue;
            yield* ipc.send(request.from, block.message, { send: patience });
          }
        },
      },
      driver: {
        cpu: 0,
        *run({ ipc, threads, start }) {
          while (true) {
            const order = yield* ipc.wait();
            if (order.error !== "none") continue;
            yield* start.signal(1);
            const done = yield* ipc.receive(threads.disk);
            if (done.error === "none") yield* ipc.send(order.from, done.message);
          }
        },
      },
      disk: {
        cpu: 0,
        *run({ ipc, threads, start }) {
          while (true) {
            yield* start.wait({ idle: true });
            yield* ipc.send(threads.driver, 3);
          }
        },
      },
      client: {
        cpu: 0,
        *run({ ipc, threads }) {
          while (true) yield* ipc.call(threads.fileServer, 1);
        },
      },
      stranger: {
        cpu: 0,
        untrusted: true,
        *run({ ipc, threads }) {
          while (true) {
            yield* ipc.send(threads.fileServer, 2);
            yield* ipc.receive(threads.fileServer);
          }
        },
        *correct({ ipc, threads }) {
          while (true) yield* ipc.call(threads.fileServer, 2);
        },
      },
    },
    expect,
  });

export const broken = variant("an answer that waits for ever", "infinite", { violated: "unreplied-call" });
export const repaired = variant("an answer that is given or not", "zero", "holds");
