/** What Fiasco.OC must reject: each line below an expectation is an editor error. */
import { int, protocol } from "ipc-check";
import * as fiasco from "ipc-check/kernels/fiasco";

// @ts-expect-error a system says what its messages carry
fiasco.system({ cpus: 1 });

const { kernel, gate, irq, semaphore } = fiasco.system({ message: int(0, 1) });

// @ts-expect-error a line is level-triggered or not
irq({ level: "edge" });

protocol("misused", {
  kernel,
  objects: { service: gate(), line: irq(), lock: semaphore() },
  threads: {
    server: {
      *run({ service, line, lock, ipc, threads }) {
        // @ts-expect-error a gate is not waited at: threads wait
        yield* service.wait();
        // @ts-expect-error a gate is bound to a thread under a label
        yield* service.bind(threads.server);
        // @ts-expect-error an interrupt carries no message
        yield* line.trigger(1);
        // @ts-expect-error no such timeout
        yield* lock.down({ timeout: "never" });
        // @ts-expect-error a message is a number here
        yield* ipc.reply("read");
        // @ts-expect-error messages carry items if the system says so
        yield* ipc.reply(1, { items: true });
        // @ts-expect-error who sent it is told by the label alone
        (yield* ipc.wait()).from;
        // @ts-expect-error no such thread
        yield* ipc.call(threads.sever, 1);
        // @ts-expect-error there are no badges
        service.badged(1);
      },
    },
  },
});
