/**
 * A supervisor closes a service down: it suspends the server and deletes the endpoint. Who is queued there is restarted and
 * told that the capability is invalid; but the caller that the server was working for waits for its reply for ever, since
 * deleting an endpoint does not concern those who have been received. Suspending the server only while nobody is served, or,
 * with MCS, deleting the reply object and resuming the caller, repairs it: the call is performed once more, and fails.
 */
import { int, protocol } from "ipc-check";
import * as sel4 from "ipc-check/kernels/sel4";

function* callUntilClosed(service: sel4.Sender<number>) {
  let open = true;
  while (open) open = (yield* service.call(0)).error === "none";
}

const classic = sel4.system({ cpus: 1, message: int(0, 1) });

export const broken = protocol("deleting an endpoint under a server at work", {
  kernel: classic.kernel,
  objects: { service: classic.endpoint(), closed: classic.notification() },
  threads: {
    supervisor: {
      cpu: 0,
      *run({ service, closed, tcb, threads }) {
        yield* tcb.suspend(threads.server);
        yield* service.delete();
        yield* closed.signal();
      },
    },
    server: {
      cpu: 0,
      untrusted: true,
      *run({ service, closed, ipc }) {
        while (true) {
          yield* service.recv();
          yield* closed.poll();
          yield* ipc.reply(1);
        }
      },
    },
    client: {
      cpu: 0,
      count: 2,
      *run({ service }) {
        yield* callUntilClosed(service);
      },
    },
  },
  expect: { violated: "unreplied-call" },
});

const { kernel, endpoint, reply } = sel4.mcs({ cpus: 1, message: int(0, 1) });

export const repaired = protocol("deleting the reply object as well", {
  kernel,
  objects: { service: endpoint(), answer: reply() },
  threads: {
    supervisor: {
      cpu: 0,
      *run({ service, answer, tcb, threads }) {
        yield* tcb.suspend(threads.server);
        yield* service.delete();
        yield* answer.delete();
        // A caller that was being served is Inactive now; the other is running.
        yield* tcb.resume(threads.client);
        yield* tcb.resume(threads.other);
      },
    },
    server: {
      cpu: 0,
      untrusted: true,
      *run({ service, answer }) {
        while (true) {
          yield* service.recv(answer);
          yield* answer.send(1);
        }
      },
    },
    client: {
      cpu: 0,
      *run({ service }) {
        yield* callUntilClosed(service);
      },
    },
    other: {
      cpu: 0,
      *run({ service }) {
        yield* callUntilClosed(service);
      },
    },
  },
  expect: "holds",
});
