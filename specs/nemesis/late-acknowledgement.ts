/**
 * A domain takes an event, reads the count, acknowledges it and blocks. A send between the reading and the acknowledgement finds
 * that the last one is not acknowledged, and queues no event; after the acknowledgement nobody looks at the count again. Await
 * acknowledges what it has read, and reads again, until nothing has changed.
 */
import { protocol } from "ipc-check";
import * as nemesis from "ipc-check/kernels/nemesis";

const { kernel, domain, channel } = nemesis.system({ cpus: 2, counts: 3, slots: 2 });

const variant = (name: string, rereads: boolean, expect: "holds" | { readonly violated: "lost-wakeup" }) =>
  protocol(name, {
    kernel,
    objects: { here: domain(), there: domain(), news: channel({ from: "there", to: "here" }) },
    threads: {
      receiver: {
        cpu: 0,
        *run({ here, news }) {
          if (rereads) {
            yield* nemesis.awaitCount(here, news, 2);
            return;
          }
          let count = 0;
          while (count < 3) {
            yield* here.block({ awaited: news });
            yield* here.nextEvent();
            const seen = yield* news.read();
            yield* news.acknowledge(seen.value);
            count = seen.value;
          }
        },
      },
      sender: {
        cpu: 1,
        *run({ news }) {
          for (let count = 1; count <= 3; count++) yield* news.send(count);
        },
      },
    },
    expect,
  });

export const broken = variant("a count is acknowledged and not looked at again", false, { violated: "lost-wakeup" });
export const repaired = variant("Await looks again after it has acknowledged", true, "holds");
