/**
 * A passive server runs on the scheduling context of its caller, and on that context's core. When it has replied to a client on core
 * 0 and takes the call of one on core 1, it moves there, where nobody runs, as the caller waits. Before the repair nobody
 * interrupts that core: the server is ready, and does not run. Cores that have something to do see it sooner or later.
 * Scenario SEL4-12 (issues 941 and 986 of seL4).
 */
import { check, flag, int, protocol, waitUntil } from "ipc-check";
import * as sel4 from "ipc-check/kernels/sel4";

const variant = (name: string, missingInterrupt: boolean, isBusy: boolean, expect: "holds" | { readonly violated: "deadlock" }) => {
  const { kernel, endpoint, notification, reply } = sel4.mcs({ cpus: 2, message: int(0, 3), missingInterrupt });
  return protocol(name, {
    scenario: "SEL4-12",
    kernel,
    objects: { service: endpoint(), answer: reply(), ready: notification() },
    memory: { open: flag, answered: int(0, 2) },
    threads: {
      parent: {
        cpu: 0,
        *run({ ready, context, threads, open }) {
          yield* ready.wait();
          yield* context.unbind(threads.server);
          yield* open.store(true);
        },
      },
      server: {
        cpu: 0,
        *run({ service, answer, ready }) {
          let request = yield* service.signalRecv(ready, 1, answer);
          while (true) request = yield* service.replyRecv(answer, request.message + 1);
        },
      },
      near: {
        cpu: 0,
        *run({ service, open, answered }) {
          yield* waitUntil(open, (value) => value);
          const { message } = yield* service.call(0);
          check(message === 1, "the near client is answered");
          yield* answered.fetchAdd(1);
        },
      },
      far: {
        cpu: 1,
        *run({ service, open, answered }) {
          yield* waitUntil(open, (value) => value);
          const { message } = yield* service.call(1);
          check(message === 2, "the far client is answered");
          yield* answered.fetchAdd(1);
        },
      },
      busy: {
        cpu: (index) => index,
        count: 2,
        *run({ answered }) {
          if (isBusy) yield* waitUntil(answered, (value) => value === 2);
        },
      },
    },
    expect,
  });
};

export const broken = variant("a core that is idle and is not told", true, false, { violated: "deadlock" });
export const repaired = variant("a core that is told", false, false, "holds");
export const occupied = variant("cores that are not told, and not idle", true, true, "holds");
