/**
 * A file system with a block driver: two clients call the file system, whose two threads call the driver; the driver starts
 * the device and blocks, and the device's interrupt comes as an asynchronous message, which another thread of the driver
 * turns into an Unblock. Requests that find no thread are tried again by the clients. Nothing is lost, and each answer
 * belongs to its request.
 */
import { check, int, nobody, protocol, threadId } from "ipc-check";
import * as k42 from "ipc-check/kernels/k42";

const { kernel, dispatcher } = k42.system({ message: int(0, 3), buffer: 1, handlers: 1 });

export default protocol("a file system and its block driver", {
  kernel,
  objects: { files: dispatcher(), blocks: dispatcher(), interrupts: dispatcher(), users: dispatcher() },
  memory: { waiting: threadId },
  threads: {
    device: {
      *run({ interrupts, blocks, scheduler }) {
        while (true) {
          yield* scheduler.block({ idle: true });
          while ((yield* interrupts.send(blocks, 3)).error === "EBUSY") {}
        }
      },
    },
    driver: {
      count: 2,
      *run({ blocks, scheduler, threads, waiting, self }) {
        while (true) {
          const request = yield* blocks.accept();
          if (request.kind === "message") {
            const sleeper = yield* waiting.exchange(nobody);
            if (sleeper !== nobody) yield* scheduler.unblock(sleeper);
          } else {
            yield* waiting.store(self);
            yield* scheduler.unblock(threads.device);
            yield* scheduler.block();
            yield* blocks.reply(request.caller, request.message);
          }
        }
      },
    },
    server: {
      *run({ files, blocks }) {
        while (true) {
          const request = yield* files.accept();
          let answer = yield* files.call(blocks, request.message);
          while (answer.error !== "none") answer = yield* files.call(blocks, request.message);
          yield* files.reply(request.caller, answer.reply);
        }
      },
    },
    client: {
      count: 2,
      *run({ users, files, index }) {
        let answer = yield* users.call(files, index);
        while (answer.error !== "none") answer = yield* users.call(files, index);
        check(answer.reply === index, "the block that was asked for");
      },
    },
  },
  expect: "holds",
});
