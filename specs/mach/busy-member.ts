/**
 * A server of two ports, of which one is busy. If it looks at that one first and at the other only where nothing is there, whoever
 * sends to the busy one fast enough keeps the senders of the other waiting for ever. A set is received from in the order of
 * arrival (GNU Mach), or from the members that hold messages in turn (XNU): both ports are served.
 */
import { int, protocol } from "ipc-check";
import * as mach from "ipc-check/kernels/mach";

const served = (name: string, options: Partial<mach.Options<number>>, asksFirst: boolean, expect: "holds" | { readonly violated: "starvation" }) => {
  const { kernel, port, set, task } = mach.system({ message: int(0, 0), slots: 2, ...options });
  return protocol(name, {
    kernel,
    objects: {
      busy: port({ limit: 1 }),
      quiet: port({ limit: 1 }),
      both: set(),
      receiver: task({ receive: ["busy", "quiet", "both"] }),
      eager: task({ send: ["busy"] }),
      patient: task({ send: ["quiet"] }),
    },
    threads: {
      server: {
        *run({ receiver, busy, quiet, both }) {
          if (!asksFirst) {
            yield* receiver.moveMember(busy.name, both.name);
            yield* receiver.moveMember(quiet.name, both.name);
          }
          while (true) {
            if (asksFirst) {
              const { error } = yield* receiver.receive(busy.name, { timeout: "zero" });
              if (error !== "none") yield* receiver.receive(quiet.name, { timeout: "zero" });
            } else yield* receiver.receive(both.name);
          }
        },
      },
      flooding: {
        *run({ eager, busy }) {
          while (true) yield* eager.send(busy.name, 0);
        },
      },
      waiting: {
        *run({ patient, quiet }) {
          while (true) yield* patient.send(quiet.name, 0);
        },
      },
    },
    progress: true,
    expect,
  });
};

export const broken = served("the busy port first", {}, true, { violated: "starvation" });
export const repaired = served("a set with a busy member", {}, false, "holds");
export const repairedOnXnu = served("a set with a busy member, on XNU", { personality: "xnu" }, false, "holds");
