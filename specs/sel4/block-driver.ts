/**
 * A disk: two clients call a file server, which passes their requests on to a driver; the driver starts the device and
 * answers when its interrupt has come. The interrupt is bound to the driver, and the right to answer a client stays in the
 * caller slot of the file server while that calls the driver.
 */
import { check, flag, int, protocol, waitUntil } from "ipc-check";
import * as sel4 from "ipc-check/kernels/sel4";

const { kernel, endpoint, notification } = sel4.system({ cpus: 1, message: int(0, 3) });
const interrupt = 2;

export default protocol("a file server over an interrupt-driven disk", {
  kernel,
  objects: { files: endpoint(), disk: endpoint(), line: notification() },
  memory: { started: flag },
  threads: {
    files: {
      cpu: 0,
      *run({ files, disk }) {
        let request = yield* files.recv();
        while (true) {
          const block = yield* disk.badged(1).call(request.message);
          // The caller slot still names the client: nothing was received meanwhile.
          request = yield* files.replyRecv(block.error === "none" ? block.message : 0);
        }
      },
    },
    driver: {
      cpu: 0,
      *run({ disk, line, started, self, ipc }) {
        yield* line.bind(self);
        while (true) {
          const request = yield* disk.recv();
          if (request.badge !== interrupt) {
            yield* started.store(true);
            const done = yield* line.wait();
            check(done.badge === interrupt, "the device has answered");
            yield* ipc.reply(request.message + 1);
          }
        }
      },
    },
    device: {
      cpu: 0,
      *run({ line, started }) {
        while (true) {
          yield* waitUntil(started, (value) => value);
          yield* started.store(false);
          yield* line.signal(interrupt);
        }
      },
    },
    client: {
      cpu: 0,
      count: 2,
      *run({ files, index }) {
        while (true) {
          const answer = yield* files.badged(index + 1).call(index);
          check(answer.message === index + 1, "the block is the one that I asked for");
        }
      },
    },
  },
  expect: "holds",
});
