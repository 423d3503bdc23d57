/**
 * On one CPU a high, a middle and a low thread: the high one makes the middle one ready and then calls the low one. With a
 * direct process switch the low one answers at once, on the time slice of its caller, while the middle one is ready: that is no
 * strict priority, and whoever has worked out the middle one's response time from priorities is wrong. A kernel that asks its
 * scheduler at each IPC keeps to the priorities; so does a server whose priority is not below that of its clients, whose
 * time the switch does not change. Scenario L4-11 (sched_ipcblk in schedule.h of L4Ka::Pistachio).
 */
import { check, flag, int, protocol } from "ipc-check";
import * as l4 from "ipc-check/kernels/l4";

const message = int(0, 0);
const strict = l4.kernel({ cpus: 1, message });
const direct = l4.kernel({ cpus: 1, message, directSwitch: true });
const middle = 2;

const program = (
  name: string,
  kernel: ReturnType<typeof l4.kernel<number, object>>,
  serverPriority: number,
  expect: "holds" | { readonly violated: "assertion" },
) =>
  protocol(name, {
    scenario: "L4-11",
    kernel,
    scheduling: "priority",
    memory: { released: flag, done: flag },
    threads: {
      high: {
        cpu: 0,
        priority: 3,
        *run({ ipc, threads, released }) {
          yield* ipc.receive(threads.server);
          yield* released.store(true);
          yield* ipc.send(threads.middle, 0);
          yield* ipc.call(threads.server, 0);
        },
      },
      middle: {
        cpu: 0,
        priority: middle,
        *run({ ipc, done }) {
          yield* ipc.wait();
          yield* done.store(true);
        },
      },
      server: {
        cpu: 0,
        priority: serverPriority,
        *run({ ipc, threads, released, done }) {
          let request = yield* ipc.replyWait(threads.high, 0);
          while (true) {
            const isOvertaken = (yield* released.load()) && !(yield* done.load());
            check(serverPriority >= middle || !isOvertaken, "no thread runs while one of higher priority is ready");
            request = yield* ipc.replyWait(request.from, 0, { send: "zero" });
          }
        },
      },
    },
    expect,
  });

export const broken = program("a call past a ready thread", direct, 1, { violated: "assertion" });
export const repaired = program("a scheduler that is asked at each call", strict, 1, "holds");
export const ceiling = program("a server of its clients' priority", direct, 3, "holds");
