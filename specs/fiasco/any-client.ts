/**
 * Servers against a client that does anything with the gate that it holds, and stops when it likes. A reply does not wait,
 * so a server that only replies serves the honest client. One that sends to a gate of the client's without a timeout is its
 * hostage.
 */
import { check, int, protocol } from "ipc-check";
import * as fiasco from "ipc-check/kernels/fiasco";

const { kernel, gate } = fiasco.system({ cpus: 1, message: int(0, 1), labels: 3 });

export const robust = protocol("a server that only replies", {
  kernel,
  objects: { service: gate(), honestService: gate() },
  threads: {
    server: {
      cpu: 0,
      *run({ service, honestService, ipc, self }) {
        yield* service.bind(self, 1);
        yield* honestService.bind(self, 2);
        let request = yield* ipc.wait();
        while (true) request = request.error === "none" ? yield* ipc.replyWait(request.message) : yield* ipc.wait();
      },
    },
    anyone: { cpu: 0, untrusted: "arbitrary", holds: ["service"] },
    honest: {
      cpu: 0,
      *run({ honestService }) {
        while (true) {
          const answer = yield* honestService.call(1);
          check(answer.message === 1, "the answer is to my question");
        }
      },
    },
  },
  expect: "holds",
});

export const hostage = protocol("a server that calls back", {
  kernel,
  objects: { service: gate(), callback: gate(), honestService: gate() },
  threads: {
    server: {
      cpu: 0,
      *run({ service, callback, honestService, ipc, self, threads }) {
        yield* callback.bind(threads.anyone, 0);
        yield* honestService.bind(self, 2);
        yield* service.bind(self, 1);
        while (true) {
          const request = yield* ipc.wait();
          if (request.error === "none") {
            yield* ipc.reply(request.message);
            if (request.label === 1) yield* callback.send(request.message);
          }
        }
      },
    },
    anyone: {
      cpu: 0,
      untrusted: "arbitrary",
      holds: ["service"],
      *correct({ service, ipc }) {
        yield* service.call(0);
        yield* ipc.wait();
      },
    },
    honest: {
      cpu: 0,
      *run({ honestService }) {
        while (true) yield* honestService.call(1);
      },
    },
  },
  expect: { violated: "unreplied-call" },
});
