/**
 * Two tasks of one thread each send each other a number of messages before they receive any. A queue takes as many as
 * its limit; with one more on each side both wait for room that only the other could make. A timeout, a second thread
 * that receives, or send-once rights, which the limit does not bind, end it. Scenario MACH-1.
 */
import { int, protocol } from "ipc-check";
import * as mach from "ipc-check/kernels/mach";

const { kernel, port, task } = mach.system({ message: int(0, 1), slots: 3 });
const roomy = mach.system({ message: int(0, 1), slots: 4 });
const objects = {
  toA: port({ limit: 2 }),
  toB: port({ limit: 2 }),
  taskA: task({ receive: ["toA"], send: ["toB"] }),
  taskB: task({ receive: ["toB"], send: ["toA"] }),
};

/** Sends `messages` messages, then receives as many. */
function* exchange(task: mach.Task<number>, to: number, from: number, messages: number) {
  for (let sent = 0; sent < messages; sent++) yield* task.send(to, 1);
  for (let received = 0; received < messages; received++) yield* task.receive(from);
}
const sendingFirst = (name: string, messages: number, expect: "holds" | { readonly violated: "deadlock" }) =>
  protocol(name, {
    scenario: "MACH-1",
    kernel,
    objects,
    threads: {
      a: {
        *run({ taskA, toA, toB }) {
          yield* exchange(taskA, toB.name, toA.name, messages);
        },
      },
      b: {
        *run({ taskB, toA, toB }) {
          yield* exchange(taskB, toA.name, toB.name, messages);
        },
      },
    },
    expect,
  });

export const broken = sendingFirst("one message more than the queues hold", 3, { violated: "deadlock" });
export const within = sendingFirst("as many messages as the queues hold", 2, "holds");

export const patient = protocol("a sender that gives up in time", {
  scenario: "MACH-1",
  kernel,
  objects,
  threads: {
    a: {
      *run({ taskA, toA, toB }) {
        for (let sent = 0; sent < 3; sent++) {
          const outcome = yield* taskA.send(toB.name, 1, { timeout: "finite" });
          // A send that fails gives the right to the destination back as a second reference.
          if (outcome.error === "send-timed-out") yield* taskA.deallocate(toB.name);
        }
        while (true) yield* taskA.receive(toA.name, { idle: true });
      },
    },
    b: {
      *run({ taskB, toA, toB }) {
        for (let sent = 0; sent < 3; sent++) yield* taskB.send(toA.name, 1);
        while (true) yield* taskB.receive(toB.name, { idle: true });
      },
    },
  },
  expect: "holds",
});

export const threaded = protocol("a second thread that receives", {
  scenario: "MACH-1",
  kernel,
  objects,
  threads: {
    sender: {
      *run({ taskA, toB }) {
        for (let sent = 0; sent < 3; sent++) yield* taskA.send(toB.name, 1);
      },
    },
    receiver: {
      *run({ taskA, toA }) {
        for (let received = 0; received < 3; received++) yield* taskA.receive(toA.name);
      },
    },
    b: {
      *run({ taskB, toA, toB }) {
        yield* exchange(taskB, toA.name, toB.name, 3);
      },
    },
  },
  expect: "holds",
});

/** Each asks twice for an answer by a send-once right, then answers both questions of the other: no queue is ever too small. */
function* askThenAnswer(task: mach.Task<number>, peer: number, mine: mach.Port) {
  for (let asked = 0; asked < 2; asked++) yield* task.send(peer, 0, { how: "make-send-once", right: mine.name });
  for (let received = 0; received < 4; received++) {
    const got = yield* task.receive(mine.name);
    if (got.right !== mach.none) yield* task.send(got.right, 1);
  }
}
export const once = protocol("answers by send-once rights", {
  scenario: "MACH-1",
  kernel: roomy.kernel,
  objects: {
    toA: roomy.port({ limit: 2 }),
    toB: roomy.port({ limit: 2 }),
    taskA: roomy.task({ receive: ["toA"], send: ["toB"] }),
    taskB: roomy.task({ receive: ["toB"], send: ["toA"] }),
  },
  threads: {
    a: {
      *run({ taskA, toA, toB }) {
        yield* askThenAnswer(taskA, toB.name, toA);
      },
    },
    b: {
      *run({ taskB, toA, toB }) {
        yield* askThenAnswer(taskB, toA.name, toB);
      },
    },
  },
  expect: "holds",
});
