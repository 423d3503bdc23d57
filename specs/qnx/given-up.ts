/**
 * A request is answered once, and a connection is given up once. A server that answers again, whichever way, is told
 * ESRCH; a client whose connection its sibling thread has closed is told EBADF, whether it polls with TimerTimeout without
 * a time or sends a pulse. Who believes in a connection that a sibling may close is wrong.
 */
import { type Cell, check, flag, int, protocol } from "ipc-check";
import * as qnx from "ipc-check/kernels/qnx";

const service = qnx.channel({ message: int(0, 1), pulses: 2 });
type Service = qnx.Channel<number, number>;

function* serve(service: Service) {
  while (true) {
    const request = yield* service.receive();
    if (request.kind !== "message") continue;
    yield* service.reply(request.rcvid, request.message);
    const restart = yield* service.error(request.rcvid, "ERESTART");
    check(restart.error === "ESRCH", "who has been answered does not send again");
    const late = yield* service.error(request.rcvid, "EIO");
    check(late.error === "ESRCH", "who has been answered gets no error");
    const stored = yield* service.error(request.rcvid, "stored");
    check(stored.error === "ESRCH", "who has been answered has no cause to leave");
  }
}

export const broken = protocol("a connection that a sibling closes", {
  kernel: qnx.kernel({ cpus: 1 }),
  objects: { service },
  threads: {
    server: {
      cpu: 0,
      *run({ service }) {
        yield* serve(service);
      },
    },
    user: {
      cpu: 0,
      *run({ service }) {
        const { error } = yield* service.send(1);
        check(error === "none", "my request is answered");
        const { error: queued } = yield* service.pulse(0);
        check(queued === "none", "there is room for a pulse");
      },
    },
    sibling: {
      cpu: 0,
      *run({ service, threads }) {
        yield* service.detach(threads.user);
      },
    },
  },
  expect: { violated: "assertion" },
});

export const repaired = protocol("a closed connection that is known to be closed", {
  kernel: qnx.kernel({ cpus: 1 }),
  objects: { service },
  memory: { closed: flag },
  threads: {
    server: {
      cpu: 0,
      *run({ service }) {
        yield* serve(service);
      },
    },
    user: {
      cpu: 0,
      *run({ service, closed }: { service: Service; closed: Cell<boolean> }) {
        const wasClosed = yield* closed.load();
        const { error } = yield* service.send(1, { timeout: "zero", states: "send" });
        check(error === "EBADF" || (!wasClosed && (error === "none" || error === "ETIMEDOUT")), "nothing is sent where no connection is");
        const isClosed = yield* closed.load();
        const { error: queued } = yield* service.pulse(0);
        check(queued === "EBADF" || (!isClosed && queued === "none"), "no pulse is sent where no connection is");
      },
    },
    sibling: {
      cpu: 0,
      *run({ service, closed, threads }) {
        yield* service.detach(threads.user);
        yield* closed.store(true);
      },
    },
  },
  expect: "holds",
});

/** The user waits on another channel; what happens to the one does not touch the other, and pulses end with their channel. */
export const apart = protocol("a signal on one channel of two, and the end of the other", {
  kernel: qnx.kernel({ cpus: 1 }),
  objects: { service, other: qnx.channel({ message: int(0, 1), unblock: true }) },
  threads: {
    server: {
      cpu: 0,
      *run({ other }) {
        const request = yield* other.receive();
        if (request.error === "none" && request.kind === "message") yield* other.error(request.rcvid, "EIO");
        const next = yield* other.receive();
        if (next.error === "none" && next.kind === "unblock") yield* other.error(next.rcvid, "stored");
      },
    },
    user: {
      cpu: 0,
      *run({ service, other }) {
        const { error } = yield* other.send(1);
        check(error === "EIO" || error === "EINTR", "the call ends by its answer or by the signal");
        yield* service.pulse(0);
      },
    },
    operator: {
      cpu: 0,
      *run({ service, signals, threads }) {
        yield* signals.raise(threads.user);
        yield* service.destroy();
      },
    },
  },
  expect: "holds",
});
