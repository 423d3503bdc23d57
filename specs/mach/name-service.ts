/**
 * A name server, a service that registers with it, and two clients that look the service up, use it and give their right
 * back, for ever: rights travel by MAKE_SEND when the service registers, by COPY_SEND when it is looked up, replies by
 * send-once rights. Every call is answered, and nobody ends up with more rights than it should have.
 */
import { check, oneOf, protocol, record, int } from "ipc-check";
import * as mach from "ipc-check/kernels/mach";

const message = record({ kind: oneOf("register", "look up", "work", "done", "unknown"), value: int(0, 2) });
type Message = { readonly kind: "register" | "look up" | "work" | "done" | "unknown"; readonly value: number };
const { kernel, port, task } = mach.system({ message, slots: 3, references: 2 });

/** Looks the service up and uses it once; a service that is not there yet is no harm. */
function* use(task: mach.Task<Message>, names: mach.Port, reply: mach.Port, value: number) {
  const found = yield* task.call(names.name, { kind: "look up", value: 0 }, reply.name, { how: "make-send-once", right: reply.name });
  if (found.message.kind === "unknown") return;
  const done = yield* task.call(found.right, { kind: "work", value }, reply.name, { how: "make-send-once", right: reply.name, move: true });
  check(done.message.kind === "done" && done.message.value === value, "the answer belongs to the question");
}

export default protocol("a name server, a service and two clients", {
  kernel,
  objects: {
    names: port({ limit: 2 }),
    service: port({ limit: 2 }),
    replyA: port({ limit: 1 }),
    replyB: port({ limit: 1 }),
    nameTask: task({ receive: ["names"] }),
    serviceTask: task({ receive: ["service"], send: ["names"] }),
    taskA: task({ receive: ["replyA"], send: ["names"] }),
    taskB: task({ receive: ["replyB"], send: ["names"] }),
  },
  threads: {
    naming: {
      *run({ nameTask, names }) {
        let registered = 0;
        while (true) {
          const request = yield* nameTask.receive(names.name, { idle: true });
          if (request.message.kind === "register") registered = request.right;
          else if (registered === 0) yield* nameTask.send(request.right, { kind: "unknown", value: 0 });
          else {
            yield* nameTask.send(request.right, { kind: "done", value: 0 }, { how: "copy-send", right: registered });
          }
        }
      },
    },
    serving: {
      *run({ serviceTask, names, service }) {
        yield* serviceTask.send(names.name, { kind: "register", value: 0 }, { how: "make-send", right: service.name });
        while (true) {
          const request = yield* serviceTask.receive(service.name, { idle: true });
          yield* serviceTask.send(request.right, { kind: "done", value: request.message.value });
        }
      },
    },
    a: {
      *run({ taskA, names, replyA }) {
        while (true) yield* use(taskA, names, replyA, 1);
      },
    },
    b: {
      *run({ taskB, names, replyB }) {
        while (true) yield* use(taskB, names, replyB, 2);
      },
    },
  },
  expect: "holds",
});
