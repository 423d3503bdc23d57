/**
 * A server waits for anybody, with an interrupt bound to its thread. Interrupts stand before other senders in the queue
 * (src/kern/ipc_sender.cpp): a line that comes up again before the server has come round keeps its clients waiting for ever.
 * A level-triggered line stays down until the driver unmasks it; unmasked only after a client was looked after, it leaves
 * room. Scenario FOC-9.
 */
import { int, protocol } from "ipc-check";
import * as fiasco from "ipc-check/kernels/fiasco";

const { kernel, gate, irq } = fiasco.system({ cpus: 1, message: int(0, 1) });
const interrupt = 3;

export const broken = protocol("interrupts before clients", {
  scenario: "FOC-9",
  kernel,
  objects: { requests: gate(), line: irq() },
  threads: {
    server: {
      cpu: 0,
      *run({ requests, line, ipc, self }) {
        yield* line.bind(self, interrupt);
        yield* requests.bind(self, 1);
        while (true) {
          const event = yield* ipc.wait();
          if (event.error === "none" && event.label !== interrupt) yield* ipc.reply(0);
        }
      },
    },
    device: {
      cpu: 0,
      *run({ line }) {
        while (true) yield* line.trigger();
      },
    },
    client: {
      cpu: 0,
      *run({ requests }) {
        while (true) yield* requests.call(1);
      },
    },
  },
  progress: true,
  expect: { violated: "starvation" },
});

export const repaired = protocol("a client after each interrupt", {
  scenario: "FOC-9",
  kernel,
  objects: { requests: gate(), line: irq({ level: true }) },
  threads: {
    server: {
      cpu: 0,
      *run({ requests, line, ipc, self }) {
        yield* line.bind(self, interrupt);
        yield* requests.bind(self, 1);
        while (true) {
          const event = yield* ipc.wait();
          if (event.error !== "none") continue;
          if (event.label !== interrupt) {
            yield* ipc.reply(0);
            continue;
          }
          // The line is masked: now only clients come.
          const next = yield* ipc.wait({ receive: "zero" });
          if (next.error === "none") yield* ipc.reply(0);
          yield* line.unmask();
        }
      },
    },
    device: {
      cpu: 0,
      *run({ line }) {
        while (true) yield* line.trigger();
      },
    },
    client: {
      cpu: 0,
      *run({ requests }) {
        while (true) yield* requests.call(1);
      },
    },
  },
  progress: true,
  expect: "holds",
});
