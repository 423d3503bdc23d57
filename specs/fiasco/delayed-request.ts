/**
 * A send with timeout zero to a thread of another CPU takes as long as that CPU likes: the request is looked at in the context of
 * the receiver, and not before that is scheduled. Here a thread of higher priority spins there until the sender goes on, so the
 * sender, which must not wait, waits for ever. It does not if that thread sleeps instead of spinning, or if the receiver has
 * the higher priority. Scenario FOC-4 (l4/sys/ipc.h, on timeouts between CPUs).
 */
import { flag, int, protocol, waitUntil } from "ipc-check";
import * as fiasco from "ipc-check/kernels/fiasco";

const { kernel, semaphore } = fiasco.system({ cpus: 2, message: int(0, 1), deferred: true });

const program = (name: string, sleeps: boolean, receiverPriority: number, expect: "holds" | { readonly violated: "deadlock" }) =>
  protocol(name, {
    scenario: "FOC-4",
    kernel,
    scheduling: "priority",
    objects: { turn: semaphore() },
    memory: { gone: flag },
    threads: {
      sender: {
        cpu: 0,
        *run({ ipc, threads, gone, turn }) {
          yield* ipc.send(threads.receiver, 1, { send: "zero" });
          yield* gone.store(true);
          yield* turn.up();
        },
      },
      receiver: {
        cpu: 1,
        priority: receiverPriority,
        *run({ ipc }) {
          while (true) yield* ipc.wait();
        },
      },
      busy: {
        cpu: 1,
        priority: 2,
        *run({ gone, turn }) {
          if (sleeps) yield* turn.down();
          else yield* waitUntil(gone, (value) => value);
        },
      },
    },
    expect,
  });

export const broken = program("timeout zero, and a CPU that spins", false, 1, { violated: "deadlock" });
export const repaired = program("timeout zero, and a CPU that sleeps", true, 1, "holds");
export const preferred = program("timeout zero, and a receiver that is preferred", false, 3, "holds");
