/**
 * Who leaves a channel with _NTO_CHF_UNBLOCK, and how. A client that is killed while it is REPLY-blocked lives until the
 * server has answered the kernel's pulse, and then there is nobody to answer any more; a thread that kills itself does
 * nothing after that. A channel without room for pulses delivers one only to a thread that waits. A server that lets a
 * client go and expects to find it again is wrong.
 */
import { check, int, protocol } from "ipc-check";
import * as qnx from "ipc-check/kernels/qnx";

const service = qnx.channel({ message: int(0, 1), unblock: true });

export const broken = protocol("a server that answers a killed client twice", {
  kernel: qnx.kernel({ cpus: 1 }),
  objects: { service },
  threads: {
    server: {
      cpu: 0,
      *run({ service }) {
        const request = yield* service.receive();
        const unblock = yield* service.receive();
        check(request.rcvid === unblock.rcvid, "the client that has asked is the one that leaves");
        yield* service.error(unblock.rcvid, "stored");
        const { error } = yield* service.reply(request.rcvid, request.message);
        check(error === "none", "the client is there for its answer");
      },
    },
    client: {
      cpu: 0,
      *run({ service }) {
        yield* service.send(1);
      },
    },
    operator: {
      cpu: 0,
      *run({ signals, threads }) {
        yield* signals.kill(threads.client);
      },
    },
  },
  expect: { violated: "assertion" },
});

export const repaired = protocol("a server that lets a killed client go", {
  kernel: qnx.kernel({ cpus: 1 }),
  objects: { service },
  threads: {
    server: {
      cpu: 0,
      *run({ service }) {
        while (true) {
          const request = yield* service.receive();
          if (request.kind === "unblock") yield* service.error(request.rcvid, "stored");
          else {
            yield* service.reply(request.rcvid, request.message);
            const { error } = yield* service.reply(request.rcvid, request.message);
            check(error === "ESRCH", "nobody is answered twice");
          }
        }
      },
    },
    client: {
      cpu: 0,
      *run({ service }) {
        yield* service.send(1);
      },
    },
    operator: {
      cpu: 0,
      *run({ signals, threads }) {
        yield* signals.kill(threads.client);
        yield* signals.kill(threads.operator);
        check(false, "who has killed itself does nothing more");
      },
    },
  },
  expect: "holds",
});

export const hurried = protocol("a client without time, a pulse without room, and the end of their channel", {
  kernel: qnx.kernel({ cpus: 1 }),
  objects: { service: qnx.channel({ message: int(0, 1), unblock: true, pulses: 0, inheritance: "associated" }) },
  threads: {
    server: {
      cpu: 0,
      *run({ service }) {
        while (true) {
          const request = yield* service.receive();
          if (request.error !== "none") break;
          if (request.kind === "unblock") yield* service.error(request.rcvid, "stored");
        }
      },
    },
    client: {
      cpu: 0,
      *run({ service }) {
        const { error } = yield* service.send(1, { timeout: "zero", states: "reply" });
        check(error === "ETIMEDOUT" || error === "ESRCH" || error === "EBADF", "nobody waits for an answer without time");
      },
    },
    device: {
      cpu: 0,
      *run({ service }) {
        const { error } = yield* service.pulse(0);
        check(error === "none" || error === "EAGAIN" || error === "EBADF", "the pulse is delivered at once or not at all");
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
