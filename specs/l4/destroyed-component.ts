/**
 * A core service destroys a component while its signal thread is sending to it. A hang was reported on an old Fiasco and on
 * Pistachio, its cause unknown. By the rules that the source gives, a reply with timeout zero cannot hang, on one CPU or on
 * two: all schedules are searched here. What hangs is a signal thread that sends without a timeout: deletion unlinks it from
 * the component's send queue and does not tell it. Scenario L4-13 (genodelabs/genode, issue 1657).
 */
import { int, protocol, type Timeout } from "ipc-check";
import * as l4 from "ipc-check/kernels/l4";

const destroying = (name: string, cpus: number, patience: Timeout, expect: "holds" | { readonly violated: "deadlock" }) =>
  protocol(name, {
    scenario: "L4-13",
    kernel: l4.kernel({ cpus, message: int(0, 1) }),
    threads: {
      core: {
        cpu: 0,
        *run({ ipc, threads }) {
          yield* ipc.delete(threads.component);
        },
      },
      signals: {
        cpu: cpus - 1,
        *run({ ipc }) {
          while (true) {
            const request = yield* ipc.wait();
            yield* ipc.send(request.from, 1, { send: patience });
          }
        },
      },
      component: {
        cpu: 0,
        *run({ ipc, threads }) {
          while (true) {
            yield* ipc.send(threads.signals, 0);
            yield* ipc.receive(threads.signals, { idle: true });
          }
        },
      },
    },
    expect,
  });

export const local = destroying("a signal with timeout zero, on one CPU", 1, "zero", "holds");
export const distant = destroying("a signal with timeout zero, from another CPU", 2, "zero", "holds");
export const broken = destroying("a signal without a timeout", 1, "infinite", { violated: "deadlock" });
export const finite = destroying("a signal that waits a little", 2, "finite", "holds");
