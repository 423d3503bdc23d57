/**
 * The message queue between processors (MPMsgMgr): senders push with compare-and-swap and interrupt the receiver only if the
 * queue was empty. So one interrupt may stand for many messages, and the receiver has to take all that are there. One that
 * takes one message for each interrupt leaves the others.
 */
import { int, protocol } from "ipc-check";
import * as k42 from "ipc-check/kernels/k42";

const { kernel } = k42.system({ message: int(0, 0), buffer: 1 });

const variant = (name: string, drains: boolean, expect: "holds" | { readonly violated: "deadlock" }) =>
  protocol(name, {
    kernel,
    parameters: { senders: 2 },
    memory: { queued: int(0, 2) },
    threads: {
      sender: {
        count: "senders",
        *run({ queued, scheduler, threads }) {
          let before = yield* queued.load();
          let found = yield* queued.compareExchange(before, before + 1);
          while (found !== before) {
            before = found;
            found = yield* queued.compareExchange(before, before + 1);
          }
          if (before === 0) yield* scheduler.unblock(threads.receiver);
        },
      },
      receiver: {
        *run({ queued, scheduler, senders }) {
          let taken = 0;
          while (taken < senders) {
            yield* scheduler.block();
            if (drains) taken += yield* queued.exchange(0);
            else {
              yield* queued.fetchAdd(-1);
              taken += 1;
            }
          }
        },
      },
    },
    expect,
  });

export const broken = variant("one message for each interrupt", false, { violated: "deadlock" });
export const repaired = variant("all messages at each interrupt", true, "holds");
