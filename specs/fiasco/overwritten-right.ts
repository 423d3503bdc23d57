/**
 * A server that waits again before it has replied overwrites the right to reply in its implicit slot. The kernel warns of
 * it; the first caller waits for ever. An explicit slot for each caller repairs it (src/kern/thread-ipc.cpp; commit 49893816).
 */
import { int, protocol } from "ipc-check";
import * as fiasco from "ipc-check/kernels/fiasco";

const { kernel, gate, slot } = fiasco.system({ cpus: 1, message: int(0, 1) });

export const broken = protocol("waiting twice before replying", {
  kernel,
  objects: { service: gate() },
  threads: {
    server: {
      cpu: 0,
      *run({ service, ipc, self }) {
        yield* service.bind(self, 1);
        yield* ipc.wait();
        yield* ipc.wait();
        yield* ipc.reply(1);
      },
    },
    client: {
      cpu: 0,
      count: 2,
      *run({ service }) {
        yield* service.call(0);
      },
    },
  },
  expect: { violated: "deadlock" },
});

export const repaired = protocol("a slot for each caller", {
  kernel,
  objects: { service: gate(), first: slot() },
  threads: {
    server: {
      cpu: 0,
      *run({ service, first, ipc, self }) {
        yield* service.bind(self, 1);
        while (true) {
          yield* ipc.wait({ slot: first });
          yield* ipc.wait();
          yield* ipc.reply(1);
          yield* first.reply(1);
        }
      },
    },
    client: {
      cpu: 0,
      count: 2,
      *run({ service }) {
        while (true) yield* service.call(0);
      },
    },
  },
  expect: "holds",
});
