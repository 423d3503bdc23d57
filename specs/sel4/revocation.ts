/**
 * The owner of an endpoint takes a client's capability back. Revoking it does not recall what the client has sent already
 * and nobody has received: it is delivered afterwards. CancelBadgedSends makes such senders perform their call once more,
 * which then fails (seL4 manual, section 3.1.4; src/object/endpoint.c, cancelBadgedSends).
 */
import { check, flag, ghost, int, protocol } from "ipc-check";
import * as sel4 from "ipc-check/kernels/sel4";

const { kernel, endpoint, notification } = sel4.system({ cpus: 1, message: int(0, 1) });

const revoking = (name: string, cancels: boolean, expect: "holds" | { readonly violated: "assertion" }) =>
  protocol(name, {
    kernel,
    objects: { service: endpoint() },
    memory: { revoked: ghost(flag) },
    threads: {
      server: {
        cpu: 0,
        *run({ service, revoked, ipc }) {
          yield* service.revoke(1);
          if (cancels) yield* service.cancelBadgedSends(1);
          revoked.value = true;
          while (true) {
            const { badge } = yield* service.recv();
            check(badge !== 1 || !revoked.value, "nothing comes from a client whose capability is revoked");
            yield* ipc.reply(1);
          }
        },
      },
      revoked: {
        cpu: 0,
        *run({ service }) {
          let connected = true;
          while (connected) connected = (yield* service.badged(1).call(0)).error === "none";
        },
      },
      other: {
        cpu: 0,
        *run({ service }) {
          while (true) {
            const answer = yield* service.badged(2).call(0);
            check(answer.message === 1, "the other client is served");
          }
        },
      },
    },
    expect,
  });

export const broken = revoking("revoking alone", false, { violated: "assertion" });
export const repaired = revoking("revoking, then cancelling what was sent", true, "holds");

/** Who sends with another badge is not restarted, and keeps its place in the queue. */
export const others = protocol("cancelling what others have not sent", {
  kernel,
  scheduling: "priority",
  objects: { service: endpoint(), start: notification() },
  threads: {
    first: {
      cpu: 0,
      priority: 2,
      *run({ service }) {
        yield* service.badged(2).send(0);
      },
    },
    second: {
      cpu: 0,
      priority: 3,
      *run({ service, start }) {
        yield* start.wait();
        yield* service.badged(2).send(1);
      },
    },
    server: {
      cpu: 0,
      priority: 1,
      *run({ service, start }) {
        yield* start.signal();
        yield* service.cancelBadgedSends(1);
        const one = yield* service.recv();
        check(one.message === 0, "who came first is served first");
        yield* service.recv();
      },
    },
  },
  expect: "holds",
});
