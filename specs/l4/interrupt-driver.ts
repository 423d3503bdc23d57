/**
 * A block server for two clients over a disk with a level-triggered interrupt line. The interrupt is a message of an interrupt
 * thread, in line with all others; the line stays masked until the driver answers that thread. A driver that does not
 * answer gets one interrupt and no more; one that answers before it has quieted the device gets one for nothing.
 * (Interrupts as IPC: Liedtke, "On µ-kernel construction", SOSP 1995, section 2.1.)
 */
import { check, flag, int, oneOf, protocol } from "ipc-check";
import * as l4 from "ipc-check/kernels/l4";

const driving = (name: string, answers: "after" | "before" | "never", expect: "holds" | { readonly violated: "deadlock" | "assertion" }) =>
  protocol(name, {
    kernel: l4.kernel({ cpus: 1, message: int(0, 2) }),
    memory: { command: oneOf("none", "read"), level: flag },
    threads: {
      driver: {
        cpu: 0,
        *run({ ipc, threads, command, level }) {
          while (true) {
            const request = yield* ipc.wait();
            check(request.from !== threads.line, "no interrupt without a command");
            yield* command.store("read");
            yield* ipc.receive(threads.line);
            if (answers === "before") yield* ipc.send(threads.line, 0, { send: "zero" });
            yield* level.store(false);
            if (answers === "after") yield* ipc.send(threads.line, 0, { send: "zero" });
            yield* ipc.send(request.from, request.message + 1, { send: "zero" });
          }
        },
      },
      line: {
        cpu: 0,
        *run({ ipc, threads, level }) {
          while (true) {
            while (!(yield* level.load())) {}
            yield* ipc.interrupt(threads.driver);
          }
        },
      },
      disk: {
        cpu: 0,
        *run({ command, level }) {
          while (true) {
            while ((yield* command.load()) === "none") {}
            yield* command.store("none");
            yield* level.store(true);
          }
        },
      },
      client: {
        cpu: 0,
        count: 2,
        *run({ ipc, threads, index }) {
          while (true) {
            const answer = yield* ipc.call(threads.driver, index);
            check(answer.message === index + 1, "the block is the one that was asked for");
          }
        },
      },
    },
    expect,
  });

export const repaired = driving("a driver that quiets the device, then answers the interrupt", "after", "holds");
export const hasty = driving("a driver that answers the interrupt before it quiets the device", "before", { violated: "assertion" });
export const broken = driving("a driver that never answers the interrupt", "never", { violated: "deadlock" });
