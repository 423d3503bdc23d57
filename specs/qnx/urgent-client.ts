/**
 * A channel's senders are received in the order of their priorities. A server that is asked again and again by urgent clients
 * never comes to one of lower priority, on whatever CPU that runs, and however fair the scheduler is. With a channel and a
 * thread of its own for each of the two the patient client is served.
 */
import { int, protocol } from "ipc-check";
import * as qnx from "ipc-check/kernels/qnx";

type Channel = qnx.Channel<number, number>;
const channel = qnx.channel({ message: int(0, 0) });

function* serve(service: Channel) {
  while (true) {
    const request = yield* service.receive();
    if (request.kind === "message") yield* service.reply(request.rcvid, 0);
  }
}
function* ask(service: Channel) {
  while (true) yield* service.send(0);
}

export const broken = protocol("urgent clients before a patient one", {
  kernel: qnx.kernel({ cpus: 4 }),
  scheduling: "priority",
  objects: { service: channel },
  threads: {
    server: {
      cpu: 0,
      priority: 2,
      *run({ service }) {
        yield* serve(service);
      },
    },
    urgent: {
      cpu: (index) => 1 + index,
      count: 2,
      priority: 2,
      *run({ service }) {
        yield* ask(service);
      },
    },
    patient: {
      cpu: 3,
      priority: 1,
      *run({ service }) {
        yield* ask(service);
      },
    },
  },
  progress: true,
  expect: { violated: "starvation" },
});

export const repaired = protocol("a channel and a thread for each", {
  kernel: qnx.kernel({ cpus: 4 }),
  scheduling: "priority",
  objects: { service: channel, slow: channel },
  threads: {
    server: {
      cpu: 0,
      priority: 2,
      *run({ service }) {
        yield* serve(service);
      },
    },
    second: {
      cpu: 1,
      priority: 1,
      *run({ slow }) {
        yield* serve(slow);
      },
    },
    urgent: {
      cpu: 2,
      priority: 2,
      *run({ service }) {
        yield* ask(service);
      },
    },
    patient: {
      cpu: 3,
      priority: 1,
      *run({ slow }) {
        yield* ask(slow);
      },
    },
  },
  progress: true,
  expect: "holds",
});
