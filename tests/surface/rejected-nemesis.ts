/** What Nemesis's objects must reject: each line below an expectation is an editor error. */
import { protocol } from "ipc-check";
import * as nemesis from "ipc-check/kernels/nemesis";

const { kernel, domain, channel } = nemesis.system({ counts: 2 });
// @ts-expect-error no such way to send
nemesis.system({ send: "deferred" });
// @ts-expect-error a channel leads somewhere
channel({ from: "here" });

protocol("misused", {
  kernel,
  objects: { here: domain(), there: domain(), news: channel({ from: "there", to: "here" }) },
  threads: {
    thread: {
      *run({ here, news }) {
        // @ts-expect-error a count is a number
        yield* news.send("1");
        // @ts-expect-error a domain is not sent to
        yield* here.send(1);
        // @ts-expect-error a channel does not block
        yield* news.block();
        // @ts-expect-error one awaits a channel
        yield* nemesis.awaitCount(here, here, 1);
        // @ts-expect-error no such deadline
        yield* nemesis.awaitCount(here, news, 1, { deadline: "soon" });
        void (yield* here.nextEvent()).channel;
      },
    },
  },
});
