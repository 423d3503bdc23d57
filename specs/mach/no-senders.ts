/**
 * A server hands out rights to an object and asks to be told when the last one is gone. The notification is a message
 * like any other: while it lies in the queue the server can hand out another right, and must not then destroy the object.
 * The notification carries the make-send count at which there were no senders; if the server has made more rights since,
 * it asks again. Scenario MACH-5 (mach.texi, "no-senders notification").
 */
import { check, ghost, flag, int, protocol, type Ghost } from "ipc-check";
import * as mach from "ipc-check/kernels/mach";

const { kernel, port, task } = mach.system({ message: int(0, 1), slots: 3, makes: 2, references: 2 });
const objects = {
  service: port({ limit: 3 }),
  thing: port({ limit: 1 }),
  replyA: port({ limit: 1 }),
  replyB: port({ limit: 1 }),
  server: task({ receive: ["service", "thing"] }),
  taskA: task({ receive: ["replyA"], send: ["service"] }),
  taskB: task({ receive: ["replyB"], send: ["service"] }),
};

/** Hands out rights to the thing until there are no senders. */
function* serve(server: mach.Task<number>, service: mach.Port, thing: mach.Port, destroyed: Ghost<boolean>, compares: boolean) {
  yield* server.requestNoSenders(thing.name, service.name, 1);
  let made = 0;
  while (true) {
    const request = yield* server.receive(service.name, { idle: true });
    if (request.id === "no-senders") {
      if (compares && request.data < made) yield* server.requestNoSenders(thing.name, service.name, made);
      else {
        destroyed.value = true;
        yield* server.destroy(thing.name);
        break;
      }
    } else {
      if (made < 2) made = made + 1;
      yield* server.send(request.right, 1, { how: "make-send", right: thing.name });
    }
  }
  while (true) {
    const late = yield* server.receive(service.name, { idle: true });
    yield* server.send(late.right, 0);
  }
}
/** Opens the thing, uses it, closes it. */
function* use(task: mach.Task<number>, service: mach.Port, reply: mach.Port, destroyed: Ghost<boolean>) {
  const opened = yield* task.call(service.name, 1, reply.name, { how: "make-send-once", right: reply.name });
  if (opened.right === mach.none) return;
  check(!destroyed.value, "a thing that somebody has a right to is not destroyed");
  yield* task.deallocate(opened.right);
}

const variant = (name: string, compares: boolean, expect: "holds" | { readonly violated: "assertion" }) =>
  protocol(name, {
    scenario: "MACH-5",
    kernel,
    objects,
    memory: { destroyed: ghost(flag) },
    threads: {
      serving: {
        *run({ server, service, thing, destroyed }) {
          yield* serve(server, service, thing, destroyed, compares);
        },
      },
      a: {
        *run({ taskA, service, replyA, destroyed }) {
          yield* use(taskA, service, replyA, destroyed);
        },
      },
      b: {
        *run({ taskB, service, replyB, destroyed }) {
          yield* use(taskB, service, replyB, destroyed);
        },
      },
    },
    expect,
  });

export const broken = variant("a server that believes the notification", false, { violated: "assertion" });
export const repaired = variant("a server that compares make-send counts", true, "holds");
