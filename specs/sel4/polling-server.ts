/**
 * A server polls its endpoint while it works. What is queued there comes at once, a signal of the notification that is bound to it
 * before that, and nothing otherwise. When the endpoint has been deleted a receive faults, and without a fault handler that
 * is the end of the server: it has to be told before, and to say that it has gone.
 */
import { check, flag, int, protocol } from "ipc-check";
import * as sel4 from "ipc-check/kernels/sel4";

const { kernel, endpoint, notification } = sel4.system({ cpus: 1, message: int(0, 1), badgeBits: 2 });

const polling = (name: string, tells: boolean, replies: boolean, expect: "holds" | { readonly violated: "deadlock" }) =>
  protocol(name, {
    kernel,
    objects: { work: endpoint(), bell: notification(), done: notification(), gone: notification() },
    memory: { closed: flag },
    threads: {
      server: {
        cpu: 0,
        *run({ work, bell, closed, gone, self }) {
          yield* bell.bind(self);
          while (true) {
            const over = yield* closed.load();
            if (over) break;
            const job = replies ? yield* work.replyRecv(1, { idle: true }) : yield* work.nbRecv();
            check(job.badge !== 1 || job.message === 1, "a job came");
          }
          yield* gone.signal();
        },
      },
      client: {
        cpu: 0,
        *run({ work, done }) {
          yield* work.badged(1).send(1);
          yield* done.signal();
        },
      },
      parent: {
        cpu: 0,
        *run({ work, bell, done, closed, gone }) {
          yield* bell.signal(2);
          if (tells) {
            yield* done.wait();
            yield* closed.store(true);
            yield* gone.wait();
          }
          yield* work.delete();
        },
      },
    },
    expect,
  });

export const broken = polling("polling a deleted endpoint", false, false, { violated: "deadlock" });
export const repaired = polling("a server that is told to end", true, false, "holds");
export const replying = polling("replying, and receiving on a deleted endpoint", false, true, { violated: "deadlock" });
