/**
 * Three senders and a queue that is full. GNU Mach wakes the sender that came last, so that those which block and send again
 * and again keep an older one waiting for ever, against what the manual says. Waking them in order is not enough: whoever is
 * woken looks for room once more, and somebody who has not waited at all may have taken it. With the slot kept for the one
 * that was woken, as on XNU, everybody has a turn. Scenario MACH-8.
 */
import { int, protocol } from "ipc-check";
import * as mach from "ipc-check/kernels/mach";

const variant = (name: string, options: Partial<mach.Options<number>>, expect: "holds" | { readonly violated: "starvation" }) => {
  const { kernel, port, task } = mach.system({ message: int(0, 1), slots: 3, ...options });
  return protocol(name, {
    scenario: "MACH-8",
    kernel,
    objects: {
      service: port({ limit: 1 }),
      receiver: task({ receive: ["service"] }),
      old: task({ send: ["service"] }),
      eager: task({ send: ["service"] }),
      busy: task({ send: ["service"] }),
    },
    threads: {
      receiving: {
        *run({ receiver, service }) {
          while (true) yield* receiver.receive(service.name);
        },
      },
      patient: {
        *run({ old, service }) {
          while (true) yield* old.send(service.name, 1);
        },
      },
      first: {
        *run({ eager, service }) {
          while (true) yield* eager.send(service.name, 0);
        },
      },
      second: {
        *run({ busy, service }) {
          while (true) yield* busy.send(service.name, 0);
        },
      },
    },
    progress: true,
    expect,
  });
};

export const broken = variant("the last sender is woken first", { order: "lifo" }, { violated: "starvation" });
export const inOrder = variant("senders are woken in order", { order: "fifo" }, { violated: "starvation" });
export const repaired = variant("the slot is kept for who was woken", { personality: "xnu" }, "holds");
