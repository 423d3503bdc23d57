/**
 * Two servers that call each other while they serve their own clients deadlock as soon as both are at work. If servers
 * are ordered and call only those below them, no circle of waiting can close. Scenario SEL4-9, on the L4 kernel.
 *
 * Replies go out with timeout zero and their error is not looked at: every caller uses the combined call, so it is
 * receiving by then. Were that wrong, the checker would report `unhandled-error`.
 */
import { oneOf, protocol, type ThreadId } from "ipc-check";
import * as l4 from "ipc-check/kernels/l4";

type Message = "work" | "part" | "done";
const message = oneOf("work", "part", "done");

/** Answers `work` with the help of another server, and `part` alone. */
function* serve(ipc: l4.Ipc<Message>, helper: ThreadId) {
  let request = yield* ipc.wait();
  while (true) {
    if (request.message === "work") yield* ipc.call(helper, "part");
    request = yield* ipc.replyWait(request.from, "done", { send: "zero" });
  }
}

/** Keeps one server busy. */
function* use(ipc: l4.Ipc<Message>, server: ThreadId) {
  while (true) yield* ipc.call(server, "work");
}

export const broken = protocol("servers that call each other", {
  scenario: "SEL4-9",
  kernel: l4.kernel({ cpus: 1, message }),
  threads: {
    a: {
      cpu: 0,
      *run({ ipc, threads }) {
        yield* serve(ipc, threads.b);
      },
    },
    b: {
      cpu: 0,
      *run({ ipc, threads }) {
        yield* serve(ipc, threads.a);
      },
    },
    clientOfA: {
      cpu: 0,
      *run({ ipc, threads }) {
        yield* use(ipc, threads.a);
      },
    },
    clientOfB: {
      cpu: 0,
      *run({ ipc, threads }) {
        yield* use(ipc, threads.b);
      },
    },
  },
  expect: { violated: "deadlock" },
});

export const repaired = protocol("servers that call only downwards", {
  scenario: "SEL4-9",
  kernel: l4.kernel({ cpus: 1, message }),
  threads: {
    a: {
      cpu: 0,
      *run({ ipc, threads }) {
        yield* serve(ipc, threads.b);
      },
    },
    b: {
      cpu: 0,
      *run({ ipc, threads }) {
        yield* serve(ipc, threads.c);
      },
    },
    c: {
      cpu: 0,
      *run({ ipc }) {
        let request = yield* ipc.wait();
        while (true) request = yield* ipc.replyWait(request.from, "done", { send: "zero" });
      },
    },
    clientOfA: {
      cpu: 0,
      *run({ ipc, threads }) {
        yield* use(ipc, threads.a);
      },
    },
    clientOfB: {
      cpu: 0,
      *run({ ipc, threads }) {
        yield* use(ipc, threads.b);
      },
    },
  },
  expect: "holds",
});
