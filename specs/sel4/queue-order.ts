/**
 * With MCS the threads that queue at an endpoint are served by priority, and in their order only within one (src/object/tcb.c,
 * tcbEPAppend). A server that takes the first message that it gets for the one that came first is wrong, unless all senders
 * are equals.
 */
import { check, int, protocol } from "ipc-check";
import * as sel4 from "ipc-check/kernels/sel4";

const { kernel, endpoint, notification } = sel4.mcs({ cpus: 1, message: int(0, 2) });

const queueing = (name: string, priority: number, expect: "holds" | { readonly violated: "assertion" }) =>
  protocol(name, {
    kernel,
    scheduling: "priority",
    objects: { service: endpoint(), start: notification() },
    threads: {
      first: {
        cpu: 0,
        priority: 2,
        *run({ service }) {
          yield* service.send(1);
        },
      },
      second: {
        cpu: 0,
        priority,
        *run({ service, start }) {
          yield* start.wait();
          yield* service.send(2);
        },
      },
      server: {
        cpu: 0,
        priority: 1,
        *run({ service, start }) {
          yield* start.signal();
          const one = yield* service.wait();
          check(one.message === 1, "who came first is served first");
          yield* service.wait();
        },
      },
    },
    expect,
  });

export const broken = queueing("a sender of higher priority that comes later", 3, { violated: "assertion" });
export const repaired = queueing("two senders of one priority", 2, "holds");
