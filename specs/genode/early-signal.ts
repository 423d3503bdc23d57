/**
 * A server signals that there is something before its client has registered a handler: the capability is invalid, and the
 * signal goes nowhere. The server has to signal again when a handler is registered and there still is something.
 * Scenario GEN-6 (42397cb5, #1186).
 */
import { bool, flag, protocol } from "ipc-check";
import * as genode from "ipc-check/kernels/genode";

const { kernel, entrypoint, signal } = genode.system({ cpus: 1, message: bool(), counts: 1 });
const objects = { service: entrypoint(), mine: entrypoint(), available: signal() };

export const broken = protocol("a signal before the handler", {
  scenario: "GEN-6",
  kernel,
  objects,
  memory: { packet: flag },
  threads: {
    server: {
      cpu: 0,
      *run({ available, packet }) {
        yield* packet.store(true);
        yield* available.submit();
      },
    },
    client: {
      cpu: 0,
      *run({ mine, available }) {
        yield* available.manage(mine);
        yield* mine.wait({ idle: false });
      },
    },
  },
  expect: { violated: "deadlock" },
});

export const repaired = protocol("a signal at registration", {
  scenario: "GEN-6",
  kernel,
  objects,
  memory: { packet: flag },
  threads: {
    server: {
      cpu: 0,
      *run({ service, available, packet }) {
        yield* packet.store(true);
        yield* available.submit();
        yield* service.wait();
        while (true) {
          if (yield* packet.load()) yield* available.submit();
          yield* service.replyAndWait(true);
        }
      },
    },
    client: {
      cpu: 0,
      *run({ service, mine, available }) {
        yield* available.manage(mine);
        yield* service.call(true);
        yield* mine.wait({ idle: false });
      },
    },
  },
  expect: "holds",
});
