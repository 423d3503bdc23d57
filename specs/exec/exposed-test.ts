/**
 * Wait looks whether a signal of its mask is set, disables interrupts, and takes the task off the processor. If it looks before
 * it disables, a Signal in between finds a task that runs, sets the bit and wakes nobody; the task sleeps with its bit set.
 * The test belongs inside Disable; a switch that looks once more would do as well. Scenario EXEC-3, whose source leaves open
 * whether the scheduler does that: the three variants are three protocols here.
 */
import { check, int, protocol } from "ipc-check";
import * as exec from "ipc-check/kernels/exec";

const variant = (name: string, wait: exec.WaitTest, expect: "holds" | { readonly violated: "lost-wakeup" }) =>
  protocol(name, {
    scenario: "EXEC-3",
    kernel: exec.system({ value: int(0, 0), signals: 2, wait }).kernel,
    objects: {},
    threads: {
      sleeper: {
        cpu: 0,
        *run({ exec }) {
          yield* exec.wait(1);
          yield* exec.wait(2);
        },
      },
      other: {
        cpu: 0,
        *run({ exec, threads }) {
          yield* exec.signal(threads.sleeper, 1);
          yield* exec.signal(threads.sleeper, 2);
        },
      },
    },
    expect,
  });

export const broken = variant("the mask is tested before Disable", "exposed", { violated: "lost-wakeup" });
export const repaired = variant("the mask is tested inside Disable", "disabled", "holds");
export const retested = variant("the mask is tested before Disable, and by the switch", "retested", "holds");

const { kernel, port, request, device } = exec.system({ value: int(0, 1), signals: 1, wait: "retested" });
/** The same under the calls that wait inside. */
export const requests = protocol("DoIO and WaitIO with a switch that tests again", {
  scenario: "EXEC-3",
  kernel,
  objects: { unit: port(), replies: port(), disk: device({ unit: "unit" }), io: request({ replyPort: "replies" }) },
  threads: {
    client: {
      cpu: 0,
      *run({ exec, disk, replies, io }) {
        yield* replies.create();
        yield* disk.doIO(io, 0);
        yield* disk.sendIO(io, 0);
        const done = yield* exec.waitIO(io);
        check(done.error === "none" && done.value === 1, "the request is done");
      },
    },
    driver: {
      cpu: 0,
      *run({ exec, unit }) {
        yield* unit.create();
        while (true) {
          yield* unit.waitPort();
          const next = yield* unit.getMsg();
          if (next.error === "none") yield* exec.replyMsg(next.message, 1);
        }
      },
    },
  },
  expect: "holds",
});
