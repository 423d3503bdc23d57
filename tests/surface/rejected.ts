/** What the surface must reject: each line below an expectation is an editor error. */
import { flag, int, protocol } from "ipc-check";
import * as l4 from "ipc-check/kernels/l4";

protocol("misspelt", {
  kernel: l4.kernel({ cpus: 1, message: int(0, 3) }),
  memory: { head: int(0, 3), ready: flag },
  threads: {
    server: {
      *run({ ipc, head, ready, threads }) {
        // @ts-expect-error no such thread
        yield* ipc.call(threads.sever, 1);
        // @ts-expect-error no such operation
        yield* ipc.recieve(threads.server);
        // @ts-expect-error a message is a number
        yield* ipc.call(threads.server, "open");
        const reply = yield* ipc.call(threads.server, 1);
        // @ts-expect-error no such field
        void reply.mesage;
        // @ts-expect-error no such timeout
        yield* ipc.call(threads.server, 1, { send: "never" });
        // @ts-expect-error a flag is not added to
        yield* ready.fetchAdd(1);
        // @ts-expect-error a number is not a flag
        yield* head.write(true);
        // @ts-expect-error forgotten yield*
        const value: number = head.read();
        void value;
      },
    },
    // @ts-expect-error an arbitrary client has no program
    client: { untrusted: "arbitrary", holds: ["server"], *run() {} },
    // @ts-expect-error holds names nothing that exists
    other: { untrusted: "arbitrary", holds: ["sever"] },
  },
  // @ts-expect-error no such memory
  invariants: { bounded: ({ heads }) => heads < 4 },
});
