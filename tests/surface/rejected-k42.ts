/** What K42's objects must reject: each line below an expectation is an editor error. */
import { int, protocol } from "ipc-check";
import * as k42 from "ipc-check/kernels/k42";

const { kernel, dispatcher } = k42.system({ cpus: 1, message: int(0, 3) });
// @ts-expect-error a refusal is handled disabled or enabled
k42.system({ message: int(0, 1), faultEntry: "later" });

protocol("misused", {
  kernel,
  objects: { server: dispatcher(), client: dispatcher() },
  threads: {
    user: {
      *run({ server, client, scheduler, threads }) {
        // @ts-expect-error a message is a number
        yield* client.call(server, "open");
        // @ts-expect-error dispatchers are called, not threads
        yield* client.call(threads.user, 1);
        // @ts-expect-error a PPC has no timeout
        yield* client.call(server, 1, { timeout: "zero" });
        // @ts-expect-error a reply goes to a thread
        yield* client.reply(server, 1);
        // @ts-expect-error threads are blocked by themselves only
        yield* scheduler.block(threads.user);
        // @ts-expect-error no such thread
        yield* scheduler.unblock(threads.server);
        void (yield* server.accept()).caller;
      },
    },
  },
});
