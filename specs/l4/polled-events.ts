/**
 * A watcher is told of events by notification and looks at all bits of a word at once. Signals are ORed: two events of one
 * kind before it looks are one, events of different kinds are not lost, and signalling nothing wakes nobody. A watcher that
 * waits for as many wake-ups as there were events waits for ever; one that counts kinds, and polls before it goes to sleep,
 * does not.
 */
import { check, int, protocol } from "ipc-check";
import * as l4 from "ipc-check/kernels/l4";

const watching = (name: string, counts: "events" | "kinds", expect: "holds" | { readonly violated: "deadlock" }) =>
  protocol(name, {
    kernel: l4.kernel({ cpus: 2, message: int(0, 0) }),
    objects: { events: l4.notification({ bits: 2 }) },
    threads: {
      source: {
        cpu: 0,
        count: 2,
        *run({ events, index }) {
          yield* events.signal(0);
          yield* events.signal(1 << index);
          yield* events.signal(1 << index);
        },
      },
      watcher: {
        cpu: 1,
        *run({ events }) {
          if (counts === "events") {
            for (let i = 0; i < 4; i++) yield* events.wait();
          } else {
            let seen = 0;
            while (seen !== 3) {
              let { bits } = yield* events.poll();
              if (bits === 0) bits = (yield* events.wait()).bits;
              check(bits !== 0, "a wake-up brings something");
              seen = seen | bits;
            }
          }
        },
      },
    },
    expect,
  });

export const broken = watching("one wake-up for each event", "events", { violated: "deadlock" });
export const repaired = watching("each kind of event once", "kinds", "holds");
