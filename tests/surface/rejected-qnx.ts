/** What QNX channels must reject: each line below an expectation is an editor error. */
import { int, oneOf, protocol } from "ipc-check";
import * as qnx from "ipc-check/kernels/qnx";

// @ts-expect-error a channel says what its messages carry
qnx.channel({ unblock: true });
// @ts-expect-error no such way of boosting
qnx.channel({ message: int(0, 1), inheritance: "some" });

protocol("misused", {
  kernel: qnx.kernel({ cpus: 1 }),
  objects: { service: qnx.channel({ message: oneOf("read", "write"), reply: int(0, 3) }) },
  threads: {
    server: {
      *run({ service }) {
        // @ts-expect-error QNX has no call by thread
        yield* service.call("read");
        const request = yield* service.receive();
        // @ts-expect-error a reply is a number here
        yield* service.reply(request.rcvid, "read");
        // @ts-expect-error no such error
        yield* service.error(request.rcvid, "EFAULT");
        // @ts-expect-error a receive identifier is needed
        yield* service.reply(1);
      },
    },
    client: {
      *run({ service, signals, threads }) {
        // @ts-expect-error no such message
        yield* service.send("open");
        // @ts-expect-error no such state
        yield* service.send("read", { timeout: "finite", states: "receive" });
        // @ts-expect-error a pulse carries a number
        yield* service.pulse("read");
        // @ts-expect-error no such thread
        yield* signals.kill(threads.sever);
      },
    },
  },
});
