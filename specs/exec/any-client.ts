/**
 * A server against a task that does anything with signals, with its own message and with the server's port. A signal is no
 * promise of a message: a server that takes one message for each signal finds none. One that looks into its list until that is
 * empty, and waits only then, holds, as WaitPort does.
 */
import { check, int, protocol } from "ipc-check";
import * as exec from "ipc-check/kernels/exec";

const { kernel, port, message } = exec.system({ value: int(0, 0), signals: 1 });
const objects = { service: port(), theirs: port(), letter: message({ replyPort: "theirs" }), mine: port(), honest: message({ replyPort: "mine" }) };

export const broken = protocol("a server that takes one message for each signal", {
  kernel,
  objects,
  threads: {
    server: {
      cpu: 0,
      *run({ exec, service }) {
        const { signal } = yield* service.create();
        while (true) {
          yield* exec.wait(1 << signal, { idle: true });
          const next = yield* service.getMsg();
          check(next.error === "none", "a signal means a message");
          yield* exec.replyMsg(next.message, 0);
        }
      },
    },
    anyone: { cpu: 0, untrusted: "arbitrary", holds: ["service", "theirs", "letter", "server"] },
  },
  expect: { violated: "assertion" },
});

export const repaired = protocol("a server that waits when its list is empty", {
  kernel,
  objects,
  threads: {
    server: {
      cpu: 0,
      *run({ exec, service }) {
        yield* service.create();
        while (true) {
          yield* service.waitPort();
          const next = yield* service.getMsg();
          if (next.error === "none") yield* exec.replyMsg(next.message, 0);
        }
      },
    },
    anyone: { cpu: 0, untrusted: "arbitrary", holds: ["service", "theirs", "letter", "server"] },
    client: {
      cpu: 0,
      *run({ service, mine, honest }) {
        yield* mine.create();
        yield* service.putMsg(honest, 0);
        yield* mine.waitPort({ idle: false });
        const answer = yield* mine.getMsg();
        check(answer.error === "none" && answer.type === "replymsg", "the client is answered");
      },
    },
  },
  expect: "holds",
});
