/**
 * A passive driver waits for its interrupt and runs on the scheduling context that is bound to the notification. Suspended
 * and resumed while it waits, it has to perform its wait once more, and has no context to do so: the notification lends
 * its context only to those that it wakes. Scenario SEL4-13 (issue 1582 of seL4). A parent that gives the driver its
 * context back before it resumes it does better.
 */
import { protocol, int } from "ipc-check";
import * as sel4 from "ipc-check/kernels/sel4";

const { kernel, notification } = sel4.mcs({ cpus: 1, message: int(0, 0) });

const driving = (name: string, interferes: boolean, rebinds: boolean, expect: "holds" | { readonly violated: "deadlock" }) =>
  protocol(name, {
    scenario: "SEL4-13",
    kernel,
    objects: { ready: notification(), line: notification() },
    threads: {
      driver: {
        cpu: 0,
        *run({ ready, line }) {
          yield* line.signalWait(ready, 1, { idle: true });
          while (true) yield* line.wait({ idle: true });
        },
      },
      parent: {
        cpu: 0,
        *run({ ready, line, context, tcb, threads }) {
          yield* ready.wait();
          yield* context.unbind(threads.driver);
          yield* context.bindNotification(line, threads.driver);
          yield* line.signal();
          if (interferes) {
            yield* tcb.suspend(threads.driver);
            if (rebinds) {
              yield* context.unbind(threads.driver);
              yield* context.bind(threads.driver);
            }
            yield* tcb.resume(threads.driver);
          }
          while (true) yield* line.signal();
        },
      },
    },
    expect,
  });

export const broken = driving("suspending a passive driver", true, false, { violated: "deadlock" });
export const undisturbed = driving("a passive driver", false, false, "holds");
export const repaired = driving("a suspended driver gets its context back", true, true, "holds");
