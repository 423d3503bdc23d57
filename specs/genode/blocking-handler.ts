/**
 * A handler that blocks on a third party hangs its entrypoint, and with it all its clients: an RPC has no timeout. If the
 * handler answers "later" and lets a signal tell of the answer, whoever does not come holds up nobody else. Scenario GEN-2.
 */
import { oneOf, protocol } from "ipc-check";
import * as genode from "ipc-check/kernels/genode";

const { kernel, entrypoint, signal } = genode.system({ cpus: 1, message: oneOf("ask", "later", "answer"), counts: 1 });

export const broken = protocol("a handler that waits for a third party", {
  scenario: "GEN-2",
  kernel,
  objects: { service: entrypoint(), third: entrypoint() },
  threads: {
    server: {
      cpu: 0,
      *run({ service, third }) {
        yield* service.wait();
        while (true) {
          yield* third.call("ask");
          yield* service.replyAndWait("answer");
        }
      },
    },
    stranger: {
      cpu: 0,
      untrusted: true,
      *run({ third }) {
        yield* third.wait();
        while (true) yield* third.replyAndWait("answer");
      },
    },
    client: {
      cpu: 0,
      *run({ service }) {
        yield* service.call("ask");
      },
    },
  },
  expect: { violated: "unreplied-call" },
});

export const repaired = protocol("a handler that waits for nobody", {
  scenario: "GEN-2",
  kernel,
  objects: { service: entrypoint(), question: signal(), answer: signal(), third: entrypoint() },
  threads: {
    server: {
      cpu: 0,
      *run({ service, question, answer }) {
        yield* answer.manage(service);
        let isAnswered = false;
        let request = yield* service.wait();
        while (true) {
          if (request.kind === "signal") {
            isAnswered = true;
            request = yield* service.wait();
          } else {
            yield* question.submit();
            request = yield* service.replyAndWait(isAnswered ? "answer" : "later");
          }
        }
      },
    },
    stranger: {
      cpu: 0,
      untrusted: true,
      *run({ third, question, answer }) {
        yield* question.manage(third);
        while (true) {
          yield* third.wait();
          yield* answer.submit();
        }
      },
    },
    client: {
      cpu: 0,
      *run({ service }) {
        while (true) yield* service.call("ask");
      },
    },
  },
  expect: "holds",
});
