/**
 * A level-triggered interrupt is masked when it comes up, and stays so until the driver unmasks it. A driver that forgets
 * sees the first one only. What comes up while no thread is bound is kept for an edge-triggered line and lost for a
 * level-triggered one, whose device still asserts it (src/kern/irq.cpp).
 */
import { int, protocol } from "ipc-check";
import * as fiasco from "ipc-check/kernels/fiasco";

const { kernel, irq } = fiasco.system({ cpus: 1, message: int(0, 0) });

const driving = (name: string, level: boolean, unmasks: boolean, expect: "holds" | { readonly violated: "deadlock" }) =>
  protocol(name, {
    kernel,
    objects: { line: irq({ level }), served: irq() },
    threads: {
      driver: {
        cpu: 0,
        *run({ line, served, ipc, self, threads }) {
          yield* served.bind(threads.device, 2);
          yield* line.bind(self, 1);
          while (true) {
            yield* ipc.wait();
            if (unmasks) yield* line.unmask();
            yield* served.trigger();
          }
        },
      },
      device: {
        cpu: 0,
        *run({ line, ipc, served, self }) {
          if (level) {
            // It asserts its line for as long as it has to.
            yield* served.bind(self, 2);
            while ((yield* ipc.wait({ receive: "zero" })).error !== "none") yield* line.trigger();
          }
          while (true) {
            yield* line.trigger();
            yield* ipc.wait({ idle: false });
          }
        },
      },
    },
    expect,
  });

export const broken = driving("a driver that does not unmask", true, false, { violated: "deadlock" });
export const repaired = driving("a driver that unmasks", true, true, "holds");
export const edge = driving("an edge-triggered line", false, false, "holds");
