/**
 * Nothing protects Exec from a task that forbids the others and does not go on. A task that is not trusted must not be given
 * data that is protected that way; with a server that owns the data it can only hurt itself.
 */
import { int, protocol } from "ipc-check";
import * as exec from "ipc-check/kernels/exec";

const { kernel, port, message } = exec.system({ value: int(0, 1), signals: 1 });

export const broken = protocol("a task that may stop forbids the others", {
  kernel,
  objects: {},
  memory: { shared: int(0, 1) },
  threads: {
    guest: {
      cpu: 0,
      untrusted: true,
      *run({ exec, shared }) {
        yield* exec.forbid();
        yield* shared.store(1);
        yield* exec.permit();
      },
    },
    owner: {
      cpu: 0,
      *run({ exec, shared }) {
        yield* exec.forbid();
        yield* shared.store(0);
        yield* exec.permit();
      },
    },
  },
  expect: { violated: "unreplied-call" },
});

export const repaired = protocol("a task that may stop sends a message", {
  kernel,
  objects: { service: port(), replies: port(), please: message({ replyPort: "replies" }) },
  memory: { shared: int(0, 1) },
  threads: {
    guest: {
      cpu: 0,
      untrusted: true,
      *run({ service, replies, please }) {
        yield* replies.create();
        yield* service.putMsg(please, 1);
        yield* replies.waitPort({ idle: false });
        yield* replies.getMsg();
      },
    },
    owner: {
      cpu: 0,
      *run({ exec, service, shared }) {
        yield* service.create();
        while (true) {
          yield* service.waitPort();
          const next = yield* service.getMsg();
          if (next.error === "empty") continue;
          yield* shared.store(next.value);
          yield* exec.replyMsg(next.message, 0);
        }
      },
    },
  },
  expect: "holds",
});
