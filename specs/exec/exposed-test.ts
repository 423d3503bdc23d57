/**
 * Wait looks whether a signal of its mask is set, disables interrupts, and takes the task off the processor. If it looks before
 * it disables, a Signal in between finds a task that runs, sets the bit and wakes nobody; the task sleeps with its bit set.
 * The test belongs inside Disable; a switch that looks once more would do as well. Scenario EXEC-3, whose source leaves open
 * whether the scheduler does that: the three variants are three protocols here.
 */
import { int, protocol } from "ipc-check";
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
