/**
 * A file system with a block driver: two clients, the file system, the driver and its device, whose interrupt arrives as
 * a notification. Requests go down with SENDREC, replies come back with SENDNB, nobody waits for anybody above.
 */
import { check, flag, oneOf, protocol, waitUntil } from "ipc-check";
import * as minix from "ipc-check/kernels/minix";

const message = oneOf("read", "data");

export const fileSystem = protocol("a file system with a block driver", {
  kernel: minix.kernel({ cpus: 1, message }),
  memory: { busy: flag },
  threads: {
    device: {
      cpu: 0,
      *run({ ipc, threads, busy }) {
        while (true) {
          yield* waitUntil(busy, (value) => value);
          yield* busy.store(false);
          yield* ipc.notify(threads.driver);
        }
      },
    },
    driver: {
      cpu: 0,
      *run({ ipc, threads, busy }) {
        while (true) {
          const request = yield* ipc.receiveFrom(threads.fs, { idle: true });
          yield* busy.store(true);
          const interrupt = yield* ipc.receiveFrom(threads.device);
          check(interrupt.call === "NOTIFY" && !(yield* busy.load()), "the device has finished");
          const { error } = yield* ipc.sendnb(request.from, "data");
          check(error === "none", "the file system waits for its data");
        }
      },
    },
    fs: {
      cpu: 0,
      *run({ ipc, threads }) {
        while (true) {
          const request = yield* ipc.receive();
          const block = yield* ipc.sendrec(threads.driver, request.message);
          yield* ipc.sendnb(request.from, block.message);
        }
      },
    },
    client: {
      cpu: 0,
      count: 2,
      *run({ ipc, threads }) {
        while (true) {
          const { message } = yield* ipc.sendrec(threads.fs, "read");
          check(message === "data", "the answer is data");
        }
      },
    },
  },
  expect: "holds",
});
