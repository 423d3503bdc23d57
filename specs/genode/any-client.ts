/**
 * A server against every client there can be: one that calls with any message, submits its signals as often as it likes, and
 * stops at any time. A server that only replies is not held up; one that takes the count of a signal for the number of
 * events can be misled, and may be wrong without any malice: counts are hints.
 */
import { check, int, protocol } from "ipc-check";
import * as genode from "ipc-check/kernels/genode";

const { kernel, entrypoint, signal } = genode.system({ cpus: 1, message: int(0, 2), counts: 2 });
const objects = { service: entrypoint(), bell: signal() };

export const repaired = protocol("a server that only replies", {
  kernel,
  objects,
  threads: {
    server: {
      cpu: 0,
      *run({ service, bell }) {
        yield* bell.manage(service);
        let request = yield* service.wait();
        while (true) request = yield* service.replyAndWait(request.message < 2 ? request.message + 1 : 0);
      },
    },
    client: {
      cpu: 0,
      *run({ service }) {
        while (true) {
          const { error, reply } = yield* service.call(1);
          check(error === "none" && reply === 2, "the reply answers my request");
        }
      },
    },
    stranger: { cpu: 0, untrusted: "arbitrary", holds: ["service", "bell"] },
  },
  expect: "holds",
});

export const broken = protocol("a server that counts signals", {
  kernel,
  objects,
  threads: {
    server: {
      cpu: 0,
      *run({ service, bell }) {
        yield* bell.manage(service);
        let request = yield* service.wait();
        while (true) {
          if (request.kind === "signal") check(request.count === 1, "one event, one signal");
          request = yield* service.replyAndWait(0);
        }
      },
    },
    stranger: { cpu: 0, untrusted: "arbitrary", holds: ["service", "bell"] },
  },
  expect: { violated: "assertion" },
});
