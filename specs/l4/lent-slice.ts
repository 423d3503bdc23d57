/**
 * With a direct process switch a server below its clients' priority works on their time. It ends when the server blocks: one that
 * replies and waits in two system calls runs on its own time in between, and whoever is ready above it comes first. What it
 * receives next from a queue is a new call, with its caller's time.
 */
import { check, flag, int, protocol } from "ipc-check";
import * as l4 from "ipc-check/kernels/l4";

const kernel = l4.kernel({ cpus: 1, message: int(0, 1), directSwitch: true });

const serving = (name: string, inOne: boolean) =>
  protocol(name, {
    kernel,
    scheduling: "priority",
    memory: { released: flag, done: flag },
    threads: {
      high: {
        cpu: 0,
        priority: 3,
        *run({ ipc, threads, released }) {
          yield* ipc.call(threads.server, 1);
          yield* ipc.call(threads.server, 1);
          yield* released.store(true);
          yield* ipc.send(threads.middle, 0);
        },
      },
      middle: {
        cpu: 0,
        priority: 2,
        *run({ ipc, done }) {
          yield* ipc.wait();
          yield* done.store(true);
        },
      },
      low: {
        cpu: 0,
        priority: 0,
        *run({ ipc, threads }) {
          yield* ipc.call(threads.server, 0);
        },
      },
      server: {
        cpu: 0,
        priority: 1,
        *run({ ipc, released, done }) {
          let request = yield* ipc.wait();
          while (true) {
            const isOvertaken = (yield* released.load()) && !(yield* done.load());
            check(!isOvertaken, "the middle one comes first");
            if (inOne) request = yield* ipc.replyWait(request.from, 0, { send: "zero" });
            else {
              yield* ipc.send(request.from, 0, { send: "zero" });
              request = yield* ipc.wait();
            }
          }
        },
      },
    },
    expect: "holds",
  });

export const one = serving("replying and waiting in one call", true);
export const two = serving("replying and waiting in two calls", false);
