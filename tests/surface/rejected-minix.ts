/** What MINIX IPC must reject: each line below an expectation is an editor error. */
import { int, protocol } from "ipc-check";
import * as minix from "ipc-check/kernels/minix";

// @ts-expect-error a kernel says what messages carry
minix.kernel({ cpus: 1 });

protocol("misused", {
  kernel: minix.kernel({ cpus: 1, message: int(0, 3) }),
  threads: {
    server: {
      *run({ ipc, sys, threads }) {
        // @ts-expect-error MINIX has no timeouts
        yield* ipc.send(threads.server, 1, { send: "zero" });
        // @ts-expect-error a notification carries nothing
        yield* ipc.notify(threads.server, 1);
        // @ts-expect-error no such thread
        yield* ipc.sendrec(threads.sever, 1);
        // @ts-expect-error a message is a number
        yield* ipc.senda(threads.server, "open");
        const request = yield* ipc.receive();
        // @ts-expect-error no such call
        void (request.call === "CALL");
        // @ts-expect-error a quantum ends with a message to the scheduler
        yield* sys.quantum(threads.server);
      },
    },
    // @ts-expect-error a user process holds what exists
    user: { untrusted: "arbitrary", holds: ["sever"] },
  },
});
