/** What seL4 must reject: each line below an expectation is an editor error. */
import { int, protocol } from "ipc-check";
import * as sel4 from "ipc-check/kernels/sel4";

// @ts-expect-error a system says what its messages carry
sel4.system({ cpus: 1 });
// @ts-expect-error that kernel never was one without MCS
sel4.system({ message: int(0, 1), leavesReceiverQueued: true });

const classic = sel4.system({ message: int(0, 1) });
const mcs = sel4.mcs({ message: int(0, 1) });

// @ts-expect-error reply objects are of MCS
classic.reply();
// @ts-expect-error saved callers are of the kernel without MCS
mcs.slot();

protocol("misused", {
  kernel: classic.kernel,
  objects: { service: classic.endpoint(), bell: classic.notification() },
  threads: {
    server: {
      // @ts-expect-error there are no scheduling contexts without MCS
      *run({ service, bell, context }) {
        // @ts-expect-error a receive has no timeout
        yield* service.recv({ timeout: "zero" });
        // @ts-expect-error there is no Wait on endpoints without MCS
        yield* service.wait();
        // @ts-expect-error a notification carries no message
        (yield* bell.wait()).message;
        // @ts-expect-error NBSendWait is of MCS
        yield* bell.signalWait(bell, 1);
        // @ts-expect-error no such right
        yield* service.badged(1, "read-only").call(0);
        // @ts-expect-error a message is a number here
        yield* service.call("read");
        void context;
      },
    },
  },
});

protocol("misused with MCS", {
  kernel: mcs.kernel,
  objects: { service: mcs.endpoint(), answer: mcs.reply() },
  threads: {
    server: {
      // @ts-expect-error there is no caller slot with MCS
      *run({ service, answer, ipc }) {
        // @ts-expect-error a receive needs a reply object
        yield* service.recv();
        // @ts-expect-error a reply object is not an endpoint
        yield* answer.recv(answer);
        void ipc;
      },
    },
  },
});
