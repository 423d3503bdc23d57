/** Every L4 operation with every timeout, in any order, on one CPU, two, and two made atomic. */
import { choose, int, nobody, protocol, record, threadId } from "ipc-check";
import * as l4 from "ipc-check/kernels/l4";

const message = record({ value: int(3, 6), about: threadId });

function anything(name: string, kernel: ReturnType<typeof l4.kernel<{ value: number; about: import("ipc-check").ThreadId }>>, cpus: number, deletes: boolean) {
  return protocol(name, {
    kernel,
    objects: { bell: l4.notification({ bits: 2 }) },
    threads: {
      worker: {
        count: 4,
        cpu: (index) => index % cpus,
        *run({ ipc, threads, bell, self }) {
          while (true) {
            const to = threads.worker[yield* choose(0, 1, 2, 3)] ?? nobody;
            const send = yield* choose("infinite", "zero", "finite");
            const receive = yield* choose("infinite", "zero", "finite");
            const value = yield* choose(3, 4, 5);
            switch (yield* choose("call", "send", "wait", "receive", "reply", "reply to nobody", "cancel", "exchange", "delete", "signal", "bell", "poll")) {
              case "call": {
                const got = yield* ipc.call(to, { value, about: self }, { send, receive });
                if (got.error === "none") yield* ipc.send(got.message.about, { value: got.message.value, about: got.from }, { send: "zero" });
                break;
              }
              case "send":
                yield* ipc.send(to, { value, about: to }, { send });
                break;
              case "wait":
                yield* ipc.wait({ receive });
                break;
              case "receive":
                yield* ipc.receive(to, { receive });
                break;
              case "reply":
                yield* ipc.replyWait(to, { value, about: nobody }, { send, receive });
                break;
              case "reply to nobody":
                yield* ipc.replyWait(nobody, { value, about: nobody }, { send, receive });
                break;
              case "cancel":
                yield* ipc.cancel(to);
                break;
              case "exchange":
                yield* ipc.exchange(to, { S: yield* choose(false, true), R: yield* choose(false, true) });
                break;
              case "delete":
                // Rarely, or nobody is left after a few steps.
                if (deletes && (yield* choose(0, 1, 2, 3, 4, 5, 6, 7)) === 0) yield* ipc.delete(to);
                break;
              case "signal":
                yield* bell.signal(yield* choose(0, 1, 2, 3));
                break;
              case "bell":
                // What deletion does to a waiting thread is not the same in both.
                if (!deletes) yield* bell.wait();
                break;
              case "poll":
                yield* bell.poll();
                break;
            }
          }
        },
      },
    },
  });
}

export const near = anything("anything on one CPU", l4.kernel({ cpus: 1, message }), 1, false);
export const far = anything("anything on two CPUs", l4.kernel({ cpus: 2, message }), 2, true);
export const atomic = anything("anything on two CPUs, atomic", l4.kernel({ cpus: 2, message, atomic: true }), 2, true);
