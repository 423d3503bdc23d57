/**
 * Two requests with one reply port have one signal bit between them. WaitIO for the first sleeps on that bit; both replies
 * come before the task runs, and Wait clears the bit once for both. A task that now waits for the bit, to take the second
 * reply, sleeps although that lies in its port. It must look into the list before each Wait. Scenario EXEC-1.
 */
import { check, int, protocol } from "ipc-check";
import * as exec from "ipc-check/kernels/exec";

const { kernel, port, request, device } = exec.system({ value: int(0, 3), signals: 2 });
const objects = {
  unit: port(),
  replies: port(),
  disk: device({ unit: "unit" }),
  first: request({ replyPort: "replies" }),
  second: request({ replyPort: "replies" }),
};

export const broken = protocol("two replies, one signal", {
  scenario: "EXEC-1",
  kernel,
  objects,
  threads: {
    driver: {
      cpu: 0,
      *run({ exec, unit }) {
        yield* unit.create();
        while (true) {
          yield* unit.waitPort();
          const next = yield* unit.getMsg();
          if (next.error === "none") yield* exec.replyMsg(next.message, next.value + 1);
        }
      },
    },
    client: {
      cpu: 0,
      *run({ exec, replies, disk, first, second }) {
        const { signal } = yield* replies.create();
        yield* disk.sendIO(first, 1);
        yield* disk.sendIO(second, 2);
        const one = yield* exec.waitIO(first);
        check(one.error === "none" && one.value === 2, "the first request is done");
        yield* exec.wait(1 << signal);
        const two = yield* exec.waitIO(second);
        check(two.error === "none" && two.value === 3, "the second request is done");
      },
    },
  },
  expect: { violated: "lost-wakeup" },
});

export const repaired = protocol("the list is looked at before each Wait", {
  scenario: "EXEC-1",
  kernel,
  objects,
  threads: {
    driver: {
      cpu: 0,
      *run({ exec, unit }) {
        yield* unit.create();
        while (true) {
          yield* unit.waitPort();
          const next = yield* unit.getMsg();
          if (next.error === "none") yield* exec.replyMsg(next.message, next.value + 1);
        }
      },
    },
    client: {
      cpu: 0,
      *run({ exec, replies, disk, first, second }) {
        const { signal } = yield* replies.create();
        yield* disk.sendIO(first, 1);
        yield* disk.sendIO(second, 2);
        const one = yield* exec.waitIO(first);
        check(one.error === "none" && one.value === 2, "the first request is done");
        let two = yield* replies.getMsg();
        while (two.error === "empty") {
          yield* exec.wait(1 << signal);
          two = yield* replies.getMsg();
        }
        check(two.type === "replymsg" && two.value === 3, "the second request is done");
      },
    },
  },
  expect: "holds",
});
