/**
 * Two workers are told of work by notifications. Whoever is woken takes the work if it is his, else he wakes the other one.
 * If each takes it for the other's, they wake each other for ever: steps are taken, all waits end, and nothing is done. With one who
 * takes what nobody wants it is done.
 */
import { flag, ghost, int, protocol } from "ipc-check";
import * as sel4 from "ipc-check/kernels/sel4";

const { kernel, notification } = sel4.system({ cpus: 1, message: int(0, 0) });

const workers = (name: string, takes: boolean, expect: "holds" | { readonly violated: "livelock" }) =>
  protocol(name, {
    kernel,
    objects: { first: notification(), second: notification(), done: notification() },
    memory: { isDone: ghost(flag) },
    threads: {
      a: {
        cpu: 0,
        *run({ first, second }) {
          while (true) {
            yield* first.wait({ idle: true });
            yield* second.signal(1);
          }
        },
      },
      b: {
        cpu: 0,
        *run({ first, second, done }) {
          while (true) {
            yield* second.wait({ idle: true });
            if (takes) yield* done.signal(1);
            else yield* first.signal(1);
          }
        },
      },
      device: {
        cpu: 0,
        *run({ first, done, isDone }) {
          while (true) {
            isDone.value = false;
            yield* first.signal(1);
            yield* done.wait({ idle: true });
            isDone.value = true;
            yield* first.poll();
          }
        },
      },
    },
    progress: { goals: { workIsDone: ({ isDone }) => isDone } },
    expect,
  });

export const broken = workers("work that is passed on for ever", false, { violated: "livelock" });
export const repaired = workers("work that somebody takes", true, "holds");
