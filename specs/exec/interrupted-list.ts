/**
 * Forbid keeps other tasks away, not interrupts: a count that an interrupt changes too is read by the task, changed by the
 * interrupt, and written by the task. Disable keeps both away. Waiting inside Forbid lets the other tasks in for as long as it
 * lasts.
 */
import { check, int, protocol } from "ipc-check";
import * as exec from "ipc-check/kernels/exec";

const { kernel, interrupt } = exec.system({ value: int(0, 0), signals: 1 });

const counting = (name: string, disables: boolean, expect: "holds" | { readonly violated: "assertion" }) =>
  protocol(name, {
    kernel,
    objects: { blank: interrupt({ raises: 1 }) },
    memory: { count: int(0, 3) },
    threads: {
      task: {
        cpu: 0,
        *run({ exec, count }) {
          yield* disables ? exec.disable() : exec.forbid();
          const before = yield* count.load();
          yield* count.store(before + 1);
          const after = yield* count.load();
          check(after === before + 1, "nobody else has counted meanwhile");
          yield* disables ? exec.enable() : exec.permit();
        },
      },
      beam: {
        cpu: 0,
        *run({ blank, count }) {
          while (true) {
            yield* blank.serve();
            const before = yield* count.load();
            yield* count.store(before + 1);
          }
        },
      },
      other: {
        cpu: 0,
        *run({ exec, count }) {
          yield* exec.forbid();
          yield* exec.disable();
          const before = yield* count.load();
          yield* count.store(before + 1);
          yield* exec.enable();
          yield* exec.permit();
        },
      },
    },
    expect,
  });

export const broken = counting("a list that interrupts use, under Forbid", false, { violated: "assertion" });
export const repaired = counting("a list that interrupts use, under Disable", true, "holds");

const waiting = (name: string, waits: boolean, expect: "holds" | { readonly violated: "assertion" }) =>
  protocol(name, {
    kernel,
    objects: {},
    memory: { owner: int(0, 2) },
    threads: {
      first: {
        cpu: 0,
        *run({ exec, owner }) {
          if (!waits) yield* exec.wait(1);
          yield* exec.forbid();
          yield* owner.store(1);
          if (waits) yield* exec.wait(1);
          check((yield* owner.load()) === 1, "no other task has run since Forbid");
          yield* exec.permit();
        },
      },
      second: {
        cpu: 0,
        *run({ exec, owner, threads }) {
          yield* exec.forbid();
          yield* owner.store(2);
          yield* exec.permit();
          yield* exec.signal(threads.first, 1);
        },
      },
    },
    expect,
  });

export const waits = waiting("Wait inside Forbid", true, { violated: "assertion" });
export const waitsBefore = waiting("Wait before Forbid", false, "holds");

/** Four interrupts, one handler each: none begins while another is handled. */
export const four = protocol("four interrupts count one after the other", {
  kernel,
  objects: { first: interrupt({ raises: 1 }), second: interrupt({ raises: 1 }), third: interrupt({ raises: 1 }), fourth: interrupt({ raises: 1 }) },
  memory: { count: int(0, 4) },
  threads: {
    handler: {
      cpu: 0,
      count: 4,
      *run({ first, second, third, fourth, count, index }) {
        while (true) {
          if (index === 0) yield* first.serve();
          else if (index === 1) yield* second.serve();
          else if (index === 2) yield* third.serve();
          else yield* fourth.serve();
          const before = yield* count.load();
          yield* count.store(before + 1);
          check((yield* count.load()) === before + 1, "no other interrupt has counted meanwhile");
        }
      },
    },
  },
  expect: "holds",
});
