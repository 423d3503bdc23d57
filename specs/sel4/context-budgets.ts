/**
 * A parent moves scheduling contexts about. One that is in use cannot be bound to a second thread or to a notification, and
 * the kernel says so; a parent that does not look leaves a thread without time to run on.
 */
import { check, int, protocol } from "ipc-check";
import * as sel4 from "ipc-check/kernels/sel4";

const { kernel, notification } = sel4.mcs({ cpus: 1, message: int(0, 0) });

const lending = (name: string, looks: boolean, expect: "holds" | { readonly violated: "deadlock" }) =>
  protocol(name, {
    kernel,
    objects: { line: notification() },
    threads: {
      parent: {
        cpu: 0,
        *run({ line, context, threads }) {
          // The worker runs on its context: it can neither be lent to the notification nor bound again.
          const { bound } = yield* context.bindNotification(line, threads.worker);
          if (!bound && !looks) yield* context.unbind(threads.worker);
          yield* context.bind(threads.worker);
          if (!looks) yield* context.unbind(threads.worker);
        },
      },
      worker: {
        cpu: 0,
        *run({ line }) {
          yield* line.signal();
          yield* line.signal();
        },
      },
    },
    expect,
  });

export const broken = lending("taking a context away all the same", false, { violated: "deadlock" });
export const repaired = lending("a context that is in use stays where it is", true, "holds");

/** A notification has one context at most; that of the next thread is refused until the first has been taken away. */
export const single = protocol("two contexts for one notification", {
  kernel,
  objects: { line: notification() },
  threads: {
    parent: {
      cpu: 0,
      *run({ line, context, threads }) {
        yield* context.unbind(threads.first);
        yield* context.unbind(threads.second);
        const one = yield* context.bindNotification(line, threads.first);
        const two = yield* context.bindNotification(line, threads.second);
        check(one.bound && !two.bound, "the first has it");
        yield* context.unbind(threads.first);
        const again = yield* context.bindNotification(line, threads.second);
        check(again.bound, "now the second has it");
      },
    },
    first: {
      cpu: 0,
      untrusted: true,
      *run({ line }) {
        yield* line.wait({ idle: true });
      },
    },
    second: {
      cpu: 0,
      untrusted: true,
      *run({ line }) {
        yield* line.wait({ idle: true });
      },
    },
  },
  expect: "holds",
});
