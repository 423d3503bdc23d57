/**
 * A driver with interrupt and clients: two clients on the other CPU call a block server, which asks the driver; the driver
 * starts the device, waits for its level-triggered interrupt, unmasks the line, and answers. Permits, a semaphore, keep the
 * clients from asking for more than the server has buffers.
 */
import { check, flag, int, protocol, waitUntil } from "ipc-check";
import * as fiasco from "ipc-check/kernels/fiasco";

const { kernel, gate, irq, semaphore, slot } = fiasco.system({ cpus: 2, message: int(0, 3) });
const interrupt = 3;

export default protocol("a block server over an interrupt-driven disk", {
  kernel,
  objects: { blocks: gate(), disk: gate(), line: irq({ level: true }), buffers: semaphore({ limit: 1, initial: 1 }), asker: slot() },
  memory: { started: flag },
  threads: {
    server: {
      cpu: 0,
      *run({ blocks, disk, ipc, self }) {
        yield* blocks.bind(self, 1);
        while (true) {
          const request = yield* ipc.wait();
          if (request.error === "none") {
            const block = yield* disk.call(request.message);
            yield* ipc.reply(block.error === "none" ? block.message : 0);
          }
        }
      },
    },
    driver: {
      cpu: 0,
      *run({ disk, line, asker, started, ipc, self }) {
        yield* line.bind(self, interrupt);
        yield* disk.bind(self, 1);
        while (true) {
          const request = yield* ipc.wait({ slot: asker });
          if (request.error === "none") {
            yield* started.store(true);
            const done = yield* ipc.wait();
            check(done.label === interrupt, "only the device speaks to a driver at work");
            yield* line.unmask();
            yield* asker.reply(request.message + 1);
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
          yield* line.trigger();
        }
      },
    },
    client: {
      cpu: 1,
      count: 2,
      *run({ blocks, buffers, index }) {
        while (true) {
          yield* buffers.down();
          const answer = yield* blocks.call(index);
          check(answer.message === index + 1, "the block is the one that I asked for");
          yield* buffers.up();
        }
      },
    },
  },
  expect: "holds",
});
