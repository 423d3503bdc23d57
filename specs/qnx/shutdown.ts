/**
 * A service is shut down while clients use it. A server process that is killed leaves its channel to the process manager:
 * until that destroys it, clients are blocked, and then they return with ESRCH; later ones get EBADF. Who forgets the
 * channel leaves its clients blocked for ever. A client's process can give up its connection while one of its threads
 * uses it: the thread returns if it is SEND-blocked, and the server is asked to unblock it if it is REPLY-blocked.
 */
import { check, int, protocol } from "ipc-check";
import * as qnx from "ipc-check/kernels/qnx";

const service = qnx.channel({ message: int(0, 0), unblock: true });
type Service = qnx.Channel<number, number>;

function* serve(service: Service) {
  while (true) {
    const request = yield* service.receive();
    if (request.error !== "none") break;
    if (request.kind === "message") yield* service.reply(request.rcvid, request.message);
    else if (request.kind === "unblock") yield* service.error(request.rcvid, "stored");
  }
}

export const broken = protocol("a killed server whose channel stays", {
  kernel: qnx.kernel({ cpus: 1 }),
  objects: { service },
  threads: {
    server: {
      cpu: 0,
      *run({ service }) {
        yield* serve(service);
      },
    },
    client: {
      cpu: 0,
      *run({ service }) {
        yield* service.send(0);
      },
    },
    operator: {
      cpu: 0,
      *run({ signals, threads }) {
        yield* signals.kill(threads.server);
      },
    },
  },
  expect: { violated: "deadlock" },
});

export const repaired = protocol("a killed server whose channel is destroyed", {
  kernel: qnx.kernel({ cpus: 1 }),
  objects: { service },
  threads: {
    server: {
      cpu: 0,
      *run({ service }) {
        yield* serve(service);
      },
    },
    client: {
      cpu: 0,
      *run({ service }) {
        while (true) {
          const { error } = yield* service.send(0);
          if (error !== "none") break;
        }
        yield* service.pulse(0);
      },
    },
    operator: {
      cpu: 0,
      *run({ service, signals, threads }) {
        yield* signals.kill(threads.server);
        yield* service.destroy();
      },
    },
  },
  expect: "holds",
});

export const orderly = protocol("a channel that is destroyed under its server, and a connection under its client", {
  kernel: qnx.kernel({ cpus: 1 }),
  objects: { service },
  threads: {
    server: {
      cpu: 0,
      *run({ service }) {
        yield* serve(service);
      },
    },
    client: {
      cpu: 0,
      *run({ service }) {
        const { error } = yield* service.send(0);
        check(error === "none" || error === "EBADF" || error === "EINTR" || error === "ESRCH", "the call ends, one way or another");
      },
    },
    sibling: {
      cpu: 0,
      *run({ service, threads }) {
        yield* service.detach(threads.client);
        const again = yield* service.detach(threads.client);
        check(again.error === "EINVAL", "a connection is given up once");
      },
    },
    operator: {
      cpu: 0,
      *run({ service }) {
        yield* service.destroy();
      },
    },
  },
  expect: "holds",
});
