/**
 * A receiver takes a sender of another CPU out of its queue: it marks the sender, and then tells the sender's CPU to go on
 * with the transfer. There the sender's timer may be firing at this moment, and nothing orders the two: the send is unwound
 * with a timeout, and the receiver stays in locked_waiting for good. Senders without a timer cannot be lost, nor those whose
 * timer is cancelled in the step that takes them. Scenario L4-9 (ipc.cc and schedule.cc of L4Ka::Pistachio).
 */
import { int, protocol, type Timeout } from "ipc-check";
import * as l4 from "ipc-check/kernels/l4";

const program = (name: string, kernel: ReturnType<typeof l4.kernel<number, object>>, patience: Timeout, expect: "holds" | { readonly violated: "deadlock" }) =>
  protocol(name, {
    scenario: "L4-9",
    kernel,
    threads: {
      receiver: {
        cpu: 0,
        *run({ ipc, threads }) {
          while (true) yield* ipc.receive(threads.sender);
        },
      },
      sender: {
        cpu: 1,
        *run({ ipc, threads }) {
          while (true) yield* ipc.send(threads.receiver, 1, { send: patience });
        },
      },
    },
    expect,
  });

const racing = l4.kernel({ cpus: 2, message: int(0, 1), timerRace: true });
export const broken = program("a timer that fires while its thread is taken", racing, "finite", { violated: "deadlock" });
export const untimed = program("senders without a timer", racing, "infinite", "holds");
export const repaired = program("a timer that is cancelled with the taking", l4.kernel({ cpus: 2, message: int(0, 1) }), "finite", "holds");
